"""What softdash understood of an upload: shown before anything is computed, and again in the report."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, RefusedFrameRecord, Understanding, UploadedFile
from softdash.reports.reading_texts import shown_readings
from softdash.web.parts.material_names import formula_text
from softdash.web.parts.number_text import bytes_text, count_text, force_text
from softdash.web.parts.page_parts import notice
from softdash.web.parts.readings_panel import readings_panel

_FORMULAS_SHOWN = 6
_REFUSED_SHOWN = 200
_REFUSED_UNFOLDED = 3


def understanding_part(
    understanding: Understanding,
    files: Sequence[UploadedFile],
    results: Sequence[PotentialResult] = (),
    corrections: str | None = None,
) -> Component:
    """Return formula, frames, forces, level of theory, how it was read, refused frames and warnings of an upload.

    Parameters
    ----------
    understanding : Understanding
    files : sequence of UploadedFile
    results : sequence of PotentialResult
        Of a report: what they tested and doubt.
    corrections : str, optional
        Id of the store that takes corrections of the reading; without it nothing can be corrected.
    """
    readings = shown_readings(understanding, results)
    is_unit_shown = any(reading.topic == "unit" for reading in readings)
    return html.Div(
        [
            html.Dl(_facts(understanding, files, is_unit_shown=is_unit_shown), className="facts"),
            readings_panel(readings, understanding.options, corrections),
            *[notice(html.P(warning), kind="warning") for warning in understanding.warnings],
            *refused_part(understanding.refused, "left out when the files were read"),
        ]
    )


def refused_part(refused: Sequence[RefusedFrameRecord], when: str) -> list[Component]:
    """Return the list of refused frames with their reasons; empty where none was refused.

    Parameters
    ----------
    refused : sequence of RefusedFrameRecord
    when : str
        Completes the heading: "2 frames …".
    """
    if not refused:
        return []
    items = [html.Li([html.Strong(frame.origin), ": ", frame.reason]) for frame in refused[:_REFUSED_SHOWN]]
    if len(refused) > _REFUSED_SHOWN:
        items.append(html.Li(f"and {len(refused) - _REFUSED_SHOWN:,} more."))
    heading = f"{count_text(len(refused), 'frame')} {when}"
    if len(refused) <= _REFUSED_UNFOLDED:
        parts: Component = html.Div([html.P(html.Strong(heading)), html.Ul(items, className="refused")])
    else:
        reasons = list(dict.fromkeys(frame.reason for frame in refused))
        first = reasons[0] if len(reasons) == 1 else f"{len(reasons)} reasons"
        parts = html.Details([html.Summary([html.Strong(heading), f": {first}"]), html.Ul(items, className="refused")])
    return [html.Div(parts, className="notice warning")]


def _facts(understanding: Understanding, files: Sequence[UploadedFile], *, is_unit_shown: bool) -> list[Component]:
    atoms = [frame.atom_count for frame in understanding.frames]
    per_frame = f"{min(atoms)}" if min(atoms) == max(atoms) else f"{min(atoms)} to {max(atoms)}"
    each = " each" if len(understanding.frames) > 1 else ""
    energies = _how_many(understanding, sum(frame.has_energy for frame in understanding.frames))
    formulas = [formula_text(formula) for formula in understanding.formulas]
    shown = ", ".join(formulas[:_FORMULAS_SHOWN])
    if len(formulas) > _FORMULAS_SHOWN:
        shown += f" and {len(formulas) - _FORMULAS_SHOWN} more"
    facts = {
        "Material": shown,
        "Elements": ", ".join(understanding.elements),
        "Frames": _frames_text(understanding, per_frame + " atoms" + each),
        "Force components": f"{understanding.component_count:,}",
        "Largest force": f"{force_text(understanding.reference_max)} (rms {force_text(understanding.reference_rms)})",
        "Unit of forces": "" if is_unit_shown else understanding.force_unit,
        "Functional": _functional_text(understanding),
        "Spin": understanding.spin,
        "Code": understanding.code or "not said in the files",
        "Energies": energies,
        "Stresses": _how_many(understanding, sum(frame.has_stress for frame in understanding.frames)),
        "Read as": understanding.file_format,
        "Files": ", ".join(f"{file.name} ({bytes_text(file.byte_count)})" for file in files),
    }
    return [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items() if value]


def _frames_text(understanding: Understanding, per_frame: str) -> str:
    used, refused = len(understanding.frames), len(understanding.refused)
    if understanding.frames_found is not None:
        return f"{used:,} of {understanding.frames_found:,} frames, evenly chosen, {per_frame}"
    if refused:
        return f"{used:,} of {used + refused:,} frames, {per_frame}"
    return f"{count_text(used, 'frame')}, {per_frame}"


def _functional_text(understanding: Understanding) -> str:
    if understanding.functional is None:
        return "not said in the files"
    further = []
    if understanding.hubbard_u:
        further.append(f"U: {understanding.hubbard_u}")
    if understanding.dispersion:
        further.append(f"dispersion {understanding.dispersion}")
    return f"{understanding.functional} ({'; '.join(further)})" if further else understanding.functional


def _how_many(understanding: Understanding, labelled: int) -> str:
    frames = len(understanding.frames)
    if labelled in (0, frames):
        return "in every frame" if labelled else "none"
    return f"in {labelled:,} of {frames:,} frames"
