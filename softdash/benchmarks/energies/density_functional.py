"""Reference energies by density-functional theory with GPAW (PBE, PAW, plane waves); extra ``dft``.

Mortensen et al., J. Chem. Phys. 160, 092503 (2024). Settings are chosen so that a step takes about a minute on one
core; what they cost in accuracy is measured by ``softdash reference convergence`` and stated beside the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, kptdensity2monkhorstpack
from ase.eos import EquationOfState

from softdash.benchmarks.energies.relaxation_run import relax_structure
from softdash.benchmarks.energies.structure_steps import Freedom, RelaxedStructure, StructureStep
from softdash.errors import PotentialUnavailableError, PredictionError
from softdash.installation import install_command

_SOFT_CUTOFF = 400.0
_HARD_CUTOFF = 600.0
_HARD_ELEMENTS = {"O", "F", "Mg", "Ca", "Ni", "Cu", "Na", "Cl"}
"""Elements whose energy per atom still changes by more than 1 meV between 400 and 600 eV; Al, Li and Si change less."""
K_DENSITY_METAL = 3.0
"""k-points per 1/Å, ASE's convention."""
K_DENSITY_METAL_BULK = 5.0
"""Of the one or two atoms of a bulk metal, whose energy is compared with those of other cells: aluminium still changes
by 30 meV per atom at 3.0."""
K_DENSITY_INSULATOR = 1.6
_SMEARING = 0.05
"""eV, Fermi-Dirac; energies are extrapolated to zero."""
_STEPS_MAX = 40
_LENGTH_FACTORS = (0.98, 0.99, 1.0, 1.01, 1.02)
_SMALLEST_BULK_MODULUS = 1e-3
"""eV/Å³, 0.16 GPa."""


def plane_wave_cutoff(elements: set[str]) -> float:
    """Plane-wave cut-off, eV: high as soon as one of the elements needs it."""
    return _HARD_CUTOFF if elements & _HARD_ELEMENTS else _SOFT_CUTOFF


def k_point_grid(atoms: Atoms, step: StructureStep) -> tuple[int, int, int]:
    """Γ-centred grid at the step's density; one point along axes without periodicity."""
    probe = atoms.copy()
    probe.pbc = step.k_axes
    density = K_DENSITY_INSULATOR
    if step.is_metal:
        density = K_DENSITY_METAL_BULK if step.freedom is Freedom.CELL_AND_POSITIONS else K_DENSITY_METAL
    first, second, third = kptdensity2monkhorstpack(probe, density, even=False)
    return int(first), int(second), int(third)


class DensityFunctional:
    """GPAW as the method of a task.

    Parameters
    ----------
    log_dir : pathlib.Path or None
        Folder for GPAW's own text output; None discards it.
    on_frame : callable, optional
        Called with the atoms at every step of a relaxation.
    cutoff_factor, k_factor : float
        Multiply cut-off and k-points, to show that they suffice. Along an axis with a single point because nothing
        repeats there (the vacuum of a slab) one stays one.
    grids : mapping of str to (int, int, int), optional
        k-points of single steps by name, before `k_factor`; others follow the step's density.

    Raises
    ------
    PotentialUnavailableError
        If GPAW is not installed.
    """

    def __init__(
        self,
        log_dir: Path | None = None,
        on_frame: Callable[[Atoms], None] | None = None,
        *,
        cutoff_factor: float = 1.0,
        k_factor: float = 1.0,
        grids: Mapping[str, tuple[int, int, int]] | None = None,
    ) -> None:
        try:
            import gpaw
        except ImportError as error:
            raise PotentialUnavailableError(
                "GPAW is not installed.",
                where="softdash reference",
                advice="Install it: apt-get install libxc-dev libopenblas-dev g++; "
                f"CC=g++ {install_command('gpaw', 'dft')}.",
            ) from error
        self.version = str(gpaw.__version__)
        self._log_dir = log_dir
        self._on_frame = on_frame
        self._cutoff_factor = cutoff_factor
        self._k_factor = k_factor
        self._grids = dict(grids or {})

    def __call__(self, step: StructureStep, atoms: Atoms) -> RelaxedStructure:
        """Relax one step.

        Raises
        ------
        PredictionError
            If a calculation does not converge.
        """
        from gpaw import KohnShamConvergenceError

        cutoff = plane_wave_cutoff(set(atoms.get_chemical_symbols())) * self._cutoff_factor
        points = self._grids.get(step.name) or k_point_grid(atoms, step)
        grid = tuple(
            max(1, round(count * self._k_factor)) if sampled else 1
            for count, sampled in zip(points, step.k_axes, strict=True)
        )
        details = (
            f"GPAW {self.version}, PBE, PAW plane waves {cutoff:g} eV, k-points {'x'.join(map(str, grid))},"
            f" Fermi-Dirac {_SMEARING} eV{', spin-polarised' if step.spin is not None else ''}"
        )
        start = atoms.copy()
        if step.spin is not None:
            start.set_initial_magnetic_moments([step.spin / len(start)] * len(start))
        try:
            calculator = self._calculator(step, cutoff, grid)
            if step.freedom is Freedom.CELL_AND_POSITIONS:
                start = at_smallest_energy(start, calculator)
            return relax_structure(
                start,
                calculator,
                Freedom.NOTHING if step.freedom is Freedom.CELL_AND_POSITIONS else step.freedom,
                steps_max=_STEPS_MAX,
                details=details,
                on_frame=self._on_frame,
            )
        except KohnShamConvergenceError as error:
            raise PredictionError(
                "The electronic structure did not converge.", where=step.name, advice="Look into GPAW's own log."
            ) from error

    def _calculator(self, step: StructureStep, cutoff: float, grid: tuple[int, ...]) -> Calculator:
        from gpaw import GPAW, PW, FermiDirac

        log: Any = None
        if self._log_dir is not None:
            self._log_dir.mkdir(parents=True, exist_ok=True)
            log = str(self._log_dir / f"{step.name}.txt")
        calculator: Calculator = GPAW(
            mode=PW(cutoff),
            xc="PBE",
            kpts={"size": grid, "gamma": True},
            occupations=FermiDirac(_SMEARING),
            convergence={"energy": 1e-5, "density": 1e-4},
            txt=log,
        )
        return calculator


def at_smallest_energy(atoms: Atoms, calculator: Calculator) -> Atoms:
    """Scale the cell to the minimum of a Birch-Murnaghan fit.

    The stress of a plane-wave calculation belongs to a fixed number of waves and is far off at these cut-offs (-30 GPa
    for MgO at 450 eV); energies at a fixed cut-off are not. The crystals of the tasks have no free internal coordinate;
    the ratio c/a of hexagonal magnesium stays that of the start.

    Raises
    ------
    PredictionError
        If there is no minimum within twice the range of the fitted points.
    """
    volumes, energies = [], []
    for factor in _LENGTH_FACTORS:
        strained = atoms.copy()
        strained.set_cell(atoms.cell * factor, scale_atoms=True)
        strained.calc = calculator
        volumes.append(strained.get_volume())
        energies.append(strained.get_potential_energy())
    try:
        volume, _, bulk_modulus = EquationOfState(volumes, energies, eos="birchmurnaghan").fit()
        factor = float(np.cbrt(volume / atoms.get_volume()))
    except (ValueError, RuntimeError):
        factor = bulk_modulus = np.nan
    # Far outside the points, and where nothing holds the atoms together, the fit is a guess.
    if (
        not bulk_modulus > _SMALLEST_BULK_MODULUS
        or not 2 * _LENGTH_FACTORS[0] - 1 <= factor <= 2 * _LENGTH_FACTORS[-1] - 1
    ):
        raise PredictionError(
            "No energy minimum lies near the starting lattice constant.", advice="Start from a better one."
        )
    best: Atoms = atoms.copy()
    best.set_cell(atoms.cell * factor, scale_atoms=True)
    return best
