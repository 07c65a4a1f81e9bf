"""What to know about recomputed energies: remarks on single cases, what failed, how far the reference is converged."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE, ENERGY_FAILURES
from softdash.web.parts.energies.series import computed_table, energy_label
from softdash.web.parts.energies.tables import framed, label_with_subscripts, value_cell
from softdash.web.parts.material_names import subscripted


def remarks(catalog: Catalog, task: str, table: pd.DataFrame, potentials: Sequence[str], geometry: str) -> Component:
    """Return the remarks on the shown cases, the failures, and the convergence of the reference; folded away.

    Parameters
    ----------
    catalog : Catalog
    task : str
        ``"surfaces"``, ``"point-defects"``, ``"solid-solution"`` or ``"ion-migration"``.
    table : DataFrame
        The task's computed table.
    potentials : sequence of str
        Those that are shown.
    geometry : {"relaxed", "dft"}
        Of the potentials.
    """
    parts = [
        _folded("Remarks on single cases", _notes(table, potentials, geometry)),
        _folded("What could not be computed", _failures(catalog, task, potentials)),
        _folded("How far the DFT reference is converged", _convergence(catalog, task)),
    ]
    return html.Div([part for part in parts if part is not None], className="remarks")


def _folded(summary: str, content: Component | None) -> Component | None:
    if content is None:
        return None
    return html.Details([html.Summary(summary), content], className="provenance")


def _notes(table: pd.DataFrame, potentials: Sequence[str], geometry: str) -> Component | None:
    """Return each remark once, with the cases and methods it is about."""
    is_reference = (table["method"] == schemas.METHOD_DFT) & (table["geometry"] == "relaxed")
    is_shown = is_reference | (table["method"].isin(list(potentials)) & (table["geometry"] == geometry))
    rows = table[is_shown & table["note"].notna()]
    if rows.empty:
        return None
    items = []
    for note, those in rows.groupby("note", sort=False):
        cases = list(dict.fromkeys(zip(those["material"], those["label"], strict=True)))
        methods = list(dict.fromkeys(those["method"]))
        named = "all" if len(methods) > 2 else " and ".join(energy_label(str(name)) for name in methods)
        which: list[str | Component] = []
        for material, label in cases:
            which += [", "] if which else []
            which += [f"{subscripted(str(material))} ", *label_with_subscripts(str(label))]
        items.append(html.Li([html.Span(which), f" ({named}): {note}."]))
    return html.Ul(items)


def _failures(catalog: Catalog, task: str, potentials: Sequence[str]) -> Component | None:
    table = computed_table(catalog, ENERGY_FAILURES)
    if table is None:
        return None
    rows = table[(table["task"] == task) & table["method"].isin([schemas.METHOD_DFT, *potentials])]
    if rows.empty:
        return None
    return html.Ul(
        [
            html.Li(f"{row.case_id}, {energy_label(str(row.method))} ({_GEOMETRY[str(row.geometry)]}): {row.reason}")
            for row in rows.itertuples()
        ]
    )


_GEOMETRY = {"relaxed": "relaxed", "dft": "at the DFT geometry"}


def _convergence(catalog: Catalog, task: str) -> Component | None:
    table = computed_table(catalog, ENERGY_CONVERGENCE)
    rows = None if table is None else table[table["task"] == task]
    if rows is None or rows.empty:
        return None
    unit = str(rows.iloc[0]["unit"])
    head = html.Tr(
        [
            html.Th("Case", scope="col"),
            html.Th("Changed", scope="col"),
            html.Th(f"Value ({unit})", scope="col", className="number"),
            html.Th(f"Difference ({unit})", scope="col", className="number"),
            html.Th("Settings of the largest cell", scope="col"),
        ]
    )
    body = [
        html.Tr(
            [
                html.Th(str(row.case_id), scope="row"),
                html.Td(str(row.setting)),
                value_cell(float(row.value)),
                value_cell(float(row.difference), signed=True),
                html.Td(str(row.details), className="small"),
            ]
        )
        for row in rows.itertuples()
    ]
    drawn = html.Table([html.Thead(head), html.Tbody(body)], id=f"{task}-convergence", className="data")
    return framed(drawn, f"softdash-{task}-convergence", "Convergence of the DFT reference")
