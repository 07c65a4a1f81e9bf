"""The tasks ``linear-correction`` and ``fine-tuning``: what few labels bring."""

from __future__ import annotations

from collections.abc import Sequence

import click

from softdash.benchmarks.outcome import TaskOutcome
from softdash.benchmarks.task import Request, SmallPart, Task, names_option, reference_option
from softdash.catalog.correction_schemas import FINE_TUNING_TABLES, LINEAR_CORRECTION_TABLES
from softdash.errors import ReferenceDataError

_LINEAR, _TUNING = "linear-correction", "fine-tuning"
_PAGE = "softdash.web.pages.correction.page"
_TUNED = "chgnet-0.3.0"


def run_linear(request: Request, *, datasets: Sequence[str] = ()) -> TaskOutcome:
    """Draw labels for every material; the frames of a reference file get their predicted forces first."""
    from softdash.benchmarks.correction.linear_correction import run_benchmark

    outcome = TaskOutcome(task=_LINEAR, potentials=list(request.potentials))
    if request.reference_file is not None:
        if not request.potentials:
            raise click.UsageError("--reference needs --potential.")
        from softdash.benchmarks.data.reference_file import own_name
        from softdash.benchmarks.high_energy.task import run

        outcome.written += run(request).written
        datasets = [*datasets, own_name(request.reference_file)]
    written = run_benchmark(datasets, request.potentials, request.settings.precomputed_dir, request.show)
    outcome.written.append(str(written))
    return outcome


def run_linear_all(request: Request) -> TaskOutcome:
    """Draw labels for all that the high-energy task wrote."""
    try:
        return run_linear(request)
    except ReferenceDataError as error:
        # A potential for few elements may have no compound with enough frames.
        return TaskOutcome(task=_LINEAR, potentials=list(request.potentials), left_out=[str(error)])


def run_fine_tuning(request: Request, *, systems: Sequence[str] = (), seeds: int = 1) -> TaskOutcome:
    """Fine-tune on each system; by default on all, with a reference file on that alone."""
    from softdash.benchmarks.correction.fine_tuning import run_benchmark
    from softdash.benchmarks.correction.fine_tuning_systems import SYSTEMS, system_of_file
    from softdash.benchmarks.data.reference_file import read_own_frames

    own = read_own_frames(request)
    names = systems or ([] if own else [one.name for one in SYSTEMS])
    system = None if own is None else system_of_file(own)
    written = run_benchmark(names, range(seeds), request.settings, request.say, own_system=system)
    return TaskOutcome(task=_TUNING, potentials=[_TUNED], written=[str(path) for path in written])


TASKS = (
    Task(
        name=_LINEAR,
        summary="One factor from few labels (Fig. 6a, left).",
        help="One factor from few labels, drawn many times; reads the forces that `high-energy` wrote.",
        tables=LINEAR_CORRECTION_TABLES,
        run=run_linear,
        run_all=run_linear_all,
        options=(
            names_option("--dataset", "datasets", "Reference set", "five of them"),
            click.Option(
                ["--potential", "potentials"],
                metavar="NAME",
                multiple=True,
                help="Potential; may be repeated. [default: all computed]",
            ),
            reference_option(
                "Your own frames with DFT forces, five or more of one material; `high-energy` runs on them first."
            ),
        ),
        examples=(
            "softdash benchmark linear-correction",
            "softdash benchmark linear-correction --potential chgnet-0.3.0 --dataset gpaw_pbe --json",
        ),
        needs="high-energy",
        page=_PAGE,
        figures="Fig. 6a, left",
        computes="one factor from few labels, tried on the other frames",
        reference="labelled frames; `high-energy` runs on them first",
        small_part=SmallPart(
            ("--dataset", "gpaw_pbe", "--potential", "chgnet-0.3.0"),
            {"dataset": ("gpaw_pbe",), "potential": ("chgnet-0.3.0",)},
            {"best_factor": 5e-3, "factor_median": 5e-3},
        ),
    ),
    Task(
        name=_TUNING,
        summary="Fine-tune CHGNet on few frames (Fig. 6a, right).",
        help="Fine-tune CHGNet 0.3.0 on one and on ten frames (minutes to hours); continues where it stopped.",
        tables=FINE_TUNING_TABLES,
        run=run_fine_tuning,
        options=(
            names_option("--system", "systems", "System"),
            click.Option(
                ["--seeds"],
                default=1,
                show_default=True,
                type=click.IntRange(1, 20),
                help="Draws of the training frames.",
            ),
            click.Option(
                ["--potential"],
                type=click.Choice([_TUNED]),
                default=_TUNED,
                show_default=True,
                expose_value=False,
                help="The one that is fine-tuned.",
            ),
            reference_option("Your own frames of one material with DFT forces and energies, at least four."),
        ),
        examples=(
            "softdash benchmark fine-tuning --system lif-8",
            "softdash benchmark fine-tuning --reference run.extxyz --seeds 3",
        ),
        page=_PAGE,
        figures="Fig. 6a, right",
        computes="CHGNet 0.3.0 fine-tuned on few frames",
        reference="labelled frames of one material, with energies",
        small_part=SmallPart(
            ("--system", "lif-8"),
            {"system": ("lif-8",), "seed": ("0",)},
            # A hundred epochs amplify the last digit of the first one.
            {"slope": 0.03, "mae": 0.02},
        ),
    ),
)
