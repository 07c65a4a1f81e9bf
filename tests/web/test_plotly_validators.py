"""Plotly checks figures by the same rules, kept smaller."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import plotly
import pytest

from softdash.web.server.plotly_validators import RulesAsText

RULES = Path(plotly.__file__).parent / "validators" / "_validators.json"


def test_every_rule_of_plotly_is_the_same_as_parsed_at_once() -> None:
    text = RULES.read_text(encoding="utf-8")
    parsed = json.loads(text)
    rules = RulesAsText(text)
    assert len(rules) == len(parsed)
    assert all(rules.get(name) == rule for name, rule in parsed.items())
    assert rules.get("no.such.rule") is None


def test_what_a_caller_changes_stays_its_own() -> None:
    rules = RulesAsText('{"a": {"params": {}}, "b": {}}')
    rules.get("a")["params"]["plotly_name"] = "changed"
    assert rules.get("a") == {"params": {}}


def test_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="expected"):
        RulesAsText("[1, 2]")


def test_the_figures_of_a_server_are_checked_as_before() -> None:
    """In a process of its own, where nothing has made a figure yet."""
    program = (
        "from softdash.web.server.plotly_validators import keep_rules_as_text\n"
        "import plotly.graph_objects as go\n"
        "assert keep_rules_as_text()\n"
        "assert not keep_rules_as_text()\n"
        "figure = go.Figure(go.Violin(x=[1, 2]), layout={'xaxis2': {'title': {'text': 'x'}}})\n"
        "assert figure.to_dict()['layout']['xaxis2']['title']['text'] == 'x'\n"
        "try:\n"
        "    go.Scatter(mode='nonsense')\n"
        "except ValueError as error:\n"
        "    assert 'mode' in str(error)\n"
        "else:\n"
        "    raise SystemExit('a wrong property was taken')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
