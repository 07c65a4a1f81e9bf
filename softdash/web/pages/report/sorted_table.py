"""HTML tables that sort in the browser, by buttons in their headings (``assets/sorted_tables.js``)."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.web.parts.page_parts import Children


def sorted_table(
    table_id: str, headings: Sequence[tuple[Children, str]], rows: Sequence[Component], *, label: str, key: str = ""
) -> Component:
    """Return the table in a region that scrolls.

    Parameters
    ----------
    table_id : str
    headings : sequence of (children, class)
        Columns; of class ``"number"`` to sort by ``data-value`` of their cells (see `exact_number`).
    rows : sequence of ``html.Tr``
    label : str
        Names the region.
    key : str
        What the rows depend on: with another one the browser begins with their order as given.
    """
    head = html.Tr(
        [
            html.Th(
                html.Button(title, type="button", className="sort-button", **{"data-sort": ""}),
                className=kind,
                scope="col",
            )
            for title, kind in headings
        ]
    )
    table = html.Table([html.Thead(head), html.Tbody(list(rows))], id=table_id, className="data sorted")
    return html.Div(
        table,
        className="table-scroll",
        tabIndex=0,
        role="region",
        key=f"{table_id}-{key}",
        **{"aria-label": label},
    )
