"""What a page holds: its text, and the values of the controls that its address keeps."""

from __future__ import annotations

import json
from typing import Any

from dash.development.base_component import Component


def text_of(component: Any) -> str:
    """Return all a component holds, as JSON."""
    return json.dumps(component, default=lambda c: c.to_plotly_json(), ensure_ascii=False)


def view_values(page: Component) -> dict[str, Any]:
    """Return the values of a page's controls by the keys they have in the address."""
    controls = (part for part in page._traverse() if isinstance(getattr(part, "id", None), dict))
    return {part.id["key"]: part.value for part in controls if part.id["type"] == "view"}


def plain_text(children: Any) -> str:
    """Return the text of children as a reader sees it: strings, and components with theirs."""
    if children is None:
        return ""
    if isinstance(children, list | tuple):
        return "".join(plain_text(child) for child in children)
    return plain_text(getattr(children, "children", None)) if isinstance(children, Component) else str(children)
