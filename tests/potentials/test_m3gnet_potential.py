"""The original M3GNet: what its card says without its package, and its numbers where package and weights are here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from softdash.errors import PotentialUnavailableError
from softdash.potentials import m3gnet, registry
from softdash.potentials.interface import Potential
from softdash.settings import Settings

CARD = m3gnet.POTENTIALS[0]
FORCE_TOLERANCE = 2e-5


@pytest.fixture(scope="module")
def potential() -> Potential:
    if not CARD.is_installed():
        pytest.skip("m3gnet, TensorFlow or the weights are not here")
    return registry.load_potential(CARD.name)


def test_missing_package_and_missing_weights_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(m3gnet, "get_settings", lambda: Settings(weights_dir=tmp_path))
    assert not CARD.is_installed()
    with pytest.raises(PotentialUnavailableError, match=r"not here.*m3gnet\.index.*SOFTDASH_WEIGHTS_DIR"):
        CARD.weights_sha256()
    monkeypatch.setattr(registry.metadata, "version", _no_distribution)
    assert registry.how_to_install(CARD).endswith("EXTRAS=m3gnet")


def _no_distribution(name: str) -> str:
    raise registry.metadata.PackageNotFoundError(name)


def test_weights_are_hashed_in_a_fixed_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "m3gnet-tf-MP-2021.2.8-EFS"
    folder.mkdir()
    for name in ("m3gnet.data-00000-of-00001", "m3gnet.index", "m3gnet.json"):
        (folder / name).write_text(name)
    monkeypatch.setattr(m3gnet, "get_settings", lambda: Settings(weights_dir=tmp_path))
    assert CARD.weights_sha256() == "2a25ebb6d18dfb5f1d0844167c51638416b12c95ab196b538f5e7f4cf56f794c"


def test_its_card_needs_no_tensorflow() -> None:
    code = "import sys, softdash.potentials.m3gnet; assert not {'tensorflow', 'm3gnet', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_frames_without_any_angle(potential: Potential) -> None:
    """The network refuses a batch of them; alone, together and beside others each has its own numbers."""
    sparse = Atoms("Na", cell=3 * [4.6], pbc=True)
    pair = Atoms("NaCl", positions=[[0, 0, 0], [0, 0, 2.6]])
    crystal = bulk("NaCl", "rocksalt", a=5.69, cubic=True)
    crystal.positions[0] += 0.1
    frames = [sparse, pair, crystal]
    together = potential.predict(frames, stress=True)
    for frame, beside_others in zip(frames, together, strict=True):
        (alone,) = potential.predict([frame], stress=True)
        np.testing.assert_allclose(alone.forces, beside_others.forces, atol=FORCE_TOLERANCE)
        assert alone.energy == pytest.approx(beside_others.energy, abs=FORCE_TOLERANCE)
    assert together[1].forces[0, 2] == pytest.approx(0.37549, abs=1e-4)


def test_equals_the_library(potential: Potential) -> None:
    frames = [bulk("NaCl", "rocksalt", a=5.69, cubic=True), bulk("Si", a=5.43), bulk("MgO", "rocksalt", a=4.21)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.08, seed=seed)
    ours = potential.predict(frames)
    from m3gnet.models import M3GNet, M3GNetCalculator
    from m3gnet.models import Potential as Library

    folder = m3gnet._folder()
    calculator = M3GNetCalculator(Library(M3GNet.from_dir(str(folder))), compute_stress=False)
    for atoms, prediction in zip(frames, ours, strict=True):
        atoms.calc = calculator
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(float(atoms.get_potential_energy()), abs=1e-4)
