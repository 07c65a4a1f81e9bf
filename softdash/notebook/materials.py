"""How a diagnosis of several materials shows itself: the table of all, and what stands in the way of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from softdash.diagnosis.records import PotentialResult, ReadingDoubt, Report
from softdash.reports.material_rows import material_rows
from softdash.reports.reading_texts import proposal_numbers
from softdash.softening.quantities import COMPONENT_COUNT, FRAME_COUNT, MAE, R_SQUARED, SLOPE

_COLUMNS = (
    "material",
    *(quantity.heading for quantity in (FRAME_COUNT, COMPONENT_COUNT, SLOPE, R_SQUARED, MAE)),
    "answer",
)


def materials_text(report: Report) -> list[str]:
    """Return the lines of a terminal: per potential its headline, a table, and the doubts about each material."""
    lines = []
    for result in report.results:
        lines.append(_headline(result))
        lines += _aligned([_COLUMNS, *_cells(result)]) if result.materials else []
        lines += _doubts_of(result)
    return lines


def materials_html(report: Report, link: str | None) -> str:
    """Return the same as HTML, without scripts."""
    head = "".join(f"<th>{name}</th>" for name in _COLUMNS)
    parts = [f"<p><b>{escape(report.title)}</b></p>"]
    if link is not None:
        parts.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
    for result in report.results:
        parts.append(f"<p>{escape(_headline(result))}</p>")
        if result.materials:
            rows = Markup("").join(
                Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells))
                for cells in _cells(result)
            )
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
        parts += [f"<p>{escape(line)}</p>" for line in _doubts_of(result)]
    return f'<div class="softdash-diagnosis">{"".join(parts)}</div>'


def doubt_lines(doubts: Sequence[ReadingDoubt]) -> list[str]:
    """Return doubts about the reading of the files, and the readings that fit better with their options."""
    lines = []
    for doubt in doubts:
        lines.append(doubt.text)
        lines += [f"{one.label}: {proposal_numbers(one)}; {_arguments(one.options)}" for one in doubt.proposals]
    return lines


def _arguments(options: Mapping[str, Any]) -> str:
    return f"options=ReadOptions({', '.join(f'{name}={value!r}' for name, value in options.items())})"


def _headline(result: PotentialResult) -> str:
    if result.verdict is None:
        return f"{result.potential.label}: {(result.error or {}).get('message')}"
    return result.verdict.headline


def _cells(result: PotentialResult) -> list[tuple[str, ...]]:
    return [
        (
            row.name,
            str(row.frame_count),
            str(row.component_count or "–"),
            row.slope_text,
            R_SQUARED.written(row.r_squared),
            MAE.written(row.mae),
            row.answer,
        )
        for row in material_rows(result)
    ]


def _doubts_of(result: PotentialResult) -> Iterator[str]:
    for part in result.materials:
        if part.error is not None:
            yield f"{part.name}: {part.error.get('message')}"
        yield from (f"{part.name}: {line}" for line in doubt_lines(part.doubts))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
