"""What softdash understood of an upload: shown before anything is computed, and again in the report."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import RefusedFrameRecord, Understanding, UploadedFile
from softdash.web.components.material_names import formula_text
from softdash.web.components.number_text import bytes_text, count_text, force_text
from softdash.web.components.page_parts import notice

_FORMULAS_SHOWN = 6
_REFUSED_SHOWN = 20


def understanding_part(understanding: Understanding, files: Sequence[UploadedFile]) -> Component:
    """Return formula, frames, forces, level of theory, refused frames and warnings of an upload."""
    return html.Div(
        [
            html.Dl(_facts(understanding, files), className="facts"),
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
    return [html.Div([html.P(html.Strong(heading)), html.Ul(items, className="refused")], className="notice warning")]


def _facts(understanding: Understanding, files: Sequence[UploadedFile]) -> list[Component]:
    atoms = [frame.atom_count for frame in understanding.frames]
    per_frame = f"{min(atoms)}" if min(atoms) == max(atoms) else f"{min(atoms)} to {max(atoms)}"
    each = " each" if len(understanding.frames) > 1 else ""
    with_energy = sum(frame.has_energy for frame in understanding.frames)
    energies = f"in {with_energy} of {len(understanding.frames)} frames"
    if with_energy in (0, len(understanding.frames)):
        energies = "in every frame" if with_energy else "none"
    formulas = [formula_text(formula) for formula in understanding.formulas]
    shown = ", ".join(formulas[:_FORMULAS_SHOWN])
    if len(formulas) > _FORMULAS_SHOWN:
        shown += f" and {len(formulas) - _FORMULAS_SHOWN} more"
    facts = {
        "Material": shown,
        "Elements": ", ".join(understanding.elements),
        "Frames": f"{count_text(len(understanding.frames), 'frame')}, {per_frame} atoms{each}",
        "Force components": f"{understanding.component_count:,}",
        "Largest force": f"{force_text(understanding.reference_max)} (rms {force_text(understanding.reference_rms)})",
        "Force unit": understanding.force_unit,
        "Functional": understanding.functional or "not said in the files",
        "Code": understanding.code or "not said in the files",
        "Energies": energies,
        "Read as": understanding.file_format,
        "Files": ", ".join(f"{file.name} ({bytes_text(file.byte_count)})" for file in files),
    }
    return [html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts.items()]
