"""One table of forces of six atoms, written in the many ways that people and programs write it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
from ase.units import Bohr, Hartree, Rydberg

SYMBOLS = ("Ti", "Ti", "O", "O", "O", "O")
NUMBERS = (22, 22, 8, 8, 8, 8)
LABELS = ("Ti1", "Ti2", "O1", "O2", "O3", "O4")
FORCES = np.array(
    [
        [-2.10965981, 0.05044427, -0.65373975],
        [0.63477765, -1.20743971, -0.17438921],
        [0.29543202, 1.15252525, -0.61445612],
        [0.18108808, -0.53446905, 0.08116609],
        [0.36747735, 0.19082391, 1.17230875],
        [0.63088471, 0.34811533, 0.18911024],
    ]
)
POSITIONS = np.array(
    [
        [4.84007695, -0.25579845, 0.15542511],
        [2.33245821, 2.12520888, 1.27929899],
        [1.54812733, 0.85652742, 2.86484232],
        [3.02230640, 3.00856094, 2.76095051],
        [0.70175495, 3.12112152, 1.17909229],
        [1.61242113, 0.35232218, 0.07212001],
    ]
)
RY, HA = Rydberg / Bohr, Hartree / Bohr
_FRAME = pd.DataFrame(FORCES, columns=["fx", "fy", "fz"])


def _lines(separator: str, *, header: str = "", before: str = "", after: str = "", factor: float = 1.0) -> str:
    rows = "\n".join(separator.join(f"{value * factor:.8f}" for value in row) for row in FORCES)
    return f"{before}{header}{chr(10) if header else ''}{rows}\n{after}"


def _rows(form: Callable[[int, str], str], header: str = "") -> str:
    """Rows made by `form` of the index and of the three numbers joined by commas."""
    return header + "\n".join(form(i, ",".join(f"{value:.8f}" for value in row)) for i, row in enumerate(FORCES)) + "\n"


def _csv(*columns: object, header: str = "") -> str:
    stacked = list(zip(*columns, strict=True))
    return (
        header
        + "\n".join(",".join(map(_word, np.hstack([np.asarray(c, object) for c in row]))) for row in stacked)
        + "\n"
    )


def _word(value: object) -> str:
    return f"{value:.8f}" if isinstance(value, float) else str(value)


def _commas(text: str) -> str:
    return text.replace(".", ",")


def _printed(frame: pd.DataFrame) -> str:
    with pd.option_context("display.precision", 8, "display.width", 300):
        return f"{frame}\n"


_NORMS = np.linalg.norm(FORCES, axis=1)
_MODEL = FORCES * 0.5
_TWO = pd.concat({"CHGNet": _FRAME * 0.5, "DFT": _FRAME}, axis=1)

TEXTS: dict[str, str] = {
    "commas": _lines(","),
    "commas and blanks": _lines(", "),
    "blanks": _lines("   "),
    "tabs": _lines("\t"),
    "semicolons": _lines(";"),
    "bars": "| fx | fy | fz |\n|---|---|---|\n" + "".join(f"| {' | '.join(f'{v:.8f}' for v in r)} |\n" for r in FORCES),
    "latex": "".join(" & ".join(f"{v:.8f}" for v in r) + " \\\\\n" for r in FORCES),
    "header": _lines(",", header="fx,fy,fz"),
    "capitals": _lines(",", header="FX,FY,FZ"),
    "header of words": _lines(" ", header="Force x Force y Force z"),
    "header in brackets": _lines(" ", header="F(x) F(y) F(z)"),
    "tex": _lines(",", header="$F_x$,$F_y$,$F_z$"),
    "numbers in brackets": _lines(",", header="forces[0],forces[1],forces[2]"),
    "x y z over forces": _lines(" ", header="x y z"),
    "comment header": _lines(" ", header="# fx fy fz"),
    "comment header with commas": _lines(" ", header="# columns: fx, fy, fz"),
    "comments": _lines(" ", before="# my forces of 3 runs\n\n", after="# end\n"),
    "slashes": _lines(",", before="// forces\n"),
    "blank lines": _lines(" ").replace("\n", "\n\n"),
    "carriage returns": _lines(",", header="fx,fy,fz").replace("\n", "\r\n"),
    "old Mac": _lines(",").replace("\n", "\r"),
    "sep line": "sep=;\n" + _commas(_lines(";", header="fx;fy;fz")),
    "decimal commas, semicolons": _commas(_lines(";")),
    "decimal commas, tabs": _commas(_lines("\t", header="fx\tfy\tfz")),
    "decimal commas, blanks": _commas(_lines("  ")),
    "decimal commas, commas": _lines(",").replace(".", ","),
    "decimal commas, commas and blanks": _lines(", ").replace(".", ","),
    "decimal commas, quotes": "".join(",".join(f'"{v:.8f}"' for v in r) + "\n" for r in FORCES).replace(".", ","),
    "minus signs": _lines(",").replace("-", "−"),
    "no-break blanks": _lines("\u00a0\u2009"),
    "fortran": "".join(" ".join(f"{v:.8e}".replace("e", "D") for v in r) + "\n" for r in FORCES),
    "glued": "".join("".join(f"{v:11.8f}" for v in r) + "\n" for r in FORCES),
    "trailing commas": _lines(",").replace("\n", ",\n"),
    "empty columns": "fx,fy,fz,,\n" + _lines(",").replace("\n", ",,\n") + ",,,,\n,,,,\n",
    "empty first column": "".join(f",{line}\n" for line in _lines(",").split()),
    "count": "6\n" + _lines(" "),
    "xyz": "6\nforces of a step\n" + _rows(lambda i, f: f"{SYMBOLS[i]} {f.replace(',', ' ')}"),
    "total": _lines(" ", after="-----\n total drift   0.00000000 0.00000000 0.00000000\n"),
    "sum": _rows(lambda i, f: f"{SYMBOLS[i]},{f}", "el,fx,fy,fz\n") + "Sum,0.1,0.2,0.3\n",
    "norms": _csv(FORCES, _NORMS),
    "norms first": _csv(_NORMS, FORCES),
    "named norms": _csv(FORCES, _NORMS, header="fx,fy,fz,|F|\n"),
    "element and norms": _csv(SYMBOLS, FORCES, _NORMS, header="atom,Fx,Fy,Fz,Ftot\n"),
    "element last": _csv(FORCES, SYMBOLS),
    "number last": _csv(FORCES, range(1, 7)),
    "number, element": _csv(range(6), SYMBOLS, FORCES),
    "element, number": _csv(SYMBOLS, range(1, 7), FORCES),
    "element, number in it": _csv(SYMBOLS, [1, 2, 1, 2, 3, 4], FORCES),
    "charges": _csv(["Ti4+", "Ti4+", "O2-", "O2-", "O2-", "O2-"], FORCES),
    "potcars": _csv(["Ti_pv", "Ti_pv", "O_s", "O_s", "O_s", "O_s"], FORCES),
    "atomic numbers": _csv(NUMBERS, FORCES),
    "atomic numbers named": _csv(FORCES, NUMBERS, header="fx,fy,fz,Z\n"),
    "types": _csv([1, 1, 2, 2, 2, 2], FORCES),
    "upper case": _csv(["TI", "TI", "O", "O", "O", "O"], FORCES),
    "labels": _csv(LABELS, FORCES),
    "numbered elements": _csv([f"{i + 1}-{s}" for i, s in enumerate(SYMBOLS)], FORCES),
    "atom words": _csv([f"atom{i}" for i in range(1, 7)], FORCES),
    "inline comments": "".join(
        f"{line} # {s}\n" for line, s in zip(_lines(" ").strip().split("\n"), SYMBOLS, strict=True)
    ),
    "other order of columns": _csv(FORCES[:, ::-1], header="fz,fy,fx\n"),
    "energy between": _csv(FORCES[:, 0], [-3.5] * 6, FORCES[:, 1:], header="fx,energy,fy,fz\n"),
    "velocities": _csv(POSITIONS, FORCES, header="vx,vy,vz,fx,fy,fz\n"),
    "pandas": _FRAME.to_csv(),
    "pandas, numbers": pd.DataFrame(FORCES).to_csv(),
    "pandas, numbers, no index": pd.DataFrame(FORCES).to_csv(index=False),
    "pandas, printed": _printed(pd.DataFrame(FORCES)),
    "pandas, names, printed": _printed(_FRAME),
    "pandas, two sets": _TWO.to_csv(),
    "pandas, two sets, named index": _TWO.rename_axis("atom").to_csv(),
    "merged cells": "CHGNet,,,DFT,,\nfx,fy,fz,fx,fy,fz\n" + _csv(_MODEL, FORCES),
    "R": '"fx" "fy" "fz"\n' + "".join(f'"{i}" {line}\n' for i, line in enumerate(_lines(" ").strip().split("\n"), 1)),
    "two sets": _csv(_MODEL, FORCES, header="fx,fy,fz,fx_dft,fy_dft,fz_dft\n"),
    "two sets, unnamed reference": _csv(_MODEL, FORCES, header="fx_mace,fy_mace,fz_mace,fx,fy,fz\n"),
    "two sets, brackets": _csv(
        _MODEL, FORCES, header=",".join(f"F{a} ({n})" for n in ("ML", "VASP") for a in "xyz") + "\n"
    ),
    "two sets, interleaved": _csv(
        *[column for axis in range(3) for column in (FORCES[:, axis], _MODEL[:, axis])],
        header="fx_true,fx_pred,fy_true,fy_pred,fz_true,fz_pred\n",
    ),
    "sets without f": _csv(_MODEL, FORCES, header="CHGNet x,CHGNet y,CHGNet z,PBE x,PBE y,PBE z\n"),
    "numpy": f"{FORCES}\n".replace("...", ""),
    "numpy, repr": np.array_repr(FORCES, precision=8) + "\n",
    "list": f"forces = {FORCES.tolist()}\n",
    "lists in lines": "".join(f"[{', '.join(f'{v:.8f}' for v in r)}],\n" for r in FORCES),
    "tuples": "".join(f"{s} ({', '.join(f'{v:.8f}' for v in r)})\n" for s, r in zip(SYMBOLS, FORCES, strict=True)),
    "braces": "{" + ",\n".join("{" + ", ".join(f"{v:.8f}" for v in r) + "}" for r in FORCES) + "}",
    "matlab": "F = [" + "; ".join(" ".join(f"{v:.8f}" for v in r) for r in FORCES) + "];\n",
    "matlab, lines": "F = [\n" + _lines(" ") + "];\n",
    "python, elements": str([[s, *r] for s, r in zip(SYMBOLS, FORCES.tolist(), strict=True)]),
    "axes down": "".join(
        f"f{a} " + " ".join(f"{v:.8f}" for v in c) + "\n" for a, c in zip("xyz", FORCES.T, strict=True)
    ),
    "columns of atoms": "Ti,Ti,O,O,O,O\n" + _csv(FORCES.T),
    "one column": "".join(f"{v:.8f}\n" for v in FORCES.ravel()),
    "one row": ",".join(f"{v:.8f}" for v in FORCES.ravel()) + "\n",
    "one wrapped row": str(FORCES.ravel()) + "\n",
}
"""Tables in eV/Å whose forces are `FORCES` in their order."""


def _unit(heading: str, factor: float) -> str:
    return _lines(",", header=",".join(heading.replace("?", axis) for axis in "xyz"), factor=1 / factor)


WITH_UNITS: dict[str, tuple[str, float]] = {
    "brackets": (_unit("F? (Ha/bohr)", HA), HA),
    "square brackets": (_unit("f_? [Ry/au]", RY), RY),
    "glued": (_unit("f?_Ha_bohr", HA), HA),
    "glued with a set": (_unit("f?_dft_Ry/bohr", RY), RY),
    "slash": (_unit("F?/Ha bohr^-1", HA), HA),
    "in": (_unit("Force_? in meV/Å", 1e-3), 1e-3),
    "nanonewton": (_unit("F? (nN)", 0.6241509125883258), 0.6241509125883258),
    "label and unit": (_unit("F? (DFT; Ha/bohr)", HA), HA),
    "trailing": (_lines(" ", header="Fx Fy Fz [Ha/bohr]", factor=1 / HA), HA),
    "trailing words": (_lines(" ", header="# Fx Fy Fz Ry/bohr", factor=1 / RY), RY),
    "each with blanks": (_lines("  ", header="Fx (Ha / bohr)  Fy (Ha / bohr)  Fz (Ha / bohr)", factor=1 / HA), HA),
    "row of units": (_lines(",", header="fx,fy,fz\nHa/bohr,Ha/bohr,Ha/bohr", factor=1 / HA), HA),
    "row of units in brackets": (_lines("\t", header="fx\tfy\tfz\n(Ry/au)\t(Ry/au)\t(Ry/au)", factor=1 / RY), RY),
    "comment": (_lines(",", before="# forces in Hartree/Bohr\n", factor=1 / HA), HA),
    "comment at the end": (_lines(" ", after="# units: Ry/bohr\n", factor=1 / RY), RY),
    "title": (_lines(" ", before="Forces (Ha/bohr) of TiO2\n", factor=1 / HA), HA),
    "xyz comment": ("6\nforces in Ha/bohr\n" + _lines(" ", factor=1 / HA), HA),
    "beside positions": (
        _csv(
            POSITIONS / Bohr, FORCES / HA, header="x (bohr),y (bohr),z (bohr),fx (Ha/bohr),fy (Ha/bohr),fz (Ha/bohr)\n"
        ),
        HA,
    ),
}
"""Tables with the unit that they state, and its factor."""


def _with_positions(factor: float, length: float) -> str:
    return "".join(
        " ".join(f"{v:14.8f}" for v in (*(p / length), *(f / factor))) + "\n"
        for p, f in zip(POSITIONS, FORCES, strict=True)
    )


def _numbered(form: str, factor: float = 1.0, sign: float = 1.0) -> str:
    return "".join(
        form.format(
            n=i + 1,
            i=i,
            el=SYMBOLS[i],
            z=NUMBERS[i],
            t=1 + (i > 1),
            m=(i + 1 if i < 2 else i - 1),
            f="".join(f"{sign * value / factor:16.9f}" for value in row),
        )
        + "\n"
        for i, row in enumerate(FORCES)
    )


BLOCKS: dict[str, tuple[str, float]] = {
    "VASP": (
        " POSITION                                       TOTAL-FORCE (eV/Angst)\n "
        + "-" * 80
        + "\n"
        + _with_positions(1.0, 1.0)
        + " "
        + "-" * 80
        + "\n    total drift:    0.000001   0.000002   0.000003\n",
        1.0,
    ),
    "Quantum ESPRESSO": (
        "     Forces acting on atoms (cartesian axes, Ry/au):\n\n"
        + _numbered("     atom {n:4d} type {t:2d}   force = {f}", RY)
        + "     The non-local contrib.  to forces\n"
        + _numbered("     atom {n:4d} type {t:2d}   force = {f}", 5 * RY)
        + "\n     Total force =     0.1     Total SCF correction =     0.000001\n",
        RY,
    ),
    "Quantum ESPRESSO, rows": (_numbered("     atom {n:4d} type {t:2d}   force = {f}", RY), RY),
    "FHI-aims": ("  Total atomic forces (unitary forces cleaned) [eV/Ang]:\n" + _numbered("  | {n:4d} {f}"), 1.0),
    "FHI-aims, rows": (_numbered("  | {n:4d} {f}"), 1.0),
    "CASTEP": (
        " ************************** Forces **************************\n *   *\n"
        " * Cartesian components (eV/A)  *\n * ---- *\n"
        " *              x        y       z      *\n *   *\n"
        + _numbered(" * {el:2s} {m:4d} {f} *")
        + " *   *\n ******\n",
        1.0,
    ),
    "CASTEP, rows": (_numbered(" * {el:2s} {n:4d} {f} *"), 1.0),
    "CP2K": (
        " ATOMIC FORCES in [a.u.]\n\n # Atom   Kind   Element          X              Y              Z\n"
        + _numbered(" {n:5d} {t:5d} {el:>8s} {f}", HA)
        + " SUM OF ATOMIC FORCES    0.0  0.0  0.0  0.0\n",
        HA,
    ),
    "CP2K, new": (
        " FORCES| Atomic forces [hartree/bohr]\n FORCES| Atom     x     y     z     |f|\n"
        + _numbered(" FORCES| {n:5d} {f} 1.0E+00", HA)
        + " FORCES| Sum  0.0 0.0 0.0 0.0\n",
        HA,
    ),
    "GPAW": ("Forces in eV/Ang:\n" + _numbered(" {i:3d} {el:2s} {f}"), 1.0),
    "ABINIT": (
        " cartesian forces (hartree/bohr) at end:\n"
        + _numbered(" {n:5d} {f}", HA)
        + " frms,max,avg= 3.2E-02 8.1E-02   0.000E+00  0.000E+00  0.000E+00 h/b\n\n"
        + " cartesian forces (eV/Angstrom) at end:\n"
        + _numbered(" {n:5d} {f}"),
        1.0,
    ),
    "SIESTA": (
        "siesta: Atomic forces (eV/Ang):\n"
        + _numbered(" {n:5d} {f}")
        + "----------\n   Tot    0.000000    0.000000    0.000000\n",
        1.0,
    ),
    "ORCA": (
        "------------------\nCARTESIAN GRADIENT\n------------------\n\n"
        + _numbered(" {n:3d}   {el:2s}   : {f}", HA, -1.0)
        + "\nDifference to translation invariance:\n",
        -HA,
    ),
    "Gaussian": (
        " Center     Atomic                   Forces (Hartrees/Bohr)\n"
        " Number     Number              X              Y             Z\n"
        " -----------------\n"
        + _numbered(" {n:6d} {z:8d} {f}", HA)
        + " -----------------\n Cartesian Forces:  Max     0.1 RMS     0.05\n",
        HA,
    ),
    "Turbomole": (
        "$grad          cartesian gradients\n  cycle =      1    SCF energy =     -76.34   |dE/dxyz| =  0.001\n"
        + "".join(
            f"  {' '.join(f'{v:18.10f}' for v in p / Bohr)}  {s.lower()}\n"
            for s, p in zip(SYMBOLS, POSITIONS, strict=True)
        )
        + "".join(" ".join(f"{-v / HA:22.13e}".replace("e", "D") for v in f) + "\n" for f in FORCES)
        + "$end\n",
        -HA,
    ),
}
"""What programs print, and the factor that makes forces in eV/Å of it."""

JSONS: dict[str, object] = {
    "list": FORCES.tolist(),
    "object": {"forces": FORCES.tolist(), "symbols": SYMBOLS},
    "two sets": {"chgnet_forces": _MODEL.tolist(), "dft_forces": FORCES.tolist()},
    "pandas": json.loads(_FRAME.to_json()),
    "pandas, split": json.loads(_FRAME.to_json(orient="split")),
    "pandas, records": json.loads(_FRAME.assign(element=SYMBOLS).to_json(orient="records")),
    "pandas, table": json.loads(_FRAME.to_json(orient="table")),
    "columns": {
        "fx": FORCES[:, 0].tolist(),
        "fy": FORCES[:, 1].tolist(),
        "fz": FORCES[:, 2].tolist(),
        "el": list(SYMBOLS),
    },
}


def workbook(rows: list[list[object]], other: list[list[object]] | None = None) -> bytes:
    """Return an Excel workbook with one sheet of rows, and perhaps another one before it."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    if other is not None:
        for row in other:
            sheet.append(row)
        sheet = book.create_sheet("forces")
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
