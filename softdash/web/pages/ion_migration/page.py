"""Ion migration: energies along paths and their barriers, as published (Fig. 3) and as recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.migration import BarrierDifferences, differences_figure, path_figure
from softdash.web.parts.energies.migration_paths import (
    PAPER_PATH,
    MigrationPath,
    barrier_differences,
    barrier_table,
    barriers_title,
    computed_path,
    digitised_path,
    known_paths,
    path_table,
    path_title,
    published_barriers,
)
from softdash.web.parts.energies.page import absent
from softdash.web.parts.energies.potentials import PotentialsOffered, potentials_field, potentials_offered
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import computed_table, left_out
from softdash.web.parts.energies.tables import left_out_list, settings_table
from softdash.web.parts.energies.texts import GEOMETRIES, GEOMETRY_TEXTS
from softdash.web.parts.error_message import error_message
from softdash.web.parts.formula import formula, sub
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import figure_card, next_step, notice, page_header, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.terms import explained
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme, layout_of

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
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
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
    card = figure_card(
        "migration-path",
        "Energies along one path",
        "",
        file_name="softdash-migration-path",
        height=430,
        title_id="migration-path-title",
        caption_id="migration-path-caption",
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
    card = figure_card(
        "migration-differences",
        "Barriers by potentials against DFT",
        "",
        file_name="softdash-barrier-differences",
        height=460,
        title_id="migration-differences-title",
        caption_id="migration-differences-caption",
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


def show_path(theme: str | None, key: str, potentials: list[str] | None, geometry: str) -> tuple[Any, ...]:
    """Return the energies along one path: figure, title, caption and details."""
    if theme is None:
        return (no_update,) * 4
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"
    table_path = schemas.DIGITISED_MIGRATION_PATH if key == PAPER_PATH else schemas.MIGRATION_ENERGIES
    try:
        figure, title, caption = cached(
            lambda: _drawn_path(catalog, theme, key, chosen, method),
            *("migration path", file_version(table_path), theme, key, chosen, method),
        )
    except SoftdashError as error:
        return {"data": [], "layout": layout_of(checked_theme(theme))}, "This path cannot be shown", str(error), None
    return figure, title, caption, provenance(resource_facts(catalog, table_path))


def _drawn_path(
    catalog: Catalog, theme: str, key: str, potentials: Sequence[str], geometry: str
) -> tuple[dict[str, Any], str, list[str | Component]]:
    if key == PAPER_PATH:
        methods = digitised_path(catalog.table(schemas.DIGITISED_MIGRATION_PATH), potentials)
        caption = (
            "Digitised from Fig. 3a of the paper: both ends are set to zero. Vertical lines: the barrier of each "
            "method, at its highest image."
        )
        place_title = "Image along the path"
    else:
        methods = computed_path(catalog.table(schemas.MIGRATION_ENERGIES), key, potentials, geometry=geometry)
        caption = (
            f"Recomputed; energies relative to the first image. Each potential {GEOMETRY_TEXTS[geometry]}. Vertical "
            "lines: the barrier of each method, from the dotted line between both ends to its highest image."
        )
        if len(methods) < 2:
            caption += " None of the chosen potentials was computed along this path at this geometry."
        place_title = "Place along the path"
    name = next((one.name for one in known_paths(catalog) if one.key == key), key)
    figure = path_figure(methods, theme=checked_theme(theme), place_title=place_title)
    return figure.to_dict(), path_title(name, methods), explained(caption)


def show_differences(theme: str | None, potentials: list[str] | None, geometry: str) -> tuple[Any, ...]:
    """Return the differences of barriers: figure, title and caption."""
    if theme is None:
        return (no_update,) * 3
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"
    versions = [file_version(path) for path in (schemas.BARRIER_DIFFERENCE_VIOLINS, schemas.MIGRATION_ENERGIES)]

    def draw() -> tuple[Any, ...]:
        table = computed_table(catalog, schemas.MIGRATION_ENERGIES)
        differences = barrier_differences(catalog, chosen, table, geometry=method)
        recomputed = _points_text(differences, method)
        caption = (
            "Violins: outlines digitised from Fig. 3b of the paper where they are wider than a tenth of their greatest "
            "width; thick strokes: their medians, approximate. Percentages as printed there"
            f"{_over_barriers(catalog)}.{recomputed}"
        )
        figure = differences_figure(differences, theme=checked_theme(theme)).to_dict()
        return figure, barriers_title(differences), explained(caption)

    drawn: tuple[Any, ...] = cached(draw, "migration differences", versions, theme, chosen, method)
    return drawn


def _points_text(differences: Sequence[BarrierDifferences], geometry: str) -> str:
    """Say how many recomputed barriers are drawn, and how many of them count."""
    counted = max((int(one.is_counted.sum()) for one in differences), default=0)
    drawn = max((one.differences.size for one in differences), default=0)
    if not drawn:
        return ""
    rest = drawn - counted
    hollow = (
        f"; hollow: {count_text(rest, 'barrier')} more that {'do' if rest > 1 else 'does'} not count" if rest else ""
    )
    return (
        f" Points: {count_text(counted, 'recomputed barrier')} for each potential, which {GEOMETRY_TEXTS[geometry]}"
        f"{hollow}. Click one to see its energies above."
    )


def _over_barriers(catalog: Catalog) -> str:
    """Return over how many barriers the printed percentages go; the table below says where the counts differ."""
    counts = [one.count for one in published_barriers(catalog).values() if one.count is not None]
    return f", over {max(counts)} barriers" if counts else ""


def show_tables(potentials: list[str] | None, geometry: str) -> tuple[Component, Component]:
    """Return the barriers of all paths, and the errors of each potential."""
    catalog, chosen = web_context().catalog, list(potentials or ())
    table = computed_table(catalog, schemas.MIGRATION_ENERGIES)
    differences = barrier_differences(catalog, chosen, table, geometry=geometry)
    further: list[Component] = []
    if table is not None:
        reasons = left_out_list(left_out(table[table["kind"] == "barrier"], chosen, geometry=geometry))
        further = [*([reasons] if reasons else []), remarks(catalog, "ion-migration", table, chosen, geometry)]
    return (
        html.Div([path_table(catalog, known_paths(catalog), chosen, geometry=geometry), *further]),
        barrier_table(catalog, chosen, differences),
    )


def choose_path(click: dict[str, Any] | None) -> Any:
    """Return the path whose point was clicked."""
    point = click["points"][0] if click and click.get("points") else {}
    key = point.get("customdata")
    return key if isinstance(key, str) else no_update


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("ion_migration", path=MENU.href, title="Ion migration · softdash", layout=layout)
    theme, geometry = Input("theme", "data"), Input(view_id("geometry"), "value")
    potentials = Input(view_id("potentials"), "value")
    app.callback(
        Output("migration-path", "figure"),
        Output("migration-path-title", "children"),
        Output("migration-path-caption", "children"),
        Output("migration-path-details", "children"),
        theme,
        Input(view_id("path"), "value"),
        potentials,
        geometry,
    )(show_path)
    app.callback(
        Output("migration-differences", "figure"),
        Output("migration-differences-title", "children"),
        Output("migration-differences-caption", "children"),
        theme,
        potentials,
        geometry,
    )(show_differences)
    app.callback(
        Output("migration-paths", "children"), Output("migration-statistics-part", "children"), potentials, geometry
    )(show_tables)
    app.callback(
        Output(view_id("path"), "value"), Input("migration-differences", "clickData"), prevent_initial_call=True
    )(choose_path)
