"""The figure that explains softening: real forces of one material, and a slider that multiplies them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.potentials.look import look_of
from softdash.web.pages.overview.sketch import ExampleMaterial, draggable_figure
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.material_names import formula_text
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import Children, download_tools, notice, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.slope_side import finding_of
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id

SCALE_MIN, SCALE_MAX = 0.5, 1.2
EXAMPLE = ("gpaw_pbe", "chgnet-0.3.0", "gpaw-LiF")
"""Data set, potential and material of the figure: clearly softened, little scatter, and close to the median that the
paper reports for the same potential; its forces are softdash's own and free to ship."""


def example_material(catalog: Catalog) -> ExampleMaterial:
    """Return the real forces behind the figure.

    Raises
    ------
    SoftdashError
        If they were not computed, or their files are in quarantine.
    """
    row = catalog.material(*EXAMPLE)
    points = catalog.parity_points(*EXAMPLE)
    low, high = row["interval_low"], row["interval_high"]
    return ExampleMaterial(
        dataset=EXAMPLE[0],
        potential=EXAMPLE[1],
        formula=formula_text(str(row["formula"])),
        functional=str(row["functional"]),
        frame_count=int(row["frame_count"]),
        slope=float(row["slope"]),
        interval_half_width=None if math.isnan(low) or math.isnan(high) else float(high - low) / 2,
        reference=points[["reference_x", "reference_y", "reference_z"]].to_numpy(dtype=np.float64).ravel(),
        predicted=points[["predicted_x", "predicted_y", "predicted_z"]].to_numpy(dtype=np.float64).ravel(),
        elements=[str(element) for element in points["element"] for _ in range(3)],
    )


def checked_scale(text: str | float | None, start: float) -> float:
    """Return the slider's position from an address; the real slope for anything that is not one."""
    try:
        value = float(text) if text is not None else start
    except ValueError:
        return start
    return round(value, 3) if SCALE_MIN <= value <= SCALE_MAX else start


def explaining_figure(catalog: Catalog, scale: str | None) -> Component:
    """Return the figure with its controls; a notice where the forces of its material are missing."""
    try:
        example = example_material(catalog)
    except SoftdashError as error:
        return notice(f"The explaining figure needs the forces of one material, which are not here. {error.what}")
    label = potential_label(example.potential)
    shown, look = checked_scale(scale, example.start), look_of(example.potential)
    fit = (label, look.colour, "solid")
    panels = [
        _panel("overview-energy", "Potential energy", [("DFT", "currentColor", "solid"), fit]),
        _panel("overview-parity", "Forces", [("exact (slope 1.00)", "var(--ink-faint)", "dashed"), fit]),
    ]
    facts: dict[str, Children | None] = {"Data set": f"{dataset_label(example.dataset)}, {example.functional}"}
    facts |= resource_facts(catalog, schemas.points_path(example.dataset, example.potential))
    return html.Figure(
        [
            html.H2(_example_title(catalog, example, label)),
            _scale_control(example, shown),
            html.Div(panels, className="overview-graphs"),
            html.Figcaption(_caption(example, label)),
            download_tools("figure", "data-overview-download"),
            provenance(facts),
            dcc.Store(id="overview-example", data=draggable_figure(example, label=label, colour=look.colour)),
            view_defaults(scale=example.start),
        ],
        className="figure-card overview-figure",
    )


def _example_title(catalog: Catalog, example: ExampleMaterial, label: str) -> str:
    """Say by how much the forces are too small or large, where that is firm."""
    sides = {"below": "small", "above": "large"}
    side = sides.get(finding_of(catalog.material(*EXAMPLE)))
    if side is None:
        return f"The forces of {label} in {example.formula} have the slope {example.slope:.3f}"
    return f"{label} predicts forces in {example.formula} that are {100 * abs(1 - example.slope):.0f} % too {side}"


def _panel(panel_id: str, heading: str, lines: Sequence[tuple[str, str, str]]) -> html.Div:
    """Return a heading, a legend (name, colour and style of each line) and the place where the browser draws."""
    keys = [
        html.Span([html.Span(className="line-key", style={"borderTopColor": colour, "borderTopStyle": style}), name])
        for name, colour, style in lines
    ]
    plot = html.Div(
        id=panel_id, className="overview-plot", role="img", **{"aria-label": f"{heading}, by the softening scale"}
    )
    return html.Div([html.H3(heading), html.P(keys, className="legend"), plot])


def _scale_control(example: ExampleMaterial, shown: float) -> html.Div:
    marks: list[dict[str, Any]] = [{"value": value, "label": f"{value:.1f}"} for value in (0.5, 1.0, 1.2)]
    real: dict[str, Any] = {"value": example.start, "label": f"real: {example.start:.3f}"}
    slider = dmc.Slider(
        id=view_id("scale"),
        value=shown,
        min=SCALE_MIN,
        max=SCALE_MAX,
        step=0.01,
        precision=3,
        marks=[*marks, real],
        updatemode="drag",
        label=None,
        size="md",
        thumbSize=24,
        thumbLabel="Softening scale",
    )
    reset = html.Button("Back to the real slope", id="overview-reset", type="button", className="text-button")
    heading = html.Div(
        [html.Span([term("softening scale", "Softening scale"), ": drag it"], className="field-label"), reset],
        className="overview-slider-heading",
    )
    numbers = [
        _number("Softening scale s", "overview-scale"),
        _number("Forces", "overview-forces"),
        _number("Correction 1/s", "overview-correction"),
        _number("Frequencies √s", "overview-frequencies"),
    ]
    return html.Div(
        [html.Div([heading, slider], className="overview-slider"), html.Dl(numbers, className="overview-numbers")],
        className="overview-control",
    )


def _number(name: str, number_id: str) -> html.Div:
    return html.Div([html.Dt(name), html.Dd("–", id=number_id)])


def _caption(example: ExampleMaterial, label: str) -> str:
    spread = "" if example.interval_half_width is None else f" ± {example.interval_half_width:.3f}"
    return (
        f"Right: {example.reference.size} force components of {example.frame_count} frames of {example.formula} at "
        f"1000 K, {example.functional} against {label}; recomputed, real slope {example.slope:.3f}{spread} "
        "(95 % interval). At any other position of the slider the predicted forces are multiplied by scale / real "
        "slope: a what-if, not a calculation. Left: a sketch (Morse curve) whose energies are multiplied by the "
        "scale; the arrows are the forces on the displaced atom."
    )
