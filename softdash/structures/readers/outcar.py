"""VASP's OUTCAR: every block of positions and forces is a frame. Own line reader, one step in memory at a time.

`ase.io.vasp` reads species from the header alone and stops at a run that was killed; numbers agree with it
(tests/structures). An OUTCAR has 5 decimals for positions and 6 for forces: prefer vasprun.xml where both are there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from ase.units import GPa
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers import vasprun
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.log_lines import ProgramLog
from softdash.structures.readers.numbers_in_text import atomic_number
from softdash.structures.readers.vasp_functional import vasp_dispersion, vasp_functional, vasp_hubbard_u, vasp_spin

_TAG = re.compile(
    r"\b(GGA|METAGGA|LHFCALC|AEXX|HFSCREEN|LDAUTYPE|LDAUU|LDAUJ|LDAU|IVDW|LUSE_VDW|ISPIN|LNONCOLLINEAR|LSORBIT|NELM"
    r"|ML_LMLFF)\s*=\s*([^;#!]*)"
)
_LISTS = frozenset({"LDAUU", "LDAUJ"})
_UNSET = frozenset({"", "--", "F"})
_ITERATION = re.compile(r"Iteration\s*(\d+)\(\s*(\d+)\)")
_ENERGY = re.compile(r"energy\(sigma->0\)\s*=\s*(\S+)")
_VERSION = re.compile(r"^\s*vasp\.(\S+)")
_KILOBAR = 0.1 * GPa  # eV/Å³
_VOIGT = ([0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 2, 0])  # VASP's order: XX YY ZZ XY YZ ZX
_HEADER_LINES_MAX = 2_000_000
_ADVICE = "Upload the OUTCAR that VASP wrote, or better its vasprun.xml."


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG001
    """Read all ionic steps of an OUTCAR.

    The energy is ``energy(sigma->0)`` of the ionic step; stress is turned from kbar (positive is pressure) into eV/Å³
    with ASE's sign.

    Returns
    -------
    LabelledFrames
        Unchecked. A step that the run did not finish costs that step.

    Raises
    ------
    InputError
        If it is no OUTCAR, or has not one complete block of forces.
    TooLargeError
    """
    run = _Run.read(source, budget)
    return run.result(truncated=source.truncated)


@dataclass
class _Step:
    """An ionic step whose energy is still to come."""

    atoms: Atoms
    forces: NDArray[np.float64]
    stress: NDArray[np.float64] | None
    origin: str
    energy: float | None = None


@dataclass
class _Run(ProgramLog):
    """What has been read of one run."""

    tags: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    titles: list[str] = field(default_factory=list)
    listed_titles: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    numbers: NDArray[np.int64] | None = None
    cell: NDArray[np.float64] | None = None
    stress: NDArray[np.float64] | None = None
    step: _Step | None = None
    ionic_energy_follows: bool = False
    electronic_steps: int = 0
    has_unnamed_dispersion: bool = False

    def take_header(self) -> None:
        """Read on until the first electronic step, and settle which atoms there are."""
        for line in self.lines:
            if "Iteration" in line and _ITERATION.search(line):
                self.lines.put_back(line)
                break
            if self.lines.number > _HEADER_LINES_MAX:
                break
            self._take_header_line(line)
        if self.version is None and not self.counts:
            raise InputError("It is no OUTCAR of VASP.", where=self.name, advice=_ADVICE)
        titles = (self.titles or self.listed_titles)[: len(self.counts)]
        if not self.counts or len(titles) < len(self.counts):
            what = (
                f"It gives the number of atoms ('ions per type') of {len(self.counts)} elements, and names the "
                f"pseudopotentials of {len(titles)}: so its atoms are unknown."
            )
            raise InputError(what, where=self.name, advice=_ADVICE)
        self.titles = titles
        species = [atomic_number(re.split(r"[_.]", title.split()[1])[0]) or 0 for title in titles]
        if not all(species):
            shown = titles[species.index(0)][:60]
            raise InputError(f"The pseudopotential {shown!r} is of no known element.", where=self.name, advice=_ADVICE)
        total = sum(self.counts)
        if total <= self.gathered.budget.atoms_per_frame_max:
            self.numbers = np.repeat(np.array(species, dtype=np.int64), self.counts)
        else:
            self.gathered.budget.take(total, self.name)

    def _take_header_line(self, line: str) -> None:
        if self.version is None and (match := _VERSION.match(line)):
            self.version = match[1]
        elif "TITEL" in line and "=" in line:
            self._take_title(line.partition("=")[2], self.titles)
        elif line.startswith(" POTCAR:"):
            self._take_title(line.partition(":")[2], self.listed_titles)
        elif "ions per type" in line:
            words = line.partition("=")[2].split()
            self.counts = [int(word[:15]) for word in words if word.isascii() and word.isdigit()][:200]
        elif "direct lattice vectors" in line:
            self._take_cell()
        elif "=" in line:
            if "LDA+U is selected" in line:
                self.tags["LDAU"] = "T"
            for name, text in _TAG.findall(line):
                value = text.strip() if name in _LISTS else (text.split() or [""])[0]
                if value not in _UNSET or name not in self.tags:
                    self.tags[name] = "" if name == "METAGGA" and value in _UNSET else value

    @staticmethod
    def _take_title(text: str, titles: list[str]) -> None:
        title = " ".join(text.split()[:3])
        if len(title.split()) >= 2 and len(titles) < 400:
            titles.append(title)

    def _take_cell(self) -> None:
        try:
            self.cell = self.lines.vectors(3, 0, "cell vector")
        except FrameProblem:
            self.cell = None

    def take(self, line: str) -> None:
        """Take one line behind the header."""
        if "TOTAL-FORCE" in line and "POSITION" in line:
            self._take_forces(line)
        elif "energy(sigma->0)" in line:
            if self.ionic_energy_follows and self.step is not None and (match := _ENERGY.search(line)):
                self.step.energy = _number(match[1])
                self.ionic_energy_follows = False
        elif "FREE ENERGIE OF THE ION" in line:
            self.ionic_energy_follows = "ML " not in line
        elif "direct lattice vectors" in line:
            self._take_cell()
        elif line.startswith("  in kB"):
            values = [_number(word) for word in line.split()[2:8]]
            self.stress = _stress(values)
        elif "Iteration" in line and (match := _ITERATION.search(line)):
            self.electronic_steps = int(match[2][:9])
        elif "Edisp (eV)" in line:
            self.has_unnamed_dispersion = "IVDW" not in self.tags

    def _take_forces(self, line: str) -> None:
        self.finish_frame()
        assert self.numbers is not None  # noqa: S101 - told by take_header
        wanted = self.gathered.next_is_wanted(len(self.numbers))
        stress, self.stress = self.stress, None
        if not wanted:
            return
        try:
            if "(ML)" in line:
                raise FrameProblem("Its forces come from VASP's machine-learned force field, not from DFT.")
            self.lines.next()  # a line of dashes
            table = self.lines.vectors(len(self.numbers), 0, "position and force of atom", width=6)
            if self.cell is None:
                raise FrameProblem("Its cell vectors cannot be read.")
        except FrameProblem as problem:
            self.gathered.refuse(str(problem))
            return
        if self.electronic_steps >= self._electronic_steps_max():
            self.gathered.unconverged.append(self.gathered.count)
        atoms = Atoms(numbers=self.numbers, positions=table[:, :3], cell=self.cell, pbc=True)
        self.step = _Step(atoms, table[:, 3:].copy(), stress, self.gathered.origin)

    def _electronic_steps_max(self) -> float:
        steps = _number(self.tags.get("NELM", ""))
        return steps if steps is not None and steps > 1 else float("inf")

    def finish_frame(self) -> None:
        """Keep the step whose blocks were read."""
        if self.step is not None:
            step = self.step
            self.gathered.frames.append(LabelledFrame(step.atoms, step.forces, step.origin, step.energy, step.stress))
        self.step, self.ionic_energy_follows = None, False

    def result(self, *, truncated: bool) -> LabelledFrames:
        """Return what was read; `InputError` if that is nothing."""
        if self.gathered.count == 0:
            what = "It holds no forces (POSITION … TOTAL-FORCE): the run ended before its first ionic step did."
            raise InputError(what, where=self.name, advice="Upload the OUTCAR of a finished run.")
        functional = vasp_functional(self.tags, self.titles)
        if functional and self.has_unnamed_dispersion:
            functional += "+dispersion"
        warnings = self.gathered.convergence_warnings(f"used all NELM = {self.tags.get('NELM')} electronic steps")
        if truncated:
            warnings.append(f"{self.name}: the gzip archive ends too early; the steps before its end were read.")
        return LabelledFrames(
            frames=tuple(self.gathered.frames),
            refused=tuple(self.gathered.refused),
            file_format="VASP OUTCAR",
            functional=functional,
            code=f"VASP {self.version}" if self.version else "VASP",
            force_unit="eV/Å (VASP's unit)",
            force_unit_is_stated=True,
            spin=vasp_spin(self.tags),
            hubbard_u=vasp_hubbard_u(self.tags, self.titles),
            dispersion=vasp_dispersion(self.tags) or ("kind not told" if self.has_unnamed_dispersion else None),
            warnings=tuple(warnings),
        )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _stress(kilobars: list[float | None]) -> NDArray[np.float64] | None:
    """Return the stress (3, 3), eV/Å³, from VASP's six numbers in kbar; None if they are not six."""
    values = [value for value in kilobars if value is not None]
    if len(values) != 6:
        return None
    stress = np.zeros((3, 3))
    stress[_VOIGT] = values
    stress[_VOIGT[::-1]] = values
    stress *= -_KILOBAR
    return stress


FORMAT = FramesFormat(
    name="VASP OUTCAR",
    suffixes=(".outcar",),
    stems=("OUTCAR",),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
    yields_to=vasprun.FORMAT,
)
