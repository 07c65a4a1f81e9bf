"""``softdash correct``: one factor for one's own material, as a recipe that ASE programs load."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from softdash.cli.progress_bars import counting_bars
from softdash.reports.terminal.answer import print_answers
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.diagnosis.correction import FittedCorrection
    from softdash.potentials.correction_recipe import CorrectionRecipe
    from softdash.structures.frames.read_options import ReadOptions


def correct(
    files: Sequence[Path],
    names: Sequence[str],
    potential: str,
    settings: Settings,
    *,
    options: ReadOptions,
    output: Path | None,
    material: str | None = None,
    as_json: bool = False,
) -> None:
    """Fit the factor, write the recipe, and print what it means.

    Raises
    ------
    InputError
        If the files cannot be used, or hold several materials and `material` names none of them.
    PotentialUnavailableError
        If the potential is unknown or not installed.
    """
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(settings.torch_threads)
    from softdash.benchmarks.high_energy.frame_spreads import known_frame_spread
    from softdash.catalog import Catalog
    from softdash.diagnosis.answer import Limits
    from softdash.diagnosis.correction import fit_correction
    from softdash.diagnosis.provenance import sha256_of_file
    from softdash.diagnosis.suitability import choose_cards, notices_about
    from softdash.potentials.correction_recipe import RecipeInput
    from softdash.structures.frames.material_choice import frames_of_one
    from softdash.structures.upload.read import read_upload

    (card,) = choose_cards([potential])
    frames = frames_of_one(read_upload(list(files), settings, names, options), material)
    notices = notices_about(card, [set(frame.atoms.symbols) for frame in frames.frames], frames.functional)
    inputs = [RecipeInput(name=name, sha256=sha256_of_file(path)) for name, path in zip(names, files, strict=True)]
    catalog = Catalog(settings.precomputed_dir)
    with counting_bars(as_json=as_json) as add_bar:
        fitted = fit_correction(
            frames,
            card,
            inputs,
            label_noise=settings.label_noise,
            frame_spread=known_frame_spread(catalog, card),
            catalog=catalog,
            limits=Limits.of(settings),
            progress=add_bar(card.label),
        )
    if output is not None:
        fitted.recipe.write(output)
    if as_json:
        click.echo(fitted.recipe.model_dump_json(indent=2))
    else:
        _print(fitted, frames.materials.name, [notice.message for notice in notices], output)


def _print(fitted: FittedCorrection, formula: str, notices: Sequence[str], output: Path | None) -> None:
    # File names come from outside: they are text, never markup.
    console = Console(markup=False, highlight=False, soft_wrap=True)
    recipe = fitted.recipe
    frames = f"{recipe.frame_count} frame{'s' if recipe.frame_count > 1 else ''}"
    console.print(f"{formula} by {recipe.potential.label}", style="bold")
    if fitted.answer is not None:
        print_answers(console, [(recipe.potential.label, fitted.answer)])
    console.print(f"{frames}, {recipe.component_count} force components")
    for refused in fitted.refused:
        console.print(f"  left out: {refused.origin}: {refused.reason}", style="yellow")
    for notice in notices:
        console.print(f"  {notice}", style="yellow")
    for line in _meaning(recipe):
        console.print(line)
    console.print(recipe.advice, style="bold")
    if output is not None:
        console.print(f"Recipe: {output}. To use it with ASE:")
        console.print("  from softdash.potentials.scaled_calculator import ScaledCalculator")
        console.print(f"  atoms.calc = ScaledCalculator.from_recipe({str(output)!r})")


def _meaning(recipe: CorrectionRecipe) -> list[str]:
    from softdash.softening import three_digits

    interval = recipe.interval
    sure = (
        "no interval: too few labels"
        if interval is None
        else f"{100 * interval.level:g} % interval {three_digits(interval.low)} to {three_digits(interval.high)}, "
        f"{interval.method.replace('cluster', 'clustered')}"
    )
    states = "; ".join(f"{state.formula} {state.energy_per_atom:.4f} eV/atom" for state in recipe.references)
    return [
        f"c* = {three_digits(recipe.factor)} ({sure})",
        (
            f"  Slope {three_digits(recipe.slope)} before, R² = {three_digits(recipe.r_squared)} after: c* makes the "
            f"error smallest. 1/s = {three_digits(recipe.inverse_slope)} would make the slope 1."
        ),
        f"  MAE {three_digits(recipe.mae)} eV/Å before, {three_digits(recipe.mae_after)} after, on these labels.",
        f"  States that keep their energy: {states}",
        *([] if "stress" in recipe.holds_for else ["  For energies and forces; stresses stay as they are."]),
    ]
