"""Builds the web application: pages, API routes, compression, cache headers, honest status codes."""

from __future__ import annotations

from functools import partial

import dash
from dash import Dash
from flask import Flask, Response, make_response, request
from flask_caching import Cache

from softdash.api import register as register_api
from softdash.catalog import Catalog
from softdash.jobs.service import DiagnosisService
from softdash.settings import Settings, get_settings
from softdash.web.context import WebContext
from softdash.web.pages import pages
from softdash.web.server.asset_bundles import BundledDash
from softdash.web.server.compressed_files import CompressedFiles
from softdash.web.server.documentation import register_documentation
from softdash.web.server.embedded_report import EMBEDDED, register_embedded_report
from softdash.web.server.figure_cache import code_version
from softdash.web.server.moved_downloads import register_moved_downloads
from softdash.web.server.plotly_validators import keep_rules_as_text
from softdash.web.server.report_picture import register_report_picture
from softdash.web.shell import INDEX, layout, register_shell

DESCRIPTION = (
    "How much too soft is a universal machine-learning interatomic potential: for published benchmarks, and for your "
    "own material?"
)
_COMPRESSED = "softdash-compressed-files"
_NOT_PAGES = ("/_dash", "/assets/", "/api/", "/_reload", "/_favicon", "/download/")


def create_app(settings: Settings | None = None) -> Dash:
    """Build the Dash application.

    Parameters
    ----------
    settings : Settings, optional
        Default: read from the environment.
    """
    settings = settings or get_settings()
    dash.page_registry.clear()
    keep_rules_as_text()
    app = BundledDash(
        "softdash",
        title="softdash",
        update_title="",
        assets_folder=str(settings.assets_dir.resolve()),
        assets_ignore=r".*\.(css|js|txt|md)$",
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        compress=True,
        index_string=INDEX,
        include_pages_meta=False,  # `link_preview` gives them, with the addresses that visitors know
        description=DESCRIPTION,
    )
    server: Flask = app.server
    cache = Cache(
        server,
        config={
            "CACHE_TYPE": settings.cache_type,
            "CACHE_DIR": str(settings.state_dir / "cache" / code_version()),
            "CACHE_DEFAULT_TIMEOUT": settings.cache_seconds,
            "CACHE_THRESHOLD": 5_000,
        },
    )
    service = DiagnosisService(settings)
    context = WebContext(settings, Catalog(settings.precomputed_dir), service, cache)
    context.attach(app)
    app.layout = partial(layout, app.icon, has_docs=register_documentation(server, settings))
    register_shell(app)
    for page in pages():
        page.register(app)
    register_api(server, service, settings, context.catalog)
    register_moved_downloads(server)
    register_embedded_report(server)
    register_report_picture(server)
    _answer_unknown_pages_with_404(app)
    _let_fingerprinted_files_be_cached(server)
    app.serve_bundles()
    compressed = CompressedFiles(settings.state_dir / "cache" / "compressed")
    compressed.attach(server)
    server.extensions[_COMPRESSED] = compressed
    # Dash sets up its callbacks on the first request; two first requests at once can race (plotly/dash #3971).
    server.test_client().get("/")
    compressed.collect(app)
    return app


def create_server() -> Flask:
    """Return the WSGI application, for gunicorn: ``gunicorn "softdash.web:create_server()"``."""
    server: Flask = create_app().server
    server.extensions[_COMPRESSED].compress_in_background()
    return server


def _answer_unknown_pages_with_404(app: Dash) -> None:
    """Dash answers each address with status 200; send its page with 404 where the page, or its record, is missing."""

    def check_page() -> Response | None:
        path = request.path
        if request.method not in {"GET", "HEAD"} or path.startswith(_NOT_PAGES) or request.endpoint == "documentation":
            return None
        if request.url_rule is not None and "path" not in request.url_rule.arguments and request.url_rule.rule != "/":
            return None
        page, variables = dash._pages._path_to_page(path.strip("/"))
        is_found = page.get("is_found") if page else None
        if page and path != "/404" and (is_found is None or is_found(**(variables or {}))):
            return None
        return make_response(app.index(), 404)

    app.server.before_request(check_page)


def _let_fingerprinted_files_be_cached(server: Flask) -> None:
    def add_headers(response: Response) -> Response:
        if request.path.startswith("/assets/") and (request.args.get("m") or request.path.endswith(".woff2")):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        if not request.path.startswith(EMBEDDED):
            # A page in a foreign frame could be overlaid, and its buttons pressed unknowingly.
            response.headers.setdefault("X-Frame-Options", "DENY")
            response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    server.after_request(add_headers)
