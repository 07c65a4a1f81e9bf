"""Correction and fine-tuning: what one factor and what few labels repair (the paper's Fig. 6a), and how to do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
import pandas as pd
from dash import Dash, Input, Output, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import (
    FINE_TUNING,
    FINE_TUNING_EPOCHS,
    LINEAR_CORRECTION,
    fine_tuning_points_path,
)
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.correction.fine_tuning import panel_figure
from softdash.web.pages.correction.guide import correction_guide
from softdash.web.pages.correction.label_curves import epoch_figure, learning_curve_figure, worse_share_figure
from softdash.web.pages.correction.series import (
    POTENTIAL,
    default_system,
    epoch_curves,
    label_curves,
    material_options,
    panels,
    rows_of_material,
    systems,
    worse_shares,
)
from softdash.web.pages.correction.tables import factor_table, fine_tuning_table
from softdash.web.pages.correction.texts import (
    CAVEATS,
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
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import (
    figure_card,
    next_step,
    no_potential_chosen,
    notice,
    page_header,
    provenance,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained, term
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

MENU = MenuEntry("Correction and fine-tuning", "/correction", "Fig. 6a", position=90)

PANELS = {
    "pretrained": "Pretrained",
    "scalar": "One factor",
    "smaller": "Fine-tuned on one frame",
    "larger": "Fine-tuned on several frames",
}
DEFAULT_MATERIAL = "lgps-aimd~pymatgen-core:Li10GeP2S12"
DEFAULT_POTENTIALS = (POTENTIAL, "m3gnet-mp-2021.2.8")


def layout(
    system: str | None = None, material: str | None = None, potentials: str | None = None, **_: str
) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    header = page_header(
        "Correction and fine-tuning",
        [
            (
                "What few labels bring against softening: one factor on all forces, which repairs much where the error "
                "is mostly slope and little where it is scatter, then a "
            ),
            term("fine-tuning", "fine-tuning of all parameters"),
            " on one frame and on ten; and how few labels are too few.",
        ],
    )
    tuning, tuning_defaults = _fine_tuning_section(catalog, system)
    labels, label_defaults = _labels_section(catalog, material, potentials)
    return html.Div(
        [
            header,
            *tuning,
            *labels,
            *correction_guide(),
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
            next_step(),
            view_defaults(**tuning_defaults, **label_defaults),
        ]
    )


def _fine_tuning_section(catalog: Catalog, system: str | None) -> tuple[list[Component], dict[str, Any]]:
    heading = html.H2("Four steps on one material", className="first-heading")
    try:
        table = catalog.table(FINE_TUNING)
    except NotFoundError:
        return [heading, _not_computed("softdash benchmark fine-tuning")], {}
    except SoftdashError as error:
        return [heading, error_message(error)], {}
    known, standard = systems(table), default_system(table)
    control = dmc.Select(
        id=view_id("system"),
        label="Material",
        data=[{"value": name, "label": label} for name, label in known.items()],
        value=system if system in known else standard,
        allowDeselect=False,
        w=320,
    )
    cards = [
        figure_card(
            f"correction-{key}",
            name,
            "",
            file_name=f"softdash-fine-tuning-{key}",
            figure=blank_figure(),
            height=380,
            title_id=f"correction-{key}-title",
            caption_id=f"correction-{key}-caption",
        )
        for key, name in PANELS.items()
    ]
    parts = [
        heading,
        html.Div(control, className="controls"),
        html.P(
            "Shown first: the material that one factor helps most. All stand in the table.", className="muted small"
        ),
        html.P(id="correction-finding"),
        html.Div(cards, className="columns"),
        html.Div(id="correction-provenance"),
        figure_card(
            "correction-epochs",
            "Force errors during the fine-tuning",
            "",
            file_name="softdash-fine-tuning-epochs",
            figure=blank_figure(),
            height=380,
            caption_id="correction-epochs-caption",
            details=provenance(resource_facts(catalog, FINE_TUNING_EPOCHS)),
            extra_tools=[html.A("Whole table (CSV)", href=table_address(FINE_TUNING_EPOCHS))],
        ),
        html.H2("In numbers"),
        html.P(
            "c* left is the factor that would still make the error smallest: 1 where nothing systematic is left. ± is "
            "half of the 95 % interval over test frames; a draw is another choice of the training frames.",
            className="muted small",
        ),
        fine_tuning_table(catalog, table),
        provenance(resource_facts(catalog, FINE_TUNING)),
    ]
    return parts, {"system": standard}


def _labels_section(
    catalog: Catalog, material: str | None, potentials: str | None
) -> tuple[list[Component], dict[str, Any]]:
    heading = html.H2("How many labels one factor needs")
    try:
        table = catalog.table(LINEAR_CORRECTION)
    except NotFoundError:
        return [heading, _not_computed("softdash benchmark linear-correction")], {}
    except SoftdashError as error:
        return [heading, error_message(error)], {}
    options = material_options(table)
    values = [item["value"] for group in options for item in group["items"]]  # type: ignore[attr-defined]
    standard = DEFAULT_MATERIAL if DEFAULT_MATERIAL in values else values[0]
    known = [str(name) for name in sorted(table["potential"].unique())]
    usual = [name for name in DEFAULT_POTENTIALS if name in known] or known[:1]
    chosen = [name for name in (potentials or "").split(",") if name in known] or usual
    controls = html.Div(
        [
            dmc.Select(
                id=view_id("material"),
                label="Material",
                data=options,
                value=material if material in values else standard,
                searchable=True,
                allowDeselect=False,
                flex="1 1 300px",
                maw=440,
            ),
            dmc.MultiSelect(
                id=view_id("potentials"),
                label="Potentials",
                data=[{"value": name, "label": potential_label(name)} for name in known],
                value=chosen,
                flex="1 1 300px",
                maw=560,
            ),
        ],
        className="controls",
    )
    facts = resource_facts(catalog, LINEAR_CORRECTION)
    download = html.A("Whole table (CSV)", href=table_address(LINEAR_CORRECTION))
    parts = [
        heading,
        html.P(
            "The paper notes that one factor needs one force component. It does, but a good one: the scatter of a "
            "single component goes into the factor whole. A frame has hundreds of components, which average it out.",
            className="prose",
        ),
        controls,
        html.Div(
            [
                figure_card(
                    "correction-labels",
                    "Learning curve of one factor",
                    "",
                    file_name="softdash-correction-labels",
                    figure=blank_figure(),
                    height=440,
                    title_id="correction-labels-title",
                    caption_id="correction-labels-caption",
                    extra_tools=[download],
                    details=provenance(facts),
                ),
                figure_card(
                    "correction-worse",
                    "How often one factor does harm",
                    "",
                    file_name="softdash-correction-harm",
                    figure=blank_figure(),
                    height=440,
                    title_id="correction-worse-title",
                    caption_id="correction-worse-caption",
                    extra_tools=[download],
                    details=provenance(facts),
                ),
            ],
            className="columns",
        ),
        html.Div(id="correction-factors"),
    ]
    return parts, {"material": standard, "potentials": usual}


def _not_computed(command: str) -> Component:
    return notice(["Not computed yet. ", html.Code(command), " computes it."])


def show_system(theme: str | None, system: str) -> dict[str, Any]:
    """Return the four panels of one system with their texts, and the errors per epoch."""
    if theme is None:
        return dict.fromkeys(_SYSTEM_OUTPUTS, no_update)
    paths = (FINE_TUNING, FINE_TUNING_EPOCHS, fine_tuning_points_path(system))
    versions = tuple(file_version(path) for path in paths)
    try:
        drawn: dict[str, Any] = cached(lambda: _drawn_system(theme, system), "correction", versions, theme, system)
    except SoftdashError as error:
        blank = dict.fromkeys(_SYSTEM_OUTPUTS)
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
        return dict.fromkeys(_LABEL_OUTPUTS, no_update)
    chosen = tuple(potentials or ())
    try:
        table = web_context().catalog.table(LINEAR_CORRECTION)
    except SoftdashError as error:
        blank = blank_figure(checked_theme(theme))
        return {
            **dict.fromkeys(_LABEL_OUTPUTS),
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


_SYSTEM_OUTPUTS = {
    "finding": Output("correction-finding", "children"),
    **{key: Output(f"correction-{key}", "figure") for key in PANELS},
    **{f"{key}_title": Output(f"correction-{key}-title", "children") for key in PANELS},
    **{f"{key}_caption": Output(f"correction-{key}-caption", "children") for key in PANELS},
    "provenance": Output("correction-provenance", "children"),
    "epochs": Output("correction-epochs", "figure"),
    "epochs_caption": Output("correction-epochs-caption", "children"),
}

_LABEL_OUTPUTS = {
    "labels": Output("correction-labels", "figure"),
    "labels_title": Output("correction-labels-title", "children"),
    "labels_caption": Output("correction-labels-caption", "children"),
    "worse": Output("correction-worse", "figure"),
    "worse_title": Output("correction-worse-title", "children"),
    "worse_caption": Output("correction-worse-caption", "children"),
    "factors": Output("correction-factors", "children"),
}


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("correction", path=MENU.href, title="Correction and fine-tuning · softdash", layout=layout)
    app.callback(
        output=_SYSTEM_OUTPUTS,
        inputs={"theme": Input("theme", "data"), "system": Input(view_id("system"), "value")},
    )(show_system)
    app.callback(
        output=_LABEL_OUTPUTS,
        inputs={
            "theme": Input("theme", "data"),
            "material": Input(view_id("material"), "value"),
            "potentials": Input(view_id("potentials"), "value"),
        },
    )(show_labels)
