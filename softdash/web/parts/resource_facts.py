"""Where a precomputed table comes from, as facts for the details panel of a figure."""

from __future__ import annotations

from dash import html

from softdash.catalog import Catalog, ResourceDescription
from softdash.catalog.resources import PotentialVersion
from softdash.errors import SoftdashError
from softdash.potentials.weights_files import hash_in_words
from softdash.web.parts.page_parts import Children


def resource_facts(catalog: Catalog, path: str) -> dict[str, Children | None]:
    """Return source, licence, commit, potentials with weights hashes, date and file hash of a table.

    Parameters
    ----------
    catalog : Catalog
    path : str
        Under ``precomputed/``.
    """
    try:
        resource = catalog.resource(path)
    except SoftdashError as error:
        return {"File": path, "Origin": error.what}
    return {
        "Reference data": _sources(resource),
        "Potentials": "; ".join(_version(one) for one in resource.potentials),
        "Table": f"{resource.path}, SHA-256 {resource.sha256[:12]}…, {', '.join(x.name for x in resource.licences)}",
        "Computed": f"{resource.created:%-d %B %Y} with softdash {resource.softdash_version}",
    }


def _version(potential: PotentialVersion) -> str:
    weights = f"weights {potential.version} ({hash_in_words(potential.weights_sha256, 12)})"
    return f"{potential.name}, {weights}, {potential.package} {potential.package_version}"


def _sources(resource: ResourceDescription) -> Children | None:
    parts: list[Children] = []
    for source in resource.sources:
        details = [
            f"commit {source.commit[:10]}" if source.commit else "",
            f"licence {source.licence}" if source.licence else "",
        ]
        text = ", ".join(part for part in details if part)
        name = html.A(source.title, href=source.path) if source.path.startswith("http") else source.title
        parts += ["; "] if parts else []
        parts += [name, f" ({text})" if text else ""]
    return html.Span(parts) if parts else None
