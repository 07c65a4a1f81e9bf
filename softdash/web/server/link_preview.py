"""What a link to a page shows in messages and search: title, description and picture in the head of the raw HTML."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import dash
from flask import request

from softdash.api.addresses import public_address
from softdash.web.context import web_context
from softdash.web.server.report_picture import DEFAULT_PICTURE, PICTURE_HEIGHT, PICTURE_WIDTH

_PICTURE_TEXT = "Predicted against DFT forces with the softening scale"


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """Title, description and absolute addresses of the page that the present request asks for."""

    title: str
    description: str
    address: str
    picture: str
    is_unlisted: bool = False

    def tags(self) -> str:
        """Return the ``<meta>`` tags, the visitor's words escaped."""
        properties = {
            "og:site_name": "softdash",
            "og:type": "website",
            "og:title": self.title,
            "og:description": self.description,
            "og:url": self.address,
            "og:image": self.picture,
            "og:image:width": str(PICTURE_WIDTH),
            "og:image:height": str(PICTURE_HEIGHT),
            "og:image:alt": _PICTURE_TEXT,
        }
        names = {
            "description": self.description,
            "twitter:card": "summary_large_image",
            "twitter:title": self.title,
            "twitter:description": self.description,
            "twitter:image": self.picture,
        }
        if self.is_unlisted:
            names["robots"] = "noindex"
        tags = [f'<meta property="{name}" content="{_safe(text)}">' for name, text in properties.items()]
        tags += [f'<meta name="{name}" content="{_safe(text)}">' for name, text in names.items()]
        return "\n    ".join(tags)

    def title_text(self) -> str:
        """Return the title for ``<title>``."""
        return _safe(self.title)


def link_preview(default_title: str, default_description: str) -> LinkPreview:
    """Return the preview of the present request's page; needs a request.

    A page may register ``picture``, a function of its path's variables that returns the path of its picture or None,
    and ``preview_query``, names of parameters of the query that its title, description and picture depend on as well.
    """
    page, variables = dash._pages._path_to_page(request.path.strip("/"))
    is_unlisted = bool(variables)
    asked = {name: request.args[name] for name in page.get("preview_query", ()) if name in request.args}
    variables = {**(variables or {}), **asked}
    base = public_address(web_context().settings)
    query = request.query_string.decode("utf-8", "replace")
    picture = _given(page, "picture", variables) or f"/assets/{DEFAULT_PICTURE}"
    return LinkPreview(
        title=_given(page, "title", variables) or default_title,
        description=_given(page, "description", variables) or default_description,
        address=f"{base}{request.path}{'?' if query else ''}{query}",
        picture=f"{base}{picture}",
        is_unlisted=is_unlisted,  # a record of somebody's: who has the link may read it, search engines may not
    )


def _given(page: dict[str, Any], name: str, variables: dict[str, str]) -> str:
    value = page.get(name)
    return str((value(**variables) if callable(value) else value) or "")


def _safe(text: str) -> str:
    # Dash fills {%name%} after this: a title must not be taken for such a place.
    return escape(text).replace("{%", "&#123;%")
