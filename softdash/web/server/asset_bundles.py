"""Own style sheets and scripts, written as separate files, sent as one of each: a browser asks twice, not ten times."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dash import Dash
from flask import Response

from softdash.web.server.link_preview import link_preview

_MIMETYPES = {"css": "text/css", "js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class AssetBundle:
    """All files of one kind in the assets folder, joined in the order of their names.

    Attributes
    ----------
    folder : Path
        Assets folder; read at each request, so that an edited file shows after a reload.
    kind : {"css", "js"}
    """

    folder: Path
    kind: str

    def text(self) -> str:
        """Return the joined files."""
        # A lone semicolon keeps a script that ends without one apart from the next.
        separator = "\n;\n" if self.kind == "js" else "\n"
        return separator.join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob(f"*.{self.kind}")))

    @property
    def route(self) -> str:
        """Address without prefix: beside the files it is made of, so that relative addresses in them hold."""
        return f"/assets/site.{self.kind}"

    def fingerprinted(self) -> str:
        """Return the route with a part that changes with the content, for caches that never ask again."""
        return f"{self.route}?m={hashlib.sha256(self.text().encode()).hexdigest()[:12]}"

    def answer(self) -> Response:
        """Return the joined files as a response."""
        return Response(self.text(), mimetype=_MIMETYPES[self.kind])


class BundledDash(Dash):
    """Dash that sends assets as bundles, without scripts that no page uses, and with a preview of each page."""

    def serve_bundles(self) -> None:
        """Add the routes of the bundles; `assets_ignore` keeps Dash from linking the single files as well."""
        for bundle in self._bundles().values():
            self.server.add_url_rule(bundle.route, f"bundle_{bundle.kind}", bundle.answer)

    def _bundles(self) -> dict[str, AssetBundle]:
        folder = Path(self.config.assets_folder)
        return {kind: AssetBundle(folder, kind) for kind in _MIMETYPES}

    @property
    def icon(self) -> str:
        """The favicon as an address that needs no request."""
        svg = (Path(self.config.assets_folder) / "favicon.svg").read_text(encoding="utf-8")
        return f"data:image/svg+xml,{quote(svg)}"

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        """Fill the page's template; see `dash.Dash.interpolate_index`."""
        bundles = {
            kind: self.get_relative_path(bundle.fingerprinted())  # type: ignore[no-untyped-call]
            for kind, bundle in self._bundles().items()
        }
        # Tables are AG Grid's; Dash links its own table on every page all the same.
        scripts = [line for line in parts["scripts"].splitlines() if "/dash_table/" not in line]
        parts["scripts"] = "\n".join([*scripts, f'<script src="{bundles["js"]}"></script>'])
        parts["css"] += f'\n<link rel="stylesheet" href="{bundles["css"]}">'
        preview = link_preview(self.title, self.config.description)
        parts["title"] = preview.title_text()
        parts["metas"] = f"{preview.tags()}\n    {parts['metas']}"
        parts["favicon"] = f'<link rel="icon" type="image/svg+xml" href="{self.icon}">'
        return str(super().interpolate_index(**parts))  # type: ignore[no-untyped-call]
