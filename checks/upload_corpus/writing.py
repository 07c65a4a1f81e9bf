"""Writing what a user would upload: CIFs, tables of forces, blocks of program output. Text in, text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ase.units
import numpy as np
from ase import Atoms
from ase.geometry import cell_to_cellpar, cellpar_to_cell
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BOHR = ase.units.Bohr
HARTREE = ase.units.Hartree
RYDBERG = ase.units.Rydberg
MOLE = ase.units.mol


def cif(atoms: Atoms, *, decimals: int = 8, labels: Sequence[str] | None = None, name: str = "upload") -> str:
    """Return a CIF in P1: lengths and angles, so that the orientation of the cell is lost, as in every CIF."""
    lengths = cell_to_cellpar(atoms.cell.array)
    keys = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines = [f"data_{name}", *(f"_cell_{key} {value:.8f}" for key, value in zip(keys, lengths, strict=True))]
    lines += ["_symmetry_space_group_name_H-M 'P 1'", "loop_", "_atom_site_label", "_atom_site_type_symbol"]
    lines += [f"_atom_site_fract_{axis}" for axis in "xyz"]
    for label, symbol, place in zip(labels or site_labels(atoms), atoms.symbols, _fractional(atoms), strict=True):
        lines.append(f"{label} {symbol} " + " ".join(f"{value:.{decimals}f}" for value in place))
    return "\n".join(lines) + "\n"


def _fractional(atoms: Atoms) -> Floats:
    return np.asarray(atoms.get_scaled_positions(wrap=True), dtype=np.float64)


def site_labels(atoms: Atoms) -> list[str]:
    """Return labels as programs give them: each element counted from 1."""
    seen: dict[str, int] = {}
    labels = []
    for symbol in atoms.symbols:
        seen[symbol] = seen.get(symbol, 0) + 1
        labels.append(f"{symbol}{seen[symbol]}")
    return labels


def rows(columns: Sequence[Sequence[object] | Floats], *, decimals: int = 8, between: str = ",") -> str:
    """Return a table without header from columns of words, whole numbers, numbers (N) or vectors (N × 3)."""
    lines = []
    for place in range(len(columns[0])):
        cells: list[str] = []
        for column in columns:
            entry = column[place]
            values = list(np.atleast_1d(np.asarray(entry))) if isinstance(entry, np.ndarray) else [entry]
            cells += [f"{value:.{decimals}f}" if isinstance(value, float) else str(value) for value in values]
        lines.append(between.join(cells))
    return "\n".join(lines) + "\n"


def to_setting(atoms: Atoms, setting: str) -> Floats:
    """Return the rotation R that lays the cell as `setting` does: a vector v becomes ``v @ R.T``."""
    parameters = cell_to_cellpar(atoms.cell.array)
    if setting == "ase":
        wanted = cellpar_to_cell(parameters)
    else:
        from pymatgen.core import Lattice

        wanted = Lattice.from_parameters(*parameters).matrix
    return np.asarray(np.linalg.solve(atoms.cell.array, wanted).T, dtype=np.float64)


def outcar(atoms: Atoms, forces: Floats) -> str:
    """Return the block of VASP's OUTCAR with positions and forces."""
    line = " " + "-" * 83
    body = [
        " " + "".join(f"{value:13.5f}" for value in place) + "    " + "".join(f"{value:14.6f}" for value in force)
        for place, force in zip(atoms.positions, forces, strict=True)
    ]
    drift = "    total drift:" + "".join(f"{value:14.6f}" for value in forces.sum(axis=0))
    title = " POSITION                                       TOTAL-FORCE (eV/Angst)"
    return "\n".join([title, line, *body, line, drift]) + "\n"


def quantum_espresso(atoms: Atoms, forces: Floats) -> str:
    """Return the block of ``pw.x``."""
    kinds = list(dict.fromkeys(atoms.symbols))
    body = [
        f"     atom {place:4d} type {kinds.index(symbol) + 1:2d}   force = "
        + "".join(f"{value:14.8f}" for value in force * BOHR / RYDBERG)
        for place, (symbol, force) in enumerate(zip(atoms.symbols, forces, strict=True), 1)
    ]
    total = "     Total force =     0.312345     Total SCF correction =     0.000012"
    return "\n".join(["     Forces acting on atoms (cartesian axes, Ry/au):", "", *body, "", total]) + "\n"


def fhi_aims(atoms: Atoms, forces: Floats) -> str:  # noqa: ARG001 - all writers are called alike
    """Return the block of FHI-aims."""
    body = [f"  |{place:5d} " + " ".join(f"{value: .15E}" for value in force) for place, force in enumerate(forces, 1)]
    title = "  Total atomic forces (unitary forces cleaned) [eV/Ang]:"
    return "\n".join([title, *body]) + "\n"


def castep(atoms: Atoms, forces: Floats) -> str:
    """Return the block of CASTEP."""
    star = " " + "*" * 61
    body = [
        f" * {symbol:>5s}  {place:7d} " + "".join(f"{value:15.5f}" for value in force) + " *"
        for symbol, place, force in zip(atoms.symbols, _numbers_by_element(atoms), forces, strict=True)
    ]
    head = [
        " ************************** Forces **************************",
        " *               Cartesian components (eV/A)                *",
        " * ---------------------------------------------------------- *",
        " *                         x            y            z        *",
    ]
    return "\n".join([*head, *body, star]) + "\n"


def _numbers_by_element(atoms: Atoms) -> list[int]:
    return [int(label.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) for label in site_labels(atoms)]


def cp2k(atoms: Atoms, forces: Floats) -> str:
    """Return the block of CP2K."""
    kinds = list(dict.fromkeys(atoms.symbols))
    body = [
        f" {place:6d} {kinds.index(symbol) + 1:6d}      {symbol:<4s}"
        + "".join(f"{value:16.8f}" for value in force * BOHR / HARTREE)
        for place, (symbol, force) in enumerate(zip(atoms.symbols, forces, strict=True), 1)
    ]
    total = forces.sum(axis=0) * BOHR / HARTREE
    end = " SUM OF ATOMIC FORCES   " + "".join(f"{value:16.8f}" for value in total) + f"{np.linalg.norm(total):16.8f}"
    head = [" ATOMIC FORCES in [a.u.]", "", " # Atom   Kind   Element          X              Y              Z"]
    return "\n".join([*head, *body, end]) + "\n"


def gpaw(atoms: Atoms, forces: Floats) -> str:
    """Return the block of GPAW."""
    body = [
        f"{place:3d} {symbol:<2s} " + "".join(f"{value:12.5f}" for value in force)
        for place, (symbol, force) in enumerate(zip(atoms.symbols, forces, strict=True))
    ]
    return "\n".join(["Forces in eV/Ang:", *body]) + "\n"


def siesta(atoms: Atoms, forces: Floats) -> str:  # noqa: ARG001 - all writers are called alike
    """Return the block of SIESTA."""
    body = [f"{place:6d}" + "".join(f"{value:14.6f}" for value in force) for place, force in enumerate(forces, 1)]
    line = "-" * 44
    total = "   Tot" + "".join(f"{value:14.6f}" for value in forces.sum(axis=0))
    return "\n".join(["siesta: Atomic forces (eV/Ang):", *body, line, total]) + "\n"


def abinit(atoms: Atoms, forces: Floats) -> str:  # noqa: ARG001 - all writers are called alike
    """Return the block of ABINIT."""
    body = [
        f"{place:5d}  " + "".join(f"{value:22.14f}" for value in force * BOHR / HARTREE)
        for place, force in enumerate(forces, 1)
    ]
    end = " frms,max,avg= 4.6142000E-02 8.5123000E-02   0.000E+00  0.000E+00  0.000E+00 h/b"
    return "\n".join([" cartesian forces (hartree/bohr) at end:", *body, end]) + "\n"


PROGRAM_BLOCKS: dict[str, Callable[[Atoms, Floats], str]] = {
    "VASP": outcar,
    "Quantum ESPRESSO": quantum_espresso,
    "FHI-aims": fhi_aims,
    "CASTEP": castep,
    "CP2K": cp2k,
    "GPAW": gpaw,
    "SIESTA": siesta,
    "ABINIT": abinit,
}
"""Writers of a program's block of forces."""
