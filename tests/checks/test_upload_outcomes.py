"""No kind of CIF with a table of forces ends in a firm verdict that is wrong.

The corpus of ``checks/upload_outcomes.py`` in its quick form: softdash's own DFT states, pair potentials in place
of DFT and network.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from softdash.potentials.registry import card
from softdash.settings import Settings

CHECKS = Path(__file__).parents[2] / "checks"


def _module() -> ModuleType:
    sys.path.insert(0, str(CHECKS))
    try:
        return importlib.import_module("upload_outcomes")
    finally:
        sys.path.remove(str(CHECKS))


OUTCOMES = _module()
KINDS = tuple(kind.title for kind in OUTCOMES.KINDS)
READ_AT_ONCE = (
    "plain columns, eV/Å",
    "unit stated in the header",
    "unit stated elsewhere",
    "gradients, stated",
    "two sets of forces, named",
    "more columns than forces",
    "text as programs and spreadsheets leave it",
    "spreadsheet",
    "blocks pasted from program output",
    "another order, told by the table",
    "orientation of ASE",
    "several frames",
)
READ_OR_PROPOSED = (
    *READ_AT_ONCE,
    "unit not stated, not eV/Å",
    "gradients, not stated",
    "two sets of forces, not named",
    "another order, elements told",
    "orientation of pymatgen and VASP",
    "symmetric CIF, forces of all atoms",
    "all atoms listed, operations left in",
)
NOT_TO_BE_KNOWN = ("unit not stated, about a factor of two",)
"""Their slopes are those of real materials: the table of the documentation says how often they pass."""


def tried(title: str, materials: tuple[str, ...]) -> Iterator[Any]:
    settings = Settings()
    corpus = OUTCOMES.quick_materials(settings.precomputed_dir / "references" / "gpaw_pbe", materials)
    with OUTCOMES.with_pair_potential():
        for case in OUTCOMES.cases(corpus, lambda one: one == title):
            yield OUTCOMES.try_case(case, card("chgnet-0.3.0"), settings)


def told(one: Any) -> str:
    return f"{one.outcome}: {one.case.name}: true {one.case.truth}, slope {one.first.slope}: {one.first.text}"


def check(title: str, materials: tuple[str, ...]) -> None:
    found = list(tried(title, materials))
    assert found
    outcome = OUTCOMES.Outcome
    firm = {outcome.WRONG} if title == "coordinates rounded" else {outcome.WRONG, outcome.WITHIN}
    assert [told(one) for one in found if one.outcome in firm] == []
    allowed = {outcome.RIGHT} if title in READ_AT_ONCE else {outcome.RIGHT, outcome.PROPOSED}
    if title in READ_OR_PROPOSED:
        assert [told(one) for one in found if one.outcome not in allowed] == []


@pytest.mark.parametrize("title", [title for title in KINDS if title not in NOT_TO_BE_KNOWN])
def test_no_upload_of_this_kind_is_firmly_misread(title: str) -> None:
    check(title, ("TiO2", "Si, face-centred cell"))


@pytest.mark.slow
@pytest.mark.parametrize("title", [title for title in KINDS if title not in NOT_TO_BE_KNOWN])
def test_nor_with_any_material(title: str) -> None:
    check(title, ())


def test_the_table_counts_every_case_once() -> None:
    found = list(tried("spreadsheet", ("TiO2", "MgO")))
    last = OUTCOMES.table(found).splitlines()[-1]
    assert last.startswith("| all | 2 |")
