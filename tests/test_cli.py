"""The command ``softdash``: output, exit codes, and the same numbers as the server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from softdash import __version__
from softdash.cli import main
from softdash.cli.listings import settings_markdown
from softdash.diagnosis.records import Report
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.worker import Worker
from softdash.potentials.registry import cards, how_to_install
from softdash.reports.formats import report_json
from softdash.settings import Settings, variable

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "precomputed" / "references" / "gpaw_pbe"


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def by_the_server(file: Path, potential: str, queue: str, folder: Path) -> Report:
    """Diagnose a file through upload, queue, worker and store."""
    settings = Settings(state_dir=folder)
    service = DiagnosisService(settings)
    created = service.create(service.add_upload([IncomingFile(file.name, file)]).id, [potential])
    worker = Worker(queue, settings)
    for number in JobQueues(settings).waiting(queue):
        worker.execute(number)
    report = service.report(created.record.id)
    service.close()
    return report


@pytest.mark.parametrize(
    ("file", "potential", "queue"), [("Cu3Au.extxyz", "emt", "classical"), ("NaCl.extxyz", "chgnet-0.3.0", "chgnet")]
)
def test_command_and_server_give_the_same_numbers_to_all_digits(
    file: str, potential: str, queue: str, tmp_path: Path
) -> None:
    # In a process of its own, as a person would run it: another thread, another history of allocations.
    done = subprocess.run(
        [sys.executable, "-m", "softdash", "diagnose", SHIPPED / file, "--potential", potential, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    printed = json.loads(done.stdout)
    served = json.loads(report_json(by_the_server(SHIPPED / file, potential, queue, tmp_path)))
    for result in printed["results"] + served["results"]:
        assert result.pop("seconds") >= 0
    assert printed["results"] == served["results"]
    assert printed["results"][0]["statistics"]["component_count"] > 0
    assert printed["understanding"] == served["understanding"]
    assert printed["points_sha256"] == served["points_sha256"]
    assert printed["result_sha256"] == served["result_sha256"]


def test_diagnose_prints_a_table_and_writes_its_files(tmp_path: Path) -> None:
    table, page = tmp_path / "forces.csv", tmp_path / "report.html"
    done = run("diagnose", SHIPPED / "Al.extxyz", "--potential", "emt", "-o", table, "-o", page)
    assert done.exit_code == 0, done.output
    assert "Effective medium theory" in done.stdout
    assert "softening scale is" in " ".join(done.stdout.split())
    assert len([line for line in table.read_text().splitlines() if line[0].isdigit()]) == 10 * 4 * 3
    assert page.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["diagnose", "ABSENT.extxyz", "--potential", "emt"], 2, "does not exist"),
        (["diagnose", str(SHIPPED / "Al.extxyz")], 2, "--potential"),
        (["diagnose", str(SHIPPED / "README.md"), "--potential", "emt"], 3, "README.md"),
        (["diagnose", str(SHIPPED / "NaCl.extxyz"), "--potential", "emt"], 5, "does not know"),
        (["diagnose", str(SHIPPED / "Al.extxyz"), "--potential", "unheard-of"], 4, "unheard-of"),
        (["diagnose", str(SHIPPED / "Al.extxyz"), "--potential", "emt", "-o", "report.pdf"], 3, "not written as"),
        (["diagnose", str(SHIPPED / "Al.extxyz"), "--potential", "emt", "-o", "absent/a.json"], 2, "does not exist"),
        (["correct", str(SHIPPED / "Al.extxyz"), "--potential", "emt", "-o", "absent/a.json"], 2, "does not exist"),
        (["report", "show", "unknown"], 3, "no diagnosis"),
        (["worker", "--queue", "unknown"], 4, "unknown"),
        (["benchmark", "high-energy", "--potential", "emt", "--dataset", "unknown"], 3, "unknown"),
    ],
)
def test_exit_codes(
    arguments: list[str], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softdash.settings.get_settings", lambda: Settings(state_dir=tmp_path))
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_with_json_an_error_is_json_too() -> None:
    done = run("diagnose", SHIPPED / "README.md", "--potential", "emt", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "unsupported_format"


def test_the_operator_can_show_and_delete_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softdash.settings.get_settings", lambda: Settings(state_dir=tmp_path))
    report = by_the_server(SHIPPED / "Al.extxyz", "emt", "classical", tmp_path)
    shown = run("report", "show", report.id, "--json")
    assert shown.exit_code == 0, (shown.output, shown.exception)
    assert json.loads(shown.stdout)["result_sha256"] == report.result_sha256
    assert run("report", "delete", report.id, "--yes").exit_code == 0
    assert run("report", "show", report.id).exit_code == 3


def test_listings_name_what_there_is() -> None:
    potentials = run("potentials", "list").stdout
    assert "chgnet-0.3.0" in potentials
    missing = [card for card in cards() if not card.is_installed()]
    assert all(f"{card.name}: {how_to_install(card)}" in potentials for card in missing)
    assert "mpf-TP" in run("data", "list").stdout
    assert "SOFTDASH_UPLOAD_MAX_BYTES" in run("settings").stdout
    assert run("--version").stdout.strip().endswith(__version__)


def test_the_documentation_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_markdown(), "run `make docs`"


def test_every_setting_is_documented_by_a_sentence() -> None:
    text = settings_markdown()
    for name, field in Settings.model_fields.items():
        assert f"`{variable(name)}`" in text
        assert field.description, name
        assert field.description.endswith("."), name


def test_help_imports_nothing_heavy() -> None:
    heavy = ["torch", "chgnet", "pandas", "dash", "ase", "sqlalchemy", "flask"]
    code = f"import sys, softdash.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "softdash", "serve", "--port", str(port)],
            env={**os.environ, "SOFTDASH_STATE_DIR": str(tmp_path / "state")},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert not (tmp_path / "state").exists()


@pytest.fixture
def serving(tmp_path: Path, free_port: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "softdash", "serve", "--port", str(free_port)],
        env={**os.environ, "SOFTDASH_STATE_DIR": str(tmp_path / "state"), "SOFTDASH_HEARTBEAT_SECONDS": "0.3"},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    yield process, free_port
    if process.poll() is None:
        process.kill()
    process.wait()


def children_of(process_id: int) -> list[int]:
    found = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [int(child) for child in found] + [below for child in found for below in children_of(int(child))]


def is_running(process_id: int) -> bool:
    """Whether a process still does anything: a dead one stays listed where nobody collects orphans (containers)."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rsplit(")", 1)[1].split()[0] not in {"Z", "X"}


def wait_until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_serve_says_when_it_is_ready_and_leaves_no_process_behind(
    serving: tuple[subprocess.Popen[str], int], ending: signal.Signals
) -> None:
    process, port = serving
    assert process.stdout is not None
    for line in process.stdout:
        if "is ready" in line:
            break
    assert f"http://127.0.0.1:{port}" in line
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health") as response:
        assert response.status == 200
    children = children_of(process.pid)
    assert len(children) >= 4  # gunicorn, its worker, two workers of potentials
    process.send_signal(ending)
    assert process.wait(timeout=60) == (-9 if ending is signal.SIGKILL else 0)
    wait_until(lambda: not any(is_running(child) for child in children), 60)
