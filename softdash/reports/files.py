"""A report as a file of any of its forms, chosen by the ending of a name: for the command line and for Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import Diagnosed, ForcePoints
from softdash.errors import ConflictError, InputError
from softdash.reports.extxyz import report_extxyz
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import report_html
from softdash.reports.material_view import material_names
from softdash.reports.recipe import report_recipe, report_snippet
from softdash.structures.frames.frame_geometry import frame_geometry
from softdash.structures.frames.labelled_frame import LabelledFrames

WholeForm = Literal["json", "csv", "html", "extxyz"]
PotentialForm = Literal["recipe", "snippet"]
"""Forms that exist once for each potential of a report."""
ReportForm = WholeForm | PotentialForm
FORMS: tuple[ReportForm, ...] = (*get_args(WholeForm), *get_args(PotentialForm))

# The longer ending first: a recipe is JSON, too.
ENDINGS: dict[str, ReportForm] = {
    ".recipe.json": "recipe",
    ".json": "json",
    ".csv": "csv",
    ".html": "html",
    ".extxyz": "extxyz",
    ".py": "snippet",
}


def form_of(name: str) -> ReportForm:
    """Return the form that a file's name asks for by its ending.

    Raises
    ------
    InputError
        If it has none of `ENDINGS`.
    """
    for ending, form in ENDINGS.items():
        if name.lower().endswith(ending):
            return form
    raise InputError(
        f"A report is not written as '{name}'.",
        advice=(
            "End the name with .json (everything), .csv (all forces), .html (a page), .extxyz (frames), .recipe.json "
            "(the correction) or .py (lines that load it)."
        ),
    )


def report_text(
    form: WholeForm,
    report: Report,
    points: ForcePoints,
    frames: Callable[[], LabelledFrames],
    *,
    material: str | None = None,
) -> Iterator[str]:
    """Yield the text of a form that holds all potentials; two of them ask for the frames.

    Parameters
    ----------
    form : str
    report : Report
    points : ForcePoints
    frames : callable
        Gives the frames of the report.
    material : str, optional
        Only this one of several.

    Raises
    ------
    ConflictError
        As `report_extxyz`; and for the JSON of one material, which has no seal.
    NotFoundError
        If the report has no such material.
    """
    if form == "json":
        if material is not None and material_names(report):
            raise ConflictError(
                "The JSON of a report is sealed as a whole: there is none of one material.",
                where=report.id,
                advice="Take the whole JSON, whose results hold each material, or another form.",
            )
        yield report_json(report)
    elif form == "csv":
        yield from report_csv(report, points, material=material)
    elif form == "html":
        loaded = cache(frames)
        yield report_html(
            report, points, frames=lambda position: frame_geometry(loaded().frames[position]), material=material
        )
    else:
        yield from report_extxyz(report, points, frames(), material=material)


def potential_text(
    form: PotentialForm, report: Report, potential: str, *, material: str | None = None, recipe_file: str | None = None
) -> str:
    """Return a form that holds one potential. Raises `NotFoundError`, `ConflictError` as `report_recipe`.

    `recipe_file` is the name that a snippet gives its recipe; default: that of downloads.
    """
    if form == "snippet":
        return report_snippet(report, potential, recipe_file, material=material)
    return report_recipe(report, potential, material).model_dump_json(indent=2)


def correctable_materials(result: PotentialResult) -> tuple[str | None, ...]:
    """Return the materials for which a potential has a correction; None stands for the only one of a report."""
    if result.statistics is None:
        return ()
    if not result.materials:
        return (None,)
    return tuple(
        part.name for part in result.materials if part.advice is not None and part.advice.linear_correction > 0
    )


def of_only_potential(form: PotentialForm, report: Report, file: str, material: str | None = None) -> str:
    """Return a form that holds one potential, for a file of any name. Raises as `potential_text`.

    Raises
    ------
    InputError
        If the report has several potentials.
    """
    names = [result.potential.name for result in report.results]
    if len(names) > 1:
        raise InputError(
            f"A recipe belongs to one potential, and this report has {len(names)}: {', '.join(names)}.",
            where=file,
            advice="Diagnose with one of them.",
        )
    recipe_file = Path(file).name.removesuffix(".py") + ".recipe.json"
    return potential_text(form, report, names[0], material=material, recipe_file=recipe_file)


def report_file_text(diagnosed: Diagnosed, file: str, material: str | None = None) -> Iterator[str]:
    """Yield a diagnosis, or its part about one of several materials, in the form that the name of a file asks for.

    Raises
    ------
    InputError
        If its ending is no form's, or a recipe is wanted of several potentials.
    ConflictError
        If the potential has no recipe, or the form is one of the whole.
    NotFoundError
        If there is no such material.
    """
    form = form_of(file)
    if form == "recipe" or form == "snippet":
        yield of_only_potential(form, diagnosed.report, file, material)
    else:
        whole = (diagnosed.report, diagnosed.points, lambda: diagnosed.frames)
        yield from report_text(form, *whole, material=material)
