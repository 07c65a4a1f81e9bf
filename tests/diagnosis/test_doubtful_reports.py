"""A doubt about the reading is in every form of a report, and no form concludes anything about softening beside it."""

from __future__ import annotations

import html

import pytest

from softdash.reports.embed import embedded_html
from softdash.reports.formats import report_csv, report_json
from softdash.reports.html import report_html
from softdash.reports.ranking import ranked, ranking_finding
from tests.doubtful import HOSTILE, ORDER, UNIT, doubtful_report, stored_report

LINK = "https://softdash.example/report/x"


def test_html_has_doubts_proposals_readings_and_no_factors() -> None:
    text = report_html(*doubtful_report(), link=LINK)
    for part in (UNIT.headline, UNIT.text, ORDER.headline, ORDER.text, "slope 0.871, R² 0.98"):
        assert text.count(part) == 1
    assert HOSTILE not in text
    assert html.escape(HOSTILE, quote=False).split('"')[0] in text
    assert '<span class="ground">in doubt</span>' in text
    assert text.count(f'href="{LINK}"') == 2
    assert "<dt>c*" not in text
    assert "Softening scale s</th><td" not in text


def test_html_without_a_doubt_has_its_factors() -> None:
    text = report_html(*stored_report(), link=LINK)
    assert "<dt>c*" in text
    assert 'class="doubt"' not in text
    assert text.count(f'href="{LINK}"') == 1


def test_embedded_report_leads_to_the_page_where_it_is_decided() -> None:
    report, points = doubtful_report()
    text = embedded_html(report, points, link=LINK)
    assert UNIT.headline in text
    assert UNIT.text in text
    assert "In Ha/bohr: slope 0.871, R² 0.98" in text
    assert text.count(f'href="{LINK}"') == 2
    assert "Softening scale" not in text
    assert "Softening scale" in embedded_html(*stored_report(), link=LINK)


def test_csv_names_readings_and_doubts_before_the_numbers() -> None:
    head = [line for line in "".join(report_csv(*doubtful_report())).splitlines() if line.startswith("#")]
    assert any("read: unit: eV/Å (in doubt)" in line for line in head)
    assert any("unit: A factor of 51.4" in line for line in head)
    assert not any("softening scale" in line for line in head)
    plain = "".join(report_csv(*stored_report()))
    assert "softening scale of" in plain


def test_json_comes_back_with_its_doubts() -> None:
    report, _ = doubtful_report()
    assert type(report).model_validate_json(report_json(report)).results[0].doubts == (UNIT, ORDER)


@pytest.mark.parametrize(("make", "is_said"), [(stored_report, True), (doubtful_report, False)])
def test_no_potential_is_called_the_best_on_a_doubtful_reading(make: object, is_said: bool) -> None:
    report, _ = make()  # type: ignore[operator]
    order = ranked(report, None)
    assert (order[0][0].potential.label in ranking_finding(order)) is is_said
