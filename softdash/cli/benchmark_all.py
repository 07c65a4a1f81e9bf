"""``softdash benchmark all``: every task that can be done on this machine, for the rows of new potentials."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softdash.cli.benchmark import run_high_energy, run_phonons
from softdash.cli.benchmark_correction import run_linear_correction
from softdash.cli.benchmark_outcome import TaskOutcome, print_outcome
from softdash.cli.energies import ENERGY_TASKS, run_energies
from softdash.errors import PotentialUnavailableError, ReferenceDataError, SoftdashError
from softdash.settings import Settings

if TYPE_CHECKING:
    from softdash.potentials.interface import PotentialCard

TASKS = ("high-energy", "linear-correction", *ENERGY_TASKS, "phonons")
"""In the order in which they run: `linear-correction` reads what `high-energy` wrote."""


@dataclass(frozen=True, slots=True)
class AllTasks:
    """What was asked for.

    Attributes
    ----------
    potentials : sequence of str
    tasks : sequence of str
        Of `TASKS`.
    shipped_only : bool
        Only with reference data that is part of softdash.
    as_json : bool
        Whether the command prints JSON: then there are no bars.
    """

    potentials: Sequence[str]
    tasks: Sequence[str]
    shipped_only: bool
    as_json: bool


def run_all(wanted: AllTasks, settings: Settings) -> list[TaskOutcome]:
    """Run the tasks one after another; what ends one does not keep the others from running.

    Raises
    ------
    PotentialUnavailableError
        Before anything is computed, if a potential is unknown or does not load.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(settings.torch_threads))
    from softdash.potentials.registry import card, load_potential

    cards = [card(name) for name in wanted.potentials]
    for name in wanted.potentials:
        load_potential(name)
    for one in cards:
        if not one.is_universal:
            click.echo(
                f"{one.label} knows {', '.join(sorted(one.elements))}: compounds with other elements are left out.",
                err=True,
            )
    outcomes = []
    for task in TASKS:
        if task in wanted.tasks:
            click.echo(f"== {task}", err=True)
            outcome = _guarded(task, wanted, lambda task=task: _run(task, wanted, cards, settings))  # type: ignore[misc]
            print_outcome(outcome)
            outcomes.append(outcome)
    return outcomes


def _guarded(task: str, wanted: AllTasks, run: Callable[[], TaskOutcome]) -> TaskOutcome:
    try:
        return run()
    except PotentialUnavailableError:
        raise
    except SoftdashError as error:
        return TaskOutcome(task=task, potentials=list(wanted.potentials), error=str(error))


def _run(task: str, wanted: AllTasks, cards: Sequence[PotentialCard], settings: Settings) -> TaskOutcome:
    if task == "high-energy":
        return _high_energy(wanted, settings)
    if task == "linear-correction":
        return _linear_correction(wanted, settings)
    if task == "phonons":
        return _phonons(wanted, cards, settings)
    return run_energies(task, wanted.potentials, settings)


def _high_energy(wanted: AllTasks, settings: Settings) -> TaskOutcome:
    from softdash.benchmarks.data.datasets import DATASETS
    from softdash.benchmarks.data.reference_data import where_it_is

    here = [one for one in DATASETS if (one.shipped or not wanted.shipped_only) and where_it_is(one, settings)]
    # The shipped sets first: they give rows within a minute.
    names = [one.name for one in sorted(here, key=lambda one: not one.shipped)]
    outcome, _ = run_high_energy(names, wanted.potentials, settings, as_json=wanted.as_json)
    if not wanted.shipped_only:
        absent = [one for one in DATASETS if one not in here]
        outcome.left_out += [
            f"the set {one.name}, which is not on this machine: "
            + (f"softdash data fetch {one.name}" if one.original else "set SOFTDASH_DATA_DIR")
            for one in absent
        ]
    return outcome


def _linear_correction(wanted: AllTasks, settings: Settings) -> TaskOutcome:
    try:
        return run_linear_correction((), wanted.potentials, settings, as_json=wanted.as_json)
    except ReferenceDataError as error:
        # A potential for few elements may have no compound with enough frames.
        return TaskOutcome(task="linear-correction", potentials=list(wanted.potentials), left_out=[str(error)])


def _phonons(wanted: AllTasks, cards: Sequence[PotentialCard], settings: Settings) -> TaskOutcome:
    """Compute the crystals that the tables have, where their reference is here; each potential those in its scope."""
    from ase.formula import Formula

    from softdash.benchmarks.data.scope import is_within_scope
    from softdash.catalog import Catalog

    outcome = TaskOutcome(task="phonons", potentials=list(wanted.potentials))
    if wanted.shipped_only or settings.data_dir is None:
        outcome.left_out.append("phonons, whose reference is not shipped: set SOFTDASH_DATA_DIR")
        return outcome
    table = Catalog(settings.precomputed_dir).phonon_materials()
    table = table[table["method"] == "dft"]
    cost = table["supercell_atom_count"] * table["displacement_count"]
    cheapest_first = table.loc[cost.sort_values(kind="stable").index]
    for one in cards:
        known = [
            str(row.material_id)
            for row in cheapest_first.itertuples()
            if _has_archive(settings.data_dir, str(row.material_id))
            and is_within_scope(one, Formula(str(row.formula)).count())
        ]
        if known:  # no name at all would stand for the four of the paper's figure
            done = run_phonons(known, [one.name], settings, smallest=0, recompute=False)
            outcome.written += done.written
            outcome.failures += done.failures
    return outcome


def _has_archive(data_dir: Path, material_id: str) -> bool:
    from softdash.benchmarks.phonons.phonondb import archive_path

    try:
        archive_path(data_dir, material_id)
    except SoftdashError:
        return False
    return True
