"""Phonons: bands of DFT and of potentials over each other, and how far the highest frequencies fall short."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
import numpy as np
from dash import Dash, Input, Output, ctx, dcc, html, no_update
from dash.development.base_component import Component

from softdash.catalog import Catalog, schemas
from softdash.errors import SoftdashError
from softdash.softening import summarise_population
from softdash.web.components.error_message import error_message
from softdash.web.components.material_names import subscripted
from softdash.web.components.names import potential_label
from softdash.web.components.page_parts import figure_card, next_step, notice, page_header, provenance
from softdash.web.components.phonon_path import WHOLE_PATH, chosen_branch, paths_of
from softdash.web.components.phonon_tables import (
    MODELS,
    frequency_grid,
    frequency_rows,
    recomputed_table,
)
from softdash.web.components.phonon_texts import (
    CAVEATS,
    bands_caption,
    bands_title,
    list_title,
    ratio_caption,
    ratio_title,
)
from softdash.web.components.resource_facts import resource_facts
from softdash.web.components.terms import term
from softdash.web.context import web_context
from softdash.web.figure_cache import file_version, remembered
from softdash.web.figures.frequency_ratios import (
    RatioSeries,
    parse_bar,
    ratio_histogram,
    ratio_violins,
)
from softdash.web.figures.phonon_bands import bands_figure
from softdash.web.shell import view_defaults, view_id
from softdash.web.theme import checked_theme, layout_of

DEFAULT_MATERIAL = "mp-1784"
DEFAULT_POTENTIAL = "chgnet-0.3.0"
RATIO_VIEWS = {"histogram": "Histogram", "violin": "Violin"}


def layout(
    material: str | None = None,
    potentials: str | None = None,
    geometry: str | None = None,
    path: str | None = None,
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
            *_ratio_section(catalog, ratios, chosen),
            html.H2("How to read these numbers"),
            html.Ul([html.Li(text) for text in CAVEATS], className="prose"),
            next_step(),
            view_defaults(
                material=DEFAULT_MATERIAL,
                potentials=[DEFAULT_POTENTIAL],
                geometry="relaxed",
                path=WHOLE_PATH,
                ratios="histogram",
                chosen="",
            ),
        ]
    )


def crystals(catalog: Catalog) -> dict[str, str]:
    """Return the materials with recomputed bands: formula and identifier, by identifier."""
    rows = catalog.phonon_materials().drop_duplicates("material_id")
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
                w=190,
            ),
            dmc.MultiSelect(
                id=view_id("potentials"),
                label="Potentials",
                data=[{"value": name, "label": potential_label(name)} for name in computed],
                value=wanted or _default_potentials(computed),
                flex="1 1 260px",
                maw=440,
            ),
            _segmented("geometry", "Geometry", {"relaxed": "Relaxed", "fixed": "DFT"}, geometry),
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


def _ratio_section(catalog: Catalog, ratios: str | None, chosen: str | None) -> list[Component]:
    heading = html.H2("Over 229 crystals")
    try:
        table = catalog.phonon_max_frequencies()
    except SoftdashError as error:
        return [heading, error_message(error)]
    known = chosen_text(chosen, set(table["material_id"]))
    facts = resource_facts(catalog, schemas.PHONON_MAX_FREQUENCIES)
    return [
        html.H2(f"Over {len(table)} crystals"),
        html.P(
            [
                html.Span("published", className="tag"),
                " Values of the authors of the paper (the table behind its Fig. 4b), not recomputed here.",
            ],
            className="muted small",
        ),
        html.Div(_segmented("ratios", "View", RATIO_VIEWS, ratios), className="controls"),
        figure_card(
            "phonon-ratios",
            "Ratio of maximum frequencies",
            "",
            file_name="softdash-frequency-ratios",
            height=520,
            title_id="phonon-ratios-title",
            caption_id="phonon-ratios-caption",
            details=provenance(facts),
        ),
        html.Div(
            [
                html.H3(id="phonon-list-title"),
                html.Button("Show all", id="phonon-list-all", type="button", className="text-button"),
            ],
            className="list-heading",
        ),
        frequency_grid("phonon-list"),
        html.Div(
            [
                html.Span("Download", className="muted"),
                html.A("CSV", href="/download/phonon-max-frequencies.csv"),
                html.A("JSON", href="/download/phonon-max-frequencies.json"),
            ],
            className="figure-tools no-print",
        ),
        dcc.Input(id=view_id("chosen"), type="hidden", value=known),
    ]


def _segmented(key: str, label: str, options: dict[str, str], value: str | None) -> html.Div:
    control = dmc.SegmentedControl(
        id=view_id(key),
        data=[{"value": name, "label": text} for name, text in options.items()],
        value=value if value in options else next(iter(options)),
        **{"aria-label": label},
    )
    return html.Div([html.Span(label, className="field-label"), control], className="segmented-field")


def _computed_potentials(catalog: Catalog) -> list[str]:
    names = catalog.phonon_materials()["potential"].unique()
    return sorted((str(name) for name in names if name != "dft"), key=lambda name: (name != DEFAULT_POTENTIAL, name))


def _default_potentials(computed: Sequence[str]) -> list[str]:
    return [DEFAULT_POTENTIAL] if DEFAULT_POTENTIAL in computed else list(computed[:1])


def chosen_text(text: str | None, material_ids: set[str]) -> str:
    """Return `text` if it names a bar of the histogram or a material, else an empty text."""
    bar = parse_bar(text, [key for key, _, _ in MODELS])
    return bar.as_text() if bar else text if text in material_ids else ""


def ratio_series(catalog: Catalog) -> list[RatioSeries]:
    """Return the ratios of the 229 crystals, one series per potential of the paper."""
    table = catalog.phonon_max_frequencies()
    names = [
        f"{subscripted(formula)} ({name})" for formula, name in zip(table["formula"], table["material_id"], strict=True)
    ]
    identifiers = [str(name) for name in table["material_id"]]
    series = []
    for key, potential, label in MODELS:
        ratios = table[f"{key}_ratio"].to_numpy(dtype=np.float64)
        series.append(RatioSeries(key, potential, label, ratios, summarise_population(ratios), names, identifiers))
    return series


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
    reference = bands.curve("dft", "dft")
    labels = {curve.potential: potential_label(curve.potential) for curve in (reference, *curves)}
    branch = chosen_branch(bands, path)
    figure = remembered(
        lambda: bands_figure(
            bands, [reference, *curves], labels=labels, theme=checked_theme(theme), branch=branch
        ).to_dict(),
        *("bands", material, file_version(schemas.phonon_bands_path(material)), theme, method, sorted(labels), branch),
    )
    rows = catalog.phonon_materials()
    table = recomputed_table(rows[rows["material_id"] == material], label=f"Recomputed phonons of {bands.formula}")
    return (
        figure,
        bands_title(bands.formula, reference, curves),
        bands_caption(bands, curves, method),
        provenance(resource_facts(catalog, schemas.phonon_bands_path(material))),
        [html.H3(f"Highest and lowest frequencies of {subscripted(bands.formula)}"), table],
        _bands_address(material),
    )


def _bands_address(material: str) -> str:
    return f"/download/phonon-bands.csv?material={material}"


def show_paths(material: str) -> tuple[list[dict[str, str]], str]:
    """Return the stretches of another crystal's path, and choose the whole path."""
    return paths_of(web_context().catalog, material), WHOLE_PATH


def show_ratios(theme: str | None, view: str, chosen: str) -> tuple[Any, ...]:
    """Return the distribution of frequency ratios, its title and its caption."""
    if theme is None:
        return (no_update,) * 3
    version = file_version(schemas.PHONON_MAX_FREQUENCIES)
    drawn: tuple[Any, ...] = remembered(
        lambda: _drawn_ratios(web_context().catalog, theme, view, chosen), "ratios", version, theme, view, chosen
    )
    return drawn


def _drawn_ratios(catalog: Catalog, theme: str, view: str, chosen: str) -> tuple[Any, ...]:
    series = ratio_series(catalog)
    if view == "violin":
        figure = ratio_violins(series, theme=checked_theme(theme), chosen=chosen or None)
    else:
        bar = parse_bar(chosen, [one.key for one in series])
        figure = ratio_histogram(series, theme=checked_theme(theme), chosen=bar)
    return figure.to_dict(), ratio_title(series), ratio_caption(series)


def choose(click: dict[str, Any] | None, clicks: int | None) -> Any:
    """Return the bar or the material that was clicked; nothing after "show all"."""
    del clicks
    if ctx.triggered_id == "phonon-list-all":
        return ""
    return clicked_text(click) or no_update


def clicked_text(click: dict[str, Any] | None) -> str:
    """Return the bar or material behind a click on the distribution; empty for anything else."""
    point = click["points"][0] if click and click.get("points") else {}
    value = point.get("customdata")
    return value if isinstance(value, str) else ""


def show_list(chosen: str) -> tuple[list[dict[str, Any]], str, bool]:
    """Return the rows of the grid, its title, and whether "show all" is hidden."""
    catalog = web_context().catalog
    table = catalog.phonon_max_frequencies()
    bar = parse_bar(chosen, [key for key, _, _ in MODELS])
    if bar:
        table = table[bar.holds(table[f"{bar.key}_ratio"].to_numpy(dtype=np.float64))]
    elif chosen:
        table = table[table["material_id"] == chosen]
    try:
        with_bands = set(crystals(catalog))
    except SoftdashError:
        with_bands = set()
    return frequency_rows(table, with_bands), list_title(bar, chosen, len(table)), not chosen


def register(app: Dash) -> None:
    """Register the page and its callbacks."""
    dash.register_page("phonons", path="/phonons", title="Phonons · softdash", layout=layout)
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
        Input("theme", "data"),
        Input(view_id("ratios"), "value"),
        Input(view_id("chosen"), "value"),
    )(show_ratios)
    app.callback(
        Output(view_id("chosen"), "value"),
        Input("phonon-ratios", "clickData"),
        Input("phonon-list-all", "n_clicks"),
        prevent_initial_call=True,
    )(choose)
    app.callback(
        Output("phonon-list", "rowData"),
        Output("phonon-list-title", "children"),
        Output("phonon-list-all", "hidden"),
        Input(view_id("chosen"), "value"),
    )(show_list)
