"""Formulas in running text, as chemists write them."""

from __future__ import annotations

import re

from ase.formula import Formula

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FORMULA = re.compile(r"(?:[A-Z][a-z]?|\d|[()])+")


def formula_text(formula: str) -> str:
    """Return a formula, metals first, with subscript digits: ``"O3SrTi"`` → ``"SrTiO₃"``."""
    return str(Formula(formula).format("metal")).translate(_SUBSCRIPTS)


def subscripted(formula: str) -> str:
    """Return a formula whose elements already stand in order with subscript digits: ``"Co(GeO3)2"`` → ``"Co(GeO₃)₂"``.

    A name that is no formula stays as it is: ``"Si (diamond, 2)"``.
    """
    return formula.translate(_SUBSCRIPTS) if _FORMULA.fullmatch(formula) else formula


def title_text(title: str) -> str:
    """Return the title of a report; the formulas of one that softdash made have subscripts."""
    materials, by, potentials = title.partition(" by ")
    # Of several materials: "LiF, SiO2 and 4 more"; a number is no formula.
    shown = [word if word.isdigit() else subscripted(word) for word in re.split("(, | and )", materials)]
    return f"{''.join(shown)}{by}{potentials}"
