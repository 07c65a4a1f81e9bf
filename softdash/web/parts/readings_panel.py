"""What was understood of an upload, topic by topic: value, ground, a sentence, and other readings to choose."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.reports.reading_texts import GROUND_MEANINGS, ShownReading
from softdash.structures.frames.read_options import ReadOptions
from softdash.web.parts.reading_choices import OtherReading, other_readings, other_sign

_UNIT_UNSAID = "The files do not say the unit of their forces."


def readings_panel(readings: Sequence[ShownReading], options: ReadOptions, corrections: str | None = None) -> Component:
    """Return the list; nothing where nothing is known about the reading.

    Parameters
    ----------
    readings : sequence of ShownReading
    options : ReadOptions
        With which the files were read.
    corrections : str, optional
        Id of the store that takes a correction; without it nothing can be corrected.
    """
    if not readings:
        return html.Div()
    parts: list[Component] = [html.Dl([_row(reading, readings, options, corrections) for reading in readings])]
    if corrections is None:
        return html.Div(parts, className="readings")
    again = html.Button("Read again", type="button", className="button small primary", **{"data-read-again": ""})
    parts.append(html.Div(again, className="readings-apply no-print"))
    return html.Div(
        parts,
        className="readings",
        role="group",
        **{"aria-label": "How the files were read", "data-corrections": corrections},
    )


def badge(ground: str) -> Component:
    """Return the ground of a reading as a small badge."""
    return html.Span(ground, className=f"tag ground-{ground.replace(' ', '-')}", title=GROUND_MEANINGS.get(ground, ""))


def _row(
    reading: ShownReading, readings: Sequence[ShownReading], options: ReadOptions, corrections: str | None
) -> Component:
    is_unit_unsaid = reading.topic == "unit" and reading.ground == "assumed" and not reading.details
    details = (_UNIT_UNSAID,) if is_unit_unsaid else reading.details
    parts: list[Component] = [
        html.Dt(reading.name),
        html.Dd(
            [
                html.Span(reading.value, className="reading-value"),
                " ",
                badge(reading.ground),
                *(html.P(detail, className="small muted") for detail in details),
            ]
        ),
    ]
    if corrections is not None and (select := _select(reading, readings, options)) is not None:
        parts.append(html.Dd(select, className="reading-correction no-print"))
    return html.Div(parts)


def _select(reading: ShownReading, readings: Sequence[ShownReading], options: ReadOptions) -> Component | None:
    """Return the select of a topic's other readings; its values are patches of the options."""
    others = other_readings(reading, options)
    choices: list[Component] = [_option(other) for other in others]
    if reading.topic == "unit" and (signs := other_sign(readings, options)):
        choices = [
            html.Optgroup(choices, label="Unit"),
            html.Optgroup([_option(other) for other in signs], label="Sign"),
        ]
    if not choices:
        return None
    return html.Select(
        [html.Option("Change …", value=""), *choices],
        className="reading-select",
        **{"aria-label": f"{reading.name}: read as"},
    )


def _option(other: OtherReading) -> Component:
    return html.Option(other.label, value=json.dumps(dict(other.patch)))
