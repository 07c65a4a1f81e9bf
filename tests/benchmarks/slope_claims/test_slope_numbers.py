"""Numbers of the page: signs, changes, the exact test of a rank correlation, and how often intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from softdash.benchmarks.slope_claims.frames import _FEWEST_WITH_INTERVAL
from softdash.benchmarks.slope_claims.number_text import change_text, digits, markdown_table, share_text
from softdash.benchmarks.slope_claims.properties import chance_of_rank_correlation
from softdash.softening import summarise_population


@pytest.mark.parametrize(
    ("value", "decimals", "text"), [(-0.125, 2, "−0.12"), (-0.001, 2, "0.00"), (0.5, 1, "0.5"), (12.4, 0, "12")]
)
def test_digits(value: float, decimals: int, text: str) -> None:
    assert digits(value, decimals) == text


@pytest.mark.parametrize(("ratio", "text"), [(0.42, "−58"), (1.02, "+2"), (0.999, "0"), (1.0, "0")])
def test_changes_in_per_cent(ratio: float, text: str) -> None:
    assert change_text(ratio) == text


def test_shares_have_an_interval_even_at_their_ends() -> None:
    assert share_text(3, 3).replace("\N{NO-BREAK SPACE}", " ") == "100 % (44 to 100 %)"


def test_tables_align_numbers() -> None:
    assert markdown_table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | --: |\n| x | 1 |"


@pytest.mark.parametrize(
    ("order", "chance"),
    # Of the 24 orders of four, two agree or disagree wholly; six more leave one neighbouring pair exchanged.
    [([1, 2, 3, 4], 2 / 24), ([4, 3, 2, 1], 2 / 24), ([1, 2, 4, 3], 8 / 24)],
)
def test_the_chance_of_a_rank_correlation_is_exact(order: list[int], chance: float) -> None:
    assert chance_of_rank_correlation(np.arange(4.0), np.array(order, dtype=float)) == pytest.approx(chance)


@pytest.mark.parametrize(("count", "holds"), [(7, False), (_FEWEST_WITH_INTERVAL, True)])
def test_medians_have_an_interval_from_where_it_holds(count: int, holds: bool) -> None:
    """Simulated coverage of the bootstrap interval of a median: 87 % at seven values, 93 % at nine."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(600):
        interval = summarise_population(random.normal(size=count), draws=400).median_interval
        covered += interval.low <= 0 <= interval.high
    assert (covered / 600 >= 0.9) == holds
