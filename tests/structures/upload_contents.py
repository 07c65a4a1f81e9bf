"""Contents of uploads, made in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.frames.labelled_frame import LabelledFrames

Case = tuple[Atoms, NDArray]
Files = dict[str, str | bytes]
Reader = Callable[..., LabelledFrames]


def poscar(atoms: Atoms) -> str:
    symbols = list(dict.fromkeys(atoms.get_chemical_symbols()))
    assert atoms.get_chemical_symbols() == sorted(atoms.get_chemical_symbols(), key=symbols.index)
    counts = [atoms.get_chemical_symbols().count(symbol) for symbol in symbols]
    rows = [" ".join(f"{x:.10f}" for x in row) for row in (*atoms.cell.array, *atoms.get_scaled_positions(False))]
    head = f"x\n1.0\n{chr(10).join(rows[:3])}\n{' '.join(symbols)}\n{' '.join(map(str, counts))}\nDirect\n"
    return head + "\n".join(rows[3:]) + "\n"


def table(columns: str, *parts: object) -> str:
    rows = zip(*parts, strict=True)
    flat = [[str(x) for part in row for x in (part if isinstance(part, list) else [part])] for row in rows]
    return columns + "\n" + "".join(",".join(row) + "\n" for row in flat)


def positions_table(atoms: Atoms, forces: NDArray, *, elements: bool = True) -> str:
    moved = (atoms.positions + atoms.cell.array[0] - 2 * atoms.cell.array[2]).tolist()
    if elements:
        return table("element,x,y,z,fx,fy,fz", list(atoms.symbols), moved, forces.tolist())
    return table("x,y,z,fx,fy,fz", moved, forces.tolist())


def extxyz(frames: int, atoms: int = 2) -> str:
    head = 'Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3:forces:R:3'
    text = ""
    for frame in range(frames):
        rows = "".join(f"Na {2 * atom}.0 0.01 {frame / 1000:.3f} 0.{frame:04d} 0.2 0.3\n" for atom in range(atoms))
        text += f"{atoms}\n{head}\n{rows}"
    return text


def packed(files: Files, **attributes: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = attributes.get("external_attr", 0)
            archive.writestr(entry, content)
    return buffer.getvalue()
