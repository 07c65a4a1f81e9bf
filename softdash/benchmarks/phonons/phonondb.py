"""Reading an entry of PhononDB: the reference's unit cell, supercell and forces, from its archive, in memory.

PhononDB (A. Togo) keeps one ``tar.xz`` for each material with ``POSCAR-unitcell``, ``phonopy.conf`` and ``FORCE_SETS``.
"""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.catalog.resources import ReferenceSource
from softdash.errors import NotFoundError, ReferenceDataError

PHONONDB = ReferenceSource(
    title="PhononDB (A. Togo), PBEsol",
    path="https://github.com/WMD-group/phononDB",
    commit="b5fa78d2",
    licence="CC-BY-4.0",
)
_POSCAR, _CONFIGURATION, _FORCES = "POSCAR-unitcell", "phonopy.conf", "FORCE_SETS"
_WANTED = (_POSCAR, _CONFIGURATION, _FORCES)
# The largest FORCE_SETS of the paper's materials has 0.5 MB.
_MEMBER_BYTES_MAX = 20_000_000
_MEMBERS_MAX = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class PhononDBEntry:
    """Reference geometry and forces of one material.

    Attributes
    ----------
    material_id : str
    unit_cell : phonopy.structure.atoms.PhonopyAtoms
        The cell relaxed by the reference, Å.
    supercell_matrix, primitive_matrix : ndarray, shape (3, 3)
        As phonopy takes them.
    displacements : dict
        phonopy's displacement data set with the reference forces, eV/Å.
    source : ReferenceSource
        Where it was published.
    """

    material_id: str
    unit_cell: Any
    supercell_matrix: NDArray[np.int64]
    primitive_matrix: NDArray[np.float64]
    displacements: Any
    source: ReferenceSource = PHONONDB

    @property
    def displacement_count(self) -> int:
        """Displaced supercells whose forces are known."""
        return len(self.displacements["first_atoms"])

    @property
    def size(self) -> int:
        """Atoms in all supercells together: what a run with a potential costs, up to a factor."""
        return int(self.displacements["natom"]) * (self.displacement_count + 1)


def archive_path(data_dir: Path | None, material_id: str) -> Path:
    """Return the place of a material's archive in the folder of reference data.

    Raises
    ------
    ReferenceDataError
        If no folder is set.
    NotFoundError
        If it has no such archive.
    """
    path = _archives(data_dir) / f"{material_id}.tar.xz"
    if not path.is_file():
        raise NotFoundError(f"PhononDB has no archive of {material_id} here.", where=str(path))
    return path


def entries_by_size(data_dir: Path | None) -> list[str]:
    """Return all entries here that can be read, the cheapest first.

    Raises
    ------
    ReferenceDataError
        If no folder is set, or it has no archives.
    """
    folder = _archives(data_dir)
    sizes = {}
    for archive in sorted(folder.glob("*.tar.xz")):
        try:
            entry = read_entry(archive)
        except ReferenceDataError:
            continue  # named when it is asked for
        sizes[entry.material_id] = entry.size
    if not sizes:
        raise ReferenceDataError(
            "There are no archives of PhononDB here.", where=str(folder), advice=f"Get them from {PHONONDB.path}."
        )
    return sorted(sizes, key=lambda name: (sizes[name], name))


def read_entry(archive: Path) -> PhononDBEntry:
    """Read one archive; nothing is written to disk.

    Raises
    ------
    ReferenceDataError
        If the archive is damaged, lacks a file, or its files do not fit together.
    """
    from phonopy.file_IO import parse_FORCE_SETS_from_strings
    from phonopy.interface.vasp import read_vasp_from_strings

    texts = _read_members(archive)
    try:
        supercell_matrix, primitive_matrix = parse_configuration(texts[_CONFIGURATION])
        unit_cell = read_vasp_from_strings(texts[_POSCAR])
        displacements: Any = parse_FORCE_SETS_from_strings(texts[_FORCES])
        atom_count = len(unit_cell) * round(abs(float(np.linalg.det(supercell_matrix))))
        if "first_atoms" not in displacements:
            raise ValueError(f"{_FORCES} does not list one displaced atom for each supercell")
        if displacements["natom"] != atom_count:
            raise ValueError(f"{_FORCES} is for {displacements['natom']} atoms, the supercell has {atom_count}")
    except (ValueError, KeyError, IndexError, RuntimeError) as error:
        raise ReferenceDataError(f"The PhononDB archive cannot be understood ({error}).", where=str(archive)) from error
    material_id = archive.name.removesuffix(".tar.xz")
    return PhononDBEntry(material_id, unit_cell, supercell_matrix, primitive_matrix, displacements)


def _archives(data_dir: Path | None) -> Path:
    if data_dir is None:
        raise ReferenceDataError(
            "The folder with the reference data is not set.",
            advice=(
                f"Set SOFTDASH_DATA_DIR to a folder with phonons/phonondb/*.tar.xz from {PHONONDB.path}, or give one "
                "archive with --reference."
            ),
        )
    return data_dir / "phonons" / "phonondb"


def parse_configuration(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return supercell and primitive matrix of a ``phonopy.conf``.

    Without ``PRIMITIVE_AXIS`` the primitive cell is the unit cell.

    Raises
    ------
    ValueError
        If DIM is missing or a matrix has not 3 or 9 numbers.
    """
    values = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip().upper()] = value.split()
    if "DIM" not in values:
        raise ValueError(f"{_CONFIGURATION} has no DIM")
    axes = values.get("PRIMITIVE_AXES", values.get("PRIMITIVE_AXIS", ["1", "1", "1"]))
    supercell = _matrix(int(number) for number in values["DIM"])
    return supercell.round().astype(np.int64), _matrix(float(Fraction(number)) for number in axes)


def _matrix(numbers: Iterable[float]) -> NDArray[np.float64]:
    array = np.array(list(numbers), dtype=np.float64)
    if array.size == 3:
        return np.diag(array)
    if array.size != 9:
        raise ValueError(f"a matrix in {_CONFIGURATION} has {array.size} numbers, not 3 or 9")
    return array.reshape(3, 3)


def _read_members(archive: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    try:
        # Read as a stream: nothing is unpacked to disk, and no name inside the archive becomes a path.
        with tarfile.open(archive, mode="r|xz") as members:
            for count, member in enumerate(members):
                if member.size > _MEMBER_BYTES_MAX or count >= _MEMBERS_MAX:
                    raise ReferenceDataError("The PhononDB archive is too large.", where=f"{archive}: {member.name}")
                name = PurePosixPath(member.name).name
                file = members.extractfile(member) if member.isfile() and name in _WANTED else None
                if file is not None:
                    texts[name] = file.read().decode("utf-8")
    except (tarfile.TarError, lzma.LZMAError, EOFError, OSError, UnicodeDecodeError) as error:
        raise ReferenceDataError(f"The PhononDB archive cannot be read ({error}).", where=str(archive)) from error
    missing = [name for name in _WANTED if name not in texts]
    if missing:
        raise ReferenceDataError(f"The PhononDB archive lacks {', '.join(missing)}.", where=str(archive))
    return texts
