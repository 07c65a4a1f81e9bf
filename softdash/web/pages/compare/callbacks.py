"""What the page that compares potentials answers: errors, slope against slope, medians of all data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import Output, no_update

from softdash.api.addresses import compared_materials_address
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.compare.error_halves import FORMS, ErrorRow, Form, error_halves_figure, height_of, shown_end
from softdash.web.pages.compare.potential_comparison import (
    ComparisonSelection,
    ErrorGroup,
    PublishedErrors,
    error_groups,
    narrowed_formulas,
    published_errors,
    quartiles_of,
    slope_pairs,
)
from softdash.web.pages.compare.slope_pairs import beyond_count, slope_pairs_figure
from softdash.web.pages.compare.tables import error_table, median_table, slope_columns, slope_rows
from softdash.web.pages.compare.texts import errors_caption, errors_title, pairs_caption, pairs_title
from softdash.web.parts.error_message import error_message
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import card_outputs, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

ERROR_OUTPUTS = {
    **card_outputs("compare-errors"),
    "style": Output("compare-errors", "style"),
    "provenance": Output("compare-errors-provenance", "children"),
    "table": Output("compare-errors-table", "children"),
}

PAIR_OUTPUTS = {
    **card_outputs("compare-pairs"),
    "columns": Output("compare-pairs-grid", "columnDefs"),
    "rows": Output("compare-pairs-grid", "rowData"),
    "csv": Output("compare-pairs-csv", "href"),
    "json": Output("compare-pairs-json", "href"),
}


def show_errors(theme: str | None, data: str, potentials: Sequence[str] | None, form: str) -> dict[str, Any]:
    """Return the figure of errors with its texts and its table."""
    if theme is None:
        return dict.fromkeys(ERROR_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = ComparisonSelection.checked(catalog, {"data": data, "potentials": potentials})
        groups, published = _compared(catalog, chosen)
    except SoftdashError as error:
        return {**dict.fromkeys(ERROR_OUTPUTS, no_update), "table": error_message(error)}
    shown: Form = next((known for known in FORMS if known == form), "violin")
    rows = error_rows(groups, published)

    def make() -> dict[str, Any]:
        drawn: dict[str, Any] = error_halves_figure(rows, theme=checked_theme(theme), form=shown).to_dict()
        return drawn

    end = shown_end(rows)
    beyond = sum(int(np.sum((group.errors > end) | (group.corrected > end))) for group in groups)
    facts = {
        **resource_facts(catalog, schemas.MATERIALS),
        "Published values": "npj Comput. Mater. 11, 9 (2025), Fig. 6b; digitised",
    }
    return {
        "figure": cached(make, "errors", _versions(), chosen.data, chosen.potentials, shown, theme),
        "style": {"height": f"{height_of(rows)}px"},
        "title": errors_title(groups),
        "caption": explained(
            errors_caption(
                groups,
                published,
                chosen.data,
                chosen=chosen.potentials,
                beyond=beyond,
                form=shown,
                narrowed=narrowed_formulas(catalog, chosen.data, chosen.potentials),
            )
        ),
        "provenance": provenance(facts),
        "table": error_table(groups, published),
    }


def _compared(catalog: Catalog, chosen: ComparisonSelection) -> tuple[list[ErrorGroup], list[PublishedErrors]]:
    groups = cached(
        lambda: error_groups(catalog, chosen.data, chosen.potentials),
        *("error groups", _versions(), chosen.data, chosen.potentials),
    )
    return groups, published_errors(catalog)


def error_rows(groups: Sequence[ErrorGroup], published: Sequence[PublishedErrors]) -> list[ErrorRow]:
    """Return the rows of the figure: computed potentials, then published ones."""
    computed = [
        ErrorRow(
            group.potential,
            group.label,
            group.material_count,
            error_quartiles=quartiles_of(group.errors),
            corrected_quartiles=quartiles_of(group.corrected),
            errors=group.errors,
            corrected=group.corrected,
        )
        for group in groups
    ]
    return computed + [
        ErrorRow(one.potential, f"{one.model}, WBM", one.count, one.errors, one.corrected) for one in published
    ]


def _versions() -> tuple[tuple[int, int], ...]:
    return file_version(schemas.MATERIALS), file_version(schemas.PUBLISHED_VALUES)


def show_pairs(theme: str | None, data: str, x: str, y: str) -> dict[str, Any]:
    """Return the scatter plot with its texts and the table of its materials."""
    if theme is None:
        return dict.fromkeys(PAIR_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = ComparisonSelection.checked(catalog, {"data": data, "x": x, "y": y})
        pairs = cached(
            lambda: slope_pairs(catalog, chosen.data, chosen.x, chosen.y),
            *("slope pairs", file_version(schemas.MATERIALS), chosen.data, chosen.x, chosen.y),
        )
    except SoftdashError as error:
        return {**dict.fromkeys(PAIR_OUTPUTS, no_update), "caption": error_message(error)}
    x_label, y_label = potential_label(chosen.x), potential_label(chosen.y)
    figure = slope_pairs_figure(pairs.table, x_label=x_label, y_label=y_label, theme=checked_theme(theme))
    listed = MaterialSelection((chosen.data,), tuple(dict.fromkeys((chosen.x, chosen.y))))
    return {
        "figure": figure.to_dict(),
        "title": pairs_title(pairs),
        "caption": explained(pairs_caption(pairs, chosen.data, beyond_count(pairs.table))),
        "columns": slope_columns(x_label, y_label),
        "rows": slope_rows(pairs, chosen.data),
        "csv": compared_materials_address(listed, "csv"),
        "json": compared_materials_address(listed, "json"),
    }


def show_medians(theme: str | None) -> Any:
    """Return the table of all sets, after the page stands: its intervals take a moment when they are first drawn."""
    if theme is None:
        return no_update
    catalog = web_context().catalog
    try:
        return cached(lambda: median_table(catalog), "median table", _versions())
    except SoftdashError as error:
        return error_message(error)
