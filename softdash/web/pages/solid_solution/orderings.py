"""Ca-Mg orderings as drawn and as compared: digitised from the paper's Fig. 2c, and recomputed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.catalog import Catalog
from softdash.catalog.paper_models import PAPER_MODELS
from softdash.errors import SoftdashError
from softdash.softening import three_digits
from softdash.softening.energies import compare_energies
from softdash.web.pages.solid_solution.figure import EQUAL_AMOUNTS, OrderingEnergies
from softdash.web.parts.energies.parity import EnergySeries
from softdash.web.parts.energies.series import energy_label, reference_rows
from softdash.web.parts.energies.tables import value_cell
from softdash.web.parts.page_parts import table_tools
from softdash.web.parts.swatch import swatch

PUBLISHED_TASK = "solid_solution_CaxMg2-xO2"


def digitised_orderings(table: pd.DataFrame, potentials: Iterable[str]) -> list[OrderingEnergies]:
    """Return DFT, then the chosen ones of the paper's potentials.

    Parameters
    ----------
    table : DataFrame
        `softdash.catalog.digitised_schemas.DIGITISED_FORMATION_ENERGIES`.
    potentials : iterable of str
    """
    chosen = set(potentials)
    methods = [("dft", "DFT", "dft")]
    methods += [(name, model, model.lower()) for model, name in PAPER_MODELS.items() if name in chosen]
    fractions = table["ca_fraction"].to_numpy(dtype=np.float64)
    names = [
        f"Ca fraction {fraction:.4g}, ordering {number}, digitised from Fig. 2c"
        for number, fraction in zip(table["ordering"], fractions, strict=True)
    ]
    return [
        OrderingEnergies(method, label, fractions, table[f"{key}_energy"].to_numpy(dtype=np.float64), names)
        for method, label, key in methods
    ]


def computed_orderings(table: pd.DataFrame, potentials: Iterable[str], *, geometry: str) -> list[OrderingEnergies]:
    """Return DFT, then the chosen potentials that were computed, each with MgO and CaO at zero.

    Parameters
    ----------
    table : DataFrame
        `softdash.catalog.schemas.COMPUTED_SOLID_SOLUTION`.
    potentials : iterable of str
    geometry : {"relaxed", "dft"}
    """
    reference = reference_rows(table)
    found = [_computed("dft", "DFT", reference)]
    for name in potentials:
        rows = table[(table["method"] == name) & (table["geometry"] == geometry)]
        rows = rows[rows["case_id"].isin(reference["case_id"]) & rows["excluded"].isna()]
        if not rows.empty:
            found.append(_computed(name, energy_label(name), rows))
    return found


def paired(methods: Sequence[OrderingEnergies]) -> list[EnergySeries]:
    """Return each potential against the reference, over the orderings that both have; pure oxides left out.

    Parameters
    ----------
    methods : sequence of OrderingEnergies
        The first is the reference.
    """
    reference = dict(zip(methods[0].names, methods[0].energies.tolist(), strict=True))
    known = methods[0].errors
    errors = {} if known is None else dict(zip(methods[0].names, known.tolist(), strict=True))
    found = []
    for one in methods[1:]:
        mixed = (one.fractions > 0) & (one.fractions < 1)
        names = [name for name, is_mixed in zip(one.names, mixed, strict=True) if is_mixed]
        x, y = np.array([reference[name] for name in names]), one.energies[mixed]
        if x.size:
            of_names = np.array([errors.get(name, np.nan) for name in names])
            comparison = compare_energies(x, y, reference_errors=of_names)
            found.append(EnergySeries(one.method, one.label, x, y, names, comparison))
    return found


def printed_lowest(catalog: Catalog) -> dict[str, float]:
    """Return what the paper writes at the arrows of Fig. 2c, by method; empty in quarantine."""
    try:
        table = catalog.published_values(PUBLISHED_TASK)
    except SoftdashError:
        return {}
    rows = table[table["metric"] == "lowest_formation_energy_at_x=0.5"]
    values = dict(zip(rows["model"], rows["value"].astype(float), strict=True))
    return {PAPER_MODELS.get(model, model.lower()): value for model, value in values.items()}


def lowest_table(
    digitised: Sequence[OrderingEnergies], computed: Sequence[OrderingEnergies], printed: Mapping[str, float]
) -> Component:
    """Return the lowest ordering at equal amounts of calcium and magnesium: printed, digitised, recomputed."""
    read = {one.method: one.lowest_at(EQUAL_AMOUNTS) for one in digitised}
    own = {one.method: one.lowest_at(EQUAL_AMOUNTS) for one in computed}
    labels: dict[str, str] = {}
    for one in (*digitised, *computed):
        labels.setdefault(one.method, one.label)
    headings = ("Printed in Fig. 2c", "Digitised", "Recomputed")
    head = html.Tr(
        [html.Th("Method", scope="col")]
        + [html.Th(f"{text} (eV)", scope="col", className="number") for text in headings]
    )
    rows = [
        html.Tr(
            [
                html.Th(["" if method == "dft" else swatch(method), label], scope="row"),
                *(value_cell(values.get(method)) for values in (printed, read, own)),
            ]
        )
        for method, label in labels.items()
    ]
    table = html.Table([html.Thead(head), html.Tbody(rows)], id="lowest-orderings", className="data compact")
    name = "Lowest ordering at Ca fraction 0.5"
    scrolling = html.Div(table, className="table-scroll", tabIndex=0, role="region", **{"aria-label": name})
    return html.Div([html.H3(name), scrolling, table_tools("lowest-orderings", "softdash-lowest-orderings")])


def orderings_title(methods: Sequence[OrderingEnergies]) -> str:
    """Say how the lowest orderings at equal amounts compare with DFT's."""
    reference = methods[0].lowest_at(EQUAL_AMOUNTS)
    values = [(one.label, one.lowest_at(EQUAL_AMOUNTS)) for one in methods[1:]]
    known = [(label, value) for label, value in values if value is not None]
    if reference is None or not known:
        return "Formation energies of Ca-Mg orderings"
    texts = ", ".join(f"{value:.2f} ({label})" for label, value in known)
    if all(value < reference for _, value in known):
        return f"Mixing costs too low: at equal amounts {texts}, against {reference:.2f} eV by DFT"
    return f"Lowest mixing energies at equal amounts: {texts}; {reference:.2f} eV by DFT"


def slope_sentence(series: Sequence[EnergySeries]) -> str:
    """Return the slopes of all orderings through the origin, for the caption."""
    texts = [f"{one.label} {three_digits(one.comparison.slope)}" for one in series]
    return f"Slopes of all orderings on DFT: {', '.join(texts)}." if texts else ""


def _computed(method: str, label: str, rows: pd.DataFrame) -> OrderingEnergies:
    fractions = np.concatenate([[0.0], rows["coordinate"].to_numpy(dtype=np.float64), [1.0]])
    energies = np.concatenate([[0.0], rows["value"].to_numpy(dtype=np.float64), [0.0]])
    names = ["MgO", *(f"{text}, recomputed" for text in rows["label"]), "CaO"]
    errors = np.concatenate([[np.nan], rows["reference_error"].to_numpy(dtype=np.float64), [np.nan]])
    return OrderingEnergies(method, label, fractions, energies, names, errors)
