"""Which potentials can be run now: those that a living worker holds loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from softdash.jobs.worker_registry import WorkerStatus
from softdash.potentials.interface import PotentialCard


@dataclass(frozen=True, slots=True)
class PotentialAvailability:
    """Whether a potential can be run now.

    `state` is ``"online"`` (a worker holds it loaded), ``"loading"``, ``"offline"`` (no worker serves it at present),
    ``"failed"`` (a worker could not load it, `problem` says why) or ``"not installed"``.
    """

    card: PotentialCard
    state: Literal["online", "loading", "offline", "failed", "not installed"]
    worker_count: int
    problem: str | None = None


def availability(known: PotentialCard, workers: Sequence[WorkerStatus]) -> PotentialAvailability:
    """Return whether a potential can be run by the workers that live."""
    serving = [worker for worker in workers if worker.queue == known.queue]
    online = sum(known.name in worker.potentials for worker in serving)
    if online:  # perhaps in an environment that has a library which this one lacks
        return PotentialAvailability(known, "online", online)
    if not known.is_installed():
        return PotentialAvailability(known, "not installed", 0)
    problem = next((worker.problems[known.name] for worker in serving if known.name in worker.problems), None)
    if problem is not None:
        return PotentialAvailability(known, "failed", 0, problem)
    return PotentialAvailability(known, "loading" if serving else "offline", 0)


def why_waiting(available: PotentialAvailability | None, what: str) -> str | None:
    """Return why a computation does not start yet; None where a worker holds the potential loaded.

    Parameters
    ----------
    available : PotentialAvailability or None
        Of its potential; None where that is not known here any more.
    what : str
        ``"diagnosis"`` or ``"sampling"``.
    """
    if available is None or available.state == "online":
        return None
    if available.state == "loading":
        return f"{available.card.label} is being loaded; this starts in a few seconds."
    return f"No worker serves {available.card.label} at present. The {what} is kept and starts when one does."
