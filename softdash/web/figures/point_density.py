"""Counting points on a grid, for plots with more points than a browser draws well."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def count_points(
    x: NDArray[np.float64], y: NDArray[np.float64], half_width: float, half_height: float, bins: int
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Count points in equal bins of the rectangle [−half_width, half_width] × [−half_height, half_height].

    Points outside count into the nearest bin at the edge.

    Returns
    -------
    counts : ndarray, shape (bins, bins)
        Rows run along y, upwards.
    places : ndarray of int, shape (n,)
        Position of each point's bin in the flattened counts.
    """
    column = np.clip(((x / half_width + 1) / 2 * bins).astype(np.int_), 0, bins - 1)
    row = np.clip(((y / half_height + 1) / 2 * bins).astype(np.int_), 0, bins - 1)
    places = row * bins + column
    return np.bincount(places, minlength=bins * bins).reshape(bins, bins), places


def sparsest(counts: NDArray[np.int_], places: NDArray[np.int_], wanted: int) -> NDArray[np.int_]:
    """Return the positions of the `wanted` points with the fewest others in the 3×3 bins around them.

    Ties keep the order of the points, so equal input gives equal output.
    """
    padded = np.pad(counts, 1)
    around = sum(padded[i : i + counts.shape[0], j : j + counts.shape[1]] for i in range(3) for j in range(3))
    crowd = np.asarray(around).ravel()[places]
    return np.sort(np.argsort(crowd, kind="stable")[:wanted])
