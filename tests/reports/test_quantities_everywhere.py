"""A statistic that is added to the one list is seen on terminal and page, in HTML, notebooks and the API."""

from __future__ import annotations

import pytest
from dash import html

from softdash.api.json_schemas import schemas_of
from softdash.notebook.diagnosis import Diagnosis
from softdash.reports.html import report_html
from softdash.reports.terminal.report import print_report
from softdash.softening import quantities
from softdash.softening.quantities import Quantity, decimals
from softdash.softening.statistics import SofteningStatistics
from softdash.structures.frames.labelled_frame import LabelledFrames
from softdash.web.parts.statistics_table import statistics_table
from tests.doubtful import stored_report

DUMMY = Quantity(
    "curvature_linear",
    "Slope of small forces",
    "s₀",
    "eV/Å",
    "A statistic that a test made up.",
    decimals(5),
    lambda _: 12.34567,
    is_headline=True,
)
SHOWN = "12.34567"


@pytest.fixture(autouse=True)
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantities, "QUANTITIES", (*quantities.QUANTITIES, DUMMY))


def statistics() -> SofteningStatistics:
    found = stored_report()[0].results[0].statistics
    assert found is not None
    return found


def test_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(stored_report()[0], as_json=False)
    printed = capsys.readouterr().out
    assert DUMMY.heading in printed
    assert SHOWN in printed


def test_html_file() -> None:
    text = report_html(*stored_report())
    assert f'<th scope="row">{DUMMY.label}</th><td class="n">{SHOWN} eV/Å</td><td>{DUMMY.definition}</td>' in text


def test_page() -> None:
    table = statistics_table([("emt", "EMT", statistics())], caption="")
    rows = [part for part in table._traverse() if isinstance(part, html.Tr)]
    assert DUMMY.label in str(rows[-1])
    assert DUMMY.definition in str(rows[-1])
    assert SHOWN in str(rows[-1])
    assert f"/methods#{DUMMY.anchor}" in str(rows[-1])


def test_notebook() -> None:
    report, points = stored_report()
    diagnosis = Diagnosis(report, points, LabelledFrames.__new__(LabelledFrames))
    markup = diagnosis._repr_html_()
    assert f"<th>{DUMMY.heading}</th>" in markup
    assert f"<td>{SHOWN}</td>" in markup
    assert diagnosis.to_frame()[DUMMY.key].tolist() == [DUMMY.value(statistics())]


def test_json_schema() -> None:
    described = schemas_of([SofteningStatistics])[1]["SofteningStatistics"]["properties"]
    assert described[DUMMY.key]["description"] == f"{DUMMY.definition} In eV/Å."
    assert described["corrected_mae"]["description"] == quantities.CORRECTED_MAE.description
