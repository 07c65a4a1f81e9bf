"""What the numbers of a selection say, in words: finding, headline numbers, caption, caveats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component
from numpy.typing import NDArray

from softdash.benchmarks.data.datasets import WBM, DatasetKind, dataset
from softdash.catalog import Catalog
from softdash.catalog.paper_models import PAPER_NAMES
from softdash.errors import ReferenceDataError, SoftdashError
from softdash.potentials import registry
from softdash.softening import summarise_population
from softdash.softening.statistics import PopulationSummary
from softdash.web.figures.distribution_series import PublishedMedian, share_text
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.names import potential_label
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import empty_state, exact_number, notice, table_tools
from softdash.web.parts.slope_side import FEWEST_FRAMES, shares_of_sides
from softdash.web.parts.swatch import swatch

_PAPER_MARK = "s41524-024-01500-6"
_WBM_TASK = "WBM_high_energy_softening_scale"

# Bootstrap draws times materials: the summary of 100,000 materials takes no longer than that of 5,000.
_RESAMPLED_VALUES = 20_000_000
_FEWEST_DRAWS, _MOST_DRAWS = 200, 4_000


@dataclass(frozen=True, slots=True)
class PopulationGroup:
    """One data set by one potential: its summary (None for a single material) and facts for the texts."""

    dataset: str
    potential: str
    label: str
    material_count: int
    summary: PopulationSummary | None
    single_slope: float
    single_slope_text: str
    other_functionals: tuple[str, ...]
    mismatch_count: int
    single_frame_count: int = 0


def population_group(name: str, potential: str, rows: pd.DataFrame, *, with_dataset: bool) -> PopulationGroup:
    """Summarise the rows of one data set and one potential."""
    label = potential_label(potential)
    slopes = rows["slope"].to_numpy(dtype=np.float64)
    return PopulationGroup(
        dataset=name,
        potential=potential,
        label=f"{label} · {dataset_label(name)}" if with_dataset else label,
        material_count=len(rows),
        summary=_summary(rows, slopes) if len(rows) > 1 else None,
        single_slope=float(slopes[0]),
        single_slope_text=_slope_text(rows.iloc[0]),
        other_functionals=tuple(str(one) for one in rows.loc[rows["functional_mismatch"], "functional"].unique()),
        mismatch_count=int(rows["functional_mismatch"].sum()),
        single_frame_count=int((rows["frame_count"] < FEWEST_FRAMES).sum()),
    )


def _slope_text(row: pd.Series) -> str:
    half_width = (row["interval_high"] - row["interval_low"]) / 2
    return f"{row['slope']:.3f}" if pd.isna(half_width) else f"{row['slope']:.3f} ± {half_width:.3f}"


def _summary(rows: pd.DataFrame, slopes: NDArray[np.float64]) -> PopulationSummary:
    draws = int(np.clip(_RESAMPLED_VALUES // len(rows), _FEWEST_DRAWS, _MOST_DRAWS))
    below, above = shares_of_sides(rows)
    return replace(
        summarise_population(slopes, draws=draws), share_surely_below_one=below, share_surely_above_one=above
    )


def finding(groups: Sequence[PopulationGroup]) -> str:
    """Return the title of the distribution: what it shows, from its numbers."""
    if not groups:
        return "No material passes these filters"
    if len(groups) > 1:
        by_median = sorted(groups, key=_median)
        return (
            f"Median softening scales from {_median(by_median[0]):.3f} ({by_median[0].label}) "
            f"to {_median(by_median[-1]):.3f} ({by_median[-1].label})"
        )
    group = groups[0]
    if group.summary is None:
        return f"{group.label}: softening scale {group.single_slope:.3f} for the one material that passes the filters"
    summary = group.summary
    share = f"{100 * summary.share_below_one:.0f} % of {count_text(summary.material_count, 'material')} lie below 1.00"
    if 2 * group.single_frame_count > group.material_count:
        # Each slope is then that of a frame, not of a material.
        alone = "all" if group.single_frame_count == group.material_count else "most"
        return f"{group.label}: {share}, the median at {summary.median:.3f}; {alone} have one frame"
    if summary.median_interval.high < 1:
        return f"{group.label} is too soft: {share}, the median at {summary.median:.3f}"
    if summary.median_interval.low > 1:
        return f"{group.label} is too stiff: {share}, the median at {summary.median:.3f}"
    return f"{group.label} shows no clear bias: {share}, the median at {summary.median:.3f}"


def _median(group: PopulationGroup) -> float:
    return group.summary.median if group.summary else group.single_slope


def headline(groups: Sequence[PopulationGroup]) -> Component:
    """Return n, median, share below 1.00, and the shares whose own interval lies on either side."""
    if not groups:
        return empty_state(
            "No material passes these filters.",
            "Widen a range, remove an element, or ",
            html.A("take all filters away", href="/softening"),
            ".",
        )
    head = html.Tr(
        [
            html.Th("Potential", scope="col"),
            html.Th("Materials", scope="col", className="number"),
            html.Th("Median slope", scope="col", className="number"),
            html.Th("Below 1.00 (%)", scope="col", className="number"),
            html.Th("Interval below 1.00 (%)", scope="col", className="number"),
            html.Th("Interval above 1.00 (%)", scope="col", className="number"),
        ]
    )
    body = html.Tbody([_headline_row(group) for group in groups])
    table = html.Table([html.Thead(head), body], id="softening-headline-table", className="data")
    scrolling = html.Div(
        table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": "Headline numbers"}
    )
    single = _single_frames(groups)
    below = [html.P(single, className="muted small")] if single else []
    return html.Div([scrolling, *below, table_tools("softening-headline-table", "softdash-medians")])


def _single_frames(groups: Sequence[PopulationGroup]) -> str:
    """Say how many materials have one frame only, whose intervals do not count."""
    counted = [(group.label, group.single_frame_count) for group in groups if group.single_frame_count]
    if not counted:
        return ""
    named = ", ".join(f"{label}: {count_text(count, 'material')}" for label, count in counted)
    return f"Not counted in the last two columns, for one frame only: {named}."


def _headline_row(group: PopulationGroup) -> html.Tr:
    summary = group.summary
    name = html.Th([swatch(group.potential), group.label], scope="row", className="nowrap")
    count = html.Td(f"{group.material_count:,}", className="number")
    if summary is None:
        slope = html.Td(group.single_slope_text, className="number", **exact_number(group.single_slope))
        return html.Tr([name, count, slope, *(html.Td("–", className="number") for _ in range(3))])
    middle, below = summary.median_interval, summary.share_below_one_interval
    median = html.Td(
        f"{summary.median:.3f} ± {middle.half_width:.3f}",
        className="number",
        **exact_number(summary.median, (middle.low, middle.high)),
    )
    share = html.Td(
        share_text(summary.share_below_one, below),
        className="number",
        **exact_number(100 * summary.share_below_one, (100 * below.low, 100 * below.high)),
    )
    sure = (_percent_cell(summary.share_surely_below_one), _percent_cell(summary.share_surely_above_one))
    return html.Tr([name, count, median, share, *sure])


def _percent_cell(share: float | None) -> html.Td:
    if share is None:
        return html.Td("–", className="number")
    return html.Td(f"{100 * share:.1f}", className="number", **exact_number(100 * share))


def distribution_caption(groups: Sequence[PopulationGroup], view: str, outside: int) -> str:
    """Say what is drawn, its n, its intervals and its source."""
    if not groups:
        return "Nothing is drawn: no material passes the filters above."
    drawn = {
        "histogram": "Bars 0.05 wide; the box holds the middle half of the materials, its whiskers the middle 90 %. "
        "Click a bar to list its materials.",
        "violin": "Smoothed density (Gaussian kernel) with quartiles, and a point per material where they are few. "
        "Click a point to open its material.",
        "cumulative": "Share of materials up to each slope with its pointwise 95 % interval (Wilson). "
        "Click the line to open a material.",
    }
    counts = ", ".join(f"{group.label}: {count_text(group.material_count, 'material')}" for group in groups)
    sets = ", ".join(dict.fromkeys(dataset_label(group.dataset) for group in groups))
    beyond = f" {count_text(outside, 'material')} beyond the axis count into the last bins." if outside else ""
    return f"{counts}. Reference forces: {sets}. {drawn.get(view, '')}{beyond} ± is half of a 95 % interval."


def warnings(groups: Sequence[PopulationGroup]) -> list[Component]:
    """Return what must not be overlooked: another functional, training data, random mixtures."""
    texts = [_about_kind(name) for name in dict.fromkeys(group.dataset for group in groups)]
    alike: dict[tuple[object, ...], list[PopulationGroup]] = {}
    for group in groups:
        key = (group.dataset, _functional_of(group.potential), group.mismatch_count, group.material_count)
        alike.setdefault(key, []).append(group)
    texts += [_about_functional(those) for those in alike.values()]
    return [notice(text, kind="warning") for text in texts if text]


def caveats(catalog: Catalog, groups: Sequence[PopulationGroup]) -> list[Component]:
    """Return what the chosen data sets are, and how they relate to the paper's."""
    texts = [_about_dataset(name) for name in dict.fromkeys(group.dataset for group in groups)]
    published = _published_sentence(catalog, groups)
    return [html.P(text) for text in (*texts, published) if text]


def _about_kind(name: str) -> str | None:
    kinds = {
        DatasetKind.CONTROL: "is the control: frames of the potentials' training data, near equilibrium. It shows what "
        "a potential does where it was trained, not how it extrapolates.",
        DatasetKind.STRESS_TEST: "is a stress test with random mixtures of elements: do not read its slopes as those "
        "of real compounds.",
        DatasetKind.MIXED: "is a collection of different runs: its median says what the collection holds, not how soft "
        "a potential is in general. Look at single materials.",
    }
    try:
        known = dataset(name)
    except ReferenceDataError:
        return None
    return f"{known.label} {kinds[known.kind]}" if known.kind in kinds else None


def _about_dataset(name: str) -> str:
    try:
        known = dataset(name)
    except ReferenceDataError:
        return f"{name}: a data set that this version of softdash does not describe."
    return f"{known.label} ({known.level_of_theory}): {known.note}"


def _about_functional(groups: Sequence[PopulationGroup]) -> str | None:
    """Warn of references of another functional than the one that these potentials, all alike in this, learnt."""
    group = groups[0]
    if not group.mismatch_count:
        return None
    name = " and ".join(potential_label(one.potential) for one in groups)
    learnt = _functional_of(group.potential)
    whole = group.mismatch_count == group.material_count
    references = dataset_label(group.dataset)
    part = f"{group.mismatch_count} of {count_text(group.material_count, 'material')} in {references} have"
    which = f"{references} has" if whole else part
    return (
        f"{name} learnt {learnt}, but {which} forces of another functional "
        f"({', '.join(group.other_functionals[:3])}). Part of the deviation from 1.00 is the functional, not softening."
    )


def _functional_of(potential: str) -> str:
    try:
        return registry.card(potential).functional
    except SoftdashError:
        return "another functional"


def published_medians(catalog: Catalog, potentials: Sequence[str]) -> list[PublishedMedian]:
    """Return the paper's medians (Fig. 5b, WBM states) of the chosen potentials it treats; empty in quarantine."""
    found = []
    for potential in potentials:
        value, is_digitised = _published(catalog, potential, "median")
        if value is not None:
            label = f"published: {PAPER_NAMES[potential]}<br>on WBM"
            found.append(PublishedMedian(potential, label, value, is_digitised))
    return found


def _published(catalog: Catalog, potential: str, metric: str) -> tuple[float | None, bool]:
    """Return a published number and whether it was read off a figure."""
    try:
        table = catalog.published_values(_WBM_TASK)
    except SoftdashError:
        return None, False
    rows = table[
        (table["model"] == PAPER_NAMES.get(potential))
        & (table["metric"] == metric)
        & table["source"].str.contains(_PAPER_MARK, regex=False)
        & table["value"].notna()
    ]
    if rows.empty:
        return None, False
    return float(rows.iloc[0]["value"]), "digitised" in str(rows.iloc[0]["confidence"])


def _published_sentence(catalog: Catalog, groups: Sequence[PopulationGroup]) -> str | None:
    parts = []
    for potential in dict.fromkeys(group.potential for group in groups):
        median, is_digitised = _published(catalog, potential, "median")
        below, _ = _published(catalog, potential, "pct_below_1")
        if median is None or below is None:
            continue
        digitised = ", digitised" if is_digitised else ""
        name = PAPER_NAMES[potential]
        parts.append(f"{name} median {'≈ ' if is_digitised else ''}{median:.2f}{digitised}, {below:.1f} % below 1.00")
    if not groups:
        return None
    values = f" (published there: {'; '.join(parts)})" if parts else ""
    names = {group.dataset for group in groups}
    if names == {WBM}:
        return f"These are the states of the paper's Fig. 5b{values}: values may be compared, potential by potential."
    if WBM in names:
        return (
            f"Of these sets only {dataset_label(WBM)} are those of the paper's Fig. 5b{values}: with the others, "
            "compare directions, not values."
        )
    return (
        f"None of these sets are the WBM high-energy states of the paper's Fig. 5b{values}: compare directions, not "
        "values."
    )
