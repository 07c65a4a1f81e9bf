"""The four energy tasks by the names that commands and files use, and their cases."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.energies.ion_migration import ION_MIGRATION_TASK
from softdash.benchmarks.energies.point_defects import POINT_DEFECT_TASK
from softdash.benchmarks.energies.solid_solution import solid_solution_task
from softdash.benchmarks.energies.structure_steps import EnergyCase, EnergyTask
from softdash.benchmarks.energies.surfaces import SURFACE_TASK
from softdash.catalog.energy_schemas import ENERGY_TABLES
from softdash.errors import ReferenceDataError


def energy_task(name: str) -> EnergyTask:
    """Return one task.

    Raises
    ------
    ReferenceDataError
        If there is none of that name.
    """
    for task in (SURFACE_TASK, POINT_DEFECT_TASK, ION_MIGRATION_TASK):
        if task.name == name:
            return task
    if name == "solid-solution":
        return solid_solution_task()
    raise ReferenceDataError(
        f"There is no energy task named '{name}'.", advice=f"Choose one of: {', '.join(ENERGY_TABLES)}."
    )


def chosen_cases(
    task: EnergyTask, case_ids: Sequence[str], further: Sequence[EnergyCase] = ()
) -> tuple[EnergyCase, ...]:
    """Return the cases of that name in the task's order, then `further` ones; all of them for an empty choice.

    Raises
    ------
    ReferenceDataError
        If the task has no such case.
    """
    cases = (*task.cases, *further)
    known = [case.case_id for case in cases]
    unknown = [case_id for case_id in case_ids if case_id not in known]
    if unknown:
        raise ReferenceDataError(
            f"The task {task.name} has no case named '{unknown[0]}'.", advice=f"Choose from: {', '.join(known)}."
        )
    return tuple(case for case in cases if not case_ids or case.case_id in case_ids)
