"""The figures of a report, drawn from its statistics and forces and kept in the figure cache.

A report never changes, so its ``result_sha256`` with material, potential and colour scheme names a figure for good.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from ase.data import chemical_symbols

from softdash.catalog import Catalog
from softdash.diagnosis.other_labels import energy_parity, stress_parity
from softdash.diagnosis.population import compared_slopes
from softdash.diagnosis.records import PopulationComparison, PotentialResult, Report
from softdash.diagnosis.reports import ForcePoints
from softdash.diagnosis.several_materials import by_slope
from softdash.errors import SoftdashError
from softdash.jobs.service import DiagnosisService
from softdash.reports.material_names import subscripted
from softdash.reports.ranking import ranked
from softdash.reports.shared_frames import have_other_frames
from softdash.softening.answers import LabelStatistics
from softdash.softening.statistics import SofteningStatistics
from softdash.version import __version__
from softdash.web.figures.diagnosis import (
    DiagnosisSeries,
    element_slopes_figure,
    frame_slopes_figure,
    population_figure,
    slope_by_magnitude_figure,
)
from softdash.web.figures.parity import ParitySeries, parity_figure, residual_figure
from softdash.web.pages.report.label_parity import LabelSeries, label_parity_figure
from softdash.web.pages.report.material_slopes import MaterialSlope, PotentialSlopes, material_slopes_figure
from softdash.web.parts.viewed_report import ViewedReport, viewed_report
from softdash.web.server.figure_cache import cached
from softdash.web.theme import Theme

FigureDict = dict[str, Any]


class ReportFigures:
    """Draws the figures of one report in one colour scheme.

    Parameters
    ----------
    viewed : ViewedReport or Report
        All of a report, or one of its materials.
    theme : {"light", "dark"}
    service : DiagnosisService
        Gives the forces, read only when a figure is not in the cache.
    catalog : Catalog
    max_points : int
        Points up to which a parity plot draws each one.
    """

    def __init__(
        self,
        viewed: ViewedReport | Report,
        theme: Theme,
        *,
        service: DiagnosisService,
        catalog: Catalog,
        max_points: int,
    ) -> None:
        self.viewed = viewed if isinstance(viewed, ViewedReport) else viewed_report(viewed, None)
        self._report = self.viewed.shown
        self._theme = theme
        self._service = service
        self._catalog = catalog
        self._max_points = max_points

    def ranking(self) -> list[tuple[PotentialResult, SofteningStatistics]]:
        """Return the potentials by rank; the forces are read only where not all used the same frames."""
        points = self._points() if have_other_frames(self._report) else None
        return ranked(self._report, points)

    def parity(self, result: PotentialResult) -> FigureDict:
        """Predicted against DFT force components of one potential."""
        return self._cached(
            f"parity {result.potential.name}",
            lambda: parity_figure([self._parity_series(result)], theme=self._theme, max_points=self._max_points),
        )

    def residuals(self, result: PotentialResult) -> FigureDict:
        """Predicted minus DFT force components of one potential, against DFT."""
        return self._cached(
            f"residuals {result.potential.name}",
            lambda: residual_figure([self._parity_series(result)], theme=self._theme, max_points=self._max_points),
        )

    def parity_overlaid(self, results: Sequence[PotentialResult]) -> FigureDict:
        """Predicted against DFT force components of several potentials in one plot."""
        return self._cached(
            f"parity over {' '.join(result.potential.name for result in results)}",
            lambda: parity_figure(
                [self._parity_series(result) for result in results], theme=self._theme, max_points=self._max_points
            ),
        )

    def residuals_overlaid(self, results: Sequence[PotentialResult]) -> FigureDict:
        """Predicted minus DFT force components of several potentials in one plot."""
        return self._cached(
            f"residuals over {' '.join(result.potential.name for result in results)}",
            lambda: residual_figure(
                [self._parity_series(result) for result in results], theme=self._theme, max_points=self._max_points
            ),
        )

    def labels(self, quantity: Literal["energy", "stress"]) -> FigureDict:
        """Predicted against DFT relative energies, or stresses, of all potentials that can be compared."""
        return self._cached(
            f"parity of {quantity}",
            lambda: label_parity_figure(self._label_series(quantity), theme=self._theme),
        )

    def _label_series(self, quantity: Literal["energy", "stress"]) -> list[LabelSeries]:
        points = self._points()
        series = []
        for result, statistics in label_results(self._report, quantity):
            name = result.potential.name
            drawn = energy_parity(self._report, points, name) if quantity == "energy" else stress_parity(points, name)
            if drawn is not None:
                series.append(LabelSeries(name, result.potential.label, drawn, statistics))
        return series

    def by_magnitude(self) -> FigureDict:
        """Slope in bins of the DFT force, all potentials."""
        return self._cached("magnitude", lambda: slope_by_magnitude_figure(series_of(self._report), theme=self._theme))

    def by_element(self) -> FigureDict:
        """Slope per element, all potentials."""
        return self._cached("elements", lambda: element_slopes_figure(series_of(self._report), theme=self._theme))

    def by_frame(self) -> FigureDict:
        """Slope per frame, all potentials."""
        origins = [frame.origin for frame in self._report.understanding.frames]
        frames = None if self.viewed.material is None else self.viewed.frames
        return self._cached(
            "frames",
            lambda: frame_slopes_figure(series_of(self._report), origins, theme=self._theme, frames=frames),
        )

    def materials(self, first: PotentialResult) -> FigureDict:
        """Slopes of all materials by all potentials, `first` above the others."""
        ordered = [first, *(result for result in self._report.results if result is not first)]
        return self._cached(
            f"materials {first.potential.name}",
            lambda: material_slopes_figure(
                [one for result in ordered if (one := _slopes_of_materials(result)).slopes], theme=self._theme
            ),
        )

    def population(self, result: PotentialResult, comparison: PopulationComparison) -> FigureDict | None:
        """Place among a benchmark's materials; None where its table is not the one compared with."""
        series = one_series(result)
        try:
            slopes = compared_slopes(self._catalog, result.potential.name, comparison)
        except SoftdashError:
            return None
        if series is None or not comparison.is_enough or len(slopes) != comparison.material_count:
            return None
        if comparison.median is None or abs(float(np.median(slopes)) - comparison.median) > 1e-6:
            return None
        return self._cached(
            f"population {result.potential.name} {comparison.dataset}",
            lambda: population_figure(series, slopes, comparison.dataset_label, theme=self._theme),
        )

    def _parity_series(self, result: PotentialResult) -> ParitySeries:
        points, name = self._points(), result.potential.name
        predicted = points.predicted[name]
        computed = np.isfinite(predicted).all(axis=1)
        assert result.statistics is not None  # noqa: S101 - callers draw only results that have statistics
        return ParitySeries.from_forces(
            name,
            result.potential.label,
            points.reference[computed],
            predicted[computed],
            result.statistics,
            elements=[chemical_symbols[number] for number in points.atomic_number[computed]],
            frames=points.frame[computed] + 1,
            atoms=points.atom[computed] + 1,
        )

    def _points(self) -> ForcePoints:
        return self.viewed.points(self._service.points(self._report.id))

    def _cached(self, what: str, draw: Callable[[], go.Figure]) -> FigureDict:
        return cached(
            lambda: draw().to_dict(),
            "report",
            what,
            __version__,
            self._report.result_sha256,
            self.viewed.material,
            self._theme,
            self._max_points,
        )


def label_results(
    report: Report, quantity: Literal["energy", "stress"]
) -> list[tuple[PotentialResult, LabelStatistics]]:
    """Return the potentials whose energies or stresses could be compared, with their statistics."""
    found = []
    for result in report.results:
        compared = result.energies if quantity == "energy" else result.stresses
        if compared is not None and compared.statistics is not None:
            found.append((result, compared.statistics))
    return found


def _slopes_of_materials(result: PotentialResult) -> PotentialSlopes:
    """Return the slopes that mean something, by size."""
    slopes = tuple(
        MaterialSlope(subscripted(part.name), found.slope, found.slope_interval, len(part.frames))
        for part, found in by_slope(result.materials)
    )
    return PotentialSlopes(result.potential.name, result.potential.label, slopes)


def one_series(result: PotentialResult) -> DiagnosisSeries | None:
    """Return a result as a series for figures; None where the potential failed."""
    if result.statistics is None:
        return None
    return DiagnosisSeries(result.potential.name, result.potential.label, result.statistics)


def series_of(report: Report) -> list[DiagnosisSeries]:
    """Return all results with statistics as series for figures."""
    return [series for result in report.results if (series := one_series(result)) is not None]
