"""The expectation holds nine in ten compounds that it has not seen, and names the compounds it comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from softdash.catalog import Catalog
from softdash.diagnosis.expectation import FEWEST_COMPOUNDS, expected_softening
from softdash.errors import NotFoundError
from softdash.potentials.registry import card
from softdash.settings import get_settings


@dataclass
class OneTable:
    """A catalog of one data set."""

    rows: pd.DataFrame

    def materials(self, dataset: str, potential: str) -> pd.DataFrame:
        if potential != "chgnet-0.3.0":
            raise NotFoundError(f"{dataset} has no {potential}.")
        return self.rows


def made(slopes: np.ndarray, elements: list[str]) -> OneTable:
    return OneTable(pd.DataFrame({"slope": slopes, "elements": elements}))


def test_it_holds_nine_in_ten_of_compounds_it_has_not_seen() -> None:
    generator = np.random.default_rng(2)
    inside = 0
    for _ in range(400):
        slopes = generator.gamma(20, 0.04, size=60)
        expected = expected_softening(made(slopes[:59], ["O Na"] * 59), card("chgnet-0.3.0"), ["Na", "O"])
        assert expected is not None
        inside += expected.interval_low <= slopes[59] <= expected.interval_high
    assert 0.86 < inside / 400 < 0.94  # 1 - 2·3/60 = 0.9, standard error 0.015


def test_left_out_compounds_of_the_shipped_benchmark_lie_inside() -> None:
    rows = Catalog(get_settings().precomputed_dir).materials("mpf-TP", "chgnet-0.3.0")
    inside = 0
    for position, row in enumerate(rows.itertuples()):
        others = rows.drop(rows.index[position])
        expected = expected_softening(OneTable(others), card("chgnet-0.3.0"), str(row.elements).split())
        assert expected is not None
        inside += expected.interval_low <= row.slope <= expected.interval_high
    assert 0.82 < inside / len(rows) < 0.97


def test_the_most_alike_compounds_are_taken() -> None:
    alike, others = ["Na Cl"] * FEWEST_COMPOUNDS, ["Na O"] * 200
    slopes = np.array([0.9] * FEWEST_COMPOUNDS + [0.5] * 200)
    expected = expected_softening(made(slopes, alike + others), card("chgnet-0.3.0"), ["Cl", "Na"])
    assert expected is not None
    assert (expected.compound_count, expected.shared_elements, expected.median) == (FEWEST_COMPOUNDS, 2, 0.9)
    assert "at least 2 of Cl or Na" in expected.sentence
    assert "not measured" in expected.sentence
    one_less = expected_softening(made(slopes[1:], (alike + others)[1:]), card("chgnet-0.3.0"), ["Cl", "Na"])
    assert one_less is not None
    assert (one_less.shared_elements, one_less.compound_count) == (1, FEWEST_COMPOUNDS - 1 + 200)
    foreign = expected_softening(made(slopes, alike + others), card("chgnet-0.3.0"), ["Fe"])
    assert foreign is not None
    assert foreign.shared_elements == 0


@pytest.mark.parametrize("potential", ["emt"])
def test_without_a_benchmark_there_is_none(potential: str) -> None:
    table = made(np.ones(30), ["Cu"] * 30)
    assert expected_softening(table, card(potential), ["Cu"]) is None
