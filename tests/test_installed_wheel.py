"""softdash from a wheel, used in an empty folder: it works, and writes into the user's data folder only."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from softdash.version import __version__

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("pyproject.toml", "README.md", "LICENSE", "softdash", "assets", "precomputed")


@dataclass(frozen=True)
class Installation:
    """A wheel in an environment of its own, which sees the libraries of the one that runs the tests."""

    python: Path
    packages: Path
    home: Path
    empty: Path

    @property
    def data(self) -> Path:
        return self.home / ".local" / "share" / "softdash"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SOFTDASH_", "XDG_"))}
        return {**kept, "HOME": str(self.home), "PYTHONPATH": ""}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.python, "-m", "softdash", *arguments],
            cwd=self.empty,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def files(self) -> dict[str, int]:
        """Return the package's files with the times of their last change; Python's bytecode is none of ours."""
        found = self.packages.joinpath("softdash").rglob("*")
        return {str(file): file.stat().st_mtime_ns for file in found if file.is_file() and file.suffix != ".pyc"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    (source / "site").mkdir()
    (source / "site" / "index.html").write_text("<title>Documentation</title>", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    built = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source)]
    subprocess.run(built, check=True)
    (wheel,) = folder.glob("softdash-*.whl")
    shutil.rmtree(source)

    venv.create(folder / "environment")
    python = folder / "environment" / "bin" / "python"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "environment" / "lib" / version / "site-packages"
    subprocess.run([*pip, "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    # What a .pth file names is read after the wheel, and without its own .pth files: this checkout is not seen.
    (packages / "libraries.pth").write_text(str(Path(np.__file__).parent.parent) + "\n", encoding="utf-8")
    for name in ("home", "empty"):
        (folder / name).mkdir()
    here = Installation(python, packages, folder / "home", folder / "empty")
    before = here.files()
    yield here
    assert here.files() == before
    assert list(here.empty.iterdir()) == []


def test_the_command_and_the_types_are_there(installed: Installation) -> None:
    assert installed.run("--version").split()[-1] == __version__
    assert installed.packages.joinpath("softdash", "py.typed").is_file()
    values = json.loads(installed.run("settings", "--json"))
    assert values["SOFTDASH_STATE_DIR"] == str(installed.data)
    assert Path(values["SOFTDASH_PRECOMPUTED_DIR"]).is_relative_to(installed.packages)


def test_a_diagnosis(installed: Installation) -> None:
    file = installed.packages / "softdash" / "precomputed" / "references" / "gpaw_pbe" / "Al.extxyz"
    report = json.loads(installed.run("diagnose", str(file), "--potential", "emt", "--json"))
    assert [result["potential"]["name"] for result in report["results"]] == ["emt"]
    assert not installed.data.exists()


def test_hints_fit_a_wheel(installed: Installation) -> None:
    code = "from softdash.installation import install_command; print(install_command('mace-torch', 'mace'))"
    done = subprocess.run(
        [installed.python, "-c", code], cwd=installed.empty, env=installed.environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == "pip install 'softdash[mace]'"


def test_a_server_answers_and_shows_the_documentation(installed: Installation) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [installed.python, "-u", "-m", "softdash", "serve", "--no-worker", "--port", str(port)],
        cwd=installed.empty,
        env=installed.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert str(installed.data) in process.stdout.readline()
        health = json.loads(_answer(f"http://127.0.0.1:{port}/api/v1/health"))
        assert health["version"] == __version__
        assert "Documentation" in _answer(f"http://127.0.0.1:{port}/docs/")
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert (installed.data / "softdash.db").is_file()


def _answer(address: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as response:
                return str(response.read().decode())
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_a_benchmark_writes_its_rows_into_a_copy_of_the_tables(installed: Installation) -> None:
    written = installed.run("benchmark", "high-energy", "--potential", "emt", "--dataset", "gpaw_pbe").splitlines()
    own = installed.data / f"precomputed-{__version__}"
    assert written
    assert all(Path(file).is_relative_to(own) for file in written)
    assert json.loads(installed.run("settings", "--json"))["SOFTDASH_PRECOMPUTED_DIR"] == str(own)
