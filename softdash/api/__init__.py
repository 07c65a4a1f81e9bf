"""The HTTP API: ``/api/v1`` and the downloads of a report, ``/report/<id>.json``, ``.csv``, ``.extxyz`` and ``.html``.

Each route has one declaration of what it takes and answers (`softdash.api.operations`); the OpenAPI document and the
page ``/api`` are made from them.

No route sets or reads a cookie: what a request may do depends on the identifiers and tokens it carries, so a foreign
page cannot borrow a visitor's rights. Pages of other sites may read; requests that change something are refused when a
browser says that another site made them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from softdash.catalog import Catalog
    from softdash.jobs.service import DiagnosisService
    from softdash.settings import Settings


def register(server: Flask, service: DiagnosisService, settings: Settings, catalog: Catalog | None = None) -> None:
    """Add all routes of the API to a Flask server.

    Parameters
    ----------
    server : Flask
    service : DiagnosisService
    settings : Settings
    catalog : Catalog, optional
        The one that the pages read, so that each table is in memory once.
    """
    from softdash.api.catalog import catalog_blueprint
    from softdash.api.compared import compared_blueprint
    from softdash.api.cross_origin import allow_reading_from_other_sites
    from softdash.api.diagnoses import diagnoses_blueprint
    from softdash.api.documentation import documentation_blueprint
    from softdash.api.error_responses import register_error_responses
    from softdash.api.installation import installation_blueprint
    from softdash.api.reports import reports_blueprint
    from softdash.api.samplings import samplings_blueprint
    from softdash.api.uploads import uploads_blueprint
    from softdash.catalog import Catalog

    catalog = catalog or Catalog(settings.precomputed_dir)
    server.register_blueprint(uploads_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(diagnoses_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(samplings_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(reports_blueprint(service, settings))
    server.register_blueprint(catalog_blueprint(catalog, settings), url_prefix="/api/v1")
    server.register_blueprint(compared_blueprint(catalog, settings), url_prefix="/api/v1")
    server.register_blueprint(installation_blueprint(service, settings), url_prefix="/api/v1")
    server.register_blueprint(documentation_blueprint(service, settings))
    allow_reading_from_other_sites(server)
    register_error_responses(server)
