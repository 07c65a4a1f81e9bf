"""Where a material stands in the distribution of the same potential over a benchmark."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.datasets import dataset
from softdash.catalog import Catalog
from softdash.diagnosis.records import PopulationComparison
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.softening import wilson_interval
from softdash.softening.statistics import SofteningStatistics

logger = logging.getLogger(__name__)

COMPARED_DATASETS = ("mpf-TP",)
"""Data sets that a material is compared with."""


FEWEST_COMPOUNDS = 5
"""Compounds with an element below which there is no comparison among them."""


def compare_with_populations(
    catalog: Catalog, card: PotentialCard, statistics: SofteningStatistics, elements: Sequence[str] = ()
) -> tuple[PopulationComparison, ...]:
    """Compare a softening scale with the potential's distributions: all compounds, then those with each element.

    Empty where the benchmark was not run with this potential, or its table is in quarantine: a diagnosis does not
    depend on the benchmarks.

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    statistics : SofteningStatistics
    elements : sequence of str
        Symbols in the material.
    """
    comparisons = []
    for name, slopes, contents in benchmark_slopes(catalog, card):
        for element in (None, *elements):
            chosen = np.array([element is None or element in content for content in contents], dtype=np.bool_)
            if np.count_nonzero(chosen) >= FEWEST_COMPOUNDS:
                comparisons.append(_compare(name, card, slopes[chosen], statistics.slope, element))
    return tuple(comparisons)


def benchmark_slopes(
    catalog: Catalog, card: PotentialCard
) -> Iterator[tuple[str, NDArray[np.float64], list[frozenset[str]]]]:
    """Yield the softening scales of a potential over each benchmark that it was run on, and that can be read.

    Yields
    ------
    name : str
        Of the data set.
    slopes : ndarray, shape (compounds,)
    contents : list of frozenset of str
        Elements of each compound.
    """
    for name in COMPARED_DATASETS:
        try:
            rows = catalog.materials(name, card.name)
        except NotFoundError:
            continue
        except ReferenceDataError as error:
            logger.warning("No comparison with %s: %s", name, error)
            continue
        contents = [frozenset(str(text).split()) for text in rows["elements"]]
        yield name, rows["slope"].to_numpy(dtype=np.float64), contents


def _compare(
    name: str, card: PotentialCard, slopes: NDArray[np.float64], slope: float, element: str | None
) -> PopulationComparison:
    label = dataset(name).label
    count, softer_than = len(slopes), int(np.count_nonzero(slopes > slope))
    median = float(np.median(slopes))
    which = f"compounds of {label}" if element is None else f"compounds with {element} of {label}"
    return PopulationComparison(
        dataset=name,
        dataset_label=label,
        material_count=count,
        softer_than=softer_than,
        median=median,
        sentence=f"Softer than {round(100 * softer_than / count)} % of the {count} {which} computed with {card.label} "
        f"(their median softening scale is {median:.3f}).",
        element=element,
        quartile_low=float(np.quantile(slopes, 0.25)),
        quartile_high=float(np.quantile(slopes, 0.75)),
        softer_share_interval=wilson_interval(softer_than, count),
    )
