"""The page in Markdown: ``page.md.jinja`` with the numbers of the tables in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from softdash.benchmarks.slope_claims import contrasts, documented, error_parts, frames, paper, properties
from softdash.benchmarks.slope_claims.number_text import SHOWN, potential_label
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import FINE_TUNING, FINE_TUNING_POINTS_FOLDER, LINEAR_CORRECTION
from softdash.softening.intervals import LEVEL

TEMPLATE = "page.md.jinja"
_TABLES = {
    "materials": schemas.MATERIALS,
    "element slopes": schemas.ELEMENT_SLOPES,
    "frame spreads": schemas.FRAME_SPREADS,
    "linear correction": LINEAR_CORRECTION,
    "fine-tuning": FINE_TUNING,
    "surfaces": schemas.SURFACE_ENERGIES,
    "point defects": schemas.DEFECT_ENERGIES,
    "ion migration": schemas.MIGRATION_ENERGIES,
    "phonons": schemas.PHONON_MATERIALS,
    "largest frequencies": schemas.PHONON_MAX_FREQUENCIES,
    "published values": schemas.PUBLISHED_VALUES,
}


def slope_page(catalog: Catalog, docs: Path = documented.DOCS) -> str:
    """Return ``docs/what-a-slope-tells.md``.

    Parameters
    ----------
    catalog : Catalog
        The shipped tables.
    docs : pathlib.Path
        Folder with the pages that hold the two tables which take too long to compute here.

    Raises
    ------
    ReferenceDataError
        If a table is missing, damaged or of another form.
    """
    template = Environment(  # Markdown, not HTML, and nobody's input
        loader=PackageLoader("softdash.benchmarks.slope_claims", "."),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    ).get_template(TEMPLATE)
    return template.render(numbers(catalog, docs))


def numbers(catalog: Catalog, docs: Path = documented.DOCS) -> dict[str, Any]:
    """Return all that the template's placeholders stand for, by section."""
    settings = catalog.published_values("settings")
    temperature = settings[settings["metric"] == "MD_temperature"].iloc[0]
    return {
        "shown": potential_label(SHOWN),
        "level": f"{100 * LEVEL:g}",
        "temperature": f"{temperature['value']:g}",
        "citation": str(temperature["source"]),
        "high_r_squared": f"{error_parts.HIGH_R_SQUARED:g}",
        "split": error_parts.split_claims(catalog),
        "factor": error_parts.factor_claims(catalog),
        "one_frame": frames.one_frame_claims(catalog),
        "coverage": documented.coverage_claims(docs),
        "noise": frames.noise_claims(catalog),
        "sampling": frames.sampling_claims(catalog),
        "functional": contrasts.functional_claims(catalog),
        "magnitude": contrasts.magnitude_claims(catalog),
        "element": contrasts.element_claims(catalog),
        "property": properties.property_claims(catalog),
        "reading": contrasts.reading_claims(catalog),
        "outcome": documented.outcome_claims(docs),
        "paper": paper.paper_claims(catalog),
        "tables": _table_addresses(),
    }


def _table_addresses() -> str:
    rows = [f"| {name} | `{path}` | `/api/v1/catalog/{_api_name(path)}.csv` |" for name, path in _TABLES.items()]
    points = "/api/v1/catalog/parity-points/{dataset}/{potential}/{material_id}.csv"
    rows.append(
        f"| points | `{schemas.POINTS_FOLDER}/` (and `{FINE_TUNING_POINTS_FOLDER}/`, as files only) | `{points}` |"
    )
    return "\n".join(["| table | file | address |", "|---|---|---|", *rows])


def _api_name(path: str) -> str:
    return path.removesuffix(".csv").replace("/", "-")
