"""M3GNet and TensorNet through matgl, shown on small random networks."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_matgl_models as small
import torch
from ase import Atoms
from ase.build import bulk, molecule

from softdash.errors import PotentialUnavailableError, PredictionError
from softdash.potentials import matgl as adapter
from softdash.potentials import registry
from softdash.potentials.interface import KnownEnergy, PotentialCard
from softdash.potentials.testing import PotentialContract
from softdash.settings import Settings

CHECKS = sorted(name for name in dir(PotentialContract) if name.startswith("check_"))
FAMILIES = ("m3gnet", "tensornet")
CARDS = {card.family: card for card in reversed(adapter.POTENTIALS)}
# float32 sums in another order.
FORCE_TOLERANCE = 1e-5
NACL = KnownEnergy("NaCl rocksalt 5.69", 0.0, 1e-4, "the same weights by matgl's own calculator")


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for family in FAMILIES:
        small.small_potential(family).save(folder / CARDS[family].version)
    return folder


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the test choose the settings, and forget what was loaded with others."""

    def choose(**chosen: object) -> None:
        monkeypatch.setattr(adapter, "get_settings", lambda: Settings(**{"weights_dir": None, **chosen}))

    monkeypatch.setattr(registry, "_loaded", {})
    return choose


def library_calculator(folder: Path):
    import matgl
    from matgl.ext.ase import PESCalculator

    return PESCalculator(matgl.load_model(folder), stress_unit="eV/A3")


def rattled() -> list[Atoms]:
    frames = [bulk("NaCl", "rocksalt", a=5.69, cubic=True), bulk("Si", a=5.43), bulk("MgO", "rocksalt", a=4.21)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.1, seed=seed)
    return frames


def small_card(family: str, weights_dir: Path) -> PotentialCard:
    """Return the family's card for the small network: other elements, and its own energy to be checked."""
    crystal = registry.reference_crystal(NACL)
    crystal.calc = library_calculator(weights_dir / CARDS[family].version)
    energy = crystal.get_potential_energy() / len(crystal)
    known = replace(NACL, energy_per_atom=energy)
    return replace(CARDS[family], elements=frozenset(small.ELEMENTS), known_energies=(known,))


@pytest.fixture(params=FAMILIES, scope="module")
def contract(request: pytest.FixtureRequest, weights_dir: Path) -> PotentialContract:
    card = small_card(request.param, weights_dir)
    return PotentialContract(card, adapter.load_folder(weights_dir / card.version, card.label))


@pytest.mark.parametrize("check", CHECKS)
def test_contract(contract: PotentialContract, check: str) -> None:
    getattr(contract, check)()


@pytest.mark.parametrize("family", FAMILIES)
def test_equals_the_library(weights_dir: Path, family: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = weights_dir / CARDS[family].version
    ours = adapter.load_folder(folder, family).predict(rattled(), stress=True)
    assert capsys.readouterr().out == "", "standard output belongs to results"
    calculator = library_calculator(folder)
    for atoms, prediction in zip(rattled(), ours, strict=True):
        atoms.calc = calculator
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=FORCE_TOLERANCE)
        np.testing.assert_allclose(prediction.stress, atoms.get_stress(voigt=False), atol=FORCE_TOLERANCE)


def test_three_body_work_is_skipped_only_where_it_is_idle(weights_dir: Path) -> None:
    frames = rattled()
    active = adapter.load_folder(weights_dir / CARDS["m3gnet"].version, "M3GNet")
    assert active._model.model.threebody_cutoff == 4.0
    for block in active._model.model.three_body_interactions:
        for weight in block.update_network_bond.layers.parameters():
            weight.zero_()
    full = active.predict(frames, stress=True)
    assert adapter.skip_idle_three_body(active._model.model)
    for before, after in zip(full, active.predict(frames, stress=True), strict=True):
        np.testing.assert_array_equal(after.forces, before.forces)
        np.testing.assert_array_equal(after.stress, before.stress)
        assert after.energy == before.energy
    assert not adapter.skip_idle_three_body(small.small_network("tensornet"))


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_from_before_the_change_of_the_edges_refuse_to_serve(
    family: str, weights_dir: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such files load without a word, and only the known energy tells."""
    card = small_card(family, weights_dir)
    monkeypatch.setattr(registry, "card", lambda name: card)
    use(weights_dir=weights_dir)
    assert registry.load_potential(card.name)

    model = small.small_potential(family)
    model.load_state_dict(small.exchange_ends_of_bonds(model.state_dict(), family))
    model.save(tmp_path / card.version)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert adapter.load_folder(tmp_path / card.version, card.label)
    registry._loaded.clear()
    use(weights_dir=tmp_path)
    with pytest.raises(PotentialUnavailableError, match=r"eV/atom for NaCl rocksalt 5\.69, but .* is right"):
        registry.load_potential(card.name)
    assert registry._loaded == {}


def test_an_older_form_of_the_network_refuses_to_load(weights_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    small.small_potential("tensornet").save(folder)
    description = folder / "model.json"
    description.write_text(description.read_text().replace('"@model_version": 3', '"@model_version": 1'))
    with pytest.raises(PotentialUnavailableError, match="Incompatible model version"):
        adapter.load_folder(folder, "TensorNet")


def test_damaged_weights_are_a_sentence(weights_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    small.small_potential("tensornet").save(folder)
    (folder / "state.pt").write_bytes((folder / "state.pt").read_bytes()[:1000])
    with pytest.raises(PotentialUnavailableError, match=r"weights cut: matgl could not read the weights of TensorNet"):
        adapter.load_folder(folder, "TensorNet")


@pytest.mark.parametrize("family", FAMILIES)
def test_frames_it_cannot_compute_are_named(family: str, weights_dir: Path) -> None:
    potential = adapter.load_folder(weights_dir / CARDS[family].version, "Small")
    lonely = Atoms("NaClK", positions=[[0, 0, 0], [0, 0, 2.4], [0, 0, 15]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(PredictionError, match=r"frame 4: K \(atom 3\): no other atom within 5 Å"):
        potential.predict([*rattled(), lonely])
    with pytest.raises(PredictionError, match=r"frame 2: Small does not know Au, U\."):
        potential.predict([rattled()[0], bulk("AuU", "rocksalt", a=6.0)])
    assert len(potential.predict([molecule("H2O")])[0].forces) == 3


def test_where_weights_are_looked_for(weights_dir: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch) -> None:
    card = CARDS["m3gnet"]
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    use(weights_dir=weights_dir)
    assert card.is_installed()
    digest = card.weights_sha256()
    assert digest != CARDS["tensornet"].weights_sha256()
    use(weights_dir=tmp_path, download_weights=True)
    assert not card.is_installed(), "with a folder of weights nothing is downloaded"
    with pytest.raises(PotentialUnavailableError, match=rf"{card.version} \(model\.json, model\.pt, state\.pt\)"):
        card.weights_sha256()
    use()
    assert not card.is_installed()
    use(download_weights=True)
    assert card.is_installed()
    use()
    snapshots = tmp_path / ".cache" / "matgl" / f"models--materialyze--{card.version}" / "snapshots"
    snapshots.mkdir(parents=True)
    (snapshots / "0123").symlink_to(weights_dir / card.version)
    assert card.is_installed()
    assert card.weights_sha256() == digest
    assert card.load().predict([rattled()[0]])


def test_missing_weights_say_where_to_put_them(tmp_path: Path, use) -> None:
    use(weights_dir=tmp_path)
    with pytest.raises(PotentialUnavailableError, match=r"Put its folder M3GNet-MP-2021\.2\.8-PES .* SOFTDASH_WEIGHTS"):
        registry.load_potential("m3gnet-mp-2021.2.8")


def test_a_home_that_cannot_be_written_is_a_sentence(weights_dir: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file where matgl wants a folder")
    code = (
        "from softdash.errors import PotentialUnavailableError\n"
        "from softdash.potentials.registry import load_potential\n"
        "try: load_potential('m3gnet-mp-2021.2.8')\n"
        "except PotentialUnavailableError as error: print(error)"
    )
    environment = {**os.environ, "HOME": str(home), "SOFTDASH_WEIGHTS_DIR": str(weights_dir)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=120
    )
    assert "folder ~/.cache/matgl" in done.stdout
    assert "Set HOME" in done.stdout


def test_cards_need_neither_torch_nor_matgl(weights_dir: Path) -> None:
    code = (
        "import sys; from softdash.potentials.matgl import POTENTIALS\n"
        "print(sum(card.is_installed() for card in POTENTIALS), len(POTENTIALS[0].weights_sha256()))\n"
        "print(sorted({'torch', 'matgl', 'pymatgen', 'huggingface_hub'} & set(sys.modules)))"
    )
    environment = {**os.environ, "SOFTDASH_WEIGHTS_DIR": str(weights_dir)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == ["2 64", "[]"]


def test_elements_are_those_of_the_networks() -> None:
    from matgl.config import DEFAULT_ELEMENTS

    assert all(card.elements == frozenset(DEFAULT_ELEMENTS) for card in adapter.POTENTIALS)


def test_frozen_networks_keep_no_second_derivatives(weights_dir: Path) -> None:
    potential = adapter.load_folder(weights_dir / CARDS["tensornet"].version, "TensorNet")
    assert not potential._model.training
    assert not any(weight.requires_grad for weight in potential._model.parameters())
    assert torch.is_grad_enabled()
