"""Which row of a table of forces is which atom, where the table has no positions: by labels, atom numbers, elements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import RefusalError
from softdash.structures.frames.readings import Ground, Reading
from softdash.structures.matching.atom_order import order_by_elements
from softdash.structures.matching.label_order import order_by_labels

if TYPE_CHECKING:
    from softdash.structures.readers.bare_structure import BareStructure
    from softdash.structures.readers.tables.forces_table import ForcesTable

CONSENT = "Let softdash re-order the forces, if you are sure that both files are of the same structure."
_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RowOrder:
    """The order of rows, and how it is known.

    Attributes
    ----------
    order : ndarray of int, shape (N,), or None
        For each atom its row; None: as listed.
    reading : Reading
    is_known : bool
        Whether each row was told from all others by something that names the atoms of this structure.
    warning : str or None
        Of rows that changed places.
    """

    order: NDArray[np.intp] | None
    reading: Reading
    is_known: bool
    warning: str | None = None


def order_of_rows(structure: BareStructure, table: ForcesTable, names: _Names, *, consent: bool) -> RowOrder:
    """Return the order of the rows of a table without positions.

    Labels and atom numbers are the table's own statement: they are followed. Elements alone leave the order inside a
    species open: they are followed with `consent`, or where symmetry made the atoms of the structure, in an order of
    nobody's.

    Parameters
    ----------
    structure : BareStructure
    table : ForcesTable
        As many rows as `structure` has atoms.
    names : tuple of str
        Of their files.
    consent : bool
        `ReadOptions.reorder`.

    Raises
    ------
    RefusalError
        If the elements differ, or are in another order without consent; then it offers ``reorder``.
    """
    atoms, numbers = structure.atoms, table.numbers
    by_labels = None
    if table.labels is not None:
        by_labels = order_by_labels(table.labels, structure.labels, atoms.numbers)
    if by_labels is not None and _agree(numbers, by_labels.order, atoms):
        where = "all rows in place" if _is_identity(by_labels.order) else f"{_moved(by_labels.order)} rows moved"
        ground: Ground = "stated" if by_labels.is_complete and not structure.is_expanded else "assumed"
        more = "" if by_labels.is_complete else " Among atoms of one label nothing tells the order."
        detail = f"Rows were matched by {by_labels.how}: {where}.{more}"
        reading = Reading("order", "by labels", ground, detail)
        return _found(by_labels.order, reading, names, is_known=by_labels.is_certain)
    if table.numbering is not None and not _is_identity(table.numbering):
        order: NDArray[np.intp] = np.argsort(table.numbering, kind="stable")
        if _agree(numbers, order, atoms):
            detail = "The rows of the table number the atoms; they were sorted by these numbers."
            ground = "assumed" if structure.is_expanded else "stated"
            return _found(order, Reading("order", "by atom numbers", ground, detail), names, is_known=False)
    if numbers is None:
        return _as_listed(structure)
    return _by_elements(structure, table, numbers, names, consent=consent)


def _as_listed(structure: BareStructure) -> RowOrder:
    atoms = "as symmetry makes them" if structure.is_expanded else "as the structure lists them"
    detail = f"Row by row, the forces were given to the atoms {atoms}; nothing in the files says so."
    return RowOrder(None, Reading("order", "as listed", "assumed", detail), is_known=len(structure.atoms) == 1)


def _by_elements(
    structure: BareStructure, table: ForcesTable, numbers: NDArray[np.int64], names: _Names, *, consent: bool
) -> RowOrder:
    atoms = structure.atoms
    is_known = len(set(atoms.numbers.tolist())) == len(atoms)
    rest = "" if is_known else " Inside one element nothing tells the order."
    made = " as symmetry makes them" if structure.is_expanded else ""
    if np.array_equal(numbers, atoms.numbers):
        detail = f"The elements in the table follow those of the structure{made}.{rest}"
        ground: Ground = "assumed" if structure.is_expanded and not is_known else "stated"
        return RowOrder(None, Reading("order", "by elements", ground, detail), is_known)
    listed = np.arange(len(atoms)) if table.numbering is None else np.argsort(table.numbering, kind="stable")
    order = order_by_elements(atoms.numbers, numbers[listed])
    if order is None or not (consent or is_known or structure.is_expanded):
        raise elements_differ(atoms, table, numbers, names, offer=order is not None)
    order = listed[order]
    detail = f"The rows of the table were sorted by element as in the structure{made}.{rest}"
    ground = "stated" if is_known else "chosen" if consent else "assumed"
    return _found(order, Reading("order", "by elements", ground, detail), names, is_known=is_known)


def _found(order: NDArray[np.intp], reading: Reading, names: _Names, *, is_known: bool) -> RowOrder:
    if _is_identity(order):
        return RowOrder(None, reading, is_known)
    return RowOrder(order, reading, is_known, moved_sentence(order, names, reading.value))


def moved_sentence(order: NDArray[np.intp], names: _Names, how: str) -> str:
    """Return the warning that rows changed their places."""
    return f"Atoms re-ordered: {_moved(order)} of {len(order)} rows of {names[1]} were given to other atoms, {how}."


def elements_differ(
    atoms: Atoms, table: ForcesTable, numbers: NDArray[np.int64], names: _Names, *, offer: bool
) -> RefusalError:
    """Return the refusal of a table whose elements (`numbers`, shape (N,)) are not those of the atoms, row by row."""
    first = int(np.flatnonzero(numbers != atoms.numbers)[0])
    there = Atoms(numbers=[int(numbers[first])]).symbols[0]
    same_formula = bool(np.array_equal(np.sort(numbers), np.sort(atoms.numbers)))
    kind = "The atoms are in another order" if same_formula else "The elements differ"
    return RefusalError(
        f"{kind}: atom {first + 1} is {atoms.symbols[first]} in {names[0]} and {there} in {names[1]} "
        f"({table.row_place(first)}).",
        where=names[1],
        advice="Sort the rows as the atoms of the structure." + (f" {CONSENT}" if offer else ""),
        offer="reorder" if offer else None,
    )


def _agree(numbers: NDArray[np.int64] | None, order: NDArray[np.intp], atoms: Atoms) -> bool:
    return numbers is None or bool(np.array_equal(numbers[order], atoms.numbers))


def _is_identity(order: NDArray[np.integer]) -> bool:
    return bool(np.array_equal(order, np.arange(len(order))))


def _moved(order: NDArray[np.intp]) -> int:
    return int(np.count_nonzero(order != np.arange(len(order))))
