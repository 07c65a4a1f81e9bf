"""The HTTP API: ``/api/v1`` and the downloads of a report, ``/report/<id>.json``, ``.csv`` and ``.html``.

No route sets or reads a cookie: what a request may do depends on the identifiers and tokens it carries, so a foreign
page cannot borrow a visitor's rights. Requests that change something are refused all the same when a browser says that
another site made them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from softdash.diagnosis.service import DiagnosisService
    from softdash.settings import Settings


def register(server: Flask, service: DiagnosisService, settings: Settings) -> None:
    """Add all routes of the API to a Flask server.

    Parameters
    ----------
    server : Flask
    service : DiagnosisService
    settings : Settings
    """
    from softdash.api.diagnoses import diagnoses_blueprint
    from softdash.api.error_responses import register_error_responses
    from softdash.api.installation import installation_blueprint
    from softdash.api.reports import reports_blueprint
    from softdash.api.uploads import uploads_blueprint

    server.register_blueprint(uploads_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(diagnoses_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(installation_blueprint(service), url_prefix="/api/v1")
    server.register_blueprint(reports_blueprint(service, settings))
    register_error_responses(server)
