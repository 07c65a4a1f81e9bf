"""``/api/v1/catalog``: the precomputed tables with their sources, parity points and phonon bands by material."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response
from pydantic import BaseModel

from softdash.api.addresses import public_address
from softdash.api.catalog_rows import (
    AllPointsQuery,
    AllRowsQuery,
    PointsQuery,
    RowsQuery,
    cached_response,
    entity_tag,
    filtered,
    filters_of,
    hashed_response,
    known_form,
    not_modified,
    rows_response,
    table_path,
    table_paths,
    wanted_form,
)
from softdash.api.messages import (
    BandsMessage,
    ColumnMessage,
    ParityPoint,
    PointsMessage,
    TableLinks,
    TableMessage,
    json_response,
    read_query,
)
from softdash.api.operations import CSV, JSON, Answer, operation
from softdash.api.pagination import PAGE_HEADERS, PageQuery, add_page_headers
from softdash.catalog import Catalog, schemas
from softdash.catalog.phonon_bands import PhononBands, bands_table
from softdash.errors import NotFoundError, ReferenceDataError
from softdash.settings import Settings

_FORMS = (JSON, CSV)
_LOST = (NotFoundError, ReferenceDataError)


def catalog_blueprint(catalog: Catalog, settings: Settings) -> Blueprint:
    """Return the routes of precomputed tables, parity points and phonon bands."""
    routes = Blueprint("api_catalog", __name__)
    _add_tables(routes, catalog, settings)
    _add_points(routes, catalog, settings)
    _add_bands(routes, catalog, settings)
    return routes


def _add_tables(routes: Blueprint, catalog: Catalog, settings: Settings) -> None:
    @routes.get("/catalog")
    @operation(
        "catalog",
        {200: Answer("The tables.", list[TableMessage], headers=PAGE_HEADERS)},
        query=PageQuery,
        errors=(ReferenceDataError,),
        is_conditional=True,
    )
    def tables() -> Response:
        """List the precomputed tables. Each has its columns with units, its sources and licences, and its addresses."""
        page = read_query(PageQuery)
        present = [name for name, path in table_paths().items() if path in catalog.resources()]
        shown = present[page.offset : page.offset + page.limit]
        messages = [_table_message(name, catalog, settings) for name in shown]
        response = json_response(messages)
        return hashed_response(add_page_headers(response, len(present), page.limit, page.offset, settings))

    @routes.get("/catalog/<table>/description")
    @operation(
        "catalog",
        {200: Answer("The table.", TableMessage)},
        errors=(NotFoundError, ReferenceDataError),
        is_conditional=True,
    )
    def description(table: str) -> Response:
        """Describe one table. Columns with units, sources, licences, addresses."""
        table_path(table)
        return hashed_response(json_response(_table_message(table, catalog, settings)))

    def rows_of(name: str, query: RowsQuery, form: str, *, is_file: bool = True) -> Response:
        path = table_path(name)

        def make() -> Response:
            rows = filtered(catalog.table(path), path, query)
            return rows_response(rows, query, settings, form=form, name=name, is_file=is_file)

        return _unless_known(catalog, path, form, make)

    @routes.get("/catalog/<table>")
    @operation(
        "catalog",
        {200: Answer("Rows of the table.", list[dict[str, Any]], _FORMS, PAGE_HEADERS)},
        query=RowsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def rows(table: str) -> Response:
        """Read rows of a table. A JSON array of objects, or csv if the header Accept asks for text/csv."""
        return _negotiated(rows_of(table, read_query(RowsQuery), wanted_form(), is_file=False))

    @routes.get("/catalog/<table>.csv")
    @operation(
        "catalog",
        {200: Answer("Rows of the table.", media_types=(CSV,), headers=PAGE_HEADERS)},
        query=AllRowsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def rows_as_csv(table: str) -> Response:
        """Read all rows of a table as csv. It takes the same filters."""
        return rows_of(table, read_query(AllRowsQuery), CSV)

    @routes.get("/catalog/<table>.json")
    @operation(
        "catalog",
        {200: Answer("Rows of the table.", list[dict[str, Any]], headers=PAGE_HEADERS)},
        query=AllRowsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def rows_as_json(table: str) -> Response:
        """Read all rows of a table as a file of JSON. It takes the same filters."""
        return rows_of(table, read_query(AllRowsQuery), JSON)


def _add_points(routes: Blueprint, catalog: Catalog, settings: Settings) -> None:
    @routes.get("/catalog/parity-points")
    @operation(
        "catalog",
        {200: Answer("Data sets and potentials.", list[PointsMessage], headers=PAGE_HEADERS)},
        query=PageQuery,
        errors=(ReferenceDataError,),
    )
    def points_files() -> Response:
        """List the data sets and potentials with parity points. Their materials: table high_energy-materials."""
        return _listed(_points_messages(catalog, settings), settings)

    def points_of(dataset: str, potential: str, material_id: str, query: PageQuery, form: str) -> Response:
        name = f"{dataset}--{potential}--{material_id}"
        return _unless_known(
            catalog,
            schemas.points_path(dataset, potential),
            form,
            lambda: rows_response(
                catalog.parity_points(dataset, potential, material_id), query, settings, form=form, name=name
            ),
        )

    @routes.get("/catalog/parity-points/<dataset>/<potential>/<material_id>")
    @operation(
        "catalog",
        {200: Answer("One row per atom and frame.", list[ParityPoint], _FORMS, PAGE_HEADERS)},
        query=PointsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def points(dataset: str, potential: str, material_id: str) -> Response:
        """Read the DFT and predicted forces of one material. JSON, or csv if the header Accept asks for text/csv."""
        return _negotiated(points_of(dataset, potential, material_id, read_query(PointsQuery), wanted_form()))

    @routes.get("/catalog/parity-points/<dataset>/<potential>/<material_id>.csv")
    @operation(
        "catalog",
        {200: Answer("One row per atom and frame.", media_types=(CSV,), headers=PAGE_HEADERS)},
        query=AllPointsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def points_as_csv(dataset: str, potential: str, material_id: str) -> Response:
        """Read the DFT and predicted forces of one material as csv."""
        return points_of(dataset, potential, material_id, read_query(AllPointsQuery), CSV)


def _add_bands(routes: Blueprint, catalog: Catalog, settings: Settings) -> None:
    @routes.get("/catalog/phonon-bands")
    @operation(
        "catalog",
        {200: Answer("Materials.", list[BandsMessage], headers=PAGE_HEADERS)},
        query=PageQuery,
        errors=(ReferenceDataError,),
    )
    def bands_files() -> Response:
        """List the materials with phonon bands."""
        return _listed(_bands_messages(catalog, settings), settings)

    @routes.get("/catalog/phonon-bands/<material_id>")
    @operation("catalog", {200: Answer("Bands.", PhononBands)}, errors=_LOST, is_conditional=True)
    def bands(material_id: str) -> Response:
        """Read phonon bands and densities of states of one material. DFT and each potential, THz."""
        path = schemas.phonon_bands_path(material_id)
        return _unless_known(catalog, path, JSON, lambda: json_response(catalog.phonon_bands(material_id)))

    @routes.get("/catalog/phonon-bands/<material_id>.csv")
    @operation(
        "catalog",
        {200: Answer("One row per curve, q-point and band.", media_types=(CSV,), headers=PAGE_HEADERS)},
        query=AllPointsQuery,
        errors=_LOST,
        is_conditional=True,
    )
    def bands_as_csv(material_id: str) -> Response:
        """Read the phonon bands of one material as csv: each curve along the path, THz."""
        query, path = read_query(AllPointsQuery), schemas.phonon_bands_path(material_id)

        def make() -> Response:
            table = bands_table(catalog.phonon_bands(material_id))
            return rows_response(table, query, settings, form=CSV, name=f"bands-{material_id}")

        return _unless_known(catalog, path, CSV, make)


def _unless_known(catalog: Catalog, path: str, form: str, make: Callable[[], Response]) -> Response:
    """Answer 304 before anything is read, where the client has the file's present content."""
    try:
        tag = entity_tag(catalog.resource(path).sha256, form)
    except (NotFoundError, ReferenceDataError):  # not described: still to be had, without a promise what it is
        tag = None
    if tag is not None and (known := known_form(tag)) is not None:
        return not_modified(known)
    return cached_response(make(), tag)


def _negotiated(response: Response) -> Response:
    response.vary.add("Accept")
    return response


def _listed(messages: list[BaseModel], settings: Settings) -> Response:
    page = read_query(PageQuery)
    shown = messages[page.offset : page.offset + page.limit]
    return add_page_headers(json_response(shown), len(messages), page.limit, page.offset, settings)


def _table_message(name: str, catalog: Catalog, settings: Settings) -> TableMessage:
    path = table_path(name)
    described, schema = catalog.resource(path), schemas.CSV_TABLES[path]
    address = f"{public_address(settings)}/api/v1/catalog/{name}"
    row_count, problem = None, None
    try:
        row_count = catalog.row_count(path)
    except ReferenceDataError as error:
        problem = str(error.what)
    return TableMessage(
        name=name,
        path=path,
        title=schema.name,
        description=described.description,
        row_count=row_count,
        byte_count=described.byte_count,
        sha256=described.sha256,
        created=described.created,
        softdash_version=described.softdash_version,
        licences=[licence.name for licence in described.licences],
        sources=list(described.sources),
        potentials=list(described.potentials),
        columns=[
            ColumnMessage(name=column.name, type=column.kind, unit=column.unit, description=column.description)
            for column in schema.columns
        ],
        key=list(schema.key),
        filters=filters_of(path),
        problem=problem,
        links=TableLinks(description=f"{address}/description", rows=address, csv=f"{address}.csv"),
    )


def _points_messages(catalog: Catalog, settings: Settings) -> list[BaseModel]:
    messages: list[BaseModel] = []
    for path, described in sorted(catalog.resources().items()):
        if not path.startswith(f"{schemas.POINTS_FOLDER}/"):
            continue
        dataset, _, potential = PurePosixPath(path).stem.partition("--")
        address = f"{public_address(settings)}/api/v1/catalog/parity-points/{dataset}/{potential}"
        messages.append(PointsMessage(dataset=dataset, potential=potential, sha256=described.sha256, address=address))
    return messages


def _bands_messages(catalog: Catalog, settings: Settings) -> list[BaseModel]:
    messages: list[BaseModel] = []
    for path, described in sorted(catalog.resources().items()):
        if not path.startswith(f"{schemas.PHONON_BANDS_FOLDER}/"):
            continue
        material_id = PurePosixPath(path).name.removesuffix(".json.gz")
        address = f"{public_address(settings)}/api/v1/catalog/phonon-bands/{material_id}"
        messages.append(BandsMessage(material_id=material_id, sha256=described.sha256, address=address))
    return messages
