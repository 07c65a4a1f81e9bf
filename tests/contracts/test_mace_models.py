"""MACE through mace-torch, shown on a small random network: released weights and models of the operator's own."""

from __future__ import annotations

import hashlib
import json
import lzma
import os
import subprocess
import sys
import urllib.error
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import small_mace_models as small
import torch
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner
from potential_contract import PotentialContract

import softdash.settings
from softdash.benchmarks import high_energy
from softdash.benchmarks.data_package import read_resources
from softdash.benchmarks.datasets import dataset
from softdash.catalog import schemas
from softdash.cli import main
from softdash.errors import PotentialUnavailableError, PredictionError
from softdash.potentials import mace as adapter
from softdash.potentials import mace_local, mace_network, registry
from softdash.potentials.interface import KnownEnergy, Potential, PotentialCard
from softdash.settings import Settings

pytestmark = pytest.mark.xdist_group("mace")

CHECKS = sorted(name for name in dir(PotentialContract) if name.startswith("check_"))
RELEASED = {card.name: card for card in adapter.POTENTIALS}
MEDIUM = RELEASED["mace-mp-0-medium"]
RANDOM_DISPLACEMENTS = dataset("random-displacements")
# float32 sums in another order.
FORCE_TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.save_small_model(tmp_path_factory.mktemp("models") / "small.model")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the test choose the settings, and forget what was loaded with others."""

    def choose(**chosen: object) -> None:
        settings = Settings(**{"weights_dir": None, "mace_models_dir": None, **chosen})
        for module in (adapter, mace_local, mace_network):
            monkeypatch.setattr(module, "get_settings", lambda: settings)

    monkeypatch.setattr(registry, "_loaded", {})
    return choose


def library_calculator(file: Path):
    from mace.calculators import MACECalculator

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
    crystal.calc = library_calculator(file)
    known = KnownEnergy("NaCl rocksalt 5.69", crystal.get_potential_energy() / len(crystal), 1e-4, "mace's calculator")
    return replace(mace_local.local_card(file), elements=frozenset(small.ELEMENTS), known_energies=(known,))


def as_release(monkeypatch: pytest.MonkeyPatch, file: Path, card: PotentialCard = MEDIUM) -> None:
    """Let the small model pass for a released one."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    release = replace(adapter.RELEASES[card.name], sha256=digest)
    monkeypatch.setitem(adapter.RELEASES, card.name, release)


@pytest.fixture(scope="module")
def contract(model_file: Path) -> PotentialContract:
    card = described(model_file)
    return PotentialContract(card, card.load())


@pytest.mark.parametrize("check", CHECKS)
def test_contract(contract: PotentialContract, check: str) -> None:
    getattr(contract, check)()


def test_equals_the_library(contract: PotentialContract, model_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours = contract.potential.predict(rattled(), stress=True)
    assert capsys.readouterr().out == "", "standard output belongs to results"
    calculator = library_calculator(model_file)
    for atoms, prediction in zip(rattled(), ours, strict=True):
        atoms.calc = calculator
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=FORCE_TOLERANCE)
        np.testing.assert_allclose(prediction.stress, atoms.get_stress(voigt=False), atol=FORCE_TOLERANCE)


def test_loading_leaves_the_process_as_it_was(model_file: Path, tmp_path: Path) -> None:
    """After mace was imported, files of other kinds are still opened with tensors alone, and numbers made as before."""

    torch.save({"not a tensor": np.random.default_rng(1)}, tmp_path / "some.pt")
    torch.set_default_dtype(torch.float64)
    try:
        mace_local.local_card(model_file).load().predict(rattled())
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert mace_network._ALLOWS_ANY_PICKLE not in os.environ
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "some.pt")


def test_frames_it_cannot_compute_are_named(contract: PotentialContract) -> None:
    lonely = Atoms("NaClK", positions=[[0, 0, 0], [0, 0, 2.4], [0, 0, 15]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(PredictionError, match=r"frame 4: K \(atom 3\): no other atom within 5 Å"):
        contract.potential.predict([*rattled(), lonely])
    with pytest.raises(PredictionError, match=r"frame 2: MACE small does not know Au, U\."):
        contract.potential.predict([rattled()[0], bulk("AuU", "rocksalt", a=6.0)])
    assert len(contract.potential.predict([molecule("H2O")])[0].forces) == 3


def test_what_a_file_calls_a_head_is_not_asked(contract: PotentialContract) -> None:
    frame = rattled()[0]
    (plain,) = contract.potential.predict([frame])
    frame.info.update(head="other", charge=3, spin=2)
    (named,) = contract.potential.predict([frame])
    np.testing.assert_array_equal(named.forces, plain.forces)


# Released weights


def test_releases_are_those_of_mace() -> None:
    from mace.calculators.foundations_models import mace_mp_urls

    for name, release in adapter.RELEASES.items():
        assert mace_mp_urls[release.hub_name].endswith(f"/{release.file}"), name
        assert RELEASED[name].version == release.file.removesuffix(".model")
        assert len(bytes.fromhex(release.sha256)) == 32
        assert RELEASED[name].known_energies


def test_the_name_in_the_cache_is_that_of_mace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mace.calculators import foundations_models

    monkeypatch.setattr(foundations_models, "get_cache_dir", lambda: tmp_path)
    release = adapter.RELEASES[MEDIUM.name]
    (tmp_path / release.cached_file).touch()
    assert Path(foundations_models.download_mace_mp_checkpoint(release.hub_name)) == tmp_path / release.cached_file


def test_a_file_that_is_not_the_release_is_never_opened(tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch) -> None:
    trap = tmp_path / "opened"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (trap,)

    torch.save(Trap(), tmp_path / "mace-mp-0-medium.model")
    use(weights_dir=tmp_path)
    assert MEDIUM.is_installed()
    with pytest.raises(PotentialUnavailableError, match=r"is not the released one.*SOFTDASH_MACE_MODELS_DIR"):
        registry.load_potential(MEDIUM.name)
    assert not trap.exists()
    as_release(monkeypatch, tmp_path / "mace-mp-0-medium.model")
    with pytest.raises(PotentialUnavailableError, match="which is no MACE potential"):
        MEDIUM.load()
    assert trap.exists(), "the trap works where the file is trusted"


def test_right_weights_whose_energy_is_off_refuse_to_serve(
    model_file: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_release(monkeypatch, model_file)
    (tmp_path / "mace-mp-0-medium.model").symlink_to(model_file)
    use(weights_dir=tmp_path)
    with pytest.raises(PotentialUnavailableError, match=r"eV/atom for Cu fcc 3\.61, but -4\.0839 is right"):
        registry.load_potential(MEDIUM.name)
    assert registry._loaded == {}


@pytest.mark.parametrize(
    "place",
    [
        "mace-mp-0-medium.model",
        "2023-12-03-mace-128-L1_epoch-199.model",
        "mace-mp-0-medium/2023-12-03-mace-128-L1_epoch-199.model",
        "20231203mace128L1_epoch199model",
    ],
)
def test_where_weights_are_looked_for(
    place: str, model_file: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_release(monkeypatch, model_file)
    use(weights_dir=tmp_path, download_weights=True)
    assert not MEDIUM.is_installed(), "with a folder of weights nothing is downloaded"
    with pytest.raises(PotentialUnavailableError, match=r"Put the released file 2023-12-03-mace-128-L1_epoch-199\.mod"):
        MEDIUM.weights_sha256()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).symlink_to(model_file)
    assert MEDIUM.is_installed()
    assert MEDIUM.weights_sha256() == hashlib.sha256(model_file.read_bytes()).hexdigest()


def test_weights_in_the_cache_of_mace(model_file: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch) -> None:
    as_release(monkeypatch, model_file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    use()
    assert not MEDIUM.is_installed()
    use(download_weights=True)
    assert MEDIUM.is_installed()
    use()
    (tmp_path / "mace").mkdir()
    (tmp_path / "mace" / "20231203mace128L1_epoch199model").symlink_to(model_file)
    assert MEDIUM.is_installed()
    assert MEDIUM.load().predict([rattled()[0]])


def test_weights_are_fetched_only_when_asked_for(
    model_file: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mace.calculators import foundations_models

    def fetch(url: str, target: str) -> tuple[str, str]:
        Path(target).write_bytes(model_file.read_bytes())
        return target, "Content-Type: application/octet-stream"

    as_release(monkeypatch, model_file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(foundations_models, "_urlretrieve_with_timeout", fetch)
    use()
    with pytest.raises(PotentialUnavailableError, match="not installed here"):
        registry.load_potential(MEDIUM.name)
    use(download_weights=True)
    announced = MEDIUM.weights_sha256()
    assert MEDIUM.load().predict([rattled()[0]])
    assert MEDIUM.weights_sha256() == announced == hashlib.sha256(model_file.read_bytes()).hexdigest()
    assert capsys.readouterr().out == "", "standard output belongs to results"


def test_a_failed_download_says_where_to_put_the_file(tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch) -> None:
    from mace.calculators import foundations_models

    def fail(url: str, target: str) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(foundations_models, "_urlretrieve_with_timeout", fail)
    use(download_weights=True)
    with pytest.raises(PotentialUnavailableError, match=r"could not be fetched .*no network.*Put the released file"):
        registry.load_potential(MEDIUM.name)


def test_one_command_computes_the_tables_once_weights_are_there(
    model_file: Path, tmp_path: Path, use, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables of a set of two crystals, by the command and the name that a user gives."""
    as_release(monkeypatch, model_file)
    known = described(model_file).known_energies
    for module in (registry, high_energy):
        monkeypatch.setattr(module, "card", lambda name: replace(MEDIUM, known_energies=known))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "mace-mp-0-medium.model").symlink_to(model_file)
    chosen = {"data_dir": tmp_path, "state_dir": tmp_path / "state", "precomputed_dir": tmp_path / "precomputed"}
    chosen["weights_dir"] = tmp_path / "weights"
    use(**chosen)
    monkeypatch.setattr(softdash.settings, "get_settings", lambda: Settings(**chosen))
    write_reference_set(tmp_path / RANDOM_DISPLACEMENTS.files[0], MEDIUM.load(), slope=0.8)

    command = ["benchmark", "high-energy", "--potential", MEDIUM.name, "--dataset", RANDOM_DISPLACEMENTS.name]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(tmp_path / "precomputed" / schemas.MATERIALS)
    assert table["potential"].tolist() == [MEDIUM.name] * 2
    np.testing.assert_allclose(table["slope"], 0.8, atol=1e-4)
    (entry,) = [one for one in read_resources(tmp_path / "precomputed") if one.path.endswith("parquet")]
    assert MEDIUM.name in entry.path


def write_reference_set(file: Path, potential: Potential, slope: float) -> None:
    """Write two displaced crystals with the potential's own forces divided by a slope as their labels."""
    frames = []
    for material, crystal in (("NaCl", bulk("NaCl", "rocksalt", a=5.69, cubic=True)), ("Si", bulk("Si", cubic=True))):
        for seed in range(3):
            atoms = crystal.copy()
            atoms.rattle(0.1, seed=seed)
            (answer,) = potential.predict([atoms])
            atoms.calc = SinglePointCalculator(atoms, energy=answer.energy, forces=answer.forces / slope)
            atoms.info = {"material_id": material, "formula": material, "functional": "PBE"}
            frames.append(atoms)
    text = StringIO()
    write(text, frames, format="extxyz")
    file.parent.mkdir(parents=True)
    file.write_bytes(lzma.compress(text.getvalue().encode()))


# Models of the operator's own


def test_a_model_of_the_operators_own_gets_a_card(model_file: Path, tmp_path: Path, use) -> None:
    (tmp_path / "zeolite.model").symlink_to(model_file)
    (tmp_path / "two words.model").symlink_to(model_file)
    (tmp_path / "silica.model").symlink_to(model_file)
    (tmp_path / "silica.json").write_text(
        json.dumps(
            {
                "label": "Silica by MACE",
                "functional": "PBEsol",
                "training_set": "Our 900 frames",
                "elements": ["Si", "O"],
                "known_energies": [{"structure": "Si diamond 5.43", "energy_per_atom": -100.0}],
            }
        )
    )
    use(mace_models_dir=tmp_path)
    silica, zeolite = mace_local.local_cards()
    assert (silica.name, silica.label, silica.functional) == ("mace-local-silica", "Silica by MACE", "PBEsol")
    assert silica.elements == {"Si", "O"}
    with pytest.raises(PotentialUnavailableError, match=r"for Si diamond 5\.43, but -100\.0000 is right"):
        registry.check_known_energies(silica, silica.load())
    assert (zeolite.name, zeolite.queue, zeolite.family) == ("mace-local-zeolite", "mace", "mace")
    assert zeolite.is_installed()
    assert zeolite.weights_sha256() == hashlib.sha256(model_file.read_bytes()).hexdigest()


def test_a_description_that_cannot_be_used_is_named(model_file: Path, tmp_path: Path, use) -> None:
    (tmp_path / "mine.model").symlink_to(model_file)
    (tmp_path / "mine.json").write_text('{"functionals": "PBE"}')
    use(mace_models_dir=tmp_path)
    (card,) = mace_local.local_cards()
    assert not card.is_installed()
    assert "Correct mine.json" in registry.how_to_install(card)
    assert "functionals: Extra inputs are not permitted" in registry.how_to_install(card)


def test_no_folder_no_cards(tmp_path: Path, use) -> None:
    use()
    assert mace_local.local_cards() == ()
    use(mace_models_dir=tmp_path / "nowhere")
    assert mace_local.local_cards() == ()


def test_damaged_files_are_a_sentence(model_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.model"
    cut.write_bytes(model_file.read_bytes()[:2000])
    with pytest.raises(PotentialUnavailableError, match="mace could not read the weights of MACE cut"):
        mace_local.local_card(cut).load()


def test_several_heads_need_a_default(tmp_path: Path) -> None:
    file = tmp_path / "heads.model"
    network = small.small_network(heads=("pbe", "r2scan"))
    torch.save(network, file)
    with pytest.raises(PotentialUnavailableError, match=r"several heads \(pbe, r2scan\).*mace_select_head"):
        mace_local.local_card(file).load()
    network.heads = ["r2scan", "Default"]
    torch.save(network, file)
    potential = mace_local.local_card(file).load()
    calculator = library_calculator(file)
    assert calculator.head == "Default"
    atoms = rattled()[0]
    (ours,) = potential.predict([atoms])
    atoms.calc = calculator
    np.testing.assert_allclose(ours.forces, atoms.get_forces(), atol=FORCE_TOLERANCE)


def test_forces_that_are_no_slope_of_the_energy_refuse_to_serve(contract: PotentialContract) -> None:
    class Halved:
        def predict(self, frames, *, stress=False, progress=None):
            return [replace(answer, forces=answer.forces / 2) for answer in contract.potential.predict(frames)]

    mace_network.check_forces_follow_energy(contract.potential, [11, 17], "Right")
    with pytest.raises(PotentialUnavailableError, match=r"Halved gives a force of .* where its energy falls by"):
        mace_network.check_forces_follow_energy(Halved(), [11, 17], "Halved")


def test_cards_need_neither_torch_nor_mace(model_file: Path) -> None:
    code = (
        "import sys; from softdash.potentials.mace import POTENTIALS\n"
        "print([card.name for card in POTENTIALS if card.is_installed()], len(POTENTIALS[-1].weights_sha256()))\n"
        "print(sorted({'torch', 'mace', 'e3nn', 'scipy', 'matscipy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "SOFTDASH_MACE_MODELS_DIR": str(model_file.parent)}
    environment |= {"SOFTDASH_WEIGHTS_DIR": str(model_file.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == ["['mace-local-small'] 64", "[]"]
