"""The table of median frequency ratios, relaxed beside fixed geometry, computed here beside published."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.phonon_ratios import (
    MODELS,
    Agreement,
    agreements,
    recomputed_potentials,
    recomputed_rows,
    summary_of,
    unfinished_relaxations,
)
from softdash.web.parts.swatch import swatch

_HEADINGS = (
    ("Potential", ""),
    ("Values", ""),
    ("Crystals", "number"),
    ("Median, relaxed", "number"),
    ("Below 1 (%)", "number"),
    ("Median, DFT geometry", "number"),
    ("Below 1 (%)", "number"),
    ("Length (%)", "number"),
    ("Imaginary", "number"),
)
_EMPTY = html.Td("–", className="number")


def ratio_summary(catalog: Catalog) -> list[Component]:
    """Return the table and the sentence about its check against the authors' numbers; nothing without results."""
    potentials = recomputed_potentials(catalog)
    if not potentials:
        return []
    relaxed, fixed = recomputed_rows(catalog, "relaxed"), recomputed_rows(catalog, "fixed")
    published = catalog.phonon_max_frequencies()
    same = published[published["material_id"].isin(relaxed["material_id"])]
    rows = [_recomputed_row(name, relaxed, fixed) for name in potentials]
    for table, words in ((same, "same"), (published, "all")):
        rows += [_published_row(potential, label, words, table[f"{key}_ratio"]) for key, potential, label in MODELS]
    head = html.Tr([html.Th(text, scope="col", className=kind) for text, kind in _HEADINGS])
    table = html.Table([html.Thead(head), html.Tbody(rows)], id="phonon-summary", className="data")
    label = {"aria-label": "Median frequency ratios"}
    return [
        html.H3(expansion_title(relaxed, fixed, potentials)),
        html.Div(table, className="table-scroll", tabIndex=0, role="region", **label),
        table_tools("phonon-summary", "softdash-phonon-ratios"),
        html.P(
            summary_caption(unfinished_relaxations(catalog), agreements(catalog)),
            className="muted small",
        ),
    ]


def expansion_title(relaxed: pd.DataFrame, fixed: pd.DataFrame, potentials: Sequence[str]) -> str:
    """Say how much of the deficit goes with the potentials' own lattice constants."""
    changes = []
    for name in potentials:
        pair = relaxed[relaxed["potential"] == name].merge(fixed[fixed["potential"] == name], on="material_id")
        changes.append(float(pair["ratio_y"].median() - pair["ratio_x"].median()))
    low, high = min(changes), max(changes)
    if low <= 0:
        return f"At the DFT geometry median ratios change by {low:+.2f} to {high:+.2f}".replace("-", "−")
    span = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
    return f"At the DFT geometry median ratios are {span} higher: part of the deficit is a longer lattice"


def summary_caption(unfinished: Sequence[str], checks: Sequence[Agreement]) -> str:
    """Explain the columns, name what did not converge, and say how well the numbers repeat the authors'."""
    text = (
        "Relaxed: cell and positions at the potential's own minimum, as in the paper; DFT geometry: the reference's "
        "cell, so that no other lattice constant enters. Medians of the ratio over crystals, ± half of the 95 % "
        "bootstrap interval; published, same: the authors' values for the crystals computed here. Length: median "
        "change of (cell volume)^(1/3). Imaginary: crystals whose lowest frequency, relaxed, is below −0.05 THz."
    )
    if unfinished:
        text += f" Left out, for their relaxations did not converge to 1e-5 eV/Å: {', '.join(unfinished)}."
    if checks:
        parts = [
            f"{one.label} {_percent(one.median)} (of {one.crystal_count}; largest {_percent(one.largest)}, "
            f"{one.largest_formula})"
            for one in checks
        ]
        text += (
            f" Against the authors' maxima for the same crystals, the median difference is: {'; '.join(parts)}. What "
            "the paper calls M3GNet was matgl's training here; its original is recomputed beside it."
        )
    return text


def _percent(value: float) -> str:
    return f"{value:.1g} %" if value < 1 else f"{value:.0f} %"


def _recomputed_row(name: str, relaxed: pd.DataFrame, fixed: pd.DataFrame) -> html.Tr:
    ours, held = relaxed[relaxed["potential"] == name], fixed[fixed["potential"] == name]
    change = float(np.median(ours["length_change_percent"].to_numpy(dtype=np.float64)))
    unstable = int(ours["has_imaginary_modes"].sum())
    return html.Tr(
        [
            html.Th([swatch(name), potential_label(name)], scope="row", className="nowrap"),
            html.Td(html.Span("recomputed", className="tag recomputed")),
            html.Td(_count(len(ours), len(held)), className="number"),
            *_summary_cells(ours["ratio"]),
            *_summary_cells(held["ratio"]),
            html.Td(f"{change:+.2f}".replace("-", "−"), className="number", **exact_number(change)),
            html.Td(f"{unstable}", className="number"),
        ]
    )


def _count(relaxed: int, fixed: int) -> list[str | Component]:
    """Return how many crystals count: relaxations that did not converge are missing from the first number."""
    if relaxed == fixed:
        return [f"{relaxed}"]
    return [f"{relaxed}", html.Span(f"{fixed} at the DFT geometry", className="row-detail")]


def _published_row(potential: str, label: str, words: str, ratios: pd.Series) -> html.Tr:
    return html.Tr(
        [
            html.Th([swatch(potential), label], scope="row", className="nowrap"),
            html.Td([html.Span("published", className="tag"), f" {words}"], className="nowrap"),
            html.Td(f"{len(ratios)}", className="number"),
            *_summary_cells(ratios),
            *(_EMPTY,) * 4,
        ]
    )


def _summary_cells(ratios: pd.Series) -> list[html.Td]:
    values = ratios.to_numpy(dtype=np.float64)
    if len(values) < 2:
        return [_EMPTY, _EMPTY]
    summary = summary_of(tuple(values.tolist()))
    middle, below = summary.median_interval, summary.share_below_one_interval
    return [
        html.Td(
            f"{summary.median:.3f} ± {middle.half_width:.3f}",
            className="number nowrap",
            **exact_number(summary.median, (middle.low, middle.high)),
        ),
        html.Td(
            f"{100 * summary.share_below_one:.1f}",
            className="number",
            title=f"95 % interval: {100 * below.low:.1f} to {100 * below.high:.1f} %",
            **exact_number(100 * summary.share_below_one, (100 * below.low, 100 * below.high)),
        ),
    ]
