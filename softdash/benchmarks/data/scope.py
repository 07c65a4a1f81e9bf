"""What a potential can be asked to do: a universal one everything, another one the elements that it was made for."""

from __future__ import annotations

from collections.abc import Iterable

from softdash.potentials.interface import PotentialCard


def is_within_scope(card: PotentialCard, symbols: Iterable[str]) -> bool:
    """Whether a benchmark tries a compound with a potential.

    A universal potential is tried on everything: an element that it lacks is a result, and listed as a failure. One for
    a few elements is not, else tables would list every other compound as a failure of it.

    Parameters
    ----------
    card : PotentialCard
    symbols : iterable of str
        Chemical symbols of the compound.
    """
    return card.is_universal or set(symbols) <= card.elements
