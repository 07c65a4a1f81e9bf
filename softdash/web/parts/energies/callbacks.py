"""What the page of a task with one energy per case answers: parity as published and as recomputed, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from dash import html, no_update
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.parts.energies.drawn_card import drawn_card
from softdash.web.parts.energies.parity import EnergySeries, energy_parity
from softdash.web.parts.energies.parity_task import ParityTask
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import (
    computed_potentials,
    computed_series,
    computed_table,
    digitised_series,
    energy_label,
    left_out,
    reference_rows,
)
from softdash.web.parts.energies.tables import (
    StatisticsGroup,
    case_table,
    left_out_list,
    published_errors,
    recomputed_groups,
    statistics_table,
)
from softdash.web.parts.energies.texts import (
    GEOMETRIES,
    NO_POTENTIAL,
    computed_caption,
    digitised_caption,
    illustration_caption,
    parity_title,
)
from softdash.web.parts.page_parts import CARD_PARTS, no_potential_chosen
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import file_version
from softdash.web.theme import checked_theme


def show_paper(task: ParityTask, theme: str | None, potentials: list[str] | None, points: str) -> dict[str, Any]:
    """Return the figure of the digitised points, its title and its caption."""
    if theme is None:
        return dict.fromkeys(CARD_PARTS, no_update)
    catalog, chosen = web_context().catalog, tuple(potentials or ())

    def draw() -> dict[str, Any]:
        series = _paper_series(catalog, task, chosen, points)
        facts: dict[str, Any] = {
            "figure": task.figure,
            "whole": int(catalog.table(task.digitised)["is_complete"].sum()),
            "total": _published_count(catalog, task),
            "many": task.many,
        }
        if not task.is_illustration:
            title, caption = parity_title(series, task.plural), digitised_caption(series, **facts)
        else:
            title = f"What could be read of {task.figure}: an illustration" if series else NO_POTENTIAL
            printed = {name: error.value for name, error in published_errors(catalog, task.published_task).items()}
            caption = illustration_caption(series, printed, unit=task.unit, **facts)
        drawn = _drawn(task, theme, series, with_fits=not task.is_illustration)
        return {"figure": drawn, "title": title, "caption": explained(caption)}

    return drawn_card(draw, theme, task.key, "paper", file_version(task.digitised), chosen, points)


def show_own(task: ParityTask, theme: str | None, potentials: list[str] | None, geometry: str) -> dict[str, Any]:
    """Return the figure of the recomputed cases, its title and its caption."""
    if theme is None:
        return dict.fromkeys(CARD_PARTS, no_update)
    catalog, chosen = web_context().catalog, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"

    def draw() -> dict[str, Any]:
        table = catalog.table(task.computed)
        series = computed_series(table, chosen, geometry=method)
        title = parity_title(series, task.plural) if series else _nothing_computed(table, chosen)
        caption = explained(computed_caption(table, series, geometry=method, many=task.many))
        return {"figure": _drawn(task, theme, series), "title": title, "caption": caption}

    return drawn_card(draw, theme, task.key, "own", file_version(task.computed), chosen, method)


def show_numbers(
    task: ParityTask, potentials: list[str] | None, points: str, geometry: str
) -> tuple[Component | None, list[Component]]:
    """Return the table of statistics, and the table of every recomputed case."""
    catalog, chosen = web_context().catalog, list(potentials or ())
    table = computed_table(catalog, task.computed)
    try:
        paper = _paper_series(catalog, task, chosen, points)
    except SoftdashError:
        paper = []
    if table is not None and reference_rows(table).empty:
        table = None
    own = [] if table is None else computed_series(table, chosen, geometry=geometry)
    if not paper and not own:
        return no_potential_chosen(f"/{task.key}"), []
    statistics = statistics_table(
        f"{task.key}-statistics-table",
        (
            StatisticsGroup(
                f"Digitised from {task.figure} of the paper; printed errors are over all of its {task.many}",
                paper,
                published_errors(catalog, task.published_task),
                is_counted=not task.is_illustration,
            ),
            *recomputed_groups(own),
        ),
        unit=task.unit,
        file_name=f"softdash-{task.key}-statistics",
        label=f"Statistics of {task.plural}",
    )
    if table is None:
        return statistics, []
    reasons = left_out_list(left_out(table, chosen, geometry=geometry))
    cases = case_table(
        f"{task.key}-cases-table", table, chosen, geometry=geometry, headings=task.headings, unit=task.unit
    )
    further = remarks(catalog, task.key, table, chosen, geometry)
    heading = html.H3(f"Each of the recomputed {task.many}")
    return statistics, [*([reasons] if reasons else []), heading, cases, further]


def _paper_series(catalog: Catalog, task: ParityTask, potentials: Sequence[str], points: str) -> list[EnergySeries]:
    return digitised_series(
        catalog.table(task.digitised),
        potentials,
        complete_only=points == "complete",
        name=lambda point: f"{task.figure}, point {point}, digitised",
    )


def _drawn(task: ParityTask, theme: str, series: Sequence[EnergySeries], *, with_fits: bool = True) -> dict[str, Any]:
    figure = energy_parity(
        series,
        quantity=task.quantity,
        unit=task.unit,
        theme=checked_theme(theme),
        decimals=task.decimals,
        with_fits=with_fits,
    )
    drawn: dict[str, Any] = figure.to_dict()
    return drawn


def _nothing_computed(table: pd.DataFrame, chosen: Sequence[str]) -> str:
    if not chosen:
        return "Choose a potential"
    computed = ", ".join(energy_label(name) for name in computed_potentials(table)) or "none"
    return f"None of the chosen potentials was recomputed (computed: {computed})"


def _published_count(catalog: Catalog, task: ParityTask) -> int | None:
    try:
        values = catalog.published_values(task.published_task)
    except SoftdashError:
        return None
    rows = values[values["metric"] == task.published_count]
    return None if rows.empty else int(rows.iloc[0]["value"])
