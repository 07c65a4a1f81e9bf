"""Reading an upload in a child process with limits on time, memory and disk.

A file made to harm, or merely broken, ends in a message; this process never opens it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from softdash import version
from softdash.errors import InputError, SoftdashError, TooLargeError, choices_from_json
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.sampled_structure import StructureSummary
from softdash.structures.upload.summary import Understanding

__all__ = ["StructureSummary", "Understanding", "read_structure_in_sandbox", "read_upload_in_sandbox"]

_log = logging.getLogger(__name__)
_START_UP_SECONDS = 10.0  # starting Python and importing the readers on a busy machine
_LOG_CHARACTERS = 4_000


def read_upload_in_sandbox(
    paths: Sequence[Path],
    settings: Settings,
    *,
    names: Sequence[str] | None = None,
    frames_file: Path,
    options: ReadOptions | None = None,
) -> Understanding:
    """Read uploaded files in a child process.

    Parameters
    ----------
    paths, names, settings, options
        As for `softdash.structures.upload.read.read_upload`.
    frames_file : Path
        Where the child writes the frames, in the form of `softdash.structures.frames.frame_store`.

    Returns
    -------
    Understanding

    Raises
    ------
    InputError
        And its subclasses, as `read_upload` raises them; `TooLargeError` also when the child runs out of time or
        memory, `InputError` when it breaks down.
    """
    request = _request(paths, names, frames_file, settings) | {"options": (options or ReadOptions()).model_dump()}
    return Understanding.model_validate_json(_answer_of_child(request, settings))


def read_structure_in_sandbox(
    paths: Sequence[Path], settings: Settings, *, names: Sequence[str] | None = None, frames_file: Path
) -> StructureSummary:
    """Read one structure without forces in a child process; it writes the repeated structure to `frames_file`.

    Raises
    ------
    InputError
        And its subclasses, as `sampled_structure.read_structure` and `read_upload_in_sandbox`.
    """
    request = _request(paths, names, frames_file, settings) | {"wanted": "structure"}
    return StructureSummary.model_validate_json(_answer_of_child(request, settings))


def _request(
    paths: Sequence[Path], names: Sequence[str] | None, frames_file: Path, settings: Settings
) -> dict[str, Any]:
    return {
        "paths": [str(path.resolve()) for path in paths],
        "names": list(names) if names is not None else None,
        "frames_file": str(frames_file.resolve()),
        "settings": settings.model_dump(mode="json"),
    }


def _answer_of_child(request: dict[str, Any], settings: Settings) -> bytes:
    """Return the child's answer, or raise the error that it reported or met."""
    shown = ", ".join(request["names"] or [Path(path).name for path in request["paths"]])[:200]
    with tempfile.TemporaryDirectory(prefix="softdash-read-") as folder:
        code = _run_child(json.dumps(request), Path(folder), settings.parser_seconds, shown)
        answer = (Path(folder) / "answer").read_bytes()
        complaints = (Path(folder) / "complaints").read_text(encoding="utf-8", errors="replace")
    if complaints:
        _log.warning("Reading %s, the child said: %s", shown, complaints[-_LOG_CHARACTERS:])
    if code == 0:
        return answer
    raise _error_of_child(code, answer, shown, settings)


def _run_child(request: str, folder: Path, seconds: float, shown: str) -> int:
    """Run the child in `folder` and return its exit status; it is ended with all its own children at the deadline."""
    command = [sys.executable, "-P", "-m", "softdash.structures.upload.sandbox_child"]
    with (folder / "answer").open("wb") as answer, (folder / "complaints").open("wb") as complaints:
        child = subprocess.Popen(  # noqa: S603 - our own module, no words of the visitor on its command line
            command,
            stdin=subprocess.PIPE,
            stdout=answer,
            stderr=complaints,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
        )
        try:
            child.communicate(request.encode(), timeout=seconds + _START_UP_SECONDS)
        except subprocess.TimeoutExpired:
            raise _out_of_time(shown, seconds) from None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    return child.returncode


def _environment() -> dict[str, str]:
    """Return the child's environment: the same packages as here, one thread, none of this process's secrets."""
    package_root = str(Path(version.__file__).resolve().parent.parent)
    given = os.environ.get("PYTHONPATH", "")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {"PYTHONPATH": os.pathsep.join(filter(None, [package_root, given])), "LANG": "C.UTF-8", **threads}


def _error_of_child(code: int, answer: bytes, shown: str, settings: Settings) -> SoftdashError:
    """Return the error that the child reported, or one that describes how it ended."""
    reported = _reported(answer)
    if reported is not None:
        kinds = {kind.code: kind for kind in _kinds(SoftdashError)}
        kind = kinds.get(str(reported.get("code")), InputError)
        return kind(
            str(reported["message"]),
            where=reported.get("where"),
            advice=reported.get("advice"),
            offer=reported.get("offer"),
            choices=choices_from_json(reported.get("choices")),
        )
    if code == -signal.SIGXCPU:
        return _out_of_time(shown, settings.parser_seconds)
    if code == -signal.SIGKILL:
        return TooLargeError(
            "Reading took too much memory or time and was stopped.", where=shown, advice="Upload fewer frames."
        )
    return InputError(
        "The file could not be read: its reader broke down.",
        where=shown,
        advice="Check the file, or convert it to extended XYZ.",
    )


def _reported(answer: bytes) -> dict[str, Any] | None:
    try:
        error = json.loads(answer)["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return error if isinstance(error, dict) and "message" in error else None


def _kinds(kind: type[SoftdashError]) -> list[type[SoftdashError]]:
    return [kind, *(deeper for below in kind.__subclasses__() for deeper in _kinds(below))]


def _out_of_time(shown: str, seconds: float) -> TooLargeError:
    return TooLargeError(
        f"Reading took longer than {seconds:g} s and was stopped.", where=shown, advice="Upload fewer frames."
    )
