"""The states that the corpus is made of: structures, their reference forces, and the slope that is their truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms
from ase.geometry import cellpar_to_cell
from numpy.typing import NDArray

from softdash.potentials.interface import Potential
from upload_corpus.writing import to_setting

Floats = NDArray[np.float64]

SELF_SLOPE = 0.8
"""Slope of states that are labelled by the potential itself: its forces divided by this number."""

_STATES_OF_A_MATERIAL = 3
_FACE_CENTRED = np.array(
    [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
)  # the axes of the cubic cell along x, y, z, as in many inputs
_SKEWED = np.array([[1, 1, 0], [0, 1, 1], [1, 1, 1]])  # the same crystal, cell vectors at acute angles
_RHOMBOHEDRAL_TO_HEXAGONAL = np.array([[1, -1, 0], [0, 1, -1], [1, 1, 1]])

# name, file of references/gpaw_pbe, integer change of the cell
_OWN_DFT: tuple[tuple[str, str, NDArray[np.int_] | None], ...] = (
    ("MgO", "MgO", None),
    ("TiO2", "TiO2", None),
    ("SrTiO3", "SrTiO3", None),
    ("Si, face-centred cell", "Si", _FACE_CENTRED),
    ("CaF2, skewed cell", "CaF2", _SKEWED),
    ("Al2O3, rhombohedral", "Al2O3", None),
    ("Al2O3, hexagonal", "Al2O3", _RHOMBOHEDRAL_TO_HEXAGONAL),
    ("Cu3Au", "Cu3Au", None),
)


@dataclass(frozen=True)
class State:
    """One configuration: `atoms` as a DFT program has them, and the forces (eV/Å, N × 3) it gives in the same axes."""

    atoms: Atoms
    forces: Floats


@dataclass(frozen=True)
class Material:
    """States of one material and what a perfect reading of them gives.

    Attributes
    ----------
    name : str
    states : tuple of State
    potential : Potential
        Gives the truth; cases that have no DFT states are labelled by it.
    """

    name: str
    states: tuple[State, ...]
    potential: Potential
    _truths: dict[tuple[int, ...], float] = field(default_factory=dict)

    @property
    def first(self) -> State:
        """The state that cases of one frame use."""
        return self.states[0]

    @property
    def upright(self) -> State:
        """The first state, turned so that its cell lies as softdash builds it from lengths and angles."""
        return in_setting(self.first, "ase")

    def truth(self, numbers: Sequence[int] = (0,)) -> float:
        """Return the slope of the states with these numbers, read without a mistake."""
        key = tuple(numbers)
        if key not in self._truths:
            states = [self.states[number] for number in key]
            predicted = self.potential.predict([state.atoms for state in states])
            both = sum(float((state.forces * one.forces).sum()) for state, one in zip(states, predicted, strict=True))
            self._truths[key] = both / sum(float((state.forces**2).sum()) for state in states)
        return self._truths[key]

    def labelled_by_potential(self, atoms: Atoms) -> State:
        """Return a state whose reference is the potential's own force over `SELF_SLOPE`."""
        (prediction,) = self.potential.predict([atoms])
        return State(atoms, np.asarray(prediction.forces, dtype=np.float64) / SELF_SLOPE)


def in_setting(state: State, setting: str) -> State:
    """Return the state turned as a whole, its cell as ``"ase"`` or ``"pymatgen"`` builds it from lengths and angles."""
    turn = to_setting(state.atoms, setting)
    atoms = state.atoms.copy()
    atoms.set_cell(atoms.cell.array @ turn.T)
    atoms.positions = atoms.positions @ turn.T
    return State(atoms, state.forces @ turn.T)


def materials(references: Path, potential: Potential, *, names: Sequence[str] = ()) -> list[Material]:
    """Return the materials of the corpus, all or those named, with the strongest forces of each first.

    Parameters
    ----------
    references : Path
        Folder with softdash's own DFT states, one extended XYZ per material.
    potential : Potential
    names : sequence of str
    """
    made = []
    for name, stem, change in _OWN_DFT:
        if names and name not in names:
            continue
        frames = ase.io.read(references / f"{stem}.extxyz", ":")
        states = [_changed(State(_bare(frame), np.array(frame.get_forces())), change) for frame in frames]
        states.sort(key=lambda state: -float((state.forces**2).mean()))
        made.append(Material(name, tuple(states[:_STATES_OF_A_MATERIAL]), potential))
    if not names or "water" in names:
        made.append(_water(potential))
    return made


def _bare(frame: Atoms) -> Atoms:
    return Atoms(frame.numbers, frame.positions, cell=frame.cell, pbc=True)


def _changed(state: State, change: NDArray[np.int_] | None) -> State:
    """Describe the same crystal by other cell vectors, whole combinations of the old; in larger cells atoms repeat."""
    if change is None:
        return state
    cell = change @ state.atoms.cell.array
    copies = round(abs(np.linalg.det(change)))
    shifts = [np.array(shift) @ state.atoms.cell.array for shift in np.ndindex(3, 3, 3)]
    fractional: list[Floats] = []
    numbers, positions, forces = [], [], []
    for number, position, force in zip(state.atoms.numbers, state.atoms.positions, state.forces, strict=True):
        found: list[Floats] = []
        for shift in shifts:
            place = np.linalg.solve(cell.T, position + shift) % 1.0
            if all(np.abs((place - one + 0.5) % 1.0 - 0.5).max() > 1e-4 for one in found):
                found.append(place)
        for place in found[:copies]:
            numbers.append(int(number))
            positions.append(place @ cell)
            forces.append(force)
            fractional.append(place)
    return State(Atoms(numbers, positions, cell=cell, pbc=True), np.array(forces))


def _water(potential: Potential) -> Material:
    """Two bent molecules in a triclinic box; labelled by the potential itself, for there is no DFT of it here."""
    generator = np.random.default_rng(5)
    cell = cellpar_to_cell([6.1, 5.7, 6.6, 82.0, 97.0, 104.0])
    molecule = np.array([[0.0, 0.0, 0.0], [0.96, 0.0, 0.0], [-0.24, 0.93, 0.0]])
    turned = molecule @ np.linalg.qr(generator.normal(size=(3, 3)))[0].T
    sites = np.concatenate([molecule + np.array([1.0, 1.0, 1.2]), turned + np.array([2.4, 3.3, 4.1])])
    empty = Material("water", (), potential)
    states = [
        empty.labelled_by_potential(
            Atoms("OHHOHH", sites + generator.normal(scale=0.06, size=sites.shape), cell=cell, pbc=True)
        )
        for _ in range(_STATES_OF_A_MATERIAL)
    ]
    return Material("water", tuple(states), potential)
