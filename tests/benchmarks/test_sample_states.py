"""Sampling high-energy states: a crystal of springs, whose canonical ensemble is known; resuming; the command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk
from ase.io import read, write
from click.testing import CliRunner

from softdash.benchmarks.sampling.sample_states import SamplingProgress, SamplingSettings, sample_states, strained
from softdash.benchmarks.sampling.structure_file import read_structure
from softdash.cli import main
from softdash.errors import InputError, PredictionError
from softdash.potentials.interface import Prediction, Progress
from softdash.settings import Settings

SPRING = 6.0
"""eV/Å²; with copper a period of 210 fs."""
SHORT = SamplingSettings(temperature=500, time_ps=0.2, equilibration_ps=0.05, seed=3)


class Springs:
    """Each atom is held to its site by a spring."""

    def __init__(self, sites: Atoms) -> None:
        self.sites = sites.positions.copy()
        self.stresses_asked: list[bool] = []

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        self.stresses_asked.append(stress)
        (atoms,) = frames
        moved = atoms.positions - self.sites
        return [Prediction(forces=-SPRING * moved, energy=float(0.5 * SPRING * np.sum(moved**2)))]


@pytest.fixture
def copper() -> Atoms:
    return bulk("Cu", cubic=True)


def test_the_ensemble_is_canonical(copper: Atoms) -> None:
    """Mean kinetic and mean potential energy are both (3N - 3) kT/2; what they spread by says how well."""
    crystal = copper.repeat((2, 2, 1))
    settings = SamplingSettings(temperature=600, time_ps=12, equilibration_ps=1, frame_count=60, strain=0)
    temperatures: list[float] = []

    def report(progress: SamplingProgress) -> None:
        if not progress.is_equilibrating:
            temperatures.append(progress.temperature)

    states = sample_states(crystal, Springs(crystal), settings, label="springs", report=report)
    freedom = 3 * len(crystal) - 3
    assert states.mean_temperature == pytest.approx(np.mean(temperatures[1:]), rel=0.01)
    blocks = np.array(temperatures[: len(temperatures) // 10 * 10]).reshape(10, -1).mean(axis=1)
    error = blocks.std(ddof=1) / np.sqrt(10)
    assert abs(states.mean_temperature - 600) < 4 * error
    assert error < 25
    assert states.temperature_spread == pytest.approx(600 * np.sqrt(2 / freedom), rel=0.25)
    squares = [np.sum((frame.positions - crystal.positions) ** 2) for frame in states.frames]
    potential_temperature = SPRING * np.mean(squares) / (freedom * units.kB)
    assert potential_temperature == pytest.approx(600, rel=0.12)


def test_the_protocol_is_the_paper_s(copper: Atoms) -> None:
    paper = SamplingSettings()
    assert (paper.temperature, paper.time_ps, paper.frame_count) == (1000, 20, 10)
    assert paper.strains == (0, 0, 0, 0, 0, 0, 0.03, 0.03, -0.03, -0.03)
    assert SamplingSettings(frame_count=1).strains == (0.0,)
    potential = Springs(copper)
    states = sample_states(copper, potential, SHORT, label="springs")
    assert len(states.frames) == 10
    for frame, strain in zip(states.frames, paper.strains, strict=True):
        np.testing.assert_allclose(frame.cell.array, (1 + strain) * copper.cell.array, rtol=1e-14)
        assert frame.info["strain"] == strain
        assert frame.calc is None
        assert all(frame.pbc)
    assert [frame.info["time_ps"] for frame in states.frames] == pytest.approx(0.05 + 0.02 * np.arange(1, 11))
    assert not any(potential.stresses_asked), "stress costs half of the time again"


def test_strain_keeps_fractional_coordinates(copper: Atoms) -> None:
    copper.rattle(0.1, seed=1)
    for strain in (0.03, -0.03):
        longer = strained(copper, strain)
        np.testing.assert_allclose(longer.cell.lengths() / copper.cell.lengths(), [1 + strain] * 3, rtol=1e-14)
        np.testing.assert_allclose(
            longer.cell.scaled_positions(longer.positions), copper.cell.scaled_positions(copper.positions)
        )


def test_equal_seeds_give_equal_frames(copper: Atoms) -> None:
    first, again = (sample_states(copper, Springs(copper), SHORT, label="springs") for _ in range(2))
    other = sample_states(copper, Springs(copper), SamplingSettings(500, 0.2, 0.05, seed=4), label="springs")
    for one, two, three in zip(first.frames, again.frames, other.frames, strict=True):
        np.testing.assert_array_equal(one.positions, two.positions)
        assert np.abs(one.positions - three.positions).max() > 1e-3


def test_hydrogen_gets_short_steps() -> None:
    assert SamplingSettings().for_structure(bulk("Cu")).timestep_fs == 2.0
    assert SamplingSettings().for_structure(Atoms("LiH")).timestep_fs == 0.5
    assert SamplingSettings(timestep_fs=1.5).for_structure(Atoms("LiH")).timestep_fs == 1.5


@pytest.mark.parametrize("steps", [20, 70])
def test_a_cancelled_sampling_goes_on_to_the_same_frames(copper: Atoms, tmp_path: Path, steps: int) -> None:
    checkpoint = tmp_path / "checkpoint.json"

    def cancel(progress: SamplingProgress) -> None:
        if progress.step >= steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample_states(copper, Springs(copper), SHORT, label="springs", report=cancel, checkpoint=checkpoint)
    seen: list[int] = []
    resumed = sample_states(
        copper,
        Springs(copper),
        SHORT,
        label="springs",
        report=lambda progress: seen.append(progress.step),
        checkpoint=checkpoint,
    )
    whole = sample_states(copper, Springs(copper), SHORT, label="springs")
    assert seen[0] > steps
    assert seen[-1] == 125
    assert resumed.mean_temperature == whole.mean_temperature
    for one, two in zip(resumed.frames, whole.frames, strict=True):
        np.testing.assert_array_equal(one.positions, two.positions)
        assert one.info == two.info


def test_a_checkpoint_of_another_sampling_is_refused(copper: Atoms, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.json"
    sample_states(copper, Springs(copper), SHORT, label="springs", checkpoint=checkpoint)
    copper.positions[0, 0] += 0.01
    with pytest.raises(InputError, match="another structure, potential or setting"):
        sample_states(copper, Springs(copper), SHORT, label="springs", checkpoint=checkpoint)
    checkpoint.write_text("{}")
    with pytest.raises(InputError, match=r"checkpoint\.json: This is not the checkpoint"):
        sample_states(copper, Springs(copper), SHORT, label="springs", checkpoint=checkpoint)


def test_what_cannot_be_sampled_is_said(copper: Atoms) -> None:
    with pytest.raises(InputError, match="supercell"):
        sample_states(bulk("Cu"), Springs(bulk("Cu")), SHORT, label="springs")
    with pytest.raises(InputError, match="periodic in three directions"):
        sample_states(Atoms("H2", [[0, 0, 0], [0, 0, 1]]), Springs(copper), SHORT, label="springs")
    with pytest.raises(PredictionError, match="blew up after"):
        sample_states(copper, Springs(copper), SamplingSettings(1000, 5, timestep_fs=300), label="springs")


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(main, ["benchmark", "sample-states", *map(str, arguments)])


@pytest.fixture
def structure_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("softdash.settings.get_settings", lambda: Settings(state_dir=tmp_path / "state"))
    file = tmp_path / "copper.cif"
    write(file, bulk("Cu", cubic=True))
    return file


SHORT_RUN = ("--potential", "emt", "--temperature", 300, "--time-ps", 0.1, "--equilibration-ps", 0.02)


def test_the_command_writes_frames_and_a_log(structure_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "states.extxyz"
    done = run(structure_file, *SHORT_RUN, "--supercell", 2, 1, 1, "--output", output)
    assert done.exit_code == 0, done.output
    assert "Sampled is" not in done.stderr  # only said where there was a choice
    frames = read(output, ":")
    assert [frame.info["strain"] for frame in frames] == [0] * 6 + [0.03] * 2 + [-0.03] * 2
    assert [frame.info["frame"] for frame in frames] == list(range(1, 11))
    assert {len(frame) for frame in frames} == {8}
    assert all(frame.calc is None for frame in frames), "forces of the potential would be taken for DFT's"
    assert all("300 K" in frame.info["md"] and frame.info["material_id"] == "copper" for frame in frames)
    log = output.with_suffix(".log").read_text()
    assert "Mean temperature" in log
    assert len(log.splitlines()[9:]) == 10
    assert sorted(file.name for file in tmp_path.glob("states*")) == ["states.extxyz", "states.log"]
    again = run(structure_file, *SHORT_RUN, "--supercell", 2, 1, 1, "--output", output)
    assert again.exit_code == 3
    assert "exists already" in again.stderr


def test_ctrl_c_keeps_the_frames_so_far(structure_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from softdash.benchmarks.sampling import sample_states as module

    stopped, whole = tmp_path / "stopped.extxyz", tmp_path / "whole.extxyz"
    with monkeypatch.context() as patch:
        steps_left = iter([None] * 5)
        checked = module._checked_temperature

        def interrupt(*arguments: Any) -> float:
            try:
                next(steps_left)
            except StopIteration:
                raise KeyboardInterrupt from None
            return checked(*arguments)

        patch.setattr(module, "_checked_temperature", interrupt)
        done = run(structure_file, *SHORT_RUN, "--output", stopped)
    assert done.exit_code == 130
    assert "goes on where it stopped" in done.stderr
    kept = read(stopped, ":")
    assert 0 < len(kept) < 10
    assert run(structure_file, *SHORT_RUN, "--output", stopped).exit_code == 0
    assert run(structure_file, *SHORT_RUN, "--output", whole).exit_code == 0
    assert stopped.read_text() == whole.read_text()
    np.testing.assert_array_equal(kept[0].positions, read(whole, 0).positions)


def test_structures_of_any_format_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    salt = bulk("NaCl", "rocksalt", a=5.6)
    for name in ("POSCAR", "salt.cif", "salt.extxyz", "salt.xsf"):
        write(tmp_path / name, salt)
        found, count = read_structure(tmp_path / name)
        assert count == 1
        assert sorted(found.symbols) == ["Cl", "Na"]
        assert found.get_volume() == pytest.approx(salt.get_volume(), rel=1e-5)
    write(tmp_path / "run.extxyz", [salt, bulk("Cu")])
    last, count = read_structure(tmp_path / "run.extxyz")
    assert (str(last.symbols), count) == ("Cu", 2)
    (tmp_path / "notes.txt").write_text("no structure")
    with pytest.raises(InputError, match=r"notes\.txt: ASE cannot read"):
        read_structure(tmp_path / "notes.txt")
    shared, count = re.subn(r"(Cl1.*)1\.0000", r"\g<1>0.5000", (tmp_path / "salt.cif").read_text())
    assert count == 1
    (tmp_path / "shared.cif").write_text(shared)
    with pytest.raises(InputError, match="partly occupied"):
        read_structure(tmp_path / "shared.cif")
