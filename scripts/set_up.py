"""Create the virtual environment of a checkout and install softdash into it. Standard library only.

Called by the Makefile: ``python3 scripts/set_up.py run`` (everything to use softdash) or ``... test`` (and to test it).
Settings: VENV (folder, default .venv), TORCH_INDEX_URL (an index with another build of torch, such as the CPU build),
EXTRAS (the libraries of potentials to run with, default "chgnet"; of "chgnet,m3gnet,mace,matgl,sevennet").
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {"run": os.environ.get("EXTRAS") or "chgnet", "test": "chgnet,mace,matgl,sevennet,dev"}
OLDEST = (3, 11)
WEB_PROCESS = "import gunicorn.app.wsgiapp, gunicorn.workers.gthread, softdash.web"
NO_COMPILER = re.compile(
    r"command '?[\w-]*(gcc|cc|clang|c\+\+|g\+\+)'? failed: No such file"
    r"|unable to execute '?(gcc|cc|clang|g\+\+)|Microsoft Visual C\+\+|Python\.h: No such file"
)


def stop(message: str) -> None:
    """Print `message` and end with status 1."""
    sys.exit(f"\nsoftdash set-up stopped: {message}")


def fingerprint(purpose: str) -> str:
    """Return a hash of all that decides what is installed."""
    parts = [purpose, EXTRAS[purpose], sys.version, os.environ.get("TORCH_INDEX_URL", ""), str(ROOT)]
    parts += [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def run_pip(python: Path, *arguments: str) -> None:
    """Run pip; on failure say what is missing in words."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments]
    print("  pip install", " ".join(arguments), flush=True)
    done = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return
    sys.stderr.write(done.stderr[-4000:])
    if NO_COMPILER.search(done.stderr):
        stop(
            "a package had to be compiled for this Python, and no C compiler (or Python header files) was found.\n"
            "  Debian, Ubuntu:  sudo apt-get install gcc g++ python3-dev\n"
            "  Fedora:          sudo dnf install gcc gcc-c++ python3-devel\n"
            "  macOS:           xcode-select --install\n"
            "Python 3.11 on Linux needs no compiler: all packages come built for it."
        )
    if "No space left" in done.stderr:
        stop("the disk is full. The environment needs about 2 GB with the CPU build of torch, 7 GB with CUDA.")
    stop("pip could not install the packages; its last words are above. A network fault passes: run the command again.")


def make_environment(folder: Path) -> Path:
    """Create the virtual environment `folder` if it is not there, and return its Python."""
    python = folder / "bin" / "python"
    if not python.exists():
        try:
            import ensurepip  # noqa: F401
            import venv
        except ImportError:
            stop(
                "this Python has no 'venv' module. On Debian and Ubuntu: sudo apt-get install "
                f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            )
        print(f"Creating the environment {folder} with Python {sys.version.split()[0]}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
    return python


def main() -> None:
    """Set up the environment for the purpose named on the command line."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if purpose not in EXTRAS:
        stop(f"unknown purpose '{purpose}'; it is one of {', '.join(EXTRAS)}.")
    if sys.version_info < OLDEST:
        stop(
            f"softdash needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}. "
            "Name another one: make run PYTHON=python3.12"
        )
    folder = Path(os.environ.get("VENV", ".venv"))
    folder = folder if folder.is_absolute() else ROOT / folder
    wanted = fingerprint(purpose)
    # The larger set-up serves the smaller purpose too.
    stamps = {name: folder / f".softdash-{name}" for name in EXTRAS}
    for name, stamp in stamps.items():
        if name in {purpose, "test"} and stamp.exists() and stamp.read_text() == fingerprint(name):
            return
    python = make_environment(folder)
    print("Installing softdash; the first time takes a few minutes", flush=True)
    constraints = ["-c", "constraints.txt"]
    if index := os.environ.get("TORCH_INDEX_URL"):
        pinned = re.search(r"^torch==\S+", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
        run_pip(python, pinned.group() if pinned else "torch", "--index-url", index)
    run_pip(python, *constraints, "-e", f".[{EXTRAS[purpose]}]")
    # The web process runs without docstrings, which saves memory; its bytecode is made here, not at the first start.
    writing = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([str(python), "-OO", "-c", WEB_PROCESS], cwd=ROOT, env=writing, check=True)
    stamps[purpose].write_text(wanted)


if __name__ == "__main__":
    main()
