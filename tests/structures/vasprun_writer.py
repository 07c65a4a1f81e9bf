"""Writes small vasprun.xml files with the elements, order and digits of VASP 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from ase.units import GPa
from numpy.typing import NDArray


@dataclass
class VaspRun:
    """One run to write; `steps` are (atoms, forces in eV/Å, energy in eV, stress in eV/Å³ with ASE's sign)."""

    steps: Sequence[tuple[Atoms, NDArray, float, NDArray]]
    tags: dict[str, str] = field(default_factory=lambda: {"GGA": "PE"})
    electronic_steps: Sequence[int] | int = 3
    electronic_steps_max: int = 60
    selective: NDArray | None = None
    titles: dict[str, str] = field(default_factory=dict)
    eigenvalue_rows: int = 4
    version: str = "6.4.2"

    def text(self) -> str:
        first = self.steps[0][0]
        selective = ""
        if self.selective is not None:
            rows = "\n".join(
                "   <v>  " + "  ".join("T" if flag else "F" for flag in row) + " </v>" for row in self.selective
            )
            selective = f'  <varray name="selective" type="logical" >\n{rows}\n  </varray>\n'
        calculations = "".join(self._calculation(index) for index in range(len(self.steps)))
        return (
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n<modeling>\n'
            ' <generator>\n  <i name="program" type="string">vasp </i>\n'
            f'  <i name="version" type="string">{self.version}  </i>\n'
            '  <i name="subversion" type="string">20Jul23 (build) complex parallel </i>\n </generator>\n'
            f" <incar>\n{self._tags(self.tags)} </incar>\n"
            ' <kpoints>\n  <generation param="Gamma">\n   <v type="int" name="divisions">  1  1  1 </v>\n'
            '  </generation>\n  <varray name="kpointlist" >\n   <v>       0.0       0.0       0.0 </v>\n  </varray>\n'
            '  <varray name="weights" >\n   <v>       1.0 </v>\n  </varray>\n </kpoints>\n'
            ' <parameters>\n  <separator name="electronic" >\n'
            f'   <i type="int" name="NELM">{self.electronic_steps_max:6d}</i>\n'
            '   <i type="int" name="ISPIN">     1</i>\n   <i name="PSTRESS">'
            f"{float(self.tags.get('PSTRESS', 0)):16.8f}</i>\n  </separator>\n"
            f'  <separator name="electronic exchange-correlation" >\n{self._tags(self._parameters())}  </separator>\n'
            f" </parameters>\n{self._atominfo(first)}"
            f' <structure name="initialpos" >\n{_structure(first)}{selective} </structure>\n'
            f"{calculations}"
            f' <structure name="finalpos" >\n{_structure(self.steps[-1][0])} </structure>\n</modeling>\n'
        )

    def _parameters(self) -> dict[str, str]:
        return {
            "GGA": "--",
            "LDAU": "F",
            "LHFCALC": "F",
            "AEXX": "0.0",
            "HFSCREEN": "0.0",
            "LUSE_VDW": "F",
            **self.tags,
        }

    def _tags(self, tags: dict[str, str]) -> str:
        return "".join(_tag(name, value) for name, value in tags.items())

    def _atominfo(self, atoms: Atoms) -> str:
        symbols = atoms.get_chemical_symbols()
        kinds = list(dict.fromkeys(symbols))
        rows = "".join(f"    <rc><c>{s:2s}</c><c>{kinds.index(s) + 1:4d}</c></rc>\n" for s in symbols)
        types = "".join(
            f"    <rc><c>{symbols.count(s):4d}</c><c>{s:2s}</c><c>     22.98976928</c><c>      7.00000000</c>"
            f"<c>  {self.titles.get(s, f'PAW_PBE {s} 01Jan2000')}                 </c></rc>\n"
            for s in kinds
        )
        return (
            f" <atominfo>\n  <atoms>{len(symbols):8d} </atoms>\n  <types>{len(kinds):8d} </types>\n"
            '  <array name="atoms" >\n   <dimension dim="1">ion</dimension>\n   <field type="string">element</field>\n'
            f'   <field type="int">atomtype</field>\n   <set>\n{rows}   </set>\n  </array>\n'
            '  <array name="atomtypes" >\n   <dimension dim="1">type</dimension>\n'
            '   <field type="int">atomspertype</field>\n   <field type="string">element</field>\n'
            '   <field>mass</field>\n   <field>valence</field>\n   <field type="string">pseudopotential</field>\n'
            f"   <set>\n{types}   </set>\n  </array>\n </atominfo>\n"
        )

    def _calculation(self, index: int) -> str:
        atoms, forces, energy, stress = self.steps[index]
        count = self.electronic_steps if isinstance(self.electronic_steps, int) else self.electronic_steps[index]
        electronic = "".join(
            '  <scstep>\n   <time name="total">    0.30    0.31</time>\n   <energy>\n'
            f'    <i name="e_fr_energy">{energy + 0.01 + 0.1 * (count - 1 - step):16.8f} </i>\n'
            f'    <i name="e_wo_entrp">{energy + 0.02:16.8f} </i>\n'
            f'    <i name="e_0_energy">{energy + 0.1 * (count - 1 - step):16.8f} </i>\n   </energy>\n  </scstep>\n'
            for step in range(count)
        )
        eigenvalues = "".join(f"      <r> {-10 + 0.1 * n:9.4f}    1.0000 </r>\n" for n in range(self.eigenvalue_rows))
        return (
            f" <calculation>\n{electronic}  <structure>\n{_structure(atoms)}  </structure>\n"
            f"{_varray('forces', forces)}{_varray('stress', stress / (-0.1 * GPa))}"
            f'  <energy>\n   <i name="e_fr_energy">{energy + 0.01:16.8f} </i>\n'
            f'   <i name="e_wo_entrp">{energy + 0.02:16.8f} </i>\n   <i name="e_0_energy">{energy + 0.005:16.8f} </i>\n'
            "  </energy>\n"
            '  <eigenvalues>\n   <array>\n    <dimension dim="1">band</dimension>\n    <field>eigene</field>\n'
            '    <field>occ</field>\n    <set>\n     <set comment="spin 1">\n      <set comment="kpoint 1">\n'
            f"{eigenvalues}      </set>\n     </set>\n    </set>\n   </array>\n  </eigenvalues>\n </calculation>\n"
        )


def _tag(name: str, value: str) -> str:
    if value in {"T", "F"}:
        return f'  <i type="logical" name="{name}"> {value}  </i>\n'
    try:
        float(value)
    except ValueError:
        kind = "v" if " " in value.strip() else "i"
        quoted = "" if kind == "v" else ' type="string"'
        return f'  <{kind}{quoted} name="{name}">{value}</{kind}>\n'
    number_type = ' type="int"' if value.lstrip("-").isdigit() else ""
    return f'  <i{number_type} name="{name}">{value}</i>\n'


def _varray(name: str, rows: NDArray) -> str:
    lines = "".join("   <v> " + " ".join(f"{x:16.8f}" for x in row) + " </v>\n" for row in np.asarray(rows))
    return f'  <varray name="{name}" >\n{lines}  </varray>\n'


def _structure(atoms: Atoms) -> str:
    reciprocal = np.linalg.inv(atoms.cell.array).T
    return (
        f"  <crystal>\n{_varray('basis', atoms.cell.array)}"
        f'   <i name="volume">{atoms.cell.volume:16.8f} </i>\n{_varray("rec_basis", reciprocal)}  </crystal>\n'
        f"{_varray('positions', atoms.cell.scaled_positions(atoms.positions))}"
    )
