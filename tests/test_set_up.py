"""The set-up script says in words what is missing on a machine."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "set_up.py"


@pytest.fixture
def set_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _failing_pip(folder: Path, words: str) -> Path:
    """Return a stand-in for Python whose pip fails with `words` on its standard error."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{words}\nEND\nexit 1\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("error: command 'gcc' failed: No such file or directory", "apt-get install gcc"),
        ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "python3-dev"),
        ("error: command 'clang++' failed: No such file or directory", "xcode-select --install"),
        ("graph/cygraph.c:6:10: fatal error: Python.h: No such file or directory", "python3-dev"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: HTTPSConnectionPool: Read timed out.", "run the command again"),
    ],
)
def test_a_failed_installation_is_explained(
    set_up: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: str, advice: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        set_up.run_pip(_failing_pip(tmp_path, words), "-e", ".")
    assert advice in str(stopped.value)
    assert words.split(":")[-1].strip() in capsys.readouterr().err


def test_an_old_python_is_refused_before_anything_is_made(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    monkeypatch.setattr(sys, "argv", ["set_up.py", "run"])
    monkeypatch.setenv("VENV", str(tmp_path / "environment"))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11"):
        set_up.main()
    assert not (tmp_path / "environment").exists()


def test_an_index_of_torch_is_asked_first(set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(set_up, "run_pip", lambda _python, *arguments: asked.append(arguments))
    monkeypatch.setattr(set_up, "make_environment", lambda folder: folder.mkdir() or Path("/bin/true"))
    monkeypatch.setattr(sys, "argv", ["set_up.py", "run"])
    monkeypatch.setenv("VENV", str(tmp_path / "environment"))
    monkeypatch.setenv("TORCH_INDEX_URL", "https://example.org/cpu")
    set_up.main()
    assert asked[0][0].startswith("torch==")
    assert asked[0][1:] == ("--index-url", "https://example.org/cpu")
    assert asked[1] == ("-c", "constraints.txt", "-e", ".[chgnet]")
    asked.clear()
    set_up.main()
    assert asked == [], "the second call finds everything in place"


def test_a_missing_browser_is_explained(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT.with_name("get_chromium.sh"))],
        env={"PATH": str(tmp_path)},  # neither a browser nor apt-get is found here
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "BROWSER=no" in done.stderr
