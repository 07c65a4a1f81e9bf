"""The structure on a report's page: frames in space with both forces, marked atoms, worst atoms and frames.

It stands beside the report's body, which polls and is drawn anew, so that the visitor's frame and view stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component
from numpy.typing import NDArray

from softdash.diagnosis.records import DiagnosisRecord, DiagnosisState, PotentialResult, Understanding
from softdash.diagnosis.reports import ForcePoints
from softdash.errors import SoftdashError
from softdash.potentials.look import look_of
from softdash.reports.material_names import subscripted
from softdash.structures.frames.frame_geometry import FrameGeometry
from softdash.web.context import web_context
from softdash.web.figures.structure import AtomErrors, ForceArrows, drawn_atoms, longest_force, structure_figure
from softdash.web.pages.report.body import chosen_result
from softdash.web.pages.report.worst import worst_part
from softdash.web.parts.error_message import error_message
from softdash.web.parts.selection_controls import segmented
from softdash.web.parts.structure_view import (
    bonds_input,
    checked_frame,
    structure_caption,
    structure_facts,
    structure_outputs,
    structure_view,
)
from softdash.web.parts.view_state import view_id
from softdash.web.parts.viewed_report import ViewedReport, viewed_report
from softdash.web.theme import INK, Theme, checked_theme

_PREFIX = "report-structure"
ARROWS = {"both": "Both", "dft": "DFT", "difference": "Difference", "none": "None"}
"""Which forces the arrows show (both: DFT and predicted; the difference: predicted minus DFT)."""
COLOURS = {"error": "Force error", "element": "Element"}
"""What the colours of the atoms show."""
_OUTPUTS = {
    **structure_outputs(_PREFIX),
    "worst": Output("report-worst", "children"),
    "marked": Output("report-marked", "data"),
}


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFrame:
    """One frame of a report with the forces of one potential.

    Attributes
    ----------
    predicted : ndarray, shape (N, 3), or None
        eV/Å; None where the potential gave none for the frame.
    largest_error : float
        Longest force error of all atoms of the material's frames, eV/Å: the end of the colour scale.
    """

    geometry: FrameGeometry
    number: int
    result: PotentialResult | None
    predicted: NDArray[np.float64] | None
    largest_error: float


def structure_section(
    record: DiagnosisRecord,
    frame: str | None,
    atom: str | None,
    arrows: str | None,
    colours: str | None,
    material: str | None = None,
) -> Component:
    """Return the section with its controls; `register_report_structure` adds the callback that fills it."""
    try:
        understanding = web_context().service.upload(record.upload_id).understanding
    except SoftdashError:
        return html.Div()
    count = len(understanding.frames)
    first, last = frames_shown(understanding, material)
    number = checked_frame(frame, count)
    controls = [
        segmented("arrows", "Force arrows", ARROWS, arrows),
        segmented("colours", "Colours", COLOURS, colours),
    ]
    return html.Section(
        [
            html.H2("Where it errs"),
            html.P(
                "Atoms by the force error of the potential chosen above. Choose an atom in the lists, in the picture, "
                "or in the parity plot: it is marked in all of them.",
                className="prose muted",
            ),
            dcc.Input(id=view_id("atom"), type="hidden", value=atom if atom and atom.isdecimal() else ""),
            dcc.Store(id="report-marked"),
            html.Div(id="report-marks-drawn", hidden=True),
            structure_view(
                _PREFIX,
                "The structure with its forces",
                count,
                number if first <= number <= last else first,
                frames=(first, last),
                file_name=f"structure-{record.id[:8]}",
                controls=controls,
            ),
            html.Div(id="report-worst", className="columns"),
        ],
        id="report-structure",
        className="report-structure",
        # Of several materials together no atom is the worst: each has its own.
        hidden=record.state is not DiagnosisState.DONE or (understanding.materials.are_several and material is None),
    )


def first_frame(record: DiagnosisRecord, material: str | None) -> int:
    """Return the frame, counted from 1, that a report shows first: the first of its material."""
    try:
        return frames_shown(web_context().service.upload(record.upload_id).understanding, material)[0]
    except SoftdashError:
        return 1


def is_material(report_id: str, material: str | None) -> bool:
    """Whether a diagnosis of several materials has one of this name."""
    service = web_context().service
    try:
        materials = service.upload(service.diagnosis(report_id).upload_id).understanding.materials
    except SoftdashError:
        return False
    return materials.are_several and any(one.name == material for one in materials.materials)


def frames_shown(understanding: Understanding, material: str | None) -> tuple[int, int]:
    """Return the first and last frame, counted from 1, of a material; of the upload where it has no such material."""
    found = next((one for one in understanding.materials.materials if one.name == material), None)
    if found is None:
        return 1, len(understanding.frames)
    return found.frames[0] + 1, found.frames[-1] + 1


def register_report_structure(app: Dash) -> None:
    """Add the callback that draws."""
    app.callback(
        output=_OUTPUTS,
        inputs={
            **{key: Input(view_id(key), "value") for key in ("frame", "atom", "arrows", "colours", "potential")},
            "bonds": bonds_input(_PREFIX),
            "is_hidden": Input("report-structure", "hidden"),
            "theme": Input("theme", "data"),
        },
        state={"report_id": State("report-id", "data"), "material": State(view_id("material"), "value")},
    )(draw_structure)


def draw_structure(
    frame: object,
    atom: object,
    arrows: str | None,
    colours: str | None,
    bonds: bool,
    potential: str | None,
    is_hidden: bool,
    theme: str | None,
    report_id: str,
    material: str | None = None,
) -> dict[str, Any]:
    """Draw one frame of a finished report; nothing while there is none."""
    unchanged = dict.fromkeys(_OUTPUTS, no_update)
    if theme is None or is_hidden:
        return unchanged
    context = web_context()
    try:
        viewed = viewed_report(context.service.report(report_id), material)
        report, points = viewed.shown, context.service.points(report_id)
        upload_id = context.service.diagnosis(report_id).upload_id
        number = checked_frame(frame, len(report.understanding.frames))
        geometry = context.service.frame_geometry(upload_id, number - 1)
    except SoftdashError as error:
        return {**unchanged, "caption": error_message(error), "marked": None}
    compared = _compared(points, viewed, geometry, number, chosen_result(report, potential))
    marked = checked_frame(atom, len(geometry.numbers)) if atom else None
    limit = context.settings.structure_atoms_drawn
    ink = checked_theme(theme)
    shown = _arrows(compared, arrows, ink)
    errors = _errors(compared) if colours != "element" else None
    figure = structure_figure(
        geometry,
        theme=ink,
        frame=number,
        max_atoms=limit,
        arrows=shown,
        errors=errors,
        bonds=bool(bonds),
        marked=None if marked is None else marked - 1,
    )
    drawn = drawn_atoms(geometry, limit, errors)
    longest = max((longest_force(one.forces[drawn]) for one in shown), default=0.0)
    return {
        "figure": figure.to_dict(),
        "caption": structure_caption(geometry, len(drawn), longest),
        "facts": structure_facts(geometry, _error_facts(compared, viewed)),
        "number": str(number),
        "worst": worst_part(report, compared.result, number, marked) if compared.result is not None else [],
        "marked": marked_components(points, number, marked),
    }


def marked_components(points: ForcePoints, frame: int, atom: int | None) -> dict[str, list[list[float]]] | None:
    """Return the marked atom's DFT and predicted force components by potential, for the rings in the parity plots."""
    if atom is None:
        return None
    (row,) = np.flatnonzero((points.frame == frame - 1) & (points.atom == atom - 1))
    reference = [round(float(value), 4) for value in points.reference[row]]
    return {
        name: [reference, [round(float(value), 4) for value in predicted[row]]]
        for name, predicted in points.predicted.items()
        if np.isfinite(predicted[row]).all()
    }


def _compared(
    points: ForcePoints, viewed: ViewedReport, geometry: FrameGeometry, number: int, result: PotentialResult
) -> ComparedFrame:
    forces = points.predicted.get(result.potential.name)
    if forces is None:
        return ComparedFrame(geometry, number, result if result.statistics else None, None, 1.0)
    of_material = viewed.points(points)
    lengths = np.linalg.norm(of_material.predicted[result.potential.name] - of_material.reference, axis=1)
    largest = float(np.nanmax(lengths)) if np.isfinite(lengths).any() else 1.0
    here = forces[points.frame == number - 1]
    predicted = here if np.isfinite(here).all() and len(here) else None
    return ComparedFrame(geometry, number, result, predicted, largest or 1.0)


def _arrows(compared: ComparedFrame, kind: str | None, theme: Theme) -> list[ForceArrows]:
    dft = ForceArrows("DFT", compared.geometry.forces)
    if kind == "none":
        return []
    if compared.predicted is None or compared.result is None or kind == "dft":
        return [dft]
    name, label = compared.result.potential.name, compared.result.potential.label
    colour = look_of(name).colour
    if kind == "difference":
        colour = colour or INK[theme].text
        return [ForceArrows(f"{label} − DFT", compared.predicted - compared.geometry.forces, colour)]
    return [dft, ForceArrows(label, compared.predicted, colour)]


def _errors(compared: ComparedFrame) -> AtomErrors | None:
    if compared.predicted is None or compared.result is None:
        return None
    values = np.linalg.norm(compared.predicted - compared.geometry.forces, axis=1)
    return AtomErrors(values, compared.largest_error, compared.result.potential.label)


def _error_facts(compared: ComparedFrame, viewed: ViewedReport) -> list[tuple[str, str]]:
    if viewed.material is not None and compared.number - 1 not in viewed.frames:
        return [("Material", f"not {subscripted(viewed.material)}: another one of this upload")]
    if compared.result is None or compared.result.statistics is None:
        return []
    label = compared.result.potential.label
    own = next((one for one in compared.result.statistics.frames if one.frame == compared.number - 1), None)
    if own is None:
        return [(label, "could not compute this frame")]
    slope = "–" if own.slope is None else f"{own.slope:.3f}"
    return [(f"Slope of {label} here", slope), ("MAE here", f"{own.mae:.3g} eV/Å")]
