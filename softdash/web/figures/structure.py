"""One frame in space: cell, atoms and force arrows, seen from a side that the browser can turn.

Drawn as vector graphics of Plotly's plane traces: prints sharply, needs no graphics driver (the WebGL scene of Plotly
writes driver warnings to the console at each look-up of a point). Each trace keeps its places in space in ``meta.xyz``;
``assets/structure.js`` projects them anew when the visitor turns the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from ase.data import chemical_symbols, covalent_radii
from ase.data.colors import jmol_colors
from numpy.typing import NDArray

from softdash.reports.frame_lines import (
    AZIMUTH,
    BALL,
    ELEVATION,
    ERROR_SCALE,
    LONGEST_ARROW,
    Places,
    arrow_lines,
    bond_lines,
    cell_edges,
    middle_and_reach,
    rounded,
    view_matrix,
)
from softdash.reports.structure_svg import SYMBOLS_UP_TO
from softdash.structures.frames.frame_geometry import FrameGeometry
from softdash.web.figures.decoration import DECORATION
from softdash.web.theme import INK, Theme, layout_of

_PLOT_PIXELS = 400
_HIDDEN = {"visible": False, "fixedrange": False}


@dataclass(frozen=True, slots=True, eq=False)
class ForceArrows:
    """Forces on all atoms, drawn as arrows of one colour.

    Attributes
    ----------
    name : str
        For the legend and the hover text: ``"DFT"``.
    forces : ndarray, shape (N, 3)
        eV/Å.
    colour : str or None
        None: the ink of the page.
    """

    name: str
    forces: NDArray[np.float64]
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AtomErrors:
    """Length of the force error of each atom (N,), eV/Å, and the error that ends the colour scale."""

    values: NDArray[np.float64]
    largest: float
    label: str


def structure_figure(
    geometry: FrameGeometry,
    *,
    theme: Theme,
    frame: int,
    max_atoms: int,
    arrows: Sequence[ForceArrows] = (),
    errors: AtomErrors | None = None,
    bonds: bool = False,
    marked: int | None = None,
) -> go.Figure:
    """Draw one frame.

    Parameters
    ----------
    geometry : FrameGeometry
    theme : {"light", "dark"}
    frame : int
        Its number for the reader, counted from 1.
    max_atoms : int
        Atoms drawn at most; see `drawn_atoms`.
    arrows : sequence of ForceArrows
        All drawn in one scale.
    errors : AtomErrors, optional
        Colours the atoms by their force error instead of by element.
    bonds : bool
        Draw lines between close atoms.
    marked : int, optional
        Index of an atom to put a ring around, 0-based.
    """
    ink = INK[theme]
    chosen = drawn_atoms(geometry, max_atoms, errors)
    view = view_matrix(AZIMUTH, ELEVATION)
    centre, reach = middle_and_reach(geometry)
    positions = geometry.positions - centre
    traces: list[go.Scatter] = []
    if geometry.shape is not None:
        traces += _cell(geometry.cell, centre, ink.diagonal, ink.soft)
    if bonds:
        traces.append(_lines(bond_lines(geometry.numbers[chosen], positions[chosen]), "bonds", ink.diagonal, width=2.5))
    traces.append(_atoms(geometry, positions, chosen, theme, frame, reach, view, arrows, errors))
    if errors is None:
        traces += _legend(geometry.numbers[chosen], ink.diagonal)
    longest = max((longest_force(one.forces[chosen]) for one in arrows), default=0.0)
    for one in arrows:
        if longest > 0:
            scaled = one.forces[chosen] * (LONGEST_ARROW * reach / longest)
            colour = one.colour or ink.text
            traces.append(_lines(arrow_lines(positions[chosen], scaled), f"{one.name} force", colour, 2.2, show=True))
    if marked is not None and 0 <= marked < len(positions):
        traces.append(_ring(positions[marked], geometry.numbers[marked], reach, ink.text))
    for trace in traces:
        _project(trace, view)
    span = [-reach, reach]
    return go.Figure(
        traces,
        layout_of(
            theme,
            xaxis=_HIDDEN | {"range": span, "constrain": "range"},
            yaxis=_HIDDEN | {"range": span, "scaleanchor": "x", "scaleratio": 1, "constrain": "range"},
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            dragmode=False,
            hovermode="closest",
            legend={"itemsizing": "constant", "y": 1, "yanchor": "bottom", "itemclick": False},
            meta={"structure": {"view": view.tolist(), "cell": geometry.cell.tolist()}},
        ),
    )


def drawn_atoms(geometry: FrameGeometry, max_atoms: int, errors: AtomErrors | None = None) -> NDArray[np.intp]:
    """Return the atoms that are drawn: all, or the `max_atoms` with the largest force errors or reference forces."""
    count = len(geometry.numbers)
    if count <= max_atoms:
        return np.arange(count)
    sizes = np.linalg.norm(geometry.forces, axis=1) if errors is None else np.nan_to_num(errors.values)
    return np.sort(np.argsort(sizes, kind="stable")[-max_atoms:])


def longest_force(forces: NDArray[np.float64]) -> float:
    """Return the length of the longest of some force vectors; zero where there is none."""
    lengths = np.linalg.norm(forces, axis=1)
    return float(np.nan_to_num(lengths).max()) if len(lengths) else 0.0


def _cell(cell: NDArray[np.float64], centre: NDArray[np.float64], colour: str, text_colour: str) -> list[go.Scatter]:
    ends = [rounded(vector * (1 + 0.35 / np.linalg.norm(vector)) - centre) for vector in cell]
    names = go.Scatter(
        x=[],
        y=[],
        mode="text",
        text=["<i>a</i>", "<i>b</i>", "<i>c</i>"],
        textfont={"size": 13, "color": text_colour},
        hoverinfo="skip",
        showlegend=False,
        name="axes",
        meta=DECORATION | {"xyz": ends},
    )
    return [_lines(cell_edges(cell, centre), "cell", colour, width=1.2), names]


def _atoms(
    geometry: FrameGeometry,
    positions: NDArray[np.float64],
    chosen: NDArray[np.intp],
    theme: Theme,
    frame: int,
    reach: float,
    view: NDArray[np.float64],
    arrows: Sequence[ForceArrows],
    errors: AtomErrors | None,
) -> go.Scatter:
    """Draw all atoms in one trace, the farthest first, with what is known of each for hover and download."""
    ink = INK[theme]
    chosen = chosen[np.argsort(positions[chosen] @ view[2], kind="stable")]
    numbers = geometry.numbers[chosen]
    sizes = [round(_diameter(number, reach), 1) for number in numbers]
    shows_symbols = len(chosen) <= SYMBOLS_UP_TO
    marker: dict[str, Any] = {"size": sizes, "opacity": 1, "line": {"width": 1, "color": ink.soft}}
    if errors is None:
        marker["color"] = [_colour(number) for number in numbers]
    else:
        marker |= {
            "color": [None if np.isnan(value) else round(float(value), 4) for value in errors.values[chosen]],
            "colorscale": ERROR_SCALE,
            "cmin": 0,
            "cmax": errors.largest,
            "colorbar": {
                "title": {"text": "force error (eV/Å)", "side": "right", "font": {"size": 12}},
                "thickness": 10,
                "len": 0.7,
                "outlinewidth": 0,
            },
        }
    return go.Scatter(
        x=[],
        y=[],
        mode="markers+text" if shows_symbols else "markers",
        text=[chemical_symbols[number] for number in numbers] if shows_symbols else None,
        textfont={"size": 10.5, "color": [_ink_on(geometry.numbers[index], errors, index) for index in chosen]},
        marker=marker,
        hovertext=[_hover_text(geometry, index, frame, arrows, errors) for index in chosen],
        hoverinfo="text",
        customdata=[_row(geometry, index, frame, arrows, errors) for index in chosen],
        showlegend=False,
        name="atoms",
        meta={
            "atoms": True,
            "xyz": [rounded(place) for place in positions[chosen]],
            "radii": [round(BALL * float(covalent_radii[number]), 3) for number in numbers],
            "table": True,
            "columns": _columns(arrows, errors),
        },
    )


def _columns(arrows: Sequence[ForceArrows], errors: AtomErrors | None) -> list[str]:
    forces = [f"{one.name} F{axis} (eV/Å)" for one in arrows for axis in "xyz"]
    error = ["force error (eV/Å)"] if errors is not None else []
    return ["frame", "atom", "element", "x (Å)", "y (Å)", "z (Å)", *forces, *error]


def _row(
    geometry: FrameGeometry, index: int, frame: int, arrows: Sequence[ForceArrows], errors: AtomErrors | None
) -> list[Any]:
    """Return what is known of one atom, under the names of `_columns`."""
    symbol = chemical_symbols[geometry.numbers[index]]
    row: list[Any] = [frame, int(index) + 1, symbol, *(round(float(x), 5) for x in geometry.positions[index])]
    row += [_number(x) for one in arrows for x in one.forces[index]]
    return row + ([_number(errors.values[index])] if errors is not None else [])


def _hover_text(
    geometry: FrameGeometry, index: int, frame: int, arrows: Sequence[ForceArrows], errors: AtomErrors | None
) -> str:
    lines = [f"<b>{chemical_symbols[geometry.numbers[index]]}</b>, atom {index + 1}, frame {frame}"]
    lines.append(f"|F| DFT {np.linalg.norm(geometry.forces[index]):.3f} eV/Å")
    lines += [
        f"|F| {one.name} {np.linalg.norm(one.forces[index]):.3f} eV/Å" for one in arrows if one.colour is not None
    ]
    if errors is not None and np.isfinite(errors.values[index]):
        lines.append(f"error of {errors.label} {errors.values[index]:.3f} eV/Å")
    return "<br>".join(lines)


def _legend(numbers: NDArray[np.int64], outline: str) -> list[go.Scatter]:
    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=chemical_symbols[number],
            marker={"size": 11, "color": _colour(number), "line": {"width": 1, "color": outline}},
            hoverinfo="skip",
            meta=DECORATION,
        )
        for number in np.unique(numbers)
    ]


def _ring(place: NDArray[np.float64], number: int, reach: float, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[],
        y=[],
        mode="markers",
        name="marked atom",
        marker={
            "symbol": "circle-open",
            "size": [_diameter(number, reach) + 9],
            "color": colour,
            "line": {"width": 3},
        },
        hoverinfo="skip",
        showlegend=False,
        meta=DECORATION | {"ring": True, "xyz": [rounded(place)], "radii": [BALL * float(covalent_radii[number])]},
    )


def _lines(places: Places, name: str, colour: str, width: float, *, show: bool = False) -> go.Scatter:
    return go.Scatter(
        x=[],
        y=[],
        mode="lines",
        line={"color": colour, "width": width},
        name=name,
        hoverinfo="skip",
        showlegend=show,
        meta=DECORATION | {"xyz": places},
    )


def _project(trace: go.Scatter, view: NDArray[np.float64]) -> None:
    places = (trace.meta or {}).get("xyz")
    if places is None:
        return
    trace.x = [None if place is None else round(float(view[0] @ place), 3) for place in places]
    trace.y = [None if place is None else round(float(view[1] @ place), 3) for place in places]


def _diameter(number: int, reach: float) -> float:
    return float(2 * BALL * covalent_radii[number] * _PLOT_PIXELS / (2 * reach))


def _colour(number: int) -> str:
    red, green, blue = (round(255 * float(part)) for part in jmol_colors[number])
    return f"rgb({red},{green},{blue})"


def _ink_on(number: int, errors: AtomErrors | None, index: int) -> str:
    """Return black or white, whichever is readable on the atom's colour."""
    if errors is not None:
        return "#ffffff" if errors.values[index] > 0.5 * errors.largest else "#171a20"
    red, green, blue = jmol_colors[number]
    return "#171a20" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "#ffffff"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)
