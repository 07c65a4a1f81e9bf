"""The fixed colour of each family of potentials, on pages, in files and in pictures.

Hues follow the paper (M3GNet blue, CHGNet orange, MACE green) in the colour-blind-safe Okabe-Ito set.
"""

from __future__ import annotations

FAMILY_COLOURS: dict[str, str] = {
    "m3gnet": "#0072B2",
    "chgnet": "#E69F00",
    "mace": "#009E73",
    "tensornet": "#D55E00",
    "sevennet": "#CC79A7",
    "classical": "#56B4E9",
    "other": "#7F7F7F",
}


def family_colour(family: str) -> str:
    """Return the colour of a family; unknown families share one."""
    return FAMILY_COLOURS.get(family, FAMILY_COLOURS["other"])
