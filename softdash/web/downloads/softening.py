"""Downloads of the softening page: the table of materials, the frames left out, the forces of one material."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from typing import Any

import pandas as pd
from flask import Flask, Response, request, stream_with_context

from softdash.benchmarks.high_energy.shared_frames import SET_ASIDE, SET_ASIDE_DESCRIPTION
from softdash.catalog import Catalog, schemas
from softdash.errors import NotFoundError, SoftdashError
from softdash.version import __version__
from softdash.web.context import web_context
from softdash.web.downloads.json_rows import json_file, json_rows
from softdash.web.parts.material_selection import MaterialSelection


def register_softening_downloads(server: Flask) -> None:
    """Add the files of the page below ``/download/``; all take the page's query."""
    server.add_url_rule("/download/softening.csv", "download_softening_csv", _softening_csv)
    server.add_url_rule("/download/softening.json", "download_softening_json", _softening_json)
    server.add_url_rule("/download/failures.csv", "download_failures_csv", _failures_csv)
    server.add_url_rule("/download/failures.json", "download_failures_json", _failures_json)
    server.add_url_rule("/download/parity.csv", "download_parity_csv", _parity_csv)


def parity_table(
    catalog: Catalog, material_id: str, datasets: tuple[str, ...], potentials: tuple[str, ...]
) -> pd.DataFrame:
    """Return one material's forces: one row per atom and potential.

    Raises
    ------
    NotFoundError
        If none of the data sets and potentials has the material.
    """
    parts = []
    for dataset in datasets:
        for potential in potentials:
            try:
                points = catalog.parity_points(dataset, potential, material_id)
            except NotFoundError:
                continue
            parts.append(points.assign(dataset=dataset, potential=potential))
    if not parts:
        raise NotFoundError(f"There are no forces of {material_id}.", advice="Choose a material from the table.")
    table = pd.concat(parts, ignore_index=True)
    return table[["dataset", "potential", *schemas.PARITY_POINTS.column_names]]


def _softening_csv() -> Response:
    return _answer(lambda catalog, chosen: _csv(chosen.rows(catalog), "softdash-softening.csv"))


def _softening_json() -> Response:
    return _answer(_softening_document)


def _failures_csv() -> Response:
    return _answer(lambda catalog, chosen: _csv(failures_of(catalog, chosen), "softdash-frames-left-out.csv"))


def _failures_json() -> Response:
    def make(catalog: Catalog, chosen: MaterialSelection) -> Response:
        return json_file(failures_of(catalog, chosen), "softdash-frames-left-out.json")

    return _answer(make)


def _parity_csv() -> Response:
    material_id = request.args.get("material", "")

    def make(catalog: Catalog, chosen: MaterialSelection) -> Response:
        return _csv(parity_table(catalog, material_id, chosen.data, chosen.potentials), "softdash-forces.csv")

    return _answer(make)


def failures_of(catalog: Catalog, chosen: MaterialSelection) -> pd.DataFrame:
    """Return the frames and materials left out of the chosen data sets and potentials."""
    table = catalog.failures()
    return table[table["dataset"].isin(chosen.data) & table["potential"].isin(chosen.potentials)]


def _softening_document(catalog: Catalog, chosen: MaterialSelection) -> Response:
    document = {
        "softdash_version": __version__,
        "address": request.url,
        **_origin(catalog),
        "columns": [
            *schemas.HIGH_ENERGY_MATERIALS.as_json()["fields"],
            {"name": SET_ASIDE, "type": "string", "description": SET_ASIDE_DESCRIPTION},
        ],
    }
    start = json.dumps(document, ensure_ascii=False).removesuffix("}")
    rows = json_rows(chosen.rows(catalog))
    return Response(
        stream_with_context(chain([f'{start}, "materials": '], rows, ["}"])),
        mimetype="application/json",
        headers=_as_file("softdash-softening.json"),
    )


def _origin(catalog: Catalog) -> dict[str, Any]:
    """Where the table comes from; says so where its description is damaged, as the numbers are still good."""
    try:
        source = catalog.resource(schemas.MATERIALS)
    except SoftdashError as error:
        return {"table": {"path": schemas.MATERIALS, "problem": str(error)}}
    return {
        "table": {"path": source.path, "sha256": source.sha256, "created": source.created.isoformat()},
        "sources": [one.model_dump(mode="json") for one in source.sources],
        "potentials": [one.model_dump(mode="json") for one in source.potentials],
    }


def _answer(make: Callable[[Catalog, MaterialSelection], Response]) -> Response:
    context = web_context()
    try:
        return make(context.catalog, MaterialSelection.checked(context.catalog, request.args))
    except SoftdashError as error:
        return Response(json.dumps(error.as_json()), status=error.http_status, mimetype="application/json")


def _csv(table: pd.DataFrame, name: str) -> Response:
    # A leading byte-order mark makes spreadsheets read Å and − as UTF-8.
    text = "\ufeff" + table.to_csv(index=False, lineterminator="\n")
    return Response(text, mimetype="text/csv", headers=_as_file(name))


def _as_file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
