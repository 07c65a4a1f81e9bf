"""How figures draw methods: DFT in the ink of the reference, a potential as everywhere."""

from __future__ import annotations

from softdash.potentials.look import Look, look_of
from softdash.web.theme import INK, Theme


def method_look(method: str, theme: Theme) -> Look:
    """Return the look of ``"dft"`` or of a potential by its identifier."""
    return Look(INK[theme].reference, "solid", "circle") if method == "dft" else look_of(method)
