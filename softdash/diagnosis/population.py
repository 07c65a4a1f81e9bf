"""Where a material stands in the distribution of the same potential over a benchmark."""

from __future__ import annotations

import logging

import numpy as np

from softdash.benchmarks.datasets import dataset
from softdash.catalog import Catalog
from softdash.diagnosis.records import PopulationComparison
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.softening.statistics import SofteningStatistics

logger = logging.getLogger(__name__)

COMPARED_DATASETS = ("mpf-TP",)
"""Data sets that a material is compared with."""


def compare_with_populations(
    catalog: Catalog, card: PotentialCard, statistics: SofteningStatistics
) -> tuple[PopulationComparison, ...]:
    """Compare a softening scale with the potential's distributions.

    Empty where the benchmark was not run with this potential, or its table is in quarantine: a diagnosis does not
    depend on the benchmarks.
    """
    comparisons = []
    for name in COMPARED_DATASETS:
        try:
            population = catalog.population(name, card.name)
        except NotFoundError:
            continue
        except ReferenceDataError as error:
            logger.warning("No comparison with %s: %s", name, error)
            continue
        slopes = np.asarray(population.slopes)
        comparisons.append(_compare(name, dataset(name).label, card, slopes, statistics.slope))
    return tuple(comparisons)


def _compare(name: str, label: str, card: PotentialCard, slopes: np.ndarray, slope: float) -> PopulationComparison:
    count, softer_than = len(slopes), int(np.count_nonzero(slopes > slope))
    share = round(100 * softer_than / count)
    median = float(np.median(slopes))
    sentence = (
        f"Softer than {share} % of the {count} compounds of {label} computed with {card.label} "
        f"(their median softening scale is {median:.3f})."
    )
    return PopulationComparison(
        dataset=name,
        dataset_label=label,
        material_count=count,
        softer_than=softer_than,
        median=median,
        sentence=sentence,
    )
