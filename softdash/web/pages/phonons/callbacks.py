"""What the phonon page answers: the bands of one crystal, the distribution of ratios, the list of crystals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import Output, ctx, html, no_update

from softdash.api.addresses import bands_address
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure, figure_without_data
from softdash.web.figures.frequency_ratios import ratio_histogram, ratio_violins
from softdash.web.pages.phonons.bands import bands_figure
from softdash.web.pages.phonons.bands_section import crystals
from softdash.web.pages.phonons.path import WHOLE_PATH, chosen_branch, paths_of
from softdash.web.pages.phonons.ratio_section import known_bar, not_computed_notice
from softdash.web.pages.phonons.tables import frequency_rows, recomputed_table
from softdash.web.pages.phonons.texts import bands_caption, bands_title, list_title, ratio_caption, ratio_title
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import card_outputs, provenance
from softdash.web.parts.phonon_ratios import (
    RatioGeometry,
    failure_count,
    published_series,
    recomputed_rows,
    recomputed_series,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme

BANDS_OUTPUTS = {
    **card_outputs("phonon-bands"),
    "details": Output("phonon-bands-details", "children"),
    "table": Output("phonon-recomputed", "children"),
    "download": Output("phonon-bands-table", "href"),
}

RATIO_OUTPUTS = {**card_outputs("phonon-ratios"), "details": Output("phonon-ratios-details", "children")}

LIST_OUTPUTS = {
    "rows": Output("phonon-list", "rowData"),
    "title": Output("phonon-list-title", "children"),
    "all_hidden": Output("phonon-list-all", "hidden"),
    "missing": Output("phonon-not-computed", "children"),
}


def show_bands(
    theme: str | None, material: str, potentials: list[str] | None, geometry: str, path: str
) -> dict[str, Any]:
    """Return the bands of the chosen crystal with their texts, the table of its frequencies and its download."""
    if theme is None:
        return dict.fromkeys(BANDS_OUTPUTS, no_update)
    try:
        return _drawn_bands(web_context().catalog, theme, material, potentials or [], geometry, path)
    except SoftdashError as error:
        return {
            "figure": figure_without_data(checked_theme(theme)),
            "title": "These phonons cannot be shown",
            "caption": "",
            "details": None,
            "table": error_message(error),
            "download": bands_address(material),
        }


def _drawn_bands(
    catalog: Catalog, theme: str, material: str, potentials: Sequence[str], geometry: str, path: str
) -> dict[str, Any]:
    bands = catalog.phonon_bands(material)
    method = "fixed" if geometry == "fixed" else "relaxed"
    curves = [curve for curve in bands.curves if curve.method == method and curve.potential in potentials]
    missing = [name for name in potentials if name not in {curve.potential for curve in curves}]
    reference = bands.curve("dft", "dft")
    labels = {curve.potential: potential_label(curve.potential) for curve in (reference, *curves)}
    branch = chosen_branch(bands, path)
    figure = cached(
        lambda: bands_figure(
            bands, [reference, *curves], labels=labels, theme=checked_theme(theme), branch=branch
        ).to_dict(),
        *("bands", material, file_version(schemas.phonon_bands_path(material)), theme, method, sorted(labels), branch),
    )
    rows = catalog.phonon_materials()
    is_unfinished = (rows["material_id"] == material) & (rows["method"] == method) & ~rows["has_converged"]
    unfinished = [curve.potential for curve in curves if curve.potential in set(rows.loc[is_unfinished, "potential"])]
    table = recomputed_table(rows[rows["material_id"] == material], label=f"Recomputed phonons of {bands.formula}")
    converged = [curve for curve in curves if curve.potential not in unfinished]
    return {
        "figure": figure,
        "title": bands_title(bands.formula, reference, converged),
        "caption": explained(bands_caption(bands, curves, method, missing, unfinished)),
        "details": provenance(resource_facts(catalog, schemas.phonon_bands_path(material))),
        "table": [html.H3(f"Highest and lowest frequencies of {subscripted(bands.formula)}"), table],
        "download": bands_address(material),
    }


def show_paths(material: str) -> tuple[list[dict[str, str]], str]:
    """Return the stretches of another crystal's path, and choose the whole path."""
    return paths_of(web_context().catalog, material), WHOLE_PATH


def show_ratios(theme: str | None, values: str, at: str, view: str, chosen: str) -> dict[str, Any]:
    """Return the distribution of frequency ratios, its title, its caption and its source."""
    if theme is None:
        return dict.fromkeys(RATIO_OUTPUTS, no_update)
    versions = [file_version(path) for path in (schemas.PHONON_MAX_FREQUENCIES, schemas.PHONON_MATERIALS)]
    try:
        catalog = web_context().catalog
        drawn: dict[str, Any] = cached(
            lambda: _drawn_ratios(catalog, theme, values, at, view, chosen),
            *("ratios", versions, theme, values, at, view, chosen),
        )
        path = schemas.PHONON_MAX_FREQUENCIES if values == "published" else schemas.PHONON_MATERIALS
        return {**drawn, "details": provenance(resource_facts(catalog, path))}
    except SoftdashError as error:
        return {
            "figure": figure_without_data(checked_theme(theme)),
            "title": "The ratios cannot be shown",
            "caption": f"{error.what} {error.advice or ''}",
            "details": None,
        }


def _drawn_ratios(catalog: Catalog, theme: str, values: str, at: str, view: str, chosen: str) -> dict[str, Any]:
    geometry = None if values == "published" else _geometry(at)
    series = published_series(catalog) if geometry is None else recomputed_series(catalog, geometry)
    caption = ratio_caption(series, geometry, len(catalog.phonon_max_frequencies()), failure_count(catalog))
    if not series:
        drawn = blank_figure(checked_theme(theme))
    elif view == "violin":
        drawn = ratio_violins(series, theme=checked_theme(theme), chosen=chosen or None).to_dict()
    else:
        bar = known_bar(catalog, chosen)
        drawn = ratio_histogram(series, theme=checked_theme(theme), chosen=bar, material=chosen).to_dict()
    return {"figure": drawn, "title": ratio_title(series), "caption": explained(caption)}


def _geometry(at: str | None) -> RatioGeometry:
    return "fixed" if at == "fixed" else "relaxed"


def show_list(chosen: str, at: str) -> dict[str, Any]:
    """Return the rows of the grid, its title, whether "show all" is hidden, and a notice where there are no bands."""
    catalog = web_context().catalog
    table = catalog.phonon_max_frequencies()
    try:
        recomputed, with_bands = recomputed_rows(catalog, _geometry(at)), set(crystals(catalog))
    except SoftdashError:
        recomputed, with_bands = catalog.phonon_max_frequencies().iloc[:0], set()
    bar = known_bar(catalog, chosen)
    missing = None
    if bar and f"{bar.key}_ratio" in table:
        table = table[bar.holds(table[f"{bar.key}_ratio"].to_numpy(dtype=float))]
    elif bar:
        rows = recomputed[recomputed["potential"] == bar.key]
        inside = rows.loc[bar.holds(rows["ratio"].to_numpy(dtype=float)), "material_id"]
        table = table[table["material_id"].isin(inside)]
    elif chosen:
        table = table[table["material_id"] == chosen]
        missing = None if chosen in with_bands else not_computed_notice(chosen, table)
    return {
        "rows": frequency_rows(table, recomputed, with_bands),
        "title": list_title(bar, chosen, len(table)),
        "all_hidden": not chosen,
        "missing": missing,
    }


def choose(click: dict[str, Any] | None, clicks: int | None) -> tuple[Any, Any]:
    """Return the bar or crystal that was clicked, and the crystal whose bands to show; nothing after "show all"."""
    del clicks
    if ctx.triggered_id == "phonon-list-all":
        return "", no_update
    return clicked(click)


def clicked(click: dict[str, Any] | None) -> tuple[Any, Any]:
    """Return what `choose` does after a click on the distribution."""
    text = clicked_text(click)
    if not text:
        return no_update, no_update
    try:
        has_bands = text in crystals(web_context().catalog)
    except SoftdashError:
        has_bands = False
    return text, text if has_bands else no_update


def clicked_text(click: dict[str, Any] | None) -> str:
    """Return the bar or material behind a click on the distribution; empty for anything else."""
    point = click["points"][0] if click and click.get("points") else {}
    value = point.get("customdata")
    return value if isinstance(value, str) else ""
