"""``--url``: a server does the work, and the output is as if it had been done here."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import ase.io
import pytest
import requests
from click.testing import CliRunner

from softdash.api import client
from softdash.api.client import Server, link_parts
from softdash.cli import main
from softdash.cli.exit_codes import ExitCode
from softdash.errors import InputError, ServerUnavailableError
from softdash.jobs.service import DiagnosisService
from softdash.potentials.correction_recipe import read_recipe
from softdash.settings import Settings

SHIPPED = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe"
ALUMINIUM = SHIPPED / "Al.extxyz"

pytestmark = pytest.mark.usefixtures("elsewhere")


def run(*arguments: str | Path, **named: Any) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **named)


def link_and_token(stderr: str) -> tuple[str, str]:
    found = re.search(r"(http://\S+/report/\S+)\n.*token (\S+)", stderr)
    assert found, stderr
    return found[1], found[2]


def without_what_is_the_run_s_own(report: dict[str, Any]) -> dict[str, Any]:
    own = {"$schema", "id", "created_at", "finished_at"}
    results = [{**result, "seconds": None} for result in report["results"]]
    return {**{name: value for name, value in report.items() if name not in own}, "results": results}


def test_a_server_gives_the_output_that_this_machine_gives(server: str, elsewhere: Path) -> None:
    arguments = ("diagnose", ALUMINIUM, "--potential", "emt", "--title", "Hot aluminium")
    here, there = run(*arguments, "--json"), run(*arguments, "--json", "--url", server, "-o", "forces.csv")
    assert (here.exit_code, there.exit_code) == (0, 0), there.output
    ours, theirs = json.loads(here.stdout), json.loads(there.stdout)
    assert ours["result_sha256"] == theirs["result_sha256"]
    assert without_what_is_the_run_s_own(ours) == without_what_is_the_run_s_own(theirs)
    assert (elsewhere / "forces.csv").read_bytes().startswith(b"# softdash")
    link, _ = link_and_token(there.stderr)
    assert link.startswith(server)
    table_here = run(*arguments)
    table_there = run(*arguments, env={"SOFTDASH_URL": server})
    assert table_here.stdout == table_there.stdout
    assert "Hot aluminium" in table_here.stdout


def test_a_link_is_enough_to_show_download_verify_and_delete(server: str, elsewhere: Path) -> None:
    link, token = link_and_token(run("diagnose", ALUMINIUM, "--potential", "emt", "--url", server).stderr)
    shown = run("report", "show", link, "--json")
    assert json.loads(shown.stdout)["id"] == link.rpartition("/")[2]
    assert "Effective medium theory" in run("report", "show", link).stdout
    downloaded = run("report", "download", f"{link}.json", "--folder", "kept")
    files = [elsewhere / line for line in downloaded.stdout.split()]
    assert [file.suffix for file in files] == [".json", ".csv", ".html"]
    assert json.loads(files[0].read_text()) == json.loads(shown.stdout)
    assert all(file.stat().st_size > 1000 for file in files)
    more = [f"--form={form}" for form in ("extxyz", "recipe", "snippet")]
    files = [elsewhere / line for line in run("report", "download", link, *more).stdout.split()]
    assert [file.name.removeprefix(f"softdash-{link.rpartition('/')[2]}") for file in files] == [
        ".extxyz",
        "-emt.recipe.json",
        "-emt.py",
    ]
    assert len(ase.io.read(files[0], ":")) == 10
    assert read_recipe(files[1]).potential.name == "emt"
    assert "ScaledCalculator" in files[2].read_text()
    assert "The report holds." in run("report", "verify", link, ALUMINIUM).stdout
    refused = run("report", "delete", link, "--yes", "--token", "guessed")
    assert (refused.exit_code, "not the delete token" in refused.stderr) == (ExitCode.INPUT, True)
    assert "Give --token" in run("report", "delete", link, "--yes").stderr
    assert run("report", "delete", link, "--yes", "--token", token).exit_code == 0
    gone = run("report", "show", link)
    assert (gone.exit_code, "no diagnosis" in gone.stderr) == (ExitCode.INPUT, True)


@pytest.mark.parametrize(
    ("file", "potential"),
    [
        (SHIPPED / "README.md", "emt"),  # no format
        (SHIPPED / "NaCl.extxyz", "emt"),  # no parameters
        (ALUMINIUM, "unheard-of"),
    ],
)
def test_errors_of_the_server_are_those_of_this_machine(server: str, file: Path, potential: str) -> None:
    here = run("diagnose", file, "--potential", potential, "--json")
    there = run("diagnose", file, "--potential", potential, "--json", "--url", server)
    assert json.loads(here.stdout) == json.loads(there.stdout)
    assert (here.exit_code, here.stderr) == (there.exit_code, there.stderr)


def test_limits_are_those_of_the_server(server: str, elsewhere: Path) -> None:
    (elsewhere / "large.extxyz").write_bytes(ALUMINIUM.read_bytes() * 60)
    done = run("diagnose", "large.extxyz", "--potential", "emt", "--url", server)
    assert done.exit_code == ExitCode.INPUT
    assert "0.3 MB" in done.stderr


def test_ctrl_c_cancels_the_diagnosis_on_the_server(
    server_without_worker: str, server_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_server: Server, diagnosis_id: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Server, "diagnosis", interrupt)
    done = run("diagnose", ALUMINIUM, "--potential", "emt", "--url", server_without_worker)
    assert done.exit_code == ExitCode.INTERRUPTED
    link, _ = link_and_token(done.stderr)
    service = DiagnosisService(server_settings)
    assert service.diagnosis(link.rpartition("/")[2]).state == "cancelled"
    service.close()


def test_what_ends_without_a_result_says_why(
    server_without_worker: str, server_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Server.diagnosis

    def cancelled_by_somebody(server: Server, diagnosis_id: str) -> Any:
        server.cancel(diagnosis_id)
        return look(server, diagnosis_id)

    monkeypatch.setattr(Server, "diagnosis", cancelled_by_somebody)
    done = run("diagnose", ALUMINIUM, "--potential", "emt", "--url", server_without_worker)
    assert done.exit_code == ExitCode.NO_RESULT
    assert "without a result (cancelled)" in done.stderr


def test_an_answer_that_is_lost_makes_no_second_diagnosis(
    server: str, server_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, lost = requests.Session.request, []

    def lose_one_answer(session: requests.Session, method: str, url: str, **named: Any) -> requests.Response:
        answer = send(session, method, url, **named)
        if method == "POST" and url.endswith("/diagnoses") and not lost:
            lost.append(answer.json()["diagnosis"]["id"])
            raise requests.ConnectionError
        return answer

    monkeypatch.setattr(requests.Session, "request", lose_one_answer)
    done = run("diagnose", ALUMINIUM, "--potential", "emt", "--url", server)
    assert done.exit_code == 0, done.output
    assert link_and_token(done.stderr)[0].endswith(lost[0])


@pytest.mark.parametrize("name", ["../../elsewhere", "/etc/passwd", "a/b"])
def test_a_server_does_not_choose_where_files_go(
    name: str, server: str, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, _ = link_and_token(run("diagnose", ALUMINIUM, "--potential", "emt", "--url", server).stderr)
    text = Server(server).report_text(link.rpartition("/")[2])
    monkeypatch.setattr(Server, "report_text", lambda *_arguments: text.replace('"name": "emt"', f'"name": "{name}"'))
    monkeypatch.setattr(Server, "potential_file", lambda *_arguments: b"content")
    done = run("report", "download", link, "--form", "recipe", "--folder", "kept")
    assert done.exit_code == 0, done.output
    (file,) = (elsewhere / "kept").iterdir()
    assert elsewhere / done.stdout.strip() == file


def test_a_server_lists_its_potentials(server: str) -> None:
    listed = run("potentials", "list", "--url", server)
    assert "emt" in listed.stdout
    content = json.loads(run("potentials", "list", "--url", server, "--json").stdout)
    assert "emt" in {potential["name"] for potential in content["potentials"]}


@pytest.fixture
def another_server() -> Iterator[str]:
    """Answer everything as a web server that knows nothing of softdash."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status = 200 if self.path.endswith("potentials") else 404
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<h1>Welcome</h1>")

        def log_message(self, *_arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_servers_that_are_not_there_or_not_softdash(another_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nobody listens on port 1; without the pauses between attempts.
    monkeypatch.setattr(client, "Retry", lambda **_named: 0)
    nobody = run("potentials", "list", "--url", "http://127.0.0.1:1")
    assert (nobody.exit_code, "does not answer" in nobody.stderr) == (ExitCode.SERVER, True)
    strange = run("potentials", "list", "--url", another_server)
    assert (strange.exit_code, "not one that softdash" in strange.stderr) == (ExitCode.SERVER, True)
    page = run("report", "show", f"{another_server}/report/abc")
    assert (page.exit_code, "status 404" in page.stderr) == (ExitCode.SERVER, True)
    with pytest.raises(ServerUnavailableError):
        Server(another_server).potentials()
    wrong = run("potentials", "list", "--url", "softdash.example.org")
    assert (wrong.exit_code, "https://" in wrong.stderr) == (ExitCode.INPUT, True)


@pytest.mark.parametrize(
    ("given", "address", "name"),
    [
        ("AbC_-1", None, "AbC_-1"),
        ("https://a.example/report/AbC", "https://a.example", "AbC"),
        ("https://a.example/soft/report/AbC.html?theme=dark#plots", "https://a.example/soft", "AbC"),
        ("http://a.example:8050/api/v1/reports/AbC/", "http://a.example:8050", "AbC"),
    ],
)
def test_links(given: str, address: str | None, name: str) -> None:
    assert link_parts(given) == (address, name)


def test_other_addresses_are_no_links() -> None:
    with pytest.raises(InputError, match="not the link of a report"):
        link_parts("https://a.example/diagnose")
