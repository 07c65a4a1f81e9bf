"""The task ``high-energy``: softening scales of sets of DFT forces."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.outcome import TaskOutcome
from softdash.benchmarks.task import POTENTIALS, Request, SmallPart, Task, names_option, reference_option
from softdash.catalog.schemas import HIGH_ENERGY_TABLES

_NAME = "high-energy"
_DEFAULT_SET = "mpf-TP"


def run(request: Request, *, datasets: Sequence[str] = ()) -> TaskOutcome:
    """Run the task on these sets, by default on the one that medians rest on; with a reference file on that alone."""
    return _run(request, datasets or (() if request.reference_file else (_DEFAULT_SET,)))


def run_all(request: Request) -> TaskOutcome:
    """Run the task on all sets that are on this machine, and name the others."""
    from softdash.benchmarks.data.datasets import DATASETS
    from softdash.benchmarks.data.reference_data import where_it_is

    settings, shipped_only = request.settings, request.shipped_only
    here = [one for one in DATASETS if (one.shipped or not shipped_only) and where_it_is(one, settings)]
    # The shipped sets first: they give rows within a minute.
    outcome = _run(request, [one.name for one in sorted(here, key=lambda one: not one.shipped)])
    if not shipped_only:
        outcome.left_out += [
            f"the set {one.name}, which is not on this machine: "
            + (f"softdash data fetch {one.name}" if one.original else "set SOFTDASH_DATA_DIR")
            for one in DATASETS
            if one not in here
        ]
    return outcome


def _run(request: Request, datasets: Sequence[str]) -> TaskOutcome:
    from softdash.benchmarks.data.reference_file import read_own_frames
    from softdash.benchmarks.high_energy.run import run_benchmark

    outcome = TaskOutcome(task=_NAME, potentials=list(request.potentials))
    reference = read_own_frames(request)
    written = run_benchmark(datasets, request.potentials, request.settings, request.show, reference=reference)
    outcome.written = [str(path) for path in written]
    return outcome


TASKS = (
    Task(
        name=_NAME,
        summary="Softening scales of sets of DFT forces (Figs 5, 6b).",
        help="Softening scales of reference sets, material by material; continues where it stopped.",
        tables=HIGH_ENERGY_TABLES,
        run=run,
        run_all=run_all,
        options=(
            names_option("--dataset", "datasets", "Reference set", _DEFAULT_SET),
            POTENTIALS,
            reference_option("Your own frames with DFT forces, in any format that `softdash diagnose` reads."),
        ),
        examples=(
            "softdash benchmark high-energy --potential chgnet-0.3.0 --dataset gpaw_pbe",
            "softdash benchmark high-energy --potential chgnet-0.3.0 --reference run.extxyz --json",
        ),
        page="softdash.web.pages.softening.page",
        figures="Figs 5, 6b",
        computes="slope of predicted against DFT forces per compound, MAE before and after it is divided out",
        reference="labelled frames, any format of `softdash diagnose`",
        small_part=SmallPart(
            ("--dataset", "gpaw_pbe", "--potential", "chgnet-0.3.0"),
            {"dataset": ("gpaw_pbe",), "potential": ("chgnet-0.3.0",)},
            {"slope": 2e-4, "mae": 2e-4, "r_squared": 2e-4},
        ),
    ),
)
