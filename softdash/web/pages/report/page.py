"""One diagnosis under its own link: progress while it runs, then the report; the same for everybody with the link."""

from __future__ import annotations

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.development.base_component import Component

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState
from softdash.errors import NotFoundError, SoftdashError
from softdash.reports.material_names import subscripted
from softdash.web.context import web_context
from softdash.web.pages.report.callbacks import CORRECTION, REPORT_OUTPUTS, cancel, delete, edit, read_again, show
from softdash.web.pages.report.material_chooser import CHOOSER
from softdash.web.pages.report.plots import PARITY_MODES
from softdash.web.pages.report.run_progress import run_progress
from softdash.web.pages.report.structure import first_frame, is_material, register_report_structure, structure_section
from softdash.web.parts.not_found import not_found
from softdash.web.parts.report_heading import change_part, owner_part, register_owner_part, report_heading, shown_title
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.parts.viewed_report import report_address, viewed_report

_POLL_MILLISECONDS = 250
_DESCRIPTION_LENGTH = 300


def is_found(report_id: str) -> bool:
    """Whether there is such a diagnosis; without one the page is sent with status 404."""
    try:
        web_context().service.diagnosis(report_id)
    except NotFoundError:
        return False
    return True


def layout(
    report_id: str = "",
    potential: str | None = None,
    plots: str | None = None,
    frame: str | None = None,
    atom: str | None = None,
    arrows: str | None = None,
    colours: str | None = None,
    material: str | None = None,
    **_: str,
) -> Component:
    """Return the frame of the page; its content comes with the first poll, in the colour scheme of the browser.

    Parameters
    ----------
    report_id : str
        From the address.
    potential : str, optional
        The potential whose verdict is shown; unknown ones are dropped.
    plots : str, optional
        How the parity plots of several potentials are shown: a key of `PARITY_MODES`.
    frame, atom : str, optional
        What is shown and marked in the structure, counted from 1.
    arrows, colours : str, optional
        Keys of `ARROWS` and `COLOURS`.
    material : str, optional
        The material that is shown, of a report of several; default: all.
    """
    try:
        record = web_context().service.diagnosis(report_id)
    except NotFoundError:
        return not_found(
            "There is no such report",
            "Its link may be mistyped, its owner deleted it, or the day is past until which it was kept.",
        )
    names = [run.potential for run in record.runs]
    chosen = potential if potential in names else names[0]
    is_final = record.state.is_final
    return html.Article(
        [
            dcc.Store(id="report-id", data=record.id),
            dcc.Store(id=CORRECTION),
            dcc.Store(id="report-corrected"),
            dcc.Interval(id="report-poll", interval=_POLL_MILLISECONDS, disabled=is_final),
            dcc.Input(id=view_id("material"), type="hidden", value=material or ""),
            _defaults(record, material),
            report_heading(record, material),
            owner_part(),
            _potential_switch(record, chosen, plots),
            html.Div(_first_progress(record), id="report-progress"),
            html.Div(
                html.Button("Cancel", id="report-cancel", type="button", className="button small"),
                id="report-cancel-row",
                hidden=is_final,
                className="button-row no-print",
            ),
            _correcting(),
            html.Div(id="report-body"),
            structure_section(record, frame, atom, arrows, colours, material),
            html.Div(id="report-details"),
            change_part(record),
        ],
        className="report",
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page(
        "report",
        path_template="/report/<report_id>",
        title=page_title,
        description=page_description,
        picture=page_picture,
        preview_query=("material",),
        layout=layout,
        is_found=is_found,
    )
    app.callback(
        output=REPORT_OUTPUTS,
        inputs=[
            Input("theme", "data"),
            Input("report-poll", "n_intervals"),
            Input(view_id("potential"), "value"),
            Input(view_id("plots"), "value"),
        ],
        state=[State("report-id", "data"), State(view_id("material"), "value")],
    )(show)
    app.clientside_callback(
        ClientsideFunction("softdash_materials", "choose"),
        Output(dash.dash._ID_LOCATION, "href", allow_duplicate=True),
        Input(CHOOSER, "value"),
        prevent_initial_call=True,
    )
    app.callback(
        Output("report-cancel", "disabled"),
        Input("report-cancel", "n_clicks"),
        State("report-id", "data"),
        prevent_initial_call=True,
    )(cancel)
    app.callback(
        Output("report-deleted", "children"),
        Output("report-delete-form", "hidden"),
        Input("report-delete", "n_clicks"),
        State("report-id", "data"),
        State("report-delete-token", "value"),
        prevent_initial_call=True,
    )(delete)
    app.callback(
        Output("report-title", "children"),
        Output("report-note", "children"),
        Output("report-edited", "children"),
        Input("report-edit", "n_clicks"),
        State("report-id", "data"),
        State("report-delete-token", "value"),
        State("report-edit-title", "value"),
        State("report-edit-note", "value"),
        prevent_initial_call=True,
    )(edit)
    app.callback(
        Output("report-corrected", "data"),
        Output("report-correction-error", "children"),
        Input(CORRECTION, "data"),
        State("report-id", "data"),
        running=[(Output("report-reading-again", "hidden"), False, True)],
        prevent_initial_call=True,
    )(read_again)
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "open"),
        Output(dash.dash._ID_LOCATION, "href", allow_duplicate=True),
        Input("report-corrected", "data"),
        prevent_initial_call=True,
    )
    register_report_structure(app)
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "mark"),
        Output("report-marks-drawn", "children"),
        Input("report-marked", "data"),
        Input("report-body", "children"),
    )
    register_owner_part(app)


def page_title(report_id: str = "", material: str = "") -> str:
    """Return the title of the browser's tab, and of links that others share."""
    try:
        shown = f"{subscripted(material)} · " if is_material(report_id, material) else ""
        return f"{shown}{shown_title(web_context().service.diagnosis(report_id))} · softdash"
    except NotFoundError:
        return "Report · softdash"


def page_description(report_id: str = "", material: str = "") -> str:
    """Return the verdict in a sentence, for previews of the link."""
    service = web_context().service
    try:
        record = service.diagnosis(report_id)
        if record.state is not DiagnosisState.DONE:
            return "A diagnosis of softening by softdash."
        shown = viewed_report(service.report(report_id), material).shown
        verdicts = [result.verdict.headline for result in shown.results if result.verdict]
    except SoftdashError:
        return "A diagnosis of softening by softdash."
    return " ".join([*verdicts, record.note])[:_DESCRIPTION_LENGTH].strip()


def page_picture(report_id: str = "", material: str = "") -> str | None:
    """Return the path of the picture for previews of the link; None while there is no report."""
    try:
        record = web_context().service.diagnosis(report_id)
    except NotFoundError:
        return None
    if record.state is not DiagnosisState.DONE:
        return None
    return report_address(f"{record.id}.png", material if is_material(report_id, material) else None)


def _defaults(record: DiagnosisRecord, material: str | None) -> Component:
    first, frame = record.runs[0].potential, first_frame(record, material)
    return view_defaults(
        potential=first, plots="one", frame=frame, atom="", arrows="both", colours="error", material=""
    )


def _first_progress(record: DiagnosisRecord) -> list[Component]:
    """Return what stands there until the first poll has answered."""
    return [html.P("Drawing the report …", className="muted")] if record.state.is_final else run_progress(record)


def _correcting() -> Component:
    """Return where the page says that the files are read again, and what went wrong with it."""
    return html.Div(
        [
            html.P(
                "Reading the files again …",
                id="report-reading-again",
                hidden=True,
                className="muted",
                role="status",
                **{"data-reading-again": ""},
            ),
            html.Div(id="report-correction-error", **{"data-corrections": CORRECTION}),
        ],
        className="correcting no-print",
    )


def _potential_switch(record: DiagnosisRecord, chosen: str, plots: str | None) -> Component:
    control = dmc.RadioGroup(
        dmc.Group([dmc.Radio(label=run.label, value=run.potential) for run in record.runs], gap="lg"),
        id=view_id("potential"),
        value=chosen,
        label="Verdict, structure and advice of",
    )
    modes = segmented("plots", "Parity plots", PARITY_MODES, plots)
    # The poll shows it, when there is something to switch.
    return html.Div([control, modes], id="report-switch", hidden=True, className="no-print potential-switch")
