"""The result of `softdash.diagnose`: numbers, tables, a figure, and how it shows itself in a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd
from ase.data import chemical_symbols
from markupsafe import Markup, escape

from softdash.diagnosis.answer_texts import answer_words, answers_of
from softdash.diagnosis.records import PotentialResult, Report
from softdash.diagnosis.reports import Diagnosed, ForcePoints
from softdash.errors import InputError, NotFoundError, PredictionError
from softdash.notebook.materials import doubt_lines, materials_html, materials_text
from softdash.reports.files import report_file_text
from softdash.reports.material_view import (
    frames_of_material,
    material_names,
    material_points,
    material_report,
)
from softdash.reports.parity_svg import parity_svg
from softdash.softening import quantities
from softdash.softening.quantities import headline_cells, headline_columns
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrames

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from softdash.web.theme import Theme

_POINTS_DRAWN = 4_000
_FIGURE_SIZE = 560
# The drawing takes its colours from the notebook's text, so that it can be read in the dark, too.
_STYLE = """<style>
.softdash-diagnosis svg { width: 24rem; max-width: 100%; height: auto; }
.softdash-diagnosis .frame { fill: none; stroke: currentColor; stroke-opacity: .4; }
.softdash-diagnosis .tick { stroke: currentColor; stroke-opacity: .5; }
.softdash-diagnosis .diagonal { stroke: currentColor; stroke-opacity: .55; stroke-dasharray: 5 4; }
.softdash-diagnosis .points { stroke-width: 3.4; stroke-linecap: round; stroke-opacity: .55; fill: none; }
.softdash-diagnosis .fit { stroke-width: 2; } .softdash-diagnosis .band { opacity: .25; }
.softdash-diagnosis text { fill: currentColor; font: 12px system-ui, sans-serif; text-anchor: middle; }
.softdash-diagnosis text.side { text-anchor: end; }
</style>"""


class Diagnosis:
    """A finished diagnosis.

    Parameters
    ----------
    report : Report
        All that is known, as in the ``.json`` of a report's link.
    points : ForcePoints
        The forces behind it.
    frames : LabelledFrames
        The structures that they belong to.
    link, delete_token : str, optional
        Where a server keeps the report, and what deletes it there.

    Notes
    -----
    Where the frames are several materials, nothing is concluded about all of them together: `materials` has a
    diagnosis of each.
    """

    def __init__(
        self,
        report: Report,
        points: ForcePoints,
        frames: LabelledFrames,
        *,
        link: str | None = None,
        delete_token: str | None = None,
    ) -> None:
        self.report, self.points, self.frames = report, points, frames
        self.link, self.delete_token = link, delete_token
        self._whole: tuple[Diagnosed, str] | None = None

    @property
    def materials(self) -> dict[str, Diagnosis]:
        """A diagnosis of each material by its name, where there are several; else empty.

        Frames keep the numbers that they have among all.
        """
        return {name: self._of_material(name) for name in material_names(self.report)}

    def _of_material(self, name: str) -> Diagnosis:
        points = material_points(self.points, frames_of_material(self.report, name))
        part = Diagnosis(
            material_report(self.report, name), points, self.frames, link=self.link, delete_token=self.delete_token
        )
        part._whole = (Diagnosed(self.report, self.points, self.frames), name)
        return part

    @property
    def results(self) -> dict[str, PotentialResult]:
        """Each potential's part by its name."""
        return {result.potential.name: result for result in self.report.results}

    @overload
    def __getitem__(self, name: str) -> PotentialResult: ...

    @overload
    def __getitem__(self, name: tuple[str, str]) -> PotentialResult: ...

    def __getitem__(self, name: str | tuple[str, str]) -> PotentialResult:
        """Return a potential's part by its name; of one of several materials, by material and potential.

        Raises
        ------
        InputError
            If there is none; it names those that there are.
        """
        if isinstance(name, tuple):
            material, potential = name
            return self._named_material(material)[potential]
        if name not in self.results:
            is_material = name in material_names(self.report)
            advice = f'Take diagnosis.materials["{name}"].' if is_material else f"It has: {', '.join(self.results)}."
            raise InputError(f"This diagnosis has no potential '{name}'.", advice=advice)
        return self.results[name]

    def _named_material(self, name: str) -> Diagnosis:
        try:
            return self._of_material(name)
        except NotFoundError as error:
            raise InputError(error.what, advice=error.advice) from None

    @property
    def statistics(self) -> SofteningStatistics:
        """The numbers of the only potential; of several, take ``diagnosis["NAME"].statistics``.

        Raises
        ------
        InputError
            If there are several potentials, or several materials.
        PredictionError
            If the potential failed.
        """
        if len(self.report.results) > 1:
            raise InputError(
                f"This diagnosis has {len(self.report.results)} potentials: {', '.join(self.results)}.",
                advice='Choose one: diagnosis["NAME"].statistics.',
            )
        self._is_one_material("statistics")
        (result,) = self.report.results
        if result.statistics is None:
            raise PredictionError(str((result.error or {}).get("message")), where=result.potential.name)
        return result.statistics

    @property
    def slope(self) -> float:
        """The softening scale of the only potential; raises as `statistics`."""
        return self.statistics.slope

    def _is_one_material(self, wanted: str) -> None:
        if names := material_names(self.report):
            raise InputError(
                f"This diagnosis has {len(names)} materials: {', '.join(names)}.",
                advice=f'Choose one: diagnosis.materials["{names[0]}"].{wanted}.',
            )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per potential, by its name; forces in eV/Å. A potential that failed has a row of NaN.

        Where there are several materials, one row for each and each potential, by both names.
        """
        if materials := self.materials:
            return pd.concat({name: one.to_frame() for name, one in materials.items()}, names=["material"])
        rows = {name: _numbers(result.statistics) for name, result in self.results.items()}
        return pd.DataFrame.from_dict(rows, orient="index", dtype=np.float64).rename_axis("potential")

    def forces(self) -> pd.DataFrame:
        """Return one row per force component, eV/Å: frame and atom (from 1), element, axis, reference, potentials.

        Where there are several materials, the first column says which.
        """
        points, count = self.points, len(self.points.frame)
        symbols = np.array(chemical_symbols)[points.atomic_number]
        of_frame = {
            frame: name for name in material_names(self.report) for frame in frames_of_material(self.report, name)
        }
        material = {"material": np.repeat([of_frame[frame] for frame in points.frame], 3)} if of_frame else {}
        return pd.DataFrame(
            {
                **material,
                "frame": np.repeat(points.frame + 1, 3),
                "atom": np.repeat(points.atom + 1, 3),
                "element": np.repeat(symbols, 3),
                "axis": np.tile(list("xyz"), count),
                "reference": points.reference.ravel(),
                **{name: predicted.ravel() for name, predicted in points.predicted.items()},
            }
        )

    def figure(self, *, theme: Theme = "light") -> go.Figure:
        """Return the parity plot of all potentials that gave numbers, as the page draws it.

        Raises
        ------
        PredictionError
            If none did.
        InputError
            If there are several materials: each has its own.
        """
        self._is_one_material("figure()")
        from softdash.web.figures.parity import ParitySeries, parity_figure
        from softdash.web.theme import INK

        series = []
        for name, predicted in self.points.predicted.items():
            result = self[name]
            computed = np.isfinite(predicted).all(axis=1)
            if result.statistics is not None:
                series.append(
                    ParitySeries.from_forces(
                        name,
                        result.potential.label,
                        self.points.reference[computed],
                        predicted[computed],
                        result.statistics,
                        elements=[chemical_symbols[number] for number in self.points.atomic_number[computed]],
                        frames=self.points.frame[computed] + 1,
                        atoms=self.points.atom[computed] + 1,
                    )
                )
        if not series:
            raise PredictionError("No potential gave numbers to draw.", where=self.report.title)
        figure = parity_figure(series, theme=theme, max_points=_POINTS_DRAWN)
        # Pages lend their own background; a notebook's may be of the other colour scheme.
        page = INK[theme].page
        return figure.update_layout(width=_FIGURE_SIZE, height=_FIGURE_SIZE, paper_bgcolor=page, plot_bgcolor=page)

    def save(self, file: str | Path) -> Path:
        """Write the report; the ending of the name decides the form, as for ``softdash diagnose --output``.

        ``.json`` (everything), ``.csv`` (all forces), ``.html``, ``.extxyz`` (frames with all forces), ``.recipe.json``
        (the correction) or ``.py`` (lines that load it).

        Raises
        ------
        InputError
            If it has another ending, or a recipe is wanted of several potentials.
        ConflictError
            If the potential has no recipe, a recipe is wanted of several materials, or the JSON of one of them: the
            report is sealed as a whole.
        """
        path = Path(file)
        whole, material = self._whole or (Diagnosed(self.report, self.points, self.frames), None)
        parts = report_file_text(whole, str(path), material)
        first = next(parts)  # what is wrong shows before a file is there
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(first)
            stream.writelines(parts)
        return path

    def __repr__(self) -> str:
        link = [] if self.link is None else [f"  {self.link}"]
        words = [f"  {line}" for result in self.report.results for line in _lines(result)]
        if material_names(self.report):
            words = [f"  {line}" for line in materials_text(self.report)]
        return "\n".join([self.report.title, *link, *words])

    def _repr_html_(self) -> str:
        """Verdicts, a table, and a parity plot per potential, without scripts: it stays in the saved notebook."""
        if material_names(self.report):
            return f"{_STYLE}{materials_html(self.report, self.link)}"
        cells = "".join(f"<th>{name}</th>" for name in ("potential", *headline_columns()))
        rows = "".join(map(_row, self.report.results))
        plots = "".join(map(self._plot, self.report.results))
        lines = [line for result in self.report.results for line in _lines(result)]
        words = "".join(f"<p>{escape(line)}</p>" for line in lines)
        link = "" if self.link is None else f'<p><a href="{escape(self.link)}">{escape(self.link)}</a></p>'
        return (
            f'{_STYLE}<div class="softdash-diagnosis"><p><b>{escape(self.report.title)}</b></p>{link}{words}'
            f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>{plots}</div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:  # noqa: ARG002
        """Give the interactive figure to front ends that draw plotly's, and `_repr_html_` to all others."""
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self.points.predicted and not material_names(self.report):
            figure = self.figure()
            headlines = "<br>".join(str(escape(_headline(result))) for result in self.report.results)
            figure.update_layout(title={"text": headlines, "font": {"size": 13}}, margin={"t": 90})
            # Through plotly's encoder: numpy arrays become the plain lists that a notebook can keep.
            bundle["application/vnd.plotly.v1+json"] = _plain(figure)
        return bundle

    def _plot(self, result: PotentialResult) -> Markup:
        predicted = self.points.predicted.get(result.potential.name)
        if predicted is None or result.statistics is None:
            return Markup("")
        svg = parity_svg(
            self.points.reference.ravel(),
            predicted.ravel(),
            result.statistics,
            label=result.potential.label,
            potential=result.potential.name,
        )
        return Markup(svg)  # noqa: S704 - made by us; labels are escaped where they enter


def _numbers(statistics: SofteningStatistics | None) -> dict[str, Any]:
    interval = statistics.slope_interval if statistics is not None else None
    return {
        "slope": statistics and statistics.slope,
        "slope_low": interval and interval.low,
        "slope_high": interval and interval.high,
        **{one.key: statistics and one.value(statistics) for one in quantities.QUANTITIES},
    }


def _plain(figure: go.Figure) -> dict[str, Any]:
    import json

    return dict(json.loads(figure.to_json()))


def _lines(result: PotentialResult) -> list[str]:
    """Return the answers of one potential, its headline, and the doubts about how the files were read."""
    answers = [f"{heading}: {answer.title}. {answer_words(answer)}" for heading, answer in answers_of(result)]
    return [*answers, _headline(result), *doubt_lines(result.doubts)]


def _headline(result: PotentialResult) -> str:
    if result.error is not None:
        return f"{result.potential.label}: {result.error.get('message')}"
    return result.verdict.headline if result.verdict is not None else result.potential.label


def _row(result: PotentialResult) -> str:
    cells = (result.potential.label, *headline_cells(result.statistics))
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
