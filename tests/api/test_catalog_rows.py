from __future__ import annotations

import json

import numpy as np
import pandas as pd

from softdash.api.catalog_rows import rows_as_json


def test_every_digit_of_a_small_number_is_kept() -> None:
    numbers = [1.2345678901234567e-9, -9.87654321098765e-300, 1 / 3, 0.1 + 0.2, 6.02214076e23, 0.0]
    table = pd.DataFrame({"x": numbers, "n": np.arange(6), "name": ["Å", '"', "</script>", "a", "b", "c"]})
    rows = json.loads(rows_as_json(table))
    assert [row["x"] for row in rows] == numbers
    assert [row["n"] for row in rows] == list(range(6))
    assert [row["name"] for row in rows][:3] == ["Å", '"', "</script>"]


def test_what_is_missing_is_null() -> None:
    table = pd.DataFrame({"x": [np.nan, np.inf, 1.0], "s": [None, pd.NA, "a"], "b": [True, False, True]})
    table["whole"] = pd.array([1, None, 3], dtype="Int64")
    rows = json.loads(rows_as_json(table))
    assert [row["x"] for row in rows] == [None, None, 1.0]
    assert [row["s"] for row in rows] == [None, None, "a"]
    assert [row["b"] for row in rows] == [True, False, True]
    assert [row["whole"] for row in rows] == [1, None, 3]
    assert json.loads(rows_as_json(table.iloc[:0])) == []
