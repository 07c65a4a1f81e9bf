"""Forces without their structure in JSON: lists of vectors, objects of columns, and what pandas writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softdash.structures.frames.force_units import StatedUnit
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.readers.frame_problem import FrameProblem
from softdash.structures.readers.json.document import is_number, vectors
from softdash.structures.readers.json.frames import FORCE_NAMES
from softdash.structures.readers.numbers_in_text import read_elements
from softdash.structures.readers.tables.column_contents import atom_words
from softdash.structures.readers.tables.column_names import read_heading
from softdash.structures.readers.tables.forces_table import ForcesTable
from softdash.structures.readers.tables.heading_words import names_axes
from softdash.structures.readers.tables.reference_set import choose_set
from softdash.structures.readers.tables.stated_units import agreed_unit, stated_gradient, stated_unit
from softdash.structures.readers.tables.table_text import TableText, TextRow
from softdash.structures.readers.tables.text_tables import table_of_rows
from softdash.structures.units.unit_grammar import parse_unit

_SPECIES = ("symbols", "species", "elements", "atomic_numbers", "numbers")
_UNITS = ("force_unit", "forces_unit", "force_units", "forces_units", "unit", "units")
_WORDS_OF_FORCES = frozenset({"force", "forces", "f", "vasp", "gradient", "gradients", "grad"})


def table_of_json(data: Any, name: str, options: ReadOptions) -> ForcesTable:
    """Return forces from JSON: ``[[fx, fy, fz], …]``, an object with ``forces``, or columns as pandas writes them.

    Raises
    ------
    FrameProblem
        If it has no forces, or something beside them does not fit.
    InputError, RefusalError
        If several sets of forces may be the reference, or its unit is not understood.
    """
    rows = _columns(data)
    if rows is not None:
        return table_of_rows(rows, name, options)
    if not isinstance(data, dict):
        is_gradient, place, readings = stated_gradient(False, (), name)
        unit = stated_unit((), (), name, options)
        return ForcesTable(
            _vectors(data, "Forces"), stated_unit=unit, is_gradient=is_gradient, gradient_place=place, readings=readings
        )
    sets = _sets(data)
    inner = [value for value in data.values() if isinstance(value, dict) and _sets(value)]
    if not sets and len(inner) == 1:
        return table_of_json({**data, **inner[0]}, name, options)
    if not sets:
        found = ", ".join(str(key)[:30] for key in list(data)[:10])
        raise FrameProblem(f"It has no forces. Found: {found}.")
    taken = choose_set(list(sets), options.forces, name)
    key = sets[taken.name]
    table = ForcesTable(_vectors(data[key], "Forces"))
    is_gradient, place, readings = stated_gradient("grad" in key.lower(), (), name)
    species = next((data[key] for key in _SPECIES if isinstance(data.get(key), list)), None)
    if species is not None:
        found_words = atom_words([str(word) for word in species]) if not all(map(is_number, species)) else None
        numbers = read_elements([str(word) for word in species]) if found_words is None else found_words.numbers
        table = replace(table, numbers=numbers, labels=None if found_words is None else found_words.labels)
    if isinstance(data.get("positions"), list):
        table = replace(table, positions=_vectors(data["positions"], "Positions"))
    for what, items in (("elements", table.numbers), ("positions", table.positions)):
        if items is not None and len(items) != len(table.forces):
            raise FrameProblem(f"It has {len(table.forces)} forces and {len(items)} {what}.")
    energy: Any = data.get("energy")
    return replace(
        table,
        stated_unit=_unit(data, key, name, options),
        is_gradient=is_gradient,
        gradient_place=place,
        force_set=taken.name or None,
        other_sets=taken.others,
        readings=(*taken.readings, *readings),
        energy=float(energy) if is_number(energy) else None,
    )


def _sets(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys of sets of forces by the names of the sets."""
    found: dict[str, str] = {}
    for key, value in data.items():
        if not isinstance(value, list | dict) or not value:
            continue
        words = [word for word in re.split(r"[\s_\-.:/]+", key) if word]
        is_force = key in FORCE_NAMES or any(word.lower() in _WORDS_OF_FORCES for word in words)
        if is_force and not any(word.lower() in ("unit", "units") for word in words):
            label = " ".join(word for word in words if word.lower() not in ("force", "forces", "f"))
            found.setdefault(label, key)
    return found


def _unit(data: Mapping[str, Any], key: str, name: str, options: ReadOptions) -> StatedUnit | None:
    """Return the unit that an object states; `InputError` if it is not understood."""
    stated: list[StatedUnit] = []
    unclear: list[str] = []
    for place in _UNITS:
        value = data.get(place)
        if isinstance(value, dict):
            value = next((value[part] for part in (key, "forces", "force") if isinstance(value.get(part), str)), None)
        if not isinstance(value, str) or not value.strip():
            continue
        unit = parse_unit(value)
        if unit is not None:
            stated.append(StatedUnit(unit.name, unit.factor, "as the file says"))
        else:
            unclear.append(value)
    named = stated_unit((), (), name, options)
    return agreed_unit([*stated, *([named] if named else [])], unclear, name, options)


def _vectors(data: Any, what: str) -> NDArray[np.float64]:
    is_one_frame = isinstance(data, list) and len(data) == 1 and isinstance(data[0], list)
    if is_one_frame and data[0] and all(isinstance(row, list) for row in data[0]):
        data = data[0]
    return vectors(data, what)


def _columns(data: Any) -> TableText | None:
    """Return the rows of a table that pandas wrote (split, records, columns, list, table); None if it is none."""
    if isinstance(data, dict) and isinstance(data.get("columns"), list) and isinstance(data.get("data"), list):
        return _rows([str(column) for column in data["columns"]], data["data"])
    if isinstance(data, dict) and isinstance(data.get("schema"), dict) and isinstance(data.get("data"), list):
        data = data["data"]
    if isinstance(data, dict) and len(data) > 1 and all(_is_vector(value) for value in data.values()):
        return _rows(["label", "fx", "fy", "fz"], [[key, *value] for key, value in data.items()])
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        data = [_with_components(row) for row in data]
        names = list(data[0])
        return _rows([str(column) for column in names], [[row.get(column) for column in names] for row in data])
    if isinstance(data, dict) and names_axes([str(key) for key in data]):
        columns = {
            str(key): list(value.values()) if isinstance(value, dict) else value
            for key, value in data.items()
            if isinstance(value, list | dict)
        }
        length = max(map(len, columns.values()), default=0)
        columns = {key: value for key, value in columns.items() if len(value) == length}
        if any(read_heading(key).axis for key in columns):
            return _rows(list(columns), [list(row) for row in zip(*columns.values(), strict=True)])
    return None


def _is_vector(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(is_number, value))


def _with_components(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its vectors as three columns each: ``force`` as ``force_x``, ``force_y``, ``force_z``."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        found |= (
            {f"{key}_{axis}": one for axis, one in zip("xyz", value, strict=True)}
            if _is_vector(value)
            else {key: value}
        )
    return found


def _rows(names: list[str], rows: list[Any]) -> TableText | None:
    if not rows or not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    cells = [tuple(names), *(tuple(_cell(value) for value in row) for row in rows)]
    return TableText(tuple(TextRow(0, row) for row in cells), (), ",")


def _cell(value: Any) -> str:
    return "" if value is None or isinstance(value, bool | list | dict) else str(value)
