"""GPAW's text output, of the old and of the new (2025 on) GPAW: every block of forces is a frame. Own line reader.

`ase.io.gpaw_out` knows the old form only; there the numbers agree with it (tests/structures). GPAW's own ``.gpw`` files
are not read: they hold arrays of any announced size, and ASE opens them as trajectories.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.limits import FrameBudget
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.file_format import FramesFormat
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.log_lines import ProgramLog
from softdash.structures.readers.numbers_in_text import read_elements, read_numbers

_VERSION = re.compile(r"(?:\|\s*\|\s*\|\|\s*/\\\|\s*-|\|__ \|\s+_\|___\|_____\|)\s*(\S+)")
_FUNCTIONAL = re.compile(r"^\s*(?:XC parameters:|name:)\s+([A-Za-z0-9_+\-]+)(?: with|$)")
_HUBBARD = re.compile(r"'?([A-Z][a-z]?)'?:\s*'?[^',]*:([spdf]),([\d.]+)")
_EXTRAPOLATED = re.compile(r"^\s*(?:Extrapolated|Zero Kelvin):\s+(\S+)")
_NUMBERED_ROW = re.compile(r"^\|?\s*\d+\s")
_ADVICE = "Upload the text output of a finished GPAW run, or write its frames as extended XYZ."


def read(source: SourceFile, settings: Settings, budget: FrameBudget) -> LabelledFrames:  # noqa: ARG001
    """Read all frames with forces of a GPAW log. The energy is the one extrapolated to zero smearing.

    Raises
    ------
    InputError
        If it is no GPAW log, or has no forces.
    TooLargeError
    """
    return _Log.read(source, budget).result()


@dataclass
class _Log(ProgramLog):
    """What has been read of one log."""

    version: str | None = None
    functional: str | None = None
    spin: str | None = None
    hubbard: dict[str, str] = field(default_factory=dict)
    dispersion: str | None = None
    after_functional_heading: bool = False
    numbers: NDArray[np.int64] | None = None
    positions: NDArray[np.float64] | None = None
    cell: NDArray[np.float64] | None = None
    periodic: list[bool] = field(default_factory=lambda: [True] * 3)
    energy: float | None = None
    forces: NDArray[np.float64] | None = None
    stress: NDArray[np.float64] | None = None
    problem: str | None = None
    previous_line: str = ""

    def take(self, line: str) -> None:
        """Take one line of the log."""
        heading = line.partition("#")[0].strip()
        if heading in ("Positions:", "Atoms"):
            self.finish_frame()
            self._guarded(self._take_atoms)
        elif heading in ("Unit cell:", "Unit cell"):
            self._guarded(self._take_cell)
        elif heading in ("Forces in eV/Ang:", "Forces"):
            self._guarded(self._take_forces)
        elif heading in ("Stress tensor:", "Stress tensor"):
            self._guarded(self._take_stress)
        elif match := _EXTRAPOLATED.match(line):
            self.energy = _number(match[1])
        elif heading.startswith("vdW correction:"):
            self.dispersion = self.previous_line.strip()[:40] or "kind not told"
        elif self.dispersion and heading.startswith("Energy:"):
            self.energy = _number(heading.split()[-1])
        else:
            self._take_metadata(line, heading)
        self.previous_line = line

    def _take_metadata(self, line: str, heading: str) -> None:
        if self.version is None and (match := _VERSION.search(line)):
            self.version = match[1]
        elif heading == "xc functional:":
            self.after_functional_heading = True
        elif heading.startswith("XC parameters:") or self.after_functional_heading:
            if self.functional is None and (match := _FUNCTIONAL.match(line)):
                self.functional = match[1]
            self.after_functional_heading = False
        elif heading.startswith("Spin-components:"):
            self.spin = "not spin-polarised" if heading.split()[1:2] == ["1"] else "spin-polarised"
        elif heading in ("Spin-paired calculation", "Spin-polarized calculation"):
            self.spin = "not spin-polarised" if "paired" in heading else "spin-polarised"
        elif "setups" in line or ":d," in line or ":f," in line or ":p," in line:
            for symbol, shell, strength in _HUBBARD.findall(line)[:20]:
                self.hubbard[f"{symbol} {shell}"] = f"{symbol} {strength} eV"

    def _guarded(self, take: Callable[[], None]) -> None:
        """Run one of the readers below; what it cannot read costs the frame."""
        try:
            take()
        except FrameProblem as problem:
            self.problem = str(problem)

    def _rows(self, what: str, most: int) -> list[list[str]]:
        """Return the words of the table that begins here: old GPAW's plain rows, or rows between bars."""
        rows: list[list[str]] = []
        while (line := self.lines.next()) is not None:
            bare = line.strip()
            if not rows and (not bare or (bare.startswith("|") and not _has_number(bare))):
                continue  # the head of a table
            if not bare or not (bare.startswith("|") or _has_number(bare)):
                self.lines.put_back(line)
                break
            if len(rows) >= most:
                raise FrameProblem(f"Its {what} have more than {most:,} rows.")
            rows.append(bare.partition("#")[0].replace("|", " ").replace("(", " ").replace(")", " ").split())
        return rows

    def _take_atoms(self) -> None:
        self.numbers = self.positions = None
        most = self.gathered.budget.atoms_per_frame_max
        rows = self._rows("atoms", most)
        if any(len(row) < 5 for row in rows) or not rows:
            raise FrameProblem("Its list of atoms cannot be read.")
        self.numbers = read_elements([row[1].split(".")[0] for row in rows])
        self.positions = read_numbers([row[2:5] for row in rows], "Position")

    def _take_cell(self) -> None:
        rows: list[list[str]] = []
        while len(rows) < 3 and (line := self.lines.next()) is not None:
            words = line.replace("|", " ").split()
            places = [place for place, word in enumerate(words) if word in ("yes", "no")]
            if places:
                rows.append(words[places[0] :])
            elif rows:
                break
        if len(rows) < 3 or any(len(row) < 4 for row in rows):
            raise FrameProblem("Its unit cell cannot be read.")
        self.periodic = [row[0] == "yes" for row in rows]
        self.cell = read_numbers([row[1:4] for row in rows], "Cell vector")

    def _take_forces(self) -> None:
        rows = self._rows("forces", self.gathered.budget.atoms_per_frame_max)
        if any(len(row) < 3 for row in rows):
            raise FrameProblem("Its forces cannot be read.")
        self.forces = read_numbers([row[-3:] for row in rows], "Force")

    def _take_stress(self) -> None:
        rows = self._rows("stresses", 10)
        if len(rows) >= 3 and all(len(row) >= 3 for row in rows[:3]):
            self.stress = read_numbers([row[-3:] for row in rows[:3]], "Stress")

    def finish_frame(self) -> None:
        """Keep the frame whose blocks were read, if it has forces."""
        numbers, positions, cell = self.numbers, self.positions, self.cell
        forces, energy, stress, problem = self.forces, self.energy, self.stress, self.problem
        self.forces = self.energy = self.stress = self.problem = None
        if forces is None and problem is None:
            return
        if not self.gathered.next_is_wanted(0 if numbers is None else len(numbers)):
            return
        if problem is not None or numbers is None or positions is None or cell is None or forces is None:
            self.gathered.refuse(problem or "Its atoms or its cell cannot be read.")
            return
        atoms = Atoms(numbers=numbers, positions=positions, cell=cell, pbc=self.periodic)
        self.gathered.frames.append(LabelledFrame(atoms, forces, self.gathered.origin, energy, stress))

    def result(self) -> LabelledFrames:
        """Return what was read; `InputError` if that is nothing."""
        if self.gathered.count == 0:
            raise InputError("It holds no forces of a GPAW run.", where=self.name, advice=_ADVICE)
        hubbard = ", ".join(dict.fromkeys(self.hubbard.values())) or None
        functional = self.functional
        if functional is not None:
            functional += ("+U" if hubbard else "") + (f"+{self.dispersion}" if self.dispersion else "")
        return LabelledFrames(
            frames=tuple(self.gathered.frames),
            refused=tuple(self.gathered.refused),
            file_format="GPAW output",
            functional=functional,
            code=f"GPAW {self.version}" if self.version else "GPAW",
            force_unit="eV/Å (GPAW's unit)",
            force_unit_is_stated=True,
            spin=self.spin,
            hubbard_u=hubbard,
            dispersion=self.dispersion,
        )


def _has_number(text: str) -> bool:
    return bool(re.search(r"\d\.\d", text)) or bool(_NUMBERED_ROW.match(text))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


FORMAT = FramesFormat(
    name="GPAW output",
    suffixes=(".txt", ".log", ".out"),
    signatures=(b"| _ |_)|_||", b"|___|_|"),
    holds=("structure", "forces", "energy", "stress", "functional"),
    read=read,
)
