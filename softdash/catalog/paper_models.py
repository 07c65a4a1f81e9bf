"""The three potentials of the paper, and which of softdash's each of them is."""

from __future__ import annotations

PAPER_MODELS: dict[str, str] = {
    "M3GNet": "m3gnet-mp-2021.2.8",
    "CHGNet": "chgnet-0.3.0",
    "MACE": "mace-mp-0-medium",
}
"""Name in the paper and in tables of published values → potential; columns of tables have it in lower case."""

PAPER_NAMES: dict[str, str] = {potential: name for name, potential in PAPER_MODELS.items()}
"""Potential → name in the paper."""
