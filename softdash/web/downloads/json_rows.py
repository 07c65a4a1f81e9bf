"""Tables as JSON with all digits of each number: the writer of pandas keeps 15 decimal places, few of 1e-9."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
from flask import Response, stream_with_context


def json_rows(table: pd.DataFrame) -> Iterator[str]:
    """Yield the text of a JSON array with one object per row; what is missing or not finite is null."""
    names = [str(name) for name in table.columns]
    start = "["
    for row in table.itertuples(index=False, name=None):
        yield start + json.dumps(dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False, allow_nan=False)
        start = ",\n"
    yield "[]" if start == "[" else "]"


def json_file(table: pd.DataFrame, name: str) -> Response:
    """Return the rows of a table as a file to download, sent row by row."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(json_rows(table)), mimetype="application/json", headers=headers)


def _plain(value: Any) -> Any:
    """Return a cell as plain Python, or None."""
    item = value.item() if hasattr(value, "item") else value
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return None if item is pd.NA or item is pd.NaT else item
