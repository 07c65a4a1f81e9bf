"""The phonons of one material in the form that is stored and drawn: bands and densities of states on one path.

Frequencies are in THz; imaginary ones are negative. All curves of a material share the path of the DFT geometry: the
same fractional q-points, at the distances of the DFT cell, so that a relaxed cell moves no high-symmetry point.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from softdash.errors import NotFoundError, ReferenceDataError

PhononMethod = Literal["dft", "relaxed", "fixed"]
Geometry = Literal["relaxed", "fixed"]
"""Of a potential's phonons: its own minimum, or the geometry of the reference."""

MeshCell = Literal["primitive", "conventional"]
"""The cell along whose reciprocal axes a q-mesh lies."""

IMAGINARY_BELOW = -0.05
"""Frequencies below this count as imaginary, THz: smaller ones are the noise of acoustic modes at Γ."""

# The largest shipped file unpacks to 4 MB: more is damage, which must not fill the memory.
_CONTENT_BYTES_MAX = 50_000_000


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PathSegment(_Record):
    """A straight piece of the path.

    `start` and `end` are labels (``"Γ"``, ``"X"``); `distances` are in 1/Å without 2π and run on from segment to
    segment. Where a segment does not start at the label the one before ended at, the path is broken.
    """

    start: str
    end: str
    distances: tuple[float, ...]


class PhononCurve(_Record):
    """Bands and density of states by one potential (or DFT) and one method.

    Attributes
    ----------
    potential : str
        Identifier of the potential; ``"dft"`` for the reference.
    method : {"dft", "relaxed", "fixed"}
    frequencies : nested tuples, shape (segments, q-points, bands)
        THz.
    dos_frequencies, dos : tuple of float
        THz; states per THz and primitive cell (its integral is 3 × atoms).
    dos_scale : float
        Factor that brought the integral to 3 × atoms; 1 where no factor was needed.
    max_frequency, min_frequency : float
        Extremes over the q-mesh and the path, THz.
    """

    potential: str
    method: PhononMethod
    frequencies: tuple[tuple[tuple[float, ...], ...], ...]
    dos_frequencies: tuple[float, ...]
    dos: tuple[float, ...]
    max_frequency: float
    min_frequency: float
    dos_scale: float = 1.0

    @property
    def mode_count(self) -> float:
        """Return the integral of the density of states by the trapezoidal rule."""
        steps = zip(self.dos_frequencies[:-1], self.dos_frequencies[1:], self.dos[:-1], self.dos[1:], strict=True)
        return sum((after - before) * (low + high) / 2 for before, after, low, high in steps)


class PhononBands(_Record):
    """All curves of one material.

    Attributes
    ----------
    material_id, formula : str
    atom_count : int
        Atoms of the primitive cell.
    supercell : tuple of 9 int
        Supercell matrix, row by row.
    q_mesh : tuple of 3 int
        Γ-centred mesh of the density of states, along the reciprocal axes of `q_mesh_cell`.
    q_mesh_cell : {"primitive", "conventional"}
    path : tuple of PathSegment
    curves : tuple of PhononCurve
        DFT first.
    """

    material_id: str
    formula: str
    atom_count: int
    supercell: tuple[int, ...]
    q_mesh: tuple[int, int, int]
    q_mesh_cell: MeshCell = "primitive"
    path: tuple[PathSegment, ...]
    curves: tuple[PhononCurve, ...]

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        band_count = 3 * self.atom_count
        for curve in self.curves:
            name = f"{curve.potential} ({curve.method})"
            if len(curve.frequencies) != len(self.path):
                raise ValueError(f"{name} has {len(curve.frequencies)} path segments, not {len(self.path)}")
            for segment, rows in zip(self.path, curve.frequencies, strict=True):
                if len(rows) != len(segment.distances) or any(len(row) != band_count for row in rows):
                    raise ValueError(f"{name}: the segment {segment.start}–{segment.end} has not the expected shape")
                if not all(math.isfinite(value) for row in rows for value in row):
                    raise ValueError(
                        f"{name}: the segment {segment.start}–{segment.end} has a value that is not finite"
                    )
            if len(curve.dos) != len(curve.dos_frequencies):
                raise ValueError(f"{name}: density of states and its frequencies differ in length")
            if curve.min_frequency > curve.max_frequency:
                raise ValueError(f"{name}: the smallest frequency is above the largest")
        return self

    def curve(self, potential: str, method: PhononMethod) -> PhononCurve:
        """Return the curve of one potential and method.

        Raises
        ------
        NotFoundError
            If it was not computed.
        """
        for curve in self.curves:
            if (curve.potential, curve.method) == (potential, method):
                return curve
        raise NotFoundError(f"There are no phonons of {self.material_id} by {potential} ({method}).")

    def with_curve(self, curve: PhononCurve) -> PhononBands:
        """Return the same material with one curve added, or replaced."""
        kept = [c for c in self.curves if (c.potential, c.method) != (curve.potential, curve.method)]
        return self.model_copy(update={"curves": (*kept, curve)})

    def write(self, path: Path) -> None:
        """Write JSON compressed by gzip, the same bytes for the same content; the file is replaced at once."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.write_bytes(gzip.compress(self.model_dump_json().encode(), mtime=0))
        part.replace(path)


def read_phonon_bands(path: Path) -> PhononBands:
    """Read the phonons of one material.

    Raises
    ------
    ReferenceDataError
        If the file cannot be read or its shapes do not fit together.
    """
    try:
        with gzip.open(path) as file:
            content = file.read(_CONTENT_BYTES_MAX)
        return PhononBands.model_validate_json(content)
    except FileNotFoundError:
        raise ReferenceDataError("The phonons of this material are missing.", where=str(path)) from None
    except (ValidationError, OSError, EOFError, zlib.error) as error:
        problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ReferenceDataError(
            f"The phonons of this material are damaged: {problem}.",
            where=str(path),
            advice="Restore the file from the repository, or compute it again with `softdash benchmark phonons`.",
        ) from error


def check_phonon_bands(path: Path) -> None:
    """Read the phonons of one material to see that they can be read; errors as of `read_phonon_bands`."""
    read_phonon_bands(path)


BAND_COLUMNS = ("potential", "method", "segment", "start", "end", "distance_1_per_A", "band", "frequency_THz")
"""Columns of the table of bands."""


def bands_table(bands: PhononBands) -> pd.DataFrame:
    """Return all bands of one material as a table with one row per curve, q-point and band (`BAND_COLUMNS`)."""
    return pd.DataFrame(_band_rows(bands), columns=list(BAND_COLUMNS))


def _band_rows(bands: PhononBands) -> Iterator[tuple[object, ...]]:
    for curve in bands.curves:
        for index, (segment, rows) in enumerate(zip(bands.path, curve.frequencies, strict=True), start=1):
            place = (curve.potential, curve.method, index, segment.start, segment.end)
            for distance, frequencies in zip(segment.distances, rows, strict=True):
                for band, frequency in enumerate(frequencies, start=1):
                    yield (*place, distance, band, frequency)
