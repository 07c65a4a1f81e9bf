"""Download of the page that compares potentials: the median of every set by every potential, one row each."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from flask import Flask, Response, request

from softdash.errors import SoftdashError
from softdash.version import __version__
from softdash.web.context import web_context
from softdash.web.pages.compare.tables import MedianCell, median_cells


def register_comparison_downloads(server: Flask) -> None:
    """Add the files below ``/download/``."""
    server.add_url_rule("/download/potential-medians.csv", "download_medians_csv", _medians_csv)
    server.add_url_rule("/download/potential-medians.json", "download_medians_json", _medians_json)


def _medians_csv() -> Response:
    return _answer("csv")


def _medians_json() -> Response:
    return _answer("json")


def _answer(kind: str) -> Response:
    try:
        rows = [_row(cell) for cell in median_cells(web_context().catalog)]
    except SoftdashError as error:
        return Response(json.dumps(error.as_json()), status=error.http_status, mimetype="application/json")
    headers = {"Content-Disposition": f'attachment; filename="softdash-potential-medians.{kind}"'}
    if kind == "json":
        document = {"softdash_version": __version__, "address": request.url, "medians": rows}
        return Response(json.dumps(document, ensure_ascii=False), mimetype="application/json", headers=headers)
    # A leading byte-order mark makes spreadsheets read UTF-8.
    text = "\ufeff" + pd.DataFrame(rows).to_csv(index=False, lineterminator="\n")
    return Response(text, mimetype="text/csv", headers=headers)


def _row(cell: MedianCell) -> dict[str, Any]:
    interval = cell.interval
    return {
        "dataset": cell.dataset,
        "potential": cell.potential,
        "materials": cell.material_count,
        "median_slope": cell.value,
        "interval_low": None if interval is None else interval.low,
        "interval_high": None if interval is None else interval.high,
        "interval_method": None if interval is None else interval.method,
        "materials_of_another_functional": cell.mismatch_count,
    }
