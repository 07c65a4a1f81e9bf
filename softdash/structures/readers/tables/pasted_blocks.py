"""Blocks of forces as programs print them, pasted or saved as text: each with its unit and what stands beside.

A program is one entry of `PROGRAMS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from softdash.structures.readers.numbers_in_text import element_in, is_number_word, read_number
from softdash.structures.units.unit_grammar import looks_like_unit, parse_unit

_GLUED = re.compile(r"(?<=[\d.])-(?=[\d.])")
_CONSTRAINED = re.compile(r"\(cons'd\)|\(mixed\)|\(frozen\)")
_RULE = re.compile(r"[\s\-=*_|]*")
_BY_FORCE_FIELD = re.compile(r"\(ML\)", re.IGNORECASE)
_LINES_BEFORE_ROWS_MAX = 8
_HEADING_UNIT = re.compile(r"[\[(]\s*(?:cartesian axes,\s*)?([^\])]{1,40})[\])]")


@dataclass(frozen=True, slots=True)
class Program:
    """How one program prints forces.

    Attributes
    ----------
    name : str
        Name for people.
    headings : tuple of str
        Words of the line above, lower case, in the ways it is written.
    row : str
        Words of one row: ``n`` number of the atom, ``el`` element, ``z`` atomic number, ``i`` an integer of no use,
        ``x`` a coordinate, ``f`` a component of the force, ``r`` a number of no use; else the word itself.
    unit : str
        Unit of force, where the heading does not name another one in brackets.
    is_gradient : bool
        Whether it prints gradients.
    length_unit : str or None
        Unit of the coordinates.
    is_plain : bool
        Whether rows are unmistakable without their heading.
    """

    name: str
    headings: tuple[str, ...]
    row: str
    unit: str
    is_gradient: bool = False
    length_unit: str | None = None
    is_plain: bool = False


PROGRAMS: tuple[Program, ...] = (
    Program("VASP", ("total-force",), "x x x f f f", "eV/Å", length_unit="Å"),
    Program("Quantum ESPRESSO", ("forces acting on atoms",), "atom n type i force = f f f", "Ry/bohr", is_plain=True),
    Program("FHI-aims", ("total atomic forces",), "| n f f f", "eV/Å", is_plain=True),
    Program("ONETEP", ("cartesian components (eh/a", "cartesian components ( eh/a"), "* el n f f f *", "Ha/bohr"),
    Program(
        "CASTEP",
        (" forces ***", "cartesian components (ev/a", "cartesian components ( ev/a"),
        "* el n f f f *",
        "eV/Å",
        is_plain=True,
    ),
    Program("CP2K", ("atomic forces in [",), "n i el f f f", "Ha/bohr"),
    Program("CP2K", ("forces| atomic forces",), "FORCES| n f f f r", "Ha/bohr", is_plain=True),
    Program("GPAW", ("forces in ev/ang",), "n el f f f", "eV/Å"),
    Program("ABINIT", ("cartesian forces (hartree/bohr", "cartesian forces (ev/ang"), "n f f f", "Ha/bohr"),
    Program(
        "SIESTA", ("siesta: atomic forces", "siesta: constrained forces"), "siesta: n f f f", "eV/Å", is_plain=True
    ),
    Program("SIESTA", ("siesta: atomic forces", "siesta: constrained forces"), "n f f f", "eV/Å"),
    Program("ORCA", ("cartesian gradient",), "n el : f f f", "Ha/bohr", is_gradient=True),
    Program("Gaussian", ("forces (hartrees/bohr)", "forces (hartree/bohr)"), "n z f f f", "Ha/bohr"),
    Program(
        "NWChem",
        ("dft energy gradients", "scf energy gradients", "rhf energy gradients", "uhf energy gradients"),
        "n el x x x f f f",
        "Ha/bohr",
        is_gradient=True,
        length_unit="bohr",
    ),
    Program("Psi4", ("-total gradient:",), "n f f f", "Ha/bohr", is_gradient=True),
    Program("PySCF", (" gradients ---",), "n el f f f", "Ha/bohr", is_gradient=True),
    Program("CRYSTAL", ("cartesian forces in hartree/bohr",), "n z f f f", "Ha/bohr"),
)


@dataclass(slots=True)
class Block:
    """The rows of one block, as words.

    Attributes
    ----------
    program : Program
    line : int
        Line of its first row.
    unit : str
        Unit of force as the heading names it, else that of the program.
    has_heading : bool
    is_of_model : bool
        Whether the heading says that a force field made them: VASP's ``(ML)``.
    """

    program: Program
    unit: str
    has_heading: bool
    is_of_model: bool = False
    lines: list[int] = field(default_factory=list)
    forces: list[tuple[str, ...]] = field(default_factory=list)
    positions: list[tuple[str, ...]] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def find_blocks(text: str) -> list[Block]:
    """Return the blocks of one program in a text, in their order; empty if there are none.

    Blocks with their heading are looked for first; rows without one count where their form is unmistakable.
    """
    lowered = text.lower()
    lines: list[str] = []
    for program in PROGRAMS:
        starts = [start for words in program.headings for start in _lines_with(lowered, words)]
        if not starts:
            continue
        lines = lines or text.split("\n")
        found: list[Block] = []
        for start in sorted(set(starts)):
            block = _block_below(lines, start, program) if not found or start >= found[-1].lines[-1] else None
            found += [block] if block is not None else []
        if found:
            return _without_twins(found)
    return _plain_rows(text)


def _lines_with(text: str, words: str) -> Iterator[int]:
    """Yield the numbers (from 0) of the lines that hold `words`, each once."""
    place, line, counted = text.find(words), 0, 0
    while place >= 0:
        line += text.count("\n", counted, place)
        counted = place
        yield line
        end = text.find("\n", place)
        place = text.find(words, end) if end >= 0 else -1


def _block_below(lines: Sequence[str], heading: int, program: Program) -> Block | None:
    is_of_model = program.name == "VASP" and _BY_FORCE_FIELD.search(lines[heading][:300]) is not None
    block = Block(program, _unit_of(lines[heading : heading + 3], program), True, is_of_model)
    pattern = program.row.split()
    waited = 0
    for number in range(heading, len(lines)):
        line = lines[number]
        words = _words(line)
        if not _RULE.fullmatch(line) and _take_row(block, pattern, words, number + 1):
            continue
        if block.lines and not _RULE.fullmatch(line):
            break
        if block.lines and line.strip() and program.name != "CASTEP":
            break
        waited += not block.lines and number > heading
        if waited > _LINES_BEFORE_ROWS_MAX:
            return None
    return block if block.lines else None


def _unit_of(lines: Sequence[str], program: Program) -> str:
    """Return the unit in the brackets of a heading, understood or not; without one that of the program."""
    if program.name == "ONETEP":
        return program.unit
    for line in lines:
        for found in _HEADING_UNIT.finditer(line[:300]):
            if parse_unit(found[1]) is not None or looks_like_unit(found[1]):
                return found[1].strip()
    return program.unit


def _words(line: str) -> list[str]:
    if len(line) > 1000:
        return []
    line = _CONSTRAINED.sub(" ", line)
    line = _GLUED.sub(" -", line) if "-" in line else line
    return (
        line.replace("|", " | ")
        .replace("FORCES |", "FORCES|")
        .replace("=", " = ")
        .replace(":", " : ")
        .replace("siesta :", "siesta:")
        .split()
    )


def _take_row(block: Block, pattern: Sequence[str], words: Sequence[str], line: int) -> bool:
    """Add a row to a block; False if the words are not of its form."""
    if len(words) != len(pattern):
        return False
    forces: list[str] = []
    position: list[str] = []
    element, number = "", None
    for kind, word in zip(pattern, words, strict=True):
        if kind in ("f", "x", "r"):
            if not is_number_word(word):
                return False
            (forces if kind == "f" else position if kind == "x" else []).append(word)
        elif kind in ("n", "i", "z"):
            if not word.isdigit() or len(word) > 8:
                return False
            number = int(word) if kind == "n" else number
            element = word if kind == "z" else element
        elif kind == "el":
            if element_in(word) is None:
                return False
            element = word
        elif kind != word:
            return False
    if not any("." in word or "*" in word for word in forces):
        return False
    block.lines.append(line)
    block.forces.append(tuple(forces))
    block.positions += [tuple(position)] if position else []
    block.elements += [element] if element else []
    block.numbers += [number] if number is not None else []
    return True


def _plain_rows(text: str) -> list[Block]:
    """Return blocks of rows without heading, if all lines with numbers are such rows of one program."""
    lines = [
        (number, line) for number, line in enumerate(text.split("\n"), start=1) if re.search(r"\d\.|\.\d|\*{3}", line)
    ]
    if not lines:
        return []
    for program in PROGRAMS:
        if not program.is_plain:
            continue
        pattern = program.row.split()
        blocks: list[Block] = []
        missed = 0
        for number, line in lines:
            current = blocks[-1] if blocks else None
            trial = Block(program, program.unit, False)
            if not _take_row(trial, pattern, _words(line), number):
                missed += 1
                continue
            begins = current is None or (
                trial.numbers and current.numbers and trial.numbers[0] <= current.numbers[-1] and not trial.elements
            )
            if current is None or begins:
                blocks.append(trial)
            else:
                _take_row(current, pattern, _words(line), number)
        rows = sum(len(block.lines) for block in blocks)
        if rows and missed <= max(2, rows // 4):
            return blocks
    return []


def _without_twins(blocks: list[Block]) -> list[Block]:
    """Leave out a block that repeats the one before it in another unit (ABINIT prints both)."""
    kept: list[Block] = []
    for block in blocks:
        if (
            kept
            and kept[-1].unit != block.unit
            and len(kept[-1].forces) == len(block.forces)
            and _are_twins(kept[-1], block)
        ):
            kept[-1] = block
        else:
            kept.append(block)
    return kept


def _are_twins(first: Block, second: Block) -> bool:
    units = parse_unit(first.unit), parse_unit(second.unit)
    if units[0] is None or units[1] is None:
        return False
    pairs = zip(_values(first), _values(second), strict=True)
    return all(
        abs(a * units[0].factor - b * units[1].factor) < 2e-3 * max(1.0, abs(b * units[1].factor)) for a, b in pairs
    )


def _values(block: Block) -> Iterator[float]:
    for row in block.forces:
        for word in row:
            try:
                yield read_number(word)
            except ValueError:
                yield 0.0
