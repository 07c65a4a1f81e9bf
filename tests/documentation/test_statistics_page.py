"""docs/statistics.md has the list of statistics, and every code of advice, verdict and notices, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from softdash.diagnosis.records import AdviceCode
from softdash.diagnosis.verdict import NEGLIGIBLE_BIAS, WIDEST_UNBIASED_INTERVAL, Level
from softdash.diagnosis.verdict_sentences import Reason
from softdash.softening import notices
from softdash.softening.notices import near_equilibrium_rms
from softdash.softening.quantities import QUANTITIES

PAGE = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")


def codes_under(heading: str, column: int = 0) -> set[str]:
    """Return the codes in a column of the tables between a heading (or a bold beginning) and the next heading."""
    section = PAGE[PAGE.index(heading) :]
    end = section.find("\n## ", 1)
    rows = [line.strip("|").split("|") for line in section[:end].splitlines() if line.startswith("|")]
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row[column])}


def codes_of_notices() -> set[str]:
    tree = ast.parse(Path(notices.__file__).read_text(encoding="utf-8"))
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice"]
    return {ast.literal_eval(node.args[0]) for node in made}


def test_the_table_of_statistics_is_their_list() -> None:
    section = PAGE[PAGE.index("| number | symbol | unit | definition |") :]
    lines = section[: section.index("\n\n")].splitlines()[2:]
    shown = [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))) for line in lines]
    unescaped = [tuple(re.sub(r"\\([|*])", r"\1", cell) for cell in row) for row in shown]
    assert unescaped == [(one.label, one.symbol, one.unit, one.definition) for one in QUANTITIES]


def test_the_table_of_advice_has_the_codes_of_the_advice() -> None:
    assert codes_under("**Correct or not.**", column=1) == set(get_args(AdviceCode))


def test_the_tables_of_the_verdict_have_its_levels_and_reasons() -> None:
    assert codes_under("## The verdict") == {*get_args(Level), *get_args(Reason)} - {""}


def test_the_table_of_notices_has_the_codes_of_the_notices() -> None:
    assert len(codes_of_notices()) > 10
    assert codes_under("## Notices") == codes_of_notices()


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("rms of the forces below {:.2f} eV/Å", near_equilibrium_rms()),
        ("noise of {:g} eV/Å in the labels (a setting)", notices.LABEL_NOISE),
        ("within 1 ± {:g}", NEGLIGIBLE_BIAS),
        ("no wider than ± {:g}", WIDEST_UNBIASED_INTERVAL),
        ("more than {:g} eV/Å per atom", notices.NET_FORCE_PER_ATOM),
        ("the robust slope differs by more than {:g}", notices.HUBER_SLOPE_DIFFERENCE),
        ("slopes of two elements differ by more than {:g}", notices.ELEMENT_DIFFERENCE),
    ],
)
def test_limits_on_the_page_are_those_of_the_code(words: str, value: float) -> None:
    assert words.format(value) in PAGE
