"""``/embed/<id>``: a report in a foreign page's frame, without script, navigation or a way to change anything."""

from __future__ import annotations

from flask import Flask, Response, request

from softdash.errors import SoftdashError
from softdash.reports.embed import embedded_html, missing_html
from softdash.reports.material_view import material_report
from softdash.web.context import web_context
from softdash.web.parts.viewed_report import report_address, viewed_report

EMBEDDED = "/embed/"
"""Where the only pages begin that other sites may show in a frame."""

# No frame-ancestors: even * would shut out pages opened from disk (slides) and from an editor's notebook.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def register_embedded_report(server: Flask) -> None:
    """Add the route; ``?potential=``, ``?material=`` choose one of several, ``?theme=dark`` or ``light`` colours."""
    server.add_url_rule(f"{EMBEDDED}<report_id>", "embedded_report", embedded_report)


def embedded_report(report_id: str) -> Response:
    """Answer with one potential's verdict, numbers and parity plot."""
    context = web_context()
    theme, material = request.args.get("theme"), request.args.get("material")
    theme = theme if theme in ("light", "dark") else None
    address = (context.settings.public_url or request.host_url).rstrip("/")
    try:
        whole, points = context.service.report(report_id), context.service.points(report_id)
        viewed = viewed_report(whole, material)
        if viewed.unknown is not None:
            material_report(whole, viewed.unknown)  # raises, and names the materials that there are
    except SoftdashError as error:
        response = Response(missing_html(error, theme), status=error.http_status, mimetype="text/html")
    else:
        text = embedded_html(
            viewed.shown,
            viewed.points(points),
            link=f"{address}{report_address(whole.id, viewed.material)}",
            potential=request.args.get("potential"),
            theme=theme,
        )
        response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
