"""Its page: the table as text."""

from __future__ import annotations

import dash
from dash import Dash, html
from dash.development.base_component import Component

from softdash.web.context import web_context
from softdash.web.parts.menu import MenuEntry

MENU = MenuEntry("Cohesion", "/cohesion")


def layout(**_: str) -> Component:
    table = web_context().catalog.table("cohesion/energies.csv")
    return html.P(", ".join(f"{row.metal} {row.energy:.3f}" for row in table.itertuples()))


def register(app: Dash) -> None:
    del app
    dash.register_page("cohesion", path=MENU.href, title="Cohesion · softdash", layout=layout)
