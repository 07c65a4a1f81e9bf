"""From energies of steps to the rows of a task's table, and what is missing from it, with the reason."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from softdash.benchmarks.energies.relaxation_run import StepOutcomes
from softdash.benchmarks.energies.structure_steps import EnergyCase, EnergyTask
from softdash.catalog import schemas

Geometry = Literal["relaxed", "dft"]
NOT_CONVERGED = "relaxation not converged"
_SAME_VALUE = 1e-6  # relative: tables hold seven digits


@dataclass(frozen=True, slots=True)
class EnergyRow:
    """A row of one of the four tables; see `softdash.catalog.schemas`."""

    case_id: str
    material: str
    label: str
    kind: str
    coordinate: float | None
    method: str
    geometry: Geometry
    value: float
    n_atoms: int
    steps: int
    max_force: float
    note: str


@dataclass(frozen=True, slots=True)
class EnergyFailure:
    """A case that has no row, and why."""

    task: str
    case_id: str
    method: str
    geometry: Geometry
    reason: str


def evaluate(
    task: EnergyTask, cases: Iterable[EnergyCase], method: str, geometry: Geometry, outcomes: StepOutcomes
) -> tuple[list[EnergyRow], list[EnergyFailure]]:
    """Return the rows of one method, and the cases that a failed step costs.

    A case whose steps were not asked for is in neither.
    """
    rows, failures = [], []
    for case in cases:
        if all(name in outcomes.results for name in case.steps):
            rows.append(_row(case, method, geometry, outcomes))
        else:
            reasons = [f"{name}: {outcomes.failures[name]}" for name in case.steps if name in outcomes.failures]
            if reasons:
                failures.append(EnergyFailure(task.name, case.case_id, method, geometry, reasons[0]))
    return rows, failures


def _row(case: EnergyCase, method: str, geometry: Geometry, outcomes: StepOutcomes) -> EnergyRow:
    subject = outcomes.results[case.subject]
    unfinished = [name for name in case.steps if not outcomes.results[name].has_converged]
    largest = max((outcomes.results[name].max_force for name in unfinished), default=0.0)
    remarks = [case.note]
    if unfinished:
        remarks.append(f"{NOT_CONVERGED}: {', '.join(unfinished)} (up to {largest:.2f} eV/Å)")
    return EnergyRow(
        case.case_id,
        case.material,
        case.label,
        case.kind,
        case.coordinate,
        method,
        geometry,
        case.value(outcomes.results),
        len(subject.atoms),
        subject.steps,
        subject.max_force,
        "; ".join(filter(None, remarks)),
    )


def merged(
    present: pd.DataFrame, rows: Iterable[EnergyRow], failures: Iterable[EnergyFailure], order: Iterable[str]
) -> pd.DataFrame:
    """Put new rows into a table.

    A new row or failure replaces the present row of its case, method and geometry. A row at the reference's geometry
    goes when the reference's value has changed: it stands for another geometry.

    Parameters
    ----------
    present : DataFrame
        May be empty.
    rows, failures : iterable
    order : iterable of str
        Cases, as the table is to list them.
    """
    new = pd.DataFrame(list(rows), columns=schemas.COMPUTED_SURFACES.column_names)
    kept = present
    if not present.empty:
        replaced = {(row.case_id, row.method, row.geometry) for row in new.itertuples()}
        replaced |= {(failure.case_id, failure.method, failure.geometry) for failure in failures}
        replaced |= {(case, method, "dft") for case in _moved(present, new) for method in set(present["method"])}
        keys = zip(present["case_id"], present["method"], present["geometry"], strict=True)
        kept = present[[key not in replaced for key in keys]]
    table = new if kept.empty else pd.concat([kept, new], ignore_index=True) if not new.empty else kept
    return _sorted(table, list(order))


def _moved(present: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """Return the cases whose reference has another value now."""
    before = _reference_values(present)
    now = _reference_values(new)
    return [
        case
        for case, value in now.items()
        if case in before and not math.isclose(before[case], value, rel_tol=_SAME_VALUE, abs_tol=1e-9)
    ]


def _reference_values(table: pd.DataFrame) -> dict[str, float]:
    rows = table[(table["method"] == schemas.METHOD_DFT) & (table["geometry"] == "relaxed")]
    return {str(case): float(value) for case, value in zip(rows["case_id"], rows["value"], strict=True)}


def _sorted(table: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Sort by case, the reference first, then methods by name, relaxed before static."""
    if table.empty:
        return table
    places = {case: place for place, case in enumerate(order)}
    by_case = table["case_id"].map(lambda case: places.get(case, len(places))).to_numpy()
    by_method = np.where(table["method"] == schemas.METHOD_DFT, "", table["method"].astype(str))
    by_geometry = np.where(table["geometry"] == "relaxed", 0, 1)
    return table.iloc[np.lexsort((by_geometry, by_method, by_case))].reset_index(drop=True)
