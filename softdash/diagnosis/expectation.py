"""What the benchmark lets one expect of a material that nobody labelled yet: an expectation, not a measurement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from softdash.benchmarks.data.datasets import dataset
from softdash.catalog import Catalog
from softdash.diagnosis.population import benchmark_slopes
from softdash.potentials.interface import PotentialCard

COVERAGE = 0.9
"""Share of further compounds of the same kind that the interval is made to hold."""
FEWEST_COMPOUNDS = 20
"""Compounds below which there is no such interval: the outermost of 19 hold nine in ten, one more is none too many."""


class SofteningExpectation(BaseModel):
    """Softening scales of compounds like this one, computed with the same potential.

    Attributes
    ----------
    dataset, dataset_label : str
    compound_count : int
    shared_elements : int
        Elements that each of these compounds shares with the material, at least; 0 means all compounds.
    median : float
    interval_low, interval_high : float
        Where nine in ten further compounds of that kind are expected.
    sentence : str
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    dataset_label: str
    compound_count: int
    shared_elements: int
    median: float
    interval_low: float
    interval_high: float
    sentence: str


def expected_softening(catalog: Catalog, card: PotentialCard, elements: Sequence[str]) -> SofteningExpectation | None:
    """Return the softening scales of the benchmark's compounds that share most elements with a material.

    Those compounds are taken that share at least k of its elements, with the largest k that leaves `FEWEST_COMPOUNDS`.
    The interval lies between order statistics: of n exchangeable compounds, the next one lies between the j-th smallest
    and the j-th largest with probability 1 - 2j/(n + 1) (split conformal prediction, Vovk et al. 2005).

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    elements : sequence of str
        Symbols in the material.

    Returns
    -------
    SofteningExpectation or None
        None where the benchmark was not run with this potential, or its table cannot be read.
    """
    wanted = frozenset(elements)
    for name, slopes, contents in benchmark_slopes(catalog, card):
        shared = np.array([len(wanted & content) for content in contents])
        for least in range(len(wanted), -1, -1):
            chosen = np.sort(slopes[shared >= least])
            if len(chosen) >= FEWEST_COMPOUNDS:
                return _expectation(name, card, chosen.tolist(), least, elements)
    return None


def _expectation(
    name: str, card: PotentialCard, slopes: list[float], least: int, elements: Sequence[str]
) -> SofteningExpectation:
    count, label = len(slopes), dataset(name).label
    outside = max(1, int((count + 1) * (1 - COVERAGE) / 2))
    low, high, median = slopes[outside - 1], slopes[-outside], float(np.median(slopes))
    which = f"compounds of {label}"
    if least:
        kinds = " or ".join(sorted(set(elements)))
        which += f" that contain {kinds}" if least == 1 else f" that contain at least {least} of {kinds}"
    return SofteningExpectation(
        dataset=name,
        dataset_label=label,
        compound_count=count,
        shared_elements=least,
        median=median,
        interval_low=low,
        interval_high=high,
        sentence=(
            f"Expected from the benchmark, not measured: the {count} {which} have a median softening scale of "
            f"{median:.2f} with {card.label}, and nine in ten lie between {low:.2f} and {high:.2f}. Only a DFT "
            "calculation of this material tells where it lies."
        ),
    )
