"""One frame of extended XYZ: which columns are the structure, and which labels are the reference.

Codes name their labels differently (``forces``, ``REF_forces``, ``dft_forces``). Labels that name a reference win over
the plain name, which some programs overwrite with a model's prediction; a model's own labels are never the reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.structures.frames.fixed_atoms import FixedAtoms, movable_flags
from softdash.structures.frames.labelled_frame import LabelledFrame
from softdash.structures.readers.comment_line import Column, read_columns, read_pairs
from softdash.structures.readers.frame_problem import ForcesAbsent, FrameProblem
from softdash.structures.readers.numbers_in_text import read_elements, read_number, read_numbers
from softdash.structures.units.unit_grammar import ParsedUnit, parse_unit

_REFERENCE_MARKS = ("REF_{}", "ref_{}", "{}_ref", "DFT_{}", "dft_{}", "{}_dft", "vasp_{}", "qm_{}", "true_{}")
FORCE_WORDS = ("forces", "force")
ENERGY_WORDS = ("energy", "free_energy", "Energy")
STRESS_WORDS = ("stress",)
_VIRIAL_WORDS = ("virial", "virials")
_SPECIES_NAMES = ("species", "symbols", "symbol", "element", "elements", "Z", "numbers", "atomic_numbers")
_POSITION_NAMES = ("pos", "positions", "position")
FUNCTIONAL_KEYS = ("functional", "xc", "xc_functional", "dft_functional", "level_of_theory")
CODE_KEYS = ("code", "calculator", "dft_code")
_FORCE_UNIT_KEYS = ("force_unit", "forces_unit", "force_units", "forces_units", "unit_force", "unit_forces")
_UNIT_KEYS = ("units", "unit")  # may be those of something else
_MOVABLE = "move_mask"  # of ASE
_JSON_MARK = "_JSON"  # before arrays of two and more dimensions, as ASE writes them
_TRUE_WORDS = frozenset({"T", "TRUE", "1"})


@dataclass
class LabelNames:
    """What the frames of one file call their labels, gathered for the summary and for warnings."""

    forces: Counter[str] = field(default_factory=Counter)
    other_forces: set[str] = field(default_factory=set)
    functional: dict[str, None] = field(default_factory=dict)
    code: dict[str, None] = field(default_factory=dict)
    without_lattice: int = 0
    fixed: FixedAtoms = field(default_factory=FixedAtoms)
    units: Counter[str] = field(default_factory=Counter)

    def joined(self, which: str) -> str | None:
        """Return the distinct values of `functional` or `code` in one text, None when there is none."""
        return ", ".join(getattr(self, which)) or None

    @property
    def stated_unit(self) -> str | None:
        """The units of force that the frames state; None where one of them does not."""
        return ", ".join(self.units) if self.units and self.units.total() == self.forces.total() else None

    def warnings(self, name: str) -> list[str]:
        """Return sentences about doubtful labels of the file called `name`."""
        sentences = []
        if self.other_forces or len(self.forces) > 1:
            used, found = ", ".join(self.forces), ", ".join(sorted({*self.forces, *self.other_forces}))
            sentences.append(f"{name}: several force arrays were found ({found}); {used} was used as the reference.")
        if len(self.functional) > 1:
            sentences.append(f"{name}: its frames come from different functionals ({self.joined('functional')}).")
        if self.without_lattice:
            sentences.append(
                f"{name}: {self.without_lattice} of {sum(self.forces.values())} frames have no Lattice and were read "
                "as isolated molecules. If this is a crystal, its cell is missing and every prediction will be wrong."
            )
        return [*sentences, *self.fixed.warnings(name)]


def read_labelled_frame(comment: str, rows: list[list[str]], origin: str, names: LabelNames) -> LabelledFrame:
    """Return one frame from its comment line and the words of its rows.

    Raises
    ------
    FrameProblem
        If species, positions or forces are missing or unreadable.
    """
    pairs = read_pairs(comment)
    if "Properties" not in pairs:
        raise FrameProblem(
            "It is plain XYZ, which has no forces: nothing names them on its second line (Properties=…).",
            "Write extended XYZ with forces, or upload what the DFT program wrote (vasprun.xml, OUTCAR, pw.x output).",
        )
    columns = read_columns(pairs["Properties"])
    forces_column = _forces_column(columns, names, is_crystal="Lattice" in pairs)
    _check_row_widths(rows, sum(column.width for column in columns.values()), forces_column)

    species = _first(columns, _SPECIES_NAMES, width=1)
    positions = _first(columns, _POSITION_NAMES, width=3)
    if species is None or positions is None:
        missing = "species" if species is None else "positions (pos)"
        raise FrameProblem(f"It has no {missing}. Arrays found: {', '.join(columns)}.")
    atoms = Atoms(
        numbers=read_elements([species.of(row)[0] for row in rows]),
        positions=read_numbers([positions.of(row) for row in rows], "Position"),
        **_cell(pairs),
    )
    forces = read_numbers([forces_column.of(row) for row in rows], "Force")
    unit = _force_unit(pairs)
    names.forces[forces_column.name] += 1
    if unit is not None:
        names.units[unit.name] += 1
    names.without_lattice += "Lattice" not in pairs
    if _MOVABLE in columns:
        movable = [[word.upper() in _TRUE_WORDS for word in columns[_MOVABLE].of(row)] for row in rows]
        names.fixed.note(movable_flags(movable), forces)
    for keys, found in ((FUNCTIONAL_KEYS, names.functional), (CODE_KEYS, names.code)):
        value = _said(pairs, keys)
        if value and len(found) < 5:
            found[value] = None
    functional = _said(pairs, FUNCTIONAL_KEYS)
    if unit is not None and unit.factor != 1:  # nobody says the unit of energy and stress
        return LabelledFrame(atoms, forces * unit.factor, origin, functional=functional)
    return LabelledFrame(
        atoms=atoms,
        reference_forces=forces,
        origin=origin,
        reference_energy=_energy(pairs, forces_column.name),
        reference_stress=_stress(pairs, forces_column.name, atoms.cell.volume),
        functional=functional,
    )


def _said(pairs: Mapping[str, str], keys: Sequence[str]) -> str | None:
    value = next((pairs[key] for key in keys if key in pairs), None)
    return value[:120] if value else None


def _force_unit(pairs: Mapping[str, str]) -> ParsedUnit | None:
    """Return the unit of force that a comment line states; `FrameProblem` if it is not understood."""
    for key, value in pairs.items():
        if key.lower() not in (*_FORCE_UNIT_KEYS, *_UNIT_KEYS):
            continue
        unit = parse_unit(value)
        if unit is not None:
            return unit
        if key.lower() in _FORCE_UNIT_KEYS:
            raise FrameProblem(
                f"The unit of its forces, {value[:40]!r}, is not understood.",
                "Write it as eV/Å, Ry/bohr, Ha/bohr or kcal/mol/Å.",
            )
    return None


def reference_names(words: tuple[str, ...]) -> list[str]:
    """Return all names of a label, those that name a reference first."""
    return [mark.format(word) for mark in _REFERENCE_MARKS for word in words] + list(words)


def _forces_column(columns: Mapping[str, Column], names: LabelNames, *, is_crystal: bool) -> Column:
    candidates = [name for name in reference_names(FORCE_WORDS) if name in columns]
    if not candidates:
        problem = ForcesAbsent if is_crystal else FrameProblem
        raise problem(
            f"It has no forces. Arrays found: {', '.join(columns)}. Reference forces are looked for under: "
            "forces, REF_forces, dft_forces and the like."
        )
    names.other_forces.update(candidates[1:])
    column = columns[candidates[0]]
    if column.width != 3 or column.kind not in "RI":
        raise FrameProblem(f"{column.name} has {column.width} columns of type {column.kind}; forces are R:3.")
    return column


def _check_row_widths(rows: list[list[str]], width: int, forces: Column) -> None:
    complete = sum(len(row) >= forces.start + forces.width for row in rows)
    if complete < len(rows):
        short = next(index for index, row in enumerate(rows) if len(row) < forces.start + forces.width)
        raise FrameProblem(
            f"Forces for {complete} of {len(rows)} atoms (row {short + 1} has {len(rows[short])} of {width} columns)."
        )
    for index, row in enumerate(rows):
        if len(row) != width:
            raise FrameProblem(f"Row {index + 1} has {len(row)} columns, Properties names {width}.")


def _first(columns: Mapping[str, Column], names: tuple[str, ...], width: int) -> Column | None:
    return next((columns[name] for name in names if name in columns and columns[name].width == width), None)


def _cell(pairs: Mapping[str, str]) -> dict[str, object]:
    """Return `cell` and `pbc` for `ase.Atoms`; without Lattice the frame is not periodic."""
    words = pairs.get("pbc", "").replace(",", " ").split()
    periodic = [word.upper() in _TRUE_WORDS for word in words] or None
    if periodic is not None and len(periodic) not in (1, 3):
        raise FrameProblem(f"pbc={pairs['pbc'][:40]!r} is not three letters T or F.")
    if "Lattice" not in pairs:
        if periodic is not None and any(periodic):
            raise FrameProblem("It says pbc=T but has no Lattice: the cell is missing.")
        return {"pbc": False}
    lattice = _numbers(pairs["Lattice"])
    if lattice is None or lattice.size != 9:
        raise FrameProblem(f"Lattice={pairs['Lattice'][:60]!r} is not nine numbers.")
    return {"cell": lattice.reshape(3, 3), "pbc": True if periodic is None else (periodic * 3)[:3]}


def _numbers(text: str) -> NDArray[np.float64] | None:
    text = text.removeprefix(_JSON_MARK)
    try:
        return np.array([read_number(word) for word in text.translate(str.maketrans("[],", "   ")).split()])
    except ValueError:
        return None


def _label(pairs: Mapping[str, str], words: tuple[str, ...], forces_name: str) -> NDArray[np.float64] | None:
    """Return a label of the frame under the name that goes with the forces' name, else under any known name."""
    twins = [forces_name.replace(force, word) for force in FORCE_WORDS for word in words if force in forces_name]
    for name in (*twins, *reference_names(words)):
        numbers = _numbers(pairs[name]) if name in pairs else None
        if numbers is not None and np.isfinite(numbers).all():
            return numbers
    return None


def _energy(pairs: Mapping[str, str], forces_name: str) -> float | None:
    energy = _label(pairs, ENERGY_WORDS, forces_name)
    return float(energy[0]) if energy is not None and energy.size == 1 else None


def _stress(pairs: Mapping[str, str], forces_name: str, volume: float) -> NDArray[np.float64] | None:
    """Return the stress (3, 3), eV/Å³, from ``stress`` or from ``virial`` = −volume · stress."""
    stress = _tensor(_label(pairs, STRESS_WORDS, forces_name))
    if stress is not None:
        return stress
    virial = _tensor(_label(pairs, _VIRIAL_WORDS, forces_name))
    return -virial / volume if virial is not None and volume > 0 else None


def _tensor(numbers: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """Return (3, 3) from nine numbers or from six in Voigt's order xx, yy, zz, yz, xz, xy."""
    if numbers is not None and numbers.size == 6:
        xx, yy, zz, yz, xz, xy = numbers
        return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    return numbers.reshape(3, 3) if numbers is not None and numbers.size == 9 else None
