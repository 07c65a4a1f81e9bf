"""Doubts about the reading of an upload, first in a report: what was found, and the readings that fit better."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import ReadingDoubt
from softdash.reports.reading_texts import proposal_numbers
from softdash.web.parts.page_parts import notice
from softdash.web.parts.reading_choices import patch_button


def doubts_part(doubts: Sequence[ReadingDoubt], headline: str, corrections: str | None = None) -> list[Component]:
    """Return the texts of all doubts with their proposals; empty where there is none.

    Parameters
    ----------
    doubts : sequence of ReadingDoubt
        Worst first.
    headline : str
        What stands above them; a doubt's own headline is shown where it is another.
    corrections : str, optional
        Id of the store that takes a proposal; without it proposals are named, not offered.
    """
    first = next((doubt for doubt in doubts if doubt.proposals), None)
    return [_doubt(doubt, headline, corrections, is_first=doubt is first) for doubt in doubts]


def _doubt(doubt: ReadingDoubt, headline: str, corrections: str | None, *, is_first: bool) -> Component:
    parts: list[Component] = [] if doubt.headline == headline else [html.P(html.Strong(doubt.headline))]
    parts.append(html.P(doubt.text))
    if doubt.proposals and corrections is not None:
        buttons = [
            patch_button(
                proposal.label,
                proposal.options,
                html.Span(f"→ {proposal_numbers(proposal)}", className="proposal-numbers"),
                is_primary=is_first and place == 0,
            )
            for place, proposal in enumerate(doubt.proposals)
        ]
        parts.append(html.Div(buttons, className="proposals no-print", **{"data-corrections": corrections}))
    if doubt.proposals:
        named = [html.Li(f"{one.label}: {proposal_numbers(one)}") for one in doubt.proposals]
        parts.append(html.Ul(named, className="print-only" if corrections is not None else ""))
    return notice(parts, kind="warning")
