"""An error in the one form of all pages: what was wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from dash import html
from dash.development.base_component import Component

from softdash.errors import SoftdashError
from softdash.web.parts.page_parts import notice


def error_message(error: SoftdashError | Mapping[str, Any]) -> Component:
    """Return the framed message.

    Parameters
    ----------
    error : SoftdashError or mapping
        The error, or its stored JSON form (`SoftdashError.as_json`, with or without the outer ``error``).
    """
    stored = error.as_json() if isinstance(error, SoftdashError) else error
    fields: Mapping[str, Any] = stored.get("error") or stored
    where = _shown_place(fields.get("where"))
    what: list[str | Component] = [html.Strong(f"{where}: ")] if where else []
    what.append(str(fields.get("message") or "Something went wrong."))
    advice = fields.get("advice")
    return notice([html.P(what), *([html.P(str(advice))] if advice else [])], kind="error")


def _shown_place(where: Any) -> str | None:
    """Return the place of an error; of the server's own files only folder and name, not where they lie."""
    if not where:
        return None
    path = PurePath(str(where))
    return "/".join(path.parts[-2:]) if path.is_absolute() else str(where)
