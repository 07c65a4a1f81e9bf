"""A report whose potentials did not compute the same frames ranks them on those that all computed: ZnS."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from softdash.benchmarks.high_energy.shared_frames import on_shared_frames
from softdash.catalog import Catalog
from softdash.reports.html import report_html
from softdash.reports.ranking import ranked, ranking_finding
from softdash.reports.shared_frames import frames_sentence, have_other_frames, shared_frames
from softdash.settings import Settings
from tests.unequal_frames import POTENTIALS, zns_report


def test_ranking_takes_the_four_frames_of_both() -> None:
    report, points = zns_report()
    assert have_other_frames(report)
    assert shared_frames(report) == {0, 1, 3, 4}
    order = {result.potential.name: statistics for result, statistics in ranked(report, points)}
    table = Catalog(Settings().precomputed_dir).materials("mpf-TP")
    rows = table[(table["formula"] == "ZnS") & table["potential"].isin(POTENTIALS)]
    shared = on_shared_frames(Catalog(Settings().precomputed_dir), rows).set_index("potential")
    for name, statistics in order.items():
        assert statistics.frame_count == 4
        assert statistics.slope == pytest.approx(shared.loc[name, "slope"], abs=5e-5)  # forces are stored rounded
        assert statistics.mae == pytest.approx(shared.loc[name, "mae"], abs=5e-5)
        assert statistics.slope_interval is not None
    assert order["chgnet-0.3.0"].slope == pytest.approx(0.738213, abs=2e-6)
    assert report.results[0].statistics is not None
    assert report.results[0].statistics.frame_count == 5, "the report itself keeps all its frames"


def test_words_name_the_frame_and_who_lacks_it() -> None:
    report, points = zns_report()
    sentence = frames_sentence(report)
    assert "Compared on the 4 frames that all potentials computed" in sentence
    assert "SevenNet-0 has no forces for ZnS frame 3" in sentence
    assert sentence in report_html(report, points)
    assert "0.738 ±" in report_html(report, points).split("</table>")[0]
    assert "All on the same frames" not in report_html(report, points)


def test_same_frames_keep_their_statistics_and_need_no_forces() -> None:
    report, points = zns_report((1, 2, 4, 5))
    assert not have_other_frames(report)
    assert frames_sentence(report) == ""
    for given in (None, points):
        for result, statistics in ranked(report, given):
            assert statistics is result.statistics
    assert "All on the same frames" in report_html(report, points)


def test_few_shared_frames_have_no_interval() -> None:
    report, points = zns_report((1, 2, 3))
    order = {result.potential.name: statistics for result, statistics in ranked(report, points)}
    assert order["chgnet-0.3.0"].frame_count == 2
    assert order["chgnet-0.3.0"].slope_interval is None


def test_nothing_shared_is_said_and_each_keeps_its_own() -> None:
    report, points = zns_report((3, 4))
    first, second = report.results
    assert first.statistics is not None
    only_third = replace(first.statistics, frames=first.statistics.frames[:1])
    apart = report.model_copy(update={"results": (first.model_copy(update={"statistics": only_third}), second)})
    assert shared_frames(apart) == set()
    assert frames_sentence(apart).startswith("Not to be compared")
    assert [statistics for _, statistics in ranked(apart, points)]
    finding = ranking_finding(ranked(apart, points))
    assert finding
    assert not any(one.potential.label in finding for one in (first, second))


def test_points_are_those_of_the_catalog() -> None:
    _, points = zns_report()
    assert pd.isna(points.predicted["sevennet-0"]).sum() == 60
