"""One material of the benchmark: its forces for the parity plot, its statistics, its elements."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.benchmarks.high_energy.shared_frames import element_slopes_on_shared_frames, on_shared_frames, set_aside
from softdash.catalog import Catalog
from softdash.errors import NotFoundError
from softdash.softening import three_digits
from softdash.softening.agreement import error_split_of
from softdash.softening.breakdowns import FEWEST_COMPONENTS_SHOWN
from softdash.softening.statistics import Interval
from softdash.web.figures.parity import ParityFit, ParitySeries
from softdash.web.parts.data_sets import dataset_label
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.number_text import count_text
from softdash.web.parts.page_parts import exact_number, table_tools
from softdash.web.parts.slope_side import finding_of
from softdash.web.parts.swatch import swatch

_LEVEL = 0.95
_NEAREST = 15


@dataclass(frozen=True, slots=True)
class _LeverageShare:
    share: float


@dataclass(frozen=True, slots=True)
class MaterialStatistics:
    """The statistics of one row of the table of materials, under the names of `SofteningStatistics`."""

    slope: float
    slope_interval: Interval | None
    slope_with_intercept: float
    intercept: float
    huber_slope: float
    r_squared: float
    mae: float
    rmse: float
    corrected_mae: float
    error_reduction: float
    inverse_slope: float
    linear_correction: float
    mae_at_linear_correction: float
    largest_leverage: _LeverageShare
    reference_rms: float
    reference_max: float
    error_shares: tuple[float, float] | None
    frame_count: int
    component_count: int

    @classmethod
    def of(cls, row: pd.Series) -> MaterialStatistics:
        """Take them from a row of the table."""
        return cls(
            slope=float(row["slope"]),
            slope_interval=_interval(row),
            slope_with_intercept=float(row["slope_with_intercept"]),
            intercept=float(row["intercept"]),
            huber_slope=float(row["huber_slope"]),
            r_squared=float(row["r_squared"]),
            mae=float(row["mae"]),
            rmse=float(row["rmse"]),
            corrected_mae=float(row["corrected_mae"]),
            error_reduction=float(row["error_reduction"]),
            inverse_slope=1 / float(row["slope"]),
            linear_correction=float(row["linear_correction"]),
            mae_at_linear_correction=float(row["mae_at_linear_correction"]),
            largest_leverage=_LeverageShare(float(row["largest_leverage"])),
            reference_rms=float(row["reference_rms"]),
            reference_max=float(row["reference_max"]),
            error_shares=error_split_of(float(row["slope"]), float(row["reference_rms"]), float(row["rmse"])),
            frame_count=int(row["frame_count"]),
            component_count=int(row["component_count"]),
        )


def material_rows(catalog: Catalog, material_id: str, chosen: MaterialSelection) -> pd.DataFrame:
    """Return the rows of one material, one per chosen potential, all of the same data set and on the same frames.

    Raises
    ------
    NotFoundError
        If no chosen potential has the material.
    """
    table = catalog.materials()
    found = table[(table["material_id"] == material_id) & table["potential"].isin(chosen.potentials)]
    if found.empty:
        raise NotFoundError(
            f"There is no softening scale of '{material_id}' by the chosen potentials.",
            advice="Choose a material from the table, or another potential.",
        )
    preferred = found[found["dataset"].isin(chosen.data)]
    kept = preferred if len(preferred) else found
    kept = kept[kept["dataset"] == kept.iloc[0]["dataset"]]
    order = {name: place for place, name in enumerate(chosen.potentials)}
    return on_shared_frames(catalog, kept.sort_values("potential", key=lambda names: names.map(order)))


def nearest_material(rows: pd.DataFrame, slope: float) -> str | None:
    """Return the identifier of the material whose slope is nearest to `slope`; None where there are no rows."""
    if rows.empty:
        return None
    distance = (rows["slope"] - slope).abs().to_numpy()
    return str(rows["material_id"].iloc[int(np.argmin(distance))])


def typical_material(rows: pd.DataFrame, slope: float) -> str | None:
    """Return a material near `slope` whose own slope is sure: the narrowest interval among the nearest few."""
    if rows.empty:
        return None
    distance = (rows["slope"] - slope).abs()
    nearest = rows.loc[distance.sort_values(kind="stable").index[:_NEAREST]]
    width = (nearest["interval_high"] - nearest["interval_low"]).fillna(np.inf).to_numpy()
    return str(nearest["material_id"].iloc[int(np.argmin(width))])


def parity_series(catalog: Catalog, rows: pd.DataFrame) -> list[ParitySeries]:
    """Return the force components of one material, a series per row (potential)."""
    series = []
    for _, row in rows.iterrows():
        potential = str(row["potential"])
        points = catalog.parity_points(str(row["dataset"]), potential, str(row["material_id"]))
        points = points[~points["frame"].isin(set_aside(row))]
        series.append(
            ParitySeries.from_forces(
                potential,
                potential_label(potential),
                points[["reference_x", "reference_y", "reference_z"]].to_numpy(dtype=np.float64),
                points[["predicted_x", "predicted_y", "predicted_z"]].to_numpy(dtype=np.float64),
                _fit(row),
                elements=points["element"].to_numpy(dtype=np.str_),
                frames=points["frame"].to_numpy(dtype=np.int_),
                atoms=points["atom"].to_numpy(dtype=np.int_),
            )
        )
    return series


def _fit(row: pd.Series) -> ParityFit:
    interval = _interval(row)
    return ParityFit(
        slope=float(row["slope"]),
        interval_low=interval.low if interval else None,
        interval_high=interval.high if interval else None,
        r_squared=float(row["r_squared"]),
        mae=float(row["mae"]),
        corrected_mae=float(row["corrected_mae"]),
    )


def _interval(row: pd.Series) -> Interval | None:
    if pd.isna(row["interval_low"]) or pd.isna(row["interval_high"]):
        return None
    return Interval(float(row["interval_low"]), float(row["interval_high"]), _LEVEL, row["interval_method"])


def material_finding(rows: pd.DataFrame) -> str:
    """Return the title of the parity plot: what it shows; too small or too large only where that is firm."""
    formula = subscripted(str(rows.iloc[0]["formula"]))
    if len(rows) > 1:
        slopes = ", ".join(
            f"{row['slope']:.3f} ({potential_label(str(row['potential']))})" for _, row in rows.iterrows()
        )
        return f"{formula}: slopes {slopes}"
    row = rows.iloc[0]
    label, slope = potential_label(str(row["potential"])), _fit(row).slope_text
    found = finding_of(row)
    if found == "below" or found == "above":
        side = "small" if found == "below" else "large"
        percent = f"{100 * abs(1 - float(row['slope'])):.0f} %"
        return f"{label} forces in {formula} are {percent} too {side}: slope {slope}"
    if found == "one_frame":
        return f"{formula}: slope {slope} by {label} in its one frame, too few for a verdict"
    return f"{formula}: slope {slope} by {label}, {_NO_VERDICT[found]}"


_NO_VERDICT = {
    "agrees": "which agrees with 1",
    "open": "no clear bias",
    "no_interval": "without an interval, which gives no verdict",
    "negative": "the wrong sign: no verdict on softening",
    "loose": "with too much scatter for a verdict",
    "near_equilibrium": "too near equilibrium for a verdict",
}


def material_caption(rows: pd.DataFrame) -> str:
    """Say n, source, functional and what the interval rests on."""
    row = rows.iloc[0]
    units = {
        "jackknife by frame": "the spread between frames",
        "jackknife by block of frames": "the spread between blocks of frames",
        "spread between frames": "the spread between frames that other compounds show",
        "cluster by frame": "the spread between frames",
        "cluster by atom": "the spread between atoms of its one frame",
    }
    interval = units.get(str(row["interval_method"]))
    pressure = "" if pd.isna(row["pressure_gpa"]) else f", mean pressure {three_digits(float(row['pressure_gpa']))} GPa"
    meaning = f" ± and the shaded wedge are the 95 % interval from {interval}." if interval else ""
    name = f"{subscripted(str(row['formula']))} ({row['material_id']})"
    origin = f"{name}, {dataset_label(str(row['dataset']))}, {row['functional']}"
    components = count_text(int(row["component_count"]), "force component")
    return (
        f"{origin}{pressure}: {components} of {count_text(int(row['frame_count']), 'frame')}.{_frames_note(rows)}"
        f"{meaning} Dashed: the diagonal; line: least squares through the origin."
    )


def _frames_note(rows: pd.DataFrame) -> str:
    """Say which frames are left out since not all potentials computed them, or that the slopes' frames differ."""
    aside = sorted({frame for _, row in rows.iterrows() for frame in set_aside(row)})
    if aside:
        numbers = ", ".join(map(str, aside))
        left = f"frame {numbers} is" if len(aside) == 1 else f"frames {numbers} are"
        return f" Of the frames only those count that all shown potentials computed: {left} left out."
    if len(set(rows["frames_not_shared"].fillna(""))) > 1:
        return " The slopes rest on different frames, as not all shown potentials computed the same."
    return ""


def left_out(catalog: Catalog, rows: pd.DataFrame) -> Component | None:
    """List the frames of this material that were left out, and why; None when there are none."""
    failures = catalog.failures(str(rows.iloc[0]["dataset"]))
    here = failures["material_id"].isin(rows["material_id"]) & failures["potential"].isin(rows["potential"])
    found = failures[here]
    if found.empty:
        return None
    items = [
        html.Li(f"{potential_label(str(one.potential))}, {_frame_text(one.frame)}: {one.reason}")
        for one in found.itertuples()
    ]
    return html.Div([html.H4("Left out"), html.Ul(items)], className="small")


def _frame_text(frame: object) -> str:
    return "whole material" if pd.isna(frame) else f"frame {frame}"


def element_table(catalog: Catalog, rows: pd.DataFrame) -> Component:
    """Return the slopes per element, potentials below each other."""
    first = rows.iloc[0]
    table = element_slopes_on_shared_frames(catalog, rows)
    if table.empty:
        return html.P(
            "No element of this material has enough force components for a slope of its own.", className="muted"
        )
    head = html.Tr(
        [
            html.Th("Element", scope="col"),
            html.Th("Potential", scope="col"),
            html.Th("Slope", scope="col", className="number"),
            html.Th("MAE (eV/Å)", scope="col", className="number"),
            html.Th("Components", scope="col", className="number"),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(str(one.element), scope="row"),
                html.Td([swatch(str(one.potential)), potential_label(str(one.potential))], className="nowrap"),
                _slope_cell(one.slope, one.interval_low, one.interval_high),
                html.Td(three_digits(float(one.mae)), className="number", **exact_number(one.mae)),
                html.Td(f"{int(one.component_count):,}", className="number"),
            ]
        )
        for one in table.sort_values(["element", "potential"]).itertuples()
    ]
    caption = html.P(
        f"Least squares with intercept; elements with fewer than {FEWEST_COMPONENTS_SHOWN} components are left out.",
        className="muted small",
    )
    scrolling = html.Div(
        html.Table([html.Thead(head), html.Tbody(body)], id="element-table", className="data"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": "Slopes per element"},
    )
    tools = table_tools("element-table", f"softdash-elements-{first['formula']}")
    return html.Div([html.H3("Slope per element"), caption, scrolling, tools], className="figure-card")


def _slope_cell(slope: float, low: float, high: float) -> html.Td:
    if pd.isna(low) or pd.isna(high):
        return html.Td(f"{slope:.3f}", className="number", **exact_number(slope))
    text = f"{slope:.3f} ± {(high - low) / 2:.3f}"
    return html.Td(text, className="number", **exact_number(slope, (low, high)))
