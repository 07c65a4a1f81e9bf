"""One stored frame as plain arrays, for drawing: the web process reads it without a structure library."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from softdash.errors import NotFoundError, ReferenceDataError

if TYPE_CHECKING:  # it needs a structure library
    from softdash.structures.frames.labelled_frame import LabelledFrame


@dataclass(frozen=True, slots=True, eq=False)
class CellShape:
    """Edges (Å), angles (°) and volume (Å³) of a cell."""

    a: float
    b: float
    c: float
    alpha: float
    beta: float
    gamma: float
    volume: float


@dataclass(frozen=True, slots=True, eq=False)
class FrameGeometry:
    """Atoms, cell and reference forces of one frame.

    Attributes
    ----------
    numbers : ndarray of int, shape (N,)
        Atomic numbers.
    positions : ndarray, shape (N, 3)
        Å, as in the upload.
    cell : ndarray, shape (3, 3)
        Rows are the lattice vectors, Å; zero rows where the frame has none.
    periodic : ndarray of bool, shape (3,)
    forces : ndarray, shape (N, 3)
        Reference forces, eV/Å.
    origin : str
        Where the frame came from.
    """

    numbers: NDArray[np.int64]
    positions: NDArray[np.float64]
    cell: NDArray[np.float64]
    periodic: NDArray[np.bool_]
    forces: NDArray[np.float64]
    origin: str

    @property
    def shape(self) -> CellShape | None:
        """The cell's edges, angles and volume; None where it has no volume (a molecule)."""
        a, b, c = (float(length) for length in np.linalg.norm(self.cell, axis=1))
        volume = float(abs(np.linalg.det(self.cell)))
        if min(a, b, c) < 1e-6 or volume < 1e-6:
            return None
        u, v, w = self.cell / np.array([[a], [b], [c]])
        alpha, beta, gamma = (
            float(np.degrees(np.arccos(np.clip(np.dot(one, other), -1, 1)))) for one, other in ((v, w), (u, w), (u, v))
        )
        return CellShape(a, b, c, alpha, beta, gamma, volume)


def frame_geometry(frame: LabelledFrame) -> FrameGeometry:
    """Return a frame that is in memory as plain arrays."""
    return FrameGeometry(
        numbers=frame.atoms.numbers.astype(np.int64),
        positions=frame.atoms.positions,
        cell=frame.atoms.cell.array,
        periodic=frame.atoms.pbc,
        forces=frame.reference_forces,
        origin=frame.origin,
    )


def load_frame_geometry(path: Path, position: int) -> FrameGeometry:
    """Read one frame of what `softdash.structures.frames.frame_store.save_frames` wrote.

    Parameters
    ----------
    path : Path
    position : int
        0-based.

    Raises
    ------
    NotFoundError
        If there are fewer frames.
    ReferenceDataError
        If the file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            counts = archive["atom_counts"]
            if not 0 <= position < len(counts):
                raise NotFoundError(
                    f"There is no frame {position + 1}.", advice=f"Choose one between 1 and {len(counts)}."
                )
            end = int(counts[: position + 1].sum())
            atoms = slice(end - int(counts[position]), end)
            origins = json.loads(archive["metadata"].tobytes())["origins"]
            # Copies, so that the arrays of all frames can go.
            return FrameGeometry(
                numbers=archive["numbers"][atoms].copy(),
                positions=archive["positions"][atoms].copy(),
                cell=archive["cells"][position].copy(),
                periodic=archive["periodic"][position].copy(),
                forces=archive["forces"][atoms].copy(),
                origin=str(origins[position]),
            )
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile, zlib.error) as problem:
        raise ReferenceDataError(
            f"The stored frames cannot be read ({problem}).", where=path.name, advice="Upload the files again."
        ) from problem
