"""The three potentials of the paper, and which of softdash's each of them is."""

from __future__ import annotations

PAPER_MODELS: dict[str, str] = {
    "M3GNet": "m3gnet-original",
    "CHGNet": "chgnet-0.3.0",
    "MACE": "mace-mp-0-medium",
}
"""Name in the paper and in tables of published values → potential; columns of tables have it in lower case."""

PAPER_PHONON_MODELS: dict[str, str] = {**PAPER_MODELS, "M3GNet": "m3gnet-mp-2021.2.8"}
"""The same for phonons (Figs 4a and 4b): the authors' maximum frequencies of M3GNet are those of matgl's training.

Over the crystals computed here they differ from it by 0.02 % in the median, from the original M3GNet by 10 %; the
mixing energies of Fig. 2c in turn lie near the original's.
"""

PAPER_PHONON_LABELS: dict[str, str] = {name: name for name in PAPER_MODELS} | {"M3GNet": "M3GNet by matgl"}
"""What the authors' phonons are called beside recomputed ones, so that no two potentials share a name."""

PAPER_NAMES: dict[str, str] = {potential: name for name, potential in PAPER_MODELS.items()}
"""Potential → name in the paper."""
