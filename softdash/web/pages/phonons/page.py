"""Phonons: bands of DFT and of potentials over each other, and how far the highest frequencies fall short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from softdash.api.addresses import bands_address
from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.web.context import web_context
from softdash.web.figures.blank import blank_figure
from softdash.web.figures.frequency_ratios import ratio_histogram, ratio_violins
from softdash.web.pages.phonons.bands import bands_figure
from softdash.web.pages.phonons.path import WHOLE_PATH, chosen_branch, paths_of
from softdash.web.pages.phonons.ratio_section import (
    RATIO_GEOMETRIES,
    known_bar,
    not_computed_notice,
    ratio_section,
    segmented,
)
from softdash.web.pages.phonons.tables import frequency_rows, recomputed_table
from softdash.web.pages.phonons.texts import (
    CAVEATS,
    bands_caption,
    bands_title,
    list_title,
    ratio_caption,
    ratio_title,
)
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.menu import MenuEntry
from softdash.web.parts.names import potential_label
from softdash.web.parts.page_parts import figure_card, next_step, notice, page_header, provenance
from softdash.web.parts.phonon_ratios import (
    RatioGeometry,
    failure_count,
    published_series,
    recomputed_rows,
    recomputed_series,
)
from softdash.web.parts.resource_facts import resource_facts
from softdash.web.parts.terms import explained, term
from softdash.web.parts.view_state import view_defaults, view_id
from softdash.web.server.figure_cache import cached, file_version
from softdash.web.theme import checked_theme, layout_of

MENU = MenuEntry("Phonons", "/phonons", "Fig. 4", position=80)

DEFAULT_MATERIAL = "mp-1784"
DEFAULT_POTENTIALS = ("chgnet-0.3.0", "m3gnet-mp-2021.2.8")
"""Two of the paper's three; the weights of the third are not at hand everywhere."""

# The bands stand above the distribution: after a click on a crystal that has some, bring them into view.
_SHOW_BANDS = """
function (click, crystals) {
  const chosen = click && click.points && click.points.length ? click.points[0].customdata : null;
  if (!(crystals || []).some((crystal) => crystal.value === chosen)) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById("phonon-bands-title").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
}
"""


def layout(
    material: str | None = None,
    potentials: str | None = None,
    geometry: str | None = None,
    path: str | None = None,
    values: str | None = None,
    at: str | None = None,
    ratios: str | None = None,
    chosen: str | None = None,
    **_: str,
) -> Component:
    """Return the page; values from the address that mean nothing fall back to the defaults."""
    catalog = web_context().catalog
    header = page_header(
        "Phonons",
        [
            "The curvature of the potential-energy surface at its minimum sets the vibrations of a crystal: ",
            "where it is too flat, frequencies are too low. The ",
            term("frequency ratio"),
            " of the highest mode measures it.",
        ],
    )
    return html.Div(
        [
            header,
            *_bands_section(catalog, material, potentials, geometry, path),
            *ratio_section(catalog, values, at, ratios, chosen),
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
            next_step(),
            view_defaults(
                material=DEFAULT_MATERIAL,
                potentials=list(DEFAULT_POTENTIALS),
                geometry="relaxed",
                path=WHOLE_PATH,
                values="recomputed",
                at="relaxed",
                ratios="histogram",
                chosen="",
            ),
        ]
    )


def crystals(catalog: Catalog) -> dict[str, str]:
    """Return the materials with recomputed bands: formula and identifier, by identifier."""
    rows = catalog.phonon_materials().drop_duplicates("material_id").sort_values(["formula", "material_id"])
    pairs = zip(rows["material_id"], rows["formula"], strict=True)
    return {str(name): f"{subscripted(formula)} ({name})" for name, formula in pairs}


def _bands_section(
    catalog: Catalog, material: str | None, potentials: str | None, geometry: str | None, path: str | None
) -> list[Component]:
    try:
        known = crystals(catalog)
    except SoftdashError as error:
        return [error_message(error)]
    if not known:
        return [notice("No phonons were computed yet. Run `softdash benchmark phonons`.")]
    fallback = DEFAULT_MATERIAL if DEFAULT_MATERIAL in known else next(iter(known))
    shown = material if material in known else fallback
    paths = paths_of(catalog, shown)
    computed = _computed_potentials(catalog)
    wanted = [name for name in (potentials or "").split(",") if name in computed]
    controls = html.Div(
        [
            dmc.Select(
                id=view_id("material"),
                label="Crystal",
                data=[{"value": key, "label": text} for key, text in known.items()],
                value=shown,
                allowDeselect=False,
                searchable=True,
                nothingFoundMessage="Not computed here",
                maxDropdownHeight=320,
                w=240,
            ),
            dmc.MultiSelect(
                id=view_id("potentials"),
                label="Potentials",
                data=[{"value": name, "label": potential_label(name)} for name in computed],
                value=wanted or _default_potentials(computed),
                flex="1 1 260px",
                maw=440,
            ),
            segmented("geometry", "Geometry", RATIO_GEOMETRIES, geometry),
            dmc.Select(
                id=view_id("path"),
                label="Path",
                data=paths,
                value=path if path in {one["value"] for one in paths} else WHOLE_PATH,
                allowDeselect=False,
                w=190,
            ),
        ],
        className="controls",
    )
    downloads = [html.A("Bands as table (CSV)", id="phonon-bands-table", href=_bands_address(shown))]
    return [
        html.H2("One crystal", className="first-heading"),
        controls,
        figure_card(
            "phonon-bands",
            "Phonon bands and density of states",
            "",
            file_name="softdash-phonon-bands",
            height=480,
            title_id="phonon-bands-title",
            caption_id="phonon-bands-caption",
            extra_tools=downloads,
            details=html.Div(id="phonon-bands-details"),
        ),
        html.Div(id="phonon-recomputed"),
    ]


def _computed_potentials(catalog: Catalog) -> list[str]:
    counts = catalog.phonon_materials()["potential"].value_counts()
    names = [str(name) for name in counts.index if name != "dft"]
    return sorted(names, key=lambda name: (name not in DEFAULT_POTENTIALS, -counts[name], name))


def _default_potentials(computed: Sequence[str]) -> list[str]:
    return [name for name in DEFAULT_POTENTIALS if name in computed] or list(computed[:1])


def show_bands(
    theme: str | None, material: str, potentials: list[str] | None, geometry: str, path: str
) -> tuple[Any, ...]:
    """Return figure, title, caption, details, table and download address for the chosen crystal."""
    if theme is None:
        return (no_update,) * 6
    try:
        return _drawn_bands(web_context().catalog, theme, material, potentials or [], geometry, path)
    except SoftdashError as error:
        return (
            {"data": [], "layout": layout_of(checked_theme(theme))},
            "These phonons cannot be shown",
            "",
            None,
            error_message(error),
            _bands_address(material),
        )


def _drawn_bands(
    catalog: Catalog, theme: str, material: str, potentials: Sequence[str], geometry: str, path: str
) -> tuple[Any, ...]:
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
    return (
        figure,
        bands_title(bands.formula, reference, [curve for curve in curves if curve.potential not in unfinished]),
        explained(bands_caption(bands, curves, method, missing, unfinished)),
        provenance(resource_facts(catalog, schemas.phonon_bands_path(material))),
        [html.H3(f"Highest and lowest frequencies of {subscripted(bands.formula)}"), table],
        _bands_address(material),
    )


def _bands_address(material: str) -> str:
    return bands_address(material)


def show_paths(material: str) -> tuple[list[dict[str, str]], str]:
    """Return the stretches of another crystal's path, and choose the whole path."""
    return paths_of(web_context().catalog, material), WHOLE_PATH


def show_ratios(theme: str | None, values: str, at: str, view: str, chosen: str) -> tuple[Any, ...]:
    """Return the distribution of frequency ratios, its title, its caption and its source."""
    if theme is None:
        return (no_update,) * 4
    versions = [file_version(path) for path in (schemas.PHONON_MAX_FREQUENCIES, schemas.PHONON_MATERIALS)]
    try:
        catalog = web_context().catalog
        figure, title, caption = cached(
            lambda: _drawn_ratios(catalog, theme, values, at, view, chosen),
            *("ratios", versions, theme, values, at, view, chosen),
        )
        path = schemas.PHONON_MAX_FREQUENCIES if values == "published" else schemas.PHONON_MATERIALS
        return figure, title, caption, provenance(resource_facts(catalog, path))
    except SoftdashError as error:
        empty = {"data": [], "layout": layout_of(checked_theme(theme))}
        return empty, "The ratios cannot be shown", f"{error.what} {error.advice or ''}", None


def _drawn_ratios(catalog: Catalog, theme: str, values: str, at: str, view: str, chosen: str) -> tuple[Any, ...]:
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
    return drawn, ratio_title(series), explained(caption)


def _geometry(at: str | None) -> RatioGeometry:
    return "fixed" if at == "fixed" else "relaxed"


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


def show_list(chosen: str, at: str) -> tuple[list[dict[str, Any]], str, bool, Component | None]:
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
    return frequency_rows(table, recomputed, with_bands), list_title(bar, chosen, len(table)), not chosen, missing


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("phonons", path=MENU.href, title="Phonons · softdash", layout=layout)
    app.callback(
        Output("phonon-bands", "figure"),
        Output("phonon-bands-title", "children"),
        Output("phonon-bands-caption", "children"),
        Output("phonon-bands-details", "children"),
        Output("phonon-recomputed", "children"),
        Output("phonon-bands-table", "href"),
        Input("theme", "data"),
        Input(view_id("material"), "value"),
        Input(view_id("potentials"), "value"),
        Input(view_id("geometry"), "value"),
        Input(view_id("path"), "value"),
    )(show_bands)
    app.callback(
        Output(view_id("path"), "data"),
        Output(view_id("path"), "value"),
        Input(view_id("material"), "value"),
        prevent_initial_call=True,
    )(show_paths)
    app.callback(
        Output("phonon-ratios", "figure"),
        Output("phonon-ratios-title", "children"),
        Output("phonon-ratios-caption", "children"),
        Output("phonon-ratios-details", "children"),
        Input("theme", "data"),
        Input(view_id("values"), "value"),
        Input(view_id("at"), "value"),
        Input(view_id("ratios"), "value"),
        Input(view_id("chosen"), "value"),
    )(show_ratios)
    app.callback(
        Output(view_id("chosen"), "value"),
        Output(view_id("material"), "value"),
        Input("phonon-ratios", "clickData"),
        Input("phonon-list-all", "n_clicks"),
        prevent_initial_call=True,
    )(choose)
    app.callback(
        Output("phonon-list", "rowData"),
        Output("phonon-list-title", "children"),
        Output("phonon-list-all", "hidden"),
        Output("phonon-not-computed", "children"),
        Input(view_id("chosen"), "value"),
        Input(view_id("at"), "value"),
    )(show_list)
    app.clientside_callback(
        _SHOW_BANDS, Input("phonon-ratios", "clickData"), State(view_id("material"), "data"), prevent_initial_call=True
    )
