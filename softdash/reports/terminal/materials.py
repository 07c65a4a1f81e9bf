"""A report about several materials on the terminal: their table, then a few lines about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softdash.reports.terminal.answer import print_findings
from softdash.reports.terminal.consoles import plain_table
from softdash.reports.terminal.doubts import print_doubts

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from softdash.diagnosis.records import MaterialResult, PotentialResult
    from softdash.reports.material_rows import MaterialRow


def print_materials(console: Console, result: PotentialResult) -> None:
    """Print one potential's part: how many materials are soft, the table, and the words about each material."""
    from softdash.diagnosis.answer_texts import answers_of
    from softdash.reports.material_rows import material_rows

    if result.verdict is None:
        console.print(f"{result.potential.label}: {(result.error or {}).get('message')}", style="red")
        return
    rows = material_rows(result)
    console.print(result.verdict.headline, style="bold")
    for sentence in result.verdict.sentences:
        console.print(f"  {sentence.text}")
    console.print(_table(rows))
    for part in result.materials:
        _print_material(console, part)
    print_findings(console, answers_of(result))
    for refused in result.refused:
        console.print(f"  not computed: {refused.origin}: {refused.reason}", style="yellow")


def _print_material(console: Console, part: MaterialResult) -> None:
    from softdash.diagnosis.answer_texts import answer_words

    if part.verdict is None:
        console.print(f"{part.name}: {(part.error or {}).get('message')}", style="red")
        return
    if part.answer is not None:
        console.print(f"{part.name}: {part.answer.title}", style="bold")
        console.print(f"  {answer_words(part.answer)}")
    console.print(f"  {part.verdict.headline}" if part.answer is not None else f"{part.name}: {part.verdict.headline}")
    print_doubts(console, part.doubts, part.verdict.headline)
    if part.advice is not None and not part.doubts:
        console.print(f"  {part.advice.text}")


def _table(rows: list[MaterialRow]) -> Table:
    from softdash.softening.quantities import COMPONENT_COUNT, FRAME_COUNT, MAE, R_SQUARED, SLOPE

    table = plain_table()
    table.add_column("material")
    counts = (FRAME_COUNT.heading, COMPONENT_COUNT.heading)
    for column in (*counts, SLOPE.heading, "interval", R_SQUARED.heading, MAE.heading):
        table.add_column(column, justify="right")
    table.add_column("answer")
    for row in rows:
        table.add_row(
            row.name,
            str(row.frame_count),
            str(row.component_count or "–"),
            SLOPE.written(row.slope),
            SLOPE.written_ends(row.interval),
            R_SQUARED.written(row.r_squared),
            MAE.written(row.mae),
            row.answer,
        )
    return table
