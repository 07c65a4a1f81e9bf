"""Where softdash was installed from: a checkout, or a wheel. It decides where files lie and how a library is added."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from platformdirs import user_data_path

from softdash.version import __version__

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def is_checkout() -> bool:
    """Whether this is the source tree, and not what a wheel unpacked."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "precomputed").is_dir()


def shipped(name: str) -> Path:
    """Return the folder `name` that comes with softdash."""
    return (_CHECKOUT if is_checkout() else _PACKAGE) / name


def state_folder() -> Path:
    """Return the folder to write into: ``var`` of a checkout, else the user's data folder."""
    return _CHECKOUT / "var" if is_checkout() else user_data_path("softdash", appauthor=False)


def tables_folder() -> Path:
    """Return the folder of the benchmark tables: the user's copy of this version's where there is one."""
    own = _own_tables()
    return own if not is_checkout() and own.is_dir() else shipped("precomputed")


def writable_tables_folder() -> Path:
    """Return the folder that benchmarks write into: ``precomputed`` of a checkout, else the user's copy of the tables.

    The copy belongs to this version: the next one starts from its own tables, and runs of benchmarks, whose predictions
    are kept, add their rows again.
    """
    own = _own_tables()
    if is_checkout() or own.is_dir():
        return tables_folder()
    own.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=own.parent, prefix=".precomputed-") as half:
        whole = Path(half) / own.name
        shutil.copytree(shipped("precomputed"), whole)
        if not own.is_dir():  # another command may have made it meanwhile
            whole.rename(own)
    return own


def _own_tables() -> Path:
    return state_folder() / f"precomputed-{__version__}"


def install_command(package: str, extra: str | None) -> str:
    """Return the command that adds a library.

    Parameters
    ----------
    package : str
        Its name on the package index.
    extra : str, optional
        The extra of softdash that brings it, if any.
    """
    if extra is None:
        return f"pip install '{package}'"
    return f"make run EXTRAS={extra}" if is_checkout() else f"pip install 'softdash[{extra}]'"
