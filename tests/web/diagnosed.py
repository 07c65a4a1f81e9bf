"""A real service with a diagnosis of copper by effective medium theory, for the tests of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ase.io
import numpy as np
from ase.build import bulk
from dash.development.base_component import Component
from sqlalchemy import create_engine, text

from softdash.diagnosis.records import UploadRecord
from softdash.jobs.service import CreatedDiagnosis, DiagnosisService, IncomingFile
from softdash.jobs.worker import Worker
from softdash.settings import Settings


def add_copper(service: DiagnosisService, folder: Path, *, frames: int = 4) -> UploadRecord:
    """Upload rattled copper whose reference forces are springs to the sites."""
    generator = np.random.default_rng(11)
    written = []
    for _ in range(frames):
        atoms = bulk("Cu", cubic=True) * (2, 1, 1)
        displacements = generator.normal(scale=0.1, size=(len(atoms), 3))
        atoms.positions += displacements
        forces = -9.0 * displacements
        atoms.arrays["forces"] = forces - forces.mean(axis=0)
        atoms.info["functional"] = "PBE"
        written.append(atoms)
    path = folder / "copper.extxyz"
    ase.io.write(path, written, format="extxyz")
    return service.add_upload([IncomingFile(path.name, path)])


def compute_all(settings: Settings) -> None:
    """Compute all waiting runs of the classical potentials in this process, as a worker does."""
    worker = Worker("classical", settings)
    engine = create_engine(settings.database_address)
    with engine.connect() as connection:
        waiting = "SELECT id FROM jobs WHERE kind = 'diagnosis' AND state = 'queued'"
        numbers = [row[0] for row in connection.execute(text(waiting))]
    engine.dispose()
    for number in numbers:
        worker.execute(number)


def diagnose(
    service: DiagnosisService, settings: Settings, upload: UploadRecord, potentials: Sequence[str] = ("emt",)
) -> CreatedDiagnosis:
    """Diagnose an upload and compute all that waits."""
    created = service.create(upload.id, list(potentials))
    compute_all(settings)
    return created


def parts_of(component: object) -> list[Component]:
    """Return a component and all below it."""
    if isinstance(component, list | tuple):
        return [part for one in component for part in parts_of(one)]
    if not isinstance(component, Component):
        return []
    return [component, *parts_of(getattr(component, "children", None))]


def text_of(component: object) -> str:
    """Return all text in a component, in order."""
    if isinstance(component, list | tuple):
        return " ".join(text_of(one) for one in component)
    if isinstance(component, Component):
        return text_of(getattr(component, "children", None))
    return "" if component is None else str(component)


def ids_of(component: object) -> list[object]:
    """Return the ids in a component."""
    return [part.id for part in parts_of(component) if getattr(part, "id", None) is not None]
