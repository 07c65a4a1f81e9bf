"""What a visitor may decide about an upload that was read: other readings of a topic, and the patch of options of each.

A patch is a mapping of fields of `ReadOptions` as JSON. The page carries patches in ``data-patch`` and in the values of
its selects; ``assets/corrections.js`` puts the chosen one into the store that ``data-corrections`` names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from dash import html
from dash.development.base_component import Component
from pydantic import ValidationError

from softdash.errors import InputError, SoftdashError
from softdash.reports.reading_texts import ShownReading
from softdash.structures.frames.read_options import ForceUnit, ReadOptions
from softdash.structures.matching.orientation import SETTING_TEXTS
from softdash.web.parts.error_message import error_message

_AS_SOFTDASH_READS = "as softdash reads it"
_OFFERS = {"reorder": "Re-order the atoms and read again", "thin": "Thin the frames evenly and read again"}
_SYMMETRIES = {
    "auto": _AS_SOFTDASH_READS,
    "apply": "apply the symmetry operations",
    "ignore": "the listed sites are the whole cell",
}
GROUPINGS = {
    "auto": _AS_SOFTDASH_READS,
    "formula": "one for each reduced formula",
    "elements": "one for each set of elements",
    "together": "all together, with one slope",
}
"""Ways to tell materials apart."""
_NAMES_MOST = 20
# The sets that a reading leaves aside; names in quotation marks, where an apostrophe within a word opens none.
_LEFT_ASIDE = re.compile(r"left aside: ([^\n]{1,2000}?)(?: and \d+ more)?\.$")
_UNNAMED = {"the forces without a name": "unnamed"}
_QUOTED = re.compile(r"(?<!\w)['‘“\"]([^'‘’“”\"\n]{1,100})['’”\"](?!\w)")


@dataclass(frozen=True, slots=True)
class OtherReading:
    """One other way to read a topic: what it is, and the options that take it."""

    label: str
    patch: Mapping[str, Any]


def other_readings(reading: ShownReading, options: ReadOptions) -> list[OtherReading]:
    """Return the other ways to read a topic that a visitor can choose; empty where there is none.

    Parameters
    ----------
    reading : ShownReading
    options : ReadOptions
        With which the files were read.
    """
    match reading.topic:
        case "unit":
            return _units(options)
        case "sign":
            return [_other_sign(options)]
        case "orientation":
            settings = {"auto": _AS_SOFTDASH_READS, **SETTING_TEXTS}
            return _others("orientation", settings, options.orientation)
        case "order" if options.reorder or options.row_order is not None:
            return [OtherReading("row by row, as listed", {"reorder": False, "row_order": None})]
        case "materials":
            return _others("materials", GROUPINGS, options.materials)
        case "columns":
            return _named("forces", reading, options.forces)
        case "structure":
            has_sites = "sites" in reading.value or options.symmetry != "auto"
            symmetries = _others("symmetry", _SYMMETRIES, options.symmetry) if has_sites else []
            return [*_named("structure", reading, options.structure), *symmetries]
    return []


def other_sign(readings: Sequence[ShownReading], options: ReadOptions) -> list[OtherReading]:
    """Return the other sign of the forces where no reading is about it."""
    return [] if any(reading.topic == "sign" for reading in readings) else [_other_sign(options)]


def patched_options(options: ReadOptions, patch: Any) -> ReadOptions:
    """Return options with some of their fields changed.

    Parameters
    ----------
    options : ReadOptions
    patch : mapping
        As it came from the browser.

    Raises
    ------
    InputError
        If it is none, names an unknown field, or a value that its field does not take.
    """
    try:
        return ReadOptions.model_validate({**options.model_dump(), **patch})
    except (TypeError, ValidationError):
        raise InputError(
            "The files cannot be read that way.", advice="Choose one of the readings that the page offers."
        ) from None


def patch_button(label: str, patch: Mapping[str, Any], *more: str | Component, is_primary: bool = False) -> Component:
    """Return a button that reads the files again with some options changed."""
    look = "button small primary" if is_primary else "button small"
    return html.Button([label, *more], type="button", className=look, **{"data-patch": json.dumps(dict(patch))})


def reading_error(error: SoftdashError) -> Component:
    """Return the message of an error, with a button for each way to mend it."""
    buttons = [patch_button(choice.label, choice.options) for choice in error.choices]
    if error.offer in _OFFERS:
        buttons.append(patch_button(_OFFERS[error.offer], {error.offer: True}))
    return html.Div([error_message(error), *([html.Div(buttons, className="button-row")] if buttons else [])])


def _units(options: ReadOptions) -> list[OtherReading]:
    names = {unit: "as the files say" if unit == "auto" else unit for unit in get_args(ForceUnit)}
    others = _others("force_unit", names, options.force_unit)
    if abs(options.force_factor) != 1:
        sign = 1 if options.force_factor > 0 else -1
        others.insert(0, OtherReading(f"without the factor {abs(options.force_factor):.4g}", {"force_factor": sign}))
    return others


def _other_sign(options: ReadOptions) -> OtherReading:
    label = "gradients: multiply by −1" if options.force_factor > 0 else "forces: as listed"
    return OtherReading(label, {"force_factor": -options.force_factor})


def _others(field: str, texts: Mapping[str, str], present: str) -> list[OtherReading]:
    return [OtherReading(text, {field: value}) for value, text in texts.items() if value != present]


def _named(field: str, reading: ShownReading, chosen: str | None) -> list[OtherReading]:
    """Return the sets or structures that a reading names, but for the one that was taken.

    A name that is none leads to an error that lists them.
    """
    taken = {chosen, reading.value, *_QUOTED.findall(reading.value)}
    found = [name for detail in reading.details for name in _QUOTED.findall(detail)]
    if not found:
        lists = [part.group(1) for detail in reading.details if (part := _LEFT_ASIDE.search(detail))]
        found = [name.strip() for names in lists for name in names.split(", ")]
    names = [name for name in dict.fromkeys(found) if name and name not in taken][:_NAMES_MOST]
    others = [OtherReading(name, {field: _UNNAMED.get(name, name)}) for name in names]
    return others if chosen is None else [OtherReading(_AS_SOFTDASH_READS, {field: None}), *others]
