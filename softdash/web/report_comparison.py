"""Several reports beside each other: which ones an address names, and what is compared of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.service import DiagnosisService
from softdash.errors import SoftdashError
from softdash.softening.statistics import SofteningStatistics
from softdash.web.theme import look_of

MOST_REPORTS = 6
_SEPARATORS = re.compile(r"[\s,;]+")
# Reports of one potential share its colour, and differ in these.
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross")


@dataclass(frozen=True, slots=True, eq=False)
class ComparedResult:
    """One potential of one report, with its look in the figures.

    Attributes
    ----------
    letter : str
        Of the report: ``"A"``.
    reference, predicted : ndarray, shape (n,)
        Force components of the frames that were computed, eV/Å.
    """

    letter: str
    report: Report
    result: PotentialResult
    statistics: SofteningStatistics
    reference: NDArray[np.float64]
    predicted: NDArray[np.float64]
    colour: str = "#7F7F7F"
    dash: str = "solid"
    symbol: str = "circle"

    @property
    def name(self) -> str:
        """Name for legends: ``"A: CHGNet 0.3.0"``."""
        return f"{self.letter}: {self.result.potential.label}"


@dataclass(frozen=True, slots=True)
class NamedReports:
    """The reports that an address names: those that are there, and why others are not."""

    reports: tuple[Report, ...]
    problems: tuple[SoftdashError, ...]
    left_out: int = 0


def report_ids(text: str | None) -> list[str]:
    """Return identifiers of reports from a list of identifiers or links, each once."""
    words = [word for word in _SEPARATORS.split(text or "") if word]
    names = (word.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1] for word in words)
    return list(dict.fromkeys(name for name in names if name))


def named_reports(service: DiagnosisService, text: str | None) -> NamedReports:
    """Return the reports named in `text`; at most `MOST_REPORTS`."""
    reports, problems, names = [], [], report_ids(text)
    for name in names[:MOST_REPORTS]:
        try:
            reports.append(service.report(name))
        except SoftdashError as error:
            problems.append(error)
    return NamedReports(tuple(reports), tuple(problems), max(0, len(names) - MOST_REPORTS))


def compared_results(service: DiagnosisService, reports: tuple[Report, ...]) -> list[ComparedResult]:
    """Return all results with statistics; a colour means a potential, line style and marker tell reports apart."""
    found = []
    for place, report in enumerate(reports):
        points = service.points(report.id)
        for result in report.results:
            predicted = points.predicted.get(result.potential.name)
            if result.statistics is None or predicted is None:
                continue
            known = np.isfinite(predicted).all(axis=1)
            letter = chr(ord("A") + place)
            found.append((letter, report, result, result.statistics, points.reference[known], predicted[known]))
    entries: list[ComparedResult] = []
    for letter, report, result, statistics, reference, predicted in found:
        colour = look_of(result.potential.name).colour
        taken = {(one.dash, one.symbol) for one in entries if one.colour == colour}
        dash, symbol = _line_and_marker(result.potential.name, taken)
        entries.append(
            ComparedResult(
                letter, report, result, statistics, reference.ravel(), predicted.ravel(), colour, dash, symbol
            )
        )
    return entries


def _line_and_marker(potential: str, taken: set[tuple[str, str]]) -> tuple[str, str]:
    """Return line style and marker: the potential's own where no entry of its colour has them, else free ones."""
    look = look_of(potential)
    pairs = [(look.dash, look.symbol), *zip(_DASHES, _SYMBOLS, strict=True), *product(_DASHES, _SYMBOLS)]
    return next((pair for pair in pairs if pair not in taken), pairs[0])
