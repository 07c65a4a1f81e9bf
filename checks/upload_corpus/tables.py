"""Kinds of upload that differ in the table of forces: units, sign, columns, text, blocks of program output."""

from __future__ import annotations

import io
from collections.abc import Iterator

import ase.units
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from upload_corpus.cases import Variant, kind
from upload_corpus.materials import Material
from upload_corpus.writing import BOHR, HARTREE, MOLE, PROGRAM_BLOCKS, RYDBERG, cif, rows

Floats = NDArray[np.float64]

_KCAL, _KJ = ase.units.kcal / MOLE, ase.units.kJ / MOLE

# Spelling, and eV/Å of one unit.
_SPELLINGS: tuple[tuple[str, float], ...] = (
    ("eV/Å", 1.0),
    ("eV Å⁻¹", 1.0),
    ("eV/Angstrom", 1.0),
    ("meV/Å", 1e-3),
    ("eV/nm", 0.1),
    ("eV/bohr", 1 / BOHR),
    ("Ry/bohr", RYDBERG / BOHR),
    ("Ry/au", RYDBERG / BOHR),
    ("mRy/a0", RYDBERG / BOHR / 1000),
    ("Ha/bohr", HARTREE / BOHR),
    ("Hartree per Bohr", HARTREE / BOHR),
    ("E_h/a_0", HARTREE / BOHR),
    ("Ha/Å", HARTREE),
    ("mHa/bohr", HARTREE / BOHR / 1000),
    ("kcal/mol/Å", _KCAL),
    ("kcal mol-1 A-1", _KCAL),
    ("kcal/(mol Å)", _KCAL),
    ("kJ/mol/Å", _KJ),
    ("kJ/mol/nm", _KJ / 10),
    ("nN", ase.units.J / ase.units.m * 1e-9),
)
_SILENT: tuple[tuple[str, float], ...] = (
    ("Ha/bohr", HARTREE / BOHR),
    ("Ry/bohr", RYDBERG / BOHR),
    ("eV/nm", 0.1),
    ("kcal/mol/Å", _KCAL),
    ("kJ/mol/Å", _KJ),
    ("Ha/bohr, converted twice", BOHR / HARTREE),
)
# The slopes that these give are those of some benchmark materials: no test can tell.
_SILENT_AND_SMALL: tuple[tuple[str, float], ...] = (("eV/bohr", 1 / BOHR), ("Ry/bohr taken for Ha/bohr", 0.5))
_NOT_UNDERSTOOD = ("eV/furlong", "lbf", "foo/Å")


def _pair(material: Material, table: str | bytes, name: str = "forces.csv") -> dict[str, str | bytes]:
    return {"structure.cif": cif(material.upright.atoms), name: table}


@kind("plain columns, eV/Å")
def plain(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Write forces as they should be."""
    forces, symbols = material.upright.forces, list(material.upright.atoms.symbols)
    truth = material.truth()
    yield "without header", _pair(material, rows([forces])), truth
    yield "with header", _pair(material, "fx,fy,fz\n" + rows([forces])), truth
    yield "with elements", _pair(material, "element,fx,fy,fz\n" + rows([symbols, forces])), truth


@kind("unit stated in the header")
def unit_in_header(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Every spelling, in brackets behind the names."""
    for text, factor in _SPELLINGS:
        header = ",".join(f"F{axis} ({text})" for axis in "xyz")
        yield text, _pair(material, f"{header}\n" + rows([material.upright.forces / factor])), material.truth()


@kind("unit stated elsewhere")
def unit_elsewhere(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """In a comment, a row under the header, the name of the file, or glued to the names."""
    atomic = material.upright.forces * BOHR / HARTREE
    truth = material.truth()
    yield "comment", _pair(material, "# forces in Ha/bohr\nfx,fy,fz\n" + rows([atomic])), truth
    yield "unit row", _pair(material, "fx,fy,fz\nHa/bohr,Ha/bohr,Ha/bohr\n" + rows([atomic])), truth
    yield "file name", _pair(material, "fx,fy,fz\n" + rows([atomic]), "forces_Ha_bohr.csv"), truth
    yield "in the names", _pair(material, "fx_Ha/bohr,fy_Ha/bohr,fz_Ha/bohr\n" + rows([atomic])), truth
    yield (
        "end of a header between blanks",
        _pair(material, "# Fx Fy Fz Ha/bohr\n" + rows([atomic], between=" "), "forces.txt"),
        truth,
    )


@kind("unit stated, not understood")
def unit_not_understood(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Name what looks like a unit and is none that softdash knows."""
    for text in _NOT_UNDERSTOOD:
        header = ",".join(f"F{axis} ({text})" for axis in "xyz")
        yield text, _pair(material, f"{header}\n" + rows([material.upright.forces * 1.7])), None


@kind("unit not stated, not eV/Å")
def unit_silent(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Nothing tells the unit but the size of the forces."""
    for text, factor in _SILENT:
        yield text, _pair(material, "fx,fy,fz\n" + rows([material.upright.forces / factor])), material.truth()


@kind("unit not stated, about a factor of two")
def unit_silent_and_small(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Leave a factor that looks like a soft or a stiff potential."""
    for text, factor in _SILENT_AND_SMALL:
        yield text, _pair(material, "fx,fy,fz\n" + rows([material.upright.forces / factor])), material.truth()


@kind("gradients, stated")
def gradients_stated(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Speak of gradients in a header or a comment."""
    gradient = -material.upright.forces
    yield "header", _pair(material, "dE/dx,dE/dy,dE/dz\n" + rows([gradient])), material.truth()
    yield "comment", _pair(material, "# energy gradient (eV/Å)\nx,y,z\n" + rows([gradient])), material.truth()


@kind("gradients, not stated")
def gradients_silent(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Nothing tells the sign, and once not the unit either."""
    yield "eV/Å", _pair(material, "fx,fy,fz\n" + rows([-material.upright.forces])), material.truth()
    atomic = -material.upright.forces * BOHR / HARTREE
    yield "Ha/bohr", _pair(material, "fx,fy,fz\n" + rows([atomic])), material.truth()


@kind("two sets of forces, named")
def two_sets_named(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """DFT beside a model, in both orders."""
    forces, model = material.upright.forces, _as_a_model(material.upright.forces, generator)
    truth = material.truth()
    names = {"dft": ",".join(f"f{axis}_dft" for axis in "xyz"), "mace": ",".join(f"f{axis}_mace" for axis in "xyz")}
    yield "DFT first", _pair(material, f"{names['dft']},{names['mace']}\n" + rows([forces, model])), truth
    yield "model first", _pair(material, f"{names['mace']},{names['dft']}\n" + rows([model, forces])), truth
    yield "model without a name", _pair(material, f"fx,fy,fz,{names['dft']}\n" + rows([model, forces])), truth
    brackets = ",".join(f"F{axis} ({name})" for name in ("CHGNet", "PBE") for axis in "xyz")
    yield "names in brackets", _pair(material, f"{brackets}\n" + rows([model, forces])), truth


@kind("two sets of forces, not named")
def two_sets_unnamed(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Which of them is DFT nobody says."""
    forces, model = material.upright.forces, _as_a_model(material.upright.forces, generator)
    header = "fx_1,fy_1,fz_1,fx_2,fy_2,fz_2"
    yield "numbered", _pair(material, f"{header}\n" + rows([model, forces])), material.truth()


def _as_a_model(forces: Floats, generator: np.random.Generator) -> Floats:
    return 0.6 * forces + generator.normal(scale=0.05, size=forces.shape)


@kind("more columns than forces")
def more_columns(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Norms, elements and numbers, with and without a header."""
    atoms, forces = material.upright.atoms, material.upright.forces
    symbols, truth = list(atoms.symbols), material.truth()
    norms, index = np.linalg.norm(forces, axis=1), list(range(1, len(atoms) + 1))
    yield "norm last", _pair(material, "fx,fy,fz,|F|\n" + rows([forces, norms])), truth
    yield "norm last, no header", _pair(material, rows([forces, norms])), truth
    yield "element last, no header", _pair(material, rows([forces, symbols])), truth
    yield "number last, no header", _pair(material, rows([forces, index])), truth
    yield "pandas, numbered columns", _pair(material, "0,1,2\n" + rows([forces])), truth
    yield "pandas, with its index", _pair(material, ",0,1,2\n" + rows([[i - 1 for i in index], forces])), truth
    yield "positions and forces", _pair(material, "x,y,z,fx,fy,fz\n" + rows([atoms.positions, forces])), truth


@kind("text as programs and spreadsheets leave it")
def text(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Decimal commas, signs, encodings, brackets, counts and totals."""
    forces, truth = material.upright.forces, material.truth()
    table = rows([forces])
    spaced = rows([forces], between=" ")
    yield "decimal commas, semicolons", _pair(material, table.replace(",", ";").replace(".", ",")), truth
    yield "decimal commas, commas", _pair(material, table.replace(".", ",")), truth
    yield "decimal commas, blanks", _pair(material, spaced.replace(".", ","), "forces.txt"), truth
    yield "unicode minus", _pair(material, table.replace("-", "−")), truth
    yield "UTF-16", _pair(material, table.replace(",", "\t").encode("utf-16"), "forces.txt"), truth
    yield "byte order mark, CRLF", _pair(material, ("\ufeff" + table.replace("\n", "\r\n")).encode()), truth
    yield "Fortran exponents", _pair(material, _in_fortran(forces), "forces.txt"), truth
    with np.printoptions(precision=8, suppress=True, threshold=10_000):
        yield "numpy print", _pair(material, f"{forces}\n", "forces.txt"), truth
    yield "count first", _pair(material, f"{len(forces)}\n{spaced}", "forces.txt"), truth
    total = "total," + ",".join(f"{value:.8f}" for value in forces.sum(axis=0))
    labelled = "element,fx,fy,fz\n" + rows([list(material.upright.atoms.symbols), forces])
    yield "sum last", _pair(material, f"{labelled}{total}\n"), truth
    yield "empty rows and columns", _pair(material, table.replace("\n", ",,\n") + ",,,,\n,,,,\n"), truth
    yield (
        "glued negatives",
        _pair(material, "".join(f"{x:12.8f}{y:12.8f}{z:12.8f}\n" for x, y, z in forces), "forces.dat"),
        truth,
    )


def _in_fortran(forces: Floats) -> str:
    return "\n".join(" ".join(f"{value:.10E}".replace("E", "D") for value in row) for row in forces) + "\n"


@kind("spreadsheet")
def spreadsheet(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Fill a sheet of a workbook."""
    header = ["element", "Fx (eV/Å)", "Fy (eV/Å)", "Fz (eV/Å)"]
    state = material.upright
    entries = [[symbol, *force] for symbol, force in zip(state.atoms.symbols, state.forces, strict=True)]
    written = io.BytesIO()
    pd.DataFrame(entries, columns=header).to_excel(written, index=False)
    yield "xlsx", _pair(material, written.getvalue(), "forces.xlsx"), material.truth()


@kind("blocks pasted from program output")
def pasted(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """With the units of the programs."""
    for program, block in PROGRAM_BLOCKS.items():
        yield (
            program,
            _pair(material, block(material.upright.atoms, material.upright.forces), "pasted.txt"),
            material.truth(),
        )


@kind("no forces, or too few or many rows")
def no_forces(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Positions in place of forces, rows missing or padded with zeros, numbers from nowhere."""
    atoms, forces = material.upright.atoms, material.upright.forces
    yield "positions", _pair(material, "x,y,z\n" + rows([atoms.positions])), None
    yield "fractional positions", _pair(material, rows([atoms.get_scaled_positions()])), None
    yield "a row too few", _pair(material, rows([forces[:-1]])), None
    yield "rows of zeros", _pair(material, rows([np.vstack([forces, np.zeros((2, 3))])])), None
    yield "random numbers", _pair(material, rows([generator.normal(size=forces.shape)])), None
