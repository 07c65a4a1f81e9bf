"""The child process of `softdash.structures.upload.sandbox`: sets its own limits first, then reads the upload.

Takes the request as JSON on standard input; writes the summary, or the error in the one JSON shape, to standard output.
"""

from __future__ import annotations

import gc
import json
import math
import resource
import sys
from pathlib import Path
from typing import Any

EXIT_REPORTED = 3
_FILE_BYTES_BASE = 64_000_000
_FILE_BYTES_PER_ATOM = 64  # positions, forces and number: 56 bytes
_OPEN_FILES = 64


def main() -> int:
    """Read one request; return the exit status: 0, or `EXIT_REPORTED` with an error on standard output."""
    gc.disable()  # documents of a million objects have no cycles, and the process lives for one reading
    request = json.load(sys.stdin)
    limit_this_process(request["settings"])
    from softdash.errors import InputError, SoftdashError, TooLargeError

    shown = ", ".join(request["names"] or [Path(path).name for path in request["paths"]])[:200]
    try:
        answer = _read_structure(request) if request.get("wanted") == "structure" else _read(request)
    except SoftdashError as error:
        answer = json.dumps(error.as_json())
    except MemoryError:
        megabytes = request["settings"]["parser_memory_bytes"] / 1e6
        what = f"Reading needs more than {megabytes:.0f} MB of memory."
        answer = json.dumps(TooLargeError(what, where=shown, advice="Upload fewer frames.").as_json())
    except RecursionError:
        problem = InputError(
            "The content is nested too deeply.", where=shown, advice="Upload the file that the program wrote."
        )
        answer = json.dumps(problem.as_json())
    else:
        sys.stdout.write(answer)
        return 0
    sys.stdout.write(answer)
    return EXIT_REPORTED


def limit_this_process(settings: dict[str, Any]) -> None:
    """Limit processor time, address space, file size and open files of this process; no core dumps.

    Parameters
    ----------
    settings : dict
        `parser_seconds`, `parser_memory_bytes`, `atoms_max` of `softdash.settings.Settings`, which is not imported yet.
    """
    seconds = math.ceil(settings["parser_seconds"])
    limits = {
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_AS: (settings["parser_memory_bytes"],) * 2,
        resource.RLIMIT_FSIZE: (_FILE_BYTES_BASE + _FILE_BYTES_PER_ATOM * settings["atoms_max"],) * 2,
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        resource.RLIMIT_CORE: (0, 0),
    }
    for which, (soft, hard) in limits.items():
        ceiling = resource.getrlimit(which)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(which, (soft, hard))


def _read(request: dict[str, Any]) -> str:
    """Read the upload, store its frames, and return its summary as JSON."""
    from softdash.settings import Settings
    from softdash.structures.frames.frame_store import save_frames
    from softdash.structures.frames.read_options import ReadOptions
    from softdash.structures.upload.read import read_upload
    from softdash.structures.upload.summary import summarise

    paths = [Path(path) for path in request["paths"]]
    options = ReadOptions(**request["options"])
    frames = read_upload(paths, Settings(**request["settings"]), request["names"], options)
    save_frames(Path(request["frames_file"]), frames)
    return summarise(frames, options).model_dump_json()


def _read_structure(request: dict[str, Any]) -> str:
    """Read the one structure of the upload, store it, and return its summary as JSON."""
    from softdash.settings import Settings
    from softdash.structures.frames.frame_store import save_frames
    from softdash.structures.upload.sampled_structure import read_structure

    paths = [Path(path) for path in request["paths"]]
    frames, summary = read_structure(paths, Settings(**request["settings"]), request["names"])
    save_frames(Path(request["frames_file"]), frames)
    return summary.model_dump_json()


if __name__ == "__main__":
    sys.exit(main())
