"""The documentation that ``make docs`` built, under ``/docs/``: static pages, which load nothing from elsewhere."""

from __future__ import annotations

from flask import Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from softdash.settings import Settings

DOCUMENTATION = "/docs/"


def register_documentation(server: Flask, settings: Settings) -> bool:
    """Add the routes where the documentation was built; return whether it was."""
    folder = settings.docs_dir.resolve()
    if not (folder / "index.html").is_file():
        return False

    def page(path: str) -> Response:
        return send_from_directory(folder, path)

    def home() -> AnyResponse:
        return redirect(f"{DOCUMENTATION}index.html")

    server.add_url_rule(f"{DOCUMENTATION}<path:path>", "documentation", page)
    server.add_url_rule(DOCUMENTATION, "documentation_home", home)
    return True
