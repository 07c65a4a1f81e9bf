"""CIFs written by the tests, from softdash's own DFT states."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms

from softdash.settings import Settings
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.cif.file import read, read_all
from softdash.structures.readers.decompression import SourceFile

REFERENCES = Path(__file__).resolve().parents[2] / "precomputed" / "references" / "gpaw_pbe"
COLUMNS = ("_atom_site_label", "_atom_site_type_symbol", *(f"_atom_site_fract_{axis}" for axis in "xyz"))


def state(name: str, frame: int = 0) -> Atoms:
    """A state of softdash's own DFT, its forces in `arrays["dft"]`."""
    atoms = ase.io.read(REFERENCES / f"{name}.extxyz", frame)
    forces = atoms.get_forces()
    bare = Atoms(numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell.array, pbc=True)
    bare.arrays["dft"] = np.round(forces, 8)
    return bare


def head(atoms: Atoms, name: str = "test") -> str:
    values = atoms.cell.cellpar()
    tags = [f"_cell_length_{axis}" for axis in "abc"] + [f"_cell_angle_{one}" for one in ("alpha", "beta", "gamma")]
    return f"data_{name}\n" + "".join(f"{tag} {value:.10f}\n" for tag, value in zip(tags, values, strict=True))


def rows(
    atoms: Atoms,
    *,
    decimals: int = 10,
    labels: Sequence[str] | None = None,
    types: Sequence[str] | None = None,
    more: Sequence[str] | None = None,
    tag: str | None = None,
) -> str:
    """The list of sites; `more` is a further column called `tag`."""
    labels = labels or [f"{symbol}{index}" for index, symbol in enumerate(atoms.symbols, start=1)]
    types = types or list(atoms.symbols)
    columns = [*COLUMNS, *([tag] if tag else [])]
    text = "loop_\n" + "".join(f"{column}\n" for column in columns)
    for index, place in enumerate(atoms.get_scaled_positions(wrap=False)):
        words = [labels[index], types[index], *(f"{x:.{decimals}f}" for x in place), *([more[index]] if more else [])]
        text += " ".join(words) + "\n"
    return text


def operations(*texts: str) -> str:
    return "loop_\n_symmetry_equiv_pos_as_xyz\n" + "".join(f"'{text}'\n" for text in texts)


def cif(atoms: Atoms, name: str = "test", symmetry: str | None = None, **columns: object) -> str:
    """A CIF of one block; in P 1 unless `symmetry` gives other lines."""
    lines = "_symmetry_space_group_name_H-M 'P 1'\n" + operations("x, y, z") if symmetry is None else symmetry
    return head(atoms, name) + lines + rows(atoms, **columns)  # type: ignore[arg-type]


def source_of(path: Path, text: str) -> SourceFile:
    path.write_text(text, encoding="utf-8")
    return SourceFile(path, "a.cif", 10**8)


def read_cif(tmp_path: Path, text: str, **options: object) -> BareStructure:
    settings = Settings()
    return read(source_of(tmp_path / "a", text), settings, FrameBudget(settings), ReadOptions(**options))


def read_blocks(tmp_path: Path, text: str, **options: object) -> list[BareStructure]:
    settings = Settings()
    return read_all(source_of(tmp_path / "a", text), settings, FrameBudget(settings), ReadOptions(**options))
