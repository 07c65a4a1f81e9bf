"""Reports of earlier versions stay what they were: they open, their numbers are there, and their seal holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from softdash.cli.verification import verify_report
from softdash.diagnosis.records import REPORT_SCHEMA_VERSION, Report
from softdash.diagnosis.reports import (
    arrays_as_bytes,
    points_as_bytes,
    points_from_bytes,
    predictions_from_bytes,
    result_sha256,
)
from softdash.errors import ConflictError
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import report_html
from softdash.reports.material_view import material_names
from softdash.reports.recipe import report_recipe
from softdash.settings import Settings

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


LATER = (2, 3, 4)
"""Versions whose reports are of two materials, which were pooled then, in one file."""


def earlier(version: int) -> str:
    return (FIXTURES / f"report_version_{version}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("version", LATER)
def test_earlier_versions_are_served_as_they_were_written(version: int) -> None:
    text = earlier(version)
    report = Report.model_validate_json(text)
    assert report.schema_version == version
    assert report_json(report) == text
    assert result_sha256(json.loads(text)) == report.result_sha256
    (result,) = report.results
    assert (result.materials, result.answer) == ((), None)
    assert material_names(report) == ()
    assert len(report.understanding.formulas) == 2


@pytest.mark.parametrize("version", LATER)
def test_earlier_versions_come_in_all_forms(version: int) -> None:
    report = Report.model_validate_json(earlier(version))
    points = points_from_bytes((FIXTURES / f"report_version_{version}_points.npz").read_bytes())
    assert hashlib.sha256(points_as_bytes(points)).hexdigest() == report.points_sha256
    assert report.result_sha256 in "".join(report_csv(report, points))
    assert report.result_sha256 in report_html(report, points)
    assert report_recipe(report, "emt").factor > 0


@pytest.mark.parametrize("version", LATER)
def test_pooled_materials_of_earlier_versions_are_verified_as_they_were_made(version: int, tmp_path: Path) -> None:
    """All forces together give the slope again; intervals are made otherwise since."""
    settings = Settings(state_dir=tmp_path)
    found = verify_report(earlier(version), [FIXTURES / "copper_and_aluminium.extxyz"], settings, where="x")
    assert found.seal_holds
    assert found.recomputed == ("emt",)
    places = {difference.place for difference in found.differences}
    numbers = ("slope", "r_squared", "mae", "corrected_mae", "linear_correction", "component_count", "frame_count")
    assert not places & {f"emt statistics.{name}" for name in numbers}
    assert not any("materials" in place for place in places)
