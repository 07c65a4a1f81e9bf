"""Positions in a table of forces against those of the structure: unit, order, origin and orientation that agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ase.units import Bohr
from numpy.typing import NDArray

from softdash.structures.matching.atom_order import FARTHEST, AtomsByPlace, distances_in_order, nearest_images
from softdash.structures.matching.cell_orientation import find_turn, same_lattice
from softdash.structures.matching.orientation import axes_codes, axes_matrix, orientation_text

LENGTHS: dict[str, float] = {"Å": 1.0, "bohr": Bohr, "nm": 10.0, "pm": 0.01}
"""Units of length that positions are tried in, in Å."""

FRACTIONAL = "fractions of the cell"

_FRACTIONAL_LEAST, _FRACTIONAL_MOST = -1.0, 2.0
_DECIMALS_MAX = 9
_OWN_ROUNDING_MAX, _TABLE_ROUNDING_MAX = 0.1, 0.01  # Å; coarser numbers recognise no atom
_SHIFTS_MAX = 2_000
_TO_SCALE = 1e-9


@dataclass(frozen=True, slots=True)
class PositionMatch:
    """How the positions of a table agree with those of a structure.

    Attributes
    ----------
    order : ndarray of int, shape (N,)
        For each atom its row.
    unit : str
        Key of `LENGTHS`, or `FRACTIONAL`.
    positions : ndarray, shape (N, 3)
        Of the rows, Å, turned and shifted into the structure's own axes.
    tells_orientation : bool
        Whether the positions determine how the cell lies in the axes of the table.
    rotation : ndarray, shape (3, 3), or None
        Orthogonal T: a vector v of the structure is ``T @ v`` in the table. None where both lie alike.
    rotation_text : str
        The orientation in words, where `rotation` is not None.
    shift : ndarray, shape (3,), or None
        How far the table has all atoms beside the structure, Å.
    """

    order: NDArray[np.intp]
    unit: str
    positions: NDArray[np.float64]
    tells_orientation: bool
    rotation: NDArray[np.float64] | None = None
    rotation_text: str = ""
    shift: NDArray[np.float64] | None = None

    @property
    def is_mirror(self) -> bool:
        """Whether the table has the mirror image of the structure."""
        return self.rotation is not None and bool(np.linalg.det(self.rotation) < 0)


def match_positions(
    sites: AtomsByPlace,
    positions: NDArray[np.float64],
    kind: str,
    numbers: NDArray[np.int64] | None,
    tolerance: float,
) -> PositionMatch | None:
    """Return the first way in which all rows are atoms, the plainest first; None if there is none.

    Parameters
    ----------
    sites : AtomsByPlace
        The structure.
    positions : ndarray, shape (N, 3)
        As the table has them.
    kind : str
        ``"cartesian"``, ``"fractional"`` or ``"unknown"``, as the table says.
    numbers : ndarray of int, shape (N,), optional
        Elements of the rows.
    tolerance : float
        By which each row may lie beside its atom, Å.
    """
    if not np.abs(positions).max(initial=0.0) * max(LENGTHS.values()) < FARTHEST:
        return None
    lengths = {} if kind == "fractional" else {unit: positions * factor for unit, factor in LENGTHS.items()}
    within = positions.min() >= _FRACTIONAL_LEAST and positions.max() <= _FRACTIONAL_MOST
    tried = dict(lengths)
    if sites.is_periodic and (kind == "fractional" or within):
        # after Å, before rarer units
        fractional = {FRACTIONAL: positions @ sites.atoms.cell.array}
        tried = {**{unit: lengths[unit] for unit in list(lengths)[:1]}, **fractional, **lengths}
    for unit, rows in tried.items():
        match = _in_place(sites, rows, unit, numbers, tolerance)
        if match is not None:
            return match
    for unit, rows in tried.items():
        match = _shifted(sites, rows, unit, numbers, tolerance)
        if match is not None:
            return match
    if not sites.has_usual_cell or not sites.are_apart:
        return None
    for unit, rows in lengths.items():
        match = _in_a_setting(sites, rows, unit, numbers, tolerance)
        if match is not None:
            return match
    for unit, rows in lengths.items():
        turn = find_turn(sites, rows, numbers, tolerance)
        if turn is not None:
            placed = rows @ turn.rotation - turn.shift
            text = "turned as the positions in the table are"
            return PositionMatch(turn.order, unit, placed, turn.is_unique, turn.rotation, text, turn.shift)
    return None


def comparison_tolerance(
    tolerance: float, rounding: NDArray[np.float64] | None, positions: NDArray[np.float64]
) -> float:
    """Return by how much positions may differ: `tolerance` (Å) and what both files' rounding allows.

    Parameters
    ----------
    tolerance : float
    rounding : ndarray, shape (3, 3), or None
        Of the structure: `LabelledFrame.rounding`.
    positions : ndarray, shape (N, 3)
        Of the table, as written.
    """
    own = 0.0 if rounding is None else float(np.linalg.norm(rounding, axis=1).sum())
    step = half_step(positions)
    table = 0.0 if step is None else step * np.sqrt(3)
    return float(tolerance + min(own, _OWN_ROUNDING_MAX) + min(table, _TABLE_ROUNDING_MAX))


def half_step(values: NDArray[np.float64]) -> float | None:
    """Return half a unit in the last place that any of `values` needs; None for more than nine decimals."""
    for decimals in range(_DECIMALS_MAX + 1):
        if np.abs(np.round(values, decimals) - values).max(initial=0.0) <= _TO_SCALE * 10.0**-decimals:
            return float(0.5 * 10.0**-decimals)
    return None


def _order(
    sites: AtomsByPlace, rows: NDArray[np.float64], numbers: NDArray[np.int64] | None, tolerance: float
) -> NDArray[np.intp] | None:
    """Return the order of rows; as listed where that fits."""
    if (numbers is None or np.array_equal(numbers, sites.numbers)) and bool(
        distances_in_order(sites.atoms, rows).max() <= tolerance
    ):
        return np.arange(len(rows))
    return sites.order_of_rows(rows, numbers, tolerance)


def _in_place(
    sites: AtomsByPlace,
    rows: NDArray[np.float64],
    unit: str,
    numbers: NDArray[np.int64] | None,
    tolerance: float,
) -> PositionMatch | None:
    order = _order(sites, rows, numbers, tolerance)
    if order is None:
        return None
    tells = unit != FRACTIONAL and not _fits_another_setting(sites, rows, numbers, tolerance)
    return PositionMatch(order, unit, rows, tells)


def _fits_another_setting(
    sites: AtomsByPlace, rows: NDArray[np.float64], numbers: NDArray[np.int64] | None, tolerance: float
) -> bool:
    """Whether the cell could also lie in another setting: all atoms on one line, for instance."""
    if not sites.is_periodic:
        return False
    cell = sites.atoms.cell.array
    return any(
        not same_lattice(cell, np.eye(3), setting.rotation)
        and sites.order_of_rows(rows @ setting.rotation, numbers, tolerance) is not None
        for setting in sites.settings[1:]
    )


def _shifted(
    sites: AtomsByPlace,
    rows: NDArray[np.float64],
    unit: str,
    numbers: NDArray[np.int64] | None,
    tolerance: float,
) -> PositionMatch | None:
    """Try another origin: the first row of the rarest element may be any atom of that element."""
    first, atoms = 0, np.arange(len(sites.atoms))
    if numbers is not None:
        kinds, counts = np.unique(numbers, return_counts=True)
        rarest = kinds[counts.argmin()]
        first, atoms = int(np.flatnonzero(numbers == rarest)[0]), np.flatnonzero(sites.numbers == rarest)
    # as listed first: then no atom changes its place without need
    for atom in sorted(atoms[:_SHIFTS_MAX], key=lambda atom: atom != first):
        shift = rows[first] - sites.atoms.positions[atom]
        order = _order(sites, rows - shift, numbers, 2 * tolerance)
        if order is None:
            continue
        shift = shift + _mean_difference(sites, rows - shift, order)
        if _order(sites, rows - shift, numbers, tolerance) is None:
            continue
        tells = (
            unit != FRACTIONAL
            and len(rows) > 1
            and not any(_fits_another_setting(sites, placed, numbers, tolerance) for placed in (rows, rows - shift))
        )
        return PositionMatch(order, unit, rows - shift, tells, shift=shift)
    return None


def _mean_difference(sites: AtomsByPlace, rows: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(nearest_images(sites.atoms, rows[order] - sites.atoms.positions).mean(axis=0))


def _orientations(sites: AtomsByPlace) -> Iterator[list[tuple[str, NDArray[np.float64]]]]:
    """Yield groups of orientations: the settings, then with axes exchanged, then with one handedness exchanged."""
    settings = sites.settings
    yield [(setting.name, setting.rotation) for setting in settings[1:]]
    turned = [
        (f"{setting.name}/{code}", axes_matrix(code) @ setting.rotation)
        for setting in settings
        for code in axes_codes()
        if code != "xyz"
    ]
    yield [(name, matrix) for name, matrix in turned if np.linalg.det(matrix) > 0]
    yield [(name, matrix) for name, matrix in turned if np.linalg.det(matrix) < 0]


def _in_a_setting(
    sites: AtomsByPlace,
    rows: NDArray[np.float64],
    unit: str,
    numbers: NDArray[np.int64] | None,
    tolerance: float,
) -> PositionMatch | None:
    for group in _orientations(sites):
        found = [
            (name, matrix, order)
            for name, matrix in group
            if (order := _order(sites, rows @ matrix, numbers, tolerance)) is not None
        ]
        if found:
            name, matrix, order = found[0]
            cell = sites.atoms.cell.array
            unique = all(same_lattice(cell, matrix, other) for _, other, _ in found[1:])
            return PositionMatch(order, unit, rows @ matrix, unique, matrix, orientation_text(name))
    return None
