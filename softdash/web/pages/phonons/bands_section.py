"""The section of the phonon page about one crystal: its bands by DFT and by potentials."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from softdash.api.addresses import bands_address
from softdash.catalog import Catalog
from softdash.errors import SoftdashError
from softdash.web.pages.phonons.path import WHOLE_PATH, paths_of
from softdash.web.pages.phonons.ratio_section import RATIO_GEOMETRIES
from softdash.web.parts.error_message import error_message
from softdash.web.parts.material_names import subscripted
from softdash.web.parts.page_parts import card_to_fill, notice
from softdash.web.parts.selection_controls import potentials_select, segmented
from softdash.web.parts.view_state import view_id

DEFAULT_MATERIAL = "mp-1784"
DEFAULT_POTENTIALS = ("chgnet-0.3.0", "m3gnet-mp-2021.2.8")
"""Two of the paper's three; the weights of the third are not at hand everywhere."""


def bands_section(
    catalog: Catalog, material: str | None, potentials: str | None, geometry: str | None, path: str | None
) -> list[Component]:
    """Return the section; values from the address that mean nothing fall back to the defaults."""
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
            potentials_select(computed, wanted or _default_potentials(computed), flex="1 1 260px", maw=440),
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
    downloads = [html.A("Bands as table (CSV)", id="phonon-bands-table", href=bands_address(shown))]
    return [
        html.H2("One crystal", className="first-heading"),
        controls,
        card_to_fill(
            "phonon-bands",
            "Phonon bands and density of states",
            file_name="softdash-phonon-bands",
            height=480,
            extra_tools=downloads,
            details=html.Div(id="phonon-bands-details"),
        ),
        html.Div(id="phonon-recomputed"),
    ]


def crystals(catalog: Catalog) -> dict[str, str]:
    """Return the materials with recomputed bands: formula and identifier, by identifier."""
    rows = catalog.phonon_materials().drop_duplicates("material_id").sort_values(["formula", "material_id"])
    pairs = zip(rows["material_id"], rows["formula"], strict=True)
    return {str(name): f"{subscripted(formula)} ({name})" for name, formula in pairs}


def _computed_potentials(catalog: Catalog) -> list[str]:
    counts = catalog.phonon_materials()["potential"].value_counts()
    names = [str(name) for name in counts.index if name != "dft"]
    return sorted(names, key=lambda name: (name not in DEFAULT_POTENTIALS, -counts[name], name))


def _default_potentials(computed: Sequence[str]) -> list[str]:
    return [name for name in DEFAULT_POTENTIALS if name in computed] or list(computed[:1])
