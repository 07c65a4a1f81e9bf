"""VASP's POSCAR and CONTCAR (https://www.vasp.at/wiki/POSCAR).

Own reader: `ase.io.vasp` builds arrays of any announced size, reads neighbouring POTCAR and OUTCAR files of other
people's uploads, and its messages name no line. Compared with it, and with pymatgen, in tests/structures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import movable_flags
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import StructureFormat
from softdash.structures.readers.fractional_coordinates import atoms_from_fractional
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.numbers_in_text import atomic_number, read_number
from softdash.structures.readers.vasp_functional import is_true

_SPECIES_MAX = 200
_ADVICE = "See the POSCAR page of the VASP wiki for what each line holds."


def read(
    source: SourceFile,
    settings: Settings,
    budget: FrameBudget,
    options: ReadOptions = ReadOptions(),  # noqa: ARG001, B008 - nothing in a POSCAR is left to choose; frozen
) -> BareStructure:
    """Read a POSCAR; velocities are passed over.

    Raises
    ------
    InputError
        Naming the line that cannot be read; for a file of VASP 4 without chemical symbols.
    TooLargeError
        If the counts on the sixth or seventh line are over the limits; nothing was allocated by then.
    """
    text = source.read_text(settings.structure_file_max_bytes)
    lines = _Lines(source.name, text.split("\n"))
    comment = lines.take("a comment")
    scale_words = lines.take("the scaling factor").split()
    vectors = np.array([lines.numbers("a cell vector") for _ in range(3)])
    scale = _scale(scale_words, vectors, lines)
    symbols, counts = _species(lines, comment)
    budget.take(sum(counts), f"{source.name}, line {lines.number}")

    mode = lines.take("Direct or Cartesian").strip()
    is_selective = mode[:1].lower() == "s"
    if is_selective:
        mode = lines.take("Direct or Cartesian").strip()
    coordinates = np.array([lines.numbers(f"the position of atom {index + 1}") for index in range(sum(counts))])
    flags = [words[3:6] for words in map(str.split, lines.lines[lines.number - len(coordinates) : lines.number])]
    numbers = np.repeat([number for _, number in symbols], counts)
    cell = vectors * scale
    if mode[:1].lower() in ("c", "k"):
        atoms = Atoms(numbers=numbers, positions=coordinates * scale, cell=cell, pbc=True)
    else:
        try:
            atoms = atoms_from_fractional(numbers, coordinates, cell)
        except FrameProblem as problem:
            raise InputError(str(problem), where=f"{source.name}, lines 3 to 5", advice=_ADVICE) from None
    fixed = movable_flags([[is_true(word) for word in row] for row in flags]) if is_selective else None
    return BareStructure(atoms, "POSCAR", len(atoms), fixed=fixed)


@dataclass
class _Lines:
    """Lines of a POSCAR with their numbers."""

    name: str
    lines: list[str]
    number: int = 0

    def take(self, what: str) -> str:
        """Return the next line."""
        if self.number >= len(self.lines):
            raise InputError(
                f"The file ends where {what} should stand.", where=f"{self.name}, line {self.number}", advice=_ADVICE
            )
        self.number += 1
        return self.lines[self.number - 1]

    def numbers(self, what: str) -> list[float]:
        """Return the first three words of the next line as numbers."""
        words = self.take(what).split()
        try:
            return [read_number(words[index]) for index in range(3)]
        except (ValueError, IndexError):
            raise self.problem(f"{what} should stand here as three numbers") from None

    def problem(self, what: str) -> InputError:
        """Return an error about the line just taken."""
        shown = self.lines[self.number - 1].strip()[:60]
        return InputError(
            f"{what[0].upper()}{what[1:]}, but the line is {shown!r}.",
            where=f"{self.name}, line {self.number}",
            advice=_ADVICE,
        )


def _scale(words: list[str], vectors: NDArray[np.float64], lines: _Lines) -> NDArray[np.float64]:
    """Return the factor(s) of all vectors; a single negative number is the volume of the cell, Å³."""
    factors: list[float] = []
    for word in words[:3]:
        try:
            factors.append(read_number(word))
        except ValueError:
            break
    where = f"{lines.name}, line 2"
    if len(factors) not in (1, 3) or not np.isfinite(factors).all() or (len(factors) == 3 and min(factors) <= 0):
        what = "The scaling factor must be one number, or three positive ones."
        raise InputError(what, where=where, advice=_ADVICE)
    if factors[0] == 0:
        raise InputError("The scaling factor is zero.", where=where, advice="Put 1.0 there if the cell is in Å.")
    if factors[0] > 0:
        return np.array(factors)
    volume = abs(float(np.linalg.det(vectors)))
    if volume == 0:
        what = "The cell has no volume: its vectors lie in one plane."
        raise InputError(what, where=f"{lines.name}, lines 3 to 5", advice=_ADVICE)
    return np.array([np.cbrt(-factors[0] / volume)])


def _species(lines: _Lines, comment: str) -> tuple[list[tuple[str, int]], list[int]]:
    """Return (symbol, atomic number) of each species, and the counts; nothing of their size is built."""
    words = lines.take("the chemical symbols").split()
    if words and not words[0].isdigit():
        symbol_words = words
        words = lines.take("the numbers of atoms").split()
    else:
        symbol_words = comment.split()
    counts = []
    for word in words:
        if not (word.isascii() and word.isdigit()):
            break
        counts.append(int(word[:15]))
    if not counts or sum(counts) == 0:
        raise lines.problem("the numbers of atoms of each species should stand here")
    symbols = [_symbol(word) for word in symbol_words[: len(counts)]]
    if len(symbols) < len(counts) or any(number == 0 for _, number in symbols) or len(counts) > _SPECIES_MAX:
        shown = " ".join(symbol_words)[:60]
        raise InputError(
            f"There are {len(counts)} numbers of atoms, but their chemical symbols read {shown!r}.",
            where=f"{lines.name}, line {lines.number}",
            advice="Give one symbol per number, on the line before the numbers: 'Na Cl'.",
        )
    return symbols, counts


def _symbol(word: str) -> tuple[str, int]:
    """Return symbol and atomic number of ``Na``, ``Na_pv`` or ``Na_pv/6a2f546d``; 0 for no element."""
    symbol = re.split(r"[_/.]", word)[0]
    return symbol, 0 if symbol.isdigit() else atomic_number(symbol) or 0


FORMAT = StructureFormat(
    name="POSCAR",
    suffixes=(".poscar", ".contcar", ".vasp"),
    stems=("POSCAR", "CONTCAR", "SPOSCAR"),
    holds=("structure",),
    read=read,
)
