"""What a report begins with: the answer for forces, one per potential, and what the benchmark shows."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.answer_records import Answer
from softdash.diagnosis.answer_texts import BEYOND_FORCES, QUESTION, TOPICS, answer_words, answers_of, findings_by_topic
from softdash.diagnosis.records import PotentialResult, Report
from softdash.web.parts.swatch import swatch

MOST_CARDS = 2
"""Answers of other potentials that stand in boxes of their own; more of them stand in rows."""

_PAGES = {"phonons": "/phonons", "barriers": "/ion-migration", "energies": "/surfaces"}


def answer_part(report: Report, chosen: PotentialResult) -> list[Component]:
    """Return the answer of each potential, the chosen one's large and first; nothing for earlier reports.

    Parameters
    ----------
    report : Report
    chosen : PotentialResult
        The potential whose verdict is shown.
    """
    answers = answers_of(chosen)
    is_large = len(answers) == 1
    parts = [_answer(chosen, heading, answer, is_large=is_large) for heading, answer in answers]
    others = [
        (result, heading, answer)
        for result in report.results
        if result is not chosen
        for heading, answer in answers_of(result)
    ]
    if len(others) <= MOST_CARDS:
        parts += [_answer(result, heading, answer, is_large=False) for result, heading, answer in others]
    else:
        parts.append(_rows(others))
    if not parts:
        return []
    return [html.Section([html.H2(QUESTION), *parts, *_findings(chosen)], className="report-answer")]


def _answer(result: PotentialResult, heading: str, answer: Answer, *, is_large: bool) -> Component:
    parts = [
        html.P([swatch(result.potential.name), heading], className="answer-whose"),
        html.P(answer.title, className="answer-title"),
        html.P(answer_words(answer)),
    ]
    return html.Div(parts, className=f"answer {answer.code}{' large' if is_large else ''}")


def _rows(answers: list[tuple[PotentialResult, str, Answer]]) -> Component:
    """Return answers of many potentials in rows; equal ones share a row."""
    groups: dict[tuple[str, str, str], list[tuple[PotentialResult, str]]] = {}
    for result, heading, answer in answers:
        groups.setdefault((answer.code, answer.title, answer_words(answer)), []).append((result, heading))
    rows = [
        html.Div(
            [
                html.Div([html.Span([swatch(one.potential.name), heading]) for one, heading in whose]),
                html.Div(title, className="answer-title"),
                html.Div(words),
            ],
            className=f"answer-row {code}",
        )
        for (code, title, words), whose in groups.items()
    ]
    return html.Div(rows, className="answer-rows")


def _findings(result: PotentialResult) -> list[Component]:
    topics = findings_by_topic(answers_of(result))
    if not topics:
        return []
    pages = {name: _PAGES[topic] for topic, name in TOPICS.items()}
    rows = [html.Div([html.Dt(dcc.Link(name, href=pages[name])), html.Dd(words)]) for name, words in topics]
    words = [html.P(f"{result.potential.label}. {BEYOND_FORCES}"), html.Dl(rows)]
    return [html.Div(words, className="answer-findings small")]
