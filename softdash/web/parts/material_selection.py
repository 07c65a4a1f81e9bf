"""Which materials a visitor looks at, from the values of controls and addresses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from softdash.benchmarks.data.datasets import dataset_order
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog
from softdash.web.figures.periodic_table import ELEMENTS

DEFAULT_DATASET = "mpf-TP"
DEFAULT_POTENTIAL = "chgnet-0.3.0"

Given = str | float | Sequence[str] | None
"""A value as a control or an address gives it."""


def checked_selection(catalog: Catalog, given: Mapping[str, Given]) -> MaterialSelection:
    """Build a selection from untrusted values; whatever is unknown or no number is dropped.

    Raises
    ------
    ReferenceDataError
        If the table of materials is in quarantine.
    """
    known_data = sorted(catalog.datasets(), key=dataset_order)
    known_potentials = sorted(catalog.potentials())
    return MaterialSelection(
        data=_known(given.get("data"), known_data) or _default(DEFAULT_DATASET, known_data),
        potentials=_known(given.get("potentials"), known_potentials) or _default(DEFAULT_POTENTIAL, known_potentials),
        elements=_known(given.get("elements"), ELEMENTS),
        pressure_min=_number(given.get("pressure_min")),
        pressure_max=_number(given.get("pressure_max")),
        rms_min=_number(given.get("rms_min")),
        rms_max=_number(given.get("rms_max")),
        r2=_number(given.get("r2")),
        slope=_range(given.get("slope")),
    )


def slope_range_text(limits: tuple[float, float] | None) -> str:
    """Return a range of slopes as it stands in the address: ``"0.85,0.9"``; empty for None."""
    return "" if limits is None else f"{limits[0]:g},{limits[1]:g}"


def _known(given: Given, known: Iterable[str]) -> tuple[str, ...]:
    if given is None or isinstance(given, float | int):
        return ()
    words = given.split(",") if isinstance(given, str) else given
    allowed = set(known)
    return tuple(dict.fromkeys(word for word in words if isinstance(word, str) and word in allowed))


def _default(wanted: str, known: Sequence[str]) -> tuple[str, ...]:
    return (wanted,) if wanted in known else tuple(known[:1])


def _number(given: Given | Any) -> float | None:
    if given is None or given == "" or isinstance(given, bool) or not isinstance(given, str | float | int):
        return None
    try:
        number = float(given)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _range(given: Given) -> tuple[float, float] | None:
    words = given.split(",") if isinstance(given, str) else []
    if len(words) != 2:
        return None
    low, high = _number(words[0]), _number(words[1])
    return (low, high) if low is not None and high is not None and low < high else None
