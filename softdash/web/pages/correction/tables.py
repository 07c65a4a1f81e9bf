"""Tables of the correction page: fine-tuning on each system beside the paper's, and factors of one material."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.errors import SoftdashError
from softdash.softening import three_digits
from softdash.web.pages.correction.series import step_names, subscripted_label
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.swatch import swatch

_HEADINGS = (
    ("Method", ""),
    ("Training frames", "number"),
    ("Draw", "number"),
    ("Slope", "number"),
    ("R²", "number"),
    ("MAE (eV/Å)", "number"),
    ("cMAE (eV/Å)", "number"),
    ("c* left", "number"),
    ("MAE at c* (eV/Å)", "number"),
)
_VARIANT = "_text_variant"
_LIGHT = {"fontWeight": 400}
_METHODS = {"pretrained": "Pretrained", "scalar": "One factor", "fine-tuned": "Fine-tuned"}

_PUBLISHED = (
    ("Pretrained", "", "high_energy_forces_mp-973966", "v0.3.0 (412.5K, MPtrj)"),
    ("One factor", "1", "fine_tuning_mp-973966", "v0.3.0 + scalar layer, 1 structure"),
    ("Fine-tuned", "10", "fine_tuning_mp-973966", "v0.3.0 all parameters, 10 structures"),
)
_FACTOR_HEADINGS = (
    ("Potential", ""),
    ("Slope s", "number"),
    ("1/s", "number"),
    ("c*", "number"),
    ("R²", "number"),
    ("MAE (eV/Å)", "number"),
    ("MAE at c*", "number"),
    ("c, 1 frame", "number"),
    ("slope after", "number"),
    ("MAE ratio", "number"),
    ("worse, 1 component", "number"),
    ("worse, 1 atom", "number"),
    ("worse, 1 frame", "number"),
)


def fine_tuning_table(catalog: Catalog, table: pd.DataFrame) -> Component:
    """Return slope and errors of every system, method and draw, with the paper's values first.

    Parameters
    ----------
    catalog : Catalog
        For the published values.
    table : DataFrame
        All rows of `softdash.catalog.correction_schemas.FINE_TUNINGS`.
    """
    body = _published(catalog)
    for _, rows in table.groupby("system", sort=False):
        first = rows.iloc[0]
        label, frames = subscripted_label(str(first["label"])), int(first["test_frames"])
        note = html.Span(
            f" {first['functional']}, {frames} test frames. {first['note']}", className="muted", style=_LIGHT
        )
        heading = [label, " ", html.Span("recomputed", className="tag"), note]
        body.append(html.Tr(html.Th(heading, colSpan=len(_HEADINGS))))
        order = rows.assign(place=rows["method"].map({name: place for place, name in enumerate(_METHODS)}))
        body += [_row(row) for row in order.sort_values(["place", "train_frames", "seed"]).itertuples()]
    return _scrolling(
        "fine-tuning-table", _HEADINGS, body, "Errors before and after fine-tuning", "softdash-fine-tuning"
    )


def factor_table(rows: pd.DataFrame, potentials: Sequence[str]) -> Component:
    """Return c* and 1/s of one material beside what one frame, one atom and one component give.

    Parameters
    ----------
    rows : DataFrame
        Rows of one material of `softdash.catalog.correction_schemas.LINEAR_CORRECTIONS`.
    potentials : sequence of str
    """
    named = rows.assign(step=step_names(rows))
    body = []
    for potential in potentials:
        steps = {str(row.step): row for row in named[named["potential"] == potential].itertuples()}
        if "1 frame" in steps:
            body.append(_factor_row(potential, steps))
    return _scrolling("factor-table", _FACTOR_HEADINGS, body, "Factors of one material", "softdash-linear-correction")


def _scrolling(
    table_id: str, headings: Sequence[tuple[str, str]], body: Sequence[Component], label: str, file_name: str
) -> Component:
    head = html.Tr([html.Th(text, scope="col", className=kind) for text, kind in headings])
    table = html.Table([html.Thead(head), html.Tbody(list(body))], id=table_id, className="data")
    scrolling = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label})
    return html.Div([scrolling, table_tools(table_id, file_name)])


def _number(value: float, interval: tuple[float, float] | None = None, *, text: str | None = None) -> html.Td:
    shown = text or three_digits(value)
    spread = f" ± {(interval[1] - interval[0]) / 2:.3f}" if interval else ""
    return html.Td(shown + spread, className="number", **exact_number(value, interval))


def _empty() -> html.Td:
    return html.Td("–", className="number")


def _row(row: Any) -> html.Tr:
    interval = None if pd.isna(row.interval_low) else (float(row.interval_low), float(row.interval_high))
    draw = html.Td(str(int(row.seed) + 1), className="number") if row.method != "pretrained" else _empty()
    return html.Tr(
        [
            html.Td(_METHODS[row.method], className="nowrap"),
            html.Td(str(int(row.train_frames)) if row.train_frames else "–", className="number"),
            draw,
            _number(row.slope, interval, text=f"{row.slope:.3f}"),
            _number(row.r_squared),
            _number(row.mae),
            _number(row.corrected_mae),
            _number(row.linear_correction),
            _number(row.mae_at_linear_correction),
        ]
    )


def _published(catalog: Catalog) -> list[Component]:
    """Return the paper's rows; none where the published values are in quarantine."""
    try:
        values = catalog.published_values()
    except SoftdashError:
        return []
    text = f" Ab initio MD at 1000 K, 100 test frames; the paper's Figs 5a and 6a.{_disagreements(values)}"
    note = html.Span(text, className="muted", style=_LIGHT)
    name = "Li₆Zn₂In₂(IO₃)₁₆ (mp-973966)"
    heading = html.Th([name, " ", html.Span("published", className="tag"), note], colSpan=len(_HEADINGS))
    return [html.Tr(heading), *(_published_row(values, *one) for one in _PUBLISHED)]


def _disagreements(values: pd.DataFrame) -> str:
    """Say where the paper's text gives other numbers than its figures, which are shown."""
    tasks = {task for _, _, task, _ in _PUBLISHED}
    rows = values[values["task"].isin(tasks) & (values["model"] == "CHGNet")]
    rows = rows[rows["metric"].str.endswith(_VARIANT)]
    parts = [
        f"{float(value):.3f} ({metric.removesuffix(_VARIANT)})"
        for metric, value in zip(rows["metric"], rows["value"], strict=True)
    ]
    return f" Its text gives {' and '.join(parts)} instead." if parts else ""


def _published_row(values: pd.DataFrame, method: str, frames: str, task: str, version: str) -> html.Tr:
    rows = values[(values["task"] == task) & values["model_version"].str.startswith(version)]
    found = {str(metric): float(value) for metric, value in zip(rows["metric"], rows["value"], strict=True)}
    cells = [
        _number(found[name], text=f"{found[name]:.3f}") if name in found else _empty()
        for name in ("slope", "R2", "MAE", "cMAE")
    ]
    count = html.Td(frames or "–", className="number")
    return html.Tr([html.Td(method, className="nowrap"), count, _empty(), *cells, _empty(), _empty()])


def _factor_row(potential: str, steps: dict[str, Any]) -> html.Tr:
    frame = steps["1 frame"]
    return html.Tr(
        [
            html.Td([swatch(potential), potential_label(potential)], className="nowrap"),
            _number(frame.slope),
            _number(frame.inverse_slope),
            _number(frame.best_factor),
            _number(frame.r_squared),
            _number(frame.mae),
            _number(frame.mae_at_best_factor),
            _quartiles(frame.factor_low, frame.factor_median, frame.factor_high),
            _quartiles(frame.slope_after_low, frame.slope_after_median, frame.slope_after_high),
            _quartiles(frame.error_ratio_low, frame.error_ratio_median, frame.error_ratio_high),
            *(_share(steps.get(name)) for name in ("1 component", "1 atom", "1 frame")),
        ]
    )


def _quartiles(low: float, middle: float, high: float) -> html.Td:
    """Return a median above its quartiles; only the median goes into the download as a number."""
    spread = html.Small(f"{three_digits(low)} to {three_digits(high)}", className="muted")
    return html.Td([three_digits(middle), html.Br(), spread], className="number nowrap", **exact_number(middle))


def _share(row: Any) -> html.Td:
    if row is None:
        return _empty()
    spread = html.Small(f"{100 * row.worse_low:.0f} to {100 * row.worse_high:.0f} %", className="muted")
    exact = exact_number(row.worse_share, (row.worse_low, row.worse_high))
    return html.Td([f"{100 * row.worse_share:.0f} %", html.Br(), spread], className="number nowrap", **exact)
