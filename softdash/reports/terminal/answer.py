"""The answer that a report begins with, on the terminal: of ``softdash diagnose`` and ``softdash correct`` alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from softdash.diagnosis.answer_records import Answer


def print_answers(console: Console, answers: Sequence[tuple[str, Answer]]) -> None:
    """Print the answers of one potential with their reasons, and what the benchmark shows beyond forces.

    Parameters
    ----------
    console : Console
    answers : sequence of (str, Answer)
        Headings and answers, one per material.
    """
    from softdash.diagnosis.answer_texts import QUESTION, answer_words

    for heading, answer in answers:
        console.print(f"{QUESTION} {heading}: {answer.title}", style="bold")
        console.print(f"  {answer_words(answer)}")
    print_findings(console, answers)


def print_findings(console: Console, answers: Sequence[tuple[str, Answer]]) -> None:
    """Print what the benchmark shows beyond forces for the potential of these answers; nothing where it shows none."""
    from softdash.diagnosis.answer_texts import BEYOND_FORCES, findings_by_topic

    topics = findings_by_topic(answers)
    if topics:
        console.print(f"  {BEYOND_FORCES}")
    for name, words in topics:
        console.print(f"    {name}: {words}.")
