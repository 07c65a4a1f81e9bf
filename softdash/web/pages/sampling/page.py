"""No DFT yet? States sampled of a structure, under their own link: progress, what to expect, the inputs to compute."""

from __future__ import annotations

import contextlib
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from softdash.benchmarks.sampling.sampling_protocol import SamplingSettings
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import NotFoundError, SoftdashError
from softdash.jobs.sampling_records import SamplingOrigin, SamplingPlan, SamplingRecord
from softdash.web.context import web_context
from softdash.web.figures.structure import drawn_atoms, structure_figure
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.not_found import not_found
from softdash.web.parts.number_text import count_text, seconds_text
from softdash.web.parts.page_parts import notice
from softdash.web.parts.report_heading import change_forms, deleted_notice, kept_until, owner_part
from softdash.web.parts.structure_view import (
    bonds_input,
    checked_frame,
    structure_caption,
    structure_facts,
    structure_outputs,
    structure_view,
)
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.theme import checked_theme

_VIEW = "sampled-structure"
_POLL_MILLISECONDS = 500


def is_found(sampling_id: str) -> bool:
    """Whether there is such a sampling; without one the page is sent with status 404."""
    try:
        web_context().service.samplings.sampling(sampling_id)
    except NotFoundError:
        return False
    return True


def layout(sampling_id: str = "", frame: str | None = None, **_: str) -> Component:
    """Return the page.

    Parameters
    ----------
    sampling_id : str
        From the address.
    frame : str, optional
        Number of the state that is drawn.
    """
    try:
        record = web_context().service.samplings.sampling(sampling_id)
    except NotFoundError:
        return not_found("There is no such sampling", "Its link may be mistyped, or it has expired.")
    origin = record.origin
    lead = (
        "A structure without forces cannot be diagnosed, but softdash can prepare the diagnosis: it samples states far "
        f"from equilibrium with {origin.label}, and writes the inputs of one static DFT calculation for each. One "
        "labelled frame shows its own slope; a verdict takes several."
    )
    return html.Div(
        [
            html.Div(
                [
                    html.P(
                        [f"No DFT yet? · {record.created_at:%-d %B %Y}", kept_until(record.expires_at)],
                        className="eyebrow",
                    ),
                    html.H1(shown_title(record), id="sampling-title"),
                    html.P(lead, className="lead"),
                ],
                className="page-header",
            ),
            owner_part("sampling"),
            dcc.Store(id="sampling-id", data=record.id),
            dcc.Store(id="sampling-shown", data=record.state.value),
            dcc.Interval(id="sampling-poll", interval=_POLL_MILLISECONDS, disabled=record.state.is_final),
            view_defaults(frame=1),
            html.Div(_progress(record), id="sampling-progress", **{"aria-live": "polite"}),
            html.Div(
                html.Button("Cancel", id="sampling-cancel", type="button", className="button small"),
                id="sampling-cancel-row",
                hidden=record.state.is_final,
                className="button-row no-print",
            ),
            *_expectation(record),
            *[notice(html.P(warning), kind="warning") for warning in origin.warnings],
            html.Div(_view(record, frame), id="sampling-view"),
            html.H2("What is sampled"),
            html.Dl(_facts(record), className="facts", id="sampling-facts"),
            change_forms("sampling", "sampling", record.title),
        ],
        className="report",
    )


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page(
        "sampling",
        path_template="/sampling/<sampling_id>",
        title=page_title,
        layout=layout,
        is_found=is_found,
    )
    app.callback(
        Output("sampling-progress", "children"),
        Output("sampling-view", "children"),
        Output("sampling-facts", "children"),
        Output("sampling-shown", "data"),
        Output("sampling-poll", "disabled"),
        Output("sampling-cancel-row", "hidden"),
        Input("sampling-poll", "n_intervals"),
        State("sampling-id", "data"),
        State("sampling-shown", "data"),
        prevent_initial_call=True,
    )(show)
    app.callback(
        Output("sampling-cancel", "disabled"),
        Input("sampling-cancel", "n_clicks"),
        State("sampling-id", "data"),
        prevent_initial_call=True,
    )(cancel)
    app.callback(
        Output("sampling-title", "children"),
        Output("sampling-edited", "children"),
        Output("sampling-deleted", "children"),
        Output("sampling-delete-form", "hidden"),
        Input("sampling-edit", "n_clicks"),
        Input("sampling-delete", "n_clicks"),
        State("sampling-id", "data"),
        State("sampling-delete-token", "value"),
        State("sampling-edit-title", "value"),
        prevent_initial_call=True,
    )(change)
    app.clientside_callback(
        ClientsideFunction("softdash_diagnosis", "token"),
        Output("sampling-token", "children"),
        Output("sampling-token-note", "hidden"),
        Output("sampling-delete-token", "value"),
        Input("sampling-id", "data"),
    )
    app.callback(
        structure_outputs(_VIEW),
        Input(view_id("frame"), "value"),
        bonds_input(_VIEW),
        Input("theme", "data"),
        State("sampling-id", "data"),
    )(draw)


def show(_polls: int | None, sampling_id: str, shown: str) -> tuple[Any, ...]:
    """Show how far the sampling is; the structure gives way to its states when they are there."""
    try:
        record = web_context().service.samplings.sampling(sampling_id)
    except SoftdashError as error:
        return [error_message(error)], no_update, no_update, shown, True, True
    is_final = record.state.is_final
    has_ended = record.state.value != shown and is_final
    view, facts = (_view(record, None), _facts(record)) if has_ended else (no_update, no_update)
    return _progress(record), view, facts, record.state.value, is_final, is_final


def cancel(clicks: int | None, sampling_id: str) -> bool:
    """Cancel the sampling; the next poll shows it."""
    if clicks:
        with contextlib.suppress(NotFoundError):  # deleted meanwhile: the next poll says so
            web_context().service.samplings.cancel(sampling_id)
    return bool(clicks)


def change(
    _saves: int | None, _deletions: int | None, sampling_id: str, token: str | None, title: str | None
) -> tuple[Any, ...]:
    """Set the title, or delete the sampling, whichever button was pressed, if the token is right."""
    samplings, given = web_context().service.samplings, (token or "").strip()
    try:
        if dash.ctx.triggered_id == "sampling-delete":
            samplings.delete(sampling_id, given)
            return no_update, no_update, deleted_notice("sampling"), True
        record = samplings.rename(sampling_id, given, title or "")
    except SoftdashError as error:
        return no_update, error_message(error), no_update, no_update
    return shown_title(record), html.P("Saved.", className="muted small"), no_update, no_update


def shown_title(record: SamplingRecord) -> str:
    """Return the title; the formula of a title that softdash made has subscripts."""
    formula = record.origin.structure.formula
    return record.title.replace(f"States of {formula} by", f"States of {subscripted(formula)} by")


def page_title(sampling_id: str = "") -> str:
    """Return the title of the browser's tab."""
    try:
        return f"{shown_title(web_context().service.samplings.sampling(sampling_id))} · softdash"
    except NotFoundError:
        return "States to label · softdash"


def draw(frame: int | None, bonds: bool, theme: str | None, sampling_id: str) -> tuple[Any, ...]:
    """Draw the structure, or one of its states."""
    context = web_context()
    if theme is None:
        return (no_update,) * 4
    try:
        record = context.service.samplings.sampling(sampling_id)
        number = checked_frame(frame, _frame_count(record))
        geometry = context.service.samplings.frame_geometry(sampling_id, number - 1)
    except SoftdashError as error:
        return no_update, error_message(error), no_update, no_update
    limit = context.settings.structure_atoms_drawn
    figure = structure_figure(geometry, theme=checked_theme(theme), frame=number, max_atoms=limit, bonds=bool(bonds))
    caption = structure_caption(geometry, len(drawn_atoms(geometry, limit)), None)
    return figure.to_dict(), caption, structure_facts(geometry, has_forces=False), str(number)


def _frame_count(record: SamplingRecord) -> int:
    return record.origin.plan.frame_count if record.state is DiagnosisState.DONE else 1


def _progress(record: SamplingRecord) -> list[Component]:
    label = record.origin.label
    if record.state is DiagnosisState.DONE:
        return _download(record)
    if record.state is DiagnosisState.CANCELLED:
        return [html.H2("This sampling was cancelled", className="progress-heading"), _again()]
    if record.state is DiagnosisState.FAILED:
        heading = html.H2("This sampling failed", className="progress-heading")
        return [heading, *([error_message(record.error)] if record.error else []), _again()]
    now, count = record.progress, record.origin.plan.frame_count
    is_running = record.state is DiagnosisState.RUNNING
    heading_text = f"Sampling states with {label}" if is_running else f"Waiting for {label}"
    expected = record.origin.estimated_seconds
    detail = "waiting" if expected is None else f"waiting; takes {seconds_text(expected)}"
    if now is not None:
        detail = f"{now.time_ps:.2f} ps, {now.temperature:.0f} K, {now.frames} of {count_text(count, 'state')}"
        detail += f", {seconds_text(now.seconds_left)} left" if now.seconds and is_running else ""
    share = 100 * now.step / now.step_count if now else 0
    parts: list[Component] = [html.H2(heading_text, className="progress-heading")]
    if record.message:
        parts.append(notice(html.P(record.message)))
    bar = dmc.Progress(value=share, striped=is_running, animated=is_running, **{"aria-label": f"Sampling, {label}"})
    line = html.Div([html.Span(label), html.Span(detail, className="muted number")], className="run-line")
    closing = "You can close this page: the sampling goes on, and its link leads back here."
    return [*parts, html.Div([line, bar], className="run"), html.P(closing, className="muted small")]


def _again() -> Component:
    return dcc.Link("Choose a structure again", href="/diagnose", className="button primary")


def _level(origin: SamplingOrigin) -> str:
    """Return the level of the inputs in words."""
    if origin.functional.startswith("none"):  # as classical potentials say of themselves
        return "with PBE"
    return f"at the level that {origin.label} learnt ({origin.functional})"


def _download(record: SamplingRecord) -> list[Component]:
    origin = record.origin
    steps = [
        [
            (
                "Download the archive: the states as extended XYZ, CIF and POSCAR, and for each the input of one "
                f"static calculation with VASP, Quantum ESPRESSO or GPAW, {_level(origin)}."
            )
        ],
        ["Compute one state, better all of them, with one of the codes. The README says how."],
        [
            "Bring the outputs back as one zip: ",
            dcc.Link("Diagnose your material", href="/diagnose"),
            ". Each output holds its structure and its forces, so nothing has to be matched by hand.",
        ],
    ]
    button = html.A(
        "Download states and inputs (.zip)",
        href=f"/api/v1/samplings/{record.id}.zip",
        className="button primary",
        download=True,
    )
    count = count_text(origin.plan.frame_count, "state")
    return [
        html.H2(f"{count} to label", className="progress-heading"),
        html.Ol([html.Li(step) for step in steps]),
        html.Div(button, className="button-row"),
    ]


def _expectation(record: SamplingRecord) -> list[Component]:
    expectation = record.origin.expectation
    heading = html.H2("What to expect")
    if expectation is None:
        text = f"softdash has no benchmark of {record.origin.label}, so there is nothing to expect before your DFT."
        return [heading, html.P(text, className="muted")]
    return [heading, notice(html.P(expectation.sentence))]


def _view(record: SamplingRecord, frame: str | None) -> Component:
    count = _frame_count(record)
    title = "The states" if count > 1 else "The structure"
    file_name = f"states-{record.origin.structure.formula}"
    return structure_view(_VIEW, title, count, checked_frame(frame, count), file_name=file_name)


def _strained_text(plan: SamplingPlan) -> str:
    strains = SamplingSettings(frame_count=plan.frame_count).strains
    count = sum(strain != 0 for strain in strains)
    return f", {count} of them stretched or squeezed by {100 * max(strains):g}\u00a0%" if count else ""


def _facts(record: SamplingRecord) -> list[Component]:
    origin, plan = record.origin, record.origin.plan
    times = " × ".join(str(count) for count in origin.structure.supercell)
    repeated = f", the cell of the file repeated {times}" if max(origin.structure.supercell) > 1 else ""
    facts = {
        "File": f"{origin.file_name} ({origin.structure.file_format})",
        "Cell": f"{count_text(origin.structure.atom_count, 'atom')}{repeated}",
        "Potential": origin.label,
        "Simulation": (
            f"constant volume (Langevin) at {plan.temperature:g} K; {plan.equilibration_ps:g} ps, then "
            f"{plan.time_ps:g} ps that states are taken from{_strained_text(plan)}"
        ),
        "Mean temperature": f"{record.mean_temperature:.0f} K" if record.mean_temperature else "",
        "Protocol": "Deng et al., npj Comput. Mater. 11, 9 (2025), with shorter runs than its 20 ps",
        "Computing time": seconds_text(record.progress.seconds) if record.progress and record.progress.seconds else "",
    }
    shown = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items() if value]
    remarks = [html.Div([html.Dt("Remark"), html.Dd(text)]) for text in origin.structure.warnings]
    return [*shown, *remarks]
