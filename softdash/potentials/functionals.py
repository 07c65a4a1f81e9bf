"""Whether two names of exchange-correlation functionals mean the same one, Hubbard U included."""

from __future__ import annotations

import re
from collections.abc import Collection

from ase.data import atomic_numbers

UNKNOWN_FUNCTIONAL = "unknown"
"""Of labels whose file does not tell it."""
HUBBARD_METALS = frozenset({"Co", "Cr", "Fe", "Mn", "Mo", "Ni", "V", "W"})
"""Metals whose oxides and fluorides the Materials Project computes with a Hubbard U; everything else without."""
HUBBARD_ANIONS = frozenset({"O", "F"})

_HUBBARD_U = re.compile(r"\(?\+u\)?(?![a-z0-9])")
_HUBBARD_U_BY_RULE = re.compile(r"\(\+u\)")
_SPACED_ADDITION = re.compile(r"\s*\+\s*|\s+(?=(?:d[234]|ts|mbd|vdw)\b)")
_D_AND_F_ELEMENTS = (range(21, 31), range(39, 49), range(57, 81), range(89, 113))


def plain_functional(name: str) -> str:
    """Return a functional's name for comparison: ``"PBE(+U) (VASP)"`` and ``"pbe + U"`` are ``"pbe"``.

    A Hubbard U is left out here: it belongs to the elements (`hubbard_u_differs`). A dispersion correction stays:
    ``"PBE+D3(BJ)"`` is ``"pbe+d3(bj)"``. Words behind the first one say where the forces come from.
    """
    words = _HUBBARD_U.sub("", _tidy(name)).split()
    return words[0].strip(",;:") if words else UNKNOWN_FUNCTIONAL


def functional_differs(functional: str, training_functional: str, elements: Collection[str] | None = None) -> bool:
    """Whether labels were made with another functional than the training set.

    Parameters
    ----------
    functional : str
        Of the labels, ``"PBE+U"``.
    training_functional : str
        Of the training set; alternatives are separated by a slash, ``"PBE / PBE+U"``.
    elements : collection of str, optional
        Chemical symbols of the material: they decide where a Hubbard U belongs. Without them it is not looked at.
    """
    if plain_functional(functional) not in {plain_functional(name) for name in training_functional.split("/")}:
        return True
    return elements is not None and hubbard_u_differs(functional, training_functional, elements)


def hubbard_u_differs(functional: str, training_functional: str, elements: Collection[str]) -> bool:
    """Whether the labels of a material have a Hubbard U where the training set has none, or lack it where it has one.

    A training set named ``"PBE / PBE+U"`` has it as the Materials Project does (`takes_hubbard_u`), one named
    ``"PBE"`` nowhere. Labels named ``"PBE(+U)"`` follow the Materials Project, too; those named ``"PBE+U"`` have it
    wherever an element has d or f electrons.

    Parameters
    ----------
    functional, training_functional, elements
        As for `functional_differs`.
    """
    return labels_have_hubbard_u(functional, elements) is not training_has_hubbard_u(training_functional, elements)


def labels_have_hubbard_u(functional: str, elements: Collection[str]) -> bool:
    """Whether labels of this functional have a Hubbard U in a material of these elements."""
    text = _tidy(functional)
    if _HUBBARD_U_BY_RULE.search(text):
        return takes_hubbard_u(elements)
    return bool(_HUBBARD_U.search(text)) and any(
        atomic_numbers.get(symbol, 0) in row for symbol in elements for row in _D_AND_F_ELEMENTS
    )


def training_has_hubbard_u(training_functional: str, elements: Collection[str]) -> bool:
    """Whether a training set has a Hubbard U in a material of these elements."""
    return bool(_HUBBARD_U.search(_tidy(training_functional))) and takes_hubbard_u(elements)


def takes_hubbard_u(elements: Collection[str]) -> bool:
    """Whether the Materials Project applies a Hubbard U: oxides and fluorides of `HUBBARD_METALS`."""
    present = set(elements)
    return bool(present & HUBBARD_METALS and present & HUBBARD_ANIONS)


def _tidy(name: str) -> str:
    return _SPACED_ADDITION.sub("+", name.strip().lower().replace("²", "2"))
