"""Relaxing a crystal by a potential with its symmetry kept: benchmarks start from the potential's own minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.constraints import FixSymmetry
from ase.filters import FrechetCellFilter
from ase.optimize import FIRE

from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.interface import Potential

FORCE_TOLERANCE = 1e-5
"""eV/Å, the tolerance of the paper's phonon relaxations."""
# Single precision leaves noise of a few 1e-6 eV/Å: a relaxation that has not arrived by then never does.
_STEPS_MAX = 500
_SYMMETRY_PRECISION = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """The relaxed crystal, the steps it took, and whether the tolerance was reached."""

    atoms: Atoms
    steps: int
    has_converged: bool


def relax_crystal(atoms: Atoms, potential: Potential, *, steps_max: int = _STEPS_MAX) -> Relaxation:
    """Relax cell and positions together, the space group kept.

    Parameters
    ----------
    atoms : ase.Atoms
        Periodic crystal; left unchanged.
    potential : Potential
        Must give stresses.
    steps_max : int
        Steps after which the relaxation stops as it is; the caller reports the residual force.

    Returns
    -------
    Relaxation

    Raises
    ------
    PredictionError
        If the potential cannot compute a step.
    """
    relaxed = atoms.copy()
    relaxed.set_constraint(FixSymmetry(relaxed, symprec=_SYMMETRY_PRECISION))
    relaxed.calc = PotentialCalculator(potential)
    optimiser = FIRE(FrechetCellFilter(relaxed), logfile=None)
    has_converged = bool(optimiser.run(fmax=FORCE_TOLERANCE, steps=steps_max))
    relaxed.set_constraint()
    relaxed.calc = None
    return Relaxation(relaxed, int(optimiser.nsteps), has_converged)


def length_change_percent(before: Atoms, after: Atoms) -> float:
    """Return the change of (cell volume)^(1/3), in percent."""
    return float(100 * (np.cbrt(after.get_volume() / before.get_volume()) - 1))
