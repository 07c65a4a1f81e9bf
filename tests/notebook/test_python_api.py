"""``softdash.diagnose``: the same numbers as the command line, from files and from structures in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms
from click.testing import CliRunner
from defusedxml import ElementTree

import softdash
from softdash.cli import main
from softdash.diagnosis.records import Report
from softdash.errors import InputError, PotentialUnavailableError, PredictionError
from softdash.settings import Settings
from softdash.softening import softening_scale

FILE = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe" / "Cu3Au.extxyz"


@pytest.fixture(scope="module")
def diagnosis() -> softdash.Diagnosis:
    return softdash.diagnose(FILE, "emt")


@pytest.fixture
def frames() -> list[Atoms]:
    return list(ase.io.read(FILE, ":"))


def copper(spring: float = 9.0, count: int = 3) -> list[Atoms]:
    """Rattled copper; springs (eV/Å²) to the sites are its reference."""
    generator = np.random.default_rng(4)
    frames = []
    for _ in range(count):
        atoms = bulk("Cu", cubic=True)
        displacements = generator.normal(scale=0.08, size=(4, 3))
        atoms.positions += displacements
        atoms.arrays["forces"] = -spring * (displacements - displacements.mean(axis=0))
        frames.append(atoms)
    return frames


def test_a_file_gives_the_report_of_the_command_line(diagnosis: softdash.Diagnosis) -> None:
    done = CliRunner().invoke(main, ["diagnose", str(FILE), "--potential", "emt", "--json"])
    assert diagnosis.report.result_sha256 == Report.model_validate_json(done.stdout).result_sha256
    assert softdash.diagnose([str(FILE)], ["emt"]).report.result_sha256 == diagnosis.report.result_sha256


def test_the_frames_of_that_file_give_the_same_numbers(diagnosis: softdash.Diagnosis, frames: list[Atoms]) -> None:
    in_memory = softdash.diagnose(frames, "emt")
    assert in_memory.statistics == diagnosis.statistics
    assert in_memory["emt"].energies == diagnosis["emt"].energies
    np.testing.assert_array_equal(in_memory.points.reference, diagnosis.points.reference)
    np.testing.assert_array_equal(in_memory.points.predicted["emt"], diagnosis.points.predicted["emt"])
    assert in_memory.points.cells is not None
    assert diagnosis.points.cells is not None
    stresses = in_memory.points.cells.reference_stresses
    np.testing.assert_allclose(stresses, diagnosis.points.cells.reference_stresses, atol=1e-12)
    ours, theirs = in_memory.report.understanding, diagnosis.report.understanding
    assert (ours.functional, ours.code, ours.formulas) == (theirs.functional, theirs.code, theirs.formulas)


def test_pymatgen_structures_are_welcome(diagnosis: softdash.Diagnosis, frames: list[Atoms]) -> None:
    from pymatgen.core import Structure

    structures = [
        Structure(
            frame.cell.array,
            frame.get_chemical_symbols(),
            frame.positions,
            coords_are_cartesian=True,
            site_properties={"forces": frame.get_forces().tolist()},
        )
        for frame in frames
    ]
    given = softdash.diagnose(structures, "emt", functional="PBE")
    assert given.slope == pytest.approx(diagnosis.slope, rel=1e-12)
    assert given.report.understanding.functional == "PBE"
    assert given.report.understanding.formula == diagnosis.report.understanding.formula
    single = softdash.diagnose(structures[0], "emt")
    assert len(single.report.understanding.frames) == 1
    mixed = Structure(np.eye(3) * 4, [{"Cu": 0.5, "Au": 0.5}], [[0, 0, 0]])
    with pytest.raises(InputError, match="partially occupied"):
        softdash.diagnose(mixed, "emt")


def test_forces_come_from_arrays_calculators_or_the_call() -> None:
    frames = copper()
    forces = [frame.arrays.pop("forces") for frame in frames]
    expected = softdash.diagnose(frames, "emt", forces=forces).slope
    for frame, own in zip(frames, forces, strict=True):
        frame.calc = SinglePointCalculator(frame, forces=own)
        frame.set_constraint(FixAtoms([0]))  # ASE would hand out zeros for it
    assert softdash.diagnose(frames, "emt").slope == expected
    for frame, own in zip(frames, forces, strict=True):
        frame.calc = None
        frame.arrays["REF_forces"], frame.arrays["forces"] = own, np.ones((4, 3))  # as another model leaves it
    assert softdash.diagnose(frames, "emt").slope == expected
    predicted = np.concatenate([softdash.diagnose(frames, "emt").points.predicted["emt"]])
    assert expected == pytest.approx(softening_scale(np.concatenate(forces).ravel(), predicted.ravel()))


def test_a_calculator_that_has_not_computed_these_positions_is_not_asked() -> None:
    (atoms,) = copper(count=1)
    del atoms.arrays["forces"]
    atoms.calc = EMT()
    atoms.get_forces()
    assert softdash.diagnose(atoms, "emt").slope == pytest.approx(1.0)
    atoms.rattle(0.05)
    with pytest.raises(InputError, match="frame 1: It has no forces"):
        softdash.diagnose(atoms, "emt")


@pytest.mark.parametrize(
    ("material", "named", "words"),
    [
        ([], {}, "no structure"),
        ("absent.extxyz", {}, "no such file"),
        ([1.0], {}, "A float is no structure"),
        ([str(FILE), bulk("Cu")], {}, "mixed"),
        (str(FILE), {"functional": "PBE"}, "bring their own"),
        (copper(), {"forces": [[[0, 0, 0]]]}, "3 structures and 1 arrays"),
        (copper(), {"forces": [["x"], ["y"], ["z"]]}, "not numbers"),
        (copper(spring=np.nan), {}, "nan"),
        (copper(spring=0.0), {}, "all zero"),
    ],
)
def test_what_cannot_be_used_is_said(material: object, named: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        softdash.diagnose(material, "emt", **named)


def test_limits_hold_in_memory_too() -> None:
    with pytest.raises(InputError, match="more than 2 frames"):
        softdash.diagnose(copper(), "emt", settings=Settings(frames_max=2))
    with pytest.raises(PotentialUnavailableError, match="unheard-of"):
        softdash.diagnose(copper(), "unheard-of")


def test_tables(diagnosis: softdash.Diagnosis) -> None:
    table = diagnosis.to_frame()
    assert list(table.index) == ["emt"]
    assert table.loc["emt", "slope"] == diagnosis.slope
    assert table.loc["emt", "slope_low"] < diagnosis.slope < table.loc["emt", "slope_high"]
    forces = diagnosis.forces()
    assert len(forces) == diagnosis.statistics.component_count
    slope = (forces["reference"] * forces["emt"]).sum() / (forces["reference"] ** 2).sum()
    assert slope == pytest.approx(diagnosis.slope)
    assert list(forces.iloc[4][["frame", "atom", "element", "axis"]]) == [1, 2, "Cu", "y"]


def test_of_several_potentials_one_is_chosen_by_name() -> None:
    argon = bulk("Ar", "fcc", a=5.3, cubic=True)
    argon.rattle(0.2)
    argon.arrays["forces"] = 0.01 * np.random.default_rng(1).normal(size=(4, 3))
    diagnosis = softdash.diagnose(argon, "lennard-jones-argon")
    with pytest.raises(InputError, match="has no potential 'emt'"):
        diagnosis["emt"]
    two = softdash.Diagnosis(
        diagnosis.report.model_copy(update={"results": diagnosis.report.results * 2}),
        diagnosis.points,
        diagnosis.frames,
    )
    with pytest.raises(InputError, match="2 potentials"):
        _ = two.statistics


def test_it_shows_itself_in_a_notebook(diagnosis: softdash.Diagnosis) -> None:
    bundle = diagnosis._repr_mimebundle_()
    json.dumps(bundle, allow_nan=False)  # as a notebook is saved
    markup = bundle["text/html"]
    for outside in ("<script", "http://", "https://"):
        assert outside not in markup.replace("http://www.w3.org/2000/svg", "")
    page = ElementTree.fromstring(f"<html>{markup}</html>")
    assert [cell.text for cell in page.iter("td")][:2] == ["Effective medium theory", "0.871"]
    (drawing,) = page.iter("{http://www.w3.org/2000/svg}svg")
    strokes = [path.get("d", "") for path in drawing.iter("{http://www.w3.org/2000/svg}path")]
    assert sum(stroke.count("M") for stroke in strokes) == diagnosis.statistics.component_count
    figure = bundle["application/vnd.plotly.v1+json"]
    assert "softer than DFT" in figure["layout"]["title"]["text"]
    assert "Effective medium theory is softer than DFT" in bundle["text/plain"]
    assert len(diagnosis.figure(theme="dark").data) >= 3


def test_titles_are_text_never_markup() -> None:
    diagnosis = softdash.diagnose(copper(), "emt", title="<img src=x onerror=alert(1)>")
    assert "<img" not in diagnosis._repr_html_()


def test_it_is_saved_in_every_form(diagnosis: softdash.Diagnosis, tmp_path: Path) -> None:
    report = Report.model_validate_json(diagnosis.save(tmp_path / "report.json").read_text())
    assert report.result_sha256 == diagnosis.report.result_sha256
    assert diagnosis.save(tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert diagnosis.save(tmp_path / "forces.csv").read_bytes().startswith(b"# softdash")
    with pytest.raises(InputError, match="not written as"):
        diagnosis.save(tmp_path / "report.pdf")


def test_a_potential_that_fails_keeps_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise PredictionError("It broke down.")

    monkeypatch.setattr("softdash.potentials.ase.AseCalculatorPotential.predict", fail)
    diagnosis = softdash.diagnose(copper(), "emt")
    assert np.isnan(diagnosis.to_frame().loc["emt", "slope"])
    with pytest.raises(PredictionError):
        _ = diagnosis.slope
    with pytest.raises(PredictionError, match="No potential gave numbers"):
        diagnosis.figure()
    assert "application/vnd.plotly.v1+json" not in diagnosis._repr_mimebundle_()
    assert "Effective medium theory: " in repr(diagnosis)


def test_importing_softdash_costs_nothing() -> None:
    code = """
import sys, softdash
heavy = "numpy ase pandas pydantic torch dash plotly click".split()
print([name for name in heavy if name in sys.modules], set(dir(softdash)) >= set(softdash.__all__))
softdash.diagnose
print("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[] True", "False"]
    with pytest.raises(AttributeError, match="no attribute 'diagnoze'"):
        _ = softdash.diagnoze  # type: ignore[attr-defined]
