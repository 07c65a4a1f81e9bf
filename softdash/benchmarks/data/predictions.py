"""Predicted forces per material, kept on disk so that a stopped benchmark goes on where it was.

A file is found by what it rests on (potential, weights, frames), never by its position in a list: changing the order,
the potential or the data can never return another material's numbers.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from softdash.benchmarks.data.reference_data import ReferenceMaterial
from softdash.catalog.resources import PotentialVersion
from softdash.errors import PredictionError, RefusalError
from softdash.potentials.interface import Potential
from softdash.potentials.registry import cards
from softdash.softening import check_frame
from softdash.softening.refusals import SMALLEST_REFERENCE_RMS


@dataclass(frozen=True, slots=True)
class MaterialPredictions:
    """Predictions of one material's frames, in their order.

    Attributes
    ----------
    forces : tuple of ndarray, shape (N, 3), or None
        eV/Å; None for a frame that was left out.
    reasons : tuple of str
        Why a frame was left out; empty for frames that were predicted.
    """

    forces: tuple[NDArray[np.float64] | None, ...]
    reasons: tuple[str, ...]


def origin_of_predictions(stamp: PotentialVersion) -> str:
    """Return all that predictions of a potential rest on: package, weights, and the revision of softdash's adapter.

    The first revision is not named, so that what was kept before there were revisions is still found. Of a calculator
    that a file or an option describes, its arguments count, too.
    """
    known = next((one for one in cards() if one.name == stamp.name), None)
    revision = "" if known is None or known.revision == 1 else f"adapter revision {known.revision}"
    calculator = "" if known is None else known.calculator
    return "\n".join(filter(None, (stamp.model_dump_json(), revision, calculator)))


def weights_in_words(stamp: PotentialVersion) -> str:
    """Return the beginning of the weights' hash; where it is not known, what makes the calculator, as far as told."""
    told = (one.calculator for one in cards() if one.name == stamp.name)
    return stamp.weights_sha256[:16] or next(told, "") or "not known"


class PredictionStore:
    """Folder with one file of predicted forces per (potential, weights, adapter, material, frames).

    Parameters
    ----------
    folder : pathlib.Path
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, stamp: PotentialVersion, material: ReferenceMaterial) -> MaterialPredictions | None:
        """Return what was stored for this potential and these frames, or None."""
        file = self._file(stamp, material)
        if not file.is_file():
            return None
        try:
            with np.load(file, allow_pickle=False) as stored:
                reasons = tuple(str(reason) for reason in stored["reasons"])
                forces = _split(stored["forces"], [len(frame.atoms) for frame in material.frames])
        except (ValueError, KeyError, OSError, EOFError, BadZipFile):
            return None  # half a file, from a machine that went down: compute again
        return MaterialPredictions(
            tuple(None if reason else part for part, reason in zip(forces, reasons, strict=True)), reasons
        )

    def put(self, stamp: PotentialVersion, material: ReferenceMaterial, predictions: MaterialPredictions) -> None:
        """Store predictions; readers see the whole file or none."""
        file = self._file(stamp, material)
        file.parent.mkdir(parents=True, exist_ok=True)
        parts = [
            np.full((len(frame.atoms), 3), np.nan) if forces is None else forces
            for frame, forces in zip(material.frames, predictions.forces, strict=True)
        ]
        handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".part-")
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, forces=np.concatenate(parts), reasons=np.array(predictions.reasons, dtype=np.str_))
        Path(temporary).replace(file)

    def _file(self, stamp: PotentialVersion, material: ReferenceMaterial) -> Path:
        rests_on = "\n".join((origin_of_predictions(stamp), material.material_id, material.content_sha256))
        return self._folder / stamp.name / f"{hashlib.sha256(rests_on.encode()).hexdigest()}.npz"


def predict_material(
    potential: Potential, material: ReferenceMaterial, on_frames: Callable[[int], None] | None = None
) -> MaterialPredictions:
    """Predict all frames of a material; a frame that fails costs itself alone.

    Parameters
    ----------
    potential : Potential
    material : ReferenceMaterial
    on_frames : callable, optional
        Called with the number of frames finished since the last call; may raise to stop.
    """
    reasons = refusals(material)
    usable = [position for position, reason in enumerate(reasons) if not reason]
    forces: list[NDArray[np.float64] | None] = [None] * len(material.frames)
    try:
        for position, predicted in zip(usable, _forces(potential, material, usable), strict=True):
            forces[position] = predicted
    except PredictionError:
        for position in usable:
            try:
                forces[position] = _forces(potential, material, [position])[0]
            except PredictionError as error:
                reasons[position] = f"{error.what} {error.advice or ''}".strip()
    if on_frames is not None:
        on_frames(len(material.frames))
    return MaterialPredictions(tuple(forces), tuple(reasons))


def refusals(material: ReferenceMaterial) -> list[str]:
    """Return for each frame why its reference forces cannot be used; empty for those that can."""
    return [_refusal_of_reference(material, position) for position in range(len(material.frames))]


def _forces(potential: Potential, material: ReferenceMaterial, positions: Sequence[int]) -> list[NDArray[np.float64]]:
    predictions = potential.predict([material.frames[position].atoms for position in positions])
    return [prediction.forces for prediction in predictions]


def _refusal_of_reference(material: ReferenceMaterial, position: int) -> str:
    frame = material.frames[position]
    try:
        check_frame(frame.reference_forces, numbers=frame.atoms.numbers, where=frame.origin)
    except RefusalError as error:
        return error.what
    rms = float(np.sqrt(np.mean(np.square(frame.reference_forces))))
    if rms < SMALLEST_REFERENCE_RMS:
        size = f"root mean square {rms:.2g} eV/Å, below {SMALLEST_REFERENCE_RMS:g}"
        return f"The reference forces are almost zero ({size}): they say nothing about softening."
    return ""


def _split(forces: NDArray[np.float64], atom_counts: Sequence[int]) -> list[NDArray[np.float64]]:
    if len(forces) != sum(atom_counts):
        raise ValueError("the stored forces are those of other frames")
    return np.split(forces, np.cumsum(atom_counts)[:-1])
