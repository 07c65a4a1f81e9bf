"""Taking one method through the steps of a task: relax, keep, go on from what is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS

from softdash.benchmarks.energies.protocol import CELL_TOLERANCE, POSITION_TOLERANCE
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.structure_steps import Freedom, RelaxedStructure, StructureStep, in_order
from softdash.errors import SoftdashError

_LARGEST_MOVE = 0.1
"""Å per step: the first steps from a squeezed image would otherwise throw atoms about."""
_FIRST_CURVATURE = 25.0
"""eV/Å², of the first step: ASE's 70 spends steps of density-functional theory on moving soft crystals too little."""

Report = Callable[[str], None]
RelaxStep = Callable[[StructureStep, Atoms], RelaxedStructure]


@dataclass(slots=True)
class StepOutcomes:
    """What came of the steps: results by name, and the reasons why others are missing."""

    results: dict[str, RelaxedStructure] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def relax_structure(
    atoms: Atoms,
    calculator: Calculator,
    freedom: Freedom,
    *,
    steps_max: int,
    details: str = "",
    on_frame: Callable[[Atoms], None] | None = None,
) -> RelaxedStructure:
    """Relax a structure as far as its freedom goes.

    Parameters
    ----------
    atoms : ase.Atoms
        Left unchanged; its constraints hold.
    calculator : ase.calculators.calculator.Calculator
        Energies in eV, forces in eV/Å, for `Freedom.CELL_AND_POSITIONS` stresses too.
    freedom : Freedom
    steps_max : int
        Steps after which the relaxation stops as it is.
    details : str
        Kept with the result.
    on_frame : callable, optional
        Called with the atoms (results attached) at every step.

    Returns
    -------
    RelaxedStructure

    Raises
    ------
    SoftdashError
        Whatever the calculator raises.
    """
    moving = atoms.copy()
    moving.calc = calculator
    steps, has_converged = 0, True
    if freedom is not Freedom.NOTHING:
        has_cell = freedom is Freedom.CELL_AND_POSITIONS
        target: Any = FrechetCellFilter(moving) if has_cell else moving
        # The cell's own curvature is far larger, and ASE's start suits it.
        curvature: dict[str, Any] = {} if has_cell else {"alpha": _FIRST_CURVATURE}
        optimiser = BFGS(target, maxstep=_LARGEST_MOVE, logfile=None, **curvature)
        if on_frame is not None:
            optimiser.attach(on_frame, 1, moving)
        tolerance = CELL_TOLERANCE if has_cell else POSITION_TOLERANCE
        has_converged = bool(optimiser.run(fmax=tolerance, steps=steps_max))
        steps = int(optimiser.nsteps)
    energy = float(moving.get_potential_energy())
    forces = moving.get_forces()
    if freedom is Freedom.NOTHING and on_frame is not None:
        on_frame(moving)
    relaxed = Atoms(moving.numbers, positions=moving.positions, cell=moving.cell, pbc=True)
    largest = float(np.linalg.norm(forces, axis=1).max())
    return RelaxedStructure(relaxed, energy, steps, largest, has_converged, details)


def run_steps(
    steps: Sequence[StructureStep],
    wanted: Sequence[str],
    relax: RelaxStep,
    store: RelaxedStore,
    report: Report,
) -> StepOutcomes:
    """Run the wanted steps and what they build on; what the store holds already is not run again.

    Parameters
    ----------
    steps : sequence of StructureStep
        Of the task.
    wanted : sequence of str
        Names of steps.
    relax : callable
        The method.
    store : RelaxedStore
        Where results are kept as they come.
    report : callable
        Gets one line per step.

    Returns
    -------
    StepOutcomes
        A step that failed costs itself and those that build on it, nothing else.
    """
    outcomes = StepOutcomes()
    for step in in_order(steps, wanted):
        kept = store.get(step.name)
        if kept is not None:
            outcomes.results[step.name] = kept
            continue
        missing = [parent for parent in step.parents if parent not in outcomes.results]
        if missing:
            outcomes.failures[step.name] = f"{missing[0]} is missing"
            continue
        try:
            result = relax(step, step.build(_structures(outcomes.results)))
        except (SoftdashError, ValueError, ArithmeticError) as error:
            outcomes.failures[step.name] = str(error)
            report(f"{step.name}: {error}")
            continue
        store.put(step.name, result)
        outcomes.results[step.name] = result
        state = "" if result.has_converged else ", NOT converged"
        report(
            f"{step.name}: {result.energy:.4f} eV, {len(result.atoms)} atoms, {result.steps} steps,"
            f" {result.max_force:.3f} eV/Å{state}"
        )
    return outcomes


def _structures(results: Mapping[str, RelaxedStructure]) -> dict[str, Atoms]:
    return {name: result.atoms for name, result in results.items()}
