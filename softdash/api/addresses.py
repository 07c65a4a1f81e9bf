"""Addresses as visitors know them, which behind a proxy are not those of the request."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import request

from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.catalog import schemas
from softdash.settings import Settings


def table_name(path: str) -> str:
    """Return the name of a precomputed table in addresses: ``"energies/surfaces.csv"`` is ``"energies-surfaces"``."""
    return path.removesuffix(".csv").replace("/", "-")


def table_address(path: str, form: str = "csv") -> str:
    """Return the address of a whole table on this server, by its path under ``precomputed/``; `form` is csv or json."""
    return f"/api/v1/catalog/{table_name(path)}.{form}"


def bands_address(material_id: str) -> str:
    """Return the address of the bands of one material as a table."""
    return f"/api/v1/catalog/phonon-bands/{quote(material_id, safe='')}.csv"


def failures_address(chosen: MaterialSelection, form: str) -> str:
    """Return the address of the frames left out of the chosen data sets and potentials."""
    return f"{table_address(schemas.FAILURES, form)}?{urlencode(_sides(chosen))}"


def compared_materials_address(chosen: MaterialSelection, form: str) -> str:
    """Return the address of the chosen rows of the table of materials; numbers have all their digits in it."""
    limits = {
        "pressure_min": chosen.pressure_min,
        "pressure_max": chosen.pressure_max,
        "rms_min": chosen.rms_min,
        "rms_max": chosen.rms_max,
        "r2_min": chosen.r2,
        "slope_min": chosen.slope and chosen.slope[0],
        "slope_max": chosen.slope and chosen.slope[1],
    }
    query = [*_sides(chosen), *(("with_element", element) for element in chosen.elements)]
    query += [(name, repr(float(limit))) for name, limit in limits.items() if limit is not None]
    return f"/api/v1/compared/materials.{form}?{urlencode(query)}"


def compared_forces_address(chosen: MaterialSelection, material_id: str) -> str:
    """Return the address of one material's forces by the chosen potentials."""
    return f"/api/v1/compared/forces.csv?{urlencode([('material', material_id), *_sides(chosen)], safe=':')}"


def medians_address(form: str) -> str:
    """Return the address of the medians of all data sets by all potentials."""
    return f"/api/v1/compared/medians.{form}"


def _sides(chosen: MaterialSelection) -> list[tuple[str, str]]:
    return [*(("dataset", name) for name in chosen.data), *(("potential", name) for name in chosen.potentials)]


def public_address(settings: Settings) -> str:
    """Return the address under which visitors know this server, without a slash at its end."""
    return (settings.public_url or request.host_url).rstrip("/")
