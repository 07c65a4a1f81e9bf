"""phonopy's FORCE_SETS: forces of displaced supercells, in both of its forms; the supercell is in another file."""

from __future__ import annotations

import numpy as np

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.displaced_supercells import DisplacedForces, one_atom_displaced
from softdash.structures.readers.file_format import ForceSetsFormat
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import read_number, read_numbers

NET_FORCE_SHARE = 0.1
"""Net force of a frame, as a share of the sum of its absolute forces, above which its atoms do not belong together."""

_ADVICE = "Upload the FORCE_SETS that phonopy wrote, together with its phonopy_disp.yaml or SPOSCAR."
_SUPERCELL = "Add SPOSCAR or phonopy_disp.yaml: they have the supercell, which a unit cell does not tell."
_Row = tuple[int, list[str]]


def read(source: SourceFile, settings: Settings, atom_count: int, *, is_supercell: bool) -> tuple[DisplacedForces, ...]:
    """Read a FORCE_SETS of a supercell of `atom_count` atoms.

    The first form has, after the numbers of atoms and displacements, for each displacement its atom, its vector and the
    forces; the second one has only rows of six numbers: displacement and force of each atom.
    The second form does not say how many atoms there are: unless `is_supercell`, the forces must add up to zero.

    Raises
    ------
    InputError
        Naming the line.
    TooLargeError
    """
    text = source.read_text(settings.document_max_bytes)
    rows: list[_Row] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.partition("#")[0].split()
        if words:
            rows.append((number, words))
    if not rows:
        raise InputError("It holds no numbers.", where=source.name, advice=_ADVICE)
    try:
        if len(rows[0][1]) == 6:
            return _second_form(rows, atom_count, is_supercell=is_supercell)
        return _first_form(rows, atom_count, source.name)
    except FrameProblem as problem:
        raise InputError(str(problem), where=source.name, advice=problem.advice or _ADVICE) from None


def _first_form(rows: list[_Row], atom_count: int, name: str) -> tuple[DisplacedForces, ...]:
    announced, displacement_count = _integer(rows, 0), _integer(rows, 1)
    if announced != atom_count:
        raise FrameProblem(f"It is of a supercell of {announced:,} atoms, the structure has {atom_count}.", _SUPERCELL)
    if displacement_count > len(rows):
        what = f"It announces {displacement_count:,} displacements, but has {len(rows)} lines."
        raise TooLargeError(what, where=name, advice=_ADVICE)
    place, found = 2, []
    for index in range(displacement_count):
        if place + 2 + atom_count > len(rows):
            raise FrameProblem(f"It ends within displacement {index + 1} of {displacement_count}.")
        atom = _integer(rows, place)
        if not 1 <= atom <= atom_count:
            raise FrameProblem(f"Line {rows[place][0]}: there is no atom {atom} among {atom_count}.")
        vector = _vector(rows[place + 1])
        forces = np.array([_vector(row) for row in rows[place + 2 : place + 2 + atom_count]])
        found.append(DisplacedForces(one_atom_displaced(atom_count, atom - 1, vector), forces))
        place += 2 + atom_count
    if place != len(rows):
        raise FrameProblem(f"Line {rows[place][0]}: there are more lines than its counts say.")
    return tuple(found)


def _second_form(rows: list[_Row], atom_count: int, *, is_supercell: bool) -> tuple[DisplacedForces, ...]:
    for number, words in rows:
        if len(words) != 6:
            raise FrameProblem(f"Line {number} has {len(words)} numbers, not six.")
    if len(rows) % atom_count:
        raise FrameProblem(
            f"It has {len(rows)} rows, which is no multiple of the {atom_count} atoms of the structure.", _SUPERCELL
        )
    table = read_numbers([words for _, words in rows], "Displacement and force")
    blocks = table.reshape(-1, atom_count, 6)
    forces = blocks[:, :, 3:]
    net, size = np.abs(forces.sum(axis=1)).mean(), np.abs(forces).sum(axis=1).mean()
    if not is_supercell and net > NET_FORCE_SHARE * size:
        what = (
            f"The structure has {atom_count} atoms, but taken in blocks of {atom_count} rows the forces do not add up "
            "to zero: the structure is the unit cell, or another one."
        )
        raise FrameProblem(what, _SUPERCELL)
    return tuple(DisplacedForces(block[:, :3].copy(), block[:, 3:].copy()) for block in blocks)


def _integer(rows: list[_Row], place: int) -> int:
    if place >= len(rows):
        raise FrameProblem("It ends before its counts.")
    number, words = rows[place]
    if len(words) != 1 or not (words[0].isascii() and words[0].isdigit()):
        raise FrameProblem(f"Line {number}: a count should stand here alone, but it is {' '.join(words)[:40]!r}.")
    return int(words[0][:15])


def _vector(row: _Row) -> list[float]:
    number, words = row
    try:
        if len(words) == 3:
            return [read_number(word) for word in words]
    except ValueError:
        pass
    raise FrameProblem(f"Line {number}: three numbers should stand here, but it is {' '.join(words)[:60]!r}.")


FORMAT = ForceSetsFormat(name="FORCE_SETS", stems=("FORCE_SETS",), holds=("forces",), read=read)
