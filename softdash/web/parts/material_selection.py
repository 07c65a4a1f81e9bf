"""Which materials a visitor looks at: data sets, potentials, filters; shared by page, address and downloads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.benchmarks.high_energy.shared_frames import on_shared_frames
from softdash.catalog import Catalog
from softdash.web.figures.periodic_table import ELEMENTS
from softdash.web.parts.data_sets import dataset_order

DEFAULT_DATASET = "mpf-TP"
DEFAULT_POTENTIAL = "chgnet-0.3.0"

Given = str | float | Sequence[str] | None
"""A value as a control or an address gives it."""


@dataclass(frozen=True, slots=True)
class MaterialSelection:
    """A checked selection of rows of the table of materials.

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

    @classmethod
    def checked(cls, catalog: Catalog, given: Mapping[str, Given]) -> MaterialSelection:
        """Build a selection from untrusted values; whatever is unknown or no number is dropped.

        Raises
        ------
        ReferenceDataError
            If the table of materials is in quarantine.
        """
        known_data = sorted(catalog.datasets(), key=dataset_order)
        known_potentials = sorted(catalog.potentials())
        return cls(
            data=_known(given.get("data"), known_data) or _default(DEFAULT_DATASET, known_data),
            potentials=_known(given.get("potentials"), known_potentials)
            or _default(DEFAULT_POTENTIAL, known_potentials),
            elements=_known(given.get("elements"), ELEMENTS),
            pressure_min=_number(given.get("pressure_min")),
            pressure_max=_number(given.get("pressure_max")),
            rms_min=_number(given.get("rms_min")),
            rms_max=_number(given.get("rms_max")),
            r2=_number(given.get("r2")),
            slope=_range(given.get("slope")),
        )

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

    def query(self) -> str:
        """Return the selection as a query string, as the downloads take it."""
        values = {
            "data": ",".join(self.data),
            "potentials": ",".join(self.potentials),
            "elements": ",".join(self.elements),
            "pressure_min": _text(self.pressure_min),
            "pressure_max": _text(self.pressure_max),
            "rms_min": _text(self.rms_min),
            "rms_max": _text(self.rms_max),
            "r2": _text(self.r2),
            "slope": slope_range_text(self.slope),
        }
        return urlencode({key: value for key, value in values.items() if value}, safe=",")

    def _chosen(self, table: pd.DataFrame) -> NDArray[np.bool_]:
        chosen = is_one_of(table["dataset"], self.data) & is_one_of(table["potential"], self.potentials)
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


def is_one_of(column: pd.Series, names: Sequence[str]) -> pd.Series:
    """Return where a column of text holds one of a few names; several times faster than ``isin`` on long tables."""
    found = pd.Series(False, index=column.index)
    for name in names:
        found |= column == name
    return found


def slope_range_text(limits: tuple[float, float] | None) -> str:
    """Return a range of slopes as it stands in the address: ``"0.85,0.9"``; empty for None."""
    return "" if limits is None else f"{limits[0]:g},{limits[1]:g}"


def _known(given: Given, known: Iterable[str]) -> tuple[str, ...]:
    if given is None or isinstance(given, float | int):
        return ()
    words = given.split(",") if isinstance(given, str) else given
    allowed = set(known)
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str) and word in allowed))


def _default(wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    return (wanted,) if wanted in known else tuple(known[:1])


def _number(given: Given | Any) -> float | None:
    if given is None or given == "" or isinstance(given, bool) or not isinstance(given, str | float | int):
        return None
    try:
        number = float(given)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _range(given: Given) -> tuple[float, float] | None:
    words = given.split(",") if isinstance(given, str) else []
    if len(words) != 2:
        return None
    low, high = _number(words[0]), _number(words[1])
    return (low, high) if low is not None and high is not None and low < high else None


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:g}"
