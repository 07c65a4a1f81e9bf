"""A reader's own labelled frames in the place of a data set: ``--reference FILE`` of the tasks about forces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from softdash.benchmarks.data.datasets import DatasetKind, ReferenceDataset
from softdash.benchmarks.data.reference_data import ReferenceMaterial, reduced_formula
from softdash.benchmarks.task import Request
from softdash.catalog.resources import ReferenceSource
from softdash.potentials.functionals import UNKNOWN_FUNCTIONAL
from softdash.settings import Settings
from softdash.structures.frames.labelled_frame import LabelledFrame, RefusedFrame
from softdash.structures.upload.read import read_upload

_LICENCE = "not stated"
_UNNAMED = "reference"


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """What was read of one file.

    Attributes
    ----------
    dataset : ReferenceDataset
        How tables name it: ``own-`` and the file's name, which no set of softdash's is called.
    materials : tuple of ReferenceMaterial
        One for each reduced formula, in the order of the file.
    refused : tuple of RefusedFrame
        Frames that were left out.
    """

    dataset: ReferenceDataset
    materials: tuple[ReferenceMaterial, ...]
    refused: tuple[RefusedFrame, ...] = ()


def read_reference_file(file: Path, settings: Settings) -> ReferenceFile:
    """Read frames with DFT forces from a file of any format that an upload may have.

    Parameters
    ----------
    file : pathlib.Path
    settings : Settings
        With the limits of uploads.

    Returns
    -------
    ReferenceFile

    Raises
    ------
    InputError
        If the file cannot be read, or none of its frames has forces that can be used.
    """
    found = read_upload([file], settings)
    functional = found.functional or UNKNOWN_FUNCTIONAL
    groups: dict[str, list[LabelledFrame]] = {}
    for frame in found.frames:
        groups.setdefault(reduced_formula(frame.atoms), []).append(frame)
    dataset = ReferenceDataset(
        name=own_name(file),
        label=file.name,
        kind=DatasetKind.MIXED,
        level_of_theory=", ".join(filter(None, (functional, found.code))),
        files=(),
        sources=(own_source(file),),
        note="Given by --reference.",
    )
    materials = tuple(
        ReferenceMaterial(formula, formula, functional, tuple(frames)) for formula, frames in groups.items()
    )
    return ReferenceFile(dataset, materials, found.refused)


def read_own_frames(request: Request) -> ReferenceFile | None:
    """Read the frames of a request's reference file, and say what was understood and left out; None without one."""
    file = request.reference_file
    if file is None:
        return None
    reference = read_reference_file(file, request.settings)
    count = sum(len(material.frames) for material in reference.materials)
    formulas = ", ".join(material.formula for material in reference.materials)
    request.say(
        f"{file.name}: {count} frames ({formulas}), functional {reference.materials[0].functional}. "
        f"Tables call it {reference.dataset.name}."
    )
    for refused in reference.refused:
        request.say(f"left out: {refused.origin}: {refused.reason}")
    return reference


def own_name(file: Path) -> str:
    """Return how tables and files of results name what comes from a file: ``my run.extxyz`` is ``own-my-run``."""
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", file.name.split(".")[0]).strip("-")
    return f"own-{stem or _UNNAMED}"


def own_source(file: Path) -> ReferenceSource:
    """Return the source of results that rest on a reader's own file."""
    return ReferenceSource(title=file.name, licence=_LICENCE)
