"""SevenNet through softdash says what the library says; the contract of SevenNet-0 is among those of all potentials."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from softdash.errors import PotentialUnavailableError, PredictionError
from softdash.potentials import registry, sevennet
from softdash.potentials.registry import card, load_potential

pytestmark = pytest.mark.xdist_group("sevennet")

# float32 sums in another order.
FORCE_TOLERANCE = 2e-5


def rattled() -> list[Atoms]:
    frames = [bulk("NaCl", "rocksalt", a=5.69, cubic=True), bulk("Si", a=5.43), bulk("MgO", "rocksalt", a=4.21)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.08, seed=seed)
    return frames


@pytest.mark.parametrize("name", ["sevennet-0", "7net-l3i5"])
def test_equals_the_library(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Both sets of weights load, which includes their check energies, and say what sevenn's own calculator says."""
    ours = load_potential(name).predict(rattled(), stress=True)
    assert capsys.readouterr().out == "", "standard output belongs to results"
    from sevenn.calculator import SevenNetCalculator

    calculator = SevenNetCalculator(card(name).version, device="cpu")
    for atoms, prediction in zip(rattled(), ours, strict=True):
        atoms.calc = calculator
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=FORCE_TOLERANCE)
        np.testing.assert_allclose(prediction.stress, atoms.get_stress(voigt=False), atol=FORCE_TOLERANCE)


def test_frames_it_cannot_compute_are_named() -> None:
    potential = load_potential("sevennet-0")
    lonely = Atoms("NaClK", positions=[[0, 0, 0], [0, 0, 2.4], [0, 0, 15]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(PredictionError, match=r"frame 4: K \(atom 3\): no other atom within 5 Å"):
        potential.predict([*rattled(), lonely])
    with pytest.raises(PredictionError, match=r"frame 2: SevenNet-0 does not know Po\."):
        potential.predict([rattled()[0], bulk("NaPo", "rocksalt", a=6.0)])


def test_elements_are_those_of_the_weights() -> None:
    assert load_potential("sevennet-0")._elements == card("sevennet-0").elements


def test_weights_whose_energy_is_off_refuse_to_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of May 2024 carry the same name in older versions of sevenn, and load without a word."""
    older = sevennet._WEIGHTS_FILES["7net-0"].replace("11Jul2024", "22May2024")
    monkeypatch.setitem(sevennet._WEIGHTS_FILES, "7net-0", older)
    monkeypatch.setattr(registry, "_loaded", {})
    with pytest.raises(PotentialUnavailableError, match=r"SevenNet-0 gives .* for NaCl rocksalt 5\.69, but -3\.3840"):
        load_potential("sevennet-0")


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sevennet, "find_spec", lambda name: None)
    assert not card("sevennet-0").is_installed()
    monkeypatch.setattr(registry.metadata, "version", _no_distribution)
    assert registry.how_to_install(card("sevennet-0")) == "Install it with: make run EXTRAS=sevennet"


def _no_distribution(name: str) -> str:
    raise registry.metadata.PackageNotFoundError(name)


def test_cards_need_neither_torch_nor_sevenn() -> None:
    code = (
        "import sys; from softdash.potentials.sevennet import POTENTIALS\n"
        "print([card.is_installed() for card in POTENTIALS], len(POTENTIALS[0].weights_sha256()))\n"
        "print(sorted({'torch', 'sevenn', 'e3nn', 'scipy', 'matscipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[True, True] 64", "[]"]
