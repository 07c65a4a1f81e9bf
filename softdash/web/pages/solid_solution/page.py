"""Solid solution: formation energies of Ca-Mg orderings in rocksalt, as published (Fig. 2c) and as recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.benchmarks.energies.protocol import CATIONS_MAX
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.solid_solution.figure import OrderingEnergies, lowest_orderings, ordering_panels
from softdash.web.pages.solid_solution.orderings import (
    computed_orderings,
    digitised_orderings,
    lowest_table,
    orderings_title,
    paired,
    printed_lowest,
    slope_sentence,
)
from softdash.web.parts.energies.page import absent, side_heading
from softdash.web.parts.energies.potentials import potentials_field, potentials_offered
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import computed_table, reference_rows
from softdash.web.parts.energies.tables import (
    StatisticsGroup,
    recomputed_groups,
    settings_table,
    statistics_table,
)
from softdash.web.parts.energies.texts import GEOMETRIES, GEOMETRY_TEXTS
from softdash.web.parts.error_message import error_message
from softdash.web.parts.formula import formula, sub
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import figure_card, next_step, no_potential_chosen, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.terms import explained
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme, layout_of

MENU = MenuEntry("Solid solution", "/solid-solution", "Fig. 2c", position=60)

VIEWS = {"panels": "Side by side", "lowest": "Lowest together"}
MOST_COLUMNS, COLUMNS_NARROW = 5, 2
PANEL_HEIGHT, PANEL_HEIGHT_NARROW = 360, 290

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
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
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
    return figure_card(
        f"solid-solution-{side}",
        "Formation energies of Ca-Mg orderings",
        "",
        file_name=f"softdash-solid-solution-{side}",
        height=PANEL_HEIGHT,
        title_id=f"solid-solution-{side}-title",
        caption_id=f"solid-solution-{side}-caption",
        extra_tools=[html.A("Whole table (CSV)", href=table_address(path))],
        details=provenance(resource_facts(catalog, path)),
    )


def show_paper(theme: str | None, is_narrow: bool | None, potentials: list[str] | None, view: str) -> tuple[Any, ...]:
    """Return the figure of the digitised orderings, its height, title and caption."""
    if theme is None or is_narrow is None:
        return (no_update,) * 4
    path, chosen = schemas.DIGITISED_SOLID_SOLUTION, tuple(potentials or ())

    def draw() -> tuple[Any, ...]:
        table = web_context().catalog.table(path)
        methods = digitised_orderings(table, chosen)
        caption = (
            f"{len(table)} orderings digitised from Fig. 2c of the paper, pure MgO and CaO among them, paired over DFT "
            f"and three potentials. {_how_drawn(view)} {slope_sentence(paired(methods))}"
        )
        return *_drawn(methods, theme, view, is_narrow), orderings_title(methods), explained(caption)

    return _remembered(draw, theme, "paper", file_version(path), theme, is_narrow, chosen, view)


def show_own(
    theme: str | None, is_narrow: bool | None, potentials: list[str] | None, view: str, geometry: str
) -> tuple[Any, ...]:
    """Return the figure of the recomputed orderings, its height, title and caption."""
    if theme is None or is_narrow is None:
        return (no_update,) * 4
    path, chosen = schemas.SOLID_SOLUTION_ENERGIES, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"

    def draw() -> tuple[Any, ...]:
        table = web_context().catalog.table(path)
        methods = computed_orderings(table, chosen, geometry=method)
        fractions = table.loc[table["method"] == schemas.METHOD_DFT, "coordinate"]
        atoms = table["n_atoms"]
        caption = (
            f"{len(fractions)} orderings at {fractions.nunique()} compositions between the oxides, cells of "
            f"{atoms.min()} to {atoms.max()} atoms; DFT is softdash's own (GPAW, PBE). Each potential "
            f"{GEOMETRY_TEXTS[method]}. {_how_drawn(view)} {slope_sentence(paired(methods))}"
        )
        return *_drawn(methods, theme, view, is_narrow), orderings_title(methods), explained(caption)

    return _remembered(draw, theme, "own", file_version(path), theme, is_narrow, chosen, view, method)


def _how_drawn(view: str) -> str:
    if view == "lowest":
        return "Lines join the lowest ordering at each composition."
    return (
        "Lines join the lowest ordering at each composition, dotted: that of DFT; the arrow is the lowest at equal "
        "amounts."
    )


def _drawn(
    methods: Sequence[OrderingEnergies], theme: str, view: str, is_narrow: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    if view == "lowest":
        return lowest_orderings(methods, theme=checked_theme(theme)).to_dict(), {"height": "420px"}
    rows = -(-len(methods) // (COLUMNS_NARROW if is_narrow else MOST_COLUMNS))
    columns = -(-len(methods) // rows)
    height = rows * (PANEL_HEIGHT_NARROW if is_narrow else PANEL_HEIGHT)
    figure = ordering_panels(methods, theme=checked_theme(theme), columns=columns)
    return figure.to_dict(), {"height": f"{height}px"}


def _remembered(draw: Any, theme: str, *key: object) -> tuple[Any, ...]:
    try:
        drawn: tuple[Any, ...] = cached(draw, "solid-solution", *key)
    except SoftdashError as error:
        layout_alone = {"data": [], "layout": layout_of(checked_theme(theme))}
        return layout_alone, {"height": "200px"}, "This cannot be shown", str(error)
    return drawn


def show_numbers(potentials: list[str] | None, geometry: str) -> list[Component]:
    """Return the lowest orderings at equal amounts, and the statistics over all orderings."""
    catalog, chosen = web_context().catalog, list(potentials or ())
    table = computed_table(catalog, schemas.SOLID_SOLUTION_ENERGIES)
    if table is not None and reference_rows(table).empty:
        table = None
    try:
        digitised = digitised_orderings(catalog.table(schemas.DIGITISED_SOLID_SOLUTION), chosen)
    except SoftdashError:
        digitised = []
    computed = [] if table is None else computed_orderings(table, chosen, geometry=geometry)
    groups = [
        StatisticsGroup("Digitised from Fig. 2c of the paper", paired(digitised) if digitised else [], {}),
        *recomputed_groups(paired(computed) if computed else []),
    ]
    parts = [lowest_table(digitised, computed, printed_lowest(catalog))] if digitised or computed else []
    if not any(group.series for group in groups):
        return [*parts, no_potential_chosen("/solid-solution")]
    statistics = statistics_table(
        "solid-solution-statistics-table",
        groups,
        unit="eV",
        file_name="softdash-solid-solution-statistics",
        label="Statistics of formation energies",
    )
    further = [] if table is None else [remarks(catalog, "solid-solution", table, chosen, geometry)]
    return [*parts, html.H3("Over all orderings, the oxides left out"), statistics, *further]


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("solid_solution", path=MENU.href, title="Solid solution · softdash", layout=layout)
    theme, narrow = Input("theme", "data"), Input("solid-solution-narrow", "data")
    potentials, view = Input(view_id("potentials"), "value"), Input(view_id("view"), "value")
    geometry = Input(view_id("geometry"), "value")
    app.clientside_callback(ClientsideFunction("softdash", "isNarrow"), Output("solid-solution-narrow", "data"), theme)
    for side, show, choices in (("paper", show_paper, (view,)), ("own", show_own, (view, geometry))):
        app.callback(
            Output(f"solid-solution-{side}", "figure"),
            Output(f"solid-solution-{side}", "style"),
            Output(f"solid-solution-{side}-title", "children"),
            Output(f"solid-solution-{side}-caption", "children"),
            theme,
            narrow,
            potentials,
            *choices,
        )(show)
    app.callback(Output("solid-solution-statistics", "children"), potentials, geometry)(show_numbers)
