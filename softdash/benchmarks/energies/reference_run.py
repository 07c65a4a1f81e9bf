"""Computing the reference of an energy task: density-functional theory through all its steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from softdash.benchmarks.energies.benchmark import run_benchmark
from softdash.benchmarks.energies.cases import chosen_cases, energy_task
from softdash.benchmarks.energies.density_functional import DensityFunctional
from softdash.benchmarks.energies.reference_structures import ReferenceStore, describe_reference
from softdash.benchmarks.energies.relaxation_run import RelaxStep, Report, run_steps
from softdash.benchmarks.energies.structure_steps import RelaxedStructure, StructureStep
from softdash.settings import Settings


def run_reference(
    task_name: str,
    settings: Settings,
    report: Report = print,
    *,
    case_ids: Sequence[str] = (),
    adopted: tuple[Path, ...] = (),
    compute: bool = True,
) -> dict[str, str]:
    """Compute the reference of a task, and write its structures and the reference's rows of its table.

    Parameters
    ----------
    task_name : str
    settings : Settings
        `precomputed_dir` receives the structures, one by one; `state_dir` GPAW's own output and all frames of the
        relaxations.
    report : callable
        Gets one line per step.
    case_ids : sequence of str
        Only these cases; all when empty.
    adopted : tuple of pathlib.Path
        Files of relaxed structures, from runs elsewhere, to take finished steps from.
    compute : bool
        False takes those and computes nothing.

    Returns
    -------
    dict of str to str
        Steps that failed, with the reason.

    Raises
    ------
    PotentialUnavailableError
        If GPAW is needed and not installed.
    ReferenceDataError
        If the task, a case or a file is unknown or damaged.
    """
    task = energy_task(task_name)
    cases = chosen_cases(task, case_ids)
    store = ReferenceStore(task, settings, adopted)
    failures: dict[str, str] = {}
    if compute:
        folder = settings.state_dir / "reference"
        wanted = list(dict.fromkeys(name for case in cases for name in case.steps))
        failures = run_steps(task.steps, wanted, density_functional_method(folder), store, report).failures
    describe_reference(task, settings)
    run_benchmark(task_name, (), settings, report, case_ids=case_ids)
    return failures


def density_functional_method(folder: Path) -> RelaxStep:
    """Return density-functional theory as the method of a task.

    Parameters
    ----------
    folder : pathlib.Path
        Receives GPAW's text output and ``frames.extxyz``: each step of each relaxation with energy and forces.

    Raises
    ------
    PotentialUnavailableError
        If GPAW is not installed.
    """
    frames = FrameRecorder(folder / "frames.extxyz")
    method = DensityFunctional(folder / "log", frames)

    def relax(step: StructureStep, atoms: Atoms) -> RelaxedStructure:
        frames.step = step.name
        return method(step, atoms)

    return relax


class FrameRecorder:
    """Appends the frames of relaxations to a file, each with its step, energy and forces.

    Parameters
    ----------
    file : pathlib.Path
        Extended xyz.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step = ""

    def __call__(self, atoms: Atoms) -> None:
        """Record the present state."""
        frame = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)
        frame.info["step"] = self.step
        # Unconstrained: the force on a held ion is a label like any other.
        forces = np.array(atoms.get_forces(apply_constraint=False))
        frame.calc = SinglePointCalculator(frame, energy=float(atoms.get_potential_energy()), forces=forces)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write(self._file, frame, append=True, format="extxyz")
