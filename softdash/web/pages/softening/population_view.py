"""Everything on the softening page that depends on the selection of materials, as values of its components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from softdash.api.addresses import compared_materials_address, failures_address
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import Catalog, schemas
from softdash.softening.breakdowns import FEWEST_COMPONENTS_SHOWN
from softdash.web.figures.blank import blank_figure
from softdash.web.figures.distribution_series import AXIS, DistributionSeries
from softdash.web.figures.periodic_table import ElementSummary, periodic_table_figure
from softdash.web.pages.softening.distribution import VIEWS, View, distribution_figure
from softdash.web.pages.softening.material_detail import typical_material
from softdash.web.pages.softening.material_table import failures_table, grid_rows, table_note
from softdash.web.pages.softening.population_texts import (
    PopulationGroup,
    caveats,
    distribution_caption,
    finding,
    headline,
    population_group,
    published_medians,
    warnings,
)
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import provenance
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import Theme


def population_view(catalog: Catalog, chosen: MaterialSelection, view: str, theme: Theme) -> dict[str, Any]:
    """Return distribution, map of elements, table and texts, by the names that the page gives its outputs.

    Raises
    ------
    ReferenceDataError
        If a table is in quarantine.
    """
    table = chosen.population(catalog)
    groups = _summarised(chosen, table)
    return {
        **_drawn_distribution(catalog, chosen, table, groups, view, theme),
        **_drawn_elements(catalog, chosen, table, theme),
        **_listed(catalog, chosen),
        "headline": [headline(groups), *warnings(groups)],
        "caveats": caveats(catalog, groups),
        "typical": _typical(chosen, groups, table),
    }


def _summarised(chosen: MaterialSelection, table: pd.DataFrame) -> list[PopulationGroup]:
    def make() -> list[PopulationGroup]:
        several = len(chosen.data) > 1
        return [population_group(*group, with_dataset=several) for group in chosen.groups(table)]

    return cached(make, "population", file_version(schemas.MATERIALS), chosen)


def _drawn_distribution(
    catalog: Catalog,
    chosen: MaterialSelection,
    table: pd.DataFrame,
    groups: Sequence[PopulationGroup],
    view: str,
    theme: Theme,
) -> dict[str, Any]:
    shown: View = next((known for known in VIEWS if known == view), "histogram")

    def make() -> dict[str, Any]:
        series = [
            DistributionSeries(
                potential=group.potential,
                label=group.label,
                slopes=rows["slope"].to_numpy(dtype=float),
                keys=rows["material_id"].to_numpy(dtype=object),
                names=rows["formula"].map(subscripted).to_numpy(dtype=object),
                summary=group.summary,
                is_first_dataset=name == chosen.data[0],
            )
            for group, (name, _, rows) in zip(groups, chosen.groups(table), strict=True)
        ]
        published = published_medians(catalog, chosen.potentials)
        drawn = distribution_figure(shown, series, theme=theme, published=published, marked=chosen.slope)
        figure: dict[str, Any] = drawn.to_dict()
        return figure

    outside = int(((table["slope"] < AXIS[0]) | (table["slope"] >= AXIS[1])).sum())
    versions = file_version(schemas.MATERIALS), file_version(schemas.PUBLISHED_VALUES)
    return {
        "distribution": cached(make, "distribution", versions, chosen, shown, theme),
        "finding": finding(groups),
        "caption": explained(distribution_caption(groups, shown, outside)),
        "provenance": provenance(resource_facts(catalog, schemas.MATERIALS)),
    }


def _drawn_elements(catalog: Catalog, chosen: MaterialSelection, table: pd.DataFrame, theme: Theme) -> dict[str, Any]:
    first = next(iter(chosen.groups(table)), None)
    if first is None:
        return {
            "elements": blank_figure(theme),
            "elements_title": "No element",
            "elements_caption": "",
        }
    name, potential, rows = first
    versions = file_version(schemas.MATERIALS), file_version(schemas.ELEMENT_SLOPES)
    key = (versions, replace(chosen, slope=None), name, potential)
    summaries = cached(lambda: _element_summaries(catalog, name, potential, rows), "elements", *key)
    soft = sum(one.median < 1 for one in summaries.values())
    label = potential_label(potential)
    return {
        "elements": periodic_table_figure(summaries, theme=theme, chosen=chosen.elements).to_dict(),
        "elements_title": f"{label}: the median slope lies below 1.00 for {soft} of {len(summaries)} elements",
        "elements_caption": "Median over materials of the slope of forces on atoms of one element (least squares with "
        f"intercept; at least {FEWEST_COMPONENTS_SHOWN} components of the element in a material). Click an element to "
        "keep only materials that contain it.",
    }


def _element_summaries(catalog: Catalog, dataset: str, potential: str, rows: pd.DataFrame) -> dict[str, ElementSummary]:
    slopes = catalog.element_slopes(dataset, potential)
    slopes = slopes[slopes["material_id"].isin(rows["material_id"])]
    if slopes.empty:
        return {}
    per_element = slopes.assign(below=slopes["slope"] < 1).groupby("element")
    numbers = per_element.agg(median=("slope", "median"), count=("slope", "size"), below=("below", "sum"))
    return {
        str(one.Index): ElementSummary(float(one.median), int(one.count), int(one.below))
        for one in numbers.itertuples()
    }


def _listed(catalog: Catalog, chosen: MaterialSelection) -> dict[str, Any]:
    rows = chosen.rows(catalog)
    chip = f"Slopes {chosen.slope[0]:g} to {chosen.slope[1]:g} only: show all" if chosen.slope else "All slopes"
    return {
        "rows": grid_rows(rows),
        "note": table_note(len(rows)),
        "chip": chip,
        "chip_hidden": chosen.slope is None,
        "csv": compared_materials_address(chosen, "csv"),
        "json": compared_materials_address(chosen, "json"),
        "failures_csv": failures_address(chosen, "csv"),
        "failures_json": failures_address(chosen, "json"),
        "failures": failures_table(chosen.failures(catalog)),
    }


def _typical(chosen: MaterialSelection, groups: Sequence[PopulationGroup], table: pd.DataFrame) -> str | None:
    """Return the material shown until one is chosen: it stands for the median of the first group."""
    if not groups:
        return None
    middle = groups[0].summary.median if groups[0].summary else groups[0].single_slope
    return typical_material(chosen.groups(table)[0][2], middle)
