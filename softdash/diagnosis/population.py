"""Where a material stands among benchmark compounds at like forces and pressure, with the same potential.

Like with like: the compounds of mpf-TP have a median pressure of 25 GPa, and slopes depend on how large the forces are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.data.datasets import dataset
from softdash.catalog import Catalog
from softdash.diagnosis.records import LabelComparison, PopulationComparison
from softdash.diagnosis.verdict import HEADLINE_CLAUSES, decide
from softdash.diagnosis.verdict_label_sentences import LARGE_PRESSURE_OFFSET
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.softening import three_digits, wilson_interval
from softdash.softening.statistics import Notice, SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrame

if TYPE_CHECKING:
    import pandas as pd

Range = tuple[float, float]

logger = logging.getLogger(__name__)

COMPARED_DATASETS = ("mpf-TP",)
"""Data sets that a material is compared with."""


FEWEST_COMPOUNDS = 20
"""Comparable compounds below which no place among them is given."""
LIKE_FORCES = 2.0
"""Compounds count as comparable whose rms force is up to this many times larger or smaller."""
LIKE_PRESSURE_GPA = 10.0
"""Compounds count as comparable whose mean pressure differs by up to this, or by half the pressure if that is more."""
EV_PER_CUBIC_ANGSTROM_IN_GPA = 160.21766208


def compare_with_populations(
    catalog: Catalog,
    card: PotentialCard,
    statistics: SofteningStatistics,
    elements: Sequence[str] = (),
    pressure_gpa: float | None = None,
    *,
    notices: Sequence[Notice] = (),
    pressure_offset_gpa: float | None = None,
) -> tuple[PopulationComparison, ...]:
    """Compare a softening scale with those of benchmark compounds at like forces and pressure, with the same potential.

    All such compounds come first, then those of them with each element. Empty where the slope concludes nothing or is
    not softening alone (another functional, an element not learnt), where the benchmark was not run
    with this potential, or its table is in quarantine: a diagnosis does not depend on the benchmarks.

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    statistics : SofteningStatistics
    elements : sequence of str
        Symbols in the material.
    pressure_gpa : float, optional
        Of the material, by `mean_pressure`. Without it, compounds at all pressures count.
    notices : sequence of Notice
        About this potential for this material (`softdash.diagnosis.suitability`).
    pressure_offset_gpa : float, optional
        Of the potential's pressures to the labels', by `pressure_offset`. Where it is large, nobody knows which of the
        two is the pressure of the material, and compounds at all pressures count.
    """
    if decide(statistics)[0] == "inconclusive" or any(notice.code in HEADLINE_CLAUSES for notice in notices):
        return ()
    offset = pressure_offset_gpa
    if offset is None or pressure_gpa is None or abs(offset) <= LARGE_PRESSURE_OFFSET:
        offset = None
    else:
        pressure_gpa = None
    comparisons = []
    for name, rows in _benchmark_rows(catalog, card):
        like = rows[_is_like(rows, *_ranges(statistics.reference_rms, pressure_gpa))]
        slopes, contents = like["slope"].to_numpy(dtype=np.float64), _contents(like)
        for element in (None, *elements):
            chosen = np.array([element is None or element in content for content in contents], dtype=np.bool_)
            if np.count_nonzero(chosen) >= FEWEST_COMPOUNDS or element is None:
                comparisons.append(_compare(name, card, slopes[chosen], statistics, element, pressure_gpa, offset))
    return tuple(comparisons)


def mean_pressure(frames: Sequence[LabelledFrame]) -> float | None:
    """Return the mean pressure of the labels, GPa; None where no frame has a stress."""
    stresses = [frame.reference_stress for frame in frames if frame.reference_stress is not None]
    if not stresses:
        return None
    return float(np.mean([-np.trace(stress) / 3 for stress in stresses])) * EV_PER_CUBIC_ANGSTROM_IN_GPA


def pressure_offset(stresses: LabelComparison) -> float | None:
    """Return the common offset of predicted pressures to those of the labels, GPa; None where there is none."""
    found = stresses.statistics
    return None if found is None or found.offset is None else -found.offset * EV_PER_CUBIC_ANGSTROM_IN_GPA


def compared_slopes(catalog: Catalog, potential: str, comparison: PopulationComparison) -> NDArray[np.float64]:
    """Return the slopes behind a comparison, shape (compounds,); of reports of earlier versions, all of the set.

    Parameters
    ----------
    catalog : Catalog
    potential : str
        Name.
    comparison : PopulationComparison
        With all compounds, not those of one element.

    Raises
    ------
    NotFoundError, ReferenceDataError
        If the table is not there, or damaged.
    """
    rows = catalog.materials(comparison.dataset, potential)
    if comparison.rms_range is not None:
        rows = rows[_is_like(rows, comparison.rms_range, comparison.pressure_range)]
    return np.asarray(rows["slope"], dtype=np.float64)


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
    for name, rows in _benchmark_rows(catalog, card):
        yield name, rows["slope"].to_numpy(dtype=np.float64), _contents(rows)


def _benchmark_rows(catalog: Catalog, card: PotentialCard) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in COMPARED_DATASETS:
        try:
            yield name, catalog.materials(name, card.name)
        except NotFoundError:
            continue
        except ReferenceDataError as error:
            logger.warning("No comparison with %s: %s", name, error)


def _contents(rows: pd.DataFrame) -> list[frozenset[str]]:
    return [frozenset(str(text).split()) for text in rows["elements"]]


def _ranges(reference_rms: float, pressure_gpa: float | None) -> tuple[Range, Range | None]:
    """Return the ranges of rms force, eV/Å, and pressure, GPa, in which compounds are comparable."""
    rms = (reference_rms / LIKE_FORCES, reference_rms * LIKE_FORCES)
    if pressure_gpa is None:
        return rms, None
    reach = max(LIKE_PRESSURE_GPA, abs(pressure_gpa) / 2)
    return rms, (pressure_gpa - reach, pressure_gpa + reach)


def _is_like(rows: pd.DataFrame, rms_range: Range, pressure_range: Range | None) -> NDArray[np.bool_]:
    rms = rows["reference_rms"].to_numpy(dtype=np.float64)
    like = (rms >= rms_range[0]) & (rms <= rms_range[1])
    if pressure_range is not None:
        pressure = rows["pressure_gpa"].to_numpy(dtype=np.float64)
        like &= (pressure >= pressure_range[0]) & (pressure <= pressure_range[1])
    return np.asarray(like, dtype=np.bool_)


def _compare(
    name: str,
    card: PotentialCard,
    slopes: NDArray[np.float64],
    statistics: SofteningStatistics,
    element: str | None,
    pressure_gpa: float | None,
    pressure_offset_gpa: float | None,
) -> PopulationComparison:
    label = dataset(name).label
    count, softer_than = len(slopes), int(np.count_nonzero(slopes > statistics.slope))
    rms_range, pressure_range = _ranges(statistics.reference_rms, pressure_gpa)
    median = float(np.median(slopes)) if count else None
    which = f"compounds of {label}" if element is None else f"compounds with {element} of {label}"
    like = f"at like forces (rms {three_digits(rms_range[0])} to {three_digits(rms_range[1])} eV/Å) and "
    unknown = "that of these frames is not known"
    if pressure_offset_gpa is not None:
        unknown = f"that of the labels is no measure: the potential's is {three_digits(pressure_offset_gpa)} GPa off"
    like += (
        f"any pressure ({unknown})"
        if pressure_range is None
        else f"like pressure ({three_digits(pressure_range[0])} to {three_digits(pressure_range[1])} GPa)"
    )
    if count < FEWEST_COMPOUNDS:
        found = f"Only {count}" if count else "None"
        sentence = f"{found} of the {which} {like}: too few to say where this material stands among them."
    else:
        sentence = (
            f"Softer than {round(100 * softer_than / count)} % of the {count} {which} {like}, computed with "
            f"{card.label} (their median softening scale is {median:.3f})."
        )
    return PopulationComparison(
        dataset=name,
        dataset_label=label,
        material_count=count,
        softer_than=softer_than,
        median=median,
        sentence=sentence,
        element=element,
        quartile_low=float(np.quantile(slopes, 0.25)) if count else None,
        quartile_high=float(np.quantile(slopes, 0.75)) if count else None,
        softer_share_interval=wilson_interval(softer_than, count) if count else None,
        is_enough=count >= FEWEST_COMPOUNDS,
        rms_range=rms_range,
        pressure_range=pressure_range,
        pressure_offset_gpa=pressure_offset_gpa,
    )
