"""The controls of the softening page: data sets, potentials, filters; and those that other pages have, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from softdash.benchmarks.data.datasets import dataset_order
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog
from softdash.web.figures.periodic_table import ELEMENTS
from softdash.web.parts.data_sets import dataset_kind, dataset_label
from softdash.web.parts.material_selection import slope_range_text
from softdash.web.parts.names import potential_options
from softdash.web.parts.view_state import view_id

LIMITS = {
    "pressure_min": "Pressure from (GPa)",
    "pressure_max": "Pressure to (GPa)",
    "rms_min": "rms force from (eV/Å)",
    "rms_max": "rms force to (eV/Å)",
    "r2": "R² at least",
}
"""Keys and labels of the fields for numbers."""

_STEPS = {"pressure_min": 5, "pressure_max": 5, "rms_min": 0.5, "rms_max": 0.5, "r2": 0.1}


def selection_controls(catalog: Catalog, chosen: MaterialSelection) -> Component:
    """Return the controls with the values of `chosen`."""
    datasets = sorted(catalog.datasets(), key=dataset_order)
    main = [
        dmc.MultiSelect(
            id=view_id("data"),
            label="Reference data",
            data=[{"value": name, "label": _dataset_option(name)} for name in datasets],
            value=list(chosen.data),
            flex="2 1 280px",
        ),
        potentials_select(sorted(catalog.potentials()), chosen.potentials, flex="2 1 260px"),
        dmc.MultiSelect(
            id=view_id("elements"),
            label="Contains elements",
            data=list(ELEMENTS),
            value=list(chosen.elements),
            placeholder="any",
            searchable=True,
            clearable=True,
            clearButtonProps={"aria-label": "Remove all elements"},
            flex="1 1 180px",
        ),
    ]
    numbers = [
        dmc.NumberInput(
            id=view_id(key),
            label=label,
            value=_given(chosen, key),
            step=_STEPS[key],
            allowNegative=key.startswith("pressure"),
            placeholder="any",
            debounce=500,
            w=168,
        )
        for key, label in LIMITS.items()
    ]
    has_limits = any(_given(chosen, key) != "" for key in LIMITS)
    return html.Div(
        [
            html.Div(main, className="controls"),
            html.Details(
                [html.Summary("Filter by pressure, force and fit"), html.Div(numbers, className="controls")],
                className="more-filters",
                open=has_limits,
            ),
            dcc.Input(id=view_id("slope"), type="hidden", value=slope_range_text(chosen.slope)),
        ]
    )


def potentials_select(names: Sequence[str], chosen: Sequence[str], **size: str | int) -> dmc.MultiSelect:
    """Return the control that chooses potentials; `size` are its ``flex`` and its greatest width ``maw``."""
    return dmc.MultiSelect(
        id=view_id("potentials"), label="Potentials", data=potential_options(names), value=list(chosen), **size
    )


def segmented(key: str, label: str, options: Mapping[str, str], value: str | None) -> html.Div:
    """Return a switch between a few forms; a value that is not among them becomes the first."""
    control = dmc.SegmentedControl(
        id=view_id(key),
        data=[{"value": name, "label": text} for name, text in options.items()],
        value=value if value in options else next(iter(options)),
        **{"aria-label": label},
    )
    return html.Div([html.Span(label, className="field-label"), control], className="segmented-field")


def _dataset_option(name: str) -> str:
    kind = dataset_kind(name)
    return f"{dataset_label(name)} ({kind})" if kind else dataset_label(name)


def _given(chosen: MaterialSelection, key: str) -> float | str:
    value = getattr(chosen, key)
    return "" if value is None else float(value)
