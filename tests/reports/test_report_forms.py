"""A report as JSON, CSV and HTML: complete, verifiable, free of anything from outside."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from softdash.diagnosis.direct import diagnose_files
from softdash.diagnosis.records import Report
from softdash.diagnosis.reports import ForcePoints, points_as_bytes, points_from_bytes, result_sha256
from softdash.errors import ReferenceDataError
from softdash.jobs.service import IncomingFile
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import report_html
from softdash.reports.parity_svg import POINTS_DRAWN, parity_svg
from softdash.settings import Settings
from softdash.softening import analyse_forces, softening_scale
from softdash.structures.frames.frame_geometry import FrameGeometry, frame_geometry
from softdash.structures.upload.read import read_upload

Diagnosed = tuple[Report, ForcePoints]
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture
def diagnosed(copper: Callable[..., IncomingFile], settings: Settings) -> Diagnosed:
    return diagnose_files([copper(frames=4).path], ["emt"], settings, title=HOSTILE)[:2]


def test_json_comes_back_to_the_last_digit(diagnosed: Diagnosed) -> None:
    report, _ = diagnosed
    assert Report.model_validate_json(report_json(report)) == report


def test_anybody_can_verify_the_result_hash_from_the_json(diagnosed: Diagnosed) -> None:
    """The recipe of the documentation, without softdash."""
    document = json.loads(report_json(diagnosed[0]))
    names = ("schema_version", "files", "understanding", "settings", "results", "points_sha256")
    content = {name: document[name] for name in names}
    for result in content["results"]:
        del result["seconds"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == document["result_sha256"]


def test_the_result_hash_notices_a_changed_digit_and_ignores_identity(diagnosed: Diagnosed) -> None:
    document = json.loads(report_json(diagnosed[0]))
    original = document["result_sha256"]
    document |= {"id": "another", "title": "another", "created_at": "2020-01-01T00:00:00Z"}
    assert result_sha256(document) == original
    statistics = document["results"][0]["statistics"]
    statistics["slope"] = float(np.nextafter(statistics["slope"], 2))
    assert result_sha256(document) != original


def test_points_come_back_and_their_hash_is_that_of_the_report(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    content = points_as_bytes(points)
    assert hashlib.sha256(content).hexdigest() == report.points_sha256
    back = points_from_bytes(content)
    np.testing.assert_array_equal(back.predicted["emt"], points.predicted["emt"])
    np.testing.assert_array_equal(back.reference, points.reference)
    np.testing.assert_array_equal(back.frame, points.frame)


def test_csv_holds_every_component_with_all_digits(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    text = "".join(report_csv(report, points))
    comments = [line for line in text.splitlines() if line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(line for line in text.splitlines() if line[0] != "#"))))
    assert len(rows) == report.understanding.component_count
    reference = [float(row["reference_eV_per_A"]) for row in rows]
    predicted = [float(row["emt_eV_per_A"]) for row in rows]
    assert report.results[0].statistics is not None
    assert softening_scale(reference, predicted) == pytest.approx(report.results[0].statistics.slope, rel=1e-14)
    assert (rows[0]["frame"], rows[0]["atom"], rows[0]["element"], rows[0]["axis"]) == ("1", "1", "Cu", "x")
    assert (rows[-1]["frame"], rows[-1]["atom"], rows[-1]["axis"]) == ("4", "4", "z")
    assert any(report.result_sha256 in line for line in comments)


def test_csv_leaves_cells_of_a_refused_frame_empty(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    points.predicted["emt"][points.frame == 2] = np.nan
    rows = [line for line in "".join(report_csv(report, points)).splitlines() if line.startswith("3,")]
    assert len(rows) == 12
    assert all(row.endswith(",") for row in rows)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


def test_html_is_self_contained_and_lets_no_markup_in(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    text = report_html(report, points, link="https://softdash.example/report/x")
    tags = Tags(text)
    assert "script" not in tags.names
    assert tags.addresses == ["https://softdash.example/report/x"]
    assert not re.search(r"url\(|@import", text)
    assert "&lt;script&gt;" in text
    assert tags.names.count("h1") == 1
    assert "svg" in tags.names


def test_html_holds_the_numbers_and_their_origin(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    text = report_html(report, points)
    identity = report.results[0].potential
    for expected in (
        report.result_sha256,
        report.points_sha256,
        report.files[0].sha256,
        identity.weights_sha256,
        identity.package_version,
        "doi:10.1038/s41524-024-01500-6",
        "copper.extxyz, frame 4",
    ):
        assert expected in text


def test_html_lets_no_markup_of_note_file_or_frame_in(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    plain = Tags(report_html(report, points)).names
    names = [frame.model_copy(update={"origin": HOSTILE}) for frame in report.understanding.frames]
    hostile = report.model_copy(
        update={
            "files": tuple(file.model_copy(update={"name": HOSTILE}) for file in report.files),
            "understanding": report.understanding.model_copy(update={"frames": tuple(names), "code": HOSTILE}),
        }
    )
    text = report_html(hostile, points, note=f"A note.\n\n{HOSTILE}</div></style>")
    tags = Tags(text)
    assert tags.names.count("script") == 0
    assert {name for name in tags.names if tags.names.count(name) != plain.count(name)} == {"div", "p"}
    assert "<p>A note.</p>" in text


def test_html_has_a_ranking_a_picture_and_what_to_do(
    copper: Callable[..., IncomingFile], settings: Settings, diagnosed: Diagnosed
) -> None:
    report, points = diagnosed
    (result,) = report.results
    failed = result.model_copy(
        update={"statistics": None, "verdict": None, "error": {"message": "No.", "advice": None}}
    )
    two = report.model_copy(update={"results": (result, failed)})
    frames = read_upload([copper(frames=4).path], settings).frames
    shown: list[int] = []

    def give(position: int) -> FrameGeometry:
        shown.append(position)
        return frame_geometry(frames[position])

    text = report_html(two, points, frames=give)
    statistics, influence, advice = result.statistics, result.influence, result.advice
    assert statistics is not None
    assert influence is not None
    assert advice is not None
    assert shown == [influence.worst_frames[0].frame]
    circles = re.findall(r'<circle [^>]*fill="(#[0-9a-f]{6})" class="atom"/>', text)
    assert len(circles) == 4
    worst = influence.worst_atoms[0]
    assert f'<th scope="row">Cu {worst.atom + 1}</th>' in text
    assert (worst.frame != shown[0]) or "#33156b" in circles
    for expected in (
        "The potentials compared",
        "gave no result",
        advice.text,
        f"± {statistics.labels_needed.half_width:.2f}",
    ):
        assert expected in text, expected
    assert f"report {report.id}, result SHA-256 {report.result_sha256}}}" in text

    def gone(position: int) -> FrameGeometry:
        raise ReferenceDataError("The frames are gone.")

    assert "<circle" not in report_html(report, points, frames=gone)


def test_html_of_a_failed_potential_says_why(diagnosed: Diagnosed) -> None:
    report, points = diagnosed
    failed = report.results[0].model_copy(
        update={"statistics": None, "verdict": None, "error": {"message": "It broke.", "advice": None}}
    )
    assert "It broke." in report_html(report.model_copy(update={"results": (failed,)}), points)


def test_a_parity_plot_of_many_points_stays_small_and_keeps_the_largest() -> None:
    generator = np.random.default_rng(0)
    reference = generator.normal(size=(50_000, 3))
    reference[123] = (9.0, 0.0, 0.0)
    statistics = analyse_forces([reference], [0.8 * reference + 0.01], [np.full(50_000, 14)])
    svg = parity_svg(reference.ravel(), 0.8 * reference.ravel(), statistics, label="A & B", potential="chgnet-0.3.0")
    dots = re.search(r'<path d="([^"]*)"', svg)
    assert dots is not None
    assert dots.group(1).count("M") <= POINTS_DRAWN
    assert len(svg) < 120_000
    assert "A &amp; B" in svg
    limit = 1.05 * 9.0
    assert f"M{62 + (9.0 + limit) / (2 * limit) * 320:.1f} " in dots.group(1)


def test_a_large_report_stays_below_two_and_a_half_megabytes(diagnosed: Diagnosed) -> None:
    report, _ = diagnosed
    generator = np.random.default_rng(0)
    frames = [generator.normal(size=(100, 3)) for _ in range(1000)]
    predicted = [0.8 * forces + generator.normal(scale=0.05, size=forces.shape) for forces in frames]
    statistics = analyse_forces(frames, predicted, [np.full(100, 29)] * 1000)
    understanding = report.understanding.model_copy(update={"frames": report.understanding.frames[:1] * 1000})
    large = report.model_copy(
        update={
            "results": (report.results[0].model_copy(update={"statistics": statistics}),) * 3,
            "understanding": understanding,
        }
    )
    points = ForcePoints(
        frame=np.repeat(np.arange(1000), 100),
        atom=np.tile(np.arange(100), 1000),
        atomic_number=np.full(100_000, 29),
        reference=np.concatenate(frames),
        predicted={"emt": np.concatenate(predicted)},
    )
    assert len(report_html(large, points).encode()) < 2_500_000


def test_equal_files_give_an_equal_result_hash(
    copper: Callable[..., IncomingFile], settings: Settings, diagnosed: Diagnosed, tmp_path: Path
) -> None:
    again, *_ = diagnose_files([copper(frames=4).path], ["emt"], settings, title="another title")
    assert again.result_sha256 == diagnosed[0].result_sha256
    other, *_ = diagnose_files([copper(frames=5).path], ["emt"], settings)
    assert other.result_sha256 != again.result_sha256
