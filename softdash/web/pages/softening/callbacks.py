"""What the softening page answers: figures and tables of the chosen materials, one material, what a click chooses."""

from __future__ import annotations

from typing import Any

from dash import Output, ctx, no_update

from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.pages.softening.material_detail import material_rows, nearest_material
from softdash.web.pages.softening.material_view import material_view
from softdash.web.pages.softening.population_view import population_view
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_selection import Given, checked_selection, slope_range_text
from softdash.web.theme import checked_theme

POPULATION_OUTPUTS = {
    "distribution": Output("softening-distribution", "figure"),
    "finding": Output("softening-finding", "children"),
    "caption": Output("softening-caption", "children"),
    "provenance": Output("softening-provenance", "children"),
    "elements": Output("softening-elements", "figure"),
    "elements_title": Output("softening-elements-title", "children"),
    "elements_caption": Output("softening-elements-caption", "children"),
    "rows": Output("softening-grid", "rowData"),
    "note": Output("softening-table-note", "children"),
    "chip": Output("softening-all-slopes", "children"),
    "chip_hidden": Output("softening-all-slopes", "hidden"),
    "csv": Output("softening-csv", "href"),
    "json": Output("softening-json", "href"),
    "failures_csv": Output("softening-failures-csv", "href"),
    "failures_json": Output("softening-failures-json", "href"),
    "failures": Output("softening-failures", "children"),
    "headline": Output("softening-headline", "children"),
    "caveats": Output("softening-caveats", "children"),
    "typical": Output("softening-typical-material", "data"),
}

MATERIAL_OUTPUTS = {
    "parity": Output("softening-parity", "figure"),
    "title": Output("softening-parity-title", "children"),
    "caption": Output("softening-parity-caption", "children"),
    "provenance": Output("softening-parity-provenance", "children"),
    "download": Output("softening-parity-download", "href"),
    "detail": Output("softening-material-detail", "children"),
}


def show_population(theme: str | None, given: dict[str, Given], view: str) -> dict[str, Any]:
    """Return everything that depends on the selection of materials."""
    if theme is None:
        return dict.fromkeys(POPULATION_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        return population_view(catalog, checked_selection(catalog, given), view, checked_theme(theme))
    except SoftdashError as error:
        return {**dict.fromkeys(POPULATION_OUTPUTS, no_update), "headline": error_message(error)}


def show_material(
    theme: str | None, given: dict[str, Given], material: str | None, typical: str | None, colour: str
) -> dict[str, Any]:
    """Return the parity plot of one material with its texts, residuals and tables."""
    if theme is None or not (material or typical):
        return dict.fromkeys(MATERIAL_OUTPUTS, no_update)
    catalog = web_context().catalog
    try:
        chosen = checked_selection(catalog, given)
        rows = material_rows(catalog, str(material or typical), chosen)
        return material_view(catalog, rows, checked_theme(theme), colour)
    except SoftdashError as error:
        return {
            **dict.fromkeys(MATERIAL_OUTPUTS),
            "parity": blank_figure(checked_theme(theme)),
            "title": "This material cannot be shown",
            "detail": error_message(error),
        }


def choose(
    click: dict[str, Any] | None,
    selected: list[dict[str, Any]] | None,
    element_click: dict[str, Any] | None,
    clicks: int | None,
    given: dict[str, Given],
) -> dict[str, Any]:
    """Return the material, range of slopes and elements after a click on a bar, a point, a row or an element."""
    del clicks
    result: dict[str, Any] = dict.fromkeys(("material", "slope", "elements", "click", "element_click"), no_update)
    if ctx.triggered_id == "softening-all-slopes":
        return {**result, "slope": ""}
    if ctx.triggered_id == "softening-grid" and selected:
        return {**result, "material": selected[0]["material"]}
    # Forgetting the click lets a second click on the same bar or element count.
    if ctx.triggered_id == "softening-elements" and element_click:
        return {**result, "elements": _toggled(given.get("elements"), element_click), "element_click": None}
    if ctx.triggered_id == "softening-distribution" and click:
        return {**result, **clicked(click, given), "click": None}
    return result


def clicked(click: dict[str, Any], given: dict[str, Given]) -> dict[str, Any]:
    """Return what a click on the distribution chooses: a bar its slopes and middle material, a point its material."""
    data = click["points"][0].get("customdata")
    if isinstance(data, str):
        return {"material": data}
    if not isinstance(data, list) or len(data) < 2:
        return {}
    catalog = web_context().catalog
    text = slope_range_text((float(data[0]), float(data[1])))
    rows = checked_selection(catalog, {**given, "slope": text}).rows(catalog)
    middle = nearest_material(rows, (float(data[0]) + float(data[1])) / 2)
    return {"slope": text, **({"material": middle} if middle else {})}


def _toggled(elements: Given, click: dict[str, Any]) -> list[str]:
    symbol = str(click["points"][0].get("text", ""))
    known = [one for one in elements if isinstance(one, str)] if isinstance(elements, list) else []
    return [one for one in known if one != symbol] if symbol in known else [*known, symbol]
