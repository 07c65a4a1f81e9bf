"""The way between the materials of a report: back to all of them, to one by name, to the one before and after."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from softdash.reports.material_names import subscripted
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import notice
from softdash.web.parts.viewed_report import ViewedReport, report_address

CHOOSER = "report-material-choice"
"""Id of the select; its values are addresses."""


def material_bar(viewed: ViewedReport, potential: str | None) -> list[Component]:
    """Return the bar above the report of one material; nothing where a report has one, or shows all.

    Parameters
    ----------
    viewed : ViewedReport
    potential : str or None
        That further addresses name.
    """
    if viewed.unknown is not None:
        return [notice(html.P(f"This report has no material “{viewed.unknown}”; all are shown."), kind="warning")]
    if viewed.material is None:
        return []
    report_id, names = viewed.whole.id, viewed.names
    place = names.index(viewed.material)
    choice = dmc.Select(
        id=CHOOSER,
        data=[{"value": report_address(report_id, name, potential), "label": subscripted(name)} for name in names],
        value=report_address(report_id, viewed.material, potential),
        searchable=len(names) > 8,
        allowDeselect=False,
        size="sm",
        w=180,
        label="Material",
        nothingFoundMessage="No such material in this report",
    )
    neighbours = [
        dcc.Link(
            f"‹ {subscripted(names[at])}" if step < 0 else f"{subscripted(names[at])} ›",
            href=report_address(report_id, names[at], potential),
            className="button small",
            title="Previous material" if step < 0 else "Next material",
        )
        for step in (-1, 1)
        if 0 <= (at := place + step) < len(names)
    ]
    frames = count_text(len(viewed.frames), "frame")
    back = dcc.Link(
        f"← All {len(names)} materials", href=report_address(report_id, None, potential), className="button small"
    )
    of = f"{frames} of {len(viewed.whole.understanding.frames):,}; they keep the numbers that they have in the upload."
    return [
        html.Nav(
            [
                html.Div([back, *neighbours], className="material-links"),
                html.Div([html.H2(subscripted(viewed.material)), html.P(of, className="muted small")]),
                choice,
            ],
            className="material-bar no-print",
            **{"aria-label": "Materials of this report"},
        ),
        html.P(f"Material: {subscripted(viewed.material)}, {frames}", className="print-only"),
    ]
