"""Each potential has one look everywhere, and no two have the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from softdash.potentials import look as looks
from softdash.potentials.look import DASHES, FAMILY_COLOURS, SYMBOLS, Look, family_of, free_pair, look_of
from softdash.potentials.registry import card, cards

FIELD = {
    "mace": "mp-0-medium mp-0-small mp-0-large mpa-0-medium mp-0b3 omat-0 matpes-r2scan-0 mh-1",
    "chgnet": "0.3.0 0.2.0 r2scan matpes-pbe",
    "m3gnet": "original mp-2021.2.8 matpes-pbe matpes-r2scan",
    "tensornet": "matpes-pbe matpes-r2scan",
    "sevennet": "0 l3i5 mf-ompa omni",
    "orb": "v2 v3-conservative-inf-omat v3-direct-inf-omat v3-conservative-20-mpa",
    "mattersim": "v1-1m v1-5m",
    "uma": "s-1p1 m-1p1",
    "esen": "30m-oam 30m-mp",
    "grace": "1l-oam 2l-oam",
    "nequip": "oam-l mp-l",
    "allegro": "oam-l mp-l",
    "pet": "mad oam-xl",
    "dpa": "3.1-3m-ft 3.1-mptrj",
    "nep": "89",
    "nequix": "mp oam",
}
NAMES = [f"{family}-{variant}" for family, variants in FIELD.items() for variant in variants.split()]


Offer = Callable[[dict[str, str]], list[str]]


def forget() -> None:
    looks._places.cache_clear()
    look_of.cache_clear()


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """Offer further cards, as plug-ins would bring them, by their names and families."""

    def add(families: dict[str, str]) -> list[str]:
        every = {one.name: one for one in cards()}
        every |= {name: replace(card("emt"), name=name, family=family) for name, family in families.items()}
        monkeypatch.setattr(looks, "cards", lambda: tuple(every.values()))
        forget()
        return list(every)

    yield add
    forget()


def test_forty_potentials_of_the_field_all_differ(offer: Offer) -> None:
    offer({name: name.split("-")[0] for name in NAMES})
    found = [look_of(name) for name in NAMES]
    assert len(NAMES) >= 40
    assert len({(one.colour, one.dash) for one in found}) >= 25
    assert len({(one.colour, one.dash, one.symbol) for one in found}) == len(NAMES)
    assert len({one.colour for one in found}) <= 8


def test_shipped_potentials_have_the_looks_that_they_had() -> None:
    assert look_of("chgnet-0.3.0") == Look("#E69F00", "solid", "circle")
    assert look_of("chgnet-r2scan") == Look("#E69F00", "dot", "square")
    assert look_of("m3gnet-matpes-pbe") == Look("#0072B2", "dot", "square")
    assert look_of("m3gnet-original") == look_of("m3gnet") == Look("#0072B2", "solid", "circle")
    assert look_of("mace-mpa-0-medium") == Look("#009E73", "dashdot", "triangle-up")
    assert look_of("7net-l3i5") == Look("#CC79A7", "dash", "diamond")
    assert look_of("emt") == Look("#56B4E9", "solid", "circle")
    shipped = [look_of(one.name) for one in cards()]
    assert len({(one.colour, one.dash) for one in shipped}) == len(shipped)


def test_the_family_is_that_of_the_card_and_of_the_name_where_nobody_offers_it() -> None:
    assert all(family_of(one.name) == one.family for one in cards())
    assert family_of("orb-of-an-old-report") == "orb"
    assert family_of("nobody-knows") == "other"
    assert look_of("mace") == look_of("mace-mp-0-medium")


def test_names_of_no_family_share_a_colour_and_differ_otherwise(offer: Offer) -> None:
    made = [f"mine-{letter}" for letter in "abcdefgh"]
    offer(dict.fromkeys(made, "mine"))
    found = [look_of(name) for name in made]
    assert {one.colour for one in found} == {FAMILY_COLOURS["other"]}
    assert len({(one.dash, one.symbol) for one in found}) == len(made)


def test_many_variants_of_one_family_differ_and_move_no_shipped_one(offer: Offer) -> None:
    before = {one.name: look_of(one.name) for one in cards()}
    every = offer({f"mace-local-{number}": "mace" for number in range(25)} | {"nequip-oam-l": "nequip"})
    assert len({look_of(name) for name in every}) == len(every)
    assert {name: look_of(name) for name in before} == before


def test_a_name_that_nobody_offers_keeps_clear_of_those_that_are(offer: Offer) -> None:
    every = {look_of(name) for name in offer({f"orb-v4-{number}": "orb" for number in range(15)})}
    assert all(look_of(f"orb-retired-{number}") not in every for number in range(50))
    assert look_of("mattersim-v1-1m") != look_of("mattersim-v1-5m")


def test_a_pair_that_is_taken_is_left_to_the_other() -> None:
    look, taken = look_of("emt"), set()
    for _ in range(len(DASHES) * len(SYMBOLS)):
        pair = free_pair(look, taken)
        assert pair not in taken
        taken.add(pair)


# Machado, Oliveira and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), full severity.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> NDArray[np.float64]:
    share = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ rgb.clip(0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", ["none", *BLINDNESS])
def test_hues_differ_for_the_colour_blind(kind: str) -> None:
    seen = np.eye(3) if kind == "none" else np.array(BLINDNESS[kind])
    hues = dict.fromkeys(FAMILY_COLOURS.values())
    distances = {
        pair: float(np.linalg.norm(lab(seen @ linear(pair[0])) - lab(seen @ linear(pair[1]))))
        for pair in combinations(hues, 2)
    }
    assert min(distances.values()) > 9, min(distances, key=distances.__getitem__)


@pytest.mark.parametrize("background", ["#ffffff", "#14161b"])
def test_hues_stand_out_from_both_backgrounds(background: str) -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for colour in set(FAMILY_COLOURS.values()):
        bright, dark = sorted((float(weights @ linear(colour)), float(weights @ linear(background))), reverse=True)
        # Orange and sky blue, kept from the paper and from earlier versions, have 2.2 on white.
        assert (bright + 0.05) / (dark + 0.05) > (2.2 if background == "#ffffff" else 3.0), colour
