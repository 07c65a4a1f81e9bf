"""Surface energies (Fig. 2a of the paper): γ = (E_slab − E_bulk) / 2A, paper eq. (2).

Slabs by pymatgen's `SlabGenerator`, as in the paper: symmetric, stoichiometric, at least 10 Å thick with at least 10 Å
of vacuum, the in-plane cell kept at the bulk's. The largest Miller index here is 1 (2 in the paper).

E_bulk of a metal is that of the slab's own atoms without the vacuum: the same in-plane k-points, whose error is then
the same on both sides. (Six layers of aluminium against the primitive cell at 9x9x9 k-points come out 25 % too low.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from ase.geometry import minkowski_reduce

from softdash.benchmarks.energies.crystals import CRYSTALS, bulk_step, bulk_step_name
from softdash.benchmarks.energies.protocol import SLAB_THICKNESS, VACUUM_LENGTH
from softdash.benchmarks.energies.structure_steps import (
    EnergyCase,
    EnergyTask,
    Freedom,
    Results,
    StructureStep,
    energy_per_atom,
)

if TYPE_CHECKING:
    from pymatgen.core.surface import Slab

_LONGEST_BOND = 4.0
"""Å; longer than the shortest distance in any of the crystals."""

SURFACES: tuple[tuple[str, tuple[int, int, int]], ...] = (
    ("MgO", (1, 0, 0)),
    ("Al", (1, 1, 1)),
    ("NaCl", (1, 0, 0)),
    ("LiF", (1, 0, 0)),
    ("CaO", (1, 0, 0)),
    ("Al", (1, 0, 0)),
    ("Mg", (0, 0, 1)),
    ("Li", (1, 1, 0)),
    ("Si", (1, 1, 1)),
    ("MgO", (1, 1, 0)),
    ("Li", (1, 0, 0)),
    ("NaCl", (1, 1, 0)),
    ("LiF", (1, 1, 0)),
    ("Al", (1, 1, 0)),
    ("CaO", (1, 1, 0)),
    ("Li2O", (1, 1, 1)),
    ("Cu", (1, 1, 1)),
    ("Cu", (1, 0, 0)),
)
"""Material and Miller index (of the conventional cell), in the order they are computed."""


def build_slab(bulk_atoms: Atoms, miller: tuple[int, int, int]) -> Atoms:
    """Cut the symmetric, stoichiometric slab with the fewest broken bonds out of a relaxed bulk crystal.

    Parameters
    ----------
    bulk_atoms : ase.Atoms
        Any cell of the crystal.
    miller : tuple of int
        Of the conventional cell.

    Returns
    -------
    ase.Atoms
        c along the surface normal, centred, periodic in all directions.

    Raises
    ------
    ValueError
        If no termination is symmetric and stoichiometric.
    """
    from pymatgen.core.surface import SlabGenerator
    from pymatgen.io.ase import AseAtomsAdaptor
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

    structure = AseAtomsAdaptor.get_structure(bulk_atoms)
    conventional = SpacegroupAnalyzer(structure, symprec=1e-3).get_conventional_standard_structure()
    generator = SlabGenerator(
        conventional,
        miller,
        min_slab_size=SLAB_THICKNESS,
        min_vacuum_size=VACUUM_LENGTH,
        lll_reduce=True,
        center_slab=True,
        primitive=True,
        max_normal_search=max(abs(index) for index in miller),
    )
    reduced = structure.composition.reduced_formula
    slabs = [
        slab
        for slab in generator.get_slabs(symmetrize=False)
        if slab.is_symmetric() and slab.composition.reduced_formula == reduced
    ]
    if not slabs:
        raise ValueError(f"No symmetric, stoichiometric slab of {reduced} {miller}.")
    chosen = max((slab.get_orthogonal_c_slab() for slab in slabs), key=_bonds_per_atom)
    oriented = AseAtomsAdaptor.get_atoms(chosen)
    # The shortest in-plane vectors: fewest plane waves, and all symmetry visible.
    in_plane, _ = minkowski_reduce(oriented.cell, pbc=(True, True, False))
    atoms = Atoms(oriented.numbers, positions=oriented.positions, cell=in_plane, pbc=True)
    atoms.wrap()
    return atoms


def _bonds_per_atom(slab: Slab) -> float:
    lengths = slab.get_neighbor_list(_LONGEST_BOND)[3]
    # Slabs of one crystal share their shortest distance; rounded, so that equals stay equal and the first one is taken.
    return round(float(np.count_nonzero(lengths < 1.1 * lengths.min())) / len(slab), 6)


def build_block(slab: Atoms, bulk_atoms: Atoms) -> Atoms:
    """Close the vacuum of an unrelaxed slab: its atoms as a piece of bulk crystal, in the same in-plane cell.

    Parameters
    ----------
    slab : ase.Atoms
        From `build_slab`; with a whole number of the crystal's periods along the normal.
    bulk_atoms : ase.Atoms
        What the slab was cut from.
    """
    block: Atoms = slab.copy()
    volume = len(slab) * bulk_atoms.get_volume() / len(bulk_atoms)
    cell = block.cell.array.copy()
    cell[2] *= volume / slab.get_volume()
    block.set_cell(cell, scale_atoms=False)
    block.wrap()
    return block


def surface_area(slab: Atoms) -> float:
    """Area of one side, Å²."""
    return float(np.linalg.norm(np.cross(slab.cell[0], slab.cell[1])))


def _slab_name(material: str, miller: tuple[int, int, int]) -> str:
    return f"slab-{material}-{''.join(map(str, miller))}"


def _slab_step(material: str, miller: tuple[int, int, int]) -> StructureStep:
    def build(relaxed: Mapping[str, Atoms]) -> Atoms:
        return build_slab(relaxed[bulk_step_name(material)], miller)

    return StructureStep(
        _slab_name(material, miller),
        build,
        Freedom.POSITIONS,
        parents=(bulk_step_name(material),),
        is_metal=CRYSTALS[material].is_metal,
        k_axes=(True, True, False),
    )


def _block_step(material: str, miller: tuple[int, int, int]) -> StructureStep:
    def build(relaxed: Mapping[str, Atoms]) -> Atoms:
        bulk_atoms = relaxed[bulk_step_name(material)]
        return build_block(build_slab(bulk_atoms, miller), bulk_atoms)

    return StructureStep(
        _slab_name(material, miller).replace("slab", "block"),
        build,
        Freedom.NOTHING,
        parents=(bulk_step_name(material),),
        is_metal=True,
    )


def _bulk_energy_step(material: str, miller: tuple[int, int, int]) -> StructureStep:
    return _block_step(material, miller) if CRYSTALS[material].is_metal else bulk_step(material)


def _case(material: str, miller: tuple[int, int, int]) -> EnergyCase:
    slab, crystal = _slab_name(material, miller), _bulk_energy_step(material, miller).name

    def value(results: Results) -> float:
        excess = results[slab].energy - len(results[slab].atoms) * energy_per_atom(results[crystal])
        return excess / (2 * surface_area(results[slab].atoms))

    label = "(" + "".join(map(str, miller)) + ")"
    note = "not reconstructed" if material == "Si" else ""
    return EnergyCase(f"{material}-{label[1:-1]}", material, label, "surface", (crystal, slab), slab, value, note=note)


SURFACE_TASK = EnergyTask(
    name="surfaces",
    title="Surface energies",
    unit="eV/Å²",
    steps=tuple(bulk_step(name) for name in dict.fromkeys(material for material, _ in SURFACES))
    + tuple(_block_step(*surface) for surface in SURFACES if CRYSTALS[surface[0]].is_metal)
    + tuple(_slab_step(*surface) for surface in SURFACES),
    cases=tuple(_case(*surface) for surface in SURFACES),
)
