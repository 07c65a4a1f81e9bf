"""What a visitor may decide about an upload that was read: the unit of forces that its files do not state."""

from __future__ import annotations

from typing import get_args

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import UploadRecord
from softdash.structures.read_options import ForceUnit, ReadOptions

CHOICE = "read-again"
"""Type of the ids of the buttons; their ``unit`` is the choice."""


def reading_choices(record: UploadRecord) -> Component:
    """Return buttons that read the files again; nothing where the files leave no choice."""
    understanding = record.understanding
    if understanding.force_unit_is_stated or record.example is not None:
        return html.Div()
    chosen = understanding.options.force_unit
    chosen = "eV/Å" if chosen == "auto" else chosen
    buttons = [
        html.Button(
            unit,
            id={"type": CHOICE, "unit": unit},
            type="button",
            className="button small",
            **{"aria-pressed": "true" if unit == chosen else "false"},
        )
        for unit in get_args(ForceUnit)
        if unit != "auto"
    ]
    sentence = "The files do not say the unit of their forces. Read them as"
    return html.Div([html.Span(sentence), *buttons], className="reading-choices")


def options_with_unit(record: UploadRecord, unit: str) -> ReadOptions:
    """Return the options of an upload with another unit; an unknown unit changes nothing."""
    units: tuple[ForceUnit, ...] = get_args(ForceUnit)
    known = next((one for one in units if one == unit), record.understanding.options.force_unit)
    return record.understanding.options.model_copy(update={"force_unit": known})
