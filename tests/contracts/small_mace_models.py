"""A small MACE with random weights, made by mace itself: tests that need no download."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.data import chemical_symbols

from softdash.potentials import mace as adapter
from softdash.potentials import mace_local
from softdash.potentials.interface import KnownEnergy, PotentialCard
from softdash.potentials.mace_network import import_mace

import_mace("mace.calculators")

import torch  # noqa: E402
from e3nn import o3  # noqa: E402
from mace import modules  # noqa: E402
from mace.calculators import MACECalculator  # noqa: E402

ELEMENTS = tuple(chemical_symbols[1:36])
CUTOFF = 5.0
# A fresh network says next to nothing; this gives forces of some 0.1 eV/Å.
ENERGY_SCALE = 60.0
# float32 sums in another order.
FORCE_TOLERANCE = 1e-5
MEDIUM = next(card for card in adapter.POTENTIALS if card.name == "mace-mp-0-medium")


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


def mace_calculator(file: Path) -> MACECalculator:
    network = torch.load(file, weights_only=False)
    return MACECalculator(models=[network], default_dtype="float32", device="cpu")


def rattled() -> list[Atoms]:
    frames = [bulk("NaCl", "rocksalt", a=5.69, cubic=True), bulk("Si", a=5.43), bulk("MgO", "rocksalt", a=4.21)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.1, seed=seed)
    return frames


def described(file: Path) -> PotentialCard:
    """Return the card of the small model, with its elements and the energy that mace's calculator finds."""
    crystal = bulk("NaCl", "rocksalt", a=5.69, cubic=True)
    crystal.calc = mace_calculator(file)
    known = KnownEnergy("NaCl rocksalt 5.69", crystal.get_potential_energy() / len(crystal), 1e-4, "mace's calculator")
    return replace(mace_local.local_card(file), elements=frozenset(ELEMENTS), known_energies=(known,))


def as_release(monkeypatch: pytest.MonkeyPatch, file: Path, card: PotentialCard = MEDIUM) -> None:
    """Let the small model pass for a released one."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    release = replace(adapter.RELEASES[card.name], sha256=digest)
    monkeypatch.setitem(adapter.RELEASES, card.name, release)
