"""What the page of correction answers: four steps on one system, and how many labels one factor needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from dash import Output, html, no_update
from dash.development.base_component import Component

from softdash.catalog.correction_schemas import (
    FINE_TUNING,
    FINE_TUNING_EPOCHS,
    LINEAR_CORRECTION,
    fine_tuning_points_path,
)
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.correction.fine_tuning import panel_figure
from softdash.web.pages.correction.label_curves import epoch_figure, learning_curve_figure, worse_share_figure
from softdash.web.pages.correction.series import (
    POTENTIAL,
    epoch_curves,
    label_curves,
    panels,
    rows_of_material,
    worse_shares,
)
from softdash.web.pages.correction.tables import factor_table
from softdash.web.pages.correction.texts import (
    PANELS,
    epoch_caption,
    fine_tuning_finding,
    learning_caption,
    learning_title,
    panel_caption,
    panel_title,
    worse_caption,
    worse_title,
)
from softdash.web.parts.error_message import error_message
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import no_potential_chosen, provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

SYSTEM_OUTPUTS = {
    "finding": Output("correction-finding", "children"),
    **{key: Output(f"correction-{key}", "figure") for key in PANELS},
    **{f"{key}_title": Output(f"correction-{key}-title", "children") for key in PANELS},
    **{f"{key}_caption": Output(f"correction-{key}-caption", "children") for key in PANELS},
    "provenance": Output("correction-provenance", "children"),
    "epochs": Output("correction-epochs", "figure"),
    "epochs_caption": Output("correction-epochs-caption", "children"),
}

LABEL_OUTPUTS = {
    "labels": Output("correction-labels", "figure"),
    "labels_title": Output("correction-labels-title", "children"),
    "labels_caption": Output("correction-labels-caption", "children"),
    "worse": Output("correction-worse", "figure"),
    "worse_title": Output("correction-worse-title", "children"),
    "worse_caption": Output("correction-worse-caption", "children"),
    "factors": Output("correction-factors", "children"),
}


def show_system(theme: str | None, system: str) -> dict[str, Any]:
    """Return the four panels of one system with their texts, and the errors per epoch."""
    if theme is None:
        return dict.fromkeys(SYSTEM_OUTPUTS, no_update)
    paths = (FINE_TUNING, FINE_TUNING_EPOCHS, fine_tuning_points_path(system))
    versions = tuple(file_version(path) for path in paths)
    try:
        drawn: dict[str, Any] = cached(lambda: _drawn_system(theme, system), "correction", versions, theme, system)
    except SoftdashError as error:
        blank = dict.fromkeys(SYSTEM_OUTPUTS)
        figures = {name: blank_figure(checked_theme(theme)) for name in (*PANELS, "epochs")}
        return {**blank, **figures, "provenance": error_message(error)}
    facts = provenance(resource_facts(web_context().catalog, fine_tuning_points_path(system)))
    return {**drawn, "provenance": facts}


def _drawn_system(theme: str, system: str) -> dict[str, Any]:
    context = web_context()
    drawn = panels(context.catalog.table(FINE_TUNING), context.catalog.fine_tuning_points(system), system)
    result: dict[str, Any] = {"finding": fine_tuning_finding(drawn)}
    for panel in drawn:
        figure = panel_figure(
            drawn, panel.key, theme=checked_theme(theme), max_points=context.settings.parity_points_drawn
        )
        result |= {
            panel.key: figure.to_dict(),
            f"{panel.key}_title": panel_title(panel),
            f"{panel.key}_caption": explained(panel_caption(panel)),
        }
    levels = [
        (f"test, {name}", float(panel.row["mae"])) for name, panel in zip(_level_names(drawn), drawn, strict=True)
    ]
    curves = epoch_curves(context.catalog.table(FINE_TUNING_EPOCHS), system)
    figure = epoch_figure(curves, levels, potential=POTENTIAL, theme=checked_theme(theme))
    return result | {"epochs": figure.to_dict(), "epochs_caption": explained(epoch_caption(drawn))}


def _level_names(drawn: Sequence[Any]) -> list[str]:
    counts = [int(panel.row["train_frames"]) for panel in drawn[2:]]
    return ["pretrained", "one factor", *(f"{count} frame{'s' if count != 1 else ''}" for count in counts)]


def show_labels(theme: str | None, material: str, potentials: list[str] | None) -> dict[str, Any]:
    """Return learning curves of one material, harm over all materials, and the table of factors."""
    if theme is None:
        return dict.fromkeys(LABEL_OUTPUTS, no_update)
    chosen = tuple(potentials or ())
    try:
        table = web_context().catalog.table(LINEAR_CORRECTION)
    except SoftdashError as error:
        blank = blank_figure(checked_theme(theme))
        return {
            **dict.fromkeys(LABEL_OUTPUTS),
            "labels": blank,
            "worse": blank,
            "factors": error_message(error),
        }
    rows = rows_of_material(table, material)
    version = file_version(LINEAR_CORRECTION)
    curves, groups = label_curves(rows, chosen), worse_shares(table, chosen)
    draw = checked_theme(theme)
    shown = [curve.potential for curve in curves]
    missing = [potential_label(name) for name in chosen if name not in shown]
    return {
        "labels": cached(
            lambda: learning_curve_figure(curves, theme=draw).to_dict(), "labels", version, draw, material, chosen
        ),
        "labels_title": learning_title(curves, "" if rows.empty else str(rows.iloc[0]["formula"])),
        "labels_caption": explained(
            learning_caption(rows) + (f" Not computed for this material: {', '.join(missing)}." if missing else "")
        ),
        "worse": cached(lambda: worse_share_figure(groups, theme=draw).to_dict(), "worse", version, draw, chosen),
        "worse_title": worse_title(groups),
        "worse_caption": explained(worse_caption(groups)),
        "factors": _factors(rows, shown) if shown else [no_potential_chosen("/correction")],
    }


def _factors(rows: pd.DataFrame, potentials: Sequence[str]) -> list[Component]:
    """Return the table of one material's factors under its heading."""
    note = (
        "1/s makes the slope 1; c* makes the error smallest, and the slope R². Right of them, what one frame gives on "
        "the others (median, quartiles over draws), and the share of draws that make the error larger (95 % "
        "interval)."
    )
    return [html.H3("Two numbers: 1/s and c*"), html.P(note, className="muted small"), factor_table(rows, potentials)]
