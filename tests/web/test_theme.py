"""Each potential has its own look."""

from __future__ import annotations

from softdash.potentials.registry import cards
from softdash.web.theme import FAMILY_COLOURS, family_of, look_of


def test_universal_potentials_have_the_colour_of_their_family_and_differ_within_it() -> None:
    universal = [card for card in cards() if card.is_universal]
    assert {card.family for card in universal} >= {"chgnet", "m3gnet", "tensornet"}
    for card in universal:
        assert family_of(card.name) == card.family
        assert look_of(card.name).colour == FAMILY_COLOURS[card.family]
    looks = [look_of(card.name) for card in universal]
    assert len({(look.colour, look.dash) for look in looks}) == len(looks)
    assert len({(look.colour, look.symbol) for look in looks}) == len(looks)
