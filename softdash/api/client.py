"""A softdash server on another machine, through its HTTP API; its errors come back in its own words.

The command line and `softdash.diagnose` go through it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from softdash.api.diagnoses import DELETE_TOKEN_HEADER, IDEMPOTENCY_HEADER
from softdash.api.messages import CreatedDiagnosisMessage, NewDiagnosis, PotentialMessage
from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState, Report, UploadRecord
from softdash.errors import InputError, PredictionError, ServerUnavailableError, SoftdashError, choices_from_json
from softdash.structures.frames.read_options import ReadOptions
from softdash.version import __version__

Sent = Callable[[int, int | None], None]
"""Takes the bytes sent so far, and all bytes."""

_Message = TypeVar("_Message", bound=BaseModel)

_CONNECT_SECONDS, _READ_SECONDS = 10.0, 120.0
_CHUNK = 1 << 18
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_FIRST_SERVER_ERROR = 500


class Server:
    """A server that speaks ``/api/v1``.

    Parameters
    ----------
    url : str
        Its address, as in a browser: ``https://softdash.example.org``.

    Raises
    ------
    InputError
        If `url` is no address of a web server.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise InputError(
                "This is not the address of a server.", where=url, advice="It looks like https://softdash.example.org."
            )
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"softdash/{__version__}"
        # A connection that breaks once while a diagnosis is polled must not cost its result.
        retry = Retry(total=3, backoff_factor=0.5, allowed_methods={"GET"}, status=0, raise_on_status=False)
        self._session.mount(f"{parts.scheme}://", HTTPAdapter(max_retries=retry))

    def upload(self, files: Sequence[Path], names: Sequence[str], options: ReadOptions, *, sent: Sent) -> UploadRecord:
        """Send files, piece by piece, with the options for reading them; return what the server understood.

        Raises
        ------
        InputError
            As the server raised it: its words.
        ServerUnavailableError
            If the server cannot be reached, or does not answer as a softdash server does.
        """
        body = _Form(files, names, options.as_fields(), sent)
        return self._message(
            UploadRecord, "POST", "/api/v1/uploads", data=body, headers={"Content-Type": body.content_type}
        )

    def create(self, upload_id: str, potentials: Sequence[str], title: str | None) -> CreatedDiagnosisMessage:
        """Start a diagnosis. Raises as `upload`, and `PotentialUnavailableError`, `BusyError`."""
        wanted = NewDiagnosis(upload_id=upload_id, potentials=list(potentials), title=title)
        request: dict[str, Any] = {
            "json": wanted.model_dump(exclude_none=True),
            "headers": {IDEMPOTENCY_HEADER: secrets.token_urlsafe(16)},
        }
        try:
            return self._message(CreatedDiagnosisMessage, "POST", "/api/v1/diagnoses", **request)
        except ServerUnavailableError:
            # The answer may be what was lost: with its key, asking again gives the same diagnosis, not a second one.
            return self._message(CreatedDiagnosisMessage, "POST", "/api/v1/diagnoses", **request)

    def diagnosis(self, diagnosis_id: str) -> DiagnosisRecord:
        """Return the state of a diagnosis. Raises `NotFoundError`, `ServerUnavailableError`."""
        return self._message(DiagnosisRecord, "GET", f"/api/v1/diagnoses/{quote(diagnosis_id, safe='')}")

    def wait(
        self,
        record: DiagnosisRecord,
        *,
        progress: Callable[[str], Callable[[int, int | None], object]],
        said: Callable[[str], object],
    ) -> None:
        """Return when a diagnosis has a report; an interruption (Ctrl-C) cancels it.

        Parameters
        ----------
        record : DiagnosisRecord
        progress : callable
            Given the label of each potential, returns a callable that takes (frames done, frames in all or None).
        said : callable
            Takes each message of the server: what the diagnosis waits for.

        Raises
        ------
        PredictionError
            If it ended without a result.
        ServerUnavailableError
            As `diagnosis`.
        """
        pause, last = _FIRST_PAUSE, None
        followers = [progress(run.label) for run in record.runs]
        try:
            while not record.state.is_final:
                time.sleep(pause)
                pause = min(1.3 * pause, _LONGEST_PAUSE)
                record = self.diagnosis(record.id)
                for follow, run in zip(followers, record.runs, strict=True):
                    follow(run.done, run.total or None)
                if record.message and record.message != last:
                    last = record.message
                    said(last)
        except KeyboardInterrupt:
            self.cancel(record.id)
            raise
        if record.state is not DiagnosisState.DONE:
            reasons = [str(run.error["message"]) for run in record.runs if run.error]
            raise PredictionError(
                f"The diagnosis ended without a result ({record.state.value}). {' '.join(reasons)}".strip(),
                where=f"{self.url}/report/{record.id}",
                advice="Start it again, or choose another potential.",
            )

    def cancel(self, diagnosis_id: str) -> None:
        """Cancel a diagnosis. Raises as `diagnosis`."""
        self._answer("POST", f"/api/v1/diagnoses/{quote(diagnosis_id, safe='')}/cancel")

    def delete(self, diagnosis_id: str, token: str) -> None:
        """Delete a diagnosis and its report. Raises as `diagnosis`, and `ForbiddenError`."""
        self._answer(
            "DELETE", f"/api/v1/diagnoses/{quote(diagnosis_id, safe='')}", headers={DELETE_TOKEN_HEADER: token}
        )

    def report_text(self, diagnosis_id: str) -> str:
        """Return a report as the server writes it, JSON. Raises `NotFoundError`, `ConflictError`, as `diagnosis`."""
        return self._answer("GET", f"/api/v1/reports/{quote(diagnosis_id, safe='')}").text

    def report_file(self, diagnosis_id: str, form: str, material: str | None = None) -> bytes:
        """Return a report in one of its forms: ``json``, ``csv``, ``html`` … Raises as `report_text`.

        With `material`, only the part about that one of several.
        """
        if form == "html":  # its errors are pages; the state says the same in the API's shape
            self._answer("GET", f"/api/v1/reports/{quote(diagnosis_id, safe='')}")
        path = f"/report/{quote(diagnosis_id, safe='')}.{form}"
        return self._answer("GET", path, params={"material": material}).content

    def potential_file(self, diagnosis_id: str, form: str, potential: str, material: str | None = None) -> bytes:
        """Return what a report has for one potential: its ``recipe`` or ``snippet``. Raises as `report_text`.

        `material` is needed where the report has several.
        """
        ending = {"recipe": "json", "snippet": "py"}[form]
        path = f"/api/v1/reports/{quote(diagnosis_id, safe='')}/{form}/{quote(potential, safe='')}.{ending}"
        return self._answer("GET", path, params={"material": material}).content

    def potentials(self) -> list[PotentialMessage]:
        """Return the potentials of the server. Raises `ServerUnavailableError`."""
        answer = self._answer("GET", "/api/v1/potentials")
        with _answers_understood(self.url):
            return TypeAdapter(list[PotentialMessage]).validate_json(answer.content)

    def _message(self, kind: type[_Message], method: str, path: str, **request: Any) -> _Message:
        answer = self._answer(method, path, **request)
        with _answers_understood(self.url):
            return kind.model_validate_json(answer.content)

    def _answer(self, method: str, path: str, **request: Any) -> requests.Response:
        try:
            answer = self._session.request(
                method, f"{self.url}{path}", timeout=(_CONNECT_SECONDS, _READ_SECONDS), **request
            )
        except requests.RequestException as error:
            raise ServerUnavailableError(
                f"The server does not answer ({_reason(error)}).",
                where=self.url,
                advice="Check the address and your connection.",
            ) from error
        if answer.ok:
            return answer
        raise _error_of(answer, self.url)


def read_report(text: str, where: str) -> Report:
    """Read a report's JSON.

    Raises
    ------
    InputError
        If it is none, or one of another version of softdash.
    """
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"This is not a report that softdash {__version__} can read ({place or 'content'}: {first['msg']}).",
            where=where,
            advice="Is it another file, or from a newer softdash? The .html of a report opens anywhere.",
        ) from None


def link_parts(identifier: str) -> tuple[str | None, str]:
    """Split the link of a report into the server's address and the identifier; an identifier alone has no address.

    ``https://softdash.example.org/report/AbC.json`` → ``("https://softdash.example.org", "AbC")``.
    """
    if "://" not in identifier:
        return None, identifier
    parts = urlsplit(identifier)
    before, found, name = parts.path.partition("/report/")
    if not found:
        before, found, name = parts.path.partition("/api/v1/reports/")
    if not found or not name.strip("/"):
        raise InputError("This is not the link of a report.", where=identifier, advice="It looks like …/report/AbC.")
    return f"{parts.scheme}://{parts.netloc}{before}", name.strip("/").partition(".")[0]


class _Form:
    """Files as a multipart form that is read while it is sent; `requests` takes length and pieces from it."""

    def __init__(self, files: Sequence[Path], names: Sequence[str], options: Mapping[str, str], sent: Sent) -> None:
        self._boundary = secrets.token_hex(16)
        self._files, self._sent = files, sent
        self._fields = b"".join(self._head(name) + value.encode() + b"\r\n" for name, value in options.items())
        self._heads = [self._head("files", name) for name in names]
        self._end = f"--{self._boundary}--\r\n".encode()
        sizes = (path.stat().st_size for path in files)
        self._length = len(self._fields) + sum(map(len, self._heads)) + sum(sizes) + 2 * len(files) + len(self._end)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self._boundary}"

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        done = 0
        for piece in self._pieces():
            yield piece
            done += len(piece)
            self._sent(done, self._length)

    def _pieces(self) -> Iterator[bytes]:
        yield self._fields
        for path, head in zip(self._files, self._heads, strict=True):
            yield head
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
            yield b"\r\n"
        yield self._end

    def _head(self, name: str, file_name: str | None = None) -> bytes:
        # As browsers do (HTML standard, multipart/form-data): only these three characters are escaped.
        escaped = (file_name or "").replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        file_part = "" if file_name is None else f'; filename="{escaped}"\r\nContent-Type: application/octet-stream'
        return f'--{self._boundary}\r\nContent-Disposition: form-data; name="{name}"{file_part}\r\n\r\n'.encode()


@contextmanager
def _answers_understood(url: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise ServerUnavailableError(
            f"The server's answer is not one that softdash {__version__} understands.",
            where=url,
            advice="Is it a softdash server, and of the same version?",
        ) from error


def _error_of(answer: requests.Response, url: str) -> SoftdashError:
    """Return the error that the server reported, as it would have been raised here."""
    try:
        reported = json.loads(answer.content)["error"]
        message = str(reported["message"])
    except (ValueError, KeyError, TypeError):
        return ServerUnavailableError(
            f"The server answered with status {answer.status_code}, and not as a softdash server does.",
            where=url,
            advice="Check the address.",
        )
    kinds = {kind.code: kind for kind in _kinds(SoftdashError)}
    other = ServerUnavailableError if answer.status_code >= _FIRST_SERVER_ERROR else InputError
    kind = kinds.get(str(reported.get("code")), other)
    return kind(
        message,
        where=reported.get("where"),
        advice=reported.get("advice"),
        offer=reported.get("offer"),
        choices=choices_from_json(reported.get("choices")),
    )


def _kinds(kind: type[SoftdashError]) -> list[type[SoftdashError]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _kinds(below))]


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "it took too long"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
