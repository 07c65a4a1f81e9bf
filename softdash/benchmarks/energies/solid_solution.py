"""Mixing energies of Ca-Mg orderings on the rocksalt lattice (Fig. 2c of the paper), Ca_xMg_{2-x}O_2.

The paper draws up to 52 random orderings per calcium fraction. Here every distinct ordering with up to four cations per
cell is taken: the derivative structures of the fcc cation lattice, enumerated by the Hermite normal forms of their
supercells (Hart and Forcade, Phys. Rev. B 77, 224115 (2008)) and compared by pymatgen's `StructureMatcher`.

The lattice is the one between both oxides (Vegard's rule with each method's own lattice constants); ions relax
within the symmetry of the ordering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from ase import Atoms
from ase.build import make_supercell
from ase.geometry import minkowski_reduce

from softdash.benchmarks.energies.crystals import CRYSTALS, bulk_step, bulk_step_name
from softdash.benchmarks.energies.protocol import CATIONS_MAX
from softdash.benchmarks.energies.structure_steps import (
    EnergyCase,
    EnergyTask,
    Freedom,
    Results,
    StructureStep,
    energy_per_atom,
)

ATOMS_PER_FORMULA_UNIT = 4
"""Of Ca_xMg_{2-x}O_2."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """A supercell of the primitive rocksalt cell (rows of its matrix) and the cations that are calcium."""

    supercell: tuple[tuple[int, ...], ...]
    calcium_sites: tuple[int, ...]

    @property
    def cations(self) -> int:
        """Cations of the cell."""
        return round(float(np.linalg.det(self.supercell)))

    @property
    def calcium_fraction(self) -> float:
        """Share of calcium among the cations."""
        return len(self.calcium_sites) / self.cations


def _hermite_normal_forms(determinant: int) -> list[tuple[tuple[int, ...], ...]]:
    return [
        ((a, 0, 0), (b, c, 0), (d, e, f))
        for a in range(1, determinant + 1)
        for c in range(1, determinant + 1)
        for f in range(1, determinant + 1)
        if a * c * f == determinant
        for b in range(c)
        for d in range(f)
        for e in range(f)
    ]


def build_ordering(ordering: Ordering, lattice_constant: float) -> Atoms:
    """Return the rocksalt supercell with calcium on the ordering's sites, unrelaxed."""
    primitive = CRYSTALS["MgO"].build()
    primitive.set_cell(primitive.cell * (lattice_constant / cubic_lattice_constant(primitive)), scale_atoms=True)
    skewed = make_supercell(primitive, np.transpose(ordering.supercell))
    # The shortest vectors: a skewed cell would need more k-points and hide symmetry.
    atoms = Atoms(skewed.numbers, positions=skewed.positions, cell=minkowski_reduce(skewed.cell)[0], pbc=True)
    atoms.wrap()
    cations = [atom.index for atom in atoms if atom.symbol == "Mg"]
    for site in ordering.calcium_sites:
        atoms[cations[site]].symbol = "Ca"
    return atoms


def cubic_lattice_constant(primitive: Atoms) -> float:
    """Lattice constant of the conventional cell of a primitive face-centred cell, Å."""
    return float(np.cbrt(4 * primitive.get_volume()))


def _cell_size_and_fraction(ordering: Ordering) -> tuple[int, float]:
    return ordering.cations, ordering.calcium_fraction


@cache
def distinct_orderings() -> tuple[Ordering, ...]:
    """All orderings with 2 to `CATIONS_MAX` cations per cell, by cell size, then calcium fraction; no pure oxides."""
    from pymatgen.analysis.structure_matcher import StructureMatcher
    from pymatgen.core import Structure
    from pymatgen.io.ase import AseAtomsAdaptor

    # Strict: only symmetry-equivalent orderings of one lattice are to match.
    matcher = StructureMatcher(ltol=1e-3, stol=1e-3, angle_tol=0.1, primitive_cell=True, scale=False)
    found: list[tuple[Ordering, Structure]] = []
    for count in range(2, CATIONS_MAX + 1):
        for supercell in _hermite_normal_forms(count):
            for calcium in range(1, count):
                for sites in combinations(range(count), calcium):
                    ordering = Ordering(supercell, sites)
                    structure = AseAtomsAdaptor.get_structure(build_ordering(ordering, 4.5))
                    if not any(matcher.fit(structure, other) for _, other in found):
                        found.append((ordering, structure))
    return tuple(sorted((one for one, _ in found), key=_cell_size_and_fraction))


def _numbered() -> list[tuple[str, Ordering]]:
    counts: dict[float, int] = {}
    named = []
    for ordering in distinct_orderings():
        fraction = ordering.calcium_fraction
        counts[fraction] = counts.get(fraction, 0) + 1
        named.append((f"CaMgO-{fraction:.3f}-{counts[fraction]}", ordering))
    return named


def _step(name: str, ordering: Ordering) -> StructureStep:
    parents = (bulk_step_name("MgO"), bulk_step_name("CaO"))

    def build(relaxed: Mapping[str, Atoms]) -> Atoms:
        magnesium_oxide, calcium_oxide = (cubic_lattice_constant(relaxed[parent]) for parent in parents)
        fraction = ordering.calcium_fraction
        return build_ordering(ordering, (1 - fraction) * magnesium_oxide + fraction * calcium_oxide)

    return StructureStep(f"ordering-{name}", build, Freedom.POSITIONS, parents=parents)


def _case(name: str, ordering: Ordering) -> EnergyCase:
    step, oxides = f"ordering-{name}", (bulk_step_name("MgO"), bulk_step_name("CaO"))
    fraction = ordering.calcium_fraction

    def value(results: Results) -> float:
        mixed = energy_per_atom(results[step])
        pure = (1 - fraction) * energy_per_atom(results[oxides[0]]) + fraction * energy_per_atom(results[oxides[1]])
        return ATOMS_PER_FORMULA_UNIT * (mixed - pure)

    number = name.rsplit("-", 1)[1]
    label = f"Ca fraction {fraction:.3g} no. {number}"
    return EnergyCase(name, "Ca-Mg-O", label, "ordering", (*oxides, step), step, value, coordinate=fraction)


def solid_solution_task() -> EnergyTask:
    """Return the task; the orderings are enumerated at the first call (a few seconds)."""
    named = _numbered()
    return EnergyTask(
        name="solid-solution",
        title="Ca-Mg-O solid solution",
        unit="eV per Ca_xMg_{2-x}O_2",
        steps=(bulk_step("MgO"), bulk_step("CaO"), *(_step(name, ordering) for name, ordering in named)),
        cases=tuple(_case(name, ordering) for name, ordering in named),
    )
