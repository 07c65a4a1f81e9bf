"""What the page of the solid solution answers: the orderings as published and as recomputed, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import Output, html, no_update
from dash.development.base_component import Component

from softdash.catalog import schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.pages.solid_solution.figure import OrderingEnergies, lowest_orderings, ordering_panels
from softdash.web.pages.solid_solution.orderings import (
    computed_orderings,
    digitised_orderings,
    lowest_table,
    orderings_title,
    paired,
    printed_lowest,
    slope_sentence,
)
from softdash.web.parts.energies.drawn_card import drawn_card
from softdash.web.parts.energies.remarks import remarks
from softdash.web.parts.energies.series import computed_table, reference_rows
from softdash.web.parts.energies.tables import StatisticsGroup, recomputed_groups, statistics_table
from softdash.web.parts.energies.texts import GEOMETRIES, GEOMETRY_TEXTS
from softdash.web.parts.page_parts import card_outputs, no_potential_chosen
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import file_version
from softdash.web.theme import checked_theme

_MOST_COLUMNS, _COLUMNS_NARROW = 5, 2
PANEL_HEIGHT, _PANEL_HEIGHT_NARROW = 360, 290
_LOWEST_HEIGHT, _ABSENT_HEIGHT = 420, 200

PAPER_OUTPUTS = {**card_outputs("solid-solution-paper"), "style": Output("solid-solution-paper", "style")}
OWN_OUTPUTS = {**card_outputs("solid-solution-own"), "style": Output("solid-solution-own", "style")}


def show_paper(theme: str | None, is_narrow: bool | None, potentials: list[str] | None, view: str) -> dict[str, Any]:
    """Return the figure of the digitised orderings, its height, title and caption."""
    if theme is None or is_narrow is None:
        return dict.fromkeys(PAPER_OUTPUTS, no_update)
    path, chosen = schemas.DIGITISED_SOLID_SOLUTION, tuple(potentials or ())

    def draw() -> dict[str, Any]:
        table = web_context().catalog.table(path)
        methods = digitised_orderings(table, chosen)
        caption = (
            f"{len(table)} orderings digitised from Fig. 2c of the paper, pure MgO and CaO among them, paired over DFT "
            f"and three potentials. {_how_drawn(view)} {slope_sentence(paired(methods))}"
        )
        return _drawn(methods, caption, theme, view, is_narrow)

    return _filled(draw, theme, "paper", file_version(path), is_narrow, chosen, view)


def show_own(
    theme: str | None, is_narrow: bool | None, potentials: list[str] | None, view: str, geometry: str
) -> dict[str, Any]:
    """Return the figure of the recomputed orderings, its height, title and caption."""
    if theme is None or is_narrow is None:
        return dict.fromkeys(OWN_OUTPUTS, no_update)
    path, chosen = schemas.SOLID_SOLUTION_ENERGIES, tuple(potentials or ())
    method = geometry if geometry in GEOMETRIES else "relaxed"

    def draw() -> dict[str, Any]:
        table = web_context().catalog.table(path)
        methods = computed_orderings(table, chosen, geometry=method)
        fractions = table.loc[table["method"] == schemas.METHOD_DFT, "coordinate"]
        atoms = table["n_atoms"]
        caption = (
            f"{len(fractions)} orderings at {fractions.nunique()} compositions between the oxides, cells of "
            f"{atoms.min()} to {atoms.max()} atoms; DFT is softdash's own (GPAW, PBE). Each potential "
            f"{GEOMETRY_TEXTS[method]}. {_how_drawn(view)} {slope_sentence(paired(methods))}"
        )
        return _drawn(methods, caption, theme, view, is_narrow)

    return _filled(draw, theme, "own", file_version(path), is_narrow, chosen, view, method)


def _how_drawn(view: str) -> str:
    if view == "lowest":
        return "Lines join the lowest ordering at each composition."
    return (
        "Lines join the lowest ordering at each composition, dotted: that of DFT; the arrow is the lowest at equal "
        "amounts."
    )


def _drawn(methods: Sequence[OrderingEnergies], caption: str, theme: str, view: str, is_narrow: bool) -> dict[str, Any]:
    if view == "lowest":
        figure, height = lowest_orderings(methods, theme=checked_theme(theme)), _LOWEST_HEIGHT
    else:
        rows = -(-len(methods) // (_COLUMNS_NARROW if is_narrow else _MOST_COLUMNS))
        columns = -(-len(methods) // rows)
        figure = ordering_panels(methods, theme=checked_theme(theme), columns=columns)
        height = rows * (_PANEL_HEIGHT_NARROW if is_narrow else PANEL_HEIGHT)
    return {
        "figure": figure.to_dict(),
        "style": {"height": f"{height}px"},
        "title": orderings_title(methods),
        "caption": explained(caption),
    }


def _filled(draw: Callable[[], dict[str, Any]], theme: str, *key: object) -> dict[str, Any]:
    return {"style": {"height": f"{_ABSENT_HEIGHT}px"}, **drawn_card(draw, theme, "solid-solution", *key)}


def show_numbers(potentials: list[str] | None, geometry: str) -> list[Component]:
    """Return the lowest orderings at equal amounts, and the statistics over all orderings."""
    catalog, chosen = web_context().catalog, list(potentials or ())
    table = computed_table(catalog, schemas.SOLID_SOLUTION_ENERGIES)
    if table is not None and reference_rows(table).empty:
        table = None
    try:
        digitised = digitised_orderings(catalog.table(schemas.DIGITISED_SOLID_SOLUTION), chosen)
    except SoftdashError:
        digitised = []
    computed = [] if table is None else computed_orderings(table, chosen, geometry=geometry)
    groups = [
        StatisticsGroup("Digitised from Fig. 2c of the paper", paired(digitised) if digitised else [], {}),
        *recomputed_groups(paired(computed) if computed else []),
    ]
    parts = [lowest_table(digitised, computed, printed_lowest(catalog))] if digitised or computed else []
    if not any(group.series for group in groups):
        return [*parts, no_potential_chosen("/solid-solution")]
    statistics = statistics_table(
        "solid-solution-statistics-table",
        groups,
        unit="eV",
        file_name="softdash-solid-solution-statistics",
        label="Statistics of formation energies",
    )
    further = [] if table is None else [remarks(catalog, "solid-solution", table, chosen, geometry)]
    return [*parts, html.H3("Over all orderings, the oxides left out"), statistics, *further]
