"""The atoms and frames where a potential errs most; a click shows them in space and in the parity plot."""

from __future__ import annotations

from ase.data import chemical_symbols
from dash import html
from dash.development.base_component import Component

from softdash.diagnosis.records import PotentialResult, Report
from softdash.reports.influence_texts import influence_text, outlier_text
from softdash.softening import three_digits
from softdash.softening.answers import AtomError, FrameError
from softdash.web.parts.page_parts import exact_number, table_tools

_ATOM_COLUMNS = (
    ("Atom", ""),
    ("Frame", "number"),
    ("|F| DFT (eV/Å)", "number"),
    ("|F| predicted (eV/Å)", "number"),
    ("Error (eV/Å)", "number"),
)
_FRAME_COLUMNS = (("Frame", ""), ("MAE (eV/Å)", "number"), ("Share of squared error (%)", "number"))


def worst_part(report: Report, chosen: PotentialResult, frame: int, atom: int | None) -> list[Component]:
    """Return both lists with what they say about the slope; empty for reports that did not keep them.

    Parameters
    ----------
    report : Report
    chosen : PotentialResult
    frame, atom : int
        What is marked now, counted from 1.
    """
    influence = chosen.influence
    if influence is None:
        return []
    outliers = {(item.frame, item.atom) for item in influence.outliers}
    atoms = [
        _atom_row(item, (item.frame + 1, item.atom + 1) == (frame, atom), (item.frame, item.atom) in outliers)
        for item in influence.worst_atoms
    ]
    frames = [_frame_row(report, item, item.frame + 1 == frame) for item in influence.worst_frames]
    return [
        html.Div(
            [
                html.H3(f"Atoms with the largest error of {chosen.potential.label}"),
                html.P(outlier_text(influence), className="muted small"),
                _table("worst-atoms", _ATOM_COLUMNS, atoms, "Atoms with the largest error"),
            ]
        ),
        html.Div(
            [
                html.H3("Frames with the largest error"),
                html.P(influence_text(report, chosen), className="muted small"),
                _table("worst-frames", _FRAME_COLUMNS, frames, "Frames with the largest error"),
            ]
        ),
    ]


def _atom_row(item: AtomError, is_marked: bool, is_outlier: bool) -> Component:
    symbol = chemical_symbols[item.atomic_number]
    button = html.Button(
        f"{symbol} {item.atom + 1}",
        type="button",
        className="text-button",
        **{
            "data-frame": str(item.frame + 1),
            "data-atom": str(item.atom + 1),
            "aria-label": f"Show atom {item.atom + 1} ({symbol}) of frame {item.frame + 1}",
        },
    )
    outlier = [html.Span(" ●", title="Outlier", className="outlier-mark")] if is_outlier else []
    sizes = (_length(item.reference), _length(item.predicted), item.error)
    cells = [
        html.Th([button, *outlier], scope="row"),
        html.Td(str(item.frame + 1), className="number"),
        *(html.Td(three_digits(size), className="number", **exact_number(size)) for size in sizes),
    ]
    return html.Tr(cells, className="marked" if is_marked else "")


def _frame_row(report: Report, item: FrameError, is_shown: bool) -> Component:
    number = item.frame + 1
    button = html.Button(
        f"Frame {number}",
        type="button",
        className="text-button",
        title=report.understanding.frames[item.frame].origin,
        **{"data-frame": str(number)},
    )
    share = 100 * item.error_share
    cells = [
        html.Th(button, scope="row"),
        html.Td(three_digits(item.mae), className="number", **exact_number(item.mae)),
        html.Td(three_digits(share), className="number", **exact_number(share)),
    ]
    return html.Tr(cells, className="marked" if is_shown else "")


def _table(table_id: str, columns: tuple[tuple[str, str], ...], rows: list[Component], label: str) -> Component:
    head = html.Tr([html.Th(title, className=kind, scope="col") for title, kind in columns])
    table = html.Table([html.Thead(head), html.Tbody(rows)], id=table_id, className="data worst")
    scroll = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": label})
    return html.Div([scroll, table_tools(table_id, f"softdash-{table_id}")])


def _length(vector: tuple[float, float, float]) -> float:
    return float(sum(part * part for part in vector) ** 0.5)
