"""The child process that reads uploads: its limits, its ends, and what it may not see."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from reading_processes import readers

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.frame_store import load_frames
from softdash.structures.upload import sandbox
from softdash.structures.upload.sandbox import read_upload_in_sandbox

COLUMNS = 'Lattice="5 0 0 0 5 0 0 0 5" Properties=species:S:1:pos:R:3:forces:R:3'
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def test_a_good_upload_passes_and_is_stored(tmp_path: Path) -> None:
    summary = read_upload_in_sandbox([FIXTURES / "NaCl.extxyz"], Settings(), frames_file=tmp_path / "frames.npz")
    frames = load_frames(tmp_path / "frames.npz")
    forces = np.concatenate([frame.reference_forces.ravel() for frame in frames.frames])
    assert (len(summary.frames), summary.atom_count, summary.component_count) == (10, 80, 240)
    assert summary.reference_max == np.abs(forces).max()
    assert summary.reference_rms == pytest.approx(np.sqrt((forces**2).mean()))
    assert summary.elements == ("Na", "Cl")
    assert summary.frames[0].origin == "NaCl.extxyz, frame 1"


def test_the_settings_of_the_caller_count(tmp_path: Path) -> None:
    with pytest.raises(TooLargeError, match="more than 3 frames"):
        read_upload_in_sandbox([FIXTURES / "NaCl.extxyz"], Settings(frames_max=3), frames_file=tmp_path / "frames.npz")


def test_the_clock_ends_a_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START_UP_SECONDS", 0.0)  # then not even the imports are done in time
    before = readers()
    with pytest.raises(TooLargeError, match=r"NaCl\.extxyz: Reading took longer than 0\.01 s"):
        read_upload_in_sandbox(
            [FIXTURES / "NaCl.extxyz"], Settings(parser_seconds=0.01), frames_file=tmp_path / "frames.npz"
        )
    assert readers() <= before


@pytest.mark.parametrize(
    ("misdeed", "signal_or_status"),
    [
        ("while True: pass", -signal.SIGXCPU),
        ("bytearray(500_000_000)", 1),
        ("open('x', 'wb').write(bytes(70_000_000))", 1),
    ],
)
def test_limits_of_the_child_hold(tmp_path: Path, misdeed: str, signal_or_status: int) -> None:
    limits = {"parser_seconds": 0.5, "parser_memory_bytes": 300_000_000, "atoms_max": 1}
    child = "softdash.structures.upload.sandbox_child"
    code = f"from {child} import limit_this_process; limit_this_process({limits}); {misdeed}"
    code = code.replace("; while", "\nwhile")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == signal_or_status


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (-signal.SIGXCPU, TooLargeError, f"took longer than {Settings().parser_seconds:g} s"),
        (-signal.SIGKILL, TooLargeError, "too much memory or time"),
        (-signal.SIGSEGV, InputError, "reader broke down"),
        (1, InputError, "reader broke down"),
    ],
)
def test_every_end_of_the_child_has_a_sentence(status: int, kind: type[InputError], words: str) -> None:
    error = sandbox._error_of_child(status, b"", "a.cif", Settings())
    assert type(error) is kind
    assert words in str(error)
    assert str(error).startswith("a.cif: ")


def test_little_memory_ends_in_a_message(tmp_path: Path) -> None:
    text = tmp_path / "a.extxyz"
    text.write_text(f"2000\n{COLUMNS}\n" + "Na 0 0 0 0.1 0.2 0.3\n" * 2000)
    with pytest.raises(InputError, match=r"a\.extxyz"):
        read_upload_in_sandbox(
            [text] * 20, Settings(parser_memory_bytes=100_000_000), frames_file=tmp_path / "frames.npz"
        )


def test_secrets_of_the_parent_do_not_reach_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTDASH_DATABASE_URL", "postgresql://user:secret@host/db")
    assert "secret" not in json.dumps(sandbox._environment())


def test_the_parent_imports_no_reader() -> None:
    heavy = ["ase.io", "scipy", "pymatgen", "softdash.structures.readers"]
    code = f"import sys, softdash.structures.upload.sandbox; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
