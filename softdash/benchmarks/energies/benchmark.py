"""The benchmarks ``surfaces``, ``point-defects``, ``solid-solution`` and ``ion-migration``.

Each potential is shown twice. ``relaxed``: it relaxes bulk crystal, slab, defect or image by itself, as the paper
does; even an unbiased potential comes out too low then, for it goes to its own minimum. ``dft``: its energies at the
structures that the reference relaxed, by the same formula; what is missing there is missing in the energy surface.

A run goes on where it stopped: relaxed structures are kept in the state folder by potential and weights. A step that
fails costs the cases that need it, which are listed in ``energies/failures.csv``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from softdash.benchmarks.data.data_package import locked, potential_version, read_resources
from softdash.benchmarks.data.reference_file import own_source
from softdash.benchmarks.data.scope import is_within_scope
from softdash.benchmarks.data.tables import write_table
from softdash.benchmarks.energies.cases import chosen_cases, energy_task
from softdash.benchmarks.energies.energy_rows import EnergyFailure, EnergyRow, evaluate, merged
from softdash.benchmarks.energies.ion_migration import ION_MIGRATION_TASK
from softdash.benchmarks.energies.potential_energies import relaxation_details, relaxing_method, static_results
from softdash.benchmarks.energies.published_path import PublishedPath, published_path
from softdash.benchmarks.energies.reference_structures import OWN_SOURCE, reference_results
from softdash.benchmarks.energies.relaxation_run import Report, StepOutcomes, run_steps
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.row_annotations import annotated
from softdash.benchmarks.energies.structure_steps import EnergyCase, EnergyTask, RelaxedStructure
from softdash.catalog import schemas
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE, ENERGY_FAILURES, ENERGY_TABLES, FAILED_ENERGIES
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.errors import PotentialUnavailableError, ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings

LICENCE = "CC0-1.0"


def run_benchmark(
    task_name: str,
    potential_names: Sequence[str],
    settings: Settings,
    report: Report = print,
    *,
    case_ids: Sequence[str] = (),
    reference_file: Path | None = None,
    recompute: bool = False,
) -> list[EnergyFailure]:
    """Compute one task with some potentials, and write its table.

    Parameters
    ----------
    task_name : str
        One of `softdash.catalog.energy_schemas.ENERGY_TABLES`.
    potential_names : sequence of str
        Names of `softdash.potentials.registry.cards`; none of them rewrites the rows of the reference only.
    settings : Settings
        `state_dir` holds the relaxed structures, `precomputed_dir` receives the tables.
    report : callable
        Gets one line per step.
    case_ids : sequence of str
        Only these cases; all that are within a potential's scope when empty.
    reference_file : pathlib.Path, optional
        Relaxed structures of another reference, instead of the shipped ones.
    recompute : bool
        Also compute what is there already.

    Returns
    -------
    list of EnergyFailure
        What failed; all else was written.

    Raises
    ------
    PotentialUnavailableError
        If a potential is unknown or does not load.
    ReferenceDataError
        If the task, a case or the file of the reference is unknown or damaged.
    """
    reference = reference_results(settings, reference_file)
    task = energy_task(task_name)
    published = published_path(settings) if task == ION_MIGRATION_TASK else PublishedPath()
    cases = chosen_cases(task, case_ids, published.cases)
    if reference_file is not None:
        _require_steps(task, cases, reference, reference_file)
    reference |= published.reference
    origin = OWN_SOURCE if reference_file is None else own_source(reference_file)
    sources = (origin, *published.sources)
    cards = [card(name) for name in potential_names]
    rows, failures = evaluate(task, cases, schemas.METHOD_DFT, "relaxed", StepOutcomes(reference))
    write_rows(task, settings, rows, failures, sources=sources)
    for one in cards:
        stamp = potential_version(one)
        tried = cases if case_ids else [case for case in cases if _is_tried(one, case, reference)]
        new, failed = potential_rows(task, tried, stamp, reference, settings, report, recompute=recompute)
        write_rows(task, settings, new, failed, (stamp,), sources=sources)
        failures += failed
    return failures


def _is_tried(one: PotentialCard, case: EnergyCase, reference: dict[str, RelaxedStructure]) -> bool:
    """Whether a case that nobody named is computed; its elements are those of the reference's structures."""
    if one.is_universal:
        return True
    known = [reference[name].atoms.get_chemical_symbols() for name in case.steps if name in reference]
    return len(known) == len(case.steps) and all(is_within_scope(one, symbols) for symbols in known)


def _require_steps(
    task: EnergyTask, cases: Sequence[EnergyCase], reference: dict[str, RelaxedStructure], file: Path
) -> None:
    """Refuse a file of which no case can be made: the structures of another task, or names of one's own."""
    if not any(all(name in reference for name in case.steps) for case in cases):
        wanted = ", ".join(cases[0].steps)
        raise ReferenceDataError(
            f"The file has no complete case of {task.name}; {cases[0].case_id}, for one, needs the steps {wanted}.",
            where=str(file),
            advice=f"Give a file that `softdash reference {task.name}` wrote, or one with these names of steps.",
        )


def potential_rows(
    task: EnergyTask,
    cases: Sequence[EnergyCase],
    stamp: PotentialVersion,
    reference: dict[str, RelaxedStructure],
    settings: Settings,
    report: Report,
    *,
    recompute: bool = False,
) -> tuple[list[EnergyRow], list[EnergyFailure]]:
    """Compute some cases with one potential, at its own and at the reference's geometry.

    Raises
    ------
    PotentialUnavailableError
        If the potential does not load.
    """
    potential = load_potential(stamp.name)
    wanted = list(dict.fromkeys(name for case in cases for name in case.steps))
    own = {step.name for step in task.steps}
    store = relaxed_store(stamp, settings)
    if recompute:
        store.drop(wanted)
    relaxed = run_steps(
        task.steps,
        [name for name in wanted if name in own],
        relaxing_method(potential, stamp),
        store,
        lambda line: report(f"{stamp.name}: {line}"),
    )
    static = static_results(potential, reference, wanted)
    rows, failures = evaluate(task, cases, stamp.name, "relaxed", relaxed)
    static_rows, static_failures = evaluate(task, cases, stamp.name, "dft", static)
    return rows + static_rows, failures + static_failures


def relaxed_store(stamp: PotentialVersion, settings: Settings) -> RelaxedStore:
    """Return the store of one potential's relaxed structures in the state folder."""
    folder = settings.state_dir / "benchmarks" / "energies"
    return RelaxedStore(folder / f"{stamp.name}.extxyz", details=relaxation_details(stamp))


def write_rows(
    task: EnergyTask,
    settings: Settings,
    rows: Sequence[EnergyRow],
    failures: Sequence[EnergyFailure],
    stamps: Sequence[PotentialVersion] = (),
    *,
    sources: Sequence[ReferenceSource] = (OWN_SOURCE,),
) -> None:
    """Put rows into a task's table, and failures into theirs.

    Raises
    ------
    ReferenceDataError
        If a present table is damaged, or a row breaks the schema.
    """
    with locked(settings.precomputed_dir, "energies"):
        _write_rows(task, settings, rows, failures, stamps, sources)


def _write_rows(
    task: EnergyTask,
    settings: Settings,
    rows: Sequence[EnergyRow],
    failures: Sequence[EnergyFailure],
    stamps: Sequence[PotentialVersion],
    sources: Sequence[ReferenceSource],
) -> None:
    path = ENERGY_TABLES[task.name].path
    present = _present(path, settings)
    table = merged(present, rows, failures, [case.case_id for case in task.cases])
    if table.empty:
        return
    unit = next(column.unit for column in schemas.CSV_TABLES[path].columns if column.name == "value")
    convergence = _present(ENERGY_CONVERGENCE, settings)
    table = annotated(table, task.name, unit, convergence, _corrected(table["method"].unique()))
    write_table(
        settings.precomputed_dir,
        path,
        table,
        description=f"{task.title} ({task.unit}) by softdash's own PBE and by potentials, relaxed and at its geometry.",
        licence=LICENCE,
        sources=_sources(path, settings, sources),
        potentials=_versions(path, settings, stamps),
    )
    _write_failures(task, settings, rows, failures)


def _corrected(methods: Iterable[str]) -> set[str]:
    """Return the methods whose labels carry the MP2020 correction; one that no plug-in knows is taken as plain."""
    found = set()
    for name in methods:
        try:
            scheme = card(name).energy_correction
        except PotentialUnavailableError:
            continue
        if scheme == "MP2020":
            found.add(name)
    return found


def _present(path: str, settings: Settings) -> pd.DataFrame:
    file = settings.precomputed_dir / path
    schema = schemas.CSV_TABLES[path]
    return schema.read_csv(file) if file.is_file() else pd.DataFrame(columns=schema.column_names)


def _sources(path: str, settings: Settings, new: Sequence[ReferenceSource]) -> list[ReferenceSource]:
    present = [
        source for entry in read_resources(settings.precomputed_dir) if entry.path == path for source in entry.sources
    ]
    return list({source.title: source for source in (*present, *new)}.values())


def _versions(path: str, settings: Settings, stamps: Sequence[PotentialVersion]) -> list[PotentialVersion]:
    present = [
        stamp for entry in read_resources(settings.precomputed_dir) if entry.path == path for stamp in entry.potentials
    ]
    by_name = {stamp.name: stamp for stamp in (*present, *stamps)}
    return [by_name[name] for name in sorted(by_name)]


def _write_failures(
    task: EnergyTask, settings: Settings, rows: Sequence[EnergyRow], failures: Sequence[EnergyFailure]
) -> None:
    """Replace the failures of all cases that were evaluated now."""
    present = _present(ENERGY_FAILURES, settings)
    done = {(row.case_id, row.method, row.geometry) for row in rows}
    done |= {(failure.case_id, failure.method, failure.geometry) for failure in failures}
    keys = zip(present["task"], present["case_id"], present["method"], present["geometry"], strict=True)
    kept = present[[not (key[0] == task.name and key[1:] in done) for key in keys]]
    new = pd.DataFrame([asdict(failure) for failure in failures], columns=FAILED_ENERGIES.column_names)
    table = new if kept.empty else pd.concat([kept, new], ignore_index=True) if failures else kept
    write_table(
        settings.precomputed_dir,
        ENERGY_FAILURES,
        table.sort_values(["task", "case_id", "method", "geometry"], ignore_index=True),
        description="Surfaces, defects, orderings and migration paths that could not be computed, with the reason.",
        licence=LICENCE,
        sources=(OWN_SOURCE,),
    )
