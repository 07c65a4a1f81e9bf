"""What the pages of one running application share: settings, catalogue, diagnosis service, figure cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from dash import Dash
from flask import current_app
from flask_caching import Cache

from softdash.catalog import Catalog
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings

_EXTENSION = "softdash"


@dataclass(frozen=True, slots=True)
class WebContext:
    """Shared objects of one application."""

    settings: Settings
    catalog: Catalog
    service: DiagnosisService
    cache: Cache

    def attach(self, app: Dash) -> None:
        """Make this the context of `app`."""
        app.server.extensions[_EXTENSION] = self


def web_context() -> WebContext:
    """Return the context of the application that answers the present request."""
    return cast("WebContext", current_app.extensions[_EXTENSION])
