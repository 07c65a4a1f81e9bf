"""Solid solution: formation energies of Ca-Mg orderings in rocksalt, as published (Fig. 2c) and as recomputed."""

from __future__ import annotations

import dash
from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.benchmarks.energies.protocol import CATIONS_MAX
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.solid_solution.callbacks import (
    OWN_OUTPUTS,
    PANEL_HEIGHT,
    PAPER_OUTPUTS,
    show_numbers,
    show_own,
    show_paper,
)
from softdash.web.parts.energies.page import absent, side_heading
from softdash.web.parts.energies.potentials import potentials_field, potentials_offered
from softdash.web.parts.energies.tables import settings_table
from softdash.web.parts.energies.texts import GEOMETRIES
from softdash.web.parts.error_message import error_message
from softdash.web.parts.formula import formula, sub
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import card_to_fill, caveats_section, next_step, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.view_state import view_defaults, view_id

MENU = MenuEntry("Solid solution", "/solid-solution", "Fig. 2c", position=60)

VIEWS = {"panels": "Side by side", "lowest": "Lowest together"}

SETTINGS = (
    (
        "Orderings",
        "random, up to 52 per composition, in steps of 1/16",
        f"every distinct one of up to {CATIONS_MAX} cations per cell",
    ),
    ("Relaxation", "ions", "ions, in the lattice between those of MgO and CaO (Vegard's rule)"),
    ("DFT", "VASP with Materials Project settings", "GPAW, PBE, plane waves and PAW"),
)

CAVEATS = (
    (
        "Too small a formation energy means too high a solubility, and too low a temperature at which the miscibility "
        "gap closes."
    ),
    (
        "Energies are zero at MgO and CaO by definition, each method with its own oxides. Here, unlike with defects, a "
        "slope below 1 does mean a flattened landscape."
    ),
    (
        "The Ca fraction is x/2 in CaₓMg₂₋ₓO₂, and energies are per formula unit of two cations. The paper's arrows "
        "point to the lowest of its few orderings at a fraction of 0.5; another sample has another lowest ordering."
    ),
    (
        "Small ordered cells are not a random solution: recomputed and digitised orderings differ, so compare each "
        "potential with DFT over the same orderings, not one figure with the other."
    ),
)


def layout(potentials: str | None = None, view: str | None = None, geometry: str | None = None, **_: str) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    offered = potentials_offered(catalog, schemas.SOLID_SOLUTION_ENERGIES, potentials)
    return html.Div(
        [
            page_header(
                "Solid solution",
                "Calcium and magnesium share the cation sites of rocksalt at a cost that depends on their order. A "
                "potential whose landscape is too flat mixes them too cheaply.",
            ),
            html.Div(
                [
                    potentials_field(offered),
                    segmented("view", "View", VIEWS, view),
                    segmented("geometry", "Geometry (recomputed)", GEOMETRIES, geometry),
                ],
                className="controls",
            ),
            _paper_part(catalog),
            _own_part(catalog),
            html.H2("In numbers"),
            html.Div(id="solid-solution-statistics"),
            html.H2("Definition and settings"),
            *_definition(),
            settings_table(SETTINGS),
            *caveats_section(CAVEATS),
            next_step(),
            dcc.Store(id="solid-solution-narrow"),
            view_defaults(potentials=offered.standard, view="panels", geometry="relaxed"),
        ]
    )


def _definition() -> list[Component]:
    drawn = formula(
        "ΔE = E(Ca",
        sub("x"),
        "Mg",
        sub("2−x"),
        "O",
        sub("2"),
        ") − x E(CaO) − (2 − x) E(MgO)",
        spoken="the formation energy equals the energy of the ordering minus x times that of CaO minus two minus x "
        "times that of MgO",
    )
    text = html.P(
        "Per formula unit of two cations; the Ca fraction is x/2.",
        className="prose",
    )
    return [drawn, text]


def _paper_part(catalog: Catalog) -> Component:
    heading = side_heading("Published", "digitised")
    try:
        catalog.table(schemas.DIGITISED_SOLID_SOLUTION)
    except SoftdashError as error:
        return html.Div([heading, error_message(error)])
    return html.Div([heading, _card(catalog, "paper", schemas.DIGITISED_SOLID_SOLUTION)])


def _own_part(catalog: Catalog) -> Component:
    heading = side_heading("Recomputed", "recomputed")
    problem = absent(catalog, schemas.SOLID_SOLUTION_ENERGIES, "softdash benchmark solid-solution")
    return html.Div([heading, problem or _card(catalog, "own", schemas.SOLID_SOLUTION_ENERGIES)])


def _card(catalog: Catalog, side: str, path: str) -> Component:
    return card_to_fill(
        f"solid-solution-{side}",
        "Formation energies of Ca-Mg orderings",
        file_name=f"softdash-solid-solution-{side}",
        height=PANEL_HEIGHT,
        extra_tools=[html.A("Whole table (CSV)", href=table_address(path))],
        details=provenance(resource_facts(catalog, path)),
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("solid_solution", path=MENU.href, title="Solid solution · softdash", layout=layout)
    theme = Input("theme", "data")
    potentials, view, geometry = (Input(view_id(key), "value") for key in ("potentials", "view", "geometry"))
    app.clientside_callback(ClientsideFunction("softdash", "isNarrow"), Output("solid-solution-narrow", "data"), theme)
    narrow = Input("solid-solution-narrow", "data")
    shown = {"theme": theme, "is_narrow": narrow, "potentials": potentials, "view": view}
    app.callback(output=PAPER_OUTPUTS, inputs=shown)(show_paper)
    app.callback(output=OWN_OUTPUTS, inputs={**shown, "geometry": geometry})(show_own)
    app.callback(Output("solid-solution-statistics", "children"), potentials, geometry)(show_numbers)
