"""Elements that a potential cannot compute: refused before anything is computed, in the same words by all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from ase import Atoms
from ase.data import atomic_numbers, chemical_symbols

from softdash.errors import PredictionError
from softdash.potentials.interface import PotentialCard

_ADVICE = "Choose a potential whose training set has {these}."


def refuse_unknown_elements(label: str, known: Collection[str], frames: Sequence[Atoms]) -> None:
    """Refuse the first frame with an element that a potential does not know.

    Parameters
    ----------
    label : str
        Name of the potential, for the message.
    known : collection of str
        Chemical symbols that it can compute.
    frames : sequence of ase.Atoms

    Raises
    ------
    PredictionError
        With the elements, and the frame counted from one.
    """
    for position, frame in enumerate(frames, start=1):
        unknown = unknown_elements(known, (chemical_symbols[number] for number in np.unique(frame.numbers)))
        if unknown:
            raise unknown_elements_error(label, unknown, f"frame {position}")


def refuse_what_the_card_lacks(card: PotentialCard, symbols: Iterable[str], where: str = "") -> None:
    """Refuse elements by a potential's card alone: before it is loaded, and where it is not installed.

    Parameters
    ----------
    card : PotentialCard
    symbols : iterable of str
        Chemical symbols.
    where : str
        For the message; the potential's name where it is not given.

    Raises
    ------
    PredictionError
        In the words of `refuse_unknown_elements`.
    """
    unknown = unknown_elements(card.computable_elements, symbols)
    if unknown:
        raise unknown_elements_error(card.label, unknown, where or f"potential {card.name}")


def unknown_elements(known: Collection[str], symbols: Iterable[str]) -> list[str]:
    """Return which elements are not among the known ones, by atomic number."""
    return sorted(set(symbols) - set(known), key=lambda symbol: atomic_numbers.get(symbol, 0))


def unknown_elements_error(label: str, unknown: Sequence[str], where: str) -> PredictionError:
    """Return the one sentence about elements that a potential does not know."""
    return PredictionError(
        f"{label} does not know {', '.join(unknown)}.",
        where=where,
        advice=_ADVICE.format(these="this element" if len(unknown) == 1 else "these elements"),
    )
