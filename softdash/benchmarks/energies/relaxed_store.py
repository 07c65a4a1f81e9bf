"""Relaxed structures of one method in an extended xyz file, written as they come."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from ase import Atoms
from ase.io import read, write

from softdash.benchmarks.energies.structure_steps import RelaxedStructure
from softdash.errors import ReferenceDataError

_NEEDED = ("step", "relaxed_energy", "relaxation_steps", "max_force", "has_converged")
"""What each frame says of itself, beside its structure."""


class RelaxedStore:
    """Results of steps by name; each one is on disk before the next begins.

    Parameters
    ----------
    file : pathlib.Path or None
        Extended xyz, read if it exists; None keeps results in memory only.
    details : str or None
        When given, only results computed in exactly this way are taken from the file.

    Raises
    ------
    ReferenceDataError
        If the file cannot be read as relaxed structures.
    """

    def __init__(self, file: Path | None, *, details: str | None = None) -> None:
        self._file = file
        self._results: dict[str, RelaxedStructure] = {}
        if file is not None and file.is_file():
            for name, result in _read(file):
                if details is None or result.details == details:
                    self._results[name] = result

    def get(self, name: str) -> RelaxedStructure | None:
        """Return the result of a step, or None."""
        return self._results.get(name)

    def require(self, name: str) -> RelaxedStructure:
        """Return the result of a step that is there.

        Raises
        ------
        KeyError
            If it is not.
        """
        return self._results[name]

    def put(self, name: str, result: RelaxedStructure) -> None:
        """Keep a result."""
        self._results[name] = result
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}-")
        os.close(handle)
        write(temporary, [_to_atoms(name, one) for name, one in self._results.items()], format="extxyz")
        Path(temporary).chmod(0o644)
        Path(temporary).replace(self._file)

    def drop(self, names: Iterable[str]) -> None:
        """Forget results; the file keeps them until the next one is put."""
        for name in names:
            self._results.pop(name, None)

    def names(self) -> list[str]:
        """Return the names of all results, in the order they were kept."""
        return list(self._results)


def _read(file: Path) -> list[tuple[str, RelaxedStructure]]:
    try:
        frames = read(file, ":", format="extxyz")
    except (ValueError, KeyError, IndexError, OSError) as error:
        raise _unreadable(f"{type(error).__name__}: {error}", file) from error
    results = []
    for number, atoms in enumerate(frames, start=1):
        missing = [name for name in _NEEDED if name not in atoms.info]
        if missing:
            raise _unreadable(f"frame {number} has no {missing[0]}", file)
        try:
            results.append((str(atoms.info["step"]), _from_atoms(atoms)))
        except (ValueError, TypeError) as error:
            raise _unreadable(f"frame {number}: {error}", file) from error
    return results


def _unreadable(reason: str, file: Path) -> ReferenceDataError:
    return ReferenceDataError(
        f"The file cannot be read as relaxed structures ({reason}).",
        where=str(file),
        advice=(
            "Give a file that `softdash reference` wrote; one in softdash's own state folder may be deleted, and is "
            "computed again."
        ),
    )


def _to_atoms(name: str, result: RelaxedStructure) -> Atoms:
    atoms: Atoms = result.atoms.copy()
    atoms.info = {
        "step": name,
        "relaxed_energy": result.energy,
        "relaxation_steps": result.steps,
        "max_force": result.max_force,
        "has_converged": result.has_converged,
        "details": result.details,
    }
    return atoms


def _from_atoms(atoms: Atoms) -> RelaxedStructure:
    info = atoms.info
    bare = Atoms(atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=True)
    return RelaxedStructure(
        bare,
        float(info["relaxed_energy"]),
        int(info["relaxation_steps"]),
        float(info["max_force"]),
        bool(info["has_converged"]),
        str(info.get("details", "")),
    )
