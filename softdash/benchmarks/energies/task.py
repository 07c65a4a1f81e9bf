"""The four energy tasks: ``surfaces``, ``point-defects``, ``solid-solution`` and ``ion-migration``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from softdash.benchmarks.outcome import CaseFailure, TaskOutcome, written_files
from softdash.benchmarks.task import (
    POTENTIALS,
    RECOMPUTE,
    Request,
    SmallPart,
    Task,
    names_option,
    reference_option,
)
from softdash.catalog.energy_schemas import ENERGY_TABLES, FAILURES_TABLE, METHOD_DFT


def _run(name: str, request: Request, *, cases: Sequence[str] = (), recompute: bool = False) -> TaskOutcome:
    from softdash.benchmarks.energies.benchmark import run_benchmark

    outcome = TaskOutcome(task=name, potentials=list(request.potentials))
    with written_files(outcome, request.settings.precomputed_dir / "energies"):
        failures = run_benchmark(
            name,
            request.potentials,
            request.settings,
            request.say,
            case_ids=cases,
            reference_file=request.reference_file,
            recompute=recompute,
        )
    outcome.failures = [
        CaseFailure(case=failed.case_id, potential=failed.method, geometry=failed.geometry, reason=failed.reason)
        for failed in failures
    ]
    return outcome


def _energy_task(name: str, figures: str, what: str, computes: str, case: str, example: str = "") -> Task:
    run: Callable[..., TaskOutcome] = partial(_run, name)
    summary = f"{what} ({figures})."
    return Task(
        name=name,
        summary=summary,
        help=f"{summary} Continues where it stopped.",
        tables=(ENERGY_TABLES[name], FAILURES_TABLE),
        run=run,
        run_all=run,
        options=(
            POTENTIALS,
            reference_option(
                "Relaxed structures of another reference, as `softdash reference` writes. [default: shipped]"
            ),
            names_option("--case", "cases", "Only this case"),
            RECOMPUTE,
        ),
        examples=(f"softdash benchmark {name} --potential chgnet-0.3.0 --case {example or case}",),
        page=f"softdash.web.pages.{name.replace('-', '_')}.page",
        figures=figures,
        computes=computes,
        reference="relaxed structures",
        small_part=SmallPart(
            ("--potential", "chgnet-0.3.0", "--case", case),
            {"case_id": (case,), "method": (METHOD_DFT, "chgnet-0.3.0")},
            # Relaxations stop at 0.05 eV/Å: the energy there depends a little on the path of the optimiser.
            {"value": 2e-3},
        ),
    )


TASKS = (
    _energy_task(
        "surfaces",
        "Fig. 2a",
        "Surface energies of low-index slabs",
        "(E_slab − E_bulk) / 2A, eV/Å²",
        "MgO-100",
    ),
    _energy_task(
        "point-defects",
        "Fig. 2b",
        "Formation energies of point defects",
        "formation energies of vacancies, antisites, interstitials, eV",
        "MgO-V_Mg",
    ),
    _energy_task(
        "solid-solution",
        "Fig. 2c",
        "Mixing energies of CaO-MgO orderings",
        "mixing energies of CaO-MgO orderings, eV per Ca_xMg_{2-x}O_2",
        "CaMgO-0.500-1",
    ),
    _energy_task(
        "ion-migration",
        "Fig. 3",
        "Energies along vacancy hops, barriers",
        "energies along vacancy hops, barriers, eV",
        "LiF-Li-barrier",
        example="Al-Al-barrier",
    ),
)
