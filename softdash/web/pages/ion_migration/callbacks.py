"""What the page of ion migration answers: one path, the differences of barriers, both tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Output, html, no_update
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import figure_without_data
from softdash.web.figures.migration import BarrierDifferences, differences_figure, path_figure
from softdash.web.parts.energies.migration_paths import (
    PAPER_PATH,
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
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import computed_table, left_out
from softdash.web.parts.energies.tables import left_out_list
from softdash.web.parts.energies.texts import GEOMETRIES, GEOMETRY_TEXTS
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import card_outputs, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

PATH_OUTPUTS = {**card_outputs("migration-path"), "details": Output("migration-path-details", "children")}

DIFFERENCE_OUTPUTS = card_outputs("migration-differences")


def show_path(theme: str | None, key: str, potentials: list[str] | None, geometry: str) -> dict[str, Any]:
    """Return the energies along one path: figure, title, caption and details."""
    if theme is None:
        return dict.fromkeys(PATH_OUTPUTS, no_update)
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"
    table_path = schemas.DIGITISED_MIGRATION_PATH if key == PAPER_PATH else schemas.MIGRATION_ENERGIES
    try:
        drawn: dict[str, Any] = cached(
            lambda: _drawn_path(catalog, theme, key, chosen, method),
            *("migration path", file_version(table_path), theme, key, chosen, method),
        )
    except SoftdashError as error:
        return {
            "figure": figure_without_data(checked_theme(theme)),
            "title": "This path cannot be shown",
            "caption": str(error),
            "details": None,
        }
    return {**drawn, "details": provenance(resource_facts(catalog, table_path))}


def _drawn_path(catalog: Catalog, theme: str, key: str, potentials: Sequence[str], geometry: str) -> dict[str, Any]:
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
    return {"figure": figure.to_dict(), "title": path_title(name, methods), "caption": explained(caption)}


def show_differences(theme: str | None, potentials: list[str] | None, geometry: str) -> dict[str, Any]:
    """Return the differences of barriers: figure, title and caption."""
    if theme is None:
        return dict.fromkeys(DIFFERENCE_OUTPUTS, no_update)
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"
    versions = [file_version(path) for path in (schemas.BARRIER_DIFFERENCE_VIOLINS, schemas.MIGRATION_ENERGIES)]

    def draw() -> dict[str, Any]:
        table = computed_table(catalog, schemas.MIGRATION_ENERGIES)
        differences = barrier_differences(catalog, chosen, table, geometry=method)
        recomputed = _points_text(differences, method)
        caption = (
            "Violins: outlines digitised from Fig. 3b of the paper where they are wider than a tenth of their greatest "
            "width; thick strokes: their medians, approximate. Percentages as printed there"
            f"{_over_barriers(catalog)}.{recomputed}"
        )
        figure = differences_figure(differences, theme=checked_theme(theme)).to_dict()
        return {"figure": figure, "title": barriers_title(differences), "caption": explained(caption)}

    drawn: dict[str, Any] = cached(draw, "migration differences", versions, theme, chosen, method)
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
