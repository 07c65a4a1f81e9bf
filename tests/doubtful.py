"""A stored report whose reading is in doubt, for the tests of all forms of a report."""

from __future__ import annotations

from pathlib import Path

from softdash.diagnosis.records import Reading, ReadingDoubt, ReadingProposal, Report
from softdash.diagnosis.reports import ForcePoints, points_from_bytes

FIXTURES = Path(__file__).parent / "fixtures"
HOSTILE = '<script>alert("1")</script>'

UNIT = ReadingDoubt(
    code="unit",
    headline="Perhaps hartree.",
    text="A factor of 51.4 lies between them.",
    numbers={"factor": 51.4},
    proposals=(
        ReadingProposal(label="In Ha/bohr", options={"force_unit": "Ha/bohr"}, slope=0.8705, r_squared=0.9785),
        ReadingProposal(label=HOSTILE, options={"row_order": [2, 1, 3]}, slope=0.5, r_squared=0.91),
    ),
)
ORDER = ReadingDoubt(code="order", headline="Perhaps another order.", text="Rows 1 and 2.", numbers={})


def stored_report() -> tuple[Report, ForcePoints]:
    """Return a report of version 1 without doubts, and its forces."""
    report = Report.model_validate_json((FIXTURES / "report_version_1.json").read_text(encoding="utf-8"))
    return report, points_from_bytes((FIXTURES / "report_version_1_points.npz").read_bytes())


def doubtful_report() -> tuple[Report, ForcePoints]:
    """Return the report with doubts about the unit and the order, and readings of both."""
    report, points = stored_report()
    read = with_readings(
        report,
        Reading("unit", "eV/Å", "assumed", "Nobody states it."),
        Reading("orientation", "a along x", "assumed", ""),
    )
    return doubting(read, UNIT, ORDER), points


def doubting(report: Report, *doubts: ReadingDoubt) -> Report:
    """Return a report whose first potential has doubts, with the headline of the first."""
    first, *others = report.results
    assert first.verdict is not None
    verdict = first.verdict.model_copy(update={"level": "inconclusive", "headline": doubts[0].headline})
    changed = first.model_copy(update={"doubts": doubts, "verdict": verdict})
    return report.model_copy(update={"results": (changed, *others)})


def with_readings(report: Report, *readings: Reading) -> Report:
    """Return a report of an upload that was read so."""
    return report.model_copy(
        update={"understanding": report.understanding.model_copy(update={"readings": tuple(readings)})}
    )
