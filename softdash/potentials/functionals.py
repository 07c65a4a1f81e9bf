"""Whether two names of exchange-correlation functionals mean the same one."""

from __future__ import annotations

import re

UNKNOWN_FUNCTIONAL = "unknown"
"""Of labels whose file does not tell it."""
_HUBBARD_U = re.compile(r"\(?\+u\)?(?![a-z0-9])")
_SPACED_ADDITION = re.compile(r"\s*\+\s*|\s+(?=(?:d[234]|ts|mbd|vdw)\b)")


def plain_functional(name: str) -> str:
    """Return a functional's name for comparison: ``"PBE(+U) (VASP)"`` and ``"pbe + U"`` are ``"pbe"``.

    A Hubbard U makes no functional of its own, since the labels of Materials Project mix PBE and PBE+U; a dispersion
    correction does: ``"PBE+D3(BJ)"`` is ``"pbe+d3(bj)"``. Words behind the first one say where the forces come from.
    """
    text = _SPACED_ADDITION.sub("+", name.strip().lower().replace("²", "2"))
    words = _HUBBARD_U.sub("", text).split()
    return words[0].strip(",;:") if words else UNKNOWN_FUNCTIONAL


def functional_differs(functional: str, training_functional: str) -> bool:
    """Whether labels were made with another functional than the training set.

    Parameters
    ----------
    functional : str
        Of the labels, ``"PBE+U"``.
    training_functional : str
        Of the training set; alternatives are separated by a slash, ``"PBE / PBE+U"``.
    """
    return plain_functional(functional) not in {plain_functional(name) for name in training_functional.split("/")}
