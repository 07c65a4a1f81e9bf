"""Tables of the methods page: reference data, potentials, and where the paper gives two values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import pandas as pd
from dash import html
from dash.development.base_component import Component

from softdash.benchmarks.data.datasets import DATASETS, ReferenceDataset
from softdash.catalog import Catalog
from softdash.errors import SoftdashError
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import cards, package_version
from softdash.potentials.weights_files import hash_in_words
from softdash.softening import three_digits
from softdash.web.parts.swatch import swatch

Cell: TypeAlias = "str | Component | Sequence[str | Component]"


def dataset_table(catalog: Catalog) -> Component:
    """Return the reference data: n of materials and frames computed, level of theory, licence, origin."""
    try:
        counts = _counts(catalog.materials())
    except SoftdashError:
        counts = {}
    head = ("Data set", "What it is", "Materials", "Frames", "Level of theory", "Origin and licence")
    rows: list[tuple[Cell, ...]] = []
    for known in DATASETS:
        materials, frames = counts.get(known.name, ("–", "–"))
        name = [html.Strong(known.label), html.Br(), html.Code(known.name)]
        rows.append(
            (
                name,
                f"{str(known.kind).capitalize()}. {known.note}",
                materials,
                frames,
                known.level_of_theory,
                _origin(known),
            )
        )
    return _table(head, rows, numeric=(2, 3), label="Table of reference data")


def _counts(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Materials and frames of each data set: those of the potential that could use the most."""
    per_potential = table.groupby(["dataset", "potential"]).agg(
        materials=("material_id", "size"), frames=("frame_count", "sum")
    )
    most = per_potential.groupby(level="dataset").max()
    return {
        str(name): (f"{materials:,}", f"{frames:,}")
        for name, materials, frames in zip(most.index, most["materials"], most["frames"], strict=True)
    }


def _origin(known: ReferenceDataset) -> list[str | Component]:
    parts: list[str | Component] = []
    for source in known.sources:
        name = html.A(source.title, href=source.path) if source.path.startswith("http") else source.title
        commit = f" @{source.commit}" if source.commit else ""
        parts += [html.Div([name, f"{commit}, {source.licence}"])]
    return parts


def potential_table() -> Component:
    """Return the potentials of this installation, from their cards."""
    head = ("Potential", "Training set", "Functional", "Elements", "Package and weights", "Licence", "Reference")
    rows: list[tuple[Cell, ...]] = [
        (
            [swatch(card.name), html.Strong(card.label), html.Br(), html.Code(card.name)],
            [card.training_set, *(html.Div(note, className="muted small") for note in card.notes)],
            card.functional,
            str(len(card.elements)),
            [f"{card.package} {package_version(card)}", html.Br(), html.Code(_weights(card))],
            card.licence,
            _citation(card.citation),
        )
        for card in cards()
    ]
    return _table(head, rows, numeric=(3,), label="Table of potentials")


def _weights(card: PotentialCard) -> str:
    if not card.is_installed():
        return "not installed"
    try:
        return hash_in_words(card.weights_sha256(), 16)
    except (SoftdashError, OSError):
        return "weights not found"


def _citation(text: str) -> Cell:
    if text.startswith("doi:"):
        return html.A(text, href=f"https://doi.org/{text.removeprefix('doi:')}")
    return html.A(text, href=text) if text.startswith("http") else text


def disagreement_table(catalog: Catalog) -> Component:
    """Return the published values for which the sources give more than one number."""
    table = catalog.published_values()
    noted = table[table["disagreement"].notna() & table["value"].notna()]
    noted = noted[~noted["metric"].str.contains("text_variant")]
    rows: list[tuple[Cell, ...]] = []
    for (task, disagreement), group in noted.groupby(["task", "disagreement"], sort=False):
        first = group.iloc[0]
        several = len(group) > 1
        shown = f"{len(group)} values" if several else f"{three_digits(float(first['value']))} {first['unit'] or ''}"
        models = ", ".join(dict.fromkeys(str(name) for name in group["model"] if name != "-"))
        quantity = str(task).replace("_", " ")
        metric = "" if several else f", {str(first['metric']).replace('_', ' ')}"
        rows.append((f"{quantity}{metric}", models, shown.replace("nan", ""), str(disagreement)))
    return _table(("Quantity", "Potential", "Shown", "Elsewhere"), rows, numeric=(), label="Table of disagreements")


def _table(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, numeric: Sequence[int], label: str) -> Component:
    kinds = ["number" if place in numeric else "" for place in range(len(head))]
    header = html.Tr([html.Th(name, scope="col", className=kind) for name, kind in zip(head, kinds, strict=True)])
    body = [html.Tr([html.Td(cell, className=kind) for cell, kind in zip(row, kinds, strict=True)]) for row in rows]
    return html.Div(
        html.Table([html.Thead(header), html.Tbody(body)], className="data wide"),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": label},
    )
