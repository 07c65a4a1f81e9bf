"""A diagnosis of several materials by effective medium theory, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ase.io
import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from dash import html
from diagnosed import parts_of, text_of

from softdash.diagnosis.records import Report, UploadRecord
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.reports.material_view import material_report

METALS = ("Al", "Cu", "Ag", "Au", "Ni")
SOFTNESS = (0.7, 0.8, 0.9, 1.0, 1.1)
UNKNOWN = "Si"
"""An element that effective medium theory does not know."""


def write_materials(
    path: Path, elements: Sequence[str], softness: Sequence[float], *, frames: int = 4, interleaved: bool = False
) -> None:
    """Write rattled crystals whose reference forces make effective medium theory as soft as told."""
    generator = np.random.default_rng(5)
    written: list[list[Atoms]] = []
    for element, soft in zip(elements, softness, strict=True):
        own = []
        for _ in range(frames):
            atoms = bulk(element, cubic=True)
            atoms.positions += generator.normal(scale=0.1, size=atoms.positions.shape)
            if element == UNKNOWN:
                forces = generator.normal(size=atoms.positions.shape)
            else:
                atoms.calc = EMT()
                forces = atoms.get_forces() / soft + generator.normal(scale=0.01, size=atoms.positions.shape)
                atoms.calc = None
            atoms.arrays["forces"] = forces - forces.mean(axis=0)
            atoms.info["functional"] = "PBE"
            own.append(atoms)
        written.append(own)
    groups = zip(*written, strict=True) if interleaved else written
    ase.io.write(path, [one for group in groups for one in group], format="extxyz")


def add_materials(
    service: DiagnosisService,
    folder: Path,
    elements: Sequence[str] = METALS,
    softness: Sequence[float] = SOFTNESS,
    *,
    interleaved: bool = False,
) -> UploadRecord:
    """Upload such crystals in one file."""
    path = folder / "mix.extxyz"
    write_materials(path, elements, softness, interleaved=interleaved)
    return service.add_upload([IncomingFile(path.name, path)])


def rows_of(page: object, table_id: str) -> list[str]:
    """Return the text of each row of a table's body."""
    table = next(part for part in parts_of(page) if getattr(part, "id", None) == table_id)
    body = next(part for part in parts_of(table) if isinstance(part, html.Tbody))
    return [text_of(row) for row in parts_of(body) if isinstance(row, html.Tr)]


def slope_of(report: Report, name: str) -> float:
    """Return the slope of a material by the first potential."""
    statistics = material_report(report, name).results[0].statistics
    assert statistics is not None
    return statistics.slope
