"""``softdash benchmark all``: every task that can be done on this machine, for the rows of new potentials."""

from __future__ import annotations

from collections.abc import Sequence

from softdash.benchmarks.outcome import TaskOutcome
from softdash.benchmarks.registry import skipped_plugins
from softdash.benchmarks.task import Request, Task
from softdash.cli.benchmark_outcome import print_outcome
from softdash.errors import PotentialUnavailableError, SoftdashError
from softdash.potentials.registry import card, load_potential


def run_all(tasks: Sequence[Task], request: Request) -> list[TaskOutcome]:
    """Run the tasks one after another; what ends one does not keep the others from running.

    Raises
    ------
    PotentialUnavailableError
        Before anything is computed, if a potential is unknown or does not load.
    """
    cards = [card(name) for name in request.potentials]
    for name in request.potentials:
        load_potential(name)
    for one in cards:
        if not one.is_universal:
            request.say(
                f"{one.label} knows {', '.join(sorted(one.elements))}: compounds with other elements are left out."
            )
    for sentence in skipped_plugins():
        request.say(f"left out: {sentence}")
    outcomes = []
    for task in tasks:
        if task.run_all is not None:
            request.say(f"== {task.name}")
            try:
                outcome = task.run_all(request)
            except PotentialUnavailableError:
                raise
            except SoftdashError as error:
                outcome = TaskOutcome(task=task.name, potentials=list(request.potentials), error=str(error))
            print_outcome(outcome)
            outcomes.append(outcome)
    return outcomes
