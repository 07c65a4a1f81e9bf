"""The layout of the page of a sampling: how far it is, what to expect, the structure, what is sampled."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from softdash.benchmarks.sampling.sampling_protocol import SamplingSettings
from softdash.diagnosis.records import DiagnosisState
from softdash.errors import NotFoundError
from softdash.jobs.sampling_records import SamplingOrigin, SamplingPlan, SamplingRecord
from softdash.web.context import web_context
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.not_found import not_found
from softdash.web.parts.number_text import count_text, seconds_text
from softdash.web.parts.page_parts import notice
from softdash.web.parts.report_heading import change_forms, kept_until, owner_part
from softdash.web.parts.structure_view import checked_frame, structure_view
from softdash.web.parts.view_state import view_defaults

STRUCTURE = "sampled-structure"
"""Begins the ids of its parts."""
_POLL_MILLISECONDS = 500


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
            html.Div(progress_part(record), id="sampling-progress", **{"aria-live": "polite"}),
            html.Div(
                html.Button("Cancel", id="sampling-cancel", type="button", className="button small"),
                id="sampling-cancel-row",
                hidden=record.state.is_final,
                className="button-row no-print",
            ),
            *_expectation(record),
            *[notice(html.P(warning), kind="warning") for warning in origin.warnings],
            html.Div(view_part(record, frame), id="sampling-view"),
            html.H2("What is sampled"),
            html.Dl(facts_part(record), className="facts", id="sampling-facts"),
            change_forms("sampling", "sampling", record.title),
        ],
        className="report",
    )


def shown_title(record: SamplingRecord) -> str:
    """Return the title; the formula of a title that softdash made has subscripts."""
    formula = record.origin.structure.formula
    return record.title.replace(f"States of {formula} by", f"States of {subscripted(formula)} by")


def frame_count(record: SamplingRecord) -> int:
    """Return how many frames can be drawn: the states, or the structure alone until they are there."""
    return record.origin.plan.frame_count if record.state is DiagnosisState.DONE else 1


def progress_part(record: SamplingRecord) -> list[Component]:
    """Return how far the sampling is, or the download of its states."""
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


def view_part(record: SamplingRecord, frame: str | None) -> Component:
    """Return the picture of the structure, or of its states."""
    count = frame_count(record)
    title = "The states" if count > 1 else "The structure"
    file_name = f"states-{record.origin.structure.formula}"
    return structure_view(STRUCTURE, title, count, checked_frame(frame, count), file_name=file_name)


def _strained_text(plan: SamplingPlan) -> str:
    strains = SamplingSettings(frame_count=plan.frame_count).strains
    count = sum(strain != 0 for strain in strains)
    return f", {count} of them stretched or squeezed by {100 * max(strains):g}\u00a0%" if count else ""


def facts_part(record: SamplingRecord) -> list[Component]:
    """Return the terms and values of the list under "What is sampled"."""
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
