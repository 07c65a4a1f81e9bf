"""Tables of the energy pages: statistics per potential, each case, and settings of the paper beside softdash's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import SoftdashError
from softdash.softening import three_digits
from softdash.softening.statistics import Interval
from softdash.web.figures.distribution_series import share_text
from softdash.web.parts.energies.parity import EnergySeries
from softdash.web.parts.energies.series import energy_label, parts_of, reference_rows
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.page_parts import Children, exact_number, table_tools
from softdash.web.parts.swatch import swatch
from softdash.web.parts.terms import tooltip

_PAPER = "s41524-024-01500-6"


@dataclass(frozen=True, slots=True)
class PublishedError:
    """A mean absolute error as published: its value, the cases behind it, and what the source says otherwise."""

    value: float
    count: int | None
    note: str


def published_errors(catalog: Catalog, task: str) -> dict[str, PublishedError]:
    """Return the paper's MAE of a task by potential; empty where the published values are in quarantine."""
    try:
        table = catalog.published_values(task)
    except SoftdashError:
        return {}
    rows = table[(table["metric"] == "MAE") & table["source"].str.contains(_PAPER, regex=False)]
    return {
        PAPER_MODELS[row["model"]]: PublishedError(
            float(row["value"]),
            None if pd.isna(row["n"]) else int(row["n"]),
            "" if pd.isna(row["disagreement"]) else str(row["disagreement"]),
        )
        for _, row in rows.iterrows()
        if row["model"] in PAPER_MODELS
    }


@dataclass(frozen=True, slots=True)
class StatisticsGroup:
    """Rows under one heading; `is_counted` is false for points of which nothing is computed."""

    heading: str
    series: Sequence[EnergySeries]
    published: Mapping[str, PublishedError]
    is_counted: bool = True


def recomputed_groups(series: Sequence[EnergySeries]) -> list[StatisticsGroup]:
    """Return the recomputed series under one heading for each kind of hosts."""
    heading = "Recomputed, against GPAW PBE"
    return [
        StatisticsGroup(f"{heading}: {part}" if part else heading, [one for one in series if one.part == part], {})
        for part in parts_of(series)
    ]


def statistics_table(
    table_id: str,
    groups: Sequence[StatisticsGroup],
    *,
    unit: str,
    file_name: str,
    label: str,
) -> Component:
    """Return errors, slope and share underpredicted of each potential, under one heading per source.

    Parameters
    ----------
    table_id : str
    groups : sequence of StatisticsGroup
    unit : str
        Of the energies.
    file_name : str
        Stem of the downloads.
    label : str
        Name of the table.
    """
    with_published = any(group.published for group in groups)
    headings = [
        "n",
        f"MAE ({unit})",
        *([f"Printed MAE ({unit})"] if with_published else []),
        f"Mean error ({unit})",
        "Slope through origin",
        "Largest case (%)",
        "Underpredicted (%)",
    ]
    head = html.Tr(
        [
            html.Th("Potential", scope="col"),
            *(html.Th(text, scope="col", className="number") for text in headings),
        ]
    )
    bodies = [
        html.Tbody(
            [
                html.Tr(html.Th(group.heading, colSpan=1 + len(headings), scope="rowgroup"), className="group"),
                *(_statistics_row(one, group, with_published) for one in group.series),
            ]
        )
        for group in groups
        if group.series
    ]
    return framed(html.Table([html.Thead(head), *bodies], id=table_id, className="data"), file_name, label)


def case_table(
    table_id: str,
    table: pd.DataFrame,
    potentials: Sequence[str],
    *,
    geometry: str,
    headings: tuple[str, str],
    unit: str,
) -> Component:
    """Return every recomputed case: DFT with its error where that is known, and each chosen potential.

    What does not count is marked, with the reason.

    Parameters
    ----------
    table_id : str
    table : DataFrame
        A computed table.
    potentials : sequence of str
    geometry : {"relaxed", "dft"}
    headings : (str, str)
        Of the columns ``material`` and ``label``.
    unit : str
    """
    reference = reference_rows(table)
    columns = [name for name in potentials if ((table["method"] == name) & (table["geometry"] == geometry)).any()]
    shown = table[table["geometry"] == geometry].set_index(["case_id", "method"])
    values, excluded = shown["value"], shown["excluded"]
    head = html.Tr(
        [
            html.Th(headings[0], scope="col"),
            html.Th(headings[1], scope="col"),
            html.Th("Atoms", scope="col", className="number"),
            html.Th(f"DFT ({unit})", scope="col", className="number"),
            *(html.Th(f"{energy_label(name)} ({unit})", scope="col", className="number") for name in columns),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Th(subscripted(str(row["material"])), scope="row"),
                html.Td(label_with_subscripts(str(row["label"]))),
                html.Td(str(int(row["n_atoms"])), className="number"),
                _reference_cell(row),
                *(
                    marked_cell(values.get((row["case_id"], name)), excluded.get((row["case_id"], name)))
                    for name in columns
                ),
            ]
        )
        for _, row in reference.iterrows()
    ]
    drawn = html.Table([html.Thead(head), html.Tbody(rows)], id=table_id, className="data")
    return framed(drawn, f"softdash-{table_id}", "Each recomputed case")


def _reference_cell(row: pd.Series) -> html.Td:
    value, error = float(row["value"]), row["reference_error"]
    if pd.isna(error) or not pd.isna(row["excluded"]):
        return marked_cell(value, row["excluded"])
    text = three_digits(value)
    spread = html.Span(f" ± {float(error):.{len(text.partition('.')[2])}f}", className="muted")
    title = "Numerical error of the DFT value: k-points and cut-off"
    return html.Td(html.Span([text, spread], title=title), className="number", **exact_number(value))


def marked_cell(value: float | None, reason: object) -> html.Td:
    """Return a value, with a mark and the reason where it does not count; the mark goes into downloads too."""
    cell = value_cell(value)
    if value is None or pd.isna(value) or reason is None or pd.isna(reason):
        return cell
    mark = html.Span(tooltip("left out", f"Left out of slopes, means and shares: {reason}."), className="tag")
    return html.Td([mark, " ", three_digits(float(value))], className="number")


def left_out_list(reasons: Mapping[str, Sequence[tuple[str, str, str]]]) -> Component | None:
    """Return which cases count in no slope, mean or share, and why; None where all do."""
    if not reasons:
        return None
    items = []
    for reason, cases in reasons.items():
        named: list[str | Component] = []
        for material, label, methods in cases:
            named += [", "] if named else []
            named += [] if label.split()[:1] == [material] else [f"{material} "]
            named += [*label_with_subscripts(label), methods]
        items.append(html.Li([*named, f": {reason}."]))
    return html.Div(
        [html.P("Left out of slopes, means and shares:", className="small"), html.Ul(items, className="small")],
        className="left-out",
    )


def settings_table(rows: Sequence[tuple[str, Children, Children]]) -> Component:
    """Return what the paper did beside what softdash does."""
    head = html.Tr([html.Th("", scope="col"), html.Th("Paper", scope="col"), html.Th("softdash", scope="col")])
    head.children[0].children = html.Span("Setting", className="visually-hidden")
    body = [html.Tr([html.Th(name, scope="row"), html.Td(paper), html.Td(own)]) for name, paper, own in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="data settings")
    return html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "Settings"})


def label_with_subscripts(label: str) -> list[str | Component]:
    """Return ``V_O`` as V with a subscript O; other labels stay as they are."""
    first, *rest = label.split("_")
    parts: list[str | Component] = [first]
    for piece in rest:
        word, _, after = piece.partition(" ")
        parts += [html.Sub(word), f" {after}" if after else ""]
    return parts


def _statistics_row(one: EnergySeries, group: StatisticsGroup, with_published: bool) -> html.Tr:
    found, published = one.comparison, group.published.get(one.potential)
    head = html.Th([swatch(one.potential), one.label], scope="row", className="nowrap")
    printed = [_published_cell(published)] if with_published else []
    if not group.is_counted:
        none = html.Td("–", className="number")
        return html.Tr([head, html.Td(str(found.count), className="number"), none, *printed, none, none, none, none])
    largest = f"{100 * found.largest_leverage:.0f}"
    name = one.names[found.largest_case].removesuffix(", recomputed").replace("<sub>", "").replace("</sub>", "")
    share, interval = found.share_underpredicted, found.share_interval
    return html.Tr(
        [
            head,
            html.Td(str(found.count), className="number"),
            value_cell(found.mae),
            *printed,
            value_cell(found.mean_error, found.mean_error_interval, signed=True),
            value_cell(found.slope, found.slope_interval),
            html.Td(
                tooltip(largest, f"Share of {name} in the sum of squares that fixes the slope."),
                className="number",
                **exact_number(100 * found.largest_leverage),
            ),
            share_cell(share, interval),
        ]
    )


def share_cell(share: float | None, interval: Interval | None) -> html.Td:
    """Return a cell with a share in percent and its interval; a dash where no case decides."""
    if share is None or interval is None:
        return html.Td("–", className="number")
    return html.Td(
        share_text(share, interval),
        className="number",
        **exact_number(100 * share, (100 * interval.low, 100 * interval.high)),
    )


def _published_cell(published: PublishedError | None) -> html.Td:
    if published is None:
        return html.Td("–", className="number")
    text = three_digits(published.value) if published.value >= 0.1 else f"{published.value:.3f}"
    count = "" if published.count is None else f"n = {published.count}. "
    shown = tooltip(text, f"Printed in the paper, {count}{published.note}".strip())
    return html.Td(shown, className="number", **exact_number(published.value))


def value_cell(value: float | None, interval: Interval | None = None, *, signed: bool = False) -> html.Td:
    """Return a cell with three significant digits, ± half the interval; a dash without a value."""
    if value is None or pd.isna(value):
        return html.Td("–", className="number")
    text = three_digits(float(value))
    if signed and value > 0:
        text = f"+{text}"
    if interval is None:
        return html.Td(text, className="number", **exact_number(float(value)))
    decimals = len(text.partition(".")[2])
    spread = html.Span(f" ± {interval.half_width:.{decimals}f}", className="muted")
    title = f"{interval.low:.{decimals}f} to {interval.high:.{decimals}f}".replace("-", "−")
    ends = (interval.low, interval.high)
    return html.Td(html.Span([text, spread], title=title), className="number", **exact_number(float(value), ends))


def framed(table: html.Table, file_name: str, label: str) -> Component:
    """Return a table that scrolls on a phone, under its name, with its downloads."""
    scrolling = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label})
    return html.Div([scrolling, table_tools(table.id, file_name)])
