"""Tables of the page that compares potentials: errors with quartiles, materials with two slopes, medians of sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from softdash.api.addresses import medians_address
from softdash.benchmarks.high_energy.medians import MedianCell, in_order, median_cells
from softdash.catalog import Catalog
from softdash.errors import ReferenceDataError, SoftdashError
from softdash.softening.statistics import Interval
from softdash.web.pages.compare.potential_comparison import (
    ErrorGroup,
    PublishedErrors,
    Quartiles,
    SlopePairs,
    quartiles_of,
)
from softdash.web.parts.data_grid import data_grid, formula_column, number_column, text_column
from softdash.web.parts.data_sets import dataset_kind, dataset_label
from softdash.web.parts.headline_table import HeadlineRow, published_rows
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.swatch import swatch

_ROWS_SENT = 1_000
_DEEPEST = 0.4
"""Distance of a median from 1.00 at which a cell has its strongest colour."""


def error_table(groups: Sequence[ErrorGroup], published: Sequence[PublishedErrors]) -> Component:
    """Return quartiles before and after correction, and the error reduction in both aggregations."""
    head = html.Thead(
        html.Tr(
            [
                html.Th("Potential", scope="col"),
                html.Th("Materials", scope="col", className="number"),
                html.Th("MAE (eV/Å), quartiles", scope="col", className="number"),
                html.Th("cMAE (eV/Å), quartiles", scope="col", className="number"),
                html.Th("Error reduction (%), median of materials", scope="col", className="number"),
                html.Th("Error reduction (%), ratio of medians", scope="col", className="number"),
                html.Th("Materials made worse (%)", scope="col", className="number"),
            ]
        )
    )
    rows = [_error_row(group) for group in groups] + [_published_row(one) for one in published]
    table = html.Table([head, html.Tbody(rows)], id="compare-error-table", className="data comparison")
    return html.Div([_scrolling(table, "Force errors"), table_tools("compare-error-table", "softdash-force-errors")])


def _error_row(group: ErrorGroup) -> html.Tr:
    name = html.Th([swatch(group.potential), group.label, _dagger(group.mismatch_count)], scope="row")
    cells = [
        html.Td(f"{group.material_count:,}", className="number"),
        _quartile_cell(quartiles_of(group.errors)),
        _quartile_cell(quartiles_of(group.corrected)),
    ]
    summary = group.summary
    if summary is None:
        own = float(1 - group.corrected[0] / group.errors[0])
        return html.Tr([name, *cells, _percent_cell(own), *(html.Td("–", className="number") for _ in range(2))])
    return html.Tr(
        [
            name,
            *cells,
            _percent_cell(summary.of_materials, summary.of_materials_interval),
            _percent_cell(summary.of_medians, summary.of_medians_interval),
            _percent_cell(summary.share_worse),
        ]
    )


def _published_row(one: PublishedErrors) -> html.Tr:
    tags: list[Component | str] = [" ", html.Span("published", className="tag published")]
    tags += [" ", html.Span("digitised", className="tag")] if one.is_digitised else []
    return html.Tr(
        [
            html.Th([swatch(one.potential), f"{one.model}, WBM", *tags], scope="row"),
            html.Td(f"{one.count:,}", className="number"),
            _quartile_cell(one.errors),
            _quartile_cell(one.corrected),
            html.Td("–", className="number"),
            html.Td("–", className="number") if one.of_medians is None else _percent_cell(one.of_medians),
            html.Td("–", className="number"),
        ]
    )


def _quartile_cell(quartiles: Quartiles) -> html.Td:
    low, middle, high = quartiles
    if low == high:
        return html.Td(html.Strong(f"{middle:.3f}"), className="number")
    parts = [
        html.Span(f"{low:.3f} · ", className="muted"),
        html.Strong(f"{middle:.3f}"),
        html.Span(f" · {high:.3f}", className="muted"),
    ]
    return html.Td(parts, className="number")


def _percent_cell(share: float, interval: Interval | None = None) -> html.Td:
    text = f"{100 * share:.1f}".replace("-", "−")
    if interval is None:
        return html.Td(text, className="number", **exact_number(100 * share))
    ends = (100 * interval.low, 100 * interval.high)
    spread = html.Span(f" ({ends[0]:.1f} to {ends[1]:.1f})".replace("-", "−"), className="muted")
    return html.Td([text, spread], className="number", **exact_number(100 * share, ends))


def _dagger(mismatch_count: int) -> str:
    return "\u00a0†" if mismatch_count else ""


def slope_grid(grid_id: str) -> dag.AgGrid:
    """Return the empty grid of materials with two slopes; `slope_columns` and `slope_rows` fill it."""
    return data_grid(grid_id, slope_columns("x", "y"), height=460, row_id="material", tooltipShowDelay=300)


def slope_columns(x_label: str, y_label: str) -> list[dict[str, Any]]:
    """Return the columns with the names of two potentials."""
    # Names of potentials are longer than their numbers.
    wrapped: dict[str, Any] = {"wrapHeaderText": True, "autoHeaderHeight": True, "minWidth": 108}
    return [
        dict(column)
        for column in (
            formula_column("formula", "Formula", pinned="left", flex=None, width=112),
            number_column("slope_x", x_label, headerTooltip=f"Softening scale, {x_label}", **wrapped),
            number_column("slope_y", y_label, headerTooltip=f"Softening scale, {y_label}", **wrapped),
            number_column("difference", "Difference", headerTooltip=f"{y_label} minus {x_label}", **wrapped),
            text_column(
                "frames",
                "Frames",
                minWidth=104,
                headerTooltip="Shared: frames that only one of the two computed are left out. Two numbers: the slopes "
                "rest on different frames",
            ),
            {
                "field": "parity",
                "headerName": "Forces",
                "cellRenderer": "markdown",
                "sortable": False,
                "minWidth": 104,
            },
        )
    ]


def slope_rows(pairs: SlopePairs, dataset: str) -> list[dict[str, Any]]:
    """Return rows for `slope_grid`, largest difference first; each links to the material's parity plot."""
    table = pairs.table
    first = table.loc[table["difference"].abs().sort_values(ascending=False, kind="stable").index].head(_ROWS_SENT)
    return [
        {
            "material": row.material_id,
            "formula": row.formula,
            "slope_x": round(float(row.slope_x), 4),
            "slope_y": round(float(row.slope_y), 4),
            "difference": round(float(row.difference), 4),
            "frames": _frames(row),
            "parity": f"[parity plot]({parity_address(dataset, (pairs.x, pairs.y), str(row.material_id))})",
        }
        for row in first.itertuples()
    ]


def _frames(row: Any) -> str:
    if row.has_other_frames:
        return f"{row.frames_x} and {row.frames_y}"
    return f"{row.frames_x}, shared" if row.is_narrowed else str(row.frames_x)


def parity_address(dataset: str, potentials: Sequence[str], material_id: str) -> str:
    """Return the address of a material's parity plot by some potentials."""
    names = ",".join(dict.fromkeys(potentials))
    # Brackets would end the grid's links.
    return (
        f"/softening?data={quote(dataset)}&potentials={quote(names, safe=',')}&material={quote(material_id, safe=':')}"
    )


def median_table(catalog: Catalog) -> Component:
    """Return the table of all sets and potentials, with the paper's medians in a column of their own."""
    cells = {(cell.dataset, cell.potential): cell for cell in median_cells(catalog)}
    datasets = list(dict.fromkeys(dataset for dataset, _ in cells))
    published = _published(catalog)
    potentials = in_order(list(dict.fromkeys([name for _, name in cells] + list(published))))
    head = html.Thead(
        html.Tr(
            [
                html.Th("Potential", scope="col"),
                html.Th(["WBM, ", html.Span("published", className="tag published")], scope="col", className="number"),
                *(
                    html.Th(dataset_label(name), scope="col", className="number", title=dataset_kind(name))
                    for name in datasets
                ),
            ]
        )
    )
    body = html.Tbody(
        [
            html.Tr(
                [
                    html.Th([swatch(name), _label_of(name, published)], scope="row", className="nowrap"),
                    _published_cell(published.get(name)),
                    *(_median_cell(cells.get((dataset, name))) for dataset in datasets),
                ]
            )
            for name in potentials
        ]
    )
    table = html.Table([head, body], id="compare-median-table", className="data comparison medians")
    links = [
        html.Span("Download", className="muted"),
        html.A("CSV", href=medians_address("csv")),
        html.A("JSON", href=medians_address("json")),
    ]
    return html.Div([_scrolling(table, "Median softening scales"), html.Div(links, className="figure-tools no-print")])


def _published(catalog: Catalog) -> Mapping[str, HeadlineRow]:
    try:
        return {row.potential: row for row in published_rows(catalog)}
    except ReferenceDataError:
        return {}


def _label_of(potential: str, published: Mapping[str, HeadlineRow]) -> str:
    label = potential_label(potential)
    return published[potential].label if label == potential and potential in published else label


def _published_cell(row: HeadlineRow | None) -> html.Td:
    if row is None or row.median is None:
        return html.Td("–", className="number")
    about = "≈ " if row.is_digitised else ""
    lines = [f"{about}{row.median:.2f}", html.Span(f"n {row.count:,}", className="row-detail")]
    return html.Td(lines, className="number", style=_shade(row.median), title=row.source, **exact_number(row.median))


def _median_cell(cell: MedianCell | None) -> html.Td:
    if cell is None:
        return html.Td("–", className="number")
    spread = "" if cell.interval is None else f" ± {cell.interval.half_width:.3f}"
    ends = None if cell.interval is None else (cell.interval.low, cell.interval.high)
    address = f"/softening?data={quote(cell.dataset)}&potentials={quote(cell.potential)}"
    return html.Td(
        [
            dcc.Link(f"{cell.value:.3f}", href=address, className="plain"),
            html.Span(spread, className="muted"),
            html.Span(f"n {cell.material_count:,}{_dagger(cell.mismatch_count)}", className="row-detail"),
        ],
        className="number",
        style=_shade(cell.value),
        title=None if cell.interval is None else f"95 % interval: {cell.interval.method}",
        **exact_number(cell.value, ends),
    )


def _shade(value: float) -> dict[str, str]:
    """Blue for softening and orange for stiffening, as on the map of elements, stronger with the distance from 1.00."""
    share = round(45 * min(1.0, abs(value - 1) / _DEEPEST))
    hue = "#4292C6" if value < 1 else "#F5A65B"
    return {"background": f"color-mix(in srgb, {hue} {share}%, transparent)"}


def _scrolling(table: html.Table, label: str) -> html.Div:
    return html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label})


def no_table(error: SoftdashError) -> Component:
    """Return what stands in the place of a table that cannot be read."""
    return html.P(str(error), className="muted")
