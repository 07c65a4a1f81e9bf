"""Methods: how every number is made, what it rests on, and what it does not say."""

from __future__ import annotations

from collections.abc import Sequence

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.methods.definitions import CORRECTIONS, ERRORS, SLOPES, UNCERTAINTY, Definition
from softdash.web.pages.methods.tables import dataset_table, disagreement_table, potential_table
from softdash.web.pages.methods.texts import CAVEATS, CITATION, NEVER, REFERENCES, REFUSALS, WARNINGS
from softdash.web.parts.error_message import error_message
from softdash.web.parts.page_parts import next_step, page_header

SECTIONS: tuple[tuple[str, str], ...] = (
    ("conventions", "Conventions"),
    ("slopes", "Slopes"),
    ("errors", "Errors and scatter"),
    ("corrections", "Corrections"),
    ("uncertainty", "Uncertainty"),
    ("refusals", "Refusals"),
    ("warnings", "Warnings"),
    ("phonons", "Phonons"),
    ("caveats", "Caveats"),
    ("data", "Reference data"),
    ("potentials", "Potentials"),
    ("disagreements", "Two published values"),
    ("references", "References"),
    ("citing", "Citing softdash"),
)
"""Anchor and title of each section, in order."""


def layout(**_: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            page_header(
                "Methods",
                [
                    (
                        "How every number on these pages is made, what it rests on, and what it does not say. The "
                        "definitions are those of Deng et al. (2025); where the paper leaves a choice, it is stated "
                        "here. Which data stand behind "
                    ),
                    dcc.Link("every figure of the paper", href="/benchmarks"),
                    ", panel by panel, is listed apart.",
                ],
            ),
            html.Div([_contents(), html.Div(_sections(), className="methods-body")], className="methods"),
            next_step(),
        ]
    )


def _contents() -> Component:
    links = [html.Li(html.A(title, href=f"#{anchor}")) for anchor, title in SECTIONS]
    return html.Nav(
        [html.P("On this page", className="field-label"), html.Ul(links)],
        className="contents",
        **{"aria-label": "On this page"},
    )


def _sections() -> list[Component]:
    bodies: dict[str, Sequence[Component]] = {
        "conventions": _conventions(),
        "slopes": _entries(SLOPES),
        "errors": _entries(ERRORS),
        "corrections": _entries(CORRECTIONS),
        "uncertainty": _entries(UNCERTAINTY),
        "refusals": [
            html.P("Where a number would mean nothing, softdash says what is wrong instead:"),
            _list(REFUSALS),
        ],
        "warnings": [html.Dl([part for name, text in WARNINGS for part in (html.Dt(name), html.Dd(text))])],
        "phonons": _phonons(),
        "caveats": [_list(CAVEATS)],
        "data": [
            html.P(
                "Materials and frames are those with a softening scale; what was left out is listed beside each table."
            ),
            _data(),
        ],
        "potentials": [html.P("Other potentials are added as plug-ins."), potential_table()],
        "disagreements": _disagreements(),
        "references": [_references()],
        "citing": [
            html.P(CITATION, id="citation-text"),
            html.Button("Copy", className="button small", **{"data-copy": CITATION}),
        ],
    }
    wide = {"data", "potentials", "disagreements"}
    return [
        html.Section(
            [html.H2(title, id=anchor), *bodies[anchor]],
            className="wide" if anchor in wide else "prose",
            **{"aria-labelledby": anchor},
        )
        for anchor, title in SECTIONS
    ]


def _entries(definitions: Sequence[Definition]) -> list[Component]:
    return [definition.section() for definition in definitions]


def _list(texts: Sequence[str]) -> Component:
    return html.Ul([html.Li(text) for text in texts])


def _conventions() -> list[Component]:
    return [
        html.P(
            "x is always the reference (DFT) and y always the potential. Sums and means run over all Cartesian force "
            "components of all frames of one material. Forces are in eV/Å, energies in eV, stresses in eV/Å³ with the "
            "sign of ASE, frequencies in THz, pressures in GPa."
        ),
        html.P("What softdash never uses, and never shows:"),
        _list(NEVER),
    ]


def _phonons() -> list[Component]:
    return [
        html.P(
            "The ratio compares the highest frequency by the potential with that by DFT, each from force constants by "
            "finite displacements (phonopy), without the non-analytical correction. Imaginary modes are drawn as "
            "negative frequencies. “Relaxed” is the crystal relaxed by the potential itself; at the geometry of DFT "
            "the effect of another lattice constant is gone and the softening of the forces is left."
        ),
        html.P("A uniform factor c on energies and forces multiplies every frequency by √c."),
    ]


def _data() -> Component:
    return dataset_table(web_context().catalog)


def _disagreements() -> list[Component]:
    lead = html.P(
        "Text and figures of the paper differ in places, and later sources tell other counts. The figure's value is "
        "shown."
    )
    try:
        return [lead, disagreement_table(web_context().catalog)]
    except SoftdashError as error:
        return [lead, error_message(error)]


def _references() -> Component:
    return html.Ol(
        [
            html.Li([html.A(one.text, href=one.address), html.Span(f": {one.what_for}", className="muted")])
            for one in REFERENCES
        ]
    )


def register(app: Dash) -> None:
    """Register the page; it has no callbacks."""
    del app
    dash.register_page("methods", path="/methods", title="Methods · softdash", layout=layout)
