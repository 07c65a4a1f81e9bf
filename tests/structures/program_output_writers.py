"""Writers of program outputs in the form, order and digits of the programs, for frames with known forces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.units import Bohr, GPa, Rydberg
from numpy.typing import NDArray


@dataclass(frozen=True)
class Step:
    """One step: structure, forces in eV/Å, energy in eV, stress in eV/Å³ with ASE's sign."""

    atoms: Atoms
    forces: NDArray
    energy: float = -27.0
    stress: NDArray | None = None


def _runs(atoms: Atoms) -> list[tuple[str, int]]:
    """Return species in their order, with counts, as a POSCAR has them."""
    runs: list[tuple[str, int]] = []
    for symbol in atoms.get_chemical_symbols():
        if runs and runs[-1][0] == symbol:
            runs[-1] = (symbol, runs[-1][1] + 1)
        else:
            runs.append((symbol, 1))
    return runs


def outcar(steps: Sequence[Step], tags: str = "   GGA     =    --    GGA type\n", electronic_steps: int = 12) -> str:
    """An OUTCAR of VASP 6: positions with 5 decimals, forces with 6."""
    atoms = steps[0].atoms
    runs = _runs(atoms)
    text = " vasp.6.4.2 20Jul23 (build Oct 10 2023) complex\n\n INCAR:\n   ENCUT = 520\n"
    text += "".join(f" POTCAR:    PAW_PBE {symbol}_pv 19Sep2006\n" for symbol, _ in runs) * 2
    text += "".join(
        f"   VRHFIN ={symbol}: p6s1\n   TITEL  = PAW_PBE {symbol}_pv 19Sep2006\n   POMASS =   22.990\n"
        for symbol, _ in runs
    )
    text += "   ions per type =           " + "".join(f"{count:4d}" for _, count in runs) + "\n"
    text += "   ISPIN  =      2    spin polarized calculation?\n   NELM   =     60;   NELMIN=  2; NELMDL= -5\n" + tags
    text += "   LHFCALC =     F    Hartree Fock is set to\n   METAGGA=      F    non-selfconsistent MetaGGA calc.\n"
    text += _outcar_cell(atoms)
    for number, step in enumerate(steps, start=1):
        text += f"----------------- Iteration {number:6d}({electronic_steps:4d})  ---------------\n"
        text += f"  energy without entropy =  {step.energy + 9:.8f}  energy(sigma->0) = {step.energy + 8:.8f}\n"
        if step.stress is not None:
            kilobars = step.stress[[0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 2, 0]] / (-0.1 * GPa)
            text += "  in kB " + "".join(f"{value:12.5f}" for value in kilobars) + "\n"
        text += " VOLUME and BASIS-vectors are now :\n" + _outcar_cell(step.atoms)
        text += " POSITION                                       TOTAL-FORCE (eV/Angst)\n " + "-" * 83 + "\n"
        for position, force in zip(step.atoms.positions, step.forces, strict=True):
            text += "".join(f"{x:13.5f}" for x in position) + "    " + "".join(f"{x:14.6f}" for x in force) + "\n"
        text += " " + "-" * 83 + "\n    total drift:                 0.000001      0.000002      0.000003\n\n"
        text += "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)\n  free  energy   TOTEN  =  -1.0 eV\n\n"
        text += f"  energy  without entropy= {step.energy + 0.1:15.8f}  energy(sigma->0) = {step.energy:15.8f}\n"
    return text


def _outcar_cell(atoms: Atoms) -> str:
    text = "      direct lattice vectors                 reciprocal lattice vectors\n"
    for vector in atoms.cell.array:
        text += "".join(f"{x:13.9f}" for x in vector) + "     0.100000000  0.000000000  0.000000000\n"
    return text


def pwscf(steps: Sequence[Step], functional: str = "PBE", extra: str = "") -> str:
    """An output of pw.x 7.4: the first structure in units of alat, later ones as cards in Å; forces in Ry/bohr."""
    atoms = steps[0].atoms
    alat = float(f"{np.linalg.norm(atoms.cell.array[0]) / Bohr:.6f}")
    text = "\n     Program PWSCF v.7.4 starts on 30Dec2024 at 16:10:39\n\n"
    text += f"     lattice parameter (alat)  = {alat:12.4f}  a.u.\n     number of atoms/cell      = {len(atoms):12d}\n"
    text += f"     Exchange-correlation= {functional}\n                           (   1   4   3   4   0   0   0)\n"
    text += f"     celldm(1)={alat:11.6f}  celldm(2)=   0.000000  celldm(3)=   0.000000\n\n"
    text += "     crystal axes: (cart. coord. in units of alat)\n"
    for number, vector in enumerate(atoms.cell.array / (alat * Bohr), start=1):
        text += f"               a({number}) = ( " + "".join(f"{x:12.9f} " for x in vector) + ")\n"
    text += "\n     atomic species   valence    mass     pseudopotential\n"
    for symbol in dict.fromkeys(atoms.get_chemical_symbols()):
        text += f"        {symbol}1            7.00    22.98977     {symbol}( 1.00)\n"
    text += f"\n{extra}   Cartesian axes\n\n     site n.     atom                  positions (alat units)\n"
    for number, (symbol, position) in enumerate(zip(atoms.symbols, atoms.positions / (alat * Bohr), strict=True), 1):
        text += f"      {number:4d}        {symbol}1     tau({number:4d}) = ("
        text += "".join(f"{x:15.10f}" for x in position) + "  )\n"
    for number, step in enumerate(steps):
        if number:
            text += "\nCELL_PARAMETERS (angstrom)\n"
            text += "".join("".join(f"{x:14.9f}" for x in vector) + "\n" for vector in step.atoms.cell.array)
            text += "\nATOMIC_POSITIONS (angstrom)\n"
            for symbol, position in zip(step.atoms.symbols, step.atoms.positions, strict=True):
                text += f"{symbol}1   " + "".join(f"{x:20.10f}" for x in position) + "\n"
        text += f"\n!    total energy              = {step.energy / Rydberg:18.8f} Ry\n"
        text += "     estimated scf accuracy    <       1.5E-09 Ry\n\n"
        text += "     convergence has been achieved in  11 iterations\n"
        text += "\n     Forces acting on atoms (cartesian axes, Ry/au):\n\n"
        for atom, force in enumerate(step.forces / (Rydberg / Bohr), start=1):
            text += f"     atom {atom:4d} type  1   force = " + "".join(f"{x:14.8f}" for x in force) + "\n"
        text += "     The non-local contrib.  to forces\n     atom    1 type  1   force =     9.00000000 9.0 9.0\n"
        if step.stress is not None:
            text += "\n          total   stress  (Ry/bohr**3)                   (kbar)     P=      433\n"
            for row in -step.stress / (Rydberg / Bohr**3):
                text += "".join(f"{x:14.8f}" for x in row) + "        433.16       -0.00       -0.00\n"
    return text + "\n   JOB DONE.\n"


def gpaw_new(steps: Sequence[Step], functional: str = "PBE") -> str:
    """A log of GPAW 26.7: tables between bars, forces with 5 decimals."""
    text = "  __  _  _\n | _ |_)|_||  |\n |__||  | ||/\\| - 26.7.0\n\nUser:   ???@host\nunits:  Angstrom and eV\n\n"
    for number, step in enumerate(steps):
        text += "Atoms  # Å, Bohr magnetons\n"
        text += "|    | symbol |        x |        y |        z |    initial magnetic moments |\n"
        text += "|----|--------|----------|----------|----------|-----------------------------|\n"
        for atom, (symbol, row) in enumerate(zip(step.atoms.symbols, step.atoms.positions, strict=True)):
            text += f"| {atom:2d} | {symbol:>6} | {row[0]:.6f} | {row[1]:.6f} | {row[2]:.6f} "
            text += "| ( 0.0000,  0.0000,  0.0000) |\n"
        text += "\n\nUnit cell  # Å\n| periodic |        x |        y |        z |  lengths |    angles |\n"
        text += "|----------|----------|----------|----------|----------|-----------|\n"
        for row in step.atoms.cell.array:
            text += (
                f"|      yes | {row[0]:.6f} | {row[1]:.6f} | {row[2]:.6f} | {np.linalg.norm(row):.6f} | 90.000000 |\n"
            )
        if not number:
            text += "\nSpin-components: 1 (collinear spins)\n\nxc functional:\n"
            text += f"  name: {functional} with 2 nearest neighbor stencil\n"
        text += "\nEnergy contributions:\n  Free energy:     -26.213181\n"
        text += f"  Extrapolated:    {step.energy:.6f}\n\nForces  # eV/Ang\n|        x |        y |        z |\n"
        text += "|----------|----------|----------|\n"
        for atom, (symbol, row) in enumerate(zip(step.atoms.symbols, step.forces, strict=True)):
            text += f"| {row[0]:8.5f} | {row[1]:8.5f} | {row[2]:8.5f} |  # {symbol:2} {atom:3}\n"
        text += "\nForce computation time: 1.234  # s\n"
        if step.stress is not None:
            text += "\nStress tensor  # eV/Ang^3\n|         x |         y |         z |\n"
            text += "|-----------|-----------|-----------|\n"
            text += "".join(f"| {row[0]:9.6f} | {row[1]:9.6f} | {row[2]:9.6f} |\n" for row in step.stress)
        text += "\n"
    return text


def gpaw_old(steps: Sequence[Step]) -> str:
    """A log of GPAW 20 to 24: plain rows, forces with 5 decimals."""
    text = "\n  ___ ___ ___ _ _ _  \n |   |   |_  | | | | \n | | | | | . | | | | \n"
    text += " |__ |  _|___|_____|  24.1.0\n |___|_|             \n\n"
    text += "XC parameters: PBE with 2 nearest neighbor stencil\n\nSpin-paired calculation\n\n"
    for step in steps:
        text += "Positions:\n"
        for atom, (symbol, row) in enumerate(zip(step.atoms.symbols, step.atoms.positions, strict=True)):
            text += f"{atom:4d} {symbol:2} {row[0]:12.6f}{row[1]:12.6f}{row[2]:12.6f}    ( 0.0000,  0.0000,  0.0000)\n"
        text += "\nUnit cell:\n           periodic     x           y           z      points  spacing\n"
        for axis, row in enumerate(step.atoms.cell.array, start=1):
            text += f"  {axis}. axis:    yes{row[0]:13.6f}{row[1]:12.6f}{row[2]:12.6f}    28     0.2143\n"
        text += "\n  Lengths:   5.690000   5.700000   5.710000\n\n"
        text += (
            "Energy contributions relative to reference atoms: (reference = -24.980324)\n\nKinetic:         +7.060775\n"
        )
        text += "--------------------------\nFree energy:     -6.707307\n"
        text += f"Extrapolated:  {step.energy:11.6f}\n\nForces in eV/Ang:\n"
        for atom, (symbol, row) in enumerate(zip(step.atoms.symbols, step.forces, strict=True)):
            text += f"{atom:3d} {symbol:2} {row[0]:10.5f} {row[1]:10.5f} {row[2]:10.5f}\n"
        text += "\n"
    return text


def fhi_aims(steps: Sequence[Step], functional: str = "pbe") -> str:
    """An output of FHI-aims 22: positions with 8 decimals, forces with 16 digits."""
    atoms = steps[0].atoms
    rule = "-" * 60 + "\n"
    text = f"{rule}          Invoking FHI-aims ...\n\n  FHI-aims version      : 221103\n{rule}"
    text += f"  xc                                 {functional}\n  relativistic                       none\n{rule}"
    text += f"  XC: Using {functional.upper()} gradient-corrected functionals.\n"
    text += (
        f"  | Number of atoms                   : {len(atoms):8d}\n  | Number of spin channels           :        1\n"
        f"  The structure contains {len(atoms):8d} atoms,  and a total of         52.000 electrons.\n"
        "  | Number of Kohn-Sham states (occupied + empty):       60\n  | Number of k-points      :        1\n"
    )
    text += "\n  Input geometry:\n  | Unit cell:\n"
    text += "".join("  |" + "".join(f"{x:18.8f}" for x in row) + "\n" for row in atoms.cell.array)
    text += "  | Atomic structure:\n  |       Atom                x [A]            y [A]            z [A]\n"
    for number, (symbol, row) in enumerate(zip(atoms.symbols, atoms.positions, strict=True), start=1):
        text += f"  | {number:4d}: Species {symbol:<4}" + "".join(f"{x:18.8f}" for x in row) + "\n"
    for number, step in enumerate(steps):
        begin = "Re-initialization" if number else "Initialization"
        text += f"{rule}          Begin self-consistency loop: {begin}.\n{rule}"
        text += "Convergence:    q app. |  density  | eigen (eV) | Etot (eV) | forces (eV/A) |       CPU time |\n"
        text += "  Self-consistency cycle converged.\n\n  Energy and forces in a compact form:\n"
        text += f"  | Total energy uncorrected      : {step.energy:29.15E} eV\n"
        text += f"  | Total energy corrected        : {step.energy:29.15E} eV\n"
        text += f"  | Electronic free energy        : {step.energy:29.15E} eV\n"
        text += "  Total atomic forces (unitary forces cleaned) [eV/Ang]:\n"
        for atom, row in enumerate(step.forces, start=1):
            text += f"  | {atom:4d}" + "".join(f"{x:31.15E}" for x in row) + "\n"
        text += f"{rule}  Atomic structure (and velocities) as used in the preceding time step:\n"
        text += "                         x [A]             y [A]             z [A]\n"
        for vector in step.atoms.cell.array:
            text += "  lattice_vector" + "".join(f"{x:18.8f}" for x in vector) + "\n"
        for symbol, row in zip(step.atoms.symbols, step.atoms.positions, strict=True):
            text += "   atom         " + "".join(f"{x:18.8f}" for x in row) + f"  {symbol}\n"
        text += f"{rule}\n"
    return f"{text}{rule}          Leaving FHI-aims.\n{rule}\n          Have a nice day.\n{rule}"


def castep(steps: Sequence[Step], functional: str = "Perdew Burke Ernzerhof") -> str:
    """An output of CASTEP 23 for molecular dynamics: fractional coordinates with 6 decimals, forces with 5."""
    text = " | Welcome to Academic Release CASTEP version 23.1 |\n\n ***** Title *****\n"
    text += f" using functional                               : {functional}\n {'*' * 79}\n"
    for number, step in enumerate(steps):
        if number:
            text += f"\n{'=' * 80}\n Starting MD iteration {number:10d} ...\n{'=' * 80}\n"
        text += "                                      Unit Cell\n"
        text += "        Real Lattice(A)                      Reciprocal Lattice(1/A)\n"
        for row in step.atoms.cell.array:
            text += "".join(f"{x:14.7f}" for x in row) + "        1.157124366   0.000000000   0.000000000\n"
        text += "\n                                     Cell Contents\n"
        text += f"                         Total number of ions in cell = {len(step.atoms):4d}\n\n"
        text += "            x  Element    Atom        Fractional coordinates of atoms  x\n"
        for atom, (symbol, row) in enumerate(
            zip(step.atoms.symbols, step.atoms.get_scaled_positions(False), strict=True)
        ):
            text += f"            x  {symbol:2} {atom + 1:10d}  " + "".join(f"{x:13.9f}" for x in row) + "   x \n"
        text += f"\nFinal energy, E             = {step.energy:18.9f}     eV\n"
        text += f"NB est. 0K energy (E-0.5TS)      = {step.energy:18.9f}     eV\n\n"
        text += f" {'*' * 38} Forces {'*' * 38}\n * {' ' * 80} *\n *{'Cartesian components (eV/A)':^82}*\n"
        for atom, (symbol, row) in enumerate(zip(step.atoms.symbols, step.forces, strict=True)):
            text += f" * {symbol:2} {atom + 1:14d} " + "".join(f"{x:21.5f}" for x in row) + "         *\n"
        text += f" *{' ' * 82}*\n {'*' * 84}\n"
    times = ("Initialisation time =      3.60", "Finalisation time   =      0.18", "Total time          =      9.33")
    return text + "".join(f"\n{time} s" for time in times) + "\n"
