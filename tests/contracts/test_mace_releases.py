"""Released weights of MACE: where they are looked for, what is refused, and the command that computes their tables."""

from __future__ import annotations

import hashlib
import lzma
import urllib.error
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import small_mace_models as small
import torch
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner

import softdash.settings
from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.data.datasets import dataset
from softdash.benchmarks.high_energy import run as high_energy
from softdash.catalog import schemas
from softdash.cli import main
from softdash.errors import PotentialUnavailableError
from softdash.potentials import mace as adapter
from softdash.potentials import registry
from softdash.potentials.interface import Potential
from softdash.settings import Settings

pytestmark = pytest.mark.xdist_group("mace")

RELEASED = {card.name: card for card in adapter.POTENTIALS}
RANDOM_DISPLACEMENTS = dataset("random-displacements")


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
    release = adapter.RELEASES[small.MEDIUM.name]
    (tmp_path / release.cached_file).touch()
    assert Path(foundations_models.download_mace_mp_checkpoint(release.hub_name)) == tmp_path / release.cached_file


def test_a_file_that_is_not_the_release_is_never_opened(
    tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "opened"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (trap,)

    torch.save(Trap(), tmp_path / "mace-mp-0-medium.model")
    use_mace(weights_dir=tmp_path)
    assert small.MEDIUM.is_installed()
    with pytest.raises(PotentialUnavailableError, match=r"is not the released one.*SOFTDASH_MACE_MODELS_DIR"):
        registry.load_potential(small.MEDIUM.name)
    assert not trap.exists()
    small.as_release(monkeypatch, tmp_path / "mace-mp-0-medium.model")
    with pytest.raises(PotentialUnavailableError, match="which is no MACE potential"):
        small.MEDIUM.load()
    assert trap.exists(), "the trap works where the file is trusted"


def test_right_weights_whose_energy_is_off_refuse_to_serve(
    mace_model_file: Path, tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_release(monkeypatch, mace_model_file)
    (tmp_path / "mace-mp-0-medium.model").symlink_to(mace_model_file)
    use_mace(weights_dir=tmp_path)
    with pytest.raises(PotentialUnavailableError, match=r"eV/atom for Cu fcc 3\.61, but -4\.0839 is right"):
        registry.load_potential(small.MEDIUM.name)
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
    place: str, mace_model_file: Path, tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_release(monkeypatch, mace_model_file)
    use_mace(weights_dir=tmp_path, download_weights=True)
    assert not small.MEDIUM.is_installed(), "with a folder of weights nothing is downloaded"
    with pytest.raises(PotentialUnavailableError, match=r"Put the released file 2023-12-03-mace-128-L1_epoch-199\.mod"):
        small.MEDIUM.weights_sha256()
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).symlink_to(mace_model_file)
    assert small.MEDIUM.is_installed()
    assert small.MEDIUM.weights_sha256() == hashlib.sha256(mace_model_file.read_bytes()).hexdigest()


def test_weights_in_the_cache_of_mace(
    mace_model_file: Path, tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_release(monkeypatch, mace_model_file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    use_mace()
    assert not small.MEDIUM.is_installed()
    use_mace(download_weights=True)
    assert small.MEDIUM.is_installed()
    use_mace()
    (tmp_path / "mace").mkdir()
    (tmp_path / "mace" / "20231203mace128L1_epoch199model").symlink_to(mace_model_file)
    assert small.MEDIUM.is_installed()
    assert small.MEDIUM.load().predict([small.rattled()[0]])


def test_weights_are_fetched_only_when_asked_for(
    mace_model_file: Path, tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from mace.calculators import foundations_models

    def fetch(url: str, target: str) -> tuple[str, str]:
        Path(target).write_bytes(mace_model_file.read_bytes())
        return target, "Content-Type: application/octet-stream"

    small.as_release(monkeypatch, mace_model_file)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(foundations_models, "_urlretrieve_with_timeout", fetch)
    use_mace()
    with pytest.raises(PotentialUnavailableError, match="not installed here"):
        registry.load_potential(small.MEDIUM.name)
    use_mace(download_weights=True)
    announced = small.MEDIUM.weights_sha256()
    assert small.MEDIUM.load().predict([small.rattled()[0]])
    assert small.MEDIUM.weights_sha256() == announced == hashlib.sha256(mace_model_file.read_bytes()).hexdigest()
    assert capsys.readouterr().out == "", "standard output belongs to results"


def test_a_failed_download_says_where_to_put_the_file(
    tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mace.calculators import foundations_models

    def fail(url: str, target: str) -> None:
        raise urllib.error.URLError("no network")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(foundations_models, "_urlretrieve_with_timeout", fail)
    use_mace(download_weights=True)
    with pytest.raises(PotentialUnavailableError, match=r"could not be fetched .*no network.*Put the released file"):
        registry.load_potential(small.MEDIUM.name)


def test_one_command_computes_the_tables_once_weights_are_there(
    mace_model_file: Path, tmp_path: Path, use_mace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables of a set of two crystals, by the command and the name that a user gives."""
    small.as_release(monkeypatch, mace_model_file)
    known = small.described(mace_model_file).known_energies
    for module in (registry, high_energy):
        monkeypatch.setattr(module, "card", lambda name: replace(small.MEDIUM, known_energies=known))
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "mace-mp-0-medium.model").symlink_to(mace_model_file)
    chosen = {"data_dir": tmp_path, "state_dir": tmp_path / "state", "precomputed_dir": tmp_path / "precomputed"}
    chosen["weights_dir"] = tmp_path / "weights"
    use_mace(**chosen)
    monkeypatch.setattr(softdash.settings, "get_settings", lambda: Settings(**chosen))
    write_reference_set(tmp_path / RANDOM_DISPLACEMENTS.files[0], small.MEDIUM.load(), slope=0.8)

    command = ["benchmark", "high-energy", "--potential", small.MEDIUM.name, "--dataset", RANDOM_DISPLACEMENTS.name]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(tmp_path / "precomputed" / schemas.MATERIALS)
    assert table["potential"].tolist() == [small.MEDIUM.name] * 2
    np.testing.assert_allclose(table["slope"], 0.8, atol=1e-4)
    (entry,) = [one for one in read_resources(tmp_path / "precomputed") if one.path.endswith("parquet")]
    assert small.MEDIUM.name in entry.path


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
