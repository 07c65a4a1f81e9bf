"""One crystal from a file of any format that ASE reads, for commands that need a structure without forces."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.io import read

from softdash.errors import InputError


def read_structure(file: Path) -> tuple[Atoms, int]:
    """Read the last structure of a file of the user's own; files of strangers go through `softdash.structures`.

    Returns
    -------
    ase.Atoms
        Species, positions, cell and periodicity; ``info`` keeps a ``material_id`` and nothing else.
    int
        Number of structures in the file.

    Raises
    ------
    InputError
        If ASE cannot read the file, or a site is shared by several elements.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about spacegroup settings and the like, of no use to the reader
            found = read(file, index=":")
    except Exception as error:  # ASE's readers raise whatever they meet
        raise InputError(
            f"ASE cannot read this file ({type(error).__name__}: {error}).",
            where=file.name,
            advice="Give a structure as CIF, POSCAR or extended XYZ.",
        ) from error
    atoms: Any = found[-1]
    occupancies = [share for site in atoms.info.get("occupancy", {}).values() for share in site.values()]
    if any(share < 1 for share in occupancies):
        raise InputError(
            "Sites of this structure are partly occupied.",
            where=file.name,
            advice="Give an ordered structure: a simulation needs one element on each site.",
        )
    bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, pbc=atoms.pbc)
    if "material_id" in atoms.info:
        bare.info["material_id"] = str(atoms.info["material_id"])
    return bare, len(found)
