"""Units of forces: which one a file has, and eV/Å from it. The visitor's word counts where the file is silent."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from ase.units import Bohr, Hartree, Rydberg, kcal, kJ, mol, nm

from softdash.errors import InputError
from softdash.structures.labelled_frame import LabelledFrames
from softdash.structures.read_options import ForceUnit

EV_PER_ANGSTROM = "eV/Å"
_SMALL, _LARGE = 0.1, 100.0  # eV/Å
IN_EV_PER_ANGSTROM: dict[str, float] = {
    EV_PER_ANGSTROM: 1.0,
    "Ry/bohr": Rydberg / Bohr,
    "Ha/bohr": Hartree / Bohr,
    "meV/Å": 1e-3,
    "mRy/bohr": 1e-3 * Rydberg / Bohr,
    "kcal/mol/Å": kcal / mol,
    "kJ/mol/nm": kJ / mol / nm,
}
"""Units by name, in eV/Å (CODATA 2014, as in ASE)."""

_ALIASES = {
    **{name.lower(): name for name in IN_EV_PER_ANGSTROM},
    **dict.fromkeys(("ev/a", "ev/ang", "ev/angst", "ev/angstrom", "evå⁻¹", "eva-1", "eva^-1"), EV_PER_ANGSTROM),
    **dict.fromkeys(("ry/au", "ry/a.u.", "rydberg/bohr", "ryd/bohr"), "Ry/bohr"),
    **dict.fromkeys(("ha/au", "hartree/bohr", "hartree/au", "eh/bohr", "a.u.", "au"), "Ha/bohr"),
    **dict.fromkeys(("mev/a", "mev/ang", "mev/angstrom"), "meV/Å"),
    **dict.fromkeys(("mry/au",), "mRy/bohr"),
    **dict.fromkeys(("kcal/mol/a", "kcal/mol/ang", "kcal/mol/angstrom"), "kcal/mol/Å"),
}


@dataclass(frozen=True, slots=True)
class UnitFound:
    """How forces become eV/Å.

    Attributes
    ----------
    factor : float
        eV/Å of one unit of the file.
    shown : str
        The unit and how it is known: ``"Ry/bohr (from the header)"``.
    is_stated : bool
        Whether the file states it.
    """

    factor: float
    shown: str
    is_stated: bool


def known_unit(text: str) -> str | None:
    """Return the name of the unit written as `text` (``Ry/au``, ``eV/Ang``), None if it is no unit of force."""
    return _ALIASES.get(text.strip().lower().replace(" ", "").replace("angstroms", "angstrom"))


def resolve_unit(stated: str | None, how: str, choice: ForceUnit, where: str) -> UnitFound:
    """Return the unit of a file that may state it.

    Parameters
    ----------
    stated : str or None
        Key of `IN_EV_PER_ANGSTROM`.
    how : str
        Where the file states it: ``"from the header"``.
    choice : str
        `ReadOptions.force_unit`.
    where : str
        Name of the file.

    Raises
    ------
    InputError
        If the visitor chose another unit than the file states.
    """
    if stated is not None:
        if choice not in ("auto", stated):
            raise InputError(
                f"The file gives its forces in {stated} ({how}), but {choice} was chosen.",
                where=where,
                advice=f"Choose {stated} or automatic; or correct the file.",
            )
        return UnitFound(IN_EV_PER_ANGSTROM[stated], f"{stated} ({how})", True)
    if choice == "auto":
        return UnitFound(1.0, f"{EV_PER_ANGSTROM} (assumed)", False)
    return UnitFound(IN_EV_PER_ANGSTROM[choice], f"{choice} (chosen)", False)


def doubtful_magnitude(frames: LabelledFrames) -> str | None:
    """Return a sentence when the forces, whose unit no file states, are oddly small or large for eV/Å.

    Hot or displaced crystals have their largest forces between 0.1 and 100 eV/Å. Nothing is converted.
    """
    if not frames.frames:
        return None
    sizes = [float(np.abs(frame.reference_forces).max(initial=0.0)) for frame in frames.frames]
    largest = max((size for size in sizes if np.isfinite(size)), default=0.0)
    if 0 < largest < _SMALL:
        other = ", ".join(
            f"{largest * IN_EV_PER_ANGSTROM[unit]:.2g} eV/Å if they are in {unit}" for unit in ("Ry/bohr", "Ha/bohr")
        )
        return (
            f"The largest force is {largest:.2g} eV/Å, small for a displaced structure, and no file states its unit: "
            f"it would be {other}. Choose the unit if it is another."
        )
    if largest > _LARGE:
        return (
            f"The largest force is {largest:.3g} eV/Å, and no file states its unit. Check that it is eV/Å (in meV/Å it "
            f"would be {largest / 1000:.2g} eV/Å)."
        )
    return None


def with_chosen_unit(frames: LabelledFrames, choice: ForceUnit, where: str) -> LabelledFrames:
    """Return frames of one file with forces in eV/Å, where their format assumed eV/Å and the visitor knows better.

    A format that has its own unit (VASP, Quantum ESPRESSO) keeps it, with a warning when another one was chosen.
    Energies and stresses of a file whose forces are in another unit than assumed are left out: nobody said their unit.
    """
    if (
        choice == "auto" or frames.force_unit == f"{choice} (chosen)"
    ):  # a table of forces was converted when it was read
        return frames
    if frames.force_unit_is_stated:
        if frames.force_unit.startswith(choice):
            return frames
        sentence = f"{where}: its forces are in {frames.force_unit}; the chosen unit {choice} does not apply to it."
        return replace(frames, warnings=(*frames.warnings, sentence))
    if choice == EV_PER_ANGSTROM:
        return replace(frames, force_unit=f"{choice} (chosen)")
    factor = IN_EV_PER_ANGSTROM[choice]
    converted = tuple(
        replace(frame, reference_forces=frame.reference_forces * factor, reference_energy=None, reference_stress=None)
        for frame in frames.frames
    )
    warnings = list(frames.warnings)
    if any(frame.reference_energy is not None or frame.reference_stress is not None for frame in frames.frames):
        warnings.append(
            f"{where}: energies and stresses were left out, for the chosen unit {choice} is that of forces alone."
        )
    return replace(frames, frames=converted, force_unit=f"{choice} (chosen)", warnings=tuple(warnings))
