"""What the cells of a column are, whatever its heading says: elements, labels of sites, numbers of atoms, sizes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softdash.structures.readers.numbers_in_text import element_in, is_number_word, read_number

ContentKind = Literal["empty", "numbers", "words"]

_WHOLE = re.compile(r"\+?\d{1,9}(?:\.0*)?")
_NUMBER_AND_ELEMENT = re.compile(r"(\d{1,9})[-_: ]?([A-Z][a-z]?)")
_PREFIXED_NUMBER = re.compile(r"([A-Za-z#]{0,12})[-_ #]?(\d{1,9})")
_ION = re.compile(r"\d*[+-]\d*|\(?\d*[+-]\d*\)?|\([IVX]+\)")
_JOINED_NUMBER = re.compile(r"-\d{1,6}")
_IONS_MOST = 2
_LARGEST = 1e100
_NORM_SLACK = 0.6
"""A written size may be off by this many units of its last decimal, and its components by theirs."""


@dataclass(frozen=True, slots=True)
class AtomWords:
    """What a column of words says about the atoms."""

    numbers: NDArray[np.int64]
    labels: tuple[str, ...] | None = None
    numbering: NDArray[np.int64] | None = None


def content_kind(cells: Sequence[str]) -> ContentKind:
    """Return whether a column is empty, has numbers in most of its rows, or words."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return "empty"
    return "numbers" if 2 * sum(map(is_number_word, filled)) > len(filled) else "words"


def atom_words(cells: Sequence[str]) -> AtomWords | None:
    """Return elements, and labels where the words tell atoms of one element apart; None if a word is no element."""
    if all(_NUMBER_AND_ELEMENT.fullmatch(cell) for cell in cells):
        pairs = [_NUMBER_AND_ELEMENT.fullmatch(cell) for cell in cells]
        found = [element_in(pair[2]) for pair in pairs if pair]
        numbering = np.array([int(pair[1]) for pair in pairs if pair], dtype=np.int64)
        if all(number is not None for number in found):
            return AtomWords(np.array(found, dtype=np.int64), None, numbering)
    numbers = [element_in(cell) for cell in cells]
    if not cells or any(number is None for number in numbers):
        return None
    if set(cells) <= {"T", "F"} and "T" in cells:  # selective dynamics, not tritium
        return None
    return AtomWords(np.array(numbers, dtype=np.int64), tuple(cells) if _are_labels(cells) else None)


def first_no_element(cells: Sequence[str]) -> int | None:
    """Return the first row whose word is no element, where most of the words are elements; None otherwise."""
    known = [element_in(cell) is not None for cell in cells]
    return known.index(False) if not all(known) and 2 * sum(known) > len(known) else None


def _are_labels(cells: Sequence[str]) -> bool:
    """Whether words are labels of sites: each there once in a frame, and more than an element or an ion."""
    period = len(cells)
    if len(set(cells)) < len(cells):  # several frames below each other
        period = len(set(cells))
        if len(cells) % period or any(cell != cells[index % period] for index, cell in enumerate(cells)):
            return False
    rests = [re.sub(r"^[A-Za-z]+", "", cell) for cell in cells[:period]]
    if len(rests) > _IONS_MOST and len(set(rests)) == len(rests) and all(map(_JOINED_NUMBER.fullmatch, rests)):
        return True  # Ti-1, O-2, O-3: no charges
    return any(rest and not _ION.fullmatch(rest) for rest in rests)


def whole_numbers(cells: Sequence[str]) -> NDArray[np.int64] | None:
    """Return a column of whole numbers (``3``, ``3.0``, ``atom3``, ``#3``); None if it is none."""
    if all(map(_WHOLE.fullmatch, cells)):
        return np.array([int(cell.split(".")[0]) for cell in cells], dtype=np.int64)
    found = [_PREFIXED_NUMBER.fullmatch(cell) for cell in cells]
    if cells and all(found) and len({match[1] for match in found if match}) == 1:
        prefix = cells[0].rstrip("0123456789 _-#")
        if element_in(prefix) is None or not prefix:
            return np.array([int(match[2]) for match in found if match], dtype=np.int64)
    return None


def is_permutation(numbers: NDArray[np.int64]) -> bool:
    """Whether numbers are 0 … N−1 or 1 … N in some order."""
    start = int(numbers.min())
    return start in (0, 1) and np.array_equal(np.sort(numbers), np.arange(start, start + len(numbers)))


def is_repeated_numbering(numbers: NDArray[np.int64]) -> bool:
    """Whether numbers are those of the atoms of several frames below each other: each frame a permutation."""
    start, count = int(numbers.min()), int(numbers.max()) - int(numbers.min()) + 1
    if start not in (0, 1) or count < 2 or count == len(numbers) or len(numbers) % count:
        return False
    frames = np.sort(numbers.reshape(-1, count), axis=1)
    return bool((frames == np.arange(start, start + count)).all())


def is_frame_numbers(numbers: NDArray[np.int64]) -> bool:
    """Whether numbers are those of frames: equal along blocks of one length, another one in each block."""
    edges = np.flatnonzero(np.diff(numbers)) + 1
    lengths = np.diff(np.concatenate(([0], edges, [len(numbers)])))
    return (
        len(edges) > 0
        and lengths.min() > 1
        and len(set(lengths.tolist())) == 1
        and len(edges) + 1 == len(np.unique(numbers))
    )


def may_be_atomic_numbers(numbers: NDArray[np.int64]) -> bool:
    """Whether numbers may be atomic numbers: neither LAMMPS's types 1, 2, 3, nor numbers of atoms with a mistake."""
    kinds = np.unique(numbers)
    if kinds[0] < 1 or kinds[-1] > 118 or np.array_equal(kinds, np.arange(1, len(kinds) + 1)):
        return False
    are_repeated = len(kinds) < len(numbers) or len(numbers) <= 3
    return bool(kinds[-1] > len(numbers) and are_repeated) or 2 * len(kinds) <= len(numbers)


def norm_column(columns: Sequence[Sequence[str]]) -> int | None:
    """Return the one of four columns of numbers that is the size of the vector of the three others."""
    values = np.array([[_number(cell) for cell in column] for column in columns])
    if not (np.abs(values) < _LARGEST).all():
        return None
    slack = np.array([10.0 ** -min(50, max(map(_decimals, column))) for column in columns]) * _NORM_SLACK
    found = []
    for place in range(len(columns)):
        rest = np.delete(values, place, axis=0)
        size = np.linalg.norm(rest, axis=0)
        allowed = slack.sum() + 1e-9 * size
        if (np.abs(np.abs(values[place]) - size) <= allowed).all() and (values[place] >= 0).all() and size.max() > 0:
            found.append(place)
    return found[-1] if found else None


def _number(cell: str) -> float:
    try:
        return read_number(cell)
    except ValueError:
        return float("nan")


def _decimals(cell: str) -> int:
    mantissa, _, exponent = cell.lower().replace("d", "e").partition("e")
    shift = int(exponent) if exponent.lstrip("+-").isdigit() and len(exponent) < 5 else 0
    return len(mantissa.partition(".")[2]) - shift
