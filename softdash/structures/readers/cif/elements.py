"""Which element a site of a CIF is: ``Ti4+``, ``TI1``, ``OW2``, ``D``, and what no rule can tell."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from softdash.structures.readers.cif.document import UNKNOWN, CifBlock
from softdash.structures.readers.numbers_in_text import atomic_number

_HYDROGEN = frozenset({"D", "T"})
_SAME_RATIO = 1e-3
_FORMULAS = ("_chemical_formula_sum", "_chemical_formula_moiety", "_chemical_formula_structural")


@dataclass(frozen=True, slots=True)
class Element:
    """An element as it was understood.

    Attributes
    ----------
    symbol : str
        ``"H"`` of deuterium and tritium.
    is_isotope : bool
    is_guessed : bool
        Whether the letters could mean another element too: ``PB1`` may be lead or, carelessly, phosphorus.
    """

    symbol: str
    is_isotope: bool = False
    is_guessed: bool = False


def element_of(text: str, formula: frozenset[str]) -> Element | None:
    """Return the element that `text` (a type symbol or a label) names, None if that cannot be told.

    Parameters
    ----------
    text : str
    formula : frozenset of str
        Elements of the chemical formula that the file states; empty if it states none.
    """
    letters = re.match(r"\s*([A-Za-z]+)", text)
    if letters is None:
        return None
    word = letters[1]
    two, one = word[:2].capitalize(), word[:1].upper()
    can_be_two = len(word) >= 2 and _is_element(two)
    can_be_one = _is_element(one)
    if can_be_two and not (can_be_one and word[:2].isupper()):
        if len(word) > 2 and word[2:].islower():
            return None  # a word that begins like an element
        return Element(two)
    if can_be_two and can_be_one:  # PB, CO, NI, SN in capitals: two letters, unless the formula has only the first
        in_formula = {symbol for symbol in (two, one) if symbol in formula}
        if len(in_formula) == 1:
            return _hydrogen(in_formula.pop())
        return Element(two, is_guessed=True)
    if not can_be_one and one not in _HYDROGEN:
        return None
    if word[1:2].islower() and one not in formula:
        return None  # Wat1, Qx: a word, not an element with a number
    return _hydrogen(one)


def elements_of_formula(block: CifBlock) -> frozenset[str]:
    """Return the elements of the chemical formula that a block states, empty if it states none that can be read."""
    for tag in _FORMULAS:
        text = block.value(tag)
        if text is None:
            continue
        words = re.findall(r"([A-Z][a-z]?)(?=[^a-z]|$)", text[:2_000])
        if words and all(_is_element(word) or word in _HYDROGEN for word in words):
            return frozenset(words)
    return frozenset()


def formula_fits(block: CifBlock, symbols: Sequence[str]) -> bool:
    """Whether atoms have the ratios of the sum formula that a block states; True if it states none."""
    parts = re.findall(r"([A-Z][a-z]?)(\d{0,6}(?:\.\d{1,6})?)", (block.value("_chemical_formula_sum") or "")[:2_000])
    formula: dict[str, float] = defaultdict(float)
    for symbol, amount in parts:
        formula["H" if symbol in _HYDROGEN else symbol] += float(amount or 1)
    found = Counter(symbols)
    total = sum(formula.values())
    if not total or not all(_is_element(symbol) for symbol in formula):
        return True
    return all(
        abs(found[symbol] / len(symbols) - formula[symbol] / total) < _SAME_RATIO for symbol in {*found, *formula}
    )


def elements_of_sites(block: CifBlock, count: int) -> tuple[list[Element], int | None]:
    """Return the elements of `count` sites and None; else those before the first that nothing tells, and its number."""
    formula = elements_of_formula(block)
    types = block.column("_atom_site_type_symbol") or []
    labels = block.column("_atom_site_label", "_atom_site_label_atom_id", "_atom_site_id") or []
    known: dict[tuple[str, str], Element | None] = {}
    found: list[Element] = []
    for index in range(count):
        kind = types[index] if index < len(types) else "?"
        label = labels[index] if index < len(labels) else "?"
        if (kind, label) not in known:
            by_type = None if kind in UNKNOWN else element_of(kind, formula)
            by_label = None if label in UNKNOWN or kind not in UNKNOWN else element_of(label, formula)
            known[kind, label] = by_label if by_type is None else replace(by_type, is_guessed=False)
        element = known[kind, label]
        if element is None:
            return found, index
        found.append(element)
    return found, None


def _is_element(symbol: str) -> bool:
    return symbol.isalpha() and atomic_number(symbol) is not None


def _hydrogen(symbol: str) -> Element:
    return Element("H", is_isotope=True) if symbol in _HYDROGEN else Element(symbol)
