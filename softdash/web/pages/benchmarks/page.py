"""Benchmarks: every panel of the paper's Figs 2 to 6 with its page here, data source, kind and n."""

from __future__ import annotations

import dash
from dash import Dash, dcc, html
from dash.development.base_component import Component

from softdash.web.context import web_context
from softdash.web.pages.benchmarks.paper_panels import PANELS, Panel, count_of
from softdash.web.parts.energies.tables import framed
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import next_step, page_header

MENU = MenuEntry("All benchmarks", "/benchmarks", "Figs 2 to 6", position=10)

KINDS = (
    ("recomputed", "computed by softdash from open data; anyone can repeat it with one command"),
    ("published", "numbers that the authors printed or gave away, taken as they are"),
    ("digitised", "read off the paper's figures, approximate"),
)


def layout(**_: str) -> Component:
    """Return the page."""
    return html.Div(
        [
            page_header(
                "Benchmarks",
                "Every panel of Figs 2 to 6 of Deng et al. (2025), where it is answered here, and what the answer "
                "rests on. The numbers are counted from the tables themselves.",
            ),
            html.Ul(
                [html.Li([html.Span(kind, className=f"tag {kind}"), f" {text}"]) for kind, text in KINDS],
                className="kinds",
            ),
            _table(),
            html.P(
                [
                    "How each number is made: ",
                    dcc.Link("methods", href="/methods"),
                    ". Text and figures of the paper differ in places; both values stand on the pages.",
                ],
                className="muted",
            ),
            next_step(),
        ]
    )


def _table() -> Component:
    head = html.Tr(
        [
            html.Th("Figure", scope="col"),
            html.Th("Kind", scope="col"),
            html.Th("Data source", scope="col"),
            html.Th("n", scope="col"),
            html.Th("Page", scope="col"),
        ]
    )
    registered = {page["path"] for page in dash.page_registry.values()}
    bodies = [_panel(panel, is_there=panel.href in registered) for panel in PANELS]
    table = html.Table([html.Thead(head), *bodies], id="panels", className="data panels")
    return framed(table, "softdash-benchmarks", "Figures of the paper and where they are answered")


def _panel(panel: Panel, *, is_there: bool) -> html.Tbody:
    catalog = web_context().catalog
    name = f"Fig. {panel.figure}"
    page = dcc.Link(panel.page, href=panel.href) if is_there else panel.page
    heading = html.Tr(
        html.Th([name, html.Span(f" · {panel.shows}", className="muted")], colSpan=5, scope="rowgroup"),
        className="group",
    )
    rows = [
        html.Tr(
            [
                html.Td(name, className="nowrap"),
                html.Td(html.Span(source.kind, className=f"tag {source.kind}")),
                html.Td(source.source),
                html.Td(count_of(source, catalog)),
                html.Td(page, className="nowrap"),
            ]
        )
        for source in panel.sources
    ]
    return html.Tbody([heading, *rows])


def register(app: Dash) -> None:
    """Register the page; it has no callbacks."""
    del app
    dash.register_page("benchmarks", path=MENU.href, title="Benchmarks · softdash", layout=layout)
