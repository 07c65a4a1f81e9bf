"""A small MACE with random weights, made by mace itself: tests that need no download."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from ase.data import chemical_symbols

from softdash.potentials.mace_network import import_mace

import_mace("mace.calculators")

import torch  # noqa: E402
from e3nn import o3  # noqa: E402
from mace import modules  # noqa: E402

ELEMENTS = tuple(chemical_symbols[1:36])
CUTOFF = 5.0
# A fresh network says next to nothing; this gives forces of some 0.1 eV/Å.
ENERGY_SCALE = 60.0


def small_network(heads: tuple[str, ...] = ("Default",)) -> torch.nn.Module:
    torch.manual_seed(7)
    energies = np.linspace(-3.0, -1.0, len(ELEMENTS))
    return modules.ScaleShiftMACE(
        r_max=CUTOFF,
        num_bessel=6,
        num_polynomial_cutoff=5,
        max_ell=2,
        interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        interaction_cls_first=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
        num_interactions=2,
        num_elements=len(ELEMENTS),
        hidden_irreps=o3.Irreps("8x0e + 8x1o"),
        MLP_irreps=o3.Irreps("8x0e"),
        atomic_energies=np.tile(energies, (len(heads), 1)),
        avg_num_neighbors=20.0,
        atomic_numbers=list(range(1, 36)),
        correlation=2,
        gate=torch.nn.functional.silu,
        atomic_inter_scale=[ENERGY_SCALE] * len(heads),
        atomic_inter_shift=[0.0] * len(heads),
        heads=list(heads),
    )


def save_small_model(file: Path) -> Path:
    torch.save(small_network(), file)
    return file
