"""Warnings about a potential for labels of given elements and functional."""

from __future__ import annotations

import pytest

from softdash.diagnosis.suitability import notices_about
from softdash.errors import InputError
from softdash.potentials.registry import card


@pytest.mark.parametrize(
    ("elements", "functional", "codes"),
    [
        (["Na", "Cl"], "PBE", []),
        (["Na", "Cl"], "PBEsol", ["functional_mismatch"]),
        (["Na", "Cl"], None, ["functional_unknown"]),
        (["Po"], "PBE", ["element_outside_training_set"]),
    ],
)
def test_notices_about_a_universal_potential(elements: list[str], functional: str | None, codes: list[str]) -> None:
    assert [notice.code for notice in notices_about(card("chgnet-0.3.0"), elements, functional)] == codes


def test_a_classical_potential_refuses_foreign_elements_by_name() -> None:
    with pytest.raises(InputError, match="Na and Cl"):
        notices_about(card("emt"), ["Na", "Cl"], "PBE")
