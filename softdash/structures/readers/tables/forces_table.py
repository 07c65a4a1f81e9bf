"""A table of forces without its structure, and all that its file says about units, sets and the order of atoms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softdash.structures.frames.force_units import StatedUnit
from softdash.structures.frames.readings import Reading

PositionsKind = Literal["cartesian", "fractional", "unknown"]
Layout = Literal["rows", "columns", "flat"]


@dataclass(frozen=True, slots=True)
class ForcesTable:
    """Forces without their structure, and what the file says to check the order of atoms.

    Attributes
    ----------
    forces : ndarray, shape (N, 3)
        As written, in the unit of the file; gradients with the sign of the file (`is_gradient`).
    numbers : ndarray of int, shape (N,), or None
        Atomic numbers, if the file names the elements.
    labels : tuple of str or None
        Labels of the sites as written (``O4``, ``TI1``), if it has them.
    positions : ndarray, shape (N, 3), or None
        As written, but in Å where their unit is stated.
    positions_kind : str
        Whether the file says that they are Cartesian or in units of the cell.
    position_unit_factor : float or None
        Å of one unit of length as written, where the file states it; `positions` are multiplied by it already.
    numbering : ndarray of int, shape (N,), or None
        Numbers of the atoms (a permutation of 0 … N−1), if the file numbers its rows.
    raw_numbering : ndarray of int, shape (N,), or None
        Numbers as written, also where they begin anew for each of several frames below each other.
    frame_numbers : ndarray of int, shape (N,), or None
        Numbers of frames, if a column has them.
    first_line : int or None
        Line of the first atom, in a text table.
    row_lines : tuple of int or None
        Line of each atom.
    energy : float or None
        eV, only from JSON.
    stated_unit : StatedUnit or None
        Unit of the forces if the file states it.
    is_gradient : bool
        Whether the file says that these are gradients of the energy, the negative of forces.
    gradient_place : str
        Where it says so: ``"from the header"``.
    force_set : str or None
        Name of the set of forces that was taken, if it has one.
    other_sets : tuple of str
        Sets left aside; an empty name stands for one without.
    readings : tuple of Reading
        What was understood of columns and signs. Units have none here: `force_units.resolve_unit` gives it.
    block : str or None
        Program whose printed block it is.
    layout : str
        ``"rows"``: one row per atom; ``"columns"``: three rows, one column per atom; ``"flat"``: one line of numbers.
    six_columns : tuple of two ndarrays, shape (N, 3) each, or None
        Two sets of three columns of which nothing says which are positions; then `positions` are the first and `forces`
        the second, as programs usually write them.
    alternative : ForcesTable or None
        Another way to read the same numbers, for another number of atoms: see `for_atoms`.
    earlier : tuple of ForcesTable
        Frames that the file has before this one (blocks of a program's output).
    """

    forces: NDArray[np.float64]
    numbers: NDArray[np.int64] | None = None
    positions: NDArray[np.float64] | None = None
    numbering: NDArray[np.int64] | None = None
    first_line: int | None = None
    energy: float | None = None
    stated_unit: StatedUnit | None = None
    labels: tuple[str, ...] | None = None
    positions_kind: PositionsKind = "unknown"
    position_unit_factor: float | None = None
    raw_numbering: NDArray[np.int64] | None = None
    frame_numbers: NDArray[np.int64] | None = None
    row_lines: tuple[int, ...] | None = None
    is_gradient: bool = False
    gradient_place: str = ""
    force_set: str | None = None
    other_sets: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    block: str | None = None
    layout: Layout = "rows"
    six_columns: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    alternative: ForcesTable | None = None
    earlier: tuple[ForcesTable, ...] = ()

    @property
    def all_frames(self) -> tuple[ForcesTable, ...]:
        """The frames of the file, where it is a program's output with several; else the table alone."""
        return (*self.earlier, self)

    def for_atoms(self, count: int) -> ForcesTable:
        """Return the table as it is read for `count` atoms: the other way to read it, where only that one fits."""
        other = self.alternative
        return other if other is not None and len(other.forces) == count != len(self.forces) else self

    def row_place(self, index: int) -> str:
        """Return the place of row `index` (0-based) in words."""
        if self.row_lines is not None:
            return f"line {self.row_lines[index]}"
        return f"row {index + 1}" if self.first_line is None else f"line {self.first_line + index}"

    def rows(self, start: int, stop: int) -> ForcesTable:
        """Return the rows from `start` to `stop` (excluded) as a table: one frame of several below each other."""
        part = slice(start, stop)
        raw = None if self.raw_numbering is None else self.raw_numbering[part]
        numbering = None
        if raw is not None and len(raw):
            first = int(raw.min())
            if first in (0, 1) and np.array_equal(np.sort(raw), np.arange(first, first + len(raw))):
                numbering = raw - first
        return replace(
            self,
            forces=self.forces[part],
            numbers=None if self.numbers is None else self.numbers[part],
            labels=None if self.labels is None else self.labels[part],
            positions=None if self.positions is None else self.positions[part],
            numbering=numbering,
            raw_numbering=raw,
            frame_numbers=None if self.frame_numbers is None else self.frame_numbers[part],
            first_line=None if self.first_line is None else self.first_line + start,
            row_lines=None if self.row_lines is None else self.row_lines[part],
            six_columns=None if self.six_columns is None else (self.six_columns[0][part], self.six_columns[1][part]),
            alternative=None,
            earlier=(),
            energy=None,
        )

    def reordered(self, order: NDArray[np.intp]) -> ForcesTable:
        """Return the table with its rows taken in `order`; they keep their lines, and have no numbers any more."""
        return replace(
            self,
            forces=self.forces[order],
            numbers=None if self.numbers is None else self.numbers[order],
            labels=None if self.labels is None else tuple(self.labels[index] for index in order),
            positions=None if self.positions is None else self.positions[order],
            numbering=None,
            raw_numbering=None,
            frame_numbers=None if self.frame_numbers is None else self.frame_numbers[order],
            first_line=None,
            row_lines=None if self.row_lines is None else tuple(self.row_lines[index] for index in order),
            six_columns=None if self.six_columns is None else (self.six_columns[0][order], self.six_columns[1][order]),
            alternative=None,
        )
