"""``--reference FILE`` of the tasks about forces: a reader's own frames instead of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from click.testing import CliRunner

from softdash.benchmarks.correction.fine_tuning import POTENTIAL
from softdash.benchmarks.correction.fine_tuning_systems import read_frames, system_of_file
from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.data.datasets import DATASETS
from softdash.benchmarks.data.reference_file import own_name, read_reference_file
from softdash.benchmarks.registry import tasks
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import LINEAR_CORRECTION
from softdash.cli import main
from softdash.errors import InputError, ReferenceDataError
from softdash.settings import Settings

TRUE_SLOPE = 0.8


def labelled(material: str, seed: int) -> Atoms:
    """Forces are EMT's own, divided by a slope: that must come out."""
    crystal = bulk(material, cubic=True).repeat((2, 1, 1))
    crystal.rattle(0.15, seed=seed)
    probe = crystal.copy()
    probe.calc = EMT()
    crystal.calc = SinglePointCalculator(crystal, energy=-1.0, forces=probe.get_forces() / TRUE_SLOPE)
    return crystal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my run.v2.extxyz"
    write(path, [*(labelled("Cu", seed) for seed in range(6)), *(labelled("Al", seed) for seed in range(2))])
    return path


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    own = Settings(data_dir=None, state_dir=tmp_path / "state", precomputed_dir=tmp_path / "precomputed")
    monkeypatch.setattr("softdash.settings.get_settings", lambda: own)
    return own


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(main, ["benchmark", *map(str, arguments)])


def test_frames_of_one_formula_are_one_material(file: Path) -> None:
    found = read_reference_file(file, Settings())
    assert [(one.material_id, len(one.frames)) for one in found.materials] == [("Cu", 6), ("Al", 2)]
    assert found.dataset.name == "own-my-run"


@pytest.mark.parametrize("name", ["gpaw_pbe.extxyz", "mpf-TP.xyz", "..extxyz", "äöü.xyz", "a/b c.d.xyz"])
def test_own_names_never_meet_a_data_set(name: str) -> None:
    own = own_name(Path(name))
    assert own.startswith("own-")
    assert len(own) > len("own-")
    assert own not in {one.name for one in DATASETS}


def test_high_energy_writes_the_slope_of_own_frames(file: Path, settings: Settings) -> None:
    done = run("high-energy", "--potential", "emt", "--reference", file)
    assert done.exit_code == 0, done.output
    assert "8 frames (Cu, Al)" in done.stderr
    table = Catalog(settings.precomputed_dir).materials()
    assert table["slope"].tolist() == pytest.approx([TRUE_SLOPE] * 2, abs=1e-6)
    assert set(table["dataset"]) == {"own-my-run"}
    assert not table["functional_mismatch"].any(), "what the file does not tell is not held against it"
    sources = [one.sources for one in read_resources(settings.precomputed_dir) if one.path == schemas.MATERIALS]
    assert [source.title for source in sources[0]] == [file.name]


def test_linear_correction_runs_the_forces_first(file: Path, settings: Settings) -> None:
    done = run("linear-correction", "--potential", "emt", "--reference", file)
    assert done.exit_code == 0, done.output
    table = pd.read_csv(settings.precomputed_dir / LINEAR_CORRECTION)
    assert set(table["material_id"]) == {"Cu"}, "two frames of aluminium are too few"
    # The parity points are rounded to 0.001 eV/Å.
    assert table["factor_median"].tolist() == pytest.approx([1 / TRUE_SLOPE] * len(table), abs=5e-3)
    assert run("linear-correction", "--reference", file).exit_code == 2


def test_too_few_frames_for_a_linear_correction_are_said(tmp_path: Path, settings: Settings) -> None:
    write(few := tmp_path / "few.extxyz", [labelled("Cu", seed) for seed in range(3)])
    done = run("linear-correction", "--potential", "emt", "--reference", few)
    assert done.exit_code == 3
    assert "at least 5 frames" in done.stderr


def test_a_fine_tuning_system_is_made_of_one_material(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="2 materials"):
        system_of_file(read_reference_file(file, Settings()))
    for count, larger in ((4, 2), (9, 4), (24, 10)):
        write(path := tmp_path / f"copper-{count}.extxyz", [labelled("Cu", seed) for seed in range(count)])
        system = system_of_file(read_reference_file(path, Settings()))
        assert system.train_counts == (1, larger)
        assert len(read_frames(system, Settings())) == count
        assert system.reference.sources[0].title == path.name


def test_frames_without_energies_cannot_be_fine_tuned_on(tmp_path: Path) -> None:
    frames = [labelled("Cu", seed) for seed in range(6)]
    for atoms in frames:
        atoms.calc = SinglePointCalculator(atoms, forces=atoms.get_forces())
    write(path := tmp_path / "forces.extxyz", frames)
    with pytest.raises(ReferenceDataError, match="energy"):
        system_of_file(read_reference_file(path, Settings()))


def test_fine_tuning_takes_the_potential_it_can_train(settings: Settings) -> None:
    options = next(task.options for task in tasks() if task.name == "fine-tuning")
    option = next(one for one in options if one.name == "potential")
    assert option.default == POTENTIAL
    assert run("fine-tuning", "--potential", "emt").exit_code == 2


@pytest.mark.parametrize("task", ["high-energy", "fine-tuning"])
def test_what_has_no_forces_is_refused_in_words(task: str, tmp_path: Path, settings: Settings) -> None:
    write(path := tmp_path / "bare.extxyz", bulk("Cu", cubic=True))
    done = run(task, "--reference", path, *(() if task == "fine-tuning" else ("--potential", "emt")))
    assert done.exit_code == 3, done.output
    assert "bare.extxyz" in done.stderr
    assert "forces" in done.stderr
    assert not settings.precomputed_dir.exists()
    with pytest.raises(InputError):
        read_reference_file(path, settings)


@pytest.mark.parametrize("task", ["surfaces", "point-defects", "solid-solution", "ion-migration"])
def test_energy_tasks_refuse_what_is_no_relaxed_structure_of_theirs(task: str, file: Path, settings: Settings) -> None:
    done = run(task, "--potential", "emt", "--reference", file)
    assert done.exit_code == 3
    assert "frame 1 has no step" in done.stderr


def test_every_benchmark_has_a_reference_option() -> None:
    for one in tasks():
        given = {option.name for option in one.options}
        assert {"reference_file", "potentials" if one.name != "fine-tuning" else "potential"} <= given, one.name
