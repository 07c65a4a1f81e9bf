"""The bulk crystals that the energy tasks start from; every method relaxes them itself.

The starting lattice constants are PBE-like round numbers: they decide how many steps a relaxation takes, not what it
ends at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ase import Atoms
from ase.build import bulk, molecule
from ase.spacegroup import crystal

from softdash.benchmarks.energies.structure_steps import Freedom, StructureStep
from softdash.catalog.energy_schemas import COVALENT_CRYSTAL, IONIC_CRYSTAL, METAL


@dataclass(frozen=True, slots=True)
class BulkCrystal:
    """A crystal by name; `build` gives its conventional or its smallest cell at the starting lattice constants.

    `is_metal` asks for the dense k-points of metals, which silicon needs too: at an insulator's its energy is 0.09 eV
    per atom too high, and its surfaces are metallic.
    """

    name: str
    build: Callable[[], Atoms]
    is_metal: bool


def _ordered(species: tuple[str, str], sites: list[tuple[float, float, float]], space_group: int, a: float) -> Atoms:
    atoms = crystal(list(species), sites, spacegroup=space_group, cellpar=[a, a, a, 90, 90, 90])
    return Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)


_CORNER, _CENTRE, _FACE = (0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.0, 0.5, 0.5)

CRYSTALS: dict[str, BulkCrystal] = {
    one.name: one
    for one in (
        BulkCrystal("NaCl", partial(bulk, "NaCl", "rocksalt", a=5.69), False),
        BulkCrystal("MgO", partial(bulk, "MgO", "rocksalt", a=4.25), False),
        BulkCrystal("LiF", partial(bulk, "LiF", "rocksalt", a=4.07), False),
        BulkCrystal("CaO", partial(bulk, "CaO", "rocksalt", a=4.84), False),
        BulkCrystal("Li2O", partial(bulk, "OLi2", "fluorite", a=4.63), False),
        BulkCrystal("Si", partial(bulk, "Si", "diamond", a=5.47), True),
        BulkCrystal("Al", partial(bulk, "Al", "fcc", a=4.04), True),
        BulkCrystal("Cu", partial(bulk, "Cu", "fcc", a=3.63), True),
        BulkCrystal("Li", partial(bulk, "Li", "bcc", a=3.44), True),
        BulkCrystal("Mg", partial(bulk, "Mg", "hcp", a=3.20, c=5.17), True),
        BulkCrystal("MgLi", partial(_ordered, ("Mg", "Li"), [_CORNER, _CENTRE], 221, 3.44), True),
        BulkCrystal("Al3Li", partial(_ordered, ("Li", "Al"), [_CORNER, _FACE], 221, 4.01), True),
        BulkCrystal("NiAl", partial(_ordered, ("Ni", "Al"), [_CORNER, _CENTRE], 221, 2.89), True),
        BulkCrystal("Ni", partial(bulk, "Ni", "fcc", a=3.52), True),
    )
}


def material_class(material: str) -> str:
    """Return the kind of a host, one of `MATERIAL_CLASSES`; all that are not listed here (oxides) are ionic."""
    if material == "Si":
        return COVALENT_CRYSTAL
    known = CRYSTALS.get(material)
    return METAL if known is not None and known.is_metal else IONIC_CRYSTAL


def bulk_step_name(name: str) -> str:
    """Name of the step that relaxes a bulk crystal."""
    return f"bulk-{name}"


def bulk_step(name: str) -> StructureStep:
    """Return the step that relaxes cell and positions of one of `CRYSTALS`."""
    one = CRYSTALS[name]
    return StructureStep(
        bulk_step_name(name),
        lambda _: one.build(),
        Freedom.CELL_AND_POSITIONS,
        is_metal=one.is_metal,
        # The only ferromagnet among them.
        spin=0.6 if name == "Ni" else None,
    )


def oxygen_molecule_step() -> StructureStep:
    """Return O2 (triplet) in a box of 9 Å: the elemental phase of oxygen."""

    def build(_: object) -> Atoms:
        atoms: Atoms = molecule("O2", cell=(9.0, 9.1, 9.2), pbc=True)
        atoms.center()
        return atoms

    return StructureStep("molecule-O2", build, Freedom.POSITIONS, k_axes=(False, False, False), spin=2.0)
