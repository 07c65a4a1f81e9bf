"""Checks of geometry and labels, the same for every format: what makes a frame useless, what deserves a sentence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms

from softdash.errors import Choice, ForcesMissingError, RefusalError
from softdash.settings import Settings
from softdash.softening.refusals import SMALLEST_REFERENCE_RMS
from softdash.structures.frames.force_units import choices_for_large_forces
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.limits import check_material_count
from softdash.structures.matching.misread_forces import what_forces_are
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.upload.shortest_distance import ClosePair, closest_pair, compact_cell, face_distances

SHORT_DISTANCE = 0.7
"""Å; shorter than any bond without hydrogen (H2: 0.74), still what a hot run may reach."""

SHORT_HYDROGEN_DISTANCE = 0.5
"""Å; the same where hydrogen takes part."""

FLAT_CELL = 0.3
"""Å between opposite faces; thinner cells are mistakes."""

_HYDROGEN = 1
_CORRECT = "Correct the file and upload it again."
_ADD_FORCES = "Write the DFT forces into the file, or upload what the DFT program wrote."


@dataclass(frozen=True, slots=True)
class _Remark:
    """Something odd about one frame; remarks of one `kind` become one warning, told by the one of largest `weight`."""

    kind: str
    weight: float
    sentence: str


def check_frames(frames: LabelledFrames, settings: Settings) -> LabelledFrames:
    """Return `frames` with useless ones moved to `refused`, and with warnings.

    Raises
    ------
    RefusalError
        If no frame is left; it tells the reason of the first.
    ForcesMissingError
        If all that is missing are forces: states of such a structure can be sampled.
    TooLargeError
        If too many materials are left; see `check_material_count`.
    """
    usable: list[LabelledFrame] = []
    refused = list(frames.refused)
    remarks: dict[str, list[tuple[_Remark, LabelledFrame]]] = defaultdict(list)
    seen: dict[bytes, LabelledFrame] = {}
    for frame in frames.frames:
        try:
            found = _check_frame(frame, settings)
        except FrameProblem as problem:
            refused.append(RefusedFrame(frame.origin, str(problem), problem.advice))
            continue
        usable.append(frame)
        twin = seen.setdefault(_geometry_key(frame.atoms), frame)
        if twin is not frame:
            found.append(_Remark("the same structure as an earlier frame", 0.0, f"the same as {twin.origin}"))
        for remark in found:
            remarks[remark.kind].append((remark, frame))
    if not usable:
        raise _nothing_usable(refused, _other_units(frames, settings))
    sentences = [_sentence(kind, found, len(usable)) for kind, found in remarks.items()]
    checked = replace(
        frames,
        frames=tuple(usable),
        refused=tuple(refused),
        warnings=tuple(dict.fromkeys([*frames.warnings, *sentences])),
    )
    check_material_count(checked.frame_formulas, checked.grouping, settings)
    return checked


def check_structure(atoms: Atoms, settings: Settings, where: str) -> None:
    """Check a structure without labels.

    Raises
    ------
    RefusalError
        If it has no atoms, an impossible cell, or overlapping atoms.
    """
    try:
        _check_structure(atoms)
        _check_distances(atoms, settings)
    except FrameProblem as problem:
        raise RefusalError(str(problem), where=where, advice=problem.advice or _CORRECT) from None


def _other_units(frames: LabelledFrames, settings: Settings) -> tuple[Choice, ...]:
    """Return the units that bring forces to a usual size, where all are too large and no file states their unit."""
    if frames.force_unit_is_stated or not frames.frames:
        return ()
    sizes = [float(np.abs(frame.reference_forces).max(initial=0.0)) for frame in frames.frames]
    if not all(np.isfinite(size) and size > settings.force_max for size in sizes):
        return ()
    return choices_for_large_forces(max(sizes))


def _nothing_usable(refused: list[RefusedFrame], other_units: tuple[Choice, ...]) -> RefusalError | ForcesMissingError:
    first = refused[0]
    what = first.reason if len(refused) == 1 else f"None of the {len(refused)} frames can be used. {first.reason}"
    if all(frame.lacks_forces for frame in refused):
        return ForcesMissingError(what, where=first.origin, advice=first.advice or _ADD_FORCES, offer="sample")
    return RefusalError(what, where=first.origin, advice=first.advice or _CORRECT, choices=other_units)


def _sentence(kind: str, found: list[tuple[_Remark, LabelledFrame]], frame_count: int) -> str:
    remark, frame = max(found, key=lambda pair: pair[0].weight)
    if len(found) == 1:
        return f"{frame.origin}: {remark.sentence}."
    return f"{len(found)} of {frame_count} frames: {kind}; for example {frame.origin}: {remark.sentence}."


def _geometry_key(atoms: Atoms) -> bytes:
    return b"".join((atoms.numbers.tobytes(), atoms.positions.tobytes(), atoms.cell.array.tobytes()))


def _check_frame(frame: LabelledFrame, settings: Settings) -> list[_Remark]:
    """Return remarks on one frame; `FrameProblem` if it is useless."""
    _check_structure(frame.atoms)
    _check_forces(frame, settings)
    remarks = [*_check_distances(frame.atoms, settings), *_cell_of_a_molecule(frame.atoms)]
    energy, stress = frame.reference_energy, frame.reference_stress
    if energy is not None and not np.isfinite(energy):
        raise FrameProblem(f"Its energy is not a number ({energy}).")
    if stress is not None and not np.isfinite(stress).all():
        raise FrameProblem("Its stress is not a number.")
    return remarks


def _cell_of_a_molecule(atoms: Atoms) -> list[_Remark]:
    """Remark on a cell in which nothing is periodic: a box around a molecule, or a crystal with a wrong flag."""
    if atoms.pbc.any() or atoms.cell.rank < 3:
        return []
    kind = "a cell, but periodic in no direction (pbc F F F), so that they were read as isolated molecules"
    consequence = "if this is a crystal, every prediction will be wrong"
    return [_Remark(f"{kind}; {consequence}", 0.0, f"its cell is not periodic (pbc F F F): {consequence}")]


def _check_structure(atoms: Atoms) -> None:
    if len(atoms) == 0:
        raise FrameProblem("It has no atoms.")
    unknown = np.flatnonzero((atoms.numbers < 1) | (atoms.numbers > 118))
    if len(unknown):
        raise FrameProblem(f"Atom {unknown[0] + 1} is of no known element.")
    bad = np.flatnonzero(~np.isfinite(atoms.positions).all(axis=1))
    if len(bad):
        raise FrameProblem(f"The position of {_atom(atoms, bad[0])} is not a number.")
    cell = atoms.cell.array
    if not np.isfinite(cell).all():
        raise FrameProblem("A cell vector is not a number.")
    if not atoms.pbc.any():
        return
    lengths = np.linalg.norm(cell, axis=1)
    if np.any(lengths[atoms.pbc] == 0):
        raise FrameProblem("It is periodic along a cell vector of length zero.")
    full = atoms.cell.complete().array
    if abs(np.linalg.det(full)) <= 1e-9 * np.prod(np.linalg.norm(full, axis=1)):
        raise FrameProblem("The cell has no volume: its vectors lie in one plane.")
    thinnest = face_distances(compact_cell(atoms))[atoms.pbc].min()
    if thinnest < FLAT_CELL:
        raise FrameProblem(f"The cell is only {thinnest:.3g} Å thick.")


def _check_forces(frame: LabelledFrame, settings: Settings) -> None:
    atoms, forces = frame.atoms, frame.reference_forces
    if forces.shape != (len(atoms), 3):
        raise FrameProblem(f"It has {len(forces)} forces and {len(atoms)} atoms.")
    bad = np.argwhere(~np.isfinite(forces))
    if len(bad):
        atom, axis = bad[0]
        raise FrameProblem(
            f"The {'xyz'[axis]} force on {_atom(atoms, atom)} is not a number ({forces[atom, axis]}): "
            f"{len(bad)} of {forces.size} components in all.",
            "Leave this frame out, or look whether its DFT calculation went wrong.",
        )
    instead = what_forces_are(atoms, forces)
    if instead is not None:
        raise FrameProblem(
            f"Its numbers are no forces, but {instead}.", "Write the forces of the DFT run into the file."
        )
    atom, axis = divmod(int(np.argmax(np.abs(forces))), 3)
    largest = forces[atom, axis]
    if abs(largest) > settings.force_max:
        raise FrameProblem(
            f"The {'xyz'[axis]} force on {_atom(atoms, atom)} is {largest:.4g} eV/Å, above {settings.force_max:g}: "
            "perhaps another unit, or overlapping atoms."
        )
    rms = float(np.sqrt(np.mean(forces**2)))
    if rms < SMALLEST_REFERENCE_RMS:
        level = "all zero" if largest == 0 else f"almost zero (rms {rms:.2g} eV/Å)"
        raise FrameProblem(
            f"The forces are {level}: such a frame says nothing about softening.",
            "Upload structures away from equilibrium: atoms displaced by hand, or steps of a hot MD run.",
        )


def _check_distances(atoms: Atoms, settings: Settings) -> list[_Remark]:
    """Refuse overlapping atoms; remark on very short distances."""
    heavy = np.flatnonzero(atoms.numbers != _HYDROGEN)
    refused_below = settings.shortest_distance_refused
    nearest = closest_pair(atoms, max(refused_below, SHORT_HYDROGEN_DISTANCE))
    if nearest is None and len(heavy):
        among_heavy = closest_pair(atoms[heavy], max(refused_below, SHORT_DISTANCE))
        if among_heavy is not None:
            first, second = heavy[among_heavy.first], heavy[among_heavy.second]
            nearest = ClosePair(int(first), int(second), among_heavy.distance)
    if nearest is None:
        return []
    pair = _pair(atoms, nearest.first, nearest.second)
    if nearest.distance < refused_below:
        raise FrameProblem(
            f"{pair} are {nearest.distance:.3f} Å apart; below {refused_below:g} Å it is a mistake "
            "(atoms listed twice, a wrong cell, fractional taken for Cartesian coordinates)."
        )
    return [_Remark("two atoms very close", -nearest.distance, f"{pair} are only {nearest.distance:.3f} Å apart")]


def _pair(atoms: Atoms, first: int, second: int) -> str:
    if first == second:
        return f"{_atom(atoms, first)} and its periodic image"
    return f"{_atom(atoms, min(first, second))} and {_atom(atoms, max(first, second))}"


def _atom(atoms: Atoms, index: int) -> str:
    return f"atom {int(index) + 1} ({atoms.symbols[int(index)]})"
