"""Terms with a one-sentence definition that opens on hovering, focus and touch."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

DEFINITIONS: dict[str, str] = {
    "softening scale": (
        "Slope of predicted on DFT force components, least squares through the origin: Σxy/Σx². "
        "Below 1 the potential's forces are too small."
    ),
    "universal potential": (
        "A machine-learning interatomic potential (uMLIP) trained on nearly all elements: M3GNet, CHGNet, MACE."
    ),
    "DFT": "Density-functional theory, the electronic-structure method whose forces the potentials learn.",
    "95 % interval": (
        "Made so that it holds the true number in 95 of 100 repetitions with other materials (for one material: "
        "with other frames)."
    ),
    "WBM": (
        "About 257,000 computer-made crystals beside those of the Materials Project (Wang, Botti, Marques). The paper "
        "took about 1,000 of them."
    ),
    "digitised": "Read off a published figure by its pixels: approximate, here to about ±0.02.",
    "fine-tuning": ("Training a potential further, from its published parameters, on labels of one's own material."),
    "frequency ratio": "Highest phonon frequency by the potential divided by the highest by DFT.",
    "imaginary mode": (
        "A vibration along which the energy falls: the structure is unstable. Drawn as a negative frequency."
    ),
}


def term(name: str, text: str | None = None) -> Component:
    """Return `text` (default: the name) with the definition of the term `name`.

    Raises
    ------
    KeyError
        If the term has no definition.
    """
    return tooltip(text or name, DEFINITIONS[name])


def tooltip(text: str, explanation: str) -> Component:
    """Return `text`, dotted, with an explanation on hovering, focus and touch."""
    return dmc.Tooltip(
        html.Span(text, className="term", tabIndex=0),
        label=explanation,
        events={"hover": True, "focus": True, "touch": True},
        multiline=True,
        w=280,
        withArrow=True,
        boxWrapperProps={"className": "term-box"},
    )
