"""Ion migration: energies along paths and their barriers, as published (Fig. 3) and as recomputed."""

from __future__ import annotations

from collections.abc import Sequence

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.ion_migration.callbacks import (
    DIFFERENCE_OUTPUTS,
    PATH_OUTPUTS,
    choose_path,
    show_differences,
    show_path,
    show_tables,
)
from softdash.web.parts.energies.migration_paths import MigrationPath, known_paths
from softdash.web.parts.energies.page import absent
from softdash.web.parts.energies.potentials import PotentialsOffered, potentials_field, potentials_offered
from softdash.web.parts.energies.tables import settings_table
from softdash.web.parts.energies.texts import GEOMETRIES
from softdash.web.parts.error_message import error_message
from softdash.web.parts.formula import formula, sub
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import card_to_fill, caveats_section, next_step, notice, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.view_state import view_defaults, view_id

MENU = MenuEntry("Ion migration", "/ion-migration", "Fig. 3", position=70)

COMMAND = "softdash benchmark ion-migration"

SETTINGS = (
    ("Paths", "Mg in oxides, halides and sulfides (Rutt et al.)", "vacancy hops in simple crystals; Zn in MnP₂O₇"),
    (
        "Images",
        "ApproxNEB: each relaxed by itself, the moving ion held",
        "the same; the straight line between the sites",
    ),
    ("Ends", "relaxed", "relaxed; equivalent for the vacancy hops"),
    ("DFT", "VASP", "GPAW, PBE, plane waves and PAW; Zn in MnP₂O₇: VASP, PBE"),
)

CAVEATS = (
    (
        "The slope of forces does not foretell how good barriers are: in later benchmarks M3GNet-MatPES is among the "
        "least softened potentials and among the worst for barriers."
    ),
    (
        "A barrier is a difference of two energies: errors of the ends and of the top can cancel, and a right barrier "
        "need not mean a right path."
    ),
    (
        "Of a digitised violin only the middle means anything: its tails are the smoothing of the figure, and are left "
        "out here. The medians are approximate, to about ±0.03 eV."
    ),
    (
        "ApproxNEB does not relax the path as a whole; the paper quotes 20 meV as its difference to a full NEB for "
        "simple paths."
    ),
)


def layout(path: str | None = None, potentials: str | None = None, geometry: str | None = None, **_: str) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    paths = known_paths(catalog)
    offered = potentials_offered(catalog, schemas.MIGRATION_ENERGIES, potentials)
    return html.Div(
        [
            page_header(
                "Ion migration",
                "An ion that jumps from site to site passes where no crystal at rest has it. A landscape that is too "
                "flat has barriers that are too low, and ions that move too fast.",
            ),
            *_controls(paths, offered, path, geometry),
            *_path_section(catalog, paths),
            *_difference_section(catalog),
            html.H2("Definition and settings"),
            *_definition(),
            settings_table(SETTINGS),
            *caveats_section(CAVEATS),
            next_step(),
            view_defaults(path=_first(paths), potentials=offered.standard, geometry="relaxed"),
        ]
    )


def _first(paths: Sequence[MigrationPath]) -> str:
    return paths[0].key if paths else ""


def _controls(
    paths: Sequence[MigrationPath], offered: PotentialsOffered, path: str | None, geometry: str | None
) -> list[Component]:
    keys = [one.key for one in paths]
    select = dmc.Select(
        id=view_id("path"),
        label="Path",
        data=[{"value": one.key, "label": one.title} for one in paths],
        value=path if path in keys else _first(paths),
        allowDeselect=False,
        searchable=True,
        flex="1 1 260px",
        maw=360,
    )
    switch = segmented("geometry", "Geometry (recomputed)", GEOMETRIES, geometry)
    return [html.Div([select, potentials_field(offered), switch], className="controls")]


def _path_section(catalog: Catalog, paths: Sequence[MigrationPath]) -> list[Component]:
    heading = html.H2("Along one path", className="first-heading")
    problem = absent(catalog, schemas.MIGRATION_ENERGIES, COMMAND)
    if not paths:
        return [heading, notice("No path is there to show."), *([problem] if problem else [])]
    card = card_to_fill(
        "migration-path",
        "Energies along one path",
        file_name="softdash-migration-path",
        height=430,
        details=html.Div(id="migration-path-details"),
    )
    return [heading, card, html.H3("All paths"), html.Div(id="migration-paths"), *([problem] if problem else [])]


def _difference_section(catalog: Catalog) -> list[Component]:
    try:
        catalog.table(schemas.BARRIER_DIFFERENCE_VIOLINS)
    except SoftdashError as error:
        lost = [error_message(error)]
    else:
        lost = []
    card = card_to_fill(
        "migration-differences",
        "Barriers by potentials against DFT",
        file_name="softdash-barrier-differences",
        height=460,
        extra_tools=[
            html.A("Violins (CSV)", href=table_address(schemas.BARRIER_DIFFERENCE_VIOLINS)),
            html.A("Recomputed (CSV)", href=table_address(schemas.MIGRATION_ENERGIES)),
        ],
        details=provenance(resource_facts(catalog, schemas.BARRIER_DIFFERENCE_VIOLINS)),
    )
    return [html.H2("Over many paths"), *lost, card, html.Div(id="migration-statistics-part")]


def _definition() -> list[Component]:
    drawn = formula(
        "E",
        sub("KRA"),
        " = max",
        sub("i"),
        " [ E",
        sub("i"),
        " − E",
        sub("0"),
        " − s",
        sub("i"),
        " (E",
        sub("n"),
        " − E",
        sub("0"),
        ") ]",
        spoken="the barrier is the largest height of an image above the line between the energies of both ends",
    )
    text = html.P(
        "The kinetically resolved activation: the largest height of an image above the straight line between both "
        "ends; s runs from 0 to 1 along the path. Where both ends are equivalent it is the highest energy.",
        className="prose",
    )
    return [drawn, text]


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("ion_migration", path=MENU.href, title="Ion migration · softdash", layout=layout)
    theme, path = Input("theme", "data"), Input(view_id("path"), "value")
    chosen = {key: Input(view_id(key), "value") for key in ("potentials", "geometry")}
    app.callback(output=PATH_OUTPUTS, inputs={"theme": theme, "key": path, **chosen})(show_path)
    app.callback(output=DIFFERENCE_OUTPUTS, inputs={"theme": theme, **chosen})(show_differences)
    app.callback(
        output=[Output("migration-paths", "children"), Output("migration-statistics-part", "children")], inputs=chosen
    )(show_tables)
    app.callback(
        Output(view_id("path"), "value"), Input("migration-differences", "clickData"), prevent_initial_call=True
    )(choose_path)
