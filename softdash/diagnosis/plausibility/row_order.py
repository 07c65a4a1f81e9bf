"""Whether the rows of forces belong to the atoms that they stand beside, where the files do not say it.

Forces in another order look unrelated. An assignment of rows to atoms (Hungarian method, scipy) that makes them agree
is proposed, if an assignment to forces without any meaning would not do as well: among many atoms some row fits always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, permutations

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from softdash.diagnosis.plausibility.crystal_symmetry import doubt_about_symmetry
from softdash.diagnosis.plausibility.evidence import Agreement, Evidence, agreement_of_sums
from softdash.diagnosis.plausibility.lattice_orientation import Orientation
from softdash.diagnosis.records import ReadingDoubt, ReadingProposal
from softdash.softening import three_digits
from softdash.structures.matching.orientation import orientation_text

WORST_AS_LISTED, BEST_REORDERED = 0.6, 0.9
"""Another order is proposed only where R² rises from below the first to above the second."""

SCATTER_OF_CHANCE = 0.3
"""And where it leaves at most this share of the scatter that the best order of randomly turned forces leaves."""

MISPLACED_ERROR = 5.0
"""Rows in each other's place: their errors, as listed, are this many times the typical error of the other atoms …"""

PLACED_ERROR = 2.0
"""… and after the exchange at most this many times."""

MISPLACED_SHARE = 0.6
"""The exchange must leave at most this share of the scatter."""

MOST_ATOMS = 600
"""Of a frame; for more atoms the assignment takes seconds."""

_SMALLEST_ERROR = 0.01  # of the rms force; no potential is more exact than that
_MOST_BLOCK_ORDERS = 120
_MOST_MISPLACED_SHARE = 0.5
_CHANCE_DRAWS = 3
_ATOMS_NAMED = 6


@dataclass(frozen=True, slots=True)
class RowOrder:
    """One assignment of rows to atoms.

    Attributes
    ----------
    rows : ndarray of int, shape (N,)
        For each atom the row that is its own, from 0.
    how : str
        In words.
    orientation : Orientation
        Under which it was tried.
    agreement : Agreement
    """

    rows: NDArray[np.intp]
    how: str
    orientation: Orientation
    agreement: Agreement


def doubt_about_order(evidence: Evidence, settings: Sequence[Orientation]) -> ReadingDoubt | None:
    """Return the doubt about the order of the rows, or None.

    Parameters
    ----------
    evidence : Evidence
    settings : sequence of Orientation
        In which the cells may lie, best agreement first.
    """
    if not _is_one_kind_of_frame(evidence):
        return None
    as_listed = settings[0].agreement.r_squared
    if abs(as_listed) < WORST_AS_LISTED:
        return _another_order(evidence, settings)
    return None if as_listed < 0 else _misplaced_rows(evidence, settings[0])


def _is_one_kind_of_frame(evidence: Evidence) -> bool:
    numbers = evidence.frames[0].numbers
    alike = all(np.array_equal(frame.numbers, numbers) for frame in evidence.frames)
    return alike and 2 < len(numbers) <= MOST_ATOMS


def _another_order(evidence: Evidence, settings: Sequence[Orientation]) -> ReadingDoubt | None:
    fitting: list[RowOrder] = []
    for orientation in settings:
        correlations = _correlations(evidence, orientation.matrices)
        found = [
            RowOrder(rows, how, orientation, _agreement(evidence, correlations, rows))
            for rows, how in _block_orders(evidence.frames[0].numbers)
        ]
        fitting += [one for one in found if one.agreement.r_squared > BEST_REORDERED]
    if not fitting:
        for within_species in (True, False):
            found = [_best_order(evidence, orientation, within_species=within_species) for orientation in settings]
            best = max(found, key=lambda one: one.agreement.r_squared)
            chance = _best_by_chance(evidence, settings, within_species=within_species)
            if best.agreement.r_squared > BEST_REORDERED and (
                best.agreement.unexplained < SCATTER_OF_CHANCE * chance.unexplained
            ):
                fitting = [best]
                break
    if not fitting:
        return None
    best = max(fitting, key=lambda one: one.agreement.r_squared)
    return doubt_about_symmetry(evidence, best.rows, best.orientation.matrices) or _order_doubt(evidence, best)


def _correlations(evidence: Evidence, matrices: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return Σ over frames of p_i · f_j for atom i and row j, shape (N, N)."""
    total = np.zeros((len(evidence.frames[0].numbers),) * 2)
    for frame, matrix in zip(evidence.frames, matrices, strict=True):
        total += frame.predicted @ (frame.reference @ matrix).T
    return total


def _agreement(evidence: Evidence, correlations: NDArray[np.float64], rows: NDArray[np.intp]) -> Agreement:
    crossed = float(correlations[np.arange(len(rows)), rows].sum())
    squares = (float(np.vdot(forces, forces)) for forces in (evidence.reference, evidence.predicted))
    return agreement_of_sums(crossed, *squares)


def _block_orders(numbers: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.intp], str]]:
    """Give the orders of a table whose rows are grouped by element, whatever the order of the elements."""
    species = list(dict.fromkeys(int(number) for number in numbers))
    if len(species) < 2:
        return
    for order in islice(permutations(species), _MOST_BLOCK_ORDERS):
        rank = {number: place for place, number in enumerate(order)}
        atoms_by_row = np.argsort([rank[int(number)] for number in numbers], kind="stable")
        rows = np.empty(len(numbers), dtype=np.intp)
        rows[atoms_by_row] = np.arange(len(numbers))
        if not np.array_equal(rows, np.arange(len(rows))):
            yield rows, f"rows grouped as {', '.join(chemical_symbols[number] for number in order)}"


def _best_order(evidence: Evidence, orientation: Orientation, *, within_species: bool) -> RowOrder:
    correlations = _correlations(evidence, orientation.matrices)
    rows = _assignment(correlations, evidence.frames[0].numbers, within_species=within_species)
    how = "rows exchanged among atoms of one element" if within_species else "rows of all elements exchanged"
    return RowOrder(rows, how, orientation, _agreement(evidence, correlations, rows))


def _assignment(
    correlations: NDArray[np.float64], numbers: NDArray[np.int64], *, within_species: bool
) -> NDArray[np.intp]:
    from scipy.optimize import linear_sum_assignment

    rows = np.arange(len(numbers), dtype=np.intp)
    groups = [np.flatnonzero(numbers == number) for number in np.unique(numbers)] if within_species else [rows.copy()]
    for atoms in groups:
        _, columns = linear_sum_assignment(-correlations[np.ix_(atoms, atoms)])
        rows[atoms] = atoms[columns]
    return rows


def _best_by_chance(evidence: Evidence, settings: Sequence[Orientation], *, within_species: bool) -> Agreement:
    """Return the best agreement that any order gives to forces turned at random, which have no meaning here."""
    generator = np.random.default_rng(0)
    best = Agreement(0.0, 0.0)
    for orientation in settings:
        for _ in range(_CHANCE_DRAWS):
            turn = np.linalg.qr(generator.normal(size=(3, 3)))[0]
            correlations = _correlations(evidence, [matrix @ turn for matrix in orientation.matrices])
            rows = _assignment(correlations, evidence.frames[0].numbers, within_species=within_species)
            found = _agreement(evidence, correlations, rows)
            best = max(best, found, key=lambda one: one.r_squared)
    return best


def _misplaced_rows(evidence: Evidence, orientation: Orientation) -> ReadingDoubt | None:
    """Return the doubt about a few rows that stand in each other's place, or None."""
    found = _best_order(evidence, orientation, within_species=True)
    moved = np.flatnonzero(found.rows != np.arange(len(found.rows)))
    if len(moved) < 2:
        return None
    before, after = (
        _squared_errors(evidence, orientation, rows) for rows in (np.arange(len(found.rows), dtype=np.intp), found.rows)
    )
    typical = float(np.median(np.delete(before, moved))) if len(moved) < len(before) else float(np.median(after))
    typical = max(typical, (_SMALLEST_ERROR * evidence.predicted_rms) ** 2)
    misplaced = [
        atom
        for cycle in _cycles(found.rows)
        for atom in cycle
        if before[cycle].mean() > MISPLACED_ERROR**2 * typical and after[cycle].mean() <= PLACED_ERROR**2 * typical
    ]
    if len(misplaced) < 2 or len(misplaced) > max(2, _MOST_MISPLACED_SHARE * len(before)):
        return None
    rows = np.arange(len(found.rows), dtype=np.intp)
    rows[misplaced] = found.rows[misplaced]
    after_exchange = _agreement(evidence, _correlations(evidence, orientation.matrices), rows)
    if after_exchange.unexplained > MISPLACED_SHARE * orientation.agreement.unexplained:
        return None
    return _misplaced_doubt(evidence, RowOrder(rows, found.how, orientation, after_exchange), sorted(misplaced))


def _squared_errors(evidence: Evidence, orientation: Orientation, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return for each atom |p − s f|² over all frames, with s the slope that most atoms have, shape (N,)."""
    turned = [frame.reference @ matrix for frame, matrix in zip(evidence.frames, orientation.matrices, strict=True)]
    products = sum(((f.predicted * t).sum(axis=1) for f, t in zip(evidence.frames, turned, strict=True)), start=0.0)
    squares = sum(((t * t).sum(axis=1) for t in turned), start=np.zeros(len(rows)))
    heavy = squares >= np.median(squares)
    slope = float(np.median(np.asarray(products)[heavy] / squares[heavy])) if squares[heavy].all() else 1.0
    errors = np.zeros(len(rows))
    for frame, forces in zip(evidence.frames, turned, strict=True):
        errors += ((frame.predicted - slope * forces[rows]) ** 2).sum(axis=1)
    return errors


def _cycles(rows: NDArray[np.intp]) -> list[list[int]]:
    """Return the cycles of a permutation that move something."""
    seen: set[int] = set()
    cycles = []
    for start in range(len(rows)):
        cycle = []
        atom = start
        while atom not in seen:
            seen.add(atom)
            cycle.append(atom)
            atom = int(rows[atom])
        if len(cycle) > 1:
            cycles.append(cycle)
    return cycles


def _proposal(one: RowOrder, label: str) -> ReadingProposal:
    options: dict[str, object] = {"row_order": [int(row) + 1 for row in one.rows]}
    if one.orientation.code != "given":
        options["orientation"] = one.orientation.code
        label += f", with {orientation_text(one.orientation.code)}"
    return ReadingProposal(label=label, options=options, slope=one.agreement.slope, r_squared=one.agreement.r_squared)


def _order_doubt(evidence: Evidence, best: RowOrder) -> ReadingDoubt:
    found = evidence.as_read
    turned = best.orientation.code != "given"
    also = f" and {orientation_text(best.orientation.code)}" if turned else ""
    return ReadingDoubt(
        code="order",
        headline="The rows of forces seem to stand in another order than the atoms.",
        text=(
            f"As listed, R² is {three_digits(found.r_squared)}; with {best.how}{also} it is "
            f"{three_digits(best.agreement.r_squared)}. Nothing in the files says which row is which atom: a column "
            "with elements, labels, numbers or positions would."
        ),
        numbers={
            "slope": found.slope,
            "r_squared": found.r_squared,
            "other_slope": best.agreement.slope,
            "other_r_squared": best.agreement.r_squared,
        },
        proposals=(_proposal(best, f"Take {best.how}"),),
    )


def _misplaced_doubt(evidence: Evidence, best: RowOrder, misplaced: Sequence[int]) -> ReadingDoubt:
    found = evidence.as_read
    numbers = evidence.frames[0].numbers
    named = [f"{atom + 1} ({chemical_symbols[numbers[atom]]})" for atom in misplaced[:_ATOMS_NAMED]]
    more = f" and {len(misplaced) - _ATOMS_NAMED} more" if len(misplaced) > _ATOMS_NAMED else ""
    return ReadingDoubt(
        code="some_rows",
        headline=f"{len(misplaced)} rows of forces seem to stand in each other's place.",
        text=(
            f"The forces on atoms {', '.join(named)}{more} fit after an exchange among them (R² from "
            f"{three_digits(found.r_squared)} to {three_digits(best.agreement.r_squared)}); as listed they err far "
            "more than all others. Check these rows against the structure."
        ),
        numbers={
            "slope": found.slope,
            "r_squared": found.r_squared,
            "rows": float(len(misplaced)),
            "other_slope": best.agreement.slope,
            "other_r_squared": best.agreement.r_squared,
        },
        proposals=(_proposal(best, "Exchange these rows"),),
    )
