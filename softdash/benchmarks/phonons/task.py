"""The task ``phonons``: bands and densities of states against PhononDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from softdash.benchmarks.outcome import CaseFailure, TaskOutcome, written_files
from softdash.benchmarks.task import POTENTIALS, RECOMPUTE, Request, SmallPart, Task, reference_option
from softdash.catalog.schemas import PHONON_TABLES
from softdash.errors import SoftdashError

_NAME = "phonons"


def run(request: Request, *, materials: Sequence[str] = (), smallest: int = 0, recompute: bool = False) -> TaskOutcome:
    """Run the task on these entries of PhononDB; without any, on those of the paper's figure."""
    from softdash.benchmarks.phonons.run import run_benchmark

    outcome = TaskOutcome(task=_NAME, potentials=list(request.potentials))
    with written_files(outcome, request.settings.precomputed_dir / "phonons"):
        failures = run_benchmark(
            materials,
            request.potentials,
            request.settings,
            request.say,
            smallest=smallest,
            recompute=recompute,
            reference_file=request.reference_file,
        )
    outcome.failures = [
        CaseFailure(case=failed.material_id, potential=failed.potential, geometry=failed.method, reason=failed.reason)
        for failed in failures
    ]
    return outcome


def run_all(request: Request) -> TaskOutcome:
    """Compute the crystals that the tables have, where their reference is here; each potential those in its scope."""
    from dataclasses import replace

    from ase.formula import Formula

    from softdash.benchmarks.data.scope import is_within_scope
    from softdash.catalog import Catalog
    from softdash.potentials.registry import card

    outcome = TaskOutcome(task=_NAME, potentials=list(request.potentials))
    settings = request.settings
    if request.shipped_only or settings.data_dir is None:
        outcome.left_out.append("phonons, whose reference is not shipped: set SOFTDASH_DATA_DIR")
        return outcome
    table = Catalog(settings.precomputed_dir).phonon_materials()
    table = table[table["method"] == "dft"]
    cost = table["supercell_atom_count"] * table["displacement_count"]
    cheapest_first = table.loc[cost.sort_values(kind="stable").index]
    for name in request.potentials:
        known = [
            str(row.material_id)
            for row in cheapest_first.itertuples()
            if _has_archive(settings.data_dir, str(row.material_id))
            and is_within_scope(card(name), Formula(str(row.formula)).count())
        ]
        if known:  # no name at all would stand for the four of the paper's figure
            done = run(replace(request, potentials=[name]), materials=known)
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


TASKS = (
    Task(
        name=_NAME,
        summary="Phonon bands and densities of states (Fig. 4).",
        help="""\
        Phonon bands and densities of states of PhononDB entries (mp-1784 …); without any, of CsF, MgO, Si and AlN.

        Relaxes with the potential, displaces atoms in the entry's supercell, and does the same at the DFT geometry.
        Continues where it stopped; what fails is listed in phonons/failures.csv.
        """,
        tables=PHONON_TABLES,
        run=run,
        run_all=run_all,
        options=(
            click.Argument(["materials"], nargs=-1, metavar="[MATERIAL]..."),
            click.Option(
                ["--smallest"],
                type=click.IntRange(min=0),
                default=0,
                help="Also this many missing entries, cheapest first.",
            ),
            POTENTIALS,
            RECOMPUTE,
            reference_option("Your own phonopy_params.yaml with displacements and forces, or an archive of PhononDB."),
        ),
        examples=(
            "softdash benchmark phonons --potential chgnet-0.3.0",
            "softdash benchmark phonons mp-149 --potential chgnet-0.3.0 --recompute",
        ),
        page="softdash.web.pages.phonons.page",
        figures="Fig. 4",
        computes="bands, density of states, largest frequency against DFT",
        reference="`phonopy_params.yaml`, or an archive of PhononDB",
        small_part=SmallPart(
            ("mp-1265", "--potential", "chgnet-0.3.0"),
            {"material_id": ("mp-1265",), "potential": ("chgnet-0.3.0",), "method": ("relaxed", "fixed")},
            {"max_frequency": 0.02},
        ),
    ),
)
