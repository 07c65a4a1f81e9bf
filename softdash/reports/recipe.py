"""The linear correction of a finished report: as a recipe file, and as the Python lines that use it."""

from __future__ import annotations

import json

from softdash.diagnosis.recipe_making import make_recipe
from softdash.diagnosis.records import PotentialResult, Report
from softdash.errors import ConflictError, NotFoundError
from softdash.potentials.correction_recipe import (
    CorrectedPotential,
    CorrectionRecipe,
    RecipeInput,
)
from softdash.reports.material_view import material_names, report_of_one


def recipe_file_name(report: Report, potential: str, material: str | None = None) -> str:
    """Return the name under which a recipe is offered, which is the name in `report_snippet`."""
    return f"{correction_stem(report, potential, material)}.recipe.json"


def correction_stem(report: Report, potential: str, material: str | None = None) -> str:
    """Return what the files of a correction are called before their ending. Raises `NotFoundError`."""
    result_of(report, potential)
    of_material = f"-{material}" if material is not None and material_names(report) else ""
    return f"softdash-{report.id}-{potential}{of_material}"


def report_recipe(report: Report, potential: str, material: str | None = None) -> CorrectionRecipe:
    """Return the recipe of c* for one potential of a report: that of `softdash correct` on the same labels.

    Parameters
    ----------
    report : Report
    potential : str
        Name.
    material : str, optional
        Which one, where the report has several.

    Raises
    ------
    NotFoundError
        If the report has no such potential or material.
    ConflictError
        If it has several materials and none is named, the potential failed, its factor is not positive, or the report
        is older than recipes.
    """
    result = result_of(report_of_one(report, material), potential)
    statistics, advice = result.statistics, result.advice
    if statistics is None:
        raise ConflictError(f"{result.potential.label} gave no result, so there is no correction.", where=report.id)
    if advice is None or not result.reference_states:
        raise ConflictError(
            "This report was made before softdash kept what a recipe needs.",
            where=report.id,
            advice="Diagnose the files again.",
        )
    if advice.linear_correction <= 0:
        raise ConflictError(
            "The predicted forces point against the reference forces, so no factor can correct them.",
            where=report.id,
            advice="Check the sign of the forces and the order of the atoms.",
        )
    who = result.potential
    return make_recipe(
        CorrectedPotential(
            name=who.name,
            label=who.label,
            version=who.version,
            package=who.package,
            package_version=who.package_version,
            weights_sha256=who.weights_sha256,
        ),
        statistics,
        advice,
        result.reference_states,
        inputs=[RecipeInput(name=file.name, sha256=file.sha256) for file in report.files],
        softdash_version=report.softdash_version,
        created=report.finished_at,
    )


def report_snippet(
    report: Report, potential: str, recipe_file: str | None = None, *, material: str | None = None
) -> str:
    """Return Python lines that load the recipe as an ASE calculator. Raises as `report_recipe`.

    `recipe_file` is the name of the recipe; default: `recipe_file_name`.
    """
    recipe = report_recipe(report, potential, material)
    # Names and sentences end up in a program: one line each, and never as code.
    name = _one_line(material or report.understanding.materials.name)
    formulas = ", ".join(state.formula for state in recipe.references)
    quantities = (
        "energies, forces and stresses" if "stress" in recipe.holds_for else "energies and forces (no stresses)"
    )
    warning = "" if recipe.is_recommended else f"# Not recommended. {_one_line(recipe.advice)}\n"
    return f"""\
# {_one_line(recipe.potential.label)} for {name}, {quantities} times c* = {recipe.factor:.6g}
# (slope {recipe.slope:.4g}, R² {recipe.r_squared:.4g}, {recipe.frame_count} labelled frames; report {report.id}).
# Energies are stretched about the reference states of the recipe: {_one_line(formulas)}.
{warning}from ase.io import read

from softdash.potentials.scaled_calculator import ScaledCalculator

atoms = read("my_structure.cif")
atoms.calc = ScaledCalculator.from_recipe({json.dumps(recipe_file or recipe_file_name(report, potential, material))})
print(atoms.get_potential_energy(), "eV")
print(atoms.get_forces(), "eV/Å")
"""


def result_of(report: Report, potential: str) -> PotentialResult:
    """Return one potential's part of a report.

    Raises
    ------
    NotFoundError
    """
    found = next((result for result in report.results if result.potential.name == potential), None)
    if found is None:
        names = ", ".join(result.potential.name for result in report.results)
        raise NotFoundError(f"This report has no potential {potential!r}; it has {names}.", where=report.id)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
