"""Several materials by every way in and out: the same rows from command line, server, Python, zip, CSV and HTML."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import ase.io
import numpy as np
import pytest
import requests
from ase import Atoms
from ase.build import bulk
from click.testing import CliRunner, Result

import softdash
from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.diagnosis.records import Report
from softdash.errors import ConflictError, InputError
from softdash.potentials.correction_recipe import CorrectionRecipe, read_recipe
from softdash.reports.material_rows import MaterialRow, material_rows
from softdash.softening.quantities import SLOPE
from softdash.structures.frames.read_options import ReadOptions

Run = Callable[..., Result]


def frames() -> list[Atoms]:
    """Four frames of copper and of aluminium in turn; springs (eV/Å²) to the sites are the reference."""
    generator = np.random.default_rng(7)
    made = []
    for number in range(8):
        metal, spring = ("Cu", 9.0) if number % 2 == 0 else ("Al", 4.0)
        atoms = bulk(metal, cubic=True)
        displacements = generator.normal(scale=0.08, size=(4, 3))
        atoms.positions += displacements
        atoms.arrays["forces"] = -spring * (displacements - displacements.mean(axis=0))
        made.append(atoms)
    return made


@pytest.fixture
def mix(elsewhere: Path) -> Path:
    path = elsewhere / "mix.extxyz"
    ase.io.write(path, frames(), format="extxyz")
    return path


@pytest.fixture
def run() -> Run:
    def run(*arguments: object) -> Result:
        return CliRunner().invoke(main, list(map(str, arguments)))

    return run


def rows_of(report: Report) -> list[MaterialRow]:
    rows = material_rows(report.results[0])
    assert [row.name for row in rows] == ["Cu", "Al"]
    return rows


def read(result: Result) -> Report:
    assert result.exit_code == 0, result.output
    return Report.model_validate_json(result.stdout)


def test_command_line_server_python_and_zip_give_the_same_rows(mix: Path, server: str, run: Run) -> None:
    expected = rows_of(read(run("diagnose", mix, "--potential", "emt", "--json")))
    assert expected[0].slope != expected[1].slope
    with zipfile.ZipFile(mix.with_suffix(".zip"), "w") as archive:
        archive.write(mix, "run/mix.extxyz")
    ways = {
        "zip": read(run("diagnose", mix.with_suffix(".zip"), "--potential", "emt", "--json")),
        "server": read(run("diagnose", mix, "--potential", "emt", "--url", server, "--json")),
        "Python": softdash.diagnose(mix, "emt").report,
        "frames": softdash.diagnose(list(ase.io.read(mix, ":")), "emt").report,
        "frames by server": softdash.diagnose(list(ase.io.read(mix, ":")), "emt", url=server).report,
    }
    for way, report in ways.items():
        found = rows_of(report)
        for row, wanted in zip(found, expected, strict=True):
            assert row == wanted, way
    assert ways["server"].result_sha256 == ways["Python"].result_sha256


def test_table_on_the_terminal_has_each_material(mix: Path, run: Run) -> None:
    shown = run("diagnose", mix, "--potential", "emt")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    for row in rows_of(read(run("diagnose", mix, "--potential", "emt", "--json"))):
        (line,) = (one for one in lines if re.match(rf"{row.name} +\d", one))
        assert row.slope is not None
        assert SLOPE.written(row.slope) in line.split()
        assert str(row.component_count) in line.split()
    assert lines[0].startswith("Cu and Al by ")


def test_forms_have_the_rows_of_the_table(mix: Path, run: Run) -> None:
    report = read(run("diagnose", mix, "--potential", "emt", "--json", "-o", "m.csv", "-o", "m.html", "-o", "m.extxyz"))
    text = Path("m.csv").read_text(encoding="utf-8")
    head = [line for line in text.splitlines() if line.startswith("#")]
    for row in rows_of(report):
        assert any(f"softening scale of emt for {row.name}: {row.slope!r} (" in line for line in head)
        assert any(line.startswith(f"# linear correction c* of emt for {row.name}: ") for line in head)
        assert row.slope_text in Path("m.html").read_text(encoding="utf-8")
    table = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert {(one["material"], one["element"]) for one in table} == {("Cu", "Cu"), ("Al", "Al")}
    assert [one["frame"] for one in table[::12]] == list("12345678")
    written = ase.io.read("m.extxyz", ":")
    assert [atoms.info["material"] for atoms in written] == ["Cu", "Al"] * 4
    page = Path("m.html").read_text(encoding="utf-8")
    assert page.count('<svg class="parity"') == 2
    assert page.count('<section id="material-') == 2


def test_grouping_is_an_option_of_every_way_in(mix: Path, server: str, run: Run) -> None:
    together = [
        read(run("diagnose", mix, "--potential", "emt", "--materials", "together", "--json")),
        read(run("diagnose", mix, "--potential", "emt", "--materials", "together", "--json", "--url", server)),
        softdash.diagnose(mix, "emt", materials="together").report,
        softdash.diagnose(mix, "emt", options=ReadOptions(materials="together")).report,
        softdash.diagnose(list(ase.io.read(mix, ":")), "emt", materials="together").report,
        softdash.diagnose(list(ase.io.read(mix, ":")), "emt", materials="together", url=server).report,
    ]
    slopes = set()
    for report in together:
        (result,) = report.results
        assert (result.materials, report.understanding.options.materials) == ((), "together")
        assert result.advice is not None
        assert result.statistics is not None
        slopes.add(result.statistics.slope)
    assert len(slopes) == 1
    assert run("diagnose", mix, "--potential", "emt", "--materials", "colour").exit_code == ExitCode.COMMAND_LINE
    with pytest.raises(InputError, match="told apart"):
        softdash.diagnose(mix, "emt", materials="colour")  # type: ignore[arg-type]


def test_correct_wants_to_know_which_and_gives_the_recipe_of_the_report(mix: Path, server: str, run: Run) -> None:
    refused = run("correct", mix, "--potential", "emt", "--json")
    assert refused.exit_code == ExitCode.INPUT
    assert "Cu, Al" in json.loads(refused.stdout)["error"]["advice"]
    assert run("correct", mix, "--potential", "emt", "--material", "Ge").exit_code == ExitCode.INPUT
    fitted = CorrectionRecipe.model_validate_json(
        run("correct", mix, "--potential", "emt", "--material", "Al", "--json").stdout
    )
    report = read(run("diagnose", mix, "--potential", "emt", "--json", "--url", server))
    assert run("report", "download", report.id, "--url", server, "--form", "recipe", "--form", "snippet").exit_code == 0
    names = {path.name for path in Path().glob(f"softdash-{report.id}-emt-*")}
    assert names == {
        f"softdash-{report.id}-emt-{which}" for which in ("Cu.recipe.json", "Al.recipe.json", "Cu.py", "Al.py")
    }
    served = read_recipe(Path(f"softdash-{report.id}-emt-Al.recipe.json"))
    assert (served.factor, served.interval, served.references) == (fitted.factor, fitted.interval, fitted.references)
    assert served.advice == fitted.advice
    assert f"softdash-{report.id}-emt-Al.recipe.json" in Path(f"softdash-{report.id}-emt-Al.py").read_text("utf-8")
    assert served.frame_count == 4


def test_server_gives_one_material_and_names_them_where_none_fits(mix: Path, server: str, run: Run) -> None:
    report = read(run("diagnose", mix, "--potential", "emt", "--json", "--url", server))
    base = f"{server}/api/v1/reports/{report.id}"
    refused = requests.get(f"{base}/recipe/emt.json", timeout=30)
    assert refused.status_code == 409
    assert "Cu, Al" in refused.json()["error"]["advice"]
    assert requests.get(f"{base}.csv", params={"material": "Ge"}, timeout=30).status_code == 404
    recipe = requests.get(f"{base}/recipe/emt.json", params={"material": "Al"}, timeout=30)
    assert 'filename="softdash-' in recipe.headers["Content-Disposition"]
    assert recipe.headers["Content-Disposition"].endswith('emt-Al.recipe.json"')
    table = requests.get(f"{base}.csv", params={"material": "Al"}, timeout=30)
    lines = [line for line in table.text.splitlines() if not line.startswith("#")]
    assert {row["frame"] for row in csv.DictReader(io.StringIO("\n".join(lines)))} == set("2468")
    text = requests.get(f"{base}.extxyz", params={"material": "Al"}, timeout=30).text
    assert len(ase.io.read(io.StringIO(text), ":", format="extxyz")) == 4
    page = requests.get(f"{server}/report/{report.id}.html", params={"material": "Al"}, timeout=30)
    assert page.ok
    assert "By frame" in page.text
    wrong = requests.get(f"{server}/report/{report.id}.html", params={"material": "Ge"}, timeout=30)
    assert wrong.status_code == 404
    assert "Cu, Al" in wrong.text
    shown = run("report", "show", report.id, "--url", server, "--material", "Al")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Al by ")
    assert run("report", "download", report.id, "--url", server, "--material", "Al").exit_code == 0
    assert Path(f"softdash-{report.id}-Al.csv").is_file()
    assert Path(f"softdash-{report.id}.json").is_file()
    assert run("report", "verify", report.id, mix, "--url", server).exit_code == 0


def test_in_python_each_material_is_a_diagnosis(mix: Path, tmp_path: Path) -> None:
    diagnosis = softdash.diagnose(mix, "emt")
    rows = rows_of(diagnosis.report)
    assert list(diagnosis.materials) == ["Cu", "Al"]
    assert [one.slope for one in diagnosis.materials.values()] == [row.slope for row in rows]
    assert diagnosis["Al", "emt"].statistics == diagnosis.materials["Al"].statistics
    for wrong in (lambda: diagnosis.slope, lambda: diagnosis.figure(), lambda: diagnosis["Al"]):
        with pytest.raises(InputError) as caught:
            wrong()
        assert "materials[" in (caught.value.advice or "")
    with pytest.raises(InputError, match="no material 'Ge'"):
        _ = diagnosis["Ge", "emt"]
    table = diagnosis.to_frame()
    assert table.loc[("Al", "emt"), "slope"] == rows[1].slope
    assert set(diagnosis.forces()["material"]) == {"Cu", "Al"}
    shown = repr(diagnosis)
    page = diagnosis._repr_html_()
    assert "application/vnd.plotly.v1+json" not in diagnosis._repr_mimebundle_()
    for row in rows:
        assert row.slope_text in shown
        assert f"<td>{row.slope_text}</td>" in page
        assert row.answer in page
    part = diagnosis.materials["Al"]
    assert part.figure().data
    assert read_recipe(part.save(tmp_path / "Al.recipe.json")).frame_count == 4
    with pytest.raises(ConflictError, match="sealed as a whole"):
        part.save(tmp_path / "Al.json")
    with pytest.raises(ConflictError, match="each has a correction"):
        diagnosis.save(tmp_path / "all.recipe.json")
    assert "material-Al" in diagnosis.save(tmp_path / "all.html").read_text("utf-8")


def test_a_doubt_in_python_names_its_material() -> None:
    wrong = frames()
    for atoms in wrong[1::2]:
        atoms.arrays["forces"] = -atoms.arrays["forces"]
    lines = repr(softdash.diagnose(wrong, "emt")).splitlines()
    assert any(line.strip().startswith("Al: ") for line in lines)


def test_one_material_has_no_column_of_materials(elsewhere: Path, run: Run) -> None:
    path = elsewhere / "Cu.extxyz"
    ase.io.write(path, frames()[::2], format="extxyz")
    report = read(run("diagnose", path, "--potential", "emt", "--json", "-o", "one.csv"))
    assert report.results[0].materials == ()
    assert "frame,atom,element" in Path("one.csv").read_text("utf-8")
    assert run("correct", path, "--potential", "emt", "--material", "Cu").exit_code == 0
    diagnosis = softdash.diagnose(path, "emt")
    assert diagnosis.materials == {}
    assert "materials" in json.loads(report.model_dump_json())["results"][0]


def test_a_material_without_a_slope_is_told_by_the_exit_code(elsewhere: Path, run: Run) -> None:
    path = elsewhere / "mix.extxyz"
    unknown = bulk("Si", cubic=True)
    unknown.rattle(0.1, seed=1)
    unknown.arrays["forces"] = np.random.default_rng(1).normal(size=(8, 3))
    ase.io.write(path, [*frames()[::2], unknown], format="extxyz")
    done = run("diagnose", path, "--potential", "emt")
    assert done.exit_code == ExitCode.NO_RESULT
    assert any(line.startswith("Si: ") and "does not know Si" in line for line in done.stdout.splitlines())
    report = softdash.diagnose(path, "emt")
    assert np.isnan(report.to_frame().loc[("Si", "emt"), "slope"])
    assert any("does not know Si" in line for line in repr(report).splitlines())
    page = report.save(elsewhere / "mix.html").read_text("utf-8")
    assert page.count("does not know Si") >= 2
    assert "no slope of emt for Si: " in report.save(elsewhere / "mix.csv").read_text("utf-8")
