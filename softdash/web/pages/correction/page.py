"""Correction and fine-tuning: what one factor and what few labels repair (the paper's Fig. 6a), and how to do it."""

from __future__ import annotations

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, html
from dash.development.base_component import Component

from softdash.api.addresses import table_address
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import FINE_TUNING, FINE_TUNING_EPOCHS, LINEAR_CORRECTION
from softdash.errors import NotFoundError, SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.correction.callbacks import LABEL_OUTPUTS, SYSTEM_OUTPUTS, show_labels, show_system
from softdash.web.pages.correction.guide import correction_guide
from softdash.web.pages.correction.series import POTENTIAL, default_system, material_options, systems
from softdash.web.pages.correction.tables import fine_tuning_table
from softdash.web.pages.correction.texts import CAVEATS, PANELS
from softdash.web.parts.error_message import error_message
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.page_parts import (
    card_to_fill,
    caveats_section,
    figure_card,
    next_step,
    notice,
    page_header,
    provenance,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.selection_controls import potentials_select
from softdash.web.parts.terms import term
from softdash.web.parts.view_state import view_defaults, view_id

MENU = MenuEntry("Correction and fine-tuning", "/correction", "Fig. 6a", position=90)

DEFAULT_MATERIAL = "lgps-aimd~pymatgen-core:Li10GeP2S12"
DEFAULT_POTENTIALS = (POTENTIAL, "m3gnet-original")


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
            *caveats_section(CAVEATS),
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
        card_to_fill(
            f"correction-{key}",
            name,
            file_name=f"softdash-fine-tuning-{key}",
            figure=blank_figure(),
            height=380,
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
            potentials_select(known, chosen, flex="1 1 300px", maw=560),
        ],
        className="controls",
    )
    cards = [
        card_to_fill(
            f"correction-{key}",
            name,
            file_name=f"softdash-correction-{file_name}",
            figure=blank_figure(),
            height=440,
            extra_tools=[html.A("Whole table (CSV)", href=table_address(LINEAR_CORRECTION))],
            details=provenance(resource_facts(catalog, LINEAR_CORRECTION)),
        )
        for key, name, file_name in (
            ("labels", "Learning curve of one factor", "labels"),
            ("worse", "How often one factor does harm", "harm"),
        )
    ]
    parts = [
        heading,
        html.P(
            "The paper notes that one factor needs one force component. It does, but a good one: the scatter of a "
            "single component goes into the factor whole. A frame has hundreds of components, which average it out.",
            className="prose",
        ),
        controls,
        html.Div(cards, className="columns"),
        html.Div(id="correction-factors"),
    ]
    return parts, {"material": standard, "potentials": usual}


def _not_computed(command: str) -> Component:
    return notice(["Not computed yet. ", html.Code(command), " computes it."])


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("correction", path=MENU.href, title="Correction and fine-tuning · softdash", layout=layout)
    app.callback(
        output=SYSTEM_OUTPUTS,
        inputs={"theme": Input("theme", "data"), "system": Input(view_id("system"), "value")},
    )(show_system)
    app.callback(
        output=LABEL_OUTPUTS,
        inputs={
            "theme": Input("theme", "data"),
            "material": Input(view_id("material"), "value"),
            "potentials": Input(view_id("potentials"), "value"),
        },
    )(show_labels)
