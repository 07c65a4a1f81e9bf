"""What becomes of an upload: read, analysed, one step of its proposals followed, judged."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from softdash.catalog import Catalog
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.records import PotentialResult
from softdash.errors import SoftdashError
from softdash.potentials.interface import PotentialCard
from softdash.settings import Settings
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.read import read_upload
from upload_corpus.cases import Case

CLOSE = 0.005
"""A slope this near to the truth is right."""

_FIRM = ("softened", "stiffened", "unbiased")
_STEPS = 24


class Outcome(StrEnum):
    """What happened, from a user's side."""

    RIGHT = "right"
    PROPOSED = "proposed"
    REFUSED = "refused"
    WITHIN = "within its interval"
    NO_VERDICT = "no verdict"
    WRONG = "wrong"


@dataclass(frozen=True)
class Attempt:
    """One reading of the files: a result, or the error in its place, and the options that these hand out."""

    result: PotentialResult | None
    error: SoftdashError | None
    choices: tuple[dict[str, Any], ...] = ()

    @property
    def slope(self) -> float | None:
        """Slope that a user sees."""
        return self.result.statistics.slope if self.result and self.result.statistics else None

    @property
    def text(self) -> str:
        """What softdash says, in a line."""
        if self.error is not None:
            return str(self.error)
        if self.result is None or self.result.verdict is None:
            return ""
        doubts = " ".join(f"[{doubt.code}] {doubt.text}" for doubt in self.result.doubts)
        return f"{self.result.verdict.headline} {doubts}".strip()

    def is_right(self, truth: float | None) -> bool:
        """Whether it gives the true slope, and doubts nothing."""
        if truth is None or self.slope is None or self.result is None or self.result.doubts:
            return False
        return abs(self.slope - truth) < CLOSE

    def is_firm(self) -> bool:
        """Whether it draws a conclusion about softening."""
        verdict = self.result.verdict if self.result else None
        return verdict is not None and not (self.result and self.result.doubts) and verdict.level in _FIRM

    def is_held_by_interval(self, truth: float | None) -> bool:
        """Whether the truth lies in the interval that a user sees."""
        interval = self.result.statistics.slope_interval if self.result and self.result.statistics else None
        return truth is not None and interval is not None and interval.low <= truth <= interval.high


@dataclass(frozen=True)
class Tried:
    """A case and its outcome; `steps` are the readings that one click more would have given."""

    case: Case
    outcome: Outcome
    first: Attempt
    steps: tuple[Attempt, ...] = field(default=())


def attempt(case: Case, card: PotentialCard, settings: Settings, options: Mapping[str, Any]) -> Attempt:
    """Read and analyse the files of a case. The potential is loaded by the registry, once per process."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name, _ in case.files]
        for path, (_, content) in zip(paths, case.files, strict=True):
            path.write_bytes(content)
        try:
            frames = read_upload(paths, settings, options=ReadOptions.model_validate(dict(options)))
            result = analyse(frames, card, Catalog(settings.precomputed_dir)).result
        except SoftdashError as error:
            handed = [dict(choice.options) for choice in error.choices]
            if error.offer in ("reorder", "thin"):
                handed.append({error.offer: True})
            return Attempt(None, error, tuple(handed))
    return Attempt(result, None, tuple(dict(way.options) for doubt in result.doubts for way in doubt.proposals))


def try_case(case: Case, card: PotentialCard, settings: Settings) -> Tried:
    """Return what becomes of a case, after one step of what it proposes."""
    first = attempt(case, card, settings, {})
    if first.is_right(case.truth):
        return Tried(case, Outcome.RIGHT, first)
    steps = tuple(attempt(case, card, settings, options) for options in first.choices[:_STEPS])
    if any(step.is_right(case.truth) for step in steps):
        return Tried(case, Outcome.PROPOSED, first, steps)
    if first.error is not None or (first.result is not None and first.result.doubts):
        return Tried(case, Outcome.REFUSED, first, steps)
    if not first.is_firm():
        return Tried(case, Outcome.NO_VERDICT, first, steps)
    held = first.is_held_by_interval(case.truth)
    return Tried(case, Outcome.WITHIN if held else Outcome.WRONG, first, steps)
