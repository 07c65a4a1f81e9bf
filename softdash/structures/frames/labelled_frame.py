"""Atomic configurations with reference (DFT) labels, the common currency between readers and statistics."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.frames.materials import MaterialGrouping, Materials, materials_of
from softdash.structures.frames.readings import Reading


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """One configuration with its reference labels.

    Attributes
    ----------
    atoms : ase.Atoms
        Species, positions (Å), cell and periodicity; carries no calculator.
    reference_forces : ndarray, shape (N, 3)
        eV/Å.
    reference_energy : float or None
        eV, whole cell.
    reference_stress : ndarray, shape (3, 3), or None
        eV/Å³, ASE's sign (positive is tension).
    origin : str
        Where it came from, for messages: ``"run.extxyz, frame 3"``. Frames count from 1 for people.
    rounding : ndarray, shape (3, 3), or None
        How coarsely the file writes the coordinates: each atom may lie ``u @ rounding`` beside its position, u between
        −1 and 1, Å. None where the digits are not known.
    functional : str or None
        What made the forces, where the frames of an upload differ (empty: its file does not say it); None: that of
        the upload.
    """

    atoms: Atoms
    reference_forces: NDArray[np.float64]
    origin: str
    reference_energy: float | None = None
    reference_stress: NDArray[np.float64] | None = None
    rounding: NDArray[np.float64] | None = None
    functional: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedFrame:
    """A frame that was left out, the reason in words, and perhaps what its owner can do about it.

    `lacks_forces` tells a structure that came without forces.
    """

    origin: str
    reason: str
    advice: str | None = None
    lacks_forces: bool = False


@dataclass(frozen=True, slots=True)
class LabelledFrames:
    """What was understood of an upload.

    Attributes
    ----------
    frames : tuple of LabelledFrame
    refused : tuple of RefusedFrame
    file_format : str
        Name for people: ``"extended XYZ"``, ``"VASP vasprun.xml"``, ``"CIF + forces table"``.
    functional, code : str or None
        As far as the file tells them: ``"PBE+U"``, ``"VASP 6.4.2"``.
    force_unit : str
        Unit found or assumed, with the way it was found: ``"eV/Å (assumed)"``.
    warnings : tuple of str
        Sentences about the structures and labels.
    force_unit_is_stated : bool
        Whether the files say their unit themselves (by their format, a header or a key).
    spin, hubbard_u, dispersion : str or None
        ``"spin-polarised"`` or ``"not spin-polarised"``; ``"Ni 6.2 eV"``; ``"D3(BJ)"``.
    frames_found : int or None
        Frames in the files, where only a thinned part of them was read.
    was_reordered : bool
        Whether forces were re-ordered to fit their structure.
    readings : tuple of Reading
        What was understood beside the numbers, each with its ground.
    orientation_is_known, order_is_known : bool
        Whether something says how the cells lie in the axes of the forces, and which row of forces is which atom; what
        nobody says is tested against the physics when forces are predicted.
    grouping : str
        How frames are sorted into materials, as far as the visitor decided it.
    """

    frames: tuple[LabelledFrame, ...]
    refused: tuple[RefusedFrame, ...]
    file_format: str
    functional: str | None = None
    code: str | None = None
    force_unit: str = "eV/Å"
    warnings: tuple[str, ...] = field(default=())
    force_unit_is_stated: bool = False
    spin: str | None = None
    hubbard_u: str | None = None
    dispersion: str | None = None
    frames_found: int | None = None
    was_reordered: bool = False
    readings: tuple[Reading, ...] = ()
    orientation_is_known: bool = True
    order_is_known: bool = True
    grouping: MaterialGrouping = "auto"

    @property
    def formula(self) -> str:
        """Reduced formula of the first frame, metals first."""
        return str(self.frames[0].atoms.get_chemical_formula(mode="metal", empirical=True)) if self.frames else ""

    @property
    def formulas(self) -> tuple[str, ...]:
        """Distinct reduced formulas, in order of first appearance."""
        return tuple(dict.fromkeys(self.frame_formulas))

    @property
    def frame_formulas(self) -> tuple[str, ...]:
        """Reduced formula of each frame, metals first."""
        return tuple(str(f.atoms.get_chemical_formula(mode="metal", empirical=True)) for f in self.frames)

    @property
    def materials(self) -> Materials:
        """Which frames are one material."""
        return materials_of(self.frame_formulas, self.grouping)

    @property
    def atomic_numbers(self) -> tuple[int, ...]:
        """Distinct atomic numbers, ascending."""
        return tuple(sorted({int(z) for f in self.frames for z in f.atoms.numbers}))
