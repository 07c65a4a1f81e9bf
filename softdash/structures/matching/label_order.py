"""The order of rows that names of sites tell: ``O4`` as the CIF calls it, or the fourth O."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.structures.matching.atom_order import order_by_groups

_PADDING = re.compile(r"[\s_()\[\]\"'.-]+")
_ISOTOPES = {"d": "h", "t": "h"}
_NUMBERED = re.compile(r"[a-z]{1,3}(\d{1,6})")


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """Rows in the order of the structure, by their labels.

    Attributes
    ----------
    order : ndarray of int, shape (N,)
        For each atom its row.
    how : str
        In words: ``"the labels of the CIF"``.
    is_certain : bool
        Whether the labels are the structure's own, each there once.
    is_complete : bool
        Whether each row was told from all others; else only groups of rows (the atoms of one site) were.
    """

    order: NDArray[np.intp]
    how: str
    is_certain: bool
    is_complete: bool = True


def order_by_labels(
    labels: Sequence[str], structure_labels: Sequence[str] | None, numbers: NDArray[np.int64]
) -> LabelOrder | None:
    """Return the order of rows by their labels, None where labels tell no order.

    Parameters
    ----------
    labels : sequence of str
        Of the N rows.
    structure_labels : sequence of str or None
        Of the N atoms, as their file names them.
    numbers : ndarray of int, shape (N,)
        Atomic numbers of the atoms.
    """
    if len(labels) != len(numbers):
        return None
    found = _plain(labels)
    if structure_labels is not None and len(structure_labels) == len(numbers):
        own = _plain(structure_labels)
        if Counter(own) == Counter(found) and _tell_more_than_elements(own, numbers):
            order = order_by_groups(own, found)
            if order is not None:
                is_complete = len(set(own)) == len(own)
                return LabelOrder(order, "the labels of the structure's file", is_complete, is_complete)
    return _by_numbered_labels(found, numbers)


def _plain(labels: Sequence[str]) -> list[str]:
    """Return labels in one spelling: ``Fe(1)`` and ``FE_1`` as ``fe1``; primes and letters tell sites apart."""
    marked = [label.replace("’", "'").replace("′", "'").replace("'", "p") for label in labels]
    return [_PADDING.sub("", label).casefold() for label in marked]


def _tell_more_than_elements(labels: Sequence[str], numbers: NDArray[np.int64]) -> bool:
    return len(set(labels)) > len(set(numbers.tolist()))


def _by_numbered_labels(labels: Sequence[str], numbers: NDArray[np.int64]) -> LabelOrder | None:
    """Return the order of labels that count the atoms: of the whole cell (``Ti1 Ti2 O3``), or of each element."""
    from ase.data import chemical_symbols

    symbols = [chemical_symbols[number].casefold() for number in numbers]
    count = len(labels)
    suffixes: list[int] = []
    for label in labels:
        match = _NUMBERED.fullmatch(label)
        if match is None:
            return None
        suffixes.append(int(match[1]))
    words = [_ISOTOPES.get(word, word) for word in (label.rstrip("0123456789") for label in labels)]
    start = min(suffixes)
    if start in (0, 1) and sorted(suffixes) == list(range(start, start + count)):
        order = np.argsort(np.array(suffixes), kind="stable")
        if all(words[row] == symbols[atom] for atom, row in enumerate(order)):
            return LabelOrder(order, "the numbers in their labels, which count all atoms", False)
    rows_of: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, (word, suffix) in enumerate(zip(words, suffixes, strict=True)):
        rows_of[word].append((suffix, row))
    counted: dict[str, list[int]] = {}
    for word, rows in rows_of.items():
        rows.sort()
        first = rows[0][0]
        if first not in (0, 1) or [suffix for suffix, _ in rows] != list(range(first, first + len(rows))):
            return None
        counted[word] = [row for _, row in rows]
    if Counter(symbols) != Counter(words):
        return None
    left = {word: iter(rows) for word, rows in counted.items()}
    order = np.array([next(left[symbol]) for symbol in symbols], dtype=np.intp)
    return LabelOrder(order, "the numbers in their labels, which count the atoms of each element", False)
