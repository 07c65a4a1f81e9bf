"""``softdash report``: show, download, delete and verify reports, of this machine's state folder or of a server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from softdash.cli.progress_bars import counting_bars
from softdash.errors import ForbiddenError, InputError, NotFoundError
from softdash.reports.terminal.report import print_report
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.api.client import Server
    from softdash.cli.verification import Difference, Verification
    from softdash.diagnosis.records import Report
    from softdash.jobs.store import DiagnosisStore
    from softdash.reports.files import PotentialForm, ReportForm, WholeForm

_SHOWN_DIFFERENCES = 20


def report_text(identifier: str, url: str | None, settings: Settings) -> str:
    """Return a report's JSON by its identifier or link.

    Raises
    ------
    NotFoundError
        If there is no such report.
    ConflictError
        If it has not finished, or ended without a result.
    ServerUnavailableError
        If the server does not answer.
    """
    server, name = _server_of(identifier, url)
    if server is not None:
        return server.report_text(name)
    from softdash.reports.formats import report_json

    return report_json(_own_store(name, settings).report(name))


def show(identifier: str, url: str | None, settings: Settings, *, as_json: bool, material: str | None = None) -> None:
    """Print a report. Raises as `report_text`, and InputError if it is of another version of softdash."""
    from softdash.api.client import read_report
    from softdash.reports.material_view import report_of_one

    text = report_text(identifier, url, settings)
    if as_json:
        click.echo(text)
    else:
        report = read_report(text, identifier)
        print_report(report if material is None else report_of_one(report, material), as_json=False)


def download(
    identifier: str,
    url: str | None,
    settings: Settings,
    forms: Sequence[ReportForm],
    folder: Path,
    material: str | None = None,
) -> list[Path]:
    """Write a report in some of its forms into a folder; return the files. Raises as `report_text`.

    With `material` the forms hold that one of several alone; the JSON is sealed as a whole.
    """
    from softdash.reports.files import correctable_materials
    from softdash.reports.material_view import report_of_one

    server, name = _server_of(identifier, url)
    kept = _Kept(name, settings) if server is None else _Served(server, name)
    report = kept.report()
    folder.mkdir(parents=True, exist_ok=True)
    stem, of_material = f"softdash-{_in_file_names(name)}", ""
    if material is not None:
        report_of_one(report, material)
        of_material = f"-{_in_file_names(material)}"
    written: list[Path] = []

    def write(suffix: str, content: bytes) -> None:
        file = folder / f"{stem}{suffix}"
        file.write_bytes(content)
        written.append(file)

    for form in forms:
        if form == "recipe" or form == "snippet":
            for result in report.results:
                for one in correctable_materials(result):
                    if material is not None and one not in (None, material):
                        continue
                    potential = result.potential.name
                    ending = ".py" if form == "snippet" else ".recipe.json"
                    which = "" if one is None else f"-{_in_file_names(one)}"
                    write(f"-{_in_file_names(potential)}{which}{ending}", kept.of_potential(form, potential, one))
        elif form == "json":
            write(".json", kept.content(form, None))
        else:
            write(f"{of_material}.{form}", kept.content(form, material))
    return written


def _in_file_names(name: str) -> str:
    """Return an identifier without what could choose a folder: links and a server's answers come from outside."""
    return "".join(letter for letter in name if letter.isalnum() or letter in "-_.")


class _Served:
    """A report of a server."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self._name = server, name

    def report(self) -> Report:
        from softdash.api.client import read_report

        return read_report(self._server.report_text(self._name), self._name)

    def content(self, form: WholeForm, material: str | None) -> bytes:
        return self._server.report_file(self._name, form, material)

    def of_potential(self, form: PotentialForm, potential: str, material: str | None) -> bytes:
        return self._server.potential_file(self._name, form, potential, material)


class _Kept:
    """A report of this machine's state folder."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name, self._store = name, _own_store(name, settings)

    def report(self) -> Report:
        return self._store.report(self._name)

    def content(self, form: WholeForm, material: str | None) -> bytes:
        from softdash.reports.files import report_text as text_of

        store, name = self._store, self._name
        whole = (self.report(), store.points(name), lambda: store.frames_of(name))
        return "".join(text_of(form, *whole, material=material)).encode()

    def of_potential(self, form: PotentialForm, potential: str, material: str | None) -> bytes:
        from softdash.reports.files import potential_text

        return potential_text(form, self.report(), potential, material=material).encode()


def delete(identifier: str, url: str | None, settings: Settings, token: str | None) -> str:
    """Delete a diagnosis and its report; return its identifier.

    Raises
    ------
    NotFoundError
        If there is no such diagnosis.
    ForbiddenError
        If the server wants a token, and this is not it. In this machine's own state folder none is needed.
    """
    server, name = _server_of(identifier, url)
    if server is None:
        _own_store(name, settings).delete(name)
    elif token is None:
        raise ForbiddenError(
            "A server deletes a diagnosis only with its token.",
            where=identifier,
            advice="Give --token; it was shown once, when the diagnosis was created.",
        )
    else:
        server.delete(name, token)
    return name


def verify(
    report: str,
    files: Sequence[Path],
    url: str | None,
    settings: Settings,
    *,
    tolerance: float,
    as_json: bool,
) -> bool:
    """Compute a report again, say what was found, and return whether it holds.

    Parameters
    ----------
    report : str
        A file, ``-`` for standard input, or a report's identifier or link.
    files : sequence of Path
        What was diagnosed.
    url : str or None
        The server of an identifier.
    settings : Settings
    tolerance : float
    as_json : bool
    """
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(settings.torch_threads)
    from softdash.cli.verification import verify_report

    text = _given_report(report, url, settings)
    with counting_bars(as_json=as_json) as add_bar:
        found = verify_report(text, files, settings, where=report, tolerance=tolerance, progress=add_bar)
    if as_json:
        click.echo(json.dumps({"holds": found.holds, **asdict(found)}, ensure_ascii=False, indent=2))
    else:
        _print_verification(found)
    return found.holds


def _given_report(report: str, url: str | None, settings: Settings) -> str:
    if report == "-":
        return _decoded(sys.stdin.buffer.read(), report)
    if Path(report).is_file():
        return _decoded(Path(report).read_bytes(), report)
    if Path(report).suffix == ".json" and "://" not in report:
        raise InputError("There is no such file.", where=report, advice="Save the .json of a report's link.")
    return report_text(report, url, settings)


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(
            "This is not the JSON of a report.", where=where, advice="Save the .json of a report's link."
        ) from None


def _server_of(identifier: str, url: str | None) -> tuple[Server | None, str]:
    from softdash.api.client import Server, link_parts

    address, name = link_parts(identifier)
    address = address or url
    return (None if address is None else Server(address)), name


def _own_store(diagnosis_id: str, settings: Settings) -> DiagnosisStore:
    # Looking something up must not found a state folder where none is.
    if not settings.state_dir.is_dir() and settings.database_url is None:
        raise NotFoundError(
            f"There is no diagnosis '{diagnosis_id}': this machine has no state folder {settings.state_dir}.",
            advice="Set SOFTDASH_STATE_DIR, or name the server by --url or by the whole link.",
        )
    from softdash.jobs.wiring import wire

    return wire(settings).store


def _print_verification(found: Verification) -> None:
    console = Console(markup=False, highlight=False, soft_wrap=True)
    if found.seal_holds:
        console.print("The seal holds: the report's hash is that of its content.")
    else:
        console.print("The seal is broken: the report was changed after it was made.", style="red")
    for sentence in (*found.remarks, *found.not_recomputed):
        console.print(sentence, style="yellow")
    if found.recomputed:
        _print_numbers(console, found)
    console.print(_conclusion(found), style="bold")


def _print_numbers(console: Console, found: Verification) -> None:
    who = ", ".join(found.recomputed)
    if found.is_identical:
        console.print(f"{who}: computed again, equal to all digits.")
    elif not found.differences:
        console.print(f"{who}: computed again, equal within {found.tolerance:g} of each number.")
    else:
        console.print(
            f"{who}: computed again; {len(found.differences)} differences of more than {found.tolerance:g}:",
            style="red",
        )
    for difference in found.differences[:_SHOWN_DIFFERENCES]:
        console.print(f"  {difference.place}: {_shown(difference)}")
    if len(found.differences) > _SHOWN_DIFFERENCES:
        console.print(f"  … and {len(found.differences) - _SHOWN_DIFFERENCES} more (--json lists all)")


def _shown(difference: Difference) -> str:
    def short(value: object) -> str:
        text = repr(value)
        return text if len(text) <= 80 else f"{text[:79]}…"

    return f"reported {short(difference.reported)}, here {short(difference.recomputed)}"


def _conclusion(found: Verification) -> str:
    if not found.holds:
        return "The report does not hold."
    if not found.recomputed:
        return "The report is unchanged. Give the files that were diagnosed to have its numbers computed again."
    return "The report holds." if not found.not_recomputed else "The report holds as far as it could be computed again."
