"""The rotation between a structure and a list of its atoms' positions, from the distances between atoms alone.

Positions may be listed in any order, shifted, wrapped into another cell, and in any orientation. Three neighbouring
rows make a triangle; where the same triangle of the same elements occurs in the structure, it gives a rotation, which
all other rows must confirm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softdash.structures.matching.atom_order import AtomsByPlace

_Vectors = NDArray[np.float64]

_IMAGES_MAX = 100_000  # atoms within the reach of the triangle's sides; longer ones fit too often
_ATOMS_TRIED = 2_000
_GUESSES = 4_000
_ROWS_COMPARED = 40  # as reference rows, and as corners
_SHORTEST = 0.4  # Å
_SINE = 0.2  # of the angle at the reference row: flatter triangles leave the rotation open
_LOOSE = 0.3  # Å; while a rotation is still rough
_STAGES = (6, 24, 96)
_ACCEPTED = 12  # rotations of one structure that are compared with each other
_SAME_LATTICE = 2e-2


@dataclass(frozen=True, slots=True)
class Turn:
    """How a list of positions lies against a structure.

    Attributes
    ----------
    rotation : ndarray, shape (3, 3)
        Orthogonal R: a vector v of the structure is ``R @ v`` in the list; improper for its mirror image.
    shift : ndarray, shape (3,)
        Of the list after it was turned back into the axes of the structure, Å.
    order : ndarray of int, shape (N,)
        For each atom its row.
    is_unique : bool
        Whether no other fitting rotation lays the lattice otherwise.
    """

    rotation: NDArray[np.float64]
    shift: NDArray[np.float64]
    order: NDArray[np.intp]
    is_unique: bool = True

    @property
    def is_mirror(self) -> bool:
        """Whether the list is the mirror image of the structure."""
        return bool(np.linalg.det(self.rotation) < 0)


def same_lattice(cell: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether two orthogonal matrices (3, 3) lay a lattice (rows of `cell`) so that it coincides with itself."""
    between = cell @ (first.T @ second) @ np.linalg.inv(cell)
    return bool(np.abs(between - np.rint(between)).max() < _SAME_LATTICE)


def find_turn(
    sites: AtomsByPlace, positions: _Vectors, numbers: NDArray[np.int64] | None, tolerance: float
) -> Turn | None:
    """Return the rotation, shift and order under which all rows are atoms; proper rotations are preferred.

    Parameters
    ----------
    sites : AtomsByPlace
        A periodic structure.
    positions : ndarray, shape (N, 3)
        Å, all finite.
    numbers : ndarray of int, shape (N,), optional
        Elements of the rows.
    tolerance : float
        By which each row may lie beside its atom, Å.

    Returns
    -------
    Turn or None
        None where nothing fits, or the rows lie on one line: then any rotation about it fits.
    """
    if not sites.has_usual_cell or len(positions) != len(sites.atoms) or len(positions) < 3:
        return None
    triangle = _triangle(positions, numbers)
    if triangle is None:
        return None
    reach = float(np.linalg.norm(positions[triangle[1:]] - positions[triangle[0]], axis=1).max())
    cell = sites.atoms.cell.array
    heights = 1 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    if not len(positions) * np.prod(2 * (reach + 1.0) / heights + 1.0) <= _IMAGES_MAX:
        return None
    images = _Images(sites, reach)
    for is_mirror in (False, True):
        found: list[Turn] = []
        for guess in _guesses(sites, images, positions, numbers, triangle, tolerance, is_mirror=is_mirror):
            turn = _confirmed(sites, positions, numbers, triangle[0], guess, tolerance)
            if turn is not None:
                found.append(turn)
                if len(found) == _ACCEPTED:
                    break
        if found:
            unique = all(same_lattice(cell, found[0].rotation, other.rotation) for other in found[1:])
            return Turn(found[0].rotation, found[0].shift, found[0].order, unique)
    return None


def _triangle(positions: _Vectors, numbers: NDArray[np.int64] | None) -> list[int] | None:
    """Return a row of the rarest element and two near rows that are not on one line with it."""
    rows = np.arange(len(positions))
    if numbers is not None:
        kinds, counts = np.unique(numbers, return_counts=True)
        rows = np.flatnonzero(numbers == kinds[counts.argmin()])
    best: tuple[float, list[int]] | None = None
    for row in rows[:_ROWS_COMPARED]:
        differences = positions - positions[row]
        lengths = np.linalg.norm(differences, axis=1)
        near = [int(other) for other in np.argsort(lengths, kind="stable")[: _ROWS_COMPARED + 1] if other != row]
        near = [other for other in near if lengths[other] > _SHORTEST]
        for second in near[1:]:
            area = np.linalg.norm(np.cross(differences[near[0]], differences[second]))
            if area > _SINE * lengths[near[0]] * lengths[second]:
                if best is None or lengths[second] < best[0]:
                    best = float(lengths[second]), [int(row), near[0], second]
                break
    return best[1] if best is not None else None


class _Images:
    """All atoms of the structure with their images as far as `reach` outside the cell."""

    def __init__(self, sites: AtomsByPlace, reach: float) -> None:
        from scipy.spatial import cKDTree

        cell = sites.atoms.cell.array
        inverse = np.linalg.inv(cell)
        margin = (reach + 1.0) * np.linalg.norm(inverse, axis=0)  # in fractional coordinates
        scaled = np.mod(sites.atoms.positions @ inverse, 1.0)
        self.home: _Vectors = scaled @ cell
        counts = np.ceil(margin).astype(int)
        moves = np.stack(
            np.meshgrid(*(np.arange(-count, count + 1) for count in counts), indexing="ij"), axis=-1
        ).reshape(-1, 3)
        everywhere = (scaled[None, :, :] + moves[:, None, :]).reshape(-1, 3)
        atoms = np.tile(np.arange(len(scaled)), len(moves))
        inside = np.all((everywhere > -margin) & (everywhere < 1 + margin), axis=1)
        self.positions: _Vectors = everywhere[inside] @ cell
        self.atoms: NDArray[np.intp] = atoms[inside]
        self.tree = cKDTree(self.positions)


def _guesses(
    sites: AtomsByPlace,
    images: _Images,
    positions: _Vectors,
    numbers: NDArray[np.int64] | None,
    triangle: list[int],
    tolerance: float,
    *,
    is_mirror: bool,
) -> Iterator[tuple[NDArray[np.float64], _Vectors]]:
    """Yield rotations, and the place in the structure of the reference row, that fit the triangle."""
    row, second, third = triangle
    sides = positions[[second, third]] - positions[row]
    lengths = np.linalg.norm(sides, axis=1)
    across = float(np.linalg.norm(sides[1] - sides[0]))
    allowed = 2 * tolerance + 1e-6
    frame = _frame(*sides)
    candidates = np.arange(len(sites.atoms))
    if numbers is not None:
        candidates = candidates[sites.numbers == numbers[row]]
    made = 0
    for atom in candidates[:_ATOMS_TRIED]:
        centre = images.home[atom]
        around = np.array(images.tree.query_ball_point(centre, float(lengths.max()) + allowed), dtype=np.intp)
        vectors = images.positions[around] - centre
        sizes = np.linalg.norm(vectors, axis=1)
        fitting = []
        for corner, length in zip((second, third), lengths, strict=True):
            fits = np.abs(sizes - length) <= allowed
            if numbers is not None:
                fits &= sites.numbers[images.atoms[around]] == numbers[corner]
            fitting.append(vectors[fits])
        if not len(fitting[0]) or not len(fitting[1]):
            continue
        apart = np.linalg.norm(fitting[0][:, None, :] - fitting[1][None, :, :], axis=2)
        for one, other in zip(*np.nonzero(np.abs(apart - across) <= allowed), strict=True):
            own = _frame(fitting[0][one], fitting[1][other])
            if is_mirror:
                own = own * np.array([[1.0], [1.0], [-1.0]])
            yield frame.T @ own, centre
            made += 1
            if made >= _GUESSES:
                return


def _frame(first: _Vectors, second: _Vectors) -> NDArray[np.float64]:
    """Return three orthonormal rows that two vectors span, right-handed."""
    one = first / np.linalg.norm(first)
    three = np.cross(one, second)
    three /= np.linalg.norm(three)
    return np.array([one, np.cross(three, one), three])


def _confirmed(
    sites: AtomsByPlace,
    positions: _Vectors,
    numbers: NDArray[np.int64] | None,
    row: int,
    guess: tuple[NDArray[np.float64], _Vectors],
    tolerance: float,
) -> Turn | None:
    """Refine a rotation on ever more rows (Kabsch), and return it if each row then is one atom."""
    rotation, place = guess
    reference = positions[row]
    distances = np.linalg.norm(positions - reference, axis=1)
    near_first = np.argsort(distances, kind="stable")
    total = len(positions)
    centre_of_rows, centre = reference, place
    for stage in sorted({min(count, total) for count in (*_STAGES, total)}):
        rows = near_first[:stage]
        turned = (positions[rows] - centre_of_rows) @ rotation + centre
        candidates, differences, is_close = sites.close_atoms(turned, _LOOSE)
        if numbers is not None:
            is_close &= sites.numbers[candidates] == numbers[rows, None]
        if not np.all(is_close.any(axis=1)):
            return None
        sizes = np.where(is_close, np.linalg.norm(differences, axis=2), np.inf)
        nearest = differences[np.arange(len(rows)), sizes.argmin(axis=1)]
        wanted = turned - nearest
        centre_of_rows, centre = positions[rows].mean(axis=0), wanted.mean(axis=0)
        rotation = _kabsch(wanted - centre, positions[rows] - centre_of_rows, np.sign(np.linalg.det(rotation)))
    shift = centre_of_rows @ rotation - centre
    order = sites.order_of_rows(positions @ rotation - shift, numbers, tolerance)
    return None if order is None else Turn(rotation, shift, order)


def _kabsch(vectors: _Vectors, turned: _Vectors, handedness: float) -> NDArray[np.float64]:
    """Return the orthogonal R of that handedness for which ``vectors @ R.T`` is nearest to `turned` (both (M, 3))."""
    left, _, right = np.linalg.svd(turned.T @ vectors)
    sign = np.sign(np.linalg.det(left @ right)) * handedness
    return np.asarray(left @ np.diag([1.0, 1.0, sign]) @ right)
