"""Step 1 of a diagnosis: the drop zone and the shipped examples. ``assets/diagnosis.js`` brings them to life."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from softdash.jobs.service import ShippedExample
from softdash.settings import Settings
from softdash.structures.readers.file_format import Role
from softdash.structures.upload.formats import formats
from softdash.web.pages.diagnose.paste_part import paste_part
from softdash.web.parts.number_text import bytes_text, count_text

UPLOAD_ADDRESS = "/api/v1/uploads"

_ROLE_TEXT = {
    Role.LABELLED: "Frames with forces, one file is enough",
    Role.STRUCTURE: "A structure, together with a forces table; or alone, to get states to label by DFT",
    Role.FORCES: "Forces table, N×3, atoms in the order of the structure",
    Role.SUPERCELL: "Displaced supercells of phonopy",
    Role.FORCE_SETS: "Their forces",
}


def upload_step(settings: Settings, examples: Sequence[ShippedExample], chosen: str | None) -> Component:
    """Return the drop zone with its conditions, and the examples beside it.

    Parameters
    ----------
    settings : Settings
        Its limits are named, and checked in the browser before anything is sent.
    examples : sequence of ShippedExample
    chosen : str or None
        Name of the example that is chosen already.
    """
    return html.Div(
        [
            html.Div(
                [
                    _drop_zone(settings),
                    paste_part(),
                    html.Div(id="upload-status", **{"aria-live": "polite"}),
                    _formats(settings),
                ]
            ),
            html.Div([html.H3("Or start from an example"), _examples(examples, chosen)]),
        ],
        className="columns upload-step",
    )


def _drop_zone(settings: Settings) -> Component:
    return html.Div(
        [
            html.P("Drop structures with their DFT forces here", className="upload-zone-title"),
            html.Button("Choose files", id="upload-button", type="button", className="button primary"),
            html.P(
                f"up to {settings.upload_max_files} files, {bytes_text(settings.upload_max_bytes)} together",
                className="muted small",
            ),
            html.P("No DFT yet? Drop the structure alone.", className="small"),
        ],
        id="upload-zone",
        className="upload-zone",
        **{
            "data-address": UPLOAD_ADDRESS,
            "data-max-frames": f"{settings.frames_max:,}",
            "data-max-bytes": str(settings.upload_max_bytes),
            "data-max-files": str(settings.upload_max_files),
        },
    )


def _formats(settings: Settings) -> Component:
    rows = []
    for role, text in _ROLE_TEXT.items():
        of_role = [file_format for file_format in formats() if file_format.role is role]
        names: list[str | Component] = []
        for position, file_format in enumerate(of_role):
            names += [
                ", " if position else "",
                f"{file_format.name} ",
                html.Span(f"({file_format.names_shown})", className="muted"),
            ]
        rows += [html.Dt(text), html.Dd(names)]
    kept = (
        "until you delete them"
        if settings.report_days is None
        else f"for {settings.report_days} days, or until you delete them"
    )
    return html.Div(
        [
            html.Dl(rows, className="formats"),
            html.P(
                [
                    (
                        "Several files at once, or a .zip: structures and forces are matched by their names; every "
                        "file may be gzipped (.gz). Forces are taken in the unit that the file states, else in eV/Å; "
                        "you can choose after reading. At most "
                        f"{settings.frames_max:,} frames, {settings.atoms_per_frame_max:,} atoms each."
                    )
                ]
            ),
            html.P(
                [
                    (
                        f"The files and the result are stored on this server {kept}. A result has a link that cannot "
                        "be guessed and is listed nowhere; whoever has the link can read it. "
                    ),
                    dcc.Link("How the numbers are made", href="/methods"),
                    ".",
                ]
            ),
        ],
        className="small muted upload-conditions",
    )


def _examples(examples: Sequence[ShippedExample], chosen: str | None) -> Component:
    return html.Ul(
        [html.Li(_example_button(example, example.name == chosen)) for example in examples], className="examples"
    )


def _example_button(example: ShippedExample, is_chosen: bool) -> Component:
    frames, atoms = count_text(example.frame_count, "frame"), count_text(example.atom_count, "atom")
    return html.Button(
        [
            html.Span(example.title, className="example-title"),
            html.Span(f"{frames} · {atoms}", className="muted small"),
            html.Span(example.lesson, className="example-lesson"),
        ],
        type="button",
        className="example",
        **{"data-example": example.name, "aria-pressed": "true" if is_chosen else "false"},
    )
