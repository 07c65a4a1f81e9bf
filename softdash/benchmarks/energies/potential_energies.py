"""A potential as the method of a task: relaxing by itself, or static at the structures of the reference."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from ase import Atoms

from softdash.benchmarks.data.predictions import weights_in_words
from softdash.benchmarks.energies.protocol import CELL_TOLERANCE, POSITION_TOLERANCE
from softdash.benchmarks.energies.relaxation_run import RelaxStep, StepOutcomes, relax_structure
from softdash.benchmarks.energies.structure_steps import Freedom, RelaxedStructure, Results, StructureStep
from softdash.catalog.resources import PotentialVersion
from softdash.errors import SoftdashError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.interface import Potential

STEPS_MAX = 300


def relaxation_details(stamp: PotentialVersion) -> str:
    """Say how results were computed: what is kept with other words is computed again."""
    return (
        f"{stamp.name}, {stamp.package} {stamp.package_version}, weights {weights_in_words(stamp)},"
        f" BFGS to {POSITION_TOLERANCE:g} eV/Å ({CELL_TOLERANCE:g} where the cell is relaxed)"
    )


def relaxing_method(potential: Potential, stamp: PotentialVersion) -> RelaxStep:
    """Return the function that takes a potential through one step of a task."""
    details = relaxation_details(stamp)

    def relax(step: StructureStep, atoms: Atoms) -> RelaxedStructure:
        calculator = PotentialCalculator(potential, with_stress=step.freedom is Freedom.CELL_AND_POSITIONS)
        return relax_structure(atoms, calculator, step.freedom, steps_max=STEPS_MAX, details=details)

    return relax


def static_results(potential: Potential, reference: Results, wanted: Iterable[str]) -> StepOutcomes:
    """Compute a potential's energies at the relaxed structures of the reference.

    With them, a case's formula gives what the potential makes of the reference's geometry: no relaxation lowers it.

    Parameters
    ----------
    potential : Potential
    reference : mapping of str to RelaxedStructure
        By step.
    wanted : iterable of str
        Steps; those that the reference lacks are left out.

    Returns
    -------
    StepOutcomes
        `max_force` is what the potential finds at the reference's geometry.
    """
    outcomes = StepOutcomes()
    for name in wanted:
        if name not in reference:
            continue
        atoms = reference[name].atoms
        try:
            prediction = potential.predict([atoms])[0]
        except SoftdashError as error:
            outcomes.failures[name] = str(error)
            continue
        largest = float(np.linalg.norm(prediction.forces, axis=1).max())
        outcomes.results[name] = RelaxedStructure(atoms, prediction.energy, 0, largest, has_converged=True)
    return outcomes
