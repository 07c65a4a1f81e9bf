"""JSON as plain data: what is inside is never turned into objects by the names it carries."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.errors import InputError
from softdash.settings import Settings
from softdash.structures.readers.decompression import SourceFile
from softdash.structures.readers.frame_problem import FrameProblem

_ADVICE = "Save it again with the program that wrote it, or upload extended XYZ."
_DTYPE_KINDS = {"float": "float", "int": "int", "uint": "int", "bool": "bool"}


def load_json(source: SourceFile, settings: Settings) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    InputError
        If it is not JSON, or is nested too deeply.
    TooLargeError
        Above `document_max_bytes`.
    """
    text = source.read_text(settings.document_max_bytes)
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        where = f"{source.name}, line {problem.lineno}"
        what = f"It is not readable as JSON: something is wrong at this line, character {problem.colno}."
        raise InputError(what, where=where, advice=_ADVICE) from None
    except (ValueError, RecursionError):
        what = "Its lists are nested too deeply, or a number in it has thousands of digits."
        raise InputError(what, where=source.name, advice=_ADVICE) from None


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number that fits a double."""
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300)


def number_or_none(value: Any) -> float | None:
    """Return a finite number, else None."""
    return float(value) if is_number(value) and math.isfinite(value) else None


def vectors(value: Any, what: str, count: int | None = None) -> NDArray[np.float64]:
    """Return ``[[x, y, z], …]``, or an array as ASE writes it, as (count, 3).

    Raises
    ------
    FrameProblem
        Naming the first row that is no vector.
    """
    if isinstance(value, dict):
        value = plain_array(value, what)
    if not isinstance(value, list) or not value or not all(isinstance(row, list) for row in value):
        raise FrameProblem(f"{what} are not a list of [x, y, z].")
    for index, row in enumerate(value):
        if len(row) != 3 or not all(map(is_number, row)):
            raise FrameProblem(f"{what} of atom {index + 1} are {json.dumps(row)[:60]}, not three numbers.")
    if count is not None and len(value) != count:
        raise FrameProblem(f"It has {count} atoms and {len(value)} {what.lower()}.")
    return np.array(value, dtype=np.float64)


def plain_array(value: Any, what: str) -> Any:
    """Return nested lists for an array in ASE's form ``{"__ndarray__": [shape, type, numbers]}``.

    Raises
    ------
    FrameProblem
        If shape and numbers do not fit; nothing of the announced size is built.
    """
    if isinstance(value, dict) and "array" in value:  # a cell is wrapped once more
        value = value["array"]
    if not isinstance(value, dict):
        return value
    parts = value.get("__ndarray__")
    if not isinstance(parts, list) or len(parts) != 3:
        raise FrameProblem(f"{what} are not an array.")
    shape, kind, numbers = parts
    known = isinstance(kind, str) and kind.rstrip("0123456789") in _DTYPE_KINDS
    sizes = isinstance(shape, list) and all(isinstance(size, int) and size >= 0 for size in shape)
    if not sizes or not isinstance(numbers, list):
        raise FrameProblem(f"{what} are not an array.")
    if not known or len(shape) > 2 or math.prod(shape) != len(numbers):
        sizes_shown = " × ".join(f"{size:,}" for size in shape[:4])
        raise FrameProblem(f"{what} announce {sizes_shown} numbers, but {len(numbers):,} follow.")
    if len(shape) < 2:
        return numbers
    return [numbers[start : start + shape[1]] for start in range(0, len(numbers), max(1, shape[1]))]
