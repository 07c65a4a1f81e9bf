"""Diagnose: files or an example in, what was understood, choice of potentials, and off to the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from softdash.diagnosis.records import UploadRecord
from softdash.errors import ConflictError, SoftdashError
from softdash.jobs.service import DiagnosisService
from softdash.web.context import web_context
from softdash.web.figures.structure import ForceArrows, drawn_atoms, longest_force, structure_figure
from softdash.web.pages.diagnose.potential_choice import choices, default_potentials, potential_options
from softdash.web.pages.diagnose.upload_step import upload_step
from softdash.web.parts.error_message import error_message
from softdash.web.parts.page_parts import page_header
from softdash.web.parts.reading_choices import reading_error
from softdash.web.parts.reading_corrections import corrected_upload
from softdash.web.parts.structure_view import (
    bonds_input,
    checked_frame,
    structure_caption,
    structure_facts,
    structure_outputs,
    structure_view,
)
from softdash.web.parts.understanding import understanding_part
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.theme import GRAPH_CONFIG, checked_theme

_STRUCTURE = "understood-structure"
_STRUCTURE_OUTPUTS = structure_outputs(_STRUCTURE)
_CORRECTION = "diagnose-correction"
_LEAD = (
    "Give DFT forces of your material. softdash computes the same structures with the potentials you choose and says "
    "how soft they are for it, how sure that is, and what to do about it."
)


def layout(
    upload: str | None = None,
    example: str | None = None,
    potentials: str | None = None,
    frame: str | None = None,
    **_: str,
) -> Component:
    """Return the page.

    Parameters
    ----------
    upload, example : str, optional
        Upload, or name of the example, that is shown as chosen.
    potentials : str, optional
        Names, separated by commas; unknown ones are dropped.
    frame : str, optional
        Number of the frame that is drawn.
    """
    service = web_context().service
    source, record, problem = _open(service, upload, example)
    available = service.online_potentials()
    standard = default_potentials(available)
    asked = [name for name in (potentials or "").split(",") if name in available]
    return html.Div(
        [
            page_header("Diagnose your material", _LEAD),
            dcc.Store(id="diagnose-source", data=source),
            dcc.Store(id="diagnose-created"),
            dcc.Store(id=_CORRECTION),
            dcc.Input(id=view_id("upload"), type="hidden", value=source["upload"]),
            dcc.Input(id=view_id("example"), type="hidden", value=source["example"]),
            view_defaults(upload="", example="", potentials=standard, frame=1),
            _step(
                1, "Structures and forces", upload_step(web_context().settings, service.examples(), source["example"])
            ),
            _step(
                2,
                "What softdash understood",
                html.Div(_understood(record, problem, frame), id="understood", **{"aria-live": "polite"}),
            ),
            _step(3, "Potentials", _potentials_step(service, record, asked or standard)),
            # Loads the plotting library while the visitor chooses, so that the report is drawn at once.
            dcc.Graph(style={"display": "none"}, config=GRAPH_CONFIG),
        ],
        className="diagnose",
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("diagnose", path="/diagnose", title="Diagnose your material · softdash", layout=layout)
    app.callback(
        output={
            "understood": Output("understood", "children"),
            "options": Output("potential-options", "children"),
            "button_disabled": Output("diagnose-button", "disabled"),
            "upload": Output(view_id("upload"), "value"),
            "example": Output(view_id("example"), "value"),
        },
        inputs=[Input("diagnose-source", "data")],
        prevent_initial_call=True,
    )(show_source)
    app.callback(
        Output("diagnose-created", "data"),
        Output("diagnose-error", "children"),
        Input("diagnose-button", "n_clicks"),
        State("diagnose-source", "data"),
        State(view_id("potentials"), "value"),
        running=[(Output("diagnose-button", "loading"), True, False)],
        prevent_initial_call=True,
    )(create_diagnosis)
    app.callback(
        output=_STRUCTURE_OUTPUTS,
        inputs={
            "frame": Input(view_id("frame"), "value"),
            "arrows": Input("structure-arrows", "checked"),
            "bonds": bonds_input(_STRUCTURE),
            "theme": Input("theme", "data"),
        },
        state={"source": State("diagnose-source", "data")},
    )(draw_structure)
    app.callback(
        Output("diagnose-source", "data"),
        Output("reading-error", "children"),
        Input(_CORRECTION, "data"),
        State("diagnose-source", "data"),
        running=[(Output("reading-again", "hidden"), False, True)],
        prevent_initial_call=True,
    )(read_again)
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "open"),
        Output(dash.dash._ID_LOCATION, "href"),
        Input("diagnose-created", "data"),
        prevent_initial_call=True,
    )


def show_source(source: dict[str, str]) -> dict[str, Any]:
    """Show what was understood of a newly chosen upload or example."""
    service = web_context().service
    checked, record, problem = _open(service, source.get("upload"), source.get("example"))
    return {
        "understood": _understood(record, problem),
        "options": potential_options(choices(service, record)),
        "button_disabled": record is None,
        "upload": checked["upload"],
        "example": checked["example"],
    }


def draw_structure(
    frame: int | None, arrows: bool, bonds: bool, theme: str | None, source: dict[str, str]
) -> dict[str, Any]:
    """Draw one frame of the chosen upload."""
    context = web_context()
    _, record, _ = _open(context.service, source.get("upload"), source.get("example"))
    unchanged = dict.fromkeys(_STRUCTURE_OUTPUTS, no_update)
    if theme is None or record is None:
        return unchanged
    number = checked_frame(frame, len(record.understanding.frames))
    try:
        geometry = context.service.frame_geometry(record.id, number - 1)
    except SoftdashError as error:
        return {**unchanged, "caption": error_message(error)}
    limit = context.settings.structure_atoms_drawn
    figure = structure_figure(
        geometry,
        theme=checked_theme(theme),
        frame=number,
        max_atoms=limit,
        arrows=[ForceArrows("DFT", geometry.forces)] if arrows else (),
        bonds=bool(bonds),
    )
    drawn = drawn_atoms(geometry, limit)
    longest = longest_force(geometry.forces[drawn]) if arrows else None
    return {
        "figure": figure.to_dict(),
        "caption": structure_caption(geometry, len(drawn), longest),
        "facts": structure_facts(geometry),
        "number": str(number),
    }


def read_again(correction: dict[str, Any] | None, source: dict[str, str]) -> tuple[Any, Any]:
    """Read the files of the upload as the visitor corrects it; `correction` holds a patch of its options."""
    service = web_context().service
    _, record, problem = _open(service, source.get("upload"), source.get("example"))
    if not correction or record is None:
        return no_update, "" if problem is None else reading_error(problem)
    try:
        again = corrected_upload(service, record, correction.get("options"))
    except SoftdashError as error:
        return no_update, reading_error(error)
    return ({"upload": again.id, "example": ""} if again.id != record.id else no_update), ""


def create_diagnosis(
    clicks: int | None, source: dict[str, str], potentials: Sequence[str] | None
) -> tuple[dict[str, str] | Any, Component | str | Any]:
    """Record the diagnosis; the browser keeps the delete token and opens the report."""
    if not clicks:
        return no_update, no_update
    service = web_context().service
    _, record, problem = _open(service, source.get("upload"), source.get("example"))
    try:
        if problem is not None:
            raise problem
        if record is None:
            raise ConflictError("There are no forces yet.", advice="Choose files or an example first.")
        created = service.create(record.id, list(potentials or []))
    except SoftdashError as error:
        return no_update, error_message(error)
    return {"id": created.record.id, "token": created.delete_token}, ""


def _open(
    service: DiagnosisService, upload: str | None, example: str | None
) -> tuple[dict[str, str], UploadRecord | None, SoftdashError | None]:
    """Return the checked source, its record if it has one, and what is wrong with it otherwise."""
    try:
        if example:
            return {"upload": "", "example": example}, service.add_example(example), None
        if upload:
            return {"upload": upload, "example": ""}, service.upload(upload), None
    except SoftdashError as error:
        return {"upload": "", "example": ""}, None, error
    return {"upload": "", "example": ""}, None, None


def _step(number: int, title: str, content: Component) -> Component:
    heading = html.H2([html.Span(str(number), className="step-number", **{"aria-hidden": "true"}), title])
    return html.Section([heading, content], className="step", id=f"step-{number}")


def _understood(
    record: UploadRecord | None, problem: SoftdashError | None, frame: str | None = None
) -> list[Component]:
    if problem is not None:
        return [error_message(problem)]
    if record is None:
        return [
            html.P(
                [
                    (
                        "Nothing has been read yet. Once it is, you see here which material, how many frames and which "
                        "forces softdash found, and what it left out, before anything is computed. To see it now: "
                    ),
                    dcc.Link("read the example of rock salt", href="/diagnose?example=nacl"),
                    ".",
                ],
                className="muted",
            )
        ]
    frames = len(record.understanding.frames)
    arrows = dmc.Switch(id="structure-arrows", label="DFT forces", checked=True, size="sm")
    return [
        understanding_part(
            record.understanding, record.files, corrections=_CORRECTION if record.example is None else None
        ),
        html.Div(
            [
                html.P(
                    "Reading the files again …",
                    id="reading-again",
                    hidden=True,
                    className="muted small",
                    role="status",
                    **{"data-reading-again": ""},
                ),
                html.Div(id="reading-error", **{"data-corrections": _CORRECTION}),
            ],
            className="correcting",
        ),
        structure_view(
            _STRUCTURE,
            "The structure with its DFT forces",
            frames,
            checked_frame(frame, frames),
            file_name=f"structure-{record.understanding.formula}",
            controls=[arrows],
        ),
    ]


def _potentials_step(service: DiagnosisService, record: UploadRecord | None, chosen: Sequence[str]) -> Component:
    group = dmc.CheckboxGroup(
        html.Div(potential_options(choices(service, record), chosen), id="potential-options"),
        id=view_id("potentials"),
        value=list(chosen),
        label="One or several; they are compared on the same frames",
    )
    button = dmc.Button(
        "Diagnose", id="diagnose-button", size="md", disabled=record is None, className="diagnose-button"
    )
    return html.Div([group, html.Div(id="diagnose-error"), html.Div(button, className="button-row")])
