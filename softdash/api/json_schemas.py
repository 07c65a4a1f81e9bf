"""JSON schemas (2020-12) of the messages, with the words that their docstrings have for each field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from softdash.api.written_docs import split_docstring, written_docstring
from softdash.softening.quantities import field_descriptions
from softdash.softening.statistics import SofteningStatistics

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _DescribedSchema(GenerateJsonSchema):
    def model_schema(self, schema: Any) -> JsonSchemaValue:
        return _described(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: Any) -> JsonSchemaValue:
        return _described(super().dataclass_schema(schema), schema["cls"])

    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        return _described(super().enum_schema(schema), schema["cls"])


def schemas_of(
    kinds: Iterable[Any], ref_template: str = "#/$defs/{model}"
) -> tuple[dict[Any, dict[str, Any]], dict[str, Any]]:
    """Return the schema of each kind, and the definitions that they share.

    The schemas are those of what may come in: fields with a default need not be there, and in a report that an older
    softdash made they are not.

    Parameters
    ----------
    kinds : iterable of type
        Types that pydantic knows.
    ref_template : str
        Address of a definition.
    """
    wanted: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = [
        (kind, "validation", TypeAdapter(kind)) for kind in dict.fromkeys(kinds)
    ]
    by_kind, shared = TypeAdapter.json_schemas(
        wanted, by_alias=False, ref_template=ref_template, schema_generator=_DescribedSchema
    )
    return {kind: by_kind[kind, mode] for kind, mode, _ in wanted}, shared.get("$defs", {})


def schema_document(kind: Any, *, identifier: str, title: str) -> dict[str, Any]:
    """Return the schema of one message as a document of its own.

    Parameters
    ----------
    kind : type
    identifier : str
        Its address, as ``$id``.
    title : str
    """
    schema = TypeAdapter(kind).json_schema(by_alias=False, schema_generator=_DescribedSchema)
    return {"$schema": DIALECT, "$id": identifier, **schema, "title": title}


def _described(schema: JsonSchemaValue, kind: type) -> JsonSchemaValue:
    text, attributes = split_docstring(written_docstring(kind))
    if kind is SofteningStatistics:
        attributes |= field_descriptions()
    if text:
        schema["description"] = text
    for name, field in schema.get("properties", {}).items():
        field.pop("title", None)  # pydantic's titles are the names once more
        if name in attributes:
            field.setdefault("description", attributes[name])
    schema.pop("title", None)
    return schema
