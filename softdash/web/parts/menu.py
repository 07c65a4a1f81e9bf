"""What a page says about its place in the menu of benchmarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A page of the menu.

    Attributes
    ----------
    name, href : str
        What the menu calls it, and its address.
    figures : str
        Figures of the paper that it answers, if any.
    position : int
        Entries stand in the order of these numbers; those of plug-ins come last.
    """

    name: str
    href: str
    figures: str = ""
    position: int = 1000
