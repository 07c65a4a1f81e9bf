"""Numbers and elements as people and Fortran write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from ase.data import atomic_names, atomic_numbers
from numpy.typing import NDArray

from softdash.structures.readers.frame_problem import FrameProblem

_STARS = re.compile(r"\*{3,}")
_NAMED_NUMBERS = frozenset({"nan", "inf", "infinity"})
_FORTRAN_EXPONENT = re.compile(r"(?<=[0-9.])[dD](?=[+-]?[0-9])")


def read_number(word: str) -> float:
    """Return the number in `word`, also with a Fortran exponent (``1.0D-03``); `ValueError` otherwise."""
    try:
        return float(word)
    except ValueError:
        return float(_FORTRAN_EXPONENT.sub("e", word))


def is_number_word(word: str) -> bool:
    """Whether a word is a number, or the stars that Fortran writes for one too wide for its column."""
    if not word or (word[0].isalpha() and word.lower() not in _NAMED_NUMBERS):
        return False
    try:
        read_number(word)
    except ValueError:
        return _STARS.fullmatch(word) is not None
    return "_" not in word


def read_numbers(rows: Sequence[Sequence[str]], what: str) -> NDArray[np.float64]:
    """Return a table of words, shape (rows, columns), as numbers, each rounded correctly.

    Raises
    ------
    FrameProblem
        Naming the first word that is no number and its row, counted from 1.
    """
    width = len(rows[0]) if rows else 0
    try:
        return np.array([*map(float, chain.from_iterable(rows))]).reshape(len(rows), width)
    except ValueError:
        pass  # a Fortran exponent, or a word to name
    table = np.empty((len(rows), width))
    for index, row in enumerate(rows):
        for column, word in enumerate(row):
            try:
                table[index, column] = read_number(word)
            except ValueError:
                raise FrameProblem(f"{what} of atom {index + 1}: {word[:40]!r} is not a number.") from None
    return table


def read_elements(words: Sequence[str]) -> NDArray[np.int64]:
    """Return atomic numbers of chemical symbols (or of atomic numbers in digits).

    Raises
    ------
    FrameProblem
        Naming the first word that is no element; ``X`` is none.
    """
    numbers = np.empty(len(words), dtype=np.int64)
    for index, word in enumerate(words):
        number = atomic_number(word)
        if number is None:
            raise FrameProblem(f"Atom {index + 1}: {word[:20]!r} is not a chemical element.")
        numbers[index] = number
    return numbers


def atomic_number(word: str) -> int | None:
    """Return the atomic number of a symbol or of digits, None if it is no element."""
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 4 else atomic_numbers.get(word, 0)
    return number if 1 <= number <= 118 else None


_SYMBOL_IN_WORD = re.compile(r"([A-Za-z]+)(.*)")
_CASED_SYMBOL = re.compile(r"[A-Z][a-z](?=[A-Z])")
_ISOTOPES = {"D": 1, "T": 1}
_NAMES = {name.lower(): number for number, name in enumerate(atomic_names) if number}


def element_in(word: str) -> int | None:
    """Return the atomic number in a word that names an atom: ``Ti``, ``TI``, ``O2-``, ``Na_pv``, ``Fe1A``, ``D``."""
    found = _SYMBOL_IN_WORD.fullmatch(word.strip()[:40])
    if found is None:
        return None
    letters = found[1]
    if letters in _ISOTOPES:
        return _ISOTOPES[letters]
    if len(letters) <= 2:
        number = atomic_numbers.get(letters.capitalize(), 0)
        if not number and len(letters) == 2 and letters.isupper():  # OW: oxygen of water
            number = atomic_numbers.get(letters[0], 0)
        return number or None
    if letters.lower() in _NAMES:
        return _NAMES[letters.lower()]
    cased = _CASED_SYMBOL.match(letters)
    return atomic_numbers.get(cased[0]) if cased and len(letters) == 3 else None
