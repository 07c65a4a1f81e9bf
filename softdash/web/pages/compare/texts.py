"""Titles, captions and caveats of the page that compares potentials, made from the numbers that are shown."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.data.datasets import WBM
from softdash.softening.paired import Correlation
from softdash.softening.statistics import Interval
from softdash.web.pages.compare.potential_comparison import ErrorGroup, PublishedErrors, SlopePairs
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.number_text import count_text

_MOST_NAMED = 5

CAVEATS = (
    (
        "The correction here divides by each material's own slope, which is fitted on the very forces whose error is "
        "then measured: it is what a perfect one-parameter correction could reach. The page on correction shows what a "
        "slope from few labels gives on other frames."
    ),
    (
        "Dividing by a small slope enlarges the scatter too. Where a potential explains little of the forces (low R²), "
        "the error grows: these materials are counted in the last column."
    ),
    (
        "An error reduction depends on how it is aggregated. The median over materials of each one's own reduction and "
        "the ratio of the two medians are different numbers; the paper's figure gives the second."
    ),
    (
        "The paper's numbers are of the WBM high-energy states. These were sampled by CHGNet's own molecular dynamics, "
        "so they lie where CHGNet thinks atoms can go; for another potential's dynamics all three numbers would differ."
    ),
    (
        "A slope says nothing about which potential is the best for a task: in the literature the least softened "
        "potential gave the worst migration barriers."
    ),
    (
        "Hubbard U and pseudopotentials of the references may differ from those of the training data. † marks "
        "references of another functional than the potential learnt: part of its deviation is the functional."
    ),
)


def errors_title(groups: Sequence[ErrorGroup]) -> str:
    """Say what the correction of the slope does to the median error."""
    summarised = [(group, group.summary) for group in groups if group.summary is not None]
    if not summarised:
        return "Force errors before and after a correction of the slope" if groups else "No error to show"
    by_gain = sorted(summarised, key=lambda pair: pair[1].of_medians)
    least, most = by_gain[0], by_gain[-1]
    if len(by_gain) == 1:
        return (
            f"Correcting the slope of {most[0].label} changes its median force error by {_change(most[1].of_medians)}"
        )
    if most[1].of_medians <= 0:
        return "Correcting the slope lowers none of these median force errors"
    return (
        f"Correcting the slope changes the median force error by {_change(least[1].of_medians)} ({least[0].label}) "
        f"to {_change(most[1].of_medians)} ({most[0].label})"
    )


def _change(reduction: float) -> str:
    return f"{-100 * reduction:+.1f} %".replace("-", "−")


def errors_caption(
    groups: Sequence[ErrorGroup],
    published: Sequence[PublishedErrors],
    dataset: str,
    *,
    chosen: Sequence[str],
    beyond: int,
    form: str,
    narrowed: Sequence[str] = (),
) -> str:
    """Say what is drawn, its n, its source, which potentials are missing, and how published rows differ."""
    drawn = (
        "Boxes hold the middle half of the materials, whiskers the middle 90 %."
        if form == "box"
        else "Areas are smoothed densities (Gaussian kernel), equally scaled in both halves of a row; lines mark the "
        "quartiles, the full one the median."
    )
    if all(group.material_count == 1 for group in groups):
        drawn = "Marks show the one material's two errors."
    outside = f" {count_text(beyond, 'error')} of materials lie beyond the axis." if beyond else ""
    text = (
        f"Mean absolute error of the force components of each material (MAE), and the same after division of all "
        f"predicted forces by the material's slope (cMAE). Reference forces: {dataset_label(dataset)}. "
        f"{_counts(groups)}{frames_note(narrowed)} {drawn}{outside}{_missing(groups, chosen)}"
    )
    if not published:
        return text
    same = "the same set" if dataset == WBM else "other materials: compare directions, not values"
    models = ", ".join(one.model for one in published)
    return (
        f"{text} Published rows ({models}): quartiles read off the paper's Fig. 6b (npj Comput. Mater. 11, 9, 2025), "
        f"{published[0].count:,} WBM compounds, ±0.002 eV/Å; {same}."
    )


def _missing(groups: Sequence[ErrorGroup], chosen: Sequence[str]) -> str:
    names = [potential_label(name) for name in chosen if name not in {group.potential for group in groups}]
    return f" Not run on this set: {', '.join(names)}." if names else ""


def _counts(groups: Sequence[ErrorGroup]) -> str:
    numbers = {group.material_count for group in groups}
    if len(numbers) == 1:
        return f"{count_text(numbers.pop(), 'material')} for each potential."
    return f"Materials: {', '.join(f'{group.label}: {group.material_count:,}' for group in groups)}."


def pairs_title(pairs: SlopePairs) -> str:
    """Say for how many materials both slopes lie below one, and how they rank together."""
    x, y = potential_label(pairs.x), potential_label(pairs.y)
    if pairs.table.empty:
        return f"{x} and {y} have no material in common here"
    if pairs.correlation is None:
        return f"{y} against {x}: too few materials for a correlation"
    both = (
        f"{100 * pairs.share_both_below_one:.0f} % of {count_text(len(pairs.table), 'material')} lie below 1.00 by both"
    )
    return (
        f"{y} and {x}: {both}; rank correlation {_with_ends(pairs.correlation.rank, pairs.correlation.rank_interval)}"
    )


def pairs_caption(pairs: SlopePairs, dataset: str, beyond: int) -> str:
    """Say what is drawn, its n, the correlations with their intervals, and its source."""
    outside = f" {count_text(beyond, 'material')} beyond the axes." if beyond else ""
    narrowed = pairs.table.loc[pairs.table["is_narrowed"], "formula"].tolist()
    outside += frames_note(narrowed, "both potentials")
    other = pairs.table.loc[pairs.table["has_other_frames"], "formula"].tolist()
    if other:
        outside += f" The two slopes rest on different frames for {_named(other)}."
    drawn = (
        f"One point per material of {dataset_label(dataset)} that both potentials have (n = {len(pairs.table):,}). "
        f"Full line: equal slopes; dashed: 1.00.{outside} Click a point to open its parity plot."
    )
    return drawn if pairs.correlation is None else f"{drawn} {_correlations(pairs.correlation)}"


def frames_note(formulas: Sequence[str], whom: str = "all shown potentials") -> str:
    """Say for which materials only frames count that all potentials computed; empty where there is none."""
    return f" For {_named(formulas)} only the frames count that {whom} computed." if formulas else ""


def _named(formulas: Sequence[str]) -> str:
    few = len(formulas) <= _MOST_NAMED
    return ", ".join(map(subscripted, formulas)) if few else count_text(len(formulas), "material")


def _correlations(found: Correlation) -> str:
    return (
        f"Spearman's ρ = {_with_ends(found.rank, found.rank_interval)}, Pearson's "
        f"r = {_with_ends(found.pearson, found.pearson_interval)}; in brackets 95 % intervals "
        "(Fisher's z; bootstrap over materials)."
    )


def _with_ends(value: float, interval: Interval) -> str:
    return f"{value:.2f} ({interval.low:.2f} to {interval.high:.2f})".replace("-", "−")
