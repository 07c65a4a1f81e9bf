"""Relaxed structures of the reference: one shipped file per task, or any file of that form."""

from __future__ import annotations

from pathlib import Path

from softdash.benchmarks.data.data_package import update_resource
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.structure_steps import EnergyTask, RelaxedStructure
from softdash.catalog.resources import ReferenceSource
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

FOLDER = "references/gpaw_pbe_relaxed"
"""Under ``precomputed/``: softdash's own structures, relaxed by GPAW."""
OWN_SOURCE = ReferenceSource(title="softdash", path=f"precomputed/{FOLDER}", licence="CC0-1.0")


def task_file(task_name: str) -> str:
    """Return the place of one task's structures under ``precomputed/``."""
    return f"{FOLDER}/{task_name}.extxyz"


def reference_results(settings: Settings, file: Path | None = None) -> dict[str, RelaxedStructure]:
    """Return the relaxed structures of the reference by step.

    Names of steps are unique over all tasks: what one task's file lacks, another's may have.

    Parameters
    ----------
    settings : Settings
    file : pathlib.Path, optional
        Another file of that form, instead of the shipped ones.

    Returns
    -------
    dict of str to RelaxedStructure
        Empty where nothing is computed yet.

    Raises
    ------
    ReferenceDataError
        If a file cannot be read as relaxed structures.
    """
    files = [file] if file is not None else sorted((settings.precomputed_dir / FOLDER).glob("*.extxyz"))
    results: dict[str, RelaxedStructure] = {}
    for one in files:
        store = RelaxedStore(one)
        for name in store.names():
            results.setdefault(name, store.require(name))
    if file is not None and not results:
        raise ReferenceDataError("The file holds no relaxed structures.", where=str(file))
    return results


class ReferenceStore(RelaxedStore):
    """The shipped file of one task, which looks into the files of the other tasks and of other runs too.

    Parameters
    ----------
    task : EnergyTask
    settings : Settings
    adopted : tuple of pathlib.Path
        Further files of relaxed structures to take finished steps from.
    """

    def __init__(self, task: EnergyTask, settings: Settings, adopted: tuple[Path, ...] = ()) -> None:
        super().__init__(settings.precomputed_dir / task_file(task.name))
        self._others = reference_results(settings)
        for file in adopted:
            store = RelaxedStore(file)
            steps = {step.name for step in task.steps}
            for name in store.names():
                if name in steps and name not in self._others:
                    self.put(name, store.require(name))

    def get(self, name: str) -> RelaxedStructure | None:
        """Return the result of a step of this or another task, or None."""
        return super().get(name) or self._others.get(name)


def describe_reference(task: EnergyTask, settings: Settings) -> None:
    """Enter a task's file of structures in ``datapackage.json``, if there is one."""
    if (settings.precomputed_dir / task_file(task.name)).is_file():
        update_resource(
            settings.precomputed_dir,
            task_file(task.name),
            description=f"{task.title}: structures relaxed by PBE (GPAW) and their energies; README.md says how.",
            licence="CC0-1.0",
            sources=(OWN_SOURCE,),
        )
