"""Warnings about a potential for labels of given elements and functional."""

from __future__ import annotations

import pytest

from softdash.diagnosis.suitability import notices_about, tidy_title
from softdash.errors import PredictionError
from softdash.potentials.registry import card


@pytest.mark.parametrize(
    ("potential", "elements", "functional", "codes"),
    [
        ("chgnet-0.3.0", ["Na", "Cl"], "PBE", []),
        ("chgnet-0.3.0", ["Na", "Cl"], "PBEsol", ["functional_mismatch"]),
        ("chgnet-0.3.0", ["Na", "Cl"], None, ["functional_unknown"]),
        ("chgnet-r2scan", ["Yb"], "r2SCAN", ["element_outside_training_set"]),
        ("chgnet-0.3.0", ["Fe", "O"], "PBE", ["functional_mismatch"]),
        ("chgnet-0.3.0", ["Fe", "O"], "PBE+U", []),
        ("chgnet-0.3.0", ["Fe", "S"], "PBE", []),
        ("tensornet-matpes-pbe", ["Fe", "O"], "PBE+U", ["functional_mismatch"]),
        ("tensornet-matpes-pbe", ["Fe", "O"], "PBE", []),
        ("chgnet-0.3.0", ["Fe", "O"], None, ["hubbard_u_unknown"]),
        ("tensornet-matpes-pbe", ["Fe", "O"], None, ["hubbard_u_unknown"]),
        ("chgnet-0.3.0", ["Fe", "S"], None, ["functional_unknown"]),
    ],
)
def test_notices_about_a_universal_potential(
    potential: str, elements: list[str], functional: str | None, codes: list[str]
) -> None:
    assert [notice.code for notice in notices_about(card(potential), [elements], functional)] == codes


def test_a_classical_potential_refuses_foreign_elements_by_name() -> None:
    with pytest.raises(PredictionError, match="Na, Cl"):
        notices_about(card("emt"), [["Na", "Cl"]], "PBE")


def test_unknown_elements_are_refused_before_the_run_only_where_no_frame_is_left() -> None:
    chgnet = card("chgnet-0.3.0")
    with pytest.raises(PredictionError, match="does not know Po"):
        notices_about(chgnet, [{"Po"}, {"Na", "Po"}], "PBE")
    notices = notices_about(chgnet, [{"Na", "Cl"}, {"Na", "Po"}], "PBE")
    assert [notice.code for notice in notices] == ["frames_with_unknown_elements"]
    assert notices_about(chgnet, [{"Na", "Cl"}], "PBE") == ()


def test_a_missing_hubbard_u_names_metals_and_frames() -> None:
    (notice,) = notices_about(card("chgnet-0.3.0"), [{"Fe", "O"}, {"Na", "Cl"}, {"Mn", "F"}], "PBE")
    assert "Fe and Mn" in notice.message
    assert "2 of 3" in notice.message


def test_a_hubbard_u_that_nobody_tells_names_the_metals_and_what_was_learnt() -> None:
    frames = [{"Fe", "O"}, {"Na", "Cl"}, {"Mn", "F"}]
    for name, learnt in (("chgnet-0.3.0", "with"), ("tensornet-matpes-pbe", "without")):
        (notice,) = notices_about(card(name), frames, None)
        assert notice.code == "hubbard_u_unknown"
        assert f"Fe and Mn {learnt} a Hubbard U" in notice.message


def test_a_title_names_three_potentials_and_counts_more() -> None:
    names = ["chgnet-0.3.0", "chgnet-0.2.0", "emt", "sevennet-0"]
    cards = [card(name) for name in names]
    labels = ", ".join(one.label for one in cards[:3])
    assert tidy_title(None, "LiF", cards[:3]) == f"LiF by {labels}"
    assert tidy_title(None, "LiF", cards) == "LiF by 4 potentials"
    assert tidy_title("  my   salt ", "LiF", cards) == "my salt"
