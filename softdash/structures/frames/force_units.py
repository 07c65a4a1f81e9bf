"""Units of forces: which one a file has, and eV/Å from it. The visitor's word counts where the file is silent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from softdash.errors import Choice, InputError
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.frames.read_options import ForceUnit
from softdash.structures.frames.readings import Reading
from softdash.structures.units.unit_expressions import named_units
from softdash.structures.units.unit_grammar import ParsedUnit, parse_unit

EV_PER_ANGSTROM = "eV/Å"
_SMALL, _USUAL, _LARGE = 0.1, 3.0, 100.0  # eV/Å, of the largest force of displaced crystals
IN_EV_PER_ANGSTROM: dict[str, float] = named_units()
"""Units that can be chosen, by name, in eV/Å (CODATA 2014, as in ASE)."""

_OFFERED = ("eV/Å", "meV/Å", "Ry/bohr", "Ha/bohr", "kcal/mol/Å", "kJ/mol/nm", "eV/nm", "nN")


@dataclass(frozen=True, slots=True)
class StatedUnit:
    """A unit of force that a file states.

    Attributes
    ----------
    name : str
        Key of `IN_EV_PER_ANGSTROM`, or as the file writes it.
    factor : float
        eV/Å of one unit.
    place : str
        Where: ``"from the header"``, ``"from a comment"``, ``"from the file name"``, ``"as the file says"``.
    """

    name: str
    factor: float
    place: str

    @classmethod
    def of(cls, unit: ParsedUnit, place: str) -> StatedUnit:
        """Return a unit with the place where it stands."""
        return cls(unit.name, unit.factor, place)


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
    reading : Reading
        The same for the list of what was understood.
    """

    factor: float
    shown: str
    is_stated: bool
    reading: Reading


def known_unit(text: str) -> str | None:
    """Return the name of the unit written as `text` (``Ry/au``, ``eV/Ang``), None if it is none that can be chosen."""
    unit = parse_unit(text)
    return unit.name if unit is not None and unit.name in IN_EV_PER_ANGSTROM else None


def resolve_unit(stated: StatedUnit | None, choice: ForceUnit, where: str) -> UnitFound:
    """Return the unit of a file that may state it.

    Parameters
    ----------
    stated : StatedUnit or None
    choice : str
        `ReadOptions.force_unit`.
    where : str
        Name of the file.

    Raises
    ------
    InputError
        If the visitor chose another unit than the file states; its choices are both.
    """
    if stated is not None:
        if choice != "auto" and not np.isclose(IN_EV_PER_ANGSTROM[choice], stated.factor, rtol=1e-6, atol=0.0):
            raise _contradiction(stated, choice, where)
        value = f"{stated.name} ({stated.place})"
        detail = f"{where} states it{_worth(stated.name, stated.factor)}."
        return UnitFound(stated.factor, value, True, Reading("unit", value, "stated", detail))
    if choice == "auto":
        return UnitFound(1.0, f"{EV_PER_ANGSTROM} (assumed)", False, _reading_of(EV_PER_ANGSTROM, "assumed"))
    return UnitFound(IN_EV_PER_ANGSTROM[choice], f"{choice} (chosen)", False, _reading_of(choice, "chosen"))


def _reading_of(name: str, ground: str) -> Reading:
    if ground == "chosen":
        return Reading("unit", name, "chosen", f"You chose it{_worth(name, IN_EV_PER_ANGSTROM[name])}.")
    return Reading(
        "unit", name, "assumed", "The files do not state a unit; in another one all forces change by a common factor."
    )


def _worth(name: str, factor: float) -> str:
    return "" if factor == 1.0 else f"; 1 {name} is {factor:.6g} eV/Å"


def _contradiction(stated: StatedUnit, choice: str, where: str) -> InputError:
    # The second choice overrules the file: its unit is applied, and undone by a factor.
    undone = IN_EV_PER_ANGSTROM[choice] / stated.factor
    return InputError(
        f"The file gives its forces in {stated.name} ({stated.place}), but {choice} was chosen.",
        where=where,
        advice=f"Choose {stated.name} or automatic; or correct the file.",
        choices=(
            Choice(f"Read as {stated.name}, as the file states", {"force_unit": "auto"}),
            Choice(f"Read as {choice} all the same", {"force_unit": "auto", "force_factor": float(f"{undone:.12g}")}),
        ),
    )


def unknown_unit_error(text: str, where: str) -> InputError:
    """Return the error about a unit that is named in a file and not understood; its choices are the usual units."""
    shown = text.strip()[:40]
    molar = parse_unit(shown.replace("kcal", "kcal/mol").replace("kJ", "kJ/mol"))
    first = [molar.name] if molar is not None and molar.name in IN_EV_PER_ANGSTROM else []
    meant = f" Is it {molar.name}?" if molar is not None else ""
    return InputError(
        f"The unit of its forces, {shown!r}, is not understood.{meant}",
        where=where,
        advice="Choose the unit, or write it as eV/Å, Ry/bohr, Ha/bohr or kcal/mol/Å into the file.",
        choices=unit_choices(dict.fromkeys([*first, *_OFFERED])),
    )


def unit_choices(names: Iterable[str]) -> tuple[Choice, ...]:
    """Return the choices to read forces in one of several units."""
    return tuple(Choice(f"Read as {name}", {"force_unit": name}) for name in names)


def choices_for_large_forces(largest: float) -> tuple[Choice, ...]:
    """Return the units in which forces too large in eV/Å (`largest`, by magnitude) have a usual size, likely first."""
    sizes = {name: largest * factor for name, factor in IN_EV_PER_ANGSTROM.items() if factor < 1}
    usual = [name for name, size in sizes.items() if _SMALL <= size <= _LARGE]
    return unit_choices(sorted(usual, key=lambda name: abs(np.log(sizes[name] / _USUAL))))


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
    The result always has a reading of its unit.
    """
    if choice == "auto" or frames.force_unit == f"{choice} (chosen)":  # a table was converted when it was read
        return _with_unit_reading(frames)
    if frames.force_unit_is_stated:
        frames = _with_unit_reading(frames)
        stated = parse_unit(frames.force_unit.split(" (")[0])
        if stated is not None and np.isclose(stated.factor, IN_EV_PER_ANGSTROM[choice], rtol=1e-6, atol=0.0):
            return frames
        sentence = f"{where}: its forces are in {frames.force_unit}; the chosen unit {choice} does not apply to it."
        return replace(frames, warnings=(*frames.warnings, sentence))
    readings = (*(one for one in frames.readings if one.topic != "unit"), _reading_of(choice, "chosen"))
    frames = replace(frames, readings=readings, force_unit=f"{choice} (chosen)")
    if choice == EV_PER_ANGSTROM:
        return frames
    return _multiplied(frames, IN_EV_PER_ANGSTROM[choice], f"the chosen unit {choice} is that of forces alone", where)


def with_chosen_factor(frames: LabelledFrames, factor: float, where: str) -> LabelledFrames:
    """Return frames with all forces multiplied by the factor that the visitor chose (`ReadOptions.force_factor`).

    Energies and stresses stay where the factor is −1 (gradients given for forces), and are left out otherwise: nobody
    said that it is theirs, too.
    """
    if factor == 1.0:
        return frames
    readings = list(frames.readings)
    if factor < 0:
        detail = "You chose that the files give gradients: all forces were multiplied by −1."
        readings = [one for one in readings if one.topic != "sign"]
        readings.append(Reading("sign", "turned round", "chosen", detail))
    if abs(factor) == 1.0:
        turned = tuple(replace(frame, reference_forces=-frame.reference_forces) for frame in frames.frames)
        return replace(frames, frames=turned, readings=tuple(readings))
    size = f"{abs(factor):.6g}"
    before = frames.force_unit
    readings = [one for one in readings if one.topic != "unit"]
    detail = f"You chose to multiply all forces by {size}, beside their unit as read: {before}."
    readings.append(Reading("unit", f"{before} × {size}", "chosen", detail))
    frames = replace(frames, readings=tuple(readings), force_unit=f"{before} × {size} (chosen)")
    return _multiplied(frames, factor, "the chosen factor is that of forces alone", where)


def _multiplied(frames: LabelledFrames, factor: float, because: str, where: str) -> LabelledFrames:
    """Return frames with other forces, without energies and stresses."""
    converted = tuple(
        replace(frame, reference_forces=frame.reference_forces * factor, reference_energy=None, reference_stress=None)
        for frame in frames.frames
    )
    warnings = list(frames.warnings)
    if any(frame.reference_energy is not None or frame.reference_stress is not None for frame in frames.frames):
        warnings.append(f"{where}: energies and stresses were left out, for {because}.")
    return replace(frames, frames=converted, warnings=tuple(warnings))


def _with_unit_reading(frames: LabelledFrames) -> LabelledFrames:
    if not frames.frames or any(one.topic == "unit" for one in frames.readings):
        return frames
    if frames.force_unit_is_stated:
        detail = f"It is that of the format, {frames.file_format}, or stands in the file."
        reading = Reading("unit", frames.force_unit, "stated", detail)
    else:
        name, _, ground = frames.force_unit.removesuffix(")").partition(" (")
        reading = _reading_of(name if name in IN_EV_PER_ANGSTROM else EV_PER_ANGSTROM, ground)
    return replace(frames, readings=(*frames.readings, reading))
