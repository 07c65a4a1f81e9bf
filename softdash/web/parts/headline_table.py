"""The headline table: published and recomputed softening, each row with n, interval, origin and source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from dash import dcc, html
from dash.development.base_component import Component

from softdash.benchmarks.data.datasets import WBM
from softdash.catalog import Catalog
from softdash.catalog.paper_models import PAPER_MODELS, PAPER_PHONON_LABELS, PAPER_PHONON_MODELS
from softdash.errors import SoftdashError
from softdash.potentials.look import look_of
from softdash.softening import summarise_population, wilson_interval
from softdash.softening.statistics import Interval
from softdash.web.figures.distribution_series import share_text
from softdash.web.parts.data_sets import dataset_kind, dataset_label
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.terms import tooltip

Origin = Literal["published", "recomputed"]

PAPER = "npj Comput. Mater. 11, 9 (2025)"
PAPER_URL = "https://doi.org/10.1038/s41524-024-01500-6"
WBM_TASK = "WBM_high_energy_softening_scale"
"""The paper's three potentials, by the name it gives them, with softdash's identifier (for the colour)."""
HEADLINE_DATASETS = (WBM, "mpf-TP", "random-displacements", "lgps-aimd", "si-aimd", "gpaw_pbe", "mptrj-1k")
"""Recomputed sets that one row can stand for. Of the others (random mixtures, runs of test suites, many states of few
metals) a median says little without their notes, which are on the softening page."""

_STRIP_LOW, _STRIP_HIGH = 0.5, 1.1


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """One row.

    Attributes
    ----------
    states, detail : str
        Reference structures; how they were sampled and their functional.
    potential, label : str
        Identifier (for the colour) and name.
    count : int
        Materials.
    median : float or None
    median_interval : Interval or None
    is_digitised : bool
        Whether the median was read off a published figure.
    share_below_one : float or None
        0 to 1.
    share_interval : Interval or None
    origin : {"published", "recomputed"}
    source : str
    href : str
        Page or publication with the distribution.
    note : str
        What the source says otherwise.
    """

    states: str
    detail: str
    potential: str
    label: str
    count: int
    median: float | None
    median_interval: Interval | None
    is_digitised: bool
    share_below_one: float | None
    share_interval: Interval | None
    origin: Origin
    source: str
    href: str
    note: str = ""


def published_rows(catalog: Catalog) -> list[HeadlineRow]:
    """Return the paper's softening scales on WBM high-energy states (its Fig. 5b), one row per potential."""
    values = catalog.published_values(WBM_TASK)
    rows = []
    for model, potential in PAPER_MODELS.items():
        of_model = values[(values["model"] == model) & values["source"].str.contains("s41524-024-01500-6", regex=False)]
        share, median = _value(of_model, "pct_below_1"), _value(of_model, "median")
        if share is None or pd.isna(share["n"]):
            continue
        count = int(share["n"])
        below = float(share["value"]) / 100
        rows.append(
            HeadlineRow(
                states="WBM compounds",
                detail="molecular dynamics at 1000 K, PBE(+U)",
                potential=potential,
                label=model,
                count=count,
                median=None if median is None else float(median["value"]),
                median_interval=None,
                is_digitised=median is not None and "digitised" in str(median["confidence"]),
                share_below_one=below,
                share_interval=wilson_interval(round(below * count), count),
                origin="published",
                source=f"{PAPER}, Fig. 5b",
                href=PAPER_URL,
                note="" if pd.isna(share["disagreement"]) else str(share["disagreement"]),
            )
        )
    return rows


def recomputed_rows(catalog: Catalog, potential: str) -> list[HeadlineRow]:
    """Return one row per data set of `HEADLINE_DATASETS` that was computed with `potential`."""
    materials = catalog.materials(potential=potential)
    computed = set(materials["dataset"])
    datasets = [name for name in HEADLINE_DATASETS if name in computed]
    return [_recomputed_row(catalog, materials[materials["dataset"] == name], name, potential) for name in datasets]


def phonon_rows(catalog: Catalog) -> list[HeadlineRow]:
    """Return the ratios of maximum frequencies of the paper's Fig. 4b, one row per potential."""
    table = catalog.phonon_max_frequencies()
    rows = []
    for model, potential in PAPER_PHONON_MODELS.items():
        summary = summarise_population(table[f"{model.lower()}_ratio"].to_numpy(dtype=np.float64))
        rows.append(
            HeadlineRow(
                states="PhononDB crystals",
                detail="finite displacements, PBEsol",
                potential=potential,
                label=PAPER_PHONON_LABELS[model],
                count=summary.material_count,
                median=summary.median,
                median_interval=summary.median_interval,
                is_digitised=False,
                share_below_one=summary.share_below_one,
                share_interval=summary.share_below_one_interval,
                origin="published",
                source="table of the authors behind Fig. 4b",
                href="/phonons",
            )
        )
    return rows


def headline_table(groups: Sequence[tuple[str, str, Sequence[HeadlineRow]]]) -> Component:
    """Return the table; each group has a heading, what its median is of, and its rows."""
    head = html.Thead(
        html.Tr(
            [
                html.Th("Reference structures", scope="col"),
                html.Th("Potential", scope="col"),
                html.Th("Materials", scope="col", className="number"),
                html.Th("Median", scope="col", className="number"),
                html.Th(
                    [html.Span("Median on an axis", className="visually-hidden"), _strip_heading()],
                    scope="col",
                    className="strip-cell",
                    **{"data-drawn": "true"},
                ),
                html.Th("Below 1.00 (%)", scope="col", className="number"),
                html.Th("Origin", scope="col"),
            ]
        )
    )
    bodies = [
        html.Tbody(
            [
                html.Tr(
                    html.Th([heading, html.Span(f" · {quantity}", className="muted")], colSpan=7, scope="rowgroup"),
                    className="group",
                ),
                *(_table_row(row) for row in rows),
            ]
        )
        for heading, quantity, rows in groups
        if rows
    ]
    table = html.Table([head, *bodies], id="headline-table", className="data headline-table")
    scrolling = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "Headline table"})
    return html.Div([scrolling, table_tools("headline-table", "softdash-headline")])


def _recomputed_row(catalog: Catalog, rows: pd.DataFrame, dataset: str, potential: str) -> HeadlineRow:
    row = HeadlineRow(
        states=dataset_label(dataset),
        detail=", ".join(part for part in (dataset_kind(dataset), _functional(rows)) if part),
        potential=potential,
        label=potential_label(potential),
        count=len(rows),
        median=None,
        median_interval=None,
        is_digitised=False,
        share_below_one=None,
        share_interval=None,
        origin="recomputed",
        source="softening scales of this data set",
        href=f"/softening?data={dataset}",
    )
    try:
        summary = catalog.population(dataset, potential).summary
    except SoftdashError:
        # One material is no distribution: its own slope and interval stand for it.
        only = rows.iloc[0]
        return replace(row, median=float(only["slope"]), median_interval=_interval_of(only))
    return replace(
        row,
        median=summary.median,
        median_interval=summary.median_interval,
        share_below_one=summary.share_below_one,
        share_interval=summary.share_below_one_interval,
    )


def _interval_of(material: pd.Series) -> Interval | None:
    low, high = float(material["interval_low"]), float(material["interval_high"])
    return None if math.isnan(low) or math.isnan(high) else Interval(low, high, 0.95, material["interval_method"])


def _functional(rows: pd.DataFrame) -> str:
    names = rows["functional"].value_counts().index
    return str(names[0]) if len(names) == 1 else "several functionals"


def _value(rows: pd.DataFrame, metric: str) -> pd.Series | None:
    found = rows[(rows["metric"] == metric) & rows["value"].notna()]
    return None if found.empty else found.iloc[0]


def _table_row(row: HeadlineRow) -> html.Tr:
    is_page = row.href.startswith("/")
    link = dcc.Link(row.source, href=row.href) if is_page else html.A(row.source, href=row.href)
    return html.Tr(
        [
            html.Td([row.states, html.Span(row.detail, className="row-detail")]),
            html.Td(
                [html.Span(className="swatch", style={"background": look_of(row.potential).colour}), row.label],
                className="nowrap",
            ),
            html.Td(_count(row), className="number"),
            html.Td(_median(row), className="number", **_exact(row.median, row.median_interval, 1)),
            html.Td(_strip(row), className="strip-cell"),
            html.Td(_share(row), className="number", **_exact(row.share_below_one, row.share_interval, 100)),
            html.Td([html.Span(row.origin, className=f"tag {row.origin}"), " ", link], className="small"),
        ]
    )


def _count(row: HeadlineRow) -> str | Component:
    text = f"{row.count:,}"
    return tooltip(text, row.note) if row.note else text


def _median(row: HeadlineRow) -> list[Component | str]:
    if row.median is None:
        return ["–"]
    if row.is_digitised:
        return [f"≈ {row.median:.2f} ", html.Span("digitised", className="tag")]
    return _median_text(row.median, row.median_interval)


def _median_text(value: float, interval: Interval | None) -> list[Component | str]:
    if interval is None:
        return [f"{value:.3f}"]
    ends = f"{interval.low:.3f} to {interval.high:.3f} ({interval.method})"
    return [html.Span([f"{value:.3f}", html.Span(f" ± {interval.half_width:.3f}", className="muted")], title=ends)]


def _share(row: HeadlineRow) -> list[Component | str]:
    share, interval = row.share_below_one, row.share_interval
    if share is None:
        return ["–"]
    if interval is None:
        return [f"{100 * share:.1f}"]
    value, _, spread = share_text(share, interval).partition(" ")
    ends = f"{100 * interval.low:.1f} to {100 * interval.high:.1f} ({interval.method})"
    return [html.Span([value, html.Span(f" {spread}", className="muted")], title=ends)]


def _exact(value: float | None, interval: Interval | None, factor: float) -> dict[str, str]:
    if value is None:
        return {}
    ends = None if interval is None else (factor * interval.low, factor * interval.high)
    return exact_number(factor * value, ends)


def _place(value: float) -> str:
    inside = min(max(value, _STRIP_LOW), _STRIP_HIGH)
    return f"{100 * (inside - _STRIP_LOW) / (_STRIP_HIGH - _STRIP_LOW):.1f}%"


def _strip_heading() -> html.Span:
    ticks = [html.Span(f"{value:g}", style={"left": _place(value)}) for value in (0.5, 0.75, 1.0)]
    return html.Span(ticks, className="strip-axis", **{"aria-hidden": "true"})


def _strip(row: HeadlineRow) -> html.Span:
    """Draw median and interval on a small axis from 0.5 to 1.1, with a line at 1.00; the numbers stand beside it."""
    colour = look_of(row.potential).colour
    parts = [html.Span(className="one", style={"left": _place(1.0)})]
    if row.median is not None:
        if row.median_interval is not None:
            left, right = _place(row.median_interval.low), _place(row.median_interval.high)
            parts.append(
                html.Span(
                    className="range", style={"left": left, "right": f"calc(100% - {right})", "background": colour}
                )
            )
        hollow = (
            {"background": "var(--page)", "borderColor": colour}
            if row.is_digitised
            else {"background": colour, "borderColor": colour}
        )
        parts.append(html.Span(className="dot", style={"left": _place(row.median), **hollow}))
    return html.Span(parts, className="strip", **{"aria-hidden": "true"})
