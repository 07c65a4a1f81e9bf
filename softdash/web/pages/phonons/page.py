"""Phonons: bands of DFT and of potentials over each other, and how far the highest frequencies fall short."""

from __future__ import annotations

import dash
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from softdash.web.context import web_context
from softdash.web.pages.phonons.bands_section import DEFAULT_MATERIAL, DEFAULT_POTENTIALS, bands_section
from softdash.web.pages.phonons.callbacks import (
    BANDS_OUTPUTS,
    LIST_OUTPUTS,
    RATIO_OUTPUTS,
    choose,
    show_bands,
    show_list,
    show_paths,
    show_ratios,
)
from softdash.web.pages.phonons.path import WHOLE_PATH
from softdash.web.pages.phonons.ratio_section import ratio_section
from softdash.web.pages.phonons.texts import CAVEATS
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import caveats_section, next_step, page_header
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id

MENU = MenuEntry("Phonons", "/phonons", "Fig. 4", position=80)

# The bands stand above the distribution: after a click on a crystal that has some, bring them into view.
_SHOW_BANDS = """
function (click, crystals) {
  const chosen = click && click.points && click.points.length ? click.points[0].customdata : null;
  if (!(crystals || []).some((crystal) => crystal.value === chosen)) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById("phonon-bands-title").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
}
"""


def layout(
    material: str | None = None,
    potentials: str | None = None,
    geometry: str | None = None,
    path: str | None = None,
    values: str | None = None,
    at: str | None = None,
    ratios: str | None = None,
    chosen: str | None = None,
    **_: str,
) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    header = page_header(
        "Phonons",
        [
            "The curvature of the potential-energy surface at its minimum sets the vibrations of a crystal: ",
            "where it is too flat, frequencies are too low. The ",
            term("frequency ratio"),
            " of the highest mode measures it.",
        ],
    )
    return html.Div(
        [
            header,
            *bands_section(catalog, material, potentials, geometry, path),
            *ratio_section(catalog, values, at, ratios, chosen),
            *caveats_section(CAVEATS),
            next_step(),
            view_defaults(
                material=DEFAULT_MATERIAL,
                potentials=list(DEFAULT_POTENTIALS),
                geometry="relaxed",
                path=WHOLE_PATH,
                values="recomputed",
                at="relaxed",
                ratios="histogram",
                chosen="",
            ),
        ]
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("phonons", path=MENU.href, title="Phonons · softdash", layout=layout)
    app.callback(
        output=BANDS_OUTPUTS,
        inputs={
            "theme": Input("theme", "data"),
            **{key: Input(view_id(key), "value") for key in ("material", "potentials", "geometry", "path")},
        },
    )(show_bands)
    app.callback(
        Output(view_id("path"), "data"),
        Output(view_id("path"), "value"),
        Input(view_id("material"), "value"),
        prevent_initial_call=True,
    )(show_paths)
    at, chosen = (Input(view_id(key), "value") for key in ("at", "chosen"))
    app.callback(
        output=RATIO_OUTPUTS,
        inputs={
            "theme": Input("theme", "data"),
            "values": Input(view_id("values"), "value"),
            "at": at,
            "view": Input(view_id("ratios"), "value"),
            "chosen": chosen,
        },
    )(show_ratios)
    app.callback(
        Output(view_id("chosen"), "value"),
        Output(view_id("material"), "value"),
        Input("phonon-ratios", "clickData"),
        Input("phonon-list-all", "n_clicks"),
        prevent_initial_call=True,
    )(choose)
    app.callback(output=LIST_OUTPUTS, inputs={"chosen": chosen, "at": at})(show_list)
    app.clientside_callback(
        _SHOW_BANDS, Input("phonon-ratios", "clickData"), State(view_id("material"), "data"), prevent_initial_call=True
    )
