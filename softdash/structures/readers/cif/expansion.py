"""All atoms of a cell from its sites and symmetry operations, and which of them lie on each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from softdash.structures.readers.cif.operations import Operations
from softdash.structures.readers.cif.sites import Sites

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE = 1e-3
"""Images closer than this in fractional coordinates are one atom, as in ASE; more where coordinates are rounded."""

_FARTHEST = 0.15  # Å between images that rounding may tear apart


@dataclass(frozen=True, slots=True)
class Expansion:
    """Atoms of a cell.

    Attributes
    ----------
    fractional : ndarray, shape (N, 3)
        Images of the first site, of the second, …, each in the order of the operations, in [0, 1).
    sites : ndarray of int, shape (N,)
        Which site each is an image of.
    """

    fractional: NDArray[np.float64]
    sites: NDArray[np.intp]

    def counts(self, site_count: int) -> tuple[int, ...]:
        """Return how many atoms each site became."""
        return tuple(int(count) for count in np.bincount(self.sites, minlength=site_count))


def expand(sites: Sites, operations: Operations, cell: NDArray[np.float64]) -> Expansion:
    """Return the images of `sites` under `operations`, each once; equal images of two sites of one element too."""
    longest = float(np.linalg.norm(cell, axis=1).max())
    tolerance = max(TOLERANCE, min(2.5 * sites.step, _FARTHEST / longest))
    images = np.einsum("mij,nj->nmi", operations.rotations, sites.fractional) + operations.translations
    images -= np.floor(images)
    images[images >= 1.0] = 0.0
    bins = max(int(0.999 / tolerance), 1)
    taken: dict[tuple[int, int, int, int], list[NDArray[np.float64]]] = {}
    kept: list[NDArray[np.float64]] = []
    origins: list[int] = []
    for site, number in enumerate(sites.numbers):
        for image in images[site]:
            at = (int(image[0] * bins) % bins, int(image[1] * bins) % bins, int(image[2] * bins) % bins)
            if _is_taken(image, at, int(number), taken, tolerance, bins):
                continue
            taken.setdefault((int(number), *at), []).append(image)
            kept.append(image)
            origins.append(site)
    return Expansion(np.array(kept).reshape(-1, 3), np.array(origins, dtype=np.intp))


def _is_taken(
    image: NDArray[np.float64],
    at: tuple[int, int, int],
    number: int,
    taken: dict[tuple[int, int, int, int], list[NDArray[np.float64]]],
    tolerance: float,
    bins: int,
) -> bool:
    for step in _STEPS:
        key = (number, (at[0] + step[0]) % bins, (at[1] + step[1]) % bins, (at[2] + step[2]) % bins)
        for other in taken.get(key, ()):
            difference = image - other
            if np.abs(difference - np.rint(difference)).max() < tolerance:
                return True
    return False


_STEPS = tuple(product((0, -1, 1), repeat=3))


def close_pairs(fractional: NDArray[np.float64], cell: NDArray[np.float64], distance: float) -> NDArray[np.intp]:
    """Return pairs (first, second) of atoms closer than `distance`, Å, shape (P, 2), at most as many as atoms.

    Images across the cell's faces count; an atom and its own images do not.
    """
    from scipy.spatial import cKDTree

    count = len(fractional)
    if count < 2:
        return np.empty((0, 2), dtype=np.intp)
    heights = abs(np.linalg.det(cell)) / np.linalg.norm(
        np.cross(np.roll(cell, -1, axis=0), np.roll(cell, -2, axis=0)), axis=1
    )
    inside = fractional - np.floor(fractional)
    margin = distance / heights  # in fractional coordinates
    points, owners = [inside @ cell], [np.arange(count)]
    for shift in _STEPS[1:]:
        moved = inside + np.array(shift)
        near = np.all((moved >= -margin) & (moved < 1 + margin), axis=1)
        points.append(moved[near] @ cell)
        owners.append(np.flatnonzero(near))
    tree = cKDTree(np.concatenate(points))
    owner = np.concatenate(owners)
    nearest, neighbours = tree.query(points[0], k=2, distance_upper_bound=distance)
    pairs = set()
    for atom in np.flatnonzero(np.isfinite(nearest[:, 1])):
        for neighbour in neighbours[atom]:
            if neighbour < len(owner) and owner[neighbour] != atom:
                pairs.add((min(int(atom), int(owner[neighbour])), max(int(atom), int(owner[neighbour]))))
    return np.array(sorted(pairs), dtype=np.intp).reshape(-1, 2)
