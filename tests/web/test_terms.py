"""Definitions of terms: one sentence each, found in running text, and there for every heading that names one."""

from __future__ import annotations

import json

import pytest
from dash import html

from softdash.softening import quantities
from softdash.web.parts.terms import definition_list, explained, term, tooltip


def entries() -> list[html.Span]:
    return list(definition_list().children)


def test_each_definition_is_short_and_has_an_element_of_its_own() -> None:
    assert len({entry.id for entry in entries()}) == len(entries()) > 40
    for entry in entries():
        assert 20 < len(entry.children) <= 160, entry.id
        assert entry.children.endswith("."), entry.id


def test_no_name_stands_for_two_terms() -> None:
    names = [name.lower() for entry in entries() for name in json.loads(getattr(entry, "data-names"))]
    assert len(names) == len(set(names))


def test_a_marked_term_points_to_its_definition() -> None:
    marked = term("softening scale", "slopes")
    assert marked.children == "slopes"
    assert marked.tabIndex == 0
    (definition,) = [entry for entry in entries() if entry.id == getattr(marked, "aria-describedby")]
    assert definition.children == quantities.SLOPE.definition
    with pytest.raises(KeyError):
        term("colour of the band")


def test_running_text_marks_each_term_once() -> None:
    parts = explained("cMAE, PBEsol, R² and the 95 % interval; R² again, and MAEs.")
    marked = [part.children for part in parts if not isinstance(part, str)]
    assert marked == ["cMAE", "PBEsol", "R²", "95 % interval", "MAEs"]
    assert "".join(part if isinstance(part, str) else part.children for part in parts) == (
        "cMAE, PBEsol, R² and the 95 % interval; R² again, and MAEs."
    )
    assert explained("Nothing of the field.") == ["Nothing of the field."]


def test_an_own_explanation_stands_in_the_element() -> None:
    shown = tooltip("1,000", "The paper says 1,004 elsewhere.")
    assert getattr(shown, "data-explanation") == "The paper says 1,004 elsewhere."
    assert shown.tabIndex == 0


def test_the_table_of_statistics_defines_as_everywhere() -> None:
    by_id = {entry.id: entry.children for entry in entries()}
    for quantity in quantities.QUANTITIES:
        if quantity.names:
            assert by_id[getattr(term(quantity.names[0]), "aria-describedby")] == quantity.definition
