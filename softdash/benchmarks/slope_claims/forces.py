"""Stored forces of one material, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.catalog import Catalog
from softdash.softening.slopes import origin_slope


@dataclass(frozen=True, slots=True, eq=False)
class StoredForces:
    """DFT forces `x` and predicted forces `y`, each of shape (atoms, 3), eV/Å, and the frame of each atom."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    frame: NDArray[np.int_]

    @classmethod
    def of_material(cls, catalog: Catalog, dataset: str, potential: str, material_id: str) -> StoredForces:
        """Read the parity points of one material."""
        return cls.of_points(catalog.parity_points(dataset, potential, material_id), "predicted")

    @classmethod
    def of_points(cls, points: pd.DataFrame, side: str) -> StoredForces:
        """Take the forces out of stored points; `side` names the predicted columns."""
        x, y = (points[[f"{name}_{axis}" for axis in "xyz"]].to_numpy(dtype=np.float64) for name in ("reference", side))
        return cls(x, y, points["frame"].to_numpy(dtype=np.int_))

    @property
    def rms(self) -> float:
        """Root mean square of the DFT force components, eV/Å."""
        return float(np.sqrt(np.mean(self.x**2)))

    @property
    def slope(self) -> float:
        """Σxy/Σx²."""
        return origin_slope(self.x, self.y)

    def frame_slopes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return slope and rms of the DFT forces of each frame."""
        parts = [(self.x[at], self.y[at]) for at in (self.frame == one for one in np.unique(self.frame))]
        slopes = np.array([origin_slope(x, y) for x, y in parts])
        return slopes, np.array([float(np.sqrt(np.mean(x**2))) for x, _ in parts])
