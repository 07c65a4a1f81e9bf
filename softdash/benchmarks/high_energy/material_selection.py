"""Rows of the table of materials that are looked at together: data sets, potentials, filters.

Pages and API choose by the same class, so that a page and the file it links hold the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.high_energy.shared_frames import on_shared_frames
from softdash.catalog import Catalog, schemas
from softdash.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class MaterialSelection:
    """A selection of rows of the table of materials.

    Attributes
    ----------
    data, potentials : tuple of str
        Identifiers of data sets and potentials.
    elements : tuple of str
        A material must contain all of them.
    pressure_min, pressure_max : float or None
        GPa; a material without a known pressure passes only where neither is set.
    rms_min, rms_max : float or None
        Root mean square of the reference force components, eV/Å.
    r2 : float or None
        Smallest R².
    slope : (float, float) or None
        Half-open range of the softening scale: a bar of the histogram. It narrows the table, not the distribution.
    """

    data: tuple[str, ...]
    potentials: tuple[str, ...]
    elements: tuple[str, ...] = ()
    pressure_min: float | None = None
    pressure_max: float | None = None
    rms_min: float | None = None
    rms_max: float | None = None
    r2: float | None = None
    slope: tuple[float, float] | None = None

    def population(self, catalog: Catalog) -> pd.DataFrame:
        """Return the rows of the distribution: all filters but the range of slopes.

        Several potentials stand side by side, on the frames of each material that all of them computed
        (`softdash.benchmarks.high_energy.shared_frames`).
        """
        table = catalog.materials()
        table = table[self._chosen(table)]
        shared = on_shared_frames(catalog, table)
        return shared[self._kept(shared)]

    def rows(self, catalog: Catalog) -> pd.DataFrame:
        """Return the rows of the table: all filters."""
        table = self.population(catalog)
        if self.slope is None:
            return table
        # A bar is named by rounded edges; its own rounding decides which slopes it holds.
        slopes = table["slope"].round(9)
        return table[(slopes >= self.slope[0]) & (slopes < self.slope[1])]

    def failures(self, catalog: Catalog) -> pd.DataFrame:
        """Return the frames and materials left out of the chosen data sets and potentials."""
        table = catalog.failures()
        return table[table["dataset"].isin(self.data) & table["potential"].isin(self.potentials)]

    def forces(self, catalog: Catalog, material_id: str) -> pd.DataFrame:
        """Return one material's forces by all chosen potentials: one row per atom, frame and potential.

        Raises
        ------
        NotFoundError
            If none of the chosen data sets and potentials has the material.
        """
        parts = []
        for dataset in self.data:
            for potential in self.potentials:
                try:
                    points = catalog.parity_points(dataset, potential, material_id)
                except NotFoundError:
                    continue
                parts.append(points.assign(dataset=dataset, potential=potential))
        if not parts:
            raise NotFoundError(f"There are no forces of {material_id}.", advice="Choose a material from the table.")
        table = pd.concat(parts, ignore_index=True)
        return table[["dataset", "potential", *schemas.PARITY_POINTS.column_names]]

    def groups(self, table: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
        """Split rows into (data set, potential, rows), in the order they were chosen; empty groups are left out."""
        parts = [
            (dataset, potential, table[(table["dataset"] == dataset) & (table["potential"] == potential)])
            for dataset in self.data
            for potential in self.potentials
        ]
        return [part for part in parts if len(part[2])]

    @property
    def has_filters(self) -> bool:
        """Whether anything but data sets and potentials is restricted."""
        limits = (self.pressure_min, self.pressure_max, self.rms_min, self.rms_max, self.r2, self.slope)
        return bool(self.elements) or any(limit is not None for limit in limits)

    def _chosen(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        chosen = _is_one_of(table["dataset"], self.data) & _is_one_of(table["potential"], self.potentials)
        if self.elements:
            spaced = " " + table["elements"] + " "
            for element in self.elements:
                chosen &= spaced.str.contains(f" {element} ", regex=False)
        return np.asarray(chosen, dtype=np.bool_)

    def _kept(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        kept = np.ones(len(table), dtype=np.bool_)
        # Comparisons with a missing pressure are false, so such a material passes only without a limit.
        for column, low, high in (
            ("pressure_gpa", self.pressure_min, self.pressure_max),
            ("reference_rms", self.rms_min, self.rms_max),
            ("r_squared", self.r2, None),
        ):
            if low is not None:
                kept &= (table[column] >= low).to_numpy(dtype=np.bool_)
            if high is not None:
                kept &= (table[column] <= high).to_numpy(dtype=np.bool_)
        return kept


def _is_one_of(column: pd.Series, names: Sequence[str]) -> pd.Series:
    """Return where a column of text holds one of a few names; several times faster than ``isin`` on long tables."""
    found = pd.Series(False, index=column.index)
    for name in names:
        found |= column == name
    return found
