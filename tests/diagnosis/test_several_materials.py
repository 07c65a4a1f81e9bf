"""An upload of several materials: each one's findings are those of that material uploaded alone, nothing is pooled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ase.io
import numpy as np
import pytest
from ase import Atoms, units
from ase.build import bulk

import softdash.diagnosis.analysis as analysis
from softdash.cli.verification import verify_report
from softdash.diagnosis.direct import diagnose_files, diagnose_frames
from softdash.diagnosis.records import MaterialResult, PotentialResult, Report
from softdash.diagnosis.reports import Diagnosed, result_sha256
from softdash.diagnosis.suitability import notices_about
from softdash.errors import ConflictError, NotFoundError, PredictionError
from softdash.potentials.interface import Prediction, Progress
from softdash.potentials.registry import card, load_potential
from softdash.reports.extxyz import report_extxyz
from softdash.reports.material_rows import material_rows
from softdash.reports.material_view import material_names, material_points, material_report, report_of_one
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.read_options import ReadOptions

REFERENCES = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe"
FINDINGS = ("statistics", "notices", "populations", "verdict", "energies", "stresses", "influence", "advice")
MORE_FINDINGS = ("reference_states", "doubts", "tested", "answer")


def frames_of(name: str, count: int = 5) -> list[Atoms]:
    return list(ase.io.read(REFERENCES / f"{name}.extxyz", f":{count}"))


def in_file(path: Path, frames: Sequence[Atoms]) -> Path:
    ase.io.write(path, list(frames), format="extxyz")
    return path


def rattled(metal: str, count: int, *, spring: float = 9.0, scale: float = 0.08, seed: int = 7) -> list[Atoms]:
    """Frames of a metal, whose reference are springs (eV/Å²) to the sites."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        atoms = bulk(metal, cubic=True)
        displacements = generator.normal(scale=scale, size=(len(atoms), 3))
        atoms.positions += displacements
        forces = -spring * displacements + generator.normal(scale=0.01, size=displacements.shape)
        atoms.arrays["forces"] = forces - forces.mean(axis=0)
        atoms.info["functional"] = "PBE"
        made.append(atoms)
    return made


def with_first_frame(value: Any, shift: Callable[[int], int]) -> Any:
    """Return findings in which every frame number is moved; whatever stands in sentences stays."""
    if isinstance(value, dict):
        moved: dict[str, Any] = {}
        for key, one in value.items():
            if key == "frame" and isinstance(one, int):
                moved[key] = shift(one)
            elif key == "frame" and isinstance(one, float):  # numbers of a sentence, which count from 1
                moved[key] = shift(int(one) - 1) + 1.0
            else:
                moved[key] = with_first_frame(one, shift)
        return moved
    return [with_first_frame(one, shift) for one in value] if isinstance(value, list) else value


def _moved(step: int, first: int) -> Callable[[int], int]:
    return lambda frame: step * frame + first


def plain(result: PotentialResult) -> dict[str, Any]:
    dumped = result.model_dump(mode="json")
    return {name: dumped[name] for name in (*FINDINGS, *MORE_FINDINGS)}


@pytest.fixture
def mixed(tmp_path: Path, settings: Settings) -> Diagnosed:
    """Five frames of copper and of aluminium, in turn, by a potential that knows both."""
    pairs = zip(rattled("Cu", 5), rattled("Al", 5, spring=4.0), strict=True)
    return diagnose_files(
        [in_file(tmp_path / "mix.extxyz", [one for pair in pairs for one in pair])], ["emt"], settings
    )


def test_each_material_is_as_if_alone_to_all_digits(mixed: Diagnosed, tmp_path: Path, settings: Settings) -> None:
    for place, (name, spring) in enumerate((("Cu", 9.0), ("Al", 4.0))):
        file = in_file(tmp_path / f"{name}.extxyz", rattled(name, 5, spring=spring))
        alone = diagnose_files([file], ["emt"], settings)
        view = material_report(mixed.report, name)
        (own,), (expected,) = view.results, alone.report.results
        mine, theirs = plain(own), plain(expected)
        pooled = mixed.report.results[0].statistics
        assert pooled is not None
        assert theirs["statistics"]["slope"] != pytest.approx(pooled.slope)
        theirs = with_first_frame(theirs, _moved(2, place))
        assert _without_places(mine) == _without_places(theirs)
        assert own.materials == ()
        points = material_points(mixed.points, tuple(range(place, 10, 2)))
        np.testing.assert_array_equal(points.predicted["emt"], alone.points.predicted["emt"])
        np.testing.assert_array_equal(points.reference, alone.points.reference)
        assert view.title == alone.report.title
        assert view.understanding.component_count == alone.report.understanding.component_count
        assert view.understanding.elements == alone.report.understanding.elements


def _without_places(value: Any) -> Any:
    """Leave out origins and sentences, which name the file and count the frames of the upload."""
    if isinstance(value, dict):
        left_out = ("origin", "name", "text", "headline", "message", "detail", "next_frames_rule")
        return {key: _without_places(one) for key, one in value.items() if key not in left_out}
    return [_without_places(one) for one in value] if isinstance(value, list) else value


@cache
def mix_by_chgnet() -> tuple[Report, dict[str, Report]]:
    """LiF and Si, five frames each, together and alone."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        where, alone = Path(folder), {}
        for name in ("LiF", "Si"):
            file = in_file(where / f"{name}.extxyz", frames_of(name))
            alone[name] = diagnose_files([file], ["chgnet-0.3.0"], Settings()).report
        file = in_file(where / "mix.extxyz", [*frames_of("LiF"), *frames_of("Si")])
        return diagnose_files([file], ["chgnet-0.3.0"], Settings()).report, alone


def test_lithium_fluoride_and_silicon_have_two_verdicts() -> None:
    report, alone = mix_by_chgnet()
    assert material_names(report) == ("LiF", "Si")
    rows = {row.name: row for row in material_rows(report.results[0])}
    assert rows["LiF"].slope == pytest.approx(0.799, abs=5e-4)
    assert rows["Si"].slope == pytest.approx(0.661, abs=5e-4)
    for name, shift in (("LiF", 0), ("Si", 5)):
        mine = plain(material_report(report, name).results[0])
        theirs = with_first_frame(plain(alone[name].results[0]), _moved(1, shift))
        assert _without_places(mine) == _without_places(theirs)
        verdict = alone[name].results[0].verdict
        assert verdict is not None
        assert mine["verdict"]["headline"] == verdict.headline
    assert report.title == "LiF and Si by CHGNet 0.3.0"


def test_the_whole_concludes_nothing_about_all_points(mixed: Diagnosed) -> None:
    (result,) = mixed.report.results
    assert result.statistics is not None
    assert result.verdict is not None
    assert result.verdict.level == "several_materials"
    assert (result.statistics.slope_interval, result.statistics.no_interval_reason) == (None, "several_materials")
    assert (result.advice, result.answer, result.influence, result.energies, result.stresses) == (None,) * 5
    assert result.populations == ()
    said = {sentence.code: sentence for sentence in result.verdict.sentences}
    slopes = [part.statistics.slope for part in result.materials if part.statistics is not None]
    assert said["softest_and_stiffest"].numbers["softest"] == min(slopes)
    assert said["softest_and_stiffest"].numbers["stiffest"] == max(slopes)
    assert [part.frames for part in result.materials] == [(0, 2, 4, 6, 8), (1, 3, 5, 7, 9)]


def test_report_comes_back_with_its_seal(mixed: Diagnosed) -> None:
    text = mixed.report.model_dump_json()
    assert Report.model_validate_json(text) == mixed.report
    assert result_sha256(json.loads(text)) == mixed.report.result_sha256


def test_an_element_that_one_material_has_costs_that_material_alone(tmp_path: Path, settings: Settings) -> None:
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Cu", 3), *frames_of("LiF", 3)])
    (result,) = diagnose_files([file], ["emt"], settings).report.results
    copper, salt = result.materials
    assert copper.statistics is not None
    assert copper.error is None
    assert (salt.statistics, salt.verdict, salt.advice) == (None, None, None)
    assert salt.error is not None
    assert salt.error["code"] == "prediction_failed"
    row = material_rows(result)[1]
    assert (row.state, row.slope, row.component_count) == ("no result", None, 0)
    assert result.verdict is not None
    assert "materials_without_slope" in {sentence.code for sentence in result.verdict.sentences}
    assert [refused.origin for refused in result.refused] == [f"mix.extxyz, frame {n}" for n in (4, 5, 6)]


def test_where_no_material_gives_a_slope_the_potential_fails(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Zero:
        def predict(
            self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
        ) -> list[Prediction]:
            raise PredictionError("Nothing converges.")

    monkeypatch.setattr(analysis, "load_card", lambda _card: Zero())
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Cu", 3), *rattled("Al", 3)])
    (result,) = diagnose_files([file], ["emt"], settings).report.results
    assert result.materials == ()
    assert result.error is not None
    assert "Nothing converges" in result.error["message"]


class Halves:
    """Effective medium theory that fails for aluminium."""

    def predict(
        self, frames: Sequence[Atoms], *, stress: bool = False, progress: Progress | None = None
    ) -> list[Prediction]:
        if any("Al" in atoms.symbols for atoms in frames):
            raise PredictionError("Aluminium is too light.")
        return list(load_potential("emt").predict(list(frames), stress=stress, progress=progress))


def test_a_failed_material_keeps_its_reason(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "load_card", lambda _card: Halves())
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Al", 3), *rattled("Cu", 3)])
    report = diagnose_files([file], ["emt"], settings).report
    light, copper = report.results[0].materials
    assert light.error is not None
    assert "too light" in light.error["message"]
    assert copper.statistics is not None
    assert [slope.frame for slope in copper.statistics.frames] == [3, 4, 5]
    refused = material_report(report, "Al").results[0].refused
    assert [one.origin for one in refused] == [f"mix.extxyz, frame {n}" for n in (1, 2, 3)]
    assert material_report(report, "Cu").results[0].refused == ()


def in_hartree(frames: Sequence[Atoms]) -> list[Atoms]:
    changed = [atoms.copy() for atoms in frames]
    for atoms in changed:
        atoms.arrays["forces"] = atoms.arrays["forces"] / (units.Hartree / units.Bohr)
    return changed


def real_forces(metal: str, count: int, seed: int = 3) -> list[Atoms]:
    """Frames whose reference are 1.25 times the forces of effective medium theory: what it then follows."""
    made = rattled(metal, count, seed=seed, scale=0.15)
    for atoms in made:
        forces = load_potential("emt").predict([atoms])[0].forces
        atoms.arrays["forces"] = 1.25 * forces
    return made


def test_a_unit_that_one_material_has_is_doubted_there_without_an_offer(tmp_path: Path, settings: Settings) -> None:
    files = [
        in_file(tmp_path / "Cu.extxyz", real_forces("Cu", 4)),
        in_file(tmp_path / "Al.extxyz", in_hartree(real_forces("Al", 4))),
    ]
    (result,) = diagnose_files(files, ["emt"], settings).report.results
    copper, light = result.materials
    assert copper.doubts == ()
    assert copper.verdict is not None
    assert copper.verdict.level != "inconclusive" or copper.answer is not None
    assert [doubt.code for doubt in light.doubts] == ["unit"]
    assert light.doubts[0].proposals == ()
    assert result.doubts == ()
    assert [row.state == "in doubt" for row in material_rows(result)] == [False, True]
    assert not material_rows(result)[1].is_counted


def test_a_unit_of_all_is_doubted_for_all_and_offered(tmp_path: Path, settings: Settings) -> None:
    frames = in_hartree([*real_forces("Cu", 4), *real_forces("Al", 4)])
    file = in_file(tmp_path / "mix.extxyz", frames)
    (result,) = diagnose_files([file], ["emt"], settings).report.results
    assert [doubt.code for doubt in result.doubts] == ["unit"]
    offered = [proposal.options for proposal in result.doubts[0].proposals]
    assert {"force_unit": "Ha/bohr"} in offered
    options = ReadOptions.model_validate(offered[0])
    again = diagnose_files([file], ["emt"], settings, options=options).report.results[0]
    assert again.doubts == ()
    for part in again.materials:
        assert part.doubts == ()
        assert part.statistics is not None
        assert part.statistics.slope == pytest.approx(0.8, abs=0.01)


def test_the_visitor_may_merge(tmp_path: Path, settings: Settings) -> None:
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Cu", 3), *rattled("Al", 3)])
    together = ReadOptions(materials="together")
    report = diagnose_files([file], ["emt"], settings, options=together).report
    assert material_names(report) == ()
    assert report.results[0].advice is not None
    assert report.title.startswith("2 formulas by ")
    assert report_of_one(report, None) is report


def test_one_frame_of_each_gives_no_firm_verdict(tmp_path: Path, settings: Settings) -> None:
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Cu", 1), *rattled("Al", 1), *rattled("Ag", 1)])
    (result,) = diagnose_files([file], ["emt"], settings).report.results
    assert [part.name for part in result.materials] == ["Cu", "Al", "Ag"]
    assert all(part.answer is None or part.answer.code == "do_not_conclude" for part in result.materials)
    assert all(part.advice is not None and not part.advice.is_recommended for part in result.materials)


def test_a_material_that_is_not_there_is_named_with_those_that_are(mixed: Diagnosed) -> None:
    with pytest.raises(NotFoundError) as caught:
        material_report(mixed.report, "Ge")
    assert "Cu, Al" in (caught.value.advice or "")
    with pytest.raises(ConflictError) as refused:
        report_of_one(mixed.report, None)
    assert "Cu, Al" in (refused.value.advice or "")


def test_verification_looks_into_each_material(mixed: Diagnosed, tmp_path: Path, settings: Settings) -> None:
    report = json.loads(mixed.report.model_dump_json())
    files = [tmp_path / "mix.extxyz"]
    found = verify_report(json.dumps(report), files, settings, where="x")
    assert found.holds
    assert found.is_identical
    part = report["results"][0]["materials"][1]
    part["statistics"]["slope"] *= 1.1
    part["verdict"]["headline"] = "another version's words"
    report["result_sha256"] = result_sha256(report)
    changed = verify_report(json.dumps(report), files, settings, where="x")
    assert changed.seal_holds
    assert [difference.place for difference in changed.differences] == ["emt materials[1].statistics.slope"]


def test_an_earlier_report_of_several_formulas_is_verified_as_it_was_made(tmp_path: Path, settings: Settings) -> None:
    file = in_file(tmp_path / "mix.extxyz", [*rattled("Cu", 3), *rattled("Al", 3)])
    made = diagnose_files([file], ["emt"], settings, options=ReadOptions(materials="together")).report
    report = json.loads(made.model_dump_json())
    report["schema_version"] = 4
    del report["understanding"]["options"]["materials"]
    for result in report["results"]:
        del result["materials"], result["answer"]
    report["result_sha256"] = result_sha256(report)
    found = verify_report(json.dumps(report), [file], settings, where="x")
    assert found.seal_holds
    assert found.holds, found.differences


def test_two_potentials_have_the_same_materials_and_share_doubts(tmp_path: Path, settings: Settings) -> None:
    argon = bulk("Ar", cubic=True)
    frames = []
    for seed in range(3):
        atoms = argon.copy()
        atoms.rattle(0.2, seed=seed)
        atoms.arrays["forces"] = 1.25 * load_potential("lennard-jones-argon").predict([atoms])[0].forces
        frames.append(atoms)
    file = in_file(tmp_path / "mix.extxyz", [*real_forces("Cu", 3), *frames])
    report = diagnose_files([file], ["emt", "lennard-jones-argon"], settings).report
    assert material_names(report) == ("Cu", "Ar")
    has_slope = [[part.statistics is not None for part in result.materials] for result in report.results]
    assert has_slope == [[True, False], [False, True]]


def test_coarse_coordinates_of_one_material_are_doubted_there_alone(settings: Settings) -> None:
    """Structures with forces beside them, as a CIF of few digits."""
    read = [
        LabelledFrame(atoms, atoms.arrays["forces"], f"frame {place}", rounding=coarseness * np.eye(3))
        for metal, coarseness in (("Cu", 1e-6), ("Al", 0.05))
        for place, atoms in enumerate(real_forces(metal, 4), start=1)
    ]
    frames = LabelledFrames(tuple(read), (), "CIF + forces table")
    (result,) = diagnose_frames(frames, ["emt"], settings, name="frames").report.results
    fine, coarse = result.materials
    assert fine.doubts == ()
    assert [doubt.code for doubt in coarse.doubts] == ["rounding"]
    assert result.doubts == ()
    assert fine.statistics is not None
    assert fine.statistics.slope == pytest.approx(0.8)


def test_every_field_of_findings_is_compared() -> None:
    assert set(MaterialResult.model_fields) == {*FINDINGS, *MORE_FINDINGS, "error", "name", "frames"}


def test_functionals_that_differ_stay_with_their_materials(tmp_path: Path, settings: Settings) -> None:
    light = rattled("Al", 3)
    for atoms in light:
        atoms.info["functional"] = "r2SCAN"
    files = [in_file(tmp_path / "Cu.extxyz", rattled("Cu", 3)), in_file(tmp_path / "Al.extxyz", light)]
    diagnosed = diagnose_files(files, ["emt"], settings)
    found = {name: material_report(diagnosed.report, name).understanding.functional for name in ("Cu", "Al")}
    assert found == {"Cu": "PBE", "Al": "r2SCAN"}
    text = "".join(report_extxyz(*diagnosed))
    assert (text.count('functional="PBE"'), text.count('functional="r2SCAN"')) == (3, 3)
    mismatches = [
        [notice.code for notice in notices_about(card("chgnet-0.3.0"), [{name}], functional)]
        for name, functional in found.items()
    ]
    assert mismatches == [[], ["functional_mismatch"]]
