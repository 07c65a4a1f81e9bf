"""``/embed/<id>``: a report in a foreign page's frame, without script, navigation or a way to change anything."""

from __future__ import annotations

from flask import Flask, Response, request

from softdash.diagnosis.report_embed import embedded_html, missing_html
from softdash.errors import SoftdashError
from softdash.web.context import web_context

EMBEDDED = "/embed/"
"""Where the only pages begin that other sites may show in a frame."""

# No frame-ancestors: even * would shut out pages opened from disk (slides) and from an editor's notebook.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def register_embedded_report(server: Flask) -> None:
    """Add the route; ``?potential=NAME`` chooses one of several, ``?theme=dark`` or ``light`` the colours."""
    server.add_url_rule(f"{EMBEDDED}<report_id>", "embedded_report", embedded_report)


def embedded_report(report_id: str) -> Response:
    """Answer with one potential's verdict, numbers and parity plot."""
    context = web_context()
    theme = request.args.get("theme")
    theme = theme if theme in ("light", "dark") else None
    address = (context.settings.public_url or request.host_url).rstrip("/")
    try:
        report, points = context.service.report(report_id), context.service.points(report_id)
    except SoftdashError as error:
        response = Response(missing_html(error, theme), status=error.http_status, mimetype="text/html")
    else:
        text = embedded_html(
            report, points, link=f"{address}/report/{report.id}", potential=request.args.get("potential"), theme=theme
        )
        response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
