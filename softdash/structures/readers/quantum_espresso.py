"""Output of Quantum ESPRESSO's pw.x: every block of forces is a frame. Own line reader.

`ase.io.espresso` keeps the whole file in memory and believes its counts; numbers agree with it (tests/structures).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from ase.units import Bohr, Rydberg
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.fixed_atoms import Fixed, FixedAtoms, movable_flags
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.log_lines import ProgramLog
from softdash.structures.readers.numbers_in_text import atomic_number

_VERSION = re.compile(r"Program PWSCF\s+v?\.?\s*(\S+)")
_ENERGY = re.compile(r"^!+\s+total energy\s+=\s*(\S+)\s*Ry")
_VECTOR = re.compile(r"=\s*\(\s*(\S+)\s+(\S+)\s+(\S+)\s*\)")
_SITE = re.compile(r"^\s*\d+\s+(\S+)\s+tau\(\s*\d+\s*\)\s*=\s*\(\s*(\S+)\s+(\S+)\s+(\S+)\s*\)")
_FORCE = re.compile(r"^\s*atom\s+(\d+)\s+type\s+\d+\s+force\s*=\s*(\S+)\s+(\S+)\s+(\S+)")
_CARD = re.compile(r"^\s*(CELL_PARAMETERS|ATOMIC_POSITIONS)\s*[({]?\s*([a-z]*)\s*=?\s*([\d.]*)")
_HUBBARD_NEW = re.compile(r"^\s*U\((\S+?)-\d\w\)\s*=\s*(\S+)")
_HUBBARD_ROW = re.compile(r"^\s*([A-Z]\S*)\s+\d\s+([\d.]+)\s+[-\d.]+")
_DISPERSION = (
    ("DFT-D3 Dispersion", "D3"),
    ("Grimme-D2", "D2"),
    ("Tkatchenko-Scheffler", "TS"),
    ("MBD", "MBD"),
    ("XDM", "XDM"),
)
_FUNCTIONALS = {
    "PBE": "PBE",
    "SLA PW PBX PBC": "PBE",
    "SLA PW PBE PBE": "PBE",
    "PBESOL": "PBEsol",
    "SLA PW PSX PSC": "PBEsol",
    "PZ": "LDA",
    "LDA": "LDA",
    "SLA PZ NOGX NOGC": "LDA",
    "SLA PW NOGX NOGC": "LDA",
    "REVPBE": "revPBE",
    "SLA PW REVX PBC": "revPBE",
    "PW91": "PW91",
    "SCAN": "SCAN",
    "RSCAN": "rSCAN",
    "R2SCAN": "r2SCAN",
    "HSE": "HSE06",
    "PBE0": "PBE0",
}
_SHORTEST_LINE = 15  # of those that tell something
_ADVICE = "Upload the output of pw.x (what it prints, not its input or its XML)."


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG001
    """Read all frames with forces of a pw.x output (scf, relax, vc-relax, md).

    Forces are turned from Ry/bohr into eV/Å, energies from Ry into eV, and the stress, whose sign pw.x turns round,
    into eV/Å³ with ASE's sign.

    Raises
    ------
    InputError
        If it is no output of pw.x, or has no forces (``tprnfor = .true.`` was missing).
    TooLargeError
    """
    return _Run.read(source, budget).result()


@dataclass
class _Run(ProgramLog):
    """What has been read of one run."""

    version: str | None = None
    functional: str | None = None
    spin: str = "not spin-polarised"
    dispersion: str | None = None
    hubbard: dict[str, float] = field(default_factory=dict)
    elements: dict[str, int] = field(default_factory=dict)
    atom_count: int = 0
    lattice_parameter: float | None = None
    cell: NDArray[np.float64] | None = None
    numbers: list[int] = field(default_factory=list)
    positions: NDArray[np.float64] | None = None
    energy: float | None = None
    unconverged: bool = False
    step: LabelledFrame | None = None
    fixed: Fixed | None = None
    problem: str | None = None

    def take(self, line: str) -> None:
        """Take one line."""
        if len(line) < _SHORTEST_LINE:
            return
        try:
            self._take_structure(line) or self._take_results(line) or self._take_metadata(line)
        except FrameProblem as problem:
            self.problem = str(problem)

    def _take_structure(self, line: str) -> bool:
        if "number of atoms/cell" in line:
            self.atom_count = _integer(line.partition("=")[2])
            if self.atom_count > self.gathered.budget.atoms_per_frame_max:
                self.gathered.budget.take(self.atom_count, self.name)
        elif "lattice parameter (alat)" in line or "celldm(1)=" in line:
            self.lattice_parameter = _positive((line.partition("=")[2].split() or [""])[0])
        elif "crystal axes: (cart. coord." in line:
            self.cell = self._axes() * self._lattice_parameter()
        elif "site n." in line and ("alat units" in line or "a_0 units" in line):
            self._take_sites()
        elif match := _CARD.match(line):
            unit = (_positive(match[3]) * Bohr) if match[2] == "alat" and match[3] else match[2]
            self._take_cell_card(unit) if match[1] == "CELL_PARAMETERS" else self._take_position_card(match[2])
        else:
            return False
        return True

    def _take_results(self, line: str) -> bool:
        if line.startswith("!") and (match := _ENERGY.match(line)):
            self.energy = _number(match[1]) * Rydberg
        elif "Forces acting on atoms" in line:
            self._take_forces(line)
        elif "total   stress" in line and "Ry/bohr**3" in line:
            stress = -self.lines.vectors(3, 0, "stress row") * (Rydberg / Bohr**3)
            if self.step is not None and self.step.reference_stress is None:
                step = self.step
                self.step = LabelledFrame(step.atoms, step.reference_forces, step.origin, step.reference_energy, stress)
        elif "convergence NOT achieved" in line:
            self.unconverged = True
        elif "convergence has been achieved" in line:
            self.unconverged = False
        else:
            return False
        return True

    def _take_metadata(self, line: str) -> bool:
        if self.version is None and (match := _VERSION.search(line)):
            self.version = match[1]
        elif self.functional is None and "Exchange-correlation" in line and "=" in line:
            name = line.partition("=")[2].partition("(")[0].strip()
            self.functional = _FUNCTIONALS.get(" ".join(name.upper().split()), name[:40] or None)
        elif "atomic species   valence" in line:
            self._take_species()
        elif "total magnetization" in line or "Starting magnetic structure" in line:
            self.spin = "spin-polarised" if self.spin == "not spin-polarised" else self.spin
        elif "Noncollinear calculation" in line or "Non magnetic calculation with spin-orbit" in line:
            self.spin = "non-collinear"
        elif "LDA+U calculation" in line:
            self._take_hubbard_table()
        elif match := _HUBBARD_NEW.match(line):
            self.hubbard[_symbol(match[1])] = _number(match[2])
        elif self.dispersion is None:
            self.dispersion = next((name for words, name in _DISPERSION if words in line), None)
        return True

    def _lattice_parameter(self) -> float:
        if self.lattice_parameter is None:
            raise FrameProblem("Its lattice parameter (alat) is missing.")
        return self.lattice_parameter * float(Bohr)

    def _axes(self) -> NDArray[np.float64]:
        rows = []
        for _ in range(3):
            match = _VECTOR.search(self.lines.next() or "")
            if match is None:
                raise FrameProblem("Its crystal axes cannot be read.")
            rows.append([_number(word) for word in match.groups()])
        return np.array(rows)

    def _take_sites(self) -> None:
        numbers, rows = [], []
        for index in range(self.atom_count):
            match = _SITE.match(self.lines.next() or "")
            if match is None:
                raise FrameProblem(f"Site {index + 1} of {self.atom_count} cannot be read.")
            numbers.append(self._element(match[1]))
            rows.append([_number(word) for word in match.groups()[1:]])
        self.numbers, self.positions = numbers, np.array(rows).reshape(-1, 3) * self._lattice_parameter()

    def _take_cell_card(self, unit: float | str) -> None:
        factor = unit if isinstance(unit, float) else {"angstrom": 1.0, "bohr": Bohr}.get(unit)
        self.cell = self.lines.vectors(3, 0, "cell vector") * (factor or self._lattice_parameter())

    def _take_position_card(self, unit: str) -> None:
        labels, rows, movable = [], [], []
        for index in range(self.atom_count):
            words = (self.lines.next() or "").split()
            if len(words) < 4:
                raise FrameProblem(f"Position {index + 1} of {self.atom_count} cannot be read.")
            labels.append(words[0])
            rows.append([_number(word) for word in words[1:4]])
            movable.append([word != "0" for word in words[4:7]] or [True] * 3)
        self.fixed = movable_flags(movable)
        self.numbers = [self._element(label) for label in labels]
        table = np.array(rows).reshape(-1, 3)
        if unit == "crystal":
            if self.cell is None:
                raise FrameProblem("Its cell is missing.")
            self.positions = table @ self.cell
        else:
            factor = {"angstrom": 1.0, "bohr": Bohr}.get(unit)
            self.positions = table * (factor or self._lattice_parameter())

    def _take_species(self) -> None:
        """Read which label is which element: pw.x shows the pseudopotential's own element in the last column."""
        while (line := self.lines.next()) is not None and len(words := line.split()) >= 4:
            number = atomic_number(words[3].partition("(")[0])
            if number is not None and len(self.elements) < 200:
                self.elements[words[0]] = number

    def _element(self, label: str) -> int:
        number = self.elements.get(label) or atomic_number(_symbol(label))
        if number is None:
            raise FrameProblem(f"The atom label {label[:20]!r} is of no known element.")
        return number

    def _take_hubbard_table(self) -> None:
        for _ in range(60):
            line = self.lines.next()
            if line is None or not line.strip():
                return
            if match := _HUBBARD_ROW.match(line):
                self.hubbard[_symbol(match[1])] = _number(match[2])

    def _take_forces(self, heading: str) -> None:
        self.finish_frame()
        if not self.gathered.next_is_wanted(self.atom_count):
            return
        energy, problem = self.energy, self.problem
        self.energy = self.problem = None
        try:
            if problem is not None:
                raise FrameProblem(problem)
            if "Ry/au" not in heading and "Ry/bohr" not in heading:
                raise FrameProblem(f"Its forces are in an unknown unit: {heading.strip()[:80]!r}.")
            forces = self._force_rows() * (Rydberg / Bohr)
            if self.positions is None or self.cell is None:
                raise FrameProblem("Its structure is missing or cannot be read.")
        except FrameProblem as reason:
            self.gathered.refuse(str(reason))
            return
        if self.unconverged:
            self.gathered.unconverged.append(self.gathered.count)
        atoms = Atoms(numbers=self.numbers, positions=self.positions, cell=self.cell, pbc=True)
        self.step = LabelledFrame(atoms, forces, self.gathered.origin, energy)

    def _force_rows(self) -> NDArray[np.float64]:
        rows: list[list[float]] = []
        blanks = 0
        while len(rows) < self.atom_count:
            line = self.lines.next()
            match = _FORCE.match(line or "")
            if match is None and line is not None and blanks < 5 and not rows:
                blanks += 1
                continue
            if match is None or int(match[1][:9]) != len(rows) + 1:
                raise FrameProblem(f"It has forces for {len(rows)} of {self.atom_count} atoms.")
            rows.append([_number(word) for word in match.groups()[1:]])
        return np.array(rows).reshape(-1, 3)

    def finish_frame(self) -> None:
        """Keep the step whose blocks were read."""
        if self.step is not None:
            self.gathered.frames.append(self.step)
        self.step = None

    def result(self) -> LabelledFrames:
        """Return what was read; `InputError` if that is nothing."""
        if self.version is None:
            raise InputError("It is no output of pw.x.", where=self.name, advice=_ADVICE)
        if self.gathered.count == 0:
            raise InputError(
                "The run printed no forces.",
                where=self.name,
                advice="Set tprnfor = .true. in &CONTROL and run pw.x again (and let it finish).",
            )
        strengths = {symbol: value for symbol, value in self.hubbard.items() if value}
        functional = self.functional
        if functional is not None:
            functional += ("+U" if strengths else "") + (f"+{self.dispersion}" if self.dispersion else "")
        return LabelledFrames(
            frames=tuple(self.gathered.frames),
            refused=tuple(self.gathered.refused),
            file_format="Quantum ESPRESSO output",
            functional=functional,
            code=f"Quantum ESPRESSO {self.version}",
            force_unit="Ry/bohr (Quantum ESPRESSO's unit)",
            force_unit_is_stated=True,
            spin=self.spin,
            hubbard_u=", ".join(f"{symbol} {value:g} eV" for symbol, value in strengths.items()) or None,
            dispersion=self.dispersion,
            warnings=tuple(self._warnings()),
        )

    def _warnings(self) -> list[str]:
        """Return sentences about convergence, and about atoms that ``if_pos`` kept fixed: it holds for all steps."""
        fixed = FixedAtoms()
        for frame in self.gathered.frames:
            fixed.note(self.fixed, frame.reference_forces)
        unconverged = self.gathered.convergence_warnings("did not reach electronic convergence")
        return [*unconverged, *fixed.warnings(self.name)]


def _symbol(label: str) -> str:
    """Return the element in a label: ``Fe`` of ``Fe1`` and ``Fe_up``, ``O`` of ``O2``."""
    match = re.match(r"[A-Za-z]{1,2}", label)
    letters = (match[0] if match else label).capitalize()
    return letters if atomic_number(letters) else letters[:1]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise FrameProblem(f"{text[:40]!r} is not a number.") from None


def _positive(text: str) -> float:
    value = _number(text)
    if not 0 < value < float("inf"):
        raise FrameProblem(f"Its lattice parameter is {text[:40]!r}.")
    return value


def _integer(text: str) -> int:
    word = (text.split() or [""])[0]
    return int(word[:15]) if word.isascii() and word.isdigit() else 0


FORMAT = FramesFormat(
    name="Quantum ESPRESSO output",
    suffixes=(".pwo", ".out", ".log", ".txt"),
    signatures=(b"Program PWSCF",),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
)
