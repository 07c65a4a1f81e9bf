"""Reports of version 1 stay what they were: they open, their numbers are there, and their seal holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from softdash.diagnosis.records import REPORT_SCHEMA_VERSION, Report
from softdash.diagnosis.report_formats import report_csv, report_json
from softdash.diagnosis.report_html import report_html
from softdash.diagnosis.report_recipe import report_recipe
from softdash.diagnosis.reports import (
    arrays_as_bytes,
    points_as_bytes,
    points_from_bytes,
    predictions_from_bytes,
    result_sha256,
)
from softdash.errors import ConflictError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


@pytest.fixture
def text() -> str:
    """A report as version 1 wrote it."""
    return (FIXTURES / "report_version_1.json").read_text(encoding="utf-8")


def test_version_1_is_served_as_it_was_written_and_its_seal_holds(text: str) -> None:
    report = Report.model_validate_json(text)
    assert report.schema_version == 1 < REPORT_SCHEMA_VERSION
    assert report_json(report) == text
    assert result_sha256(json.loads(report_json(report))) == report.result_sha256


def test_what_version_1_did_not_know_is_empty(text: str) -> None:
    (result,) = Report.model_validate_json(text).results
    assert (result.energies, result.stresses, result.influence, result.advice) == (None, None, None, None)
    assert result.reference_states == ()


def test_version_1_comes_in_all_forms(text: str) -> None:
    report = Report.model_validate_json(text)
    content = (FIXTURES / "report_version_1_points.npz").read_bytes()
    points = points_from_bytes(content)
    assert points.cells is None
    assert hashlib.sha256(points_as_bytes(points)).hexdigest() == report.points_sha256
    assert report.result_sha256 in "".join(report_csv(report, points))
    assert report.result_sha256 in report_html(report, points)


def test_version_1_has_no_recipe_and_says_what_to_do(text: str) -> None:
    with pytest.raises(ConflictError, match="Diagnose the files again"):
        report_recipe(Report.model_validate_json(text), "emt")


def test_forces_alone_of_an_unfinished_diagnosis_are_read() -> None:
    """A worker of version 1 may have stored them before its server was replaced."""
    forces = np.arange(12.0).reshape(4, 3)
    found = predictions_from_bytes(arrays_as_bytes({"predicted": forces}), frame_count=2)
    np.testing.assert_array_equal(found.forces, forces)
    assert np.isnan(found.energies).all()
    assert found.stresses.shape == (2, 3, 3)
