"""`SofteningStatistics` as plain dicts and lists, and back, without losing a digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from softdash.errors import ReferenceDataError
from softdash.softening.statistics import SofteningStatistics


def softening_statistics_as_dict(statistics: SofteningStatistics) -> dict[str, Any]:
    """Return nested dicts, tuples, numbers and strings that `json.dumps` takes; keys are the field names."""
    return asdict(statistics)


def softening_statistics_from_dict(data: Mapping[str, Any]) -> SofteningStatistics:
    """Read what `softening_statistics_as_dict` wrote, also after a way through JSON.

    Raises
    ------
    ReferenceDataError
        Missing or unknown fields, or values of another type.
    """
    try:
        return _adapter().validate_python(dict(data))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReferenceDataError(
            f"These are not softening statistics: {first['msg']} ({error.error_count()} problems).",
            where=place or None,
            advice="Read a result of this version of softdash.",
        ) from None


@cache
def _adapter() -> TypeAdapter[SofteningStatistics]:
    return TypeAdapter(SofteningStatistics)
