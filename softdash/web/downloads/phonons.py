"""Downloads of the phonon page: the tables behind its figures, whole."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from flask import Flask, Response, request

from softdash.catalog import PhononBands
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.downloads.json_rows import json_file

BAND_COLUMNS = ("potential", "method", "segment", "start", "end", "distance_1_per_A", "band", "frequency_THz")


def register_phonon_downloads(server: Flask) -> None:
    """Add ``/download/phonon-max-frequencies.csv``, ``.json``, ``…-materials.csv``, ``…-bands.csv?material=…``."""
    server.add_url_rule("/download/phonon-max-frequencies.csv", "phonon_max_frequencies_csv", _max_frequencies)
    server.add_url_rule("/download/phonon-max-frequencies.json", "phonon_max_frequencies_json", _max_frequencies_json)
    server.add_url_rule("/download/phonon-materials.csv", "phonon_materials_csv", _materials)
    server.add_url_rule("/download/phonon-bands.csv", "phonon_bands_csv", _bands)


def bands_table(bands: PhononBands) -> pd.DataFrame:
    """Return all bands of one material as a table with one row per curve, q-point and band (`BAND_COLUMNS`)."""
    return pd.DataFrame(_band_rows(bands), columns=list(BAND_COLUMNS))


def _band_rows(bands: PhononBands) -> Iterator[tuple[object, ...]]:
    for curve in bands.curves:
        for index, (segment, rows) in enumerate(zip(bands.path, curve.frequencies, strict=True), start=1):
            place = (curve.potential, curve.method, index, segment.start, segment.end)
            for distance, frequencies in zip(segment.distances, rows, strict=True):
                for band, frequency in enumerate(frequencies, start=1):
                    yield (*place, distance, band, frequency)


def _max_frequencies() -> Response:
    try:
        return _csv(web_context().catalog.phonon_max_frequencies(), "softdash-phonon-max-frequencies.csv")
    except SoftdashError as error:
        return _refusal(error)


def _max_frequencies_json() -> Response:
    try:
        table = web_context().catalog.phonon_max_frequencies()
    except SoftdashError as error:
        return _refusal(error)
    return json_file(table, "softdash-phonon-max-frequencies.json")


def _materials() -> Response:
    try:
        return _csv(web_context().catalog.phonon_materials(), "softdash-phonon-materials.csv")
    except SoftdashError as error:
        return _refusal(error)


def _bands() -> Response:
    material = request.args.get("material", "")
    try:
        return _csv(bands_table(web_context().catalog.phonon_bands(material)), f"softdash-bands-{material}.csv")
    except SoftdashError as error:
        return _refusal(error)


def _csv(table: pd.DataFrame, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table.to_csv(index=False, lineterminator="\n"), mimetype="text/csv", headers=headers)


def _refusal(error: SoftdashError) -> Response:
    return Response(f"{error}\n", status=error.http_status, mimetype="text/plain")
