"""``softdash report verify``: what holds, and every way in which a report may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from softdash.cli import main
from softdash.cli.diagnosis_commands import verify
from softdash.cli.exit_codes import ExitCode
from softdash.cli.verification import SMALLEST_DIFFERENCE, TOLERANCE
from softdash.diagnosis.reports import result_sha256
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.worker import Worker
from softdash.potentials import registry
from softdash.settings import Settings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "precomputed" / "references" / "gpaw_pbe"
COPPER_GOLD = SHIPPED / "Cu3Au.extxyz"

pytestmark = pytest.mark.usefixtures("elsewhere")


def run(*arguments: str | Path, **named: Any) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **named)


@pytest.fixture(scope="module")
def original() -> str:
    done = run("diagnose", COPPER_GOLD, "--potential", "emt", "--json")
    assert done.exit_code == 0, done.stderr
    return str(done.stdout)


@pytest.fixture
def changed(original: str, elsewhere: Path) -> Callable[..., Path]:
    """Write the report with a change; `resealed`, it gets a new hash, as by somebody who knows how."""

    def write(change: Callable[[dict[str, Any]], None] = lambda report: None, *, resealed: bool = False) -> Path:
        report = json.loads(original)
        change(report)
        if resealed:
            report["result_sha256"] = result_sha256(report)
        path = elsewhere / "report.json"
        path.write_text(json.dumps(report))
        return path

    return write


def test_an_untouched_report_holds_to_all_digits(changed: Callable[..., Path]) -> None:
    done = run("report", "verify", changed(), COPPER_GOLD)
    assert done.exit_code == 0, done.output
    assert "The seal holds" in done.stdout
    assert "equal to all digits" in done.stdout
    assert "The report holds." in done.stdout


def test_without_its_files_only_the_seal_is_looked_at(original: str) -> None:
    done = run("report", "verify", "-", input=original.encode())
    assert done.exit_code == 0
    assert "not computed again" in done.stdout
    assert "The report holds." not in done.stdout


def test_a_shipped_example_needs_no_files(original: str, changed: Callable[..., Path]) -> None:
    def as_example(report: dict[str, Any]) -> None:
        report["example"] = "cu3au"

    assert "equal to all digits" in run("report", "verify", changed(as_example, resealed=True)).stdout


def test_an_operator_needs_no_files(elsewhere: Path) -> None:
    settings = Settings(state_dir=elsewhere / "state")
    service = DiagnosisService(settings)
    record = service.add_upload([IncomingFile("copper-gold.extxyz", COPPER_GOLD)])
    created = service.create(record.id, ["emt"])
    worker = Worker("classical", settings)
    for number in JobQueues(settings).waiting("classical"):
        worker.execute(number)
    service.close()
    done = run("report", "verify", created.record.id)
    assert "equal to all digits" in done.stdout, done.output
    forms = [f"--form={form}" for form in ("json", "csv", "html", "extxyz", "recipe", "snippet")]
    files = run("report", "download", created.record.id, "--folder", "kept", *forms).stdout.split()
    assert [Path(file).name.partition(created.record.id)[2] for file in files] == [
        *(".json", ".csv", ".html", ".extxyz"),
        *("-emt.recipe.json", "-emt.py"),
    ]
    assert all((elsewhere / file).stat().st_size > 300 for file in files)
    assert run("report", "verify", files[0]).exit_code == 0


def make_it_stiffer(report: dict[str, Any]) -> None:
    report["results"][0]["statistics"]["slope"] += 0.01


def test_a_changed_number_breaks_the_seal(changed: Callable[..., Path]) -> None:
    done = run("report", "verify", changed(make_it_stiffer))
    assert done.exit_code == ExitCode.NOT_CONFIRMED
    assert "The seal is broken" in done.stdout
    assert "does not hold" in done.stdout


def test_a_changed_number_under_a_new_seal_is_found_by_computing_again(changed: Callable[..., Path]) -> None:
    path = changed(make_it_stiffer, resealed=True)
    assert run("report", "verify", path).exit_code == 0
    done = run("report", "verify", path, COPPER_GOLD, "--json")
    assert done.exit_code == ExitCode.NOT_CONFIRMED
    found = json.loads(done.stdout)
    assert (found["holds"], found["seal_holds"]) == (False, True)
    (difference,) = found["differences"]
    assert difference["place"] == "emt statistics.slope"
    assert difference["reported"] == pytest.approx(difference["recomputed"] + 0.01)
    assert "emt statistics.slope: reported 0.88" in run("report", "verify", path, COPPER_GOLD).stdout


def test_differences_below_the_tolerance_hold(changed: Callable[..., Path]) -> None:
    path = changed(make_it_stiffer, resealed=True)
    done = run("report", "verify", path, COPPER_GOLD, "--tolerance", "0.05")
    assert done.exit_code == 0, done.output
    assert "equal within 0.05 of each number" in done.stdout


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report["results"][0]["statistics"].update(component_count=121),
        lambda report: report["understanding"].update(formulas=["CuAu"]),
        lambda report: report["results"][0]["statistics"]["elements"].pop(),
        lambda report: report["understanding"]["frames"][0].update(origin="elsewhere.extxyz, frame 1"),
    ],
)
def test_counts_names_and_lists_must_be_equal(change: Callable[..., Any], changed: Callable[..., Path]) -> None:
    done = run("report", "verify", changed(change, resealed=True), COPPER_GOLD, "--tolerance", "1")
    assert done.exit_code == ExitCode.NOT_CONFIRMED


def test_files_under_other_names_are_known_by_their_content(changed: Callable[..., Path], elsewhere: Path) -> None:
    renamed = elsewhere / "renamed"
    renamed.write_bytes(COPPER_GOLD.read_bytes())
    assert "equal to all digits" in run("report", "verify", changed(), renamed).stdout
    other = run("report", "verify", changed(), SHIPPED / "Al.extxyz")
    assert other.exit_code == ExitCode.INPUT
    assert "Al.extxyz: not among the files of the report" in other.stderr
    assert "Missing: Cu3Au.extxyz" in other.stderr


def test_a_potential_that_is_not_here_is_said(changed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.cards()
    monkeypatch.setattr(registry, "cards", lambda: tuple(card for card in known if card.name != "emt"))
    done = run("report", "verify", changed(), COPPER_GOLD)
    assert "no potential named 'emt'" in done.stdout
    assert "The report holds." not in done.stdout
    assert done.exit_code == 0


def test_other_weights_are_remarked(changed: Callable[..., Path]) -> None:
    def of_other_weights(report: dict[str, Any]) -> None:
        report["results"][0]["potential"]["weights_sha256"] = 64 * "0"

    done = run("report", "verify", changed(of_other_weights, resealed=True), COPPER_GOLD)
    assert "the weights here are others" in done.stdout
    assert "equal to all digits" not in done.stdout


def test_a_report_of_the_first_version_still_verifies() -> None:
    done = run("report", "verify", ROOT / "tests" / "fixtures" / "report_version_1.json")
    assert done.exit_code == 0, done.output
    assert "The seal holds" in done.stdout


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"results": 3}'])
def test_what_is_no_report_is_said(content: bytes, elsewhere: Path) -> None:
    path = elsewhere / "other.json"
    path.write_bytes(content)
    done = run("report", "verify", path)
    assert done.exit_code == ExitCode.INPUT
    assert "not the JSON of a report" in done.stderr


def test_an_unknown_report_founds_no_state_folder(elsewhere: Path) -> None:
    assert run("report", "show", "AbC").exit_code == ExitCode.INPUT
    assert run("report", "verify", "absent.json").exit_code == ExitCode.INPUT
    assert list(elsewhere.iterdir()) == []


def test_the_command_names_the_tolerance_of_the_verification() -> None:
    (tolerance,) = [option for option in verify.params if option.name == "tolerance"]
    assert tolerance.default == TOLERANCE
    assert f"below {SMALLEST_DIFFERENCE:.0e}".replace("e-0", "e-") in (tolerance.help or "")
