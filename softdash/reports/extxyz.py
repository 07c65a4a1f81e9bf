"""A report as extended XYZ: all frames with reference and predicted forces, energies and stresses.

Written here rather than by ASE, whose ``ase.io`` costs the web process 30 MB; softdash's own reader and
``ase.io.read`` take it. ``REF_forces``, ``REF_energy`` and ``REF_stress`` are the reference; ``chgnet_0_3_0_forces``
and so on are predictions. Forces in eV/Å, energies in eV, stresses in eV/Å³ (ASE's sign, 3×3 row by row).
Frames alone are written in the same way, to send them to a server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from ase import Atoms
from ase.data import chemical_symbols
from numpy.typing import NDArray

from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import ConflictError
from softdash.reports.material_view import frames_of_material, material_names, report_of_one
from softdash.structures.frames.frame_functionals import functional_of
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames


def report_extxyz(
    report: Report, points: ForcePoints, frames: LabelledFrames, *, material: str | None = None
) -> Iterator[str]:
    """Yield the frames of a report one by one as extended XYZ; all numbers come back to the last digit.

    A frame that a potential could not compute lacks that potential's columns.

    Parameters
    ----------
    report : Report
    points : ForcePoints
    frames : LabelledFrames
        The stored frames of its upload (`DiagnosisService.frames`), in the order of ``report.understanding.frames``.
    material : str, optional
        Only the frames of this one of several.

    Raises
    ------
    ConflictError
        If the frames are not those of the report.
    NotFoundError
        If the report has no such material.
    """
    if material is not None:
        report_of_one(report, material)
    material_of = {frame: name for name in material_names(report) for frame in frames_of_material(report, name)}
    counts = [len(frame.atoms) for frame in frames.frames]
    if counts != [frame.atom_count for frame in report.understanding.frames] or sum(counts) != len(points.reference):
        raise ConflictError("The stored frames are not those of this report.", where=report.id)
    starts = np.concatenate(([0], np.cumsum(counts)))
    for position, frame in enumerate(frames.frames):
        if material is not None and material_of.get(position, material) != material:
            continue
        rows = slice(int(starts[position]), int(starts[position + 1]))
        predicted = {name: forces[rows] for name, forces in points.predicted.items()}
        known = {name: forces for name, forces in predicted.items() if np.isfinite(forces).all()}
        yield _frame(report, points, frame, position, points.reference[rows], known, material_of.get(position))


def _frame(
    report: Report,
    points: ForcePoints,
    frame: LabelledFrame,
    position: int,
    reference: NDArray[np.float64],
    predicted: dict[str, NDArray[np.float64]],
    material: str | None,
) -> str:
    pairs = [] if material is None else [f"material={_quoted(material)}"]
    if points.cells is not None:
        pairs += _labels("REF", points.cells.reference_energies[position], points.cells.reference_stresses[position])
        for name in predicted:
            energy, stress = points.cells.predicted_energies[name], points.cells.predicted_stresses[name]
            pairs += _labels(prediction_key(name), energy[position], stress[position])
    functional = functional_of([frame.functional], report.understanding.functional)
    if functional is not None:
        pairs.append(f"functional={_quoted(functional)}")
    pairs.append(f"origin={_quoted(frame.origin)}")
    pairs.append(f"softdash_report={_quoted(report.id)}")
    forces = {"REF_forces": reference, **{f"{prediction_key(name)}_forces": rows for name, rows in predicted.items()}}
    return _xyz(frame.atoms, forces, pairs)


def frames_extxyz(frames: LabelledFrames) -> Iterator[str]:
    """Yield labelled frames one by one as extended XYZ; all numbers come back to the last digit."""
    for frame in frames.frames:
        functional = functional_of([frame.functional], frames.functional)
        about = [("functional", functional), ("code", frames.code)]
        energy = np.nan if frame.reference_energy is None else frame.reference_energy
        stress = np.full((3, 3), np.nan) if frame.reference_stress is None else frame.reference_stress
        pairs = [*_labels("REF", energy, stress), *(f"{key}={_quoted(value)}" for key, value in about if value)]
        yield _xyz(frame.atoms, {"REF_forces": frame.reference_forces}, pairs)


def _xyz(atoms: Atoms, forces: Mapping[str, NDArray[np.float64]], pairs: Sequence[str]) -> str:
    lattice = [f'Lattice="{_numbers(atoms.cell.array)}"'] if atoms.cell.rank == 3 else []
    columns = ":".join(["species:S:1:pos:R:3", *(f"{name}:R:3" for name in forces)])
    periodic = " ".join("T" if axis else "F" for axis in atoms.pbc)
    comment = " ".join([*lattice, f"Properties={columns}", f'pbc="{periodic}"', *pairs])
    table = np.hstack([atoms.positions, *forces.values()])
    symbols = [chemical_symbols[number] for number in atoms.numbers]
    rows = (f"{symbol} {_numbers(row)}" for symbol, row in zip(symbols, table.tolist(), strict=True))
    return f"{len(atoms)}\n{comment}\n" + "\n".join(rows) + "\n"


def _labels(owner: str, energy: float, stress: NDArray[np.float64]) -> list[str]:
    found = []
    if np.isfinite(energy):
        found.append(f"{owner}_energy={float(energy)!r}")
    if np.isfinite(stress).all():
        found.append(f'{owner}_stress="{_numbers(stress)}"')
    return found


def prediction_key(name: str) -> str:
    """Return a potential's name as extended XYZ allows it in a key: ``chgnet_0_3_0``."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _numbers(values: NDArray[np.float64] | Sequence[float]) -> str:
    flat = values.ravel().tolist() if isinstance(values, np.ndarray) else values
    return " ".join(map(repr, flat))


def _quoted(text: str) -> str:
    """Return text as one quoted word: a file name may hold anything."""
    return '"' + " ".join(text.replace("\\", "/").replace('"', "'").split()) + '"'
