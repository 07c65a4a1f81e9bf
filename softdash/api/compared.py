"""``/api/v1/compared``: several potentials beside each other, on the frames that all of them computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from ase.data import chemical_symbols
from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field

from softdash.api.addresses import public_address
from softdash.api.catalog_rows import hashed_response, rows_as_json
from softdash.api.messages import json_response, read_query
from softdash.api.operations import CSV, JSON, Answer, operation
from softdash.benchmarks.high_energy.material_selection import MaterialSelection
from softdash.benchmarks.high_energy.medians import median_cells
from softdash.benchmarks.high_energy.shared_frames import SET_ASIDE, SET_ASIDE_DESCRIPTION
from softdash.catalog import Catalog, schemas
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.errors import InputError, NotFoundError, ReferenceDataError, SoftdashError
from softdash.settings import Settings
from softdash.version import __version__


def _limit(description: str) -> Any:
    return Field(None, allow_inf_nan=False, description=description, json_schema_extra=_without_null)


def _without_null(schema: dict[str, Any]) -> None:
    """Say that a parameter is a number: in an address, one that is not given is left out."""
    del schema["anyOf"], schema["default"]
    schema["type"] = "number"


class SideBySideQuery(BaseModel):
    """Which data sets and potentials stand beside each other."""

    model_config = ConfigDict(extra="forbid")

    dataset: list[str] = Field(min_length=1, max_length=50, description="Data set; may be given several times.")
    potential: list[str] = Field(
        min_length=1,
        max_length=50,
        description="Potential, by its identifier; several count the frames of a material that all of them computed.",
    )

    def checked(self, catalog: Catalog) -> MaterialSelection:
        """Return the selection. Raises InputError for a name that the catalog does not have."""
        _refuse_unknown("dataset", self.dataset, catalog.datasets())
        _refuse_unknown("potential", self.potential, catalog.potentials())
        return MaterialSelection(_once(self.dataset), _once(self.potential))


class ComparedMaterialsQuery(SideBySideQuery):
    """Which rows of the table of materials."""

    with_element: list[str] = Field(
        [], max_length=50, description="Chemical symbol: materials that contain all that are given."
    )
    pressure_min: float | None = _limit("Lowest pressure, GPa. Materials without a known pressure do not pass.")
    pressure_max: float | None = _limit("Highest pressure, GPa. Materials without a known pressure do not pass.")
    rms_min: float | None = _limit("Lowest root mean square of the reference force components, eV/Å.")
    rms_max: float | None = _limit("Highest root mean square of the reference force components, eV/Å.")
    r2_min: float | None = _limit("Lowest R².")
    slope_min: float | None = _limit("Lowest softening scale.")
    slope_max: float | None = _limit("The softening scale lies below this.")

    def checked(self, catalog: Catalog) -> MaterialSelection:
        """Return the selection. Raises InputError for a name or an element that there is not."""
        sides = super().checked(catalog)
        _refuse_unknown("with_element", self.with_element, chemical_symbols[1:])
        low, high = self.slope_min, self.slope_max
        is_limited = low is not None or high is not None
        ends = (-float("inf") if low is None else low, float("inf") if high is None else high)
        return MaterialSelection(
            data=sides.data,
            potentials=sides.potentials,
            elements=_once(self.with_element),
            pressure_min=self.pressure_min,
            pressure_max=self.pressure_max,
            rms_min=self.rms_min,
            rms_max=self.rms_max,
            r2=self.r2_min,
            slope=ends if is_limited else None,
        )


class ComparedForcesQuery(SideBySideQuery):
    """Which forces."""

    material: str = Field(min_length=1, description="Identifier of the material in its data set.")


class ComparedMaterialsMessage(BaseModel):
    """Answer: rows of the table of materials, and where they come from.

    Attributes
    ----------
    softdash_version : str
    address : str
        The one that was asked.
    table : dict
        Path, SHA-256 and date of the table; path and problem where its description is damaged.
    sources : list of ReferenceSource
    potentials : list of PotentialVersion
    columns : list of dict
        Name, type, unit and description of each column.
    materials : list of dict
        One row per data set, potential and material.
    """

    softdash_version: str
    address: str
    table: dict[str, str]
    sources: list[ReferenceSource] = []
    potentials: list[PotentialVersion] = []
    columns: list[dict[str, Any]]
    materials: list[dict[str, Any]]


class MedianMessage(BaseModel):
    """The median softening scale of one data set by one potential.

    Attributes
    ----------
    dataset, potential : str
    materials : int
        Materials of the data set that the potential computed.
    median_slope : float
        A single material's own where it is alone.
    interval_low, interval_high : float or None
        95 % interval.
    interval_method : str or None
    materials_of_another_functional : int
        Materials whose reference functional is not the one that the potential learnt.
    """

    dataset: str
    potential: str
    materials: int
    median_slope: float
    interval_low: float | None
    interval_high: float | None
    interval_method: str | None
    materials_of_another_functional: int


class MediansMessage(BaseModel):
    """Answer: the medians of all data sets by all potentials.

    Attributes
    ----------
    softdash_version : str
    address : str
        The one that was asked.
    medians : list of MedianMessage
    """

    softdash_version: str
    address: str
    medians: list[MedianMessage]


def compared_blueprint(catalog: Catalog, settings: Settings) -> Blueprint:
    """Return the routes of materials, forces and medians by several potentials."""
    routes = Blueprint("api_compared", __name__)
    _add_materials(routes, catalog, settings)
    _add_medians(routes, catalog, settings)

    @routes.get("/compared/forces.csv")
    @operation(
        "catalog",
        {200: Answer("One row per atom, frame and potential.", media_types=(CSV,))},
        query=ComparedForcesQuery,
        errors=(NotFoundError, ReferenceDataError),
        is_conditional=True,
    )
    def forces() -> Response:
        """Read the DFT and predicted forces of one material by several potentials as csv. All frames of each."""
        query = read_query(ComparedForcesQuery)
        return _csv(query.checked(catalog).forces(catalog, query.material), "softdash-forces.csv")

    return routes


def _add_materials(routes: Blueprint, catalog: Catalog, settings: Settings) -> None:
    def declared(answer: Answer) -> Callable[..., Any]:
        errors = (ReferenceDataError,)
        return operation("catalog", {200: answer}, query=ComparedMaterialsQuery, errors=errors, is_conditional=True)

    @routes.get("/compared/materials.csv")
    @declared(Answer("One row per data set, potential and material.", media_types=(CSV,)))
    def materials_as_csv() -> Response:
        """Read rows of the table of materials as csv. All potentials count the same frames of each material."""
        rows = read_query(ComparedMaterialsQuery).checked(catalog).rows(catalog)
        return _csv(rows, "softdash-softening.csv")

    @routes.get("/compared/materials.json")
    @declared(Answer("The rows and their origin.", ComparedMaterialsMessage))
    def materials_as_json() -> Response:
        """Read rows of the table of materials with their origin. All potentials count the same frames."""
        rows = read_query(ComparedMaterialsQuery).checked(catalog).rows(catalog)
        start = ComparedMaterialsMessage(
            softdash_version=__version__,
            address=_asked(settings),
            **_origin(catalog),
            columns=[
                *schemas.HIGH_ENERGY_MATERIALS.as_json()["fields"],
                {"name": SET_ASIDE, "type": "string", "description": SET_ASIDE_DESCRIPTION},
            ],
            materials=[],
        ).model_dump_json(exclude_unset=True)
        # Rows have all their digits, and are too many to be checked one by one.
        text = f"{start.removesuffix('[]}')}{rows_as_json(rows)}}}"
        return _file(Response(text, mimetype=JSON), "softdash-softening.json")


def _add_medians(routes: Blueprint, catalog: Catalog, settings: Settings) -> None:
    def declared(answer: Answer) -> Callable[..., Any]:
        return operation("catalog", {200: answer}, errors=(ReferenceDataError,), is_conditional=True)

    def medians() -> list[MedianMessage]:
        return [
            MedianMessage(
                dataset=cell.dataset,
                potential=cell.potential,
                materials=cell.material_count,
                median_slope=cell.value,
                interval_low=None if cell.interval is None else cell.interval.low,
                interval_high=None if cell.interval is None else cell.interval.high,
                interval_method=None if cell.interval is None else cell.interval.method,
                materials_of_another_functional=cell.mismatch_count,
            )
            for cell in median_cells(catalog)
        ]

    @routes.get("/compared/medians.csv")
    @declared(Answer("One row per data set and potential.", media_types=(CSV,)))
    def medians_as_csv() -> Response:
        """Read the median softening scale of every data set by every potential as csv."""
        table = pd.DataFrame([one.model_dump() for one in medians()], columns=list(MedianMessage.model_fields))
        return _csv(table, "softdash-potential-medians.csv")

    @routes.get("/compared/medians.json")
    @declared(Answer("The medians.", MediansMessage))
    def medians_as_json() -> Response:
        """Read the median softening scale of every data set by every potential."""
        message = MediansMessage(softdash_version=__version__, address=_asked(settings), medians=medians())
        return _file(json_response(message), "softdash-potential-medians.json")


def _origin(catalog: Catalog) -> dict[str, Any]:
    """Where the table comes from; says so where its description is damaged, as the numbers are still good."""
    try:
        source = catalog.resource(schemas.MATERIALS)
    except SoftdashError as error:
        return {"table": {"path": schemas.MATERIALS, "problem": str(error)}}
    return {
        "table": {"path": source.path, "sha256": source.sha256, "created": source.created.isoformat()},
        "sources": list(source.sources),
        "potentials": list(source.potentials),
    }


def _asked(settings: Settings) -> str:
    return f"{public_address(settings)}{request.root_path}{request.full_path.rstrip('?')}"


def _csv(table: pd.DataFrame, name: str) -> Response:
    # A leading byte-order mark makes spreadsheets read Å and − as UTF-8.
    text = "\ufeff" + table.to_csv(index=False, lineterminator="\n")
    return _file(Response(text, mimetype=CSV), name)


def _file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return hashed_response(response)


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _refuse_unknown(field: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InputError(
            f"There is nothing named '{unknown[0]}' here.", where=field, advice=f"Choose from: {', '.join(known)}."
        )
