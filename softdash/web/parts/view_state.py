"""The state of a page's controls in its address."""

from __future__ import annotations

from dash import dcc


def view_id(key: str) -> dict[str, str]:
    """Return the id of a control whose value belongs into the address: ``?key=value``."""
    return {"type": "view", "key": key}


def view_defaults(**defaults: object) -> dcc.Store:
    """Return the store of a page's default values, which stay out of the address; every page with controls has one."""
    return dcc.Store(id={"type": "view-defaults", "key": "page"}, data=defaults)
