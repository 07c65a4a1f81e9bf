"""One file through the page, the API, the command line and Python: the same numbers, to the last digit."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from dash import Dash, dcc, html
from diagnosed import compute_all, parts_of, text_of
from flask.testing import FlaskClient

import softdash
from softdash.cli import main
from softdash.diagnosis.records import Report
from softdash.softening.quantities import QUANTITIES
from softdash.web.context import web_context
from softdash.web.pages.diagnose.upload_step import UPLOAD_ADDRESS
from softdash.web.pages.report.callbacks import report_view

FILE = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe" / "Cu3Au.extxyz"


@pytest.fixture(scope="module")
def client(app: Dash) -> FlaskClient:
    return app.server.test_client()


@pytest.fixture(scope="module")
def report_id(client: FlaskClient) -> str:
    """Send the file to the address that the page sends files to, and diagnose it through the API."""
    form = {"files": (io.BytesIO(FILE.read_bytes()), FILE.name)}
    upload = client.post(UPLOAD_ADDRESS, data=form, content_type="multipart/form-data").get_json()
    created = client.post("/api/v1/diagnoses", json={"upload_id": upload["id"], "potentials": ["emt"]}).get_json()
    compute_all(web_context().settings)
    return str(created["diagnosis"]["id"])


@pytest.fixture(scope="module")
def by_api(client: FlaskClient, report_id: str) -> Report:
    return Report.model_validate_json(client.get(f"/api/v1/reports/{report_id}").text)


@pytest.fixture(scope="module")
def in_python() -> softdash.Diagnosis:
    return softdash.diagnose(FILE, "emt")


def test_api_command_line_and_python(by_api: Report, in_python: softdash.Diagnosis) -> None:
    done = CliRunner().invoke(main, ["diagnose", str(FILE), "--potential", "emt", "--json"])
    by_command_line = Report.model_validate_json(done.stdout)
    assert by_api.results[0].statistics is not None
    for other in (by_command_line, in_python.report):
        assert other.result_sha256 == by_api.result_sha256
        assert other.understanding == by_api.understanding
        for name in ("statistics", "influence", "energies", "stresses", "advice", "verdict", "populations", "notices"):
            assert getattr(other.results[0], name) == getattr(by_api.results[0], name), name


def test_every_number_in_the_table_of_the_page_is_the_api_s(app: Dash, report_id: str, by_api: Report) -> None:
    statistics = by_api.results[0].statistics
    assert statistics is not None
    view = report_view(report_id, None, "light")
    tables = [part for part in parts_of([view.body, view.details]) if isinstance(part, html.Table)]
    table = next(part for part in tables if getattr(part, "id", None) == "statistics-table")
    rows = [part for part in parts_of(table) if isinstance(part, html.Tr)][1:]
    for quantity, shown in zip(QUANTITIES, rows, strict=True):
        cell = next(part for part in parts_of(shown) if isinstance(part, html.Td))
        assert quantity.label in text_of(shown)
        assert float(cell.to_plotly_json()["props"]["data-value"]) == quantity.shown(statistics), quantity.key
        assert text_of(cell) == quantity.text_with_interval(statistics), quantity.key


def _values(given: object) -> np.ndarray:
    if isinstance(given, dict):
        return np.frombuffer(base64.b64decode(given["bdata"]), dtype=given["dtype"])
    return np.asarray(given)


def test_points_of_the_plot_and_the_table_of_forces(
    app: Dash, client: FlaskClient, report_id: str, in_python: softdash.Diagnosis
) -> None:
    table = pd.read_csv(
        io.StringIO(client.get(f"/report/{report_id}.csv").text), comment="#", float_precision="round_trip"
    )
    points = in_python.points
    assert np.array_equal(table["reference_eV_per_A"], points.reference.ravel())
    assert np.array_equal(table["emt_eV_per_A"], points.predicted["emt"].ravel())
    view = report_view(report_id, None, "light")
    graphs = {part.id: part for part in parts_of(view.body) if isinstance(part, dcc.Graph)}
    traces = [trace for trace in graphs["report-parity"].figure["data"] if trace.get("mode") == "markers"]
    clouds = [trace for trace in traces if not (trace.get("meta") or {}).get("decoration")]
    for axis, values in (("x", points.reference), ("y", points.predicted["emt"])):
        drawn = np.sort(np.concatenate([_values(trace[axis]) for trace in clouds]))
        hovered, told = ([f"{value:.3f}" for value in some] for some in (drawn, np.sort(np.round(values.ravel(), 3))))
        assert hovered == told
