"""How far the reference energies are converged: unrelaxed cases at a higher cut-off and with more k-points.

The basis has the k-points that the shipped reference was computed with, which its structures tell: densities of
k-points that a later softdash chooses would compare with another reference than the one in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from ase import Atoms

from softdash.benchmarks.data.tables import write_table
from softdash.benchmarks.energies.benchmark import LICENCE
from softdash.benchmarks.energies.cases import energy_task
from softdash.benchmarks.energies.density_functional import DensityFunctional
from softdash.benchmarks.energies.reference_structures import OWN_SOURCE, reference_results
from softdash.benchmarks.energies.relaxation_run import Report, run_steps
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.structure_steps import (
    EnergyCase,
    EnergyTask,
    Freedom,
    RelaxedStructure,
    Results,
    StructureStep,
)
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE
from softdash.errors import ReferenceDataError
from softdash.settings import Settings


@dataclass(frozen=True, slots=True)
class ConvergenceSetting:
    """One set of settings: factors on the cut-off and on the density of k-points."""

    name: str
    cutoff_factor: float
    k_factor: float


SETTINGS = (
    ConvergenceSetting("as the reference", 1.0, 1.0),
    ConvergenceSetting("cut-off × 1.25", 1.25, 1.0),
    ConvergenceSetting("k-points × 1.5", 1.0, 1.5),
)
CASES = (
    ("surfaces", "Al-111"),
    ("solid-solution", "CaMgO-0.500-1"),
    ("surfaces", "MgO-100"),
    ("point-defects", "MgLi-V_Mg"),
)
"""Task and case, in the order they are computed."""
_GRID = re.compile(r"k-points (\d{1,4})x(\d{1,4})x(\d{1,4})")


def run_convergence(settings: Settings, report: Report = print, *, case_ids: Sequence[str] = ()) -> dict[str, str]:
    """Compute `CASES` with all `SETTINGS` at the reference's relaxed structures, and write what is complete.

    Parameters
    ----------
    settings : Settings
        `precomputed_dir` has the structures and receives the table; `state_dir` keeps finished calculations.
    report : callable
        Gets one line per calculation.
    case_ids : sequence of str
        Only these of `CASES`; all when empty.

    Returns
    -------
    dict of str to str
        Calculations that failed, with the reason.

    Raises
    ------
    PotentialUnavailableError
        If GPAW is not installed.
    ReferenceDataError
        If a case is not among `CASES`, or its reference is not computed yet.
    """
    unknown = sorted(set(case_ids) - {case_id for _, case_id in CASES})
    if unknown:
        choice = ", ".join(case_id for _, case_id in CASES)
        raise ReferenceDataError(f"No convergence is studied for '{unknown[0]}'.", advice=f"Choose from: {choice}.")
    reference = reference_results(settings)
    failures: dict[str, str] = {}
    for task_name, case_id in CASES:
        if case_ids and case_id not in case_ids:
            continue
        task = energy_task(task_name)
        for one in SETTINGS:
            failures |= _run_setting(task.case(case_id), one, reference, settings, report)
        write_convergence(settings)
    return failures


def write_convergence(settings: Settings) -> None:
    """Write the table of all cases whose calculations at the reference's settings are there."""
    rows = [row for task, case_id in CASES for row in _rows(energy_task(task), case_id, settings)]
    if rows:
        write_table(
            settings.precomputed_dir,
            ENERGY_CONVERGENCE,
            pd.DataFrame(rows),
            description="Reference energies at a higher cut-off and with more k-points, without relaxation.",
            licence=LICENCE,
            sources=(OWN_SOURCE,),
        )


def static_steps(case: EnergyCase, reference: Results) -> list[StructureStep]:
    """Return a case's steps as static calculations at the reference's relaxed structures, with their k-points.

    Raises
    ------
    ReferenceDataError
        If the reference lacks one of them.
    """
    missing = [name for name in case.steps if name not in reference]
    if missing:
        raise ReferenceDataError(
            f"The reference has no {missing[0]} yet.",
            where=case.case_id,
            advice="Compute it first: softdash reference.",
        )
    task = next(energy_task(name) for name, case_id in CASES if case_id == case.case_id)
    by_name = {step.name: step for step in task.steps}
    return [_static(by_name[name], reference[name].atoms) for name in case.steps]


def reference_grids(names: Sequence[str], reference: Results) -> dict[str, tuple[int, int, int]]:
    """Return the k-points of some steps of the reference, by name; without those whose details do not tell."""
    grids = {}
    for name in names:
        found = _GRID.search(reference[name].details) if name in reference else None
        if found is not None:
            grids[name] = (int(found[1]), int(found[2]), int(found[3]))
    return grids


def _static(step: StructureStep, atoms: Atoms) -> StructureStep:
    return StructureStep(
        step.name, lambda _: atoms.copy(), Freedom.NOTHING, is_metal=step.is_metal, k_axes=step.k_axes, spin=step.spin
    )


def _run_setting(
    case: EnergyCase, one: ConvergenceSetting, reference: Results, settings: Settings, report: Report
) -> dict[str, str]:
    steps = static_steps(case, reference)
    method = DensityFunctional(
        settings.state_dir / "reference" / "convergence-log",
        cutoff_factor=one.cutoff_factor,
        k_factor=one.k_factor,
        grids=reference_grids(case.steps, reference),
    )
    outcomes = run_steps(steps, case.steps, method, _store(one, settings), lambda line: report(f"{one.name}: {line}"))
    return {f"{one.name}, {name}": reason for name, reason in outcomes.failures.items()}


def _store(one: ConvergenceSetting, settings: Settings) -> RelaxedStore:
    name = f"cutoff-{one.cutoff_factor:g}-k-{one.k_factor:g}.extxyz"
    return RelaxedStore(settings.state_dir / "reference" / "convergence" / name)


def _rows(task: EnergyTask, case_id: str, settings: Settings) -> list[dict[str, object]]:
    case = task.case(case_id)
    values: dict[str, float] = {}
    details: dict[str, str] = {}
    for one in SETTINGS:
        store = _store(one, settings)
        results: dict[str, RelaxedStructure] = {
            name: store.require(name) for name in case.steps if name in store.names()
        }
        if len(results) == len(case.steps):
            values[one.name] = case.value(results)
            details[one.name] = results[case.subject].details
    basis = SETTINGS[0].name
    if basis not in values:
        return []
    return [
        {
            "task": task.name,
            "case_id": case_id,
            "setting": name,
            "value": value,
            "difference": value - values[basis],
            "unit": task.unit,
            "details": details[name],
        }
        for name, value in values.items()
    ]
