"""Several reports beside each other: which ones an address names, and what is compared of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

import numpy as np
from numpy.typing import NDArray

from softdash.diagnosis.records import PotentialResult, Report
from softdash.errors import SoftdashError
from softdash.jobs.service import DiagnosisService
from softdash.potentials.look import free_pair, look_of
from softdash.reports.material_view import material_report
from softdash.softening.statistics import SofteningStatistics
from softdash.web.parts.viewed_report import ViewedReport, compared_name, viewed_report

MOST_REPORTS = 6
_SEPARATORS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, eq=False)
class ComparedResult:
    """One potential of one report, with its look in the figures.

    Attributes
    ----------
    letter : str
        Of the report: ``"A"``.
    reference, predicted : ndarray, shape (n,)
        Force components of the frames that were computed, eV/Å.
    material : str or None
        Of a report of several.
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
    material: str | None = None

    @property
    def name(self) -> str:
        """Name for legends: ``"A: CHGNet 0.3.0"``."""
        return f"{self.letter}: {self.result.potential.label}"


@dataclass(frozen=True, slots=True)
class NamedReports:
    """The reports that an address names: those that are there, and why others are not.

    Attributes
    ----------
    reports : tuple of ViewedReport
        Each shows one material.
    problems : tuple of SoftdashError
    left_out : int
        How many were named beyond `MOST_REPORTS`.
    to_choose : tuple of ViewedReport
        Reports of so many materials that some must be named.
    """

    reports: tuple[ViewedReport, ...]
    problems: tuple[SoftdashError, ...]
    left_out: int = 0
    to_choose: tuple[ViewedReport, ...] = ()


def report_ids(text: str | None) -> list[str]:
    """Return what a list of identifiers or links names, each once: ``"abc"``, or ``"abc:LiF"`` for one material."""
    words = [word for word in _SEPARATORS.split(text or "") if word]
    return list(dict.fromkeys(name for name in map(_name_in, words) if name))


def named_reports(service: DiagnosisService, text: str | None) -> NamedReports:
    """Return the reports named in `text`; at most `MOST_REPORTS`. All materials of one count, where none is named."""
    names = report_ids(text)
    found: list[ViewedReport] = []
    problems: list[SoftdashError] = []
    to_choose: list[ViewedReport] = []
    for name in names[:MOST_REPORTS]:
        report_id, _, material = name.partition(":")
        try:
            report = service.report(report_id)
            if material:
                material_report(report, material)  # says which materials there are
        except SoftdashError as error:
            problems.append(error)
            continue
        viewed = viewed_report(report, material)
        if not viewed.are_several:
            found.append(viewed)
        elif len(viewed.names) <= MOST_REPORTS - len(found):
            found += [viewed_report(report, one) for one in viewed.names]
        else:
            to_choose.append(viewed)
    left_out = max(0, len(names) - MOST_REPORTS) + max(0, len(found) - MOST_REPORTS)
    return NamedReports(tuple(found[:MOST_REPORTS]), tuple(problems), left_out, tuple(to_choose))


def _name_in(word: str) -> str:
    """Return the identifier in a link, with the material that it shows; of anything else, what stands at its end."""
    address = word.split("#")[0]
    path, _, query = address.partition("?")
    last = path.rstrip("/").rsplit("/", 1)[-1]
    materials = parse_qs(query).get("material", [])
    return compared_name(last, materials[0]) if last and materials else last


def compared_results(service: DiagnosisService, reports: Sequence[ViewedReport | Report]) -> list[ComparedResult]:
    """Return all results with statistics; a colour means a potential, line style and marker tell reports apart."""
    found = []
    for place, given in enumerate(reports):
        viewed = given if isinstance(given, ViewedReport) else viewed_report(given, None)
        report, points = viewed.shown, viewed.points(service.points(viewed.whole.id))
        for result in report.results:
            predicted = points.predicted.get(result.potential.name)
            if result.statistics is None or predicted is None:
                continue
            known = np.isfinite(predicted).all(axis=1)
            letter = chr(ord("A") + place)
            forces = (points.reference[known].ravel(), predicted[known].ravel())
            found.append((letter, viewed.material, report, result, result.statistics, *forces))
    entries: list[ComparedResult] = []
    for letter, material, report, result, statistics, reference, predicted in found:
        colour = look_of(result.potential.name).colour
        taken = {(one.dash, one.symbol) for one in entries if one.colour == colour}
        dash, symbol = free_pair(look_of(result.potential.name), taken)
        entries.append(
            ComparedResult(letter, report, result, statistics, reference, predicted, colour, dash, symbol, material)
        )
    return entries
