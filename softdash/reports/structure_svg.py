"""One frame as plain SVG, atoms coloured by the force error of a potential, for reports without a network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from numpy.typing import NDArray

from softdash.diagnosis.records import PotentialResult
from softdash.potentials.look import look_of
from softdash.reports.frame_lines import (
    AZIMUTH,
    BALL,
    ELEVATION,
    ERROR_SCALE,
    LONGEST_ARROW,
    Places,
    arrow_lines,
    cell_edges,
    middle_and_reach,
    view_matrix,
)
from softdash.softening import three_digits
from softdash.structures.frames.frame_geometry import FrameGeometry

ATOMS_DRAWN = 200
"""Atoms drawn at most, those of largest force error."""

SYMBOLS_UP_TO = 40
"""Atoms up to which each carries its symbol."""

_SIZE = 360
_SCALE_TOP, _SCALE_HEIGHT, _SCALE_LEFT = 60, 200, 372


def structure_svg(
    geometry: FrameGeometry, predicted: NDArray[np.float64], result: PotentialResult, *, largest: float
) -> str:
    """Return an SVG of a frame with DFT and predicted forces.

    Parameters
    ----------
    geometry : FrameGeometry
    predicted : ndarray, shape (N, 3)
        eV/Å.
    result : PotentialResult
        Gives label and colour.
    largest : float
        Force error that ends the colour scale, eV/Å.
    """
    errors = np.linalg.norm(predicted - geometry.forces, axis=1)
    drawn = np.sort(np.argsort(errors, kind="stable")[-ATOMS_DRAWN:])
    view, (centre, reach) = view_matrix(AZIMUTH, ELEVATION), middle_and_reach(geometry)
    positions = geometry.positions - centre
    canvas = _Canvas(view, reach)
    label = escape(result.potential.label)
    longest = max(float(np.linalg.norm(forces[drawn], axis=1).max()) for forces in (geometry.forces, predicted)) or 1.0
    length = LONGEST_ARROW * reach / longest
    order = drawn[np.argsort(positions[drawn] @ view[2], kind="stable")]
    parts = [
        f'<svg class="structure" viewBox="0 0 440 {_SIZE}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(geometry.origin)}: atoms coloured by the force error of {label}</title>",
    ]
    if geometry.shape is not None:
        parts.append(f'<path d="{canvas.path(cell_edges(geometry.cell, centre))}" class="cell"/>')
    parts += [_atom(canvas, positions[i], int(geometry.numbers[i]), errors[i] / largest, len(drawn)) for i in order]
    for forces, style in (
        (geometry.forces, 'class="dft"'),
        (predicted, f'stroke="{look_of(result.potential.name).colour}"'),
    ):
        parts.append(f'<path d="{canvas.path(arrow_lines(positions[drawn], length * forces[drawn]))}" {style}/>')
    return "".join([*parts, *_colour_scale(largest), "</svg>"])


class _Canvas:
    """Projects places in space, relative to the middle of the picture."""

    def __init__(self, view: NDArray[np.float64], reach: float) -> None:
        self._view, self._reach = view, reach

    def at(self, place: Sequence[float] | NDArray[np.float64]) -> tuple[float, float]:
        right, up, _ = self._view @ np.asarray(place)
        return self.length(right) + _SIZE / 2, _SIZE / 2 - self.length(up)

    def length(self, length: float) -> float:
        return float(length) * _SIZE / (2 * self._reach)

    def path(self, places: Places) -> str:
        """Return the path of lines in which None lifts the pen."""
        parts, pen = [], "M"
        for place in places:
            if place is None:
                pen = "M"
                continue
            x, y = self.at(place)
            parts.append(f"{pen}{x:.1f} {y:.1f}")
            pen = "L"
        return "".join(parts)


def _atom(canvas: _Canvas, place: NDArray[np.float64], number: int, share: float, count: int) -> str:
    x, y = canvas.at(place)
    radius = canvas.length(BALL * float(covalent_radii[number]))
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{_colour(share)}" class="atom"/>'
    if count > SYMBOLS_UP_TO:
        return circle
    ink = "#fff" if share > 0.5 else "#171a20"
    return f'{circle}<text x="{x:.1f}" y="{y + 3.5:.1f}" style="fill:{ink}">{chemical_symbols[number]}</text>'


def _colour(share: float) -> str:
    """Return the colour of an error, `share` of the largest."""
    ends = np.array([place for place, _ in ERROR_SCALE])
    channels = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for _, colour in ERROR_SCALE])
    return "#" + "".join(f"{round(float(np.interp(share, ends, channel))):02x}" for channel in channels.T)


def _colour_scale(largest: float) -> list[str]:
    steps = 40
    height = _SCALE_HEIGHT / steps
    parts = [
        f'<rect x="{_SCALE_LEFT}" y="{_SCALE_TOP + step * height:.1f}" width="12" height="{height + 0.3:.1f}" '
        f'fill="{_colour(1 - step / (steps - 1))}"/>'
        for step in range(steps)
    ]
    for share in (0.0, 0.5, 1.0):
        y = _SCALE_TOP + (1 - share) * _SCALE_HEIGHT + 4
        text = three_digits(share * largest)
        parts.append(f'<text x="{_SCALE_LEFT + 18}" y="{y:.1f}" class="start">{text}</text>')
    parts.append(f'<text x="{_SCALE_LEFT - 30}" y="{_SCALE_TOP - 34}" class="start">force error</text>')
    parts.append(f'<text x="{_SCALE_LEFT - 30}" y="{_SCALE_TOP - 18}" class="start">(eV/Å)</text>')
    return parts
