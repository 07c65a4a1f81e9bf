"""A frame in space with its controls: which frame, from which side, which forces; and the facts of its cell."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
import numpy as np
from ase.data import chemical_symbols
from dash import Input, Output, dcc, html
from dash.development.base_component import Component

from softdash.structures.frames.frame_geometry import FrameGeometry
from softdash.web.figures.blank import blank_figure
from softdash.web.parts.material_names import formula_text
from softdash.web.parts.number_text import count_text, force_text
from softdash.web.parts.page_parts import Children, figure_tools
from softdash.web.parts.view_state import view_id
from softdash.web.theme import GRAPH_CONFIG


def structure_outputs(prefix: str) -> dict[str, Output]:
    """Return what a page's callback fills: figure, caption, facts, number of the frame."""
    return {
        "figure": Output(f"{prefix}-graph", "figure"),
        "caption": Output(f"{prefix}-caption", "children"),
        "facts": Output(f"{prefix}-facts", "children"),
        "number": Output(f"{prefix}-frame-number", "children"),
    }


def bonds_input(prefix: str) -> Input:
    """Return the switch of the bonds."""
    return Input(f"{prefix}-bonds", "checked")


_HEIGHT = 430
_VIEWS = (("first", "From the side"), ("a", "Along a"), ("b", "Along b"), ("c", "Along c"))


def structure_view(
    prefix: str,
    title: Children,
    frame_count: int,
    frame: int,
    *,
    file_name: str,
    controls: Sequence[Component] = (),
    frames: tuple[int, int] | None = None,
) -> Component:
    """Return the picture with its controls; a callback of the page fills graph, caption and facts.

    Parameters
    ----------
    prefix : str
        Begins the ids, which differ between pages.
    title : str or components
    frame_count : int
    frame : int
        The frame that is shown first, counted from 1.
    file_name : str
        Stem of downloaded files.
    controls : sequence of Component
        What the page adds: which forces, which colours.
    frames : (int, int), optional
        First and last frame to step through, counted from 1. Default: all.
    """
    looks = [html.Button(text, type="button", className="text-button", **{"data-look": look}) for look, text in _VIEWS]
    graph = dcc.Graph(
        id=f"{prefix}-graph",
        figure=blank_figure(),
        config=GRAPH_CONFIG | {"scrollZoom": False, "doubleClick": "reset"},
        style={"height": f"{_HEIGHT}px"},
        responsive=True,
    )
    picture = html.Div(
        graph,
        className="structure-picture",
        tabIndex=0,
        role="group",
        **{"aria-label": "Structure; the arrow keys turn it", "data-turns-by-keys": ""},
    )
    bonds = dmc.Switch(id=f"{prefix}-bonds", label="Bonds", checked=False, size="sm")
    return html.Figure(
        [
            html.H3(title),
            html.Div(
                [_frame_stepper(prefix, frame_count, frame, frames or (1, frame_count)), *controls, bonds],
                className="structure-controls no-print",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            picture,
                            html.Div(
                                [html.Span("View", className="muted"), *looks], className="figure-tools structure-looks"
                            ),
                        ],
                        className="structure-main",
                    ),
                    html.Dl(id=f"{prefix}-facts", className="facts structure-facts", **{"aria-live": "polite"}),
                ],
                className="structure-body",
            ),
            html.Figcaption(id=f"{prefix}-caption"),
            figure_tools(f"{prefix}-graph", file_name),
        ],
        className="figure-card structure-card",
        **{"data-structure": ""},
    )


def checked_frame(given: object, frame_count: int) -> int:
    """Return a frame number, counted from 1, of what stands in an address; the first where that is none."""
    try:
        number = int(str(given))
    except ValueError:
        return 1
    return number if 1 <= number <= frame_count else 1


def structure_facts(
    geometry: FrameGeometry, further: Sequence[tuple[str, str]] = (), *, has_forces: bool = True
) -> list[Component]:
    """Return origin, composition, cell and, where it has forces, the largest one of a frame, and what the page adds."""
    numbers, counts = np.unique(geometry.numbers, return_counts=True)
    symbols = [chemical_symbols[number] for number in numbers]
    formula = formula_text("".join(f"{symbol}{count}" for symbol, count in zip(symbols, counts, strict=True)))
    shares = ", ".join(
        f"{symbol} {_percent(count, counts.sum())}" for symbol, count in zip(symbols, counts, strict=True)
    )
    facts = [("Frame", geometry.origin), ("Composition", f"{formula} ({shares})"), *_cell_facts(geometry)]
    if has_forces:
        facts.append(("Largest DFT force", force_text(float(np.linalg.norm(geometry.forces, axis=1).max()))))
    return [html.Div([html.Dt(name), html.Dd(value)]) for name, value in [*facts, *further]]


def structure_caption(geometry: FrameGeometry, drawn: int, longest: float | None) -> str:
    """Return how to read the picture; `longest` is the force of the longest arrow, eV/Å."""
    count = len(geometry.numbers)
    atoms = f"{count_text(count, 'atom')}."
    if drawn < count:
        atoms = f"{drawn:,} of {count:,} atoms: those with the largest forces."
    scale = f" The longest arrow is {force_text(longest)}." if longest else ""
    cell = " Positions as in the file, not wrapped into the cell." if geometry.shape is not None else " No cell."
    return f"{atoms}{scale}{cell} Drag, or use the arrow keys, to turn it."


def _cell_facts(geometry: FrameGeometry) -> list[tuple[str, str]]:
    shape = geometry.shape
    if shape is None:
        return [("Cell", "none: a molecule or cluster")]
    facts = [
        ("Cell a, b, c", f"{shape.a:.3f}, {shape.b:.3f}, {shape.c:.3f} Å"),
        ("Cell α, β, γ", f"{shape.alpha:.2f}, {shape.beta:.2f}, {shape.gamma:.2f}°"),
        ("Volume", f"{shape.volume:.1f} Å³ ({shape.volume / len(geometry.numbers):.2f} Å³ per atom)"),
    ]
    if not geometry.periodic.all():
        along = [name for name, periodic in zip("abc", geometry.periodic, strict=True) if periodic]
        facts.append(("Periodic", f"along {', '.join(along)}" if along else "in no direction"))
    return facts


def _frame_stepper(prefix: str, frame_count: int, frame: int, frames: tuple[int, int]) -> Component:
    first, last = frames
    slider = dmc.Slider(
        id=view_id("frame"),
        min=first,
        max=max(last, first + 1),
        step=1,
        value=frame,
        thumbLabel="Frame",
        size="sm",
        className="frame-slider",
    )
    buttons = [
        html.Button(sign, type="button", className="button small", **{"data-step": step, "aria-label": label})
        for sign, step, label in (("‹", "-1", "Previous frame"), ("›", "1", "Next frame"))
    ]
    number = html.Span(str(frame), id=f"{prefix}-frame-number", className="frame-number")
    label = html.Span(["Frame ", number, f" of {frame_count:,}"])
    # A single frame has nothing to step through, but its number still belongs into the view.
    return html.Div(
        [html.Span(label, className="field-label"), html.Div([buttons[0], slider, buttons[1]], className="frame-row")],
        className="frame-stepper",
        hidden=last <= first,
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3g} %"
