"""Labelled frames on disk, in one ``.npz`` of plain numbers: no pickles, and equal content gives equal bytes.

Arrays: ``atom_counts`` (F), ``numbers`` (M), ``positions`` (M, 3), ``forces`` (M, 3), ``cells`` (F, 3, 3),
``periodic`` (F, 3), ``energies`` (F, NaN where unknown), ``stresses`` and ``roundings`` (F, 3, 3, NaN where unknown),
and ``metadata``, JSON text as bytes. F frames, M atoms in all.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import ReferenceDataError
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames, RefusedFrame
from softdash.structures.frames.readings import Reading

FORMAT_VERSION = 1
_OPTIONAL = (
    "force_unit_is_stated",
    "spin",
    "hubbard_u",
    "dispersion",
    "frames_found",
    "was_reordered",
    "orientation_is_known",
    "order_is_known",
)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a time stamp would make equal content differ in its SHA-256


def save_frames(path: Path, frames: LabelledFrames) -> None:
    """Write `frames` to `path`, replacing it at once or not at all; all numbers bit-exact."""
    functionals = [frame.functional for frame in frames.frames]
    metadata = {
        "format_version": FORMAT_VERSION,
        "origins": [frame.origin for frame in frames.frames],
        "refused": [[refused.origin, refused.reason] for refused in frames.refused],
        "file_format": frames.file_format,
        "functional": frames.functional,
        "code": frames.code,
        "force_unit": frames.force_unit,
        "warnings": list(frames.warnings),
        "readings": [asdict(reading) for reading in frames.readings],
        **{name: getattr(frames, name) for name in _OPTIONAL},
        # Left out where nobody decided it, as before there was a choice: equal content keeps its hash.
        **({} if frames.grouping == "auto" else {"grouping": frames.grouping}),
        **({"functionals": functionals} if any(one is not None for one in functionals) else {}),
    }
    arrays = _arrays(frames.frames)
    arrays["metadata"] = np.frombuffer(json.dumps(metadata, sort_keys=True).encode(), dtype=np.uint8)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(arrays):
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, arrays[name], version=(1, 0), allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy", date_time=_LONG_AGO), buffer.getvalue())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def load_frames(path: Path) -> LabelledFrames:
    """Read what `save_frames` wrote.

    Raises
    ------
    ReferenceDataError
        If the file is missing, damaged or of another version.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        metadata = json.loads(arrays["metadata"].tobytes())
        if metadata["format_version"] != FORMAT_VERSION:
            raise ReferenceDataError(
                f"The stored frames have version {metadata['format_version']}, this softdash reads {FORMAT_VERSION}.",
                where=path.name,
            )
        return LabelledFrames(
            frames=_frames(arrays, metadata["origins"], metadata.get("functionals")),
            refused=tuple(RefusedFrame(origin, reason) for origin, reason in metadata["refused"]),
            file_format=metadata["file_format"],
            functional=metadata["functional"],
            code=metadata["code"],
            force_unit=metadata["force_unit"],
            warnings=tuple(metadata["warnings"]),
            readings=tuple(Reading(**reading) for reading in metadata.get("readings", ())),
            **{name: metadata[name] for name in (*_OPTIONAL, "grouping") if name in metadata},
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile, zlib.error) as problem:
        raise ReferenceDataError(
            f"The stored frames cannot be read ({problem}).", where=path.name, advice="Upload the files again."
        ) from problem


def _arrays(frames: tuple[LabelledFrame, ...]) -> dict[str, NDArray[Any]]:
    unknown = np.full((3, 3), np.nan)
    energies = [np.nan if frame.reference_energy is None else frame.reference_energy for frame in frames]
    roundings = [unknown if frame.rounding is None else frame.rounding for frame in frames]
    stresses = [unknown if frame.reference_stress is None else frame.reference_stress for frame in frames]
    rows = np.zeros((0, 3))
    return {
        "atom_counts": np.array([len(frame.atoms) for frame in frames], dtype=np.int64),
        "numbers": np.concatenate([np.zeros(0, np.int64), *(frame.atoms.numbers for frame in frames)]).astype(np.int64),
        "positions": np.concatenate([rows, *(frame.atoms.positions for frame in frames)]),
        "forces": np.concatenate([rows, *(frame.reference_forces for frame in frames)]),
        "cells": np.array([frame.atoms.cell.array for frame in frames], dtype=np.float64).reshape(-1, 3, 3),
        "periodic": np.array([frame.atoms.pbc for frame in frames], dtype=np.bool_).reshape(-1, 3),
        "energies": np.array(energies, dtype=np.float64),
        "stresses": np.array(stresses, dtype=np.float64).reshape(-1, 3, 3),
        "roundings": np.array(roundings, dtype=np.float64).reshape(-1, 3, 3),
    }


def _frames(
    arrays: dict[str, NDArray[Any]], origins: list[str], functionals: list[str | None] | None
) -> tuple[LabelledFrame, ...]:
    ends = np.cumsum(arrays["atom_counts"])
    if (
        len(functionals or origins) != len(origins)
        or len(origins) != len(ends)
        or (len(ends) and int(ends[-1]) != len(arrays["forces"]))
    ):
        raise ValueError("its parts do not fit together")
    frames = []
    for index, (origin, end, count) in enumerate(zip(origins, ends, arrays["atom_counts"], strict=True)):
        atoms_slice = slice(int(end - count), int(end))
        energy, stress = float(arrays["energies"][index]), arrays["stresses"][index]
        rounding = arrays["roundings"][index] if "roundings" in arrays else np.full((3, 3), np.nan)
        frames.append(
            LabelledFrame(
                atoms=Atoms(
                    numbers=arrays["numbers"][atoms_slice],
                    positions=arrays["positions"][atoms_slice],
                    cell=arrays["cells"][index],
                    pbc=arrays["periodic"][index],
                ),
                reference_forces=arrays["forces"][atoms_slice].copy(),
                origin=origin,
                reference_energy=None if np.isnan(energy) else energy,
                reference_stress=None if np.isnan(stress).any() else stress.copy(),
                rounding=None if np.isnan(rounding).any() else rounding.copy(),
                functional=None if functionals is None else functionals[index],
            )
        )
    return tuple(frames)
