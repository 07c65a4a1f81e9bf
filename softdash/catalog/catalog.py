"""Typed, lazy, cached access to ``precomputed/`` for the pages and the API.

A file is read at its first use, checked against its schema, and read again when it changes on disk. A damaged file is
quarantined: its accessor raises `ReferenceDataError` with one sentence, `Catalog.problems` lists it, and all other
tables keep working. Data frames are handed out as copies on write, so no page can spoil the cache.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from softdash.catalog import schemas
from softdash.catalog.correction_schemas import FINE_TUNING_POINTS_FOLDER, fine_tuning_points_path
from softdash.catalog.parity_points import check_points_file, read_fine_tuning_points, read_parity_points
from softdash.catalog.phonon_bands import PhononBands, check_phonon_bands, read_phonon_bands
from softdash.catalog.resources import ResourceDescription, read_descriptions, require_described_content
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.softening import summarise_population
from softdash.softening.statistics import Interval, PopulationSummary

_Content = TypeVar("_Content")
_Stamp = tuple[int, int]

# Identifiers become parts of file names and come from addresses that anyone can type.
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_INTERVAL_LEVEL = 0.95
# The bootstrap of 100,000 materials needs fewer draws: its interval is narrow, and a page waits for it.
_DRAWS, _DRAWS_MIN, _DRAWN_VALUES_MAX = 4_000, 400, 40_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """A file in quarantine: its path under ``precomputed/``, and the reason in words."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Softening scales of all materials of one data set by one potential.

    Attributes
    ----------
    material_ids : ndarray of str, shape (M,)
    slopes, interval_low, interval_high : ndarray, shape (M,)
        Interval ends are NaN where a material has none.
    summary : PopulationSummary
    """

    material_ids: NDArray[np.object_]
    slopes: NDArray[np.float64]
    interval_low: NDArray[np.float64]
    interval_high: NDArray[np.float64]
    summary: PopulationSummary


class Catalog:
    """All precomputed results.

    Parameters
    ----------
    precomputed_dir : pathlib.Path
        The folder with ``datapackage.json``; layout in ``docs/architecture.md``.
    """

    def __init__(self, precomputed_dir: Path) -> None:
        self._folder = Path(precomputed_dir)
        self._lock = Lock()
        self._cache: dict[tuple[str, str], tuple[_Stamp | None, Any]] = {}

    def datasets(self) -> tuple[str, ...]:
        """Return the identifiers of the data sets with recomputed softening scales."""
        return _distinct(self.materials(), "dataset")

    def potentials(self, dataset: str | None = None) -> tuple[str, ...]:
        """Return the identifiers of the potentials with recomputed softening scales."""
        return _distinct(self.materials(dataset), "potential")

    def materials(self, dataset: str | None = None, potential: str | None = None) -> pd.DataFrame:
        """Return the statistics per material (`schemas.HIGH_ENERGY_MATERIALS`)."""
        return _rows_of(self._table(schemas.MATERIALS), dataset, potential)

    def material(self, dataset: str, potential: str, material_id: str) -> pd.Series:
        """Return the statistics of one material.

        Raises
        ------
        NotFoundError
            If there is no such row.
        """
        rows = self.materials(dataset, potential)
        rows = rows[rows["material_id"] == material_id]
        if rows.empty:
            raise NotFoundError(f"There is no softening scale of {material_id} ({dataset}) by {potential}.")
        return rows.iloc[0]

    def element_slopes(self, dataset: str | None = None, potential: str | None = None) -> pd.DataFrame:
        """Return the slopes per material and element (`schemas.HIGH_ENERGY_ELEMENT_SLOPES`)."""
        return _rows_of(self._table(schemas.ELEMENT_SLOPES), dataset, potential)

    def failures(self, dataset: str | None = None, potential: str | None = None) -> pd.DataFrame:
        """Return the frames and materials left out (`schemas.HIGH_ENERGY_FAILURES`)."""
        return _rows_of(self._table(schemas.FAILURES), dataset, potential)

    def parity_points(self, dataset: str, potential: str, material_id: str) -> pd.DataFrame:
        """Return one material's force components, DFT and predicted (`schemas.PARITY_POINTS`).

        Raises
        ------
        NotFoundError
            If there is no such data set, potential or material.
        ReferenceDataError
            If the file is in quarantine.
        """
        path = schemas.points_path(_identifier(dataset), _identifier(potential))
        if not (self._folder / path).is_file() and not self._is_described(path):
            raise NotFoundError(f"There are no parity points of {dataset} by {potential}.")
        self._checked_points(path)
        return read_parity_points(self._folder / path, material_id)

    def population(self, dataset: str, potential: str) -> Population:
        """Return the distribution of the softening scale over the materials of a data set.

        Raises
        ------
        NotFoundError
            If no material of the data set was computed with the potential.
        RefusalError
            If there is only one: that is no distribution.
        """
        rows = self.materials(dataset, potential)
        if rows.empty:
            raise NotFoundError(f"There are no softening scales of {dataset} by {potential}.")
        return self._cached(schemas.MATERIALS, f"population {dataset} {potential}", lambda _: _population(rows))

    def published_values(self, task: str | None = None) -> pd.DataFrame:
        """Return values from the literature (`schemas.PUBLISHED`), of one task or of all."""
        table = self._table(schemas.PUBLISHED_VALUES)
        return table[table["task"] == task] if task is not None else table

    def phonon_max_frequencies(self) -> pd.DataFrame:
        """Return the 229 materials of the paper's Fig. 4b (`schemas.MAX_FREQUENCIES`)."""
        return self._table(schemas.PHONON_MAX_FREQUENCIES)

    def phonon_materials(self) -> pd.DataFrame:
        """Return the recomputed phonons, one row per material, potential and method (`schemas.RECOMPUTED_PHONONS`)."""
        return self._table(schemas.PHONON_MATERIALS)

    def phonon_bands(self, material_id: str) -> PhononBands:
        """Return bands and densities of states of one recomputed material.

        Raises
        ------
        NotFoundError
            If it was not computed.
        ReferenceDataError
            If its file is in quarantine.
        """
        path = schemas.phonon_bands_path(_identifier(material_id))
        if not (self._folder / path).is_file() and not self._is_described(path):
            raise NotFoundError(f"The phonons of {material_id} were not computed.")
        return self._bands(path)

    def fine_tuning_points(self, system: str) -> pd.DataFrame:
        """Return one system's forces: DFT, pretrained and fine-tuned (`correction_schemas.FINE_TUNING_POINTS`).

        Raises
        ------
        NotFoundError
            If the system was not computed.
        ReferenceDataError
            If its file is in quarantine.
        """
        path = fine_tuning_points_path(_identifier(system))
        if not self.has(path):
            raise NotFoundError(f"There was no fine-tuning on {system}.")
        return self._fine_tuning_points(path).copy(deep=False)

    def has(self, path: str) -> bool:
        """Return whether a file is there, or should be: a benchmark that was not run leaves neither file nor entry."""
        return (self._folder / path).is_file() or self._is_described(path)

    def table(self, path: str) -> pd.DataFrame:
        """Return the table at one of `schemas.CSV_TABLES`.

        Raises
        ------
        NotFoundError
            If it is one of `schemas.OPTIONAL_TABLES` that was not computed.
        ReferenceDataError
            If it is in quarantine.
        """
        if path in schemas.OPTIONAL_TABLES and not self.has(path):
            raise NotFoundError(f"The {schemas.CSV_TABLES[path].name} were not computed yet.")
        return self._table(path)

    def row_count(self, path: str) -> int:
        """Return the number of rows of the table at one of `schemas.CSV_TABLES`, without keeping it in memory.

        Raises
        ------
        ReferenceDataError
            If the file is missing.
        """
        return self._cached(path, "row count", _count_rows)

    def resource(self, path: str) -> ResourceDescription:
        """Return where a file comes from: source, licence, commit, hashes, date.

        Parameters
        ----------
        path : str
            Relative to ``precomputed/``; the constants and functions of `softdash.catalog.schemas` give it.

        Raises
        ------
        NotFoundError
            If the file has no description.
        """
        descriptions = self.resources()
        if path not in descriptions:
            raise NotFoundError(f"{path} is not described in {schemas.DATA_PACKAGE}.")
        return descriptions[path]

    def resources(self) -> dict[str, ResourceDescription]:
        """Return the descriptions of all files, by path."""
        return self._cached(schemas.DATA_PACKAGE, "content", read_descriptions)

    def problems(self) -> list[Problem]:
        """Check every file and return those in quarantine, sorted by path. Cheap when nothing changed on disk."""
        checks: dict[str, Callable[[], Any]] = {schemas.DATA_PACKAGE: self.resources}
        for path in schemas.CSV_TABLES:
            if path not in schemas.OPTIONAL_TABLES or self.has(path):
                checks[path] = partial(self._table, path)
        for path in self._expected(schemas.POINTS_FOLDER, ".parquet"):
            checks[path] = partial(self._checked_points, path)
        for path in self._expected(FINE_TUNING_POINTS_FOLDER, ".parquet"):
            checks[path] = partial(self._fine_tuning_points, path)
        for path in self._expected(schemas.PHONON_BANDS_FOLDER, ".json.gz"):
            checks[path] = partial(self._check_bands, path)
        found = []
        for path, check in sorted(checks.items()):
            try:
                check()
            except ReferenceDataError as error:
                found.append(Problem(path, f"{error.what} {error.advice or ''}".strip()))
        return found

    def _expected(self, folder: str, ending: str) -> set[str]:
        """Return the files of a folder: those that are there, and those that are described but lost."""
        present = {f"{folder}/{path.name}" for path in (self._folder / folder).glob(f"*{ending}")}
        try:
            described = {p for p in self.resources() if p.startswith(f"{folder}/") and p.endswith(ending)}
        except ReferenceDataError:
            described = set()
        return present | described

    def _table(self, path: str) -> pd.DataFrame:
        return self._whole(path, schemas.CSV_TABLES[path].read_csv).copy(deep=False)

    def _checked_points(self, path: str) -> None:
        self._whole(path, check_points_file)

    def _fine_tuning_points(self, path: str) -> pd.DataFrame:
        return self._whole(path, read_fine_tuning_points)

    def _bands(self, path: str) -> PhononBands:
        # Not kept: unpacked, the bands of all materials together would fill the memory.
        self._check_bands(path)
        return read_phonon_bands(self._folder / path)

    def _check_bands(self, path: str) -> None:
        """Refuse damaged bands. Those that are described need not be unpacked: the hash tells."""
        self._whole(path, _require_file if self._is_described(path) else check_phonon_bands)

    def _whole(self, path: str, read: Callable[[Path], _Content]) -> _Content:
        """Return `read(file)` of a file that is the one described, if it is described."""
        try:
            sha256 = self.resource(path).sha256
        except (NotFoundError, ReferenceDataError):
            sha256 = None

        def read_checked(file: Path) -> _Content:
            content = read(file)
            require_described_content(file, sha256)
            return content

        return self._cached(path, f"content {sha256}", read_checked)

    def _is_described(self, path: str) -> bool:
        try:
            return path in self.resources()
        except ReferenceDataError:
            return False

    def _cached(self, path: str, what: str, read: Callable[[Path], _Content]) -> _Content:
        """Return `read(file)`, or raise its error, computed once for each state of the file on disk."""
        file = self._folder / path
        stamp = _stamp(file)
        with self._lock:
            known = self._cache.get((path, what))
        if known is None or known[0] != stamp:
            # Outside the lock: a slow file holds up only those who want it; two who do at once both read it.
            try:
                known = (stamp, read(file))
            except ReferenceDataError as error:
                known = (stamp, error)
            with self._lock:
                self._cache[path, what] = known
        content = known[1]
        if isinstance(content, ReferenceDataError):
            raise content.with_traceback(None)
        return cast(_Content, content)


def _require_file(file: Path) -> None:
    if not file.is_file():
        raise ReferenceDataError("A file that datapackage.json describes is missing.", where=str(file))


def _count_rows(file: Path) -> int:
    _require_file(file)
    with file.open(encoding="utf-8", newline="") as lines:
        return max(0, sum(1 for _ in csv.reader(lines)) - 1)


def _population(rows: pd.DataFrame) -> Population:
    slopes = rows["slope"].to_numpy(dtype=np.float64)
    low = rows["interval_low"].to_numpy(dtype=np.float64)
    high = rows["interval_high"].to_numpy(dtype=np.float64)
    intervals = [
        None if method is None or method != method else Interval(a, b, _INTERVAL_LEVEL, method)
        for a, b, method in zip(low.tolist(), high.tolist(), rows["interval_method"].tolist(), strict=True)
    ]
    draws = max(_DRAWS_MIN, min(_DRAWS, _DRAWN_VALUES_MAX // len(slopes)))
    return Population(
        material_ids=rows["material_id"].to_numpy(dtype=object),
        slopes=slopes,
        interval_low=low,
        interval_high=high,
        summary=summarise_population(slopes, intervals, frame_counts=rows["frame_count"].to_numpy(), draws=draws),
    )


def _rows_of(table: pd.DataFrame, dataset: str | None, potential: str | None) -> pd.DataFrame:
    if dataset is not None:
        table = table[table["dataset"] == dataset]
    if potential is not None:
        table = table[table["potential"] == potential]
    return table


def _distinct(table: pd.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(str(value) for value in table[column].unique())


def _identifier(text: str) -> str:
    if not _IDENTIFIER.fullmatch(text):
        raise NotFoundError(f"{text!r} is not the name of a data set, potential or material.")
    return text


def _stamp(file: Path) -> _Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
