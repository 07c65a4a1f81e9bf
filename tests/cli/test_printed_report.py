"""The printed report says how files were read, and doubts with the flags that settle them."""

from __future__ import annotations

import shlex

import pytest

from softdash.reports.terminal.report import print_report
from softdash.structures.frames.read_options import ReadOptions
from tests.doubtful import ORDER, UNIT, doubtful_report, stored_report


def printed(capsys: pytest.CaptureFixture[str], *, is_doubtful: bool) -> list[str]:
    print_report((doubtful_report() if is_doubtful else stored_report())[0], as_json=False)
    return capsys.readouterr().out.splitlines()


def test_readings_with_their_grounds(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, is_doubtful=True)
    assert any("eV/Å (in doubt)" in line for line in lines)
    assert any("a along x (assumed)" in line for line in lines)


def test_doubts_stand_below_the_headline_with_flags_to_copy(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.strip() for line in printed(capsys, is_doubtful=True)]
    first = lines.index(UNIT.headline)
    assert lines[first + 1] == UNIT.text
    assert "--force-unit Ha/bohr" in lines
    assert ORDER.headline in lines
    (row_order,) = (shlex.split(line)[1] for line in lines if line.startswith("--row-order"))
    assert ReadOptions.model_validate({"row_order": row_order}).row_order == (2, 1, 3)


def test_report_without_doubts_has_no_flags(capsys: pytest.CaptureFixture[str]) -> None:
    assert not any("--" in line for line in printed(capsys, is_doubtful=False))
