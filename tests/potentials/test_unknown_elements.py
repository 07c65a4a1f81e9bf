"""Elements that a potential does not know are refused in one way: by frames, and by the card alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ase.build import bulk

from softdash.errors import PredictionError
from softdash.potentials.elements import refuse_unknown_elements, refuse_what_the_card_lacks
from softdash.potentials.registry import card, cards


def test_the_first_frame_with_one_is_named() -> None:
    known = {"Na", "Cl"}
    salt, other = bulk("NaCl", "rocksalt", a=5.69), bulk("AuU", "rocksalt", a=6.0)
    refuse_unknown_elements("Salt", known, [salt, salt])
    with pytest.raises(PredictionError) as refusal:
        refuse_unknown_elements("Salt", known, [salt, other, other])
    assert refusal.value.where == "frame 2"
    assert refusal.value.what == "Salt does not know Au, U."


@pytest.mark.parametrize("name", [one.name for one in cards()])
def test_every_card_tells_before_its_potential_is_loaded(name: str) -> None:
    chosen = replace(card(name), load=lambda: pytest.fail("loaded"))
    refuse_what_the_card_lacks(chosen, chosen.computable_elements)
    for symbol in ("Po", "Cm"):
        with pytest.raises(PredictionError) as refusal:
            refuse_what_the_card_lacks(chosen, ["H", symbol] if "H" in chosen.elements else [symbol])
        assert refusal.value.what == f"{chosen.label} does not know {symbol}."
        assert refusal.value.where == f"potential {name}"


def test_what_the_weights_learnt_before_is_computed() -> None:
    r2scan = card("chgnet-r2scan")
    assert r2scan.computable_elements - r2scan.elements == {"Yb"}
    assert card("chgnet-0.3.0").computable_elements == card("chgnet-0.3.0").elements
