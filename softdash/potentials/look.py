"""How a potential is drawn: colour of its family, line style and marker of its own; one look everywhere.

Hues follow the paper (M3GNet blue, CHGNet orange, MACE green) in the colour-blind-safe Okabe-Ito set, with a brown.
Families that share a hue, and variants of a family, differ by line style and marker, never by colour alone: five
styles and seven markers make 35 pairs.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, product

from softdash.potentials.registry import cards, ready_cards

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "triangle-down")
"""Line styles and markers by plotly's names."""
MARKS = dict(zip(SYMBOLS, "●◆■▲✚✖▼", strict=True))
"""The markers as characters."""

OTHER = "other"
"""The family of potentials of no family of its own."""
_BLUE, _ORANGE, _GREEN, _RED, _PINK, _SKY, _BROWN = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#8C564B",
)
_HUES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (_BLUE, ("m3gnet", "mattersim", "allegro")),
    (_ORANGE, ("chgnet", "grace", "esen")),
    (_GREEN, ("mace", "nequip", "nep")),
    (_RED, ("tensornet", "uma", "alignn")),
    (_PINK, ("sevennet", "pet", "eqv2")),
    (_SKY, ("classical", "dpa", "alphanet")),
    (_BROWN, ("orb", "nequix", "hienet")),
    ("#7F7F7F", (OTHER,)),
)
FAMILY_COLOURS = {family: hue for hue, families in _HUES for family in families}
"""The hue of each family that is known; all others have that of `OTHER`."""
_PAIRS = len(DASHES) * len(SYMBOLS)
_PAIRS_PER_FAMILY = 11
# In the order in which they came; the pages and files of earlier versions keep their looks.
_VARIANTS: dict[str, tuple[str, ...]] = {
    "chgnet": ("chgnet-0.3.0", "chgnet-0.2.0", "chgnet-r2scan"),
    "m3gnet": ("m3gnet-original", "m3gnet-mp-2021.2.8", "m3gnet-matpes-pbe", "m3gnet-matpes-r2scan"),
    "tensornet": ("tensornet-matpes-pbe", "tensornet-matpes-r2scan"),
    "mace": ("mace-mp-0-medium", "mace-mp-0-small", "mace-mp-0-large", "mace-mpa-0-medium"),
    "sevennet": ("sevennet-0", "7net-l3i5"),
    "classical": ("emt", "lennard-jones-argon"),
    # Plug-ins; reports of them are read where they are not installed.
    "orb": ("orb-v3-conservative-inf-omat", "orb-v3-direct-inf-omat"),
    "mattersim": ("mattersim-v1-1m", "mattersim-v1-5m"),
    "uma": ("uma-s-1p1", "uma-m-1p1"),
}
# Of names that do not begin with their family.
_PREFIXES = {"7net": "sevennet", "emt": "classical", "lennard": "classical"}


@dataclass(frozen=True, slots=True)
class Look:
    """How one potential is drawn: a colour (``#rrggbb``), and plotly's names of a line style and a marker."""

    colour: str
    dash: str
    symbol: str

    def transparent(self, opacity: float) -> str:
        """Return the colour as CSS rgba() with `opacity`."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity:g})"


def family_of(potential: str) -> str:
    """Return the family of a potential: that of its card, else the one that its name begins with, or ``"other"``."""
    family = next((one.family for one in (*cards(), *ready_cards()) if one.name == potential), OTHER)
    if family not in FAMILY_COLOURS or family == OTHER:
        first = potential.split("-")[0].lower()
        family = _PREFIXES.get(first, first)
    return family if family in FAMILY_COLOURS else OTHER


@lru_cache(maxsize=1024)
def look_of(potential: str) -> Look:
    """Return the look of a potential by its name; of a family by its bare name, which is the paper's potential.

    Known variants have fixed places. Further ones that are offered here come after them in the order of their names;
    a name that nobody offers (an old report) gets one of the pairs that are left, by its letters.

    Parameters
    ----------
    potential : str
        ``"chgnet-0.3.0"``, or ``"chgnet"``.
    """
    family = family_of(potential)
    colour = FAMILY_COLOURS[family]
    places = _places()
    place = places.get(_VARIANTS.get(family, (family,))[0] if potential == family else potential)
    if place is None:
        taken = {place for name, place in places.items() if FAMILY_COLOURS[family_of(name)] == colour}
        every = range(_PAIRS)
        own, left = ([place for place in some if place not in taken] for some in (_own_places(family), every))
        free = own or left or every
        place = free[zlib.crc32(potential.encode()) % len(free)]
    return Look(colour, DASHES[place % len(DASHES)], SYMBOLS[place % len(SYMBOLS)])


@cache
def _places() -> dict[str, int]:
    """Place of each potential that is known or offered among the pairs of its hue; two share one only beyond 35."""
    found: dict[str, int] = {}
    taken: set[tuple[str, int]] = set()
    offered = sorted({one.name for one in cards()})
    for name in dict.fromkeys([*chain.from_iterable(_VARIANTS.values()), *offered]):
        family = family_of(name)
        colour, own = FAMILY_COLOURS[family], _own_places(family)
        # A family of many variants goes on with the last pairs, which other families reach last.
        places = [*own, *reversed(range(_PAIRS))]
        found[name] = next(
            (place for place in places if (colour, place) not in taken), own[zlib.crc32(name.encode()) % len(own)]
        )
        taken.add((colour, found[name]))
    return found


def _own_places(family: str) -> range:
    if family == OTHER:
        return range(_PAIRS)
    tier = next(families.index(family) for _, families in _HUES if family in families)
    return range(tier * _PAIRS_PER_FAMILY, (tier + 1) * _PAIRS_PER_FAMILY)


def free_pair(look: Look, taken: set[tuple[str, str]]) -> tuple[str, str]:
    """Return line style and marker of a look, or where these are taken the next free ones."""
    pairs = [(look.dash, look.symbol), *zip(DASHES, SYMBOLS, strict=False), *product(DASHES, SYMBOLS)]
    return next((pair for pair in pairs if pair not in taken), pairs[0])
