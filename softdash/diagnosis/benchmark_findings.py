"""What the benchmark shows for a potential beyond forces: phonons, barriers, energies of other materials than yours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from softdash.catalog import Catalog, schemas
from softdash.catalog.counted_phonons import counted_phonons
from softdash.catalog.energy_schemas import COVALENT_CRYSTAL, ENERGY_CONVERGENCE, IONIC_CRYSTAL, METAL
from softdash.diagnosis.answer_records import BenchmarkFinding, Topic
from softdash.errors import SoftdashError
from softdash.potentials.interface import PotentialCard
from softdash.softening import summarise_population, three_digits
from softdash.softening.energies import compare_energies
from softdash.softening.statistics import Interval

if TYPE_CHECKING:
    import pandas as pd

LARGE_REFERENCE_ERROR = 0.02
"""Relative error of DFT's value, by the convergence tests, from which on a finding names it."""
FEWEST_FOR_INTERVAL = 10
"""Cases below which their range stands in the place of an interval of their mean or median."""

_Found = TypeVar("_Found")

# By catalog and potential, while the description of the tables, which has their hashes, is the same: an upload of many
# materials asks once for each.
_KEPT: WeakKeyDictionary[Catalog, dict[str, tuple[object, tuple[BenchmarkFinding, ...]]]] = WeakKeyDictionary()

logger = logging.getLogger(__name__)


class _Cases(NamedTuple):
    """Values of one kind of case: the potential's and DFT's."""

    predicted: NDArray[np.float64]
    reference: NDArray[np.float64]


class _Energies(NamedTuple):
    """A group of cases of one table, and how it is summed up."""

    topic: Topic
    material_class: str
    quantity: str
    table: str
    kinds: tuple[str, ...]
    is_relative: bool
    unit: str


_BARRIERS = (schemas.MIGRATION_ENERGIES, ("barrier",), False, "eV")
_SURFACES = (schemas.SURFACE_ENERGIES, ("surface",), True, "")
_VACANCIES = (schemas.DEFECT_ENERGIES, ("vacancy",), False, "eV")
_ORDERINGS = (schemas.SOLID_SOLUTION_ENERGIES, ("ordering",), False, "eV per formula unit")

# Metals and ionic crystals apart: the energies of the latter are many times larger and would decide a common mean.
_ENERGIES = (
    _Energies("barriers", METAL, "migration barriers in metals", *_BARRIERS),
    _Energies("barriers", IONIC_CRYSTAL, "migration barriers in ionic crystals", *_BARRIERS),
    _Energies("energies", METAL, "surface energies of metals", *_SURFACES),
    _Energies("energies", IONIC_CRYSTAL, "surface energies of ionic crystals", *_SURFACES),
    _Energies("energies", COVALENT_CRYSTAL, "surface energies of covalent crystals", *_SURFACES),
    _Energies("energies", METAL, "vacancy formation energies in metals", *_VACANCIES),
    _Energies("energies", IONIC_CRYSTAL, "vacancy formation energies in ionic crystals", *_VACANCIES),
    _Energies("energies", IONIC_CRYSTAL, "formation energies of Ca-Mg-O orderings", *_ORDERINGS),
)


def benchmark_findings(catalog: Catalog, card: PotentialCard) -> tuple[BenchmarkFinding, ...]:
    """Return the findings for one potential: phonons, barriers, energies; none for a demonstration.

    A topic that the benchmark does not have for this potential, or whose table is in quarantine, has one entry without
    a value. Each method relaxed its own structures.

    Parameters
    ----------
    catalog : Catalog
    card : PotentialCard
    """
    if not card.is_universal:
        return ()
    try:
        described = catalog.resources()
    except SoftdashError:  # nothing tells whether the tables have changed
        return _collected(catalog, card)
    kept = _KEPT.setdefault(catalog, {})
    if card.name not in kept or kept[card.name][0] is not described:
        kept[card.name] = described, _collected(catalog, card)
    return kept[card.name][1]


def _collected(catalog: Catalog, card: PotentialCard) -> tuple[BenchmarkFinding, ...]:
    found = [*_phonons(catalog, card), *_energies(catalog, card)]
    known = {finding.topic for finding in found}
    missing: tuple[tuple[Topic, str], ...] = (
        ("phonons", schemas.PHONON_MATERIALS),
        ("barriers", schemas.MIGRATION_ENERGIES),
        ("energies", schemas.SURFACE_ENERGIES),
    )
    found += [_nothing(topic, table, card.label) for topic, table in missing if topic not in known]
    order = [topic for topic, _ in missing]
    return tuple(sorted(found, key=lambda finding: order.index(finding.topic)))


def _phonons(catalog: Catalog, card: PotentialCard) -> Iterator[BenchmarkFinding]:
    rows = _read(partial(_phonon_rows, catalog, card.name))
    if rows is None or rows.empty:
        return
    ratios = rows["ratio"].to_numpy(dtype=np.float64)
    middle = float(np.median(ratios))
    interval = summarise_population(ratios).median_interval if len(ratios) >= FEWEST_FOR_INTERVAL else None
    low, high = float(ratios.min()), float(ratios.max())
    text = (
        f"highest frequency {three_digits(middle)} of DFT's, median (n = {len(ratios)} crystals; "
        f"{_spread(interval, low, high, three_digits)}; DFT is PBEsol there, which may be part of the difference)"
    )
    yield BenchmarkFinding(
        topic="phonons",
        quantity="highest phonon frequency",
        statistic="median ratio",
        unit="",
        count=len(ratios),
        value=middle,
        interval=interval,
        smallest=low,
        largest=high,
        table=schemas.PHONON_MATERIALS,
        text=text,
    )


def _phonon_rows(catalog: Catalog, potential: str) -> pd.DataFrame:
    """Return what counts in the distributions of the phonon page, each method at its own structure."""
    rows = counted_phonons(catalog, "relaxed")
    return rows[(rows["potential"] == potential) & rows["ratio"].notna()]


def _energies(catalog: Catalog, card: PotentialCard) -> Iterator[BenchmarkFinding]:
    for group in _ENERGIES:
        cases = _read(partial(_cases, catalog, group, card.name))
        if cases is not None and cases.reference.size:
            finding = _finding(group, cases)
            remark = _read(partial(_unconverged, catalog, group, card.name))
            yield finding.model_copy(update={"text": f"{finding.text[:-1]}; {remark})"}) if remark else finding


def _cases(catalog: Catalog, group: _Energies, potential: str) -> _Cases:
    table = catalog.table(group.table)
    counts = table["kind"].isin(group.kinds) & table["excluded"].isna() & (table["geometry"] == "relaxed")
    rows = table[counts & (table["material_class"] == group.material_class)]
    values = [
        rows[rows["method"] == method].set_index("case_id")["value"] for method in (potential, schemas.METHOD_DFT)
    ]
    both = values[0].index.intersection(values[1].index)
    predicted, reference = (one.loc[both].to_numpy(dtype=np.float64) for one in values)
    return _Cases(predicted, reference)


def _unconverged(catalog: Catalog, group: _Energies, potential: str) -> str | None:
    """Return the words for cases whose DFT value is off by more than `LARGE_REFERENCE_ERROR`; None where none is."""
    table, tested = catalog.table(group.table), catalog.table(ENERGY_CONVERGENCE)
    counts = table["kind"].isin(group.kinds) & table["excluded"].isna() & (table["geometry"] == "relaxed")
    rows = table[counts & (table["material_class"] == group.material_class)]
    present = set(rows[rows["method"] == potential]["case_id"])
    found = []
    for row in rows[(rows["method"] == schemas.METHOD_DFT) & rows["case_id"].isin(present)].itertuples():
        tests = tested[tested["case_id"] == row.case_id]
        if tests.empty:
            continue
        worst = tests.loc[tests["difference"].abs().idxmax()]
        share = abs(float(worst["difference"]) / float(worst["value"]))
        if share >= LARGE_REFERENCE_ERROR:
            kind = "a k-point error" if str(worst["setting"]).startswith("k-points") else "an error of the cut-off"
            found.append(f"DFT of {row.material}{row.label} carries {kind} of {100 * share:.0f} %")
    return "; ".join(found) or None


def _finding(group: _Energies, cases: _Cases) -> BenchmarkFinding:
    predicted, reference = cases
    differences = predicted - reference
    statistic: Literal["mean difference", "mean relative difference"] = "mean difference"
    if group.is_relative:
        predicted, reference = predicted / reference, np.ones_like(reference)
        differences, statistic = predicted - 1, "mean relative difference"
    compared = compare_energies(reference, predicted)
    interval = compared.mean_error_interval if compared.count >= FEWEST_FOR_INTERVAL else None
    low, high = float(differences.min()), float(differences.max())

    def shown(value: float) -> str:
        return f"{100 * value:+.0f} %".replace("-", "−") if group.is_relative else _signed(value)

    mean = compared.mean_error
    unit = f" {group.unit}" if group.unit else ""
    spread = "" if compared.count == 1 else f"; {_spread(interval, low, high, shown)}"
    text = f"{group.quantity} {shown(mean)}{unit} (n = {compared.count}{spread})"
    return BenchmarkFinding(
        topic=group.topic,
        quantity=group.quantity,
        statistic=statistic,
        unit=group.unit,
        count=compared.count,
        value=mean,
        interval=interval,
        smallest=low,
        largest=high,
        table=group.table,
        text=text,
    )


def _nothing(topic: Topic, table: str, label: str) -> BenchmarkFinding:
    names = {"phonons": "phonon frequencies", "barriers": "migration barriers", "energies": "energies"}
    return BenchmarkFinding(
        topic=topic,
        quantity=names[topic],
        statistic="median ratio" if topic == "phonons" else "mean difference",
        unit="",
        count=0,
        value=None,
        interval=None,
        smallest=None,
        largest=None,
        table=table,
        text=f"none in the benchmark by {label}",
    )


def _spread(interval: Interval | None, low: float, high: float, shown: Callable[[float], str]) -> str:
    if interval is not None:
        return f"{100 * interval.level:.0f} % interval {shown(interval.low)} to {shown(interval.high)}"
    return f"from {shown(low)} to {shown(high)}"


def _signed(value: float) -> str:
    text = three_digits(value)
    return text if value < 0 else f"+{text}"


def _read(read: Callable[[], _Found]) -> _Found | None:
    """Return what a table says; None where it was not computed or is in quarantine: a diagnosis needs no benchmark."""
    try:
        return read()
    except SoftdashError as error:
        logger.info("No finding of the benchmark: %s", error)
        return None
