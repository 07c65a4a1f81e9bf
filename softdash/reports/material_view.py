"""One material of a report of several, as a report of its own: what pages, files and the terminal then draw."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.diagnosis.several_materials import result_of_material
from softdash.errors import ConflictError, NotFoundError
from softdash.structures.frames.frame_functionals import functional_of
from softdash.structures.frames.materials import elements_in


def material_names(report: Report) -> tuple[str, ...]:
    """Return the names of the materials of a report, in the order of the upload; none where it has one material."""
    return tuple(dict.fromkeys(part.name for result in report.results for part in result.materials))


def material_report(report: Report, name: str) -> Report:
    """Return the report of one of the materials, as if it had been uploaded alone.

    It keeps the identifier, the seal and the frame numbers of the whole: it is a view, not another report.

    Raises
    ------
    NotFoundError
        If the report has no such material; it names those that there are.
    """
    names = material_names(report)
    if name not in names:
        has = f"It has: {', '.join(names)}." if names else "It has one material."
        raise NotFoundError(f"This report has no material '{name}'.", advice=has)
    read = report.understanding
    frames = [read.frames[position] for position in frames_of_material(report, name)]
    formulas = tuple(dict.fromkeys(frame.formula for frame in frames))
    elements = {symbol for formula in formulas for symbol in elements_in(formula)}
    atom_count = sum(frame.atom_count for frame in frames)
    understanding = read.model_copy(
        update={
            "formula": name,
            "functional": functional_of((frame.functional for frame in frames), read.functional),
            "formulas": formulas,
            "elements": tuple(symbol for symbol in read.elements if symbol in elements),
            "atom_count": atom_count,
            "component_count": 3 * atom_count,
        }
    )
    origins = {frame.origin for frame in frames}
    results = tuple(_of_material(result, name, origins) for result in report.results)
    return report.model_copy(
        update={"results": results, "understanding": understanding, "title": _title_of_material(report, name)}
    )


def report_of_one(report: Report, name: str | None) -> Report:
    """Return the report of the material named, or the report itself where it has one; for what holds for one alone.

    Raises
    ------
    ConflictError
        If it has several, and none is named.
    NotFoundError
        If it has none of that name.
    """
    names = material_names(report)
    if name is not None:
        return report if not names and name == report.understanding.materials.name else material_report(report, name)
    if names:
        raise ConflictError(
            f"This report has {len(names)} materials, and each has a correction of its own.",
            where=report.id,
            advice=f"Name the material: {', '.join(names)}.",
        )
    return report


def _of_material(result: PotentialResult, name: str, origins: Collection[str]) -> PotentialResult:
    refused = tuple(one for one in result.refused if one.origin in origins)
    return result_of_material(result, name).model_copy(update={"refused": refused})


def _title_of_material(report: Report, name: str) -> str:
    """Return the title that softdash would have made for the material alone, or the owner's with its name."""
    by = f" by {', '.join(result.potential.label for result in report.results)}"
    made = f"{report.understanding.materials.name}{by}"
    return f"{name}{by}" if report.title == made else f"{report.title} · {name}"


def frames_of_material(report: Report, name: str) -> tuple[int, ...]:
    """Return the positions of a material's frames in ``understanding.frames``."""
    return next((part.frames for result in report.results for part in result.materials if part.name == name), ())


def material_points(points: ForcePoints, frames: Sequence[int]) -> ForcePoints:
    """Return the forces of some frames of a report; energies and stresses of all others become NaN."""
    kept = np.isin(points.frame, np.asarray(frames, dtype=np.int64))
    cells = points.cells
    if cells is not None:
        others = np.ones(len(cells.reference_energies), dtype=bool)
        others[list(frames)] = False

        def without_others(values: Any) -> Any:
            result = np.array(values, dtype=np.float64)
            result[others] = np.nan
            return result

        cells = replace(
            cells,
            predicted_energies={name: without_others(v) for name, v in cells.predicted_energies.items()},
            predicted_stresses={name: without_others(v) for name, v in cells.predicted_stresses.items()},
        )
    return replace(
        points,
        frame=points.frame[kept],
        atom=points.atom[kept],
        atomic_number=points.atomic_number[kept],
        reference=points.reference[kept],
        predicted={name: forces[kept] for name, forces in points.predicted.items()},
        cells=cells,
    )
