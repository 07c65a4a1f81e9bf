"""Names of uploads and diagnoses."""

from __future__ import annotations

import re
import secrets

import pytest

from softdash.jobs.identifiers import new_identifier


def test_no_name_looks_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-first", "--second", "third-", "fourth"])
    monkeypatch.setattr(secrets, "token_urlsafe", lambda _: next(drawn))
    assert [new_identifier(), new_identifier()] == ["third-", "fourth"]


def test_names_are_long_and_fit_into_addresses() -> None:
    names = {new_identifier() for _ in range(200)}
    assert len(names) == 200
    assert all(re.fullmatch(r"\w[\w-]{21}", name, re.ASCII) for name in names)
