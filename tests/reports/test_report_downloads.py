"""What a report gives to take away: frames as extended XYZ, the recipe, and the lines that use it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.emt import EMT

from softdash.diagnosis.correction import fit_correction
from softdash.diagnosis.direct import diagnose_files
from softdash.diagnosis.other_labels import energy_parity, stress_parity
from softdash.diagnosis.records import LabelComparison, PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import ConflictError, NotFoundError
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.potentials.correction_recipe import read_recipe
from softdash.potentials.registry import card
from softdash.reports.extxyz import report_extxyz
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import report_html
from softdash.reports.recipe import recipe_file_name, report_recipe, report_snippet
from softdash.settings import Settings
from softdash.softening import three_digits
from softdash.softening.answers import LabelStatistics
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.structures.upload.read import read_upload

HARDNESS = 1.25


@dataclass(frozen=True)
class Diagnosed:
    report: Report
    points: ForcePoints
    frames: LabelledFrames
    file: Path

    @property
    def result(self) -> PotentialResult:
        return self.report.results[0]

    @property
    def energies(self) -> LabelStatistics:
        found = self.result.energies
        assert found is not None
        assert found.statistics is not None
        return found.statistics

    @property
    def stresses(self) -> LabelStatistics:
        found = self.result.stresses
        assert found is not None
        assert found.statistics is not None
        return found.statistics


@pytest.fixture(scope="module")
def labelled_copper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six strained, rattled cells: forces, energies and stresses of EMT times 1.25, energies with another zero."""
    written = []
    for number in range(6):
        atoms = bulk("Cu", cubic=True)
        atoms.set_cell(atoms.cell.array * (1 + 0.01 * (number - 3)), scale_atoms=True)
        atoms.rattle(0.1, seed=number)
        atoms.calc = EMT()
        forces, energy, stress = atoms.get_forces(), atoms.get_potential_energy(), atoms.get_stress(voigt=False)
        atoms.calc = None
        noise = np.random.default_rng(number).normal(0, 0.01, forces.shape)
        atoms.arrays["REF_forces"] = HARDNESS * forces + noise
        atoms.info |= {
            "REF_energy": HARDNESS * energy - 30.0,
            "REF_stress": HARDNESS * stress.ravel(),
            "functional": "PBE",
        }
        written.append(atoms)
    path = tmp_path_factory.mktemp("labels") / "strained copper.extxyz"
    ase.io.write(path, written, format="extxyz")
    return path


@pytest.fixture(scope="module")
def diagnosed(labelled_copper: Path) -> Diagnosed:
    settings = Settings()
    report, points, _ = diagnose_files([labelled_copper], ["emt"], settings)
    return Diagnosed(report, points, read_upload([labelled_copper], settings), labelled_copper)


def test_energies_and_stresses_are_compared(diagnosed: Diagnosed) -> None:
    assert diagnosed.energies.slope == pytest.approx(1 / HARDNESS, abs=1e-6)
    assert diagnosed.energies.frame_count == 6
    assert diagnosed.stresses.slope == pytest.approx(1 / HARDNESS, abs=1e-6)
    assert diagnosed.stresses.offset is not None


def test_parity_points_are_those_behind_the_slopes(diagnosed: Diagnosed) -> None:
    energies, stresses = (
        energy_parity(diagnosed.report, diagnosed.points, "emt"),
        stress_parity(diagnosed.points, "emt"),
    )
    assert energies is not None
    assert stresses is not None
    assert len(energies.frame) == 6
    assert len(stresses.frame) == 36
    slope = np.sum(energies.reference * energies.predicted) / np.sum(energies.reference**2)
    assert slope == pytest.approx(diagnosed.energies.slope, rel=1e-10)
    assert energy_parity(diagnosed.report, diagnosed.points, "another") is None


def test_frames_without_these_labels_say_so(copper: Callable[..., IncomingFile], settings: Settings) -> None:
    report, points, _ = diagnose_files([copper(frames=3).path], ["emt"], settings)
    (result,) = report.results
    assert result.energies is not None
    assert result.energies.statistics is None
    assert "no energies" in (result.energies.refusal or "")
    assert result.stresses is not None
    assert "no stresses" in (result.stresses.refusal or "")
    assert stress_parity(points, "emt") is None


def test_extended_xyz_comes_back_to_the_last_digit_through_ase_and_softdash(
    diagnosed: Diagnosed, tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "report.extxyz"
    path.write_text("".join(report_extxyz(diagnosed.report, diagnosed.points, diagnosed.frames)), encoding="utf-8")
    by_ase = ase.io.read(path, ":")
    assert len(by_ase) == 6
    rows = diagnosed.points.frame == 4
    np.testing.assert_array_equal(by_ase[4].arrays["emt_forces"], diagnosed.points.predicted["emt"][rows])
    np.testing.assert_array_equal(by_ase[4].arrays["REF_forces"], diagnosed.points.reference[rows])
    assert diagnosed.points.cells is not None
    assert by_ase[4].info["emt_energy"] == diagnosed.points.cells.predicted_energies["emt"][4]
    np.testing.assert_array_equal(by_ase[4].cell.array, diagnosed.frames.frames[4].atoms.cell.array)
    again = read_upload([path], settings)
    for frame, before in zip(again.frames, diagnosed.frames.frames, strict=True):
        np.testing.assert_array_equal(frame.reference_forces, before.reference_forces)
        np.testing.assert_array_equal(frame.atoms.positions, before.atoms.positions)
        assert frame.reference_energy == before.reference_energy
        np.testing.assert_array_equal(frame.reference_stress, before.reference_stress)
    assert again.functional == "PBE"


def test_extended_xyz_leaves_out_what_a_potential_could_not_compute(diagnosed: Diagnosed) -> None:
    incomplete = diagnosed.points.predicted["emt"].copy()
    incomplete[diagnosed.points.frame == 1] = np.nan
    points = replace(diagnosed.points, predicted={"emt": incomplete})
    parts = list(report_extxyz(diagnosed.report, points, diagnosed.frames))
    assert "emt_forces" not in parts[1]
    assert all("emt_forces" in part for part in parts[:1] + parts[2:])


def test_extended_xyz_of_other_frames_is_refused(diagnosed: Diagnosed) -> None:
    fewer = LabelledFrames(diagnosed.frames.frames[:3], (), "extended XYZ")
    with pytest.raises(ConflictError, match="not those of this report"):
        list(report_extxyz(diagnosed.report, diagnosed.points, fewer))


def test_a_server_gives_the_frames_of_a_diagnosis(
    service: DiagnosisService, compute_all: Callable[[], None], labelled_copper: Path, diagnosed: Diagnosed
) -> None:
    upload = service.add_upload([IncomingFile(labelled_copper.name, labelled_copper)])
    created = service.create(upload.id, ["emt"])
    compute_all()
    identifier = created.record.id
    report, points, frames = service.report(identifier), service.points(identifier), service.frames(identifier)
    assert report.result_sha256 == diagnosed.report.result_sha256
    text = "".join(report_extxyz(report, points, frames))
    assert text.count("Lattice=") == 6
    assert json.loads(report_json(report))["result_sha256"] == diagnosed.report.result_sha256


def test_recipe_is_the_one_that_softdash_correct_makes(diagnosed: Diagnosed, tmp_path: Path) -> None:
    recipe = report_recipe(diagnosed.report, "emt")
    fitted = fit_correction(diagnosed.frames, card("emt"), recipe.inputs).recipe
    same = ("potential", "factor", "interval", "slope", "r_squared", "mae_after", "held_out", "references", "inputs")
    for name in same:
        assert getattr(recipe, name) == getattr(fitted, name), name
    recipe.write(tmp_path / "recipe.json")
    assert read_recipe(tmp_path / "recipe.json") == recipe
    assert not recipe.is_recommended  # a classical potential is for demonstrations
    assert "demonstrations" in recipe.advice


def test_snippet_runs_and_gives_the_corrected_forces(diagnosed: Diagnosed, tmp_path: Path) -> None:
    recipe = report_recipe(diagnosed.report, "emt")
    recipe.write(tmp_path / recipe_file_name(diagnosed.report, "emt"))
    atoms = diagnosed.frames.frames[0].atoms
    ase.io.write(tmp_path / "my_structure.cif", atoms)
    program = tmp_path / "program.py"
    program.write_text(
        report_snippet(diagnosed.report, "emt") + "import numpy; numpy.save('forces.npy', atoms.get_forces())\n"
    )
    subprocess.run([sys.executable, program], cwd=tmp_path, check=True, capture_output=True)
    atoms = ase.io.read(tmp_path / "my_structure.cif")
    atoms.calc = EMT()
    np.testing.assert_allclose(np.load(tmp_path / "forces.npy"), recipe.factor * atoms.get_forces(), atol=1e-10)


def test_snippet_says_when_the_correction_is_not_recommended_and_lets_no_code_in(diagnosed: Diagnosed) -> None:
    hostile = diagnosed.report.understanding.model_copy(update={"formula": "Cu\nimport os"})
    text = report_snippet(diagnosed.report.model_copy(update={"understanding": hostile}), "emt")
    assert "# Not recommended." in text
    assert not any(line.startswith("import os") for line in text.splitlines())
    compile(text, "snippet", "exec")


def test_recipes_that_do_not_exist_are_refused(diagnosed: Diagnosed) -> None:
    with pytest.raises(NotFoundError, match="it has emt"):
        report_recipe(diagnosed.report, "chgnet-0.3.0")
    failed = diagnosed.result.model_copy(update={"statistics": None})
    with pytest.raises(ConflictError, match="no result"):
        report_recipe(diagnosed.report.model_copy(update={"results": (failed,)}), "emt")


def test_csv_s_head_holds_the_answers(diagnosed: Diagnosed) -> None:
    head = [line for line in "".join(report_csv(diagnosed.report, diagnosed.points)).splitlines() if line[0] == "#"]
    advice = diagnosed.result.advice
    assert advice is not None
    assert advice.held_out is not None
    for expected in (
        f"linear correction c* of emt: {advice.linear_correction!r}",
        f"1/s of emt: {advice.inverse_slope!r}",
        f"MAE of held-out frames of emt, eV/A: {advice.held_out.mae_before!r} before, {advice.held_out.mae_after!r}",
        f"slope of energies of emt: {diagnosed.energies.slope!r}",
        f"slope of stresses of emt: {diagnosed.stresses.slope!r}",
    ):
        assert any(expected in line for line in head), expected


def test_html_holds_the_answers(diagnosed: Diagnosed) -> None:
    text = report_html(diagnosed.report, diagnosed.points)
    advice, influence = diagnosed.result.advice, diagnosed.result.influence
    assert advice is not None
    assert advice.held_out is not None
    assert advice.frames_needed is not None
    assert influence is not None
    assert influence.most_influential_frame is not None
    for expected in (
        "Energies, slope",
        "Stresses, MAE",
        f"{three_digits(advice.held_out.mae_before)} → {three_digits(advice.held_out.mae_after)} eV/Å",
        f"without frame {influence.most_influential_frame.frame + 1}",
        f"{advice.frames_needed.frames_low} to {advice.frames_needed.frames_high}",
        advice.text,
    ):
        assert expected in text, expected


def test_html_says_why_there_is_no_answer(diagnosed: Diagnosed) -> None:
    advice = diagnosed.result.advice
    assert advice is not None
    result = diagnosed.result.model_copy(
        update={
            "stresses": LabelComparison(refusal="The frames have no stresses."),
            "advice": advice.model_copy(
                update={
                    "held_out": None,
                    "held_out_refusal": "There is one frame only.",
                    "frames_needed": None,
                    "frames_needed_refusal": "Only one frame carries forces.",
                }
            ),
        }
    )
    text = report_html(diagnosed.report.model_copy(update={"results": (result,)}), diagnosed.points)
    for expected in ("The frames have no stresses.", "There is one frame only.", "Only one frame carries forces."):
        assert expected in text
