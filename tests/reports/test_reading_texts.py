"""What was understood, one entry per topic: what was tested takes the place of what was read, a doubt marks it."""

from __future__ import annotations

from typing import get_args

import pytest

from softdash.diagnosis.records import Reading, ReadingProposal, Report
from softdash.reports.reading_texts import GROUND_MEANINGS, TOPIC_NAMES, proposal_numbers, shown_readings
from softdash.structures.frames.readings import Ground, Topic
from tests.doubtful import UNIT, doubting, stored_report, with_readings


@pytest.fixture
def report() -> Report:
    return stored_report()[0]


def test_several_readings_of_a_topic_are_one_entry_with_the_weakest_ground(report: Report) -> None:
    understood = with_readings(
        report,
        Reading("orientation", "a along x", "stated", "So says the one."),
        Reading("unit", "Ha/bohr", "stated", "So says the header."),
        Reading("orientation", "c along z", "assumed", "Nobody says it."),
    ).understanding
    unit, orientation = shown_readings(understood)
    assert (unit.topic, unit.value, unit.ground) == ("unit", "Ha/bohr", "stated")
    assert (orientation.value, orientation.ground) == ("a along x; c along z", "assumed")
    assert orientation.details == ("So says the one.", "Nobody says it.")


def test_what_was_tested_replaces_what_was_read_unless_it_is_in_doubt(report: Report) -> None:
    read = with_readings(
        report, Reading("orientation", "as read", "assumed", ""), Reading("unit", "eV/Å", "assumed", "")
    )
    tested = (Reading("orientation", "c along z", "tested", "R² 0.98."), Reading("unit", "Ry/bohr", "tested", ""))
    found = doubting(read, UNIT).results[0].model_copy(update={"tested": tested})
    shown = {reading.topic: reading for reading in shown_readings(read.understanding, [found])}
    assert (shown["orientation"].value, shown["orientation"].ground) == ("c along z", "tested")
    assert (shown["unit"].value, shown["unit"].ground) == ("eV/Å", "in doubt")


@pytest.mark.parametrize(
    ("text", "is_stated", "shown"),
    [
        ("eV/Å (assumed)", False, ("eV/Å", "assumed")),
        ("Ry/bohr (chosen)", False, ("Ry/bohr", "chosen")),
        ("Ry/bohr (from the header)", True, ("Ry/bohr", "stated")),
        ("eV/Å", False, None),
    ],
)
def test_unit_of_reports_without_readings(
    report: Report, text: str, is_stated: bool, shown: tuple[str, str] | None
) -> None:
    changes = {"readings": (), "force_unit": text, "force_unit_is_stated": is_stated}
    found = shown_readings(report.understanding.model_copy(update=changes))
    assert [(reading.value, reading.ground) for reading in found] == ([] if shown is None else [shown])


def test_every_ground_and_topic_has_its_words() -> None:
    assert set(get_args(Ground)) < set(GROUND_MEANINGS)
    assert set(get_args(Topic)) == set(TOPIC_NAMES)


def test_numbers_of_a_proposal() -> None:
    proposal = ReadingProposal(label="So", options={}, slope=-0.8705, r_squared=0.9785)
    assert proposal_numbers(proposal) == "slope −0.871, R² 0.98"
