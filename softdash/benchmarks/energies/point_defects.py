"""Formation energies of neutral point defects (Fig. 2b of the paper): E_f = E_defect − E_bulk − Σ μ_i ΔN_i, eq. (3).

μ is the energy per atom of the elemental phase, each method its own. The cells are small (15 to 33 atoms) and keep the
bulk's lattice; the paper relaxes the cell too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ase import Atom, Atoms
from ase.build import make_supercell

from softdash.benchmarks.energies.crystals import CRYSTALS, bulk_step, bulk_step_name, oxygen_molecule_step
from softdash.benchmarks.energies.structure_steps import (
    EnergyCase,
    EnergyTask,
    Freedom,
    Results,
    StructureStep,
    energy_per_atom,
)

SUPERCELLS = {"Al": 3, "Cu": 3, "Li": 3, "Mg": 2, "MgO": 2, "LiF": 2, "Li2O": 2, "MgLi": 2, "Al3Li": 2, "NiAl": 2}
"""Repeats of the smallest cell in each direction."""

_OXYGEN_NOTE = (
    "μ is half an O2 molecule; potentials whose labels carry the MP2020 correction of oxides (0.69 eV per O) are off "
    "by it"
)
_CELL_NOTES = {
    "Al-V_Al": "the cell of 26 atoms is small: CHGNet 0.3.0 gives 0.166 eV in it and 0.140 eV in one of 107 atoms"
}


@dataclass(frozen=True, slots=True)
class PointDefect:
    """One defect: the element taken away, the element put in, or both."""

    material: str
    kind: str
    removed: str | None = None
    added: str | None = None

    @property
    def label(self) -> str:
        """Kröger-Vink style without charge: ``V_O``, ``Ni_Al``, ``Al_i``."""
        if self.kind == "interstitial":
            return f"{self.added}_i"
        return f"V_{self.removed}" if self.added is None else f"{self.added}_{self.removed}"

    @property
    def case_id(self) -> str:
        """Name in the tables."""
        return f"{self.material}-{self.label}"

    @property
    def step(self) -> str:
        """Name of its step."""
        return f"defect-{self.material}-{self.label}"


def _vacancy(material: str, removed: str) -> PointDefect:
    return PointDefect(material, "vacancy", removed=removed)


def _antisite(material: str, added: str, removed: str) -> PointDefect:
    return PointDefect(material, "antisite", removed=removed, added=added)


DEFECTS: tuple[PointDefect, ...] = (
    _vacancy("Al", "Al"),
    _vacancy("Li", "Li"),
    _vacancy("MgO", "Mg"),
    _vacancy("Mg", "Mg"),
    _vacancy("LiF", "Li"),
    _vacancy("Li2O", "Li"),
    _vacancy("MgLi", "Mg"),
    _vacancy("MgLi", "Li"),
    _antisite("MgLi", "Li", "Mg"),
    _antisite("MgLi", "Mg", "Li"),
    _vacancy("MgO", "O"),
    _vacancy("Al3Li", "Li"),
    _antisite("Al3Li", "Al", "Li"),
    _vacancy("Al3Li", "Al"),
    _antisite("Al3Li", "Li", "Al"),
    PointDefect("Al", "interstitial", added="Al"),
    _vacancy("NiAl", "Ni"),
    _antisite("NiAl", "Ni", "Al"),
    _vacancy("NiAl", "Al"),
    _antisite("NiAl", "Al", "Ni"),
    _vacancy("Cu", "Cu"),
)
"""In the order they are computed."""


def supercell(relaxed_bulk: Atoms, material: str) -> Atoms:
    """Return the perfect supercell of a material."""
    perfect: Atoms = make_supercell(relaxed_bulk, SUPERCELLS[material] * np.eye(3, dtype=int))
    return perfect


def supercell_step_name(material: str) -> str:
    """Name of the step with the perfect supercell."""
    return f"supercell-{material}"


def supercell_step(material: str) -> StructureStep:
    """Return the static step of the perfect supercell: the same k-points and cell as the defect."""
    bulk_name = bulk_step_name(material)
    return StructureStep(
        supercell_step_name(material),
        lambda relaxed: supercell(relaxed[bulk_name], material),
        Freedom.NOTHING,
        parents=(bulk_name,),
        is_metal=CRYSTALS[material].is_metal,
    )


def build_defect(perfect: Atoms, defect: PointDefect) -> Atoms:
    """Make the defect at the first site of its kind.

    Parameters
    ----------
    perfect : ase.Atoms
        Supercell without the defect; left unchanged.
    defect : PointDefect

    Returns
    -------
    ase.Atoms
    """
    atoms: Atoms = perfect.copy()
    if defect.kind == "interstitial":
        # The octahedral hole of a face-centred lattice lies half a conventional cell from an atom.
        edge = np.sqrt(2) * _shortest_distance(atoms)
        atoms.append(Atom(defect.added, atoms.positions[0] + [edge / 2, 0, 0]))
        atoms.wrap()
        return atoms
    site = atoms.get_chemical_symbols().index(str(defect.removed))
    if defect.added is None:
        del atoms[site]
    else:
        atoms[site].symbol = defect.added
    return atoms


def _shortest_distance(atoms: Atoms) -> float:
    return float(np.min(atoms.get_distances(0, range(1, len(atoms)), mic=True)))


def defect_step(defect: PointDefect) -> StructureStep:
    """Return the step that relaxes the positions around a defect."""
    bulk_name = bulk_step_name(defect.material)

    def build(relaxed: Mapping[str, Atoms]) -> Atoms:
        return build_defect(supercell(relaxed[bulk_name], defect.material), defect)

    return StructureStep(
        defect.step,
        build,
        Freedom.POSITIONS,
        parents=(bulk_name,),
        is_metal=CRYSTALS[defect.material].is_metal,
    )


def elemental_step(element: str, host: str) -> StructureStep:
    """Return the step of the elemental phase whose energy per atom is the chemical potential.

    In a host that is the element itself, that is the perfect supercell: the same k-points as the defect.
    """
    if element == host:
        return supercell_step(host)
    return oxygen_molecule_step() if element == "O" else bulk_step(element)


def _case(defect: PointDefect) -> EnergyCase:
    changes = [(element, count) for element, count in ((defect.removed, -1), (defect.added, 1)) if element]
    elemental = {element: elemental_step(element, defect.material).name for element, _ in changes}
    perfect = supercell_step_name(defect.material)

    def value(results: Results) -> float:
        exchanged = sum(count * energy_per_atom(results[elemental[element]]) for element, count in changes)
        return results[defect.step].energy - results[perfect].energy - exchanged

    return EnergyCase(
        defect.case_id,
        defect.material,
        defect.label,
        defect.kind,
        tuple(dict.fromkeys((perfect, defect.step, *elemental.values()))),
        defect.step,
        value,
        note=_OXYGEN_NOTE if "O" in elemental else _CELL_NOTES.get(defect.case_id, ""),
    )


def _steps() -> tuple[StructureStep, ...]:
    steps: dict[str, StructureStep] = {}
    for defect in DEFECTS:
        elements = [element for element in (defect.removed, defect.added) if element]
        for step in (
            bulk_step(defect.material),
            supercell_step(defect.material),
            defect_step(defect),
            *(elemental_step(element, defect.material) for element in elements),
        ):
            steps.setdefault(step.name, step)
    return tuple(steps.values())


POINT_DEFECT_TASK = EnergyTask(
    name="point-defects",
    title="Point defects",
    unit="eV",
    steps=_steps(),
    cases=tuple(_case(defect) for defect in DEFECTS),
)
