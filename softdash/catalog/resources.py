"""Entries of ``datapackage.json``: where each precomputed file comes from, shown beside every figure."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer

from softdash.errors import ReferenceDataError


class _Description(BaseModel):
    # Further keys are other programs' business: the Frictionless form allows them.
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Licence(_Description):
    """A licence by its SPDX name."""

    name: str


class ReferenceSource(_Description):
    """Where reference data came from: home page or file address, the commit used, its licence."""

    title: str
    path: str = ""
    commit: str = Field("", alias="version")
    licence: str = Field("", alias="license")


class PotentialVersion(_Description):
    """Which potential made the numbers, exactly."""

    name: str
    version: str
    package: str
    package_version: str
    weights_sha256: str


class TableField(_Description):
    """One column of a table. `unit` is empty for a pure number or text."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    unit: str = ""
    description: str = ""


class TableFields(_Description):
    """The columns of a table, in their order."""

    fields: tuple[TableField, ...]


class ResourceDescription(_Description):
    """One file of ``precomputed/``: what it holds, and where it comes from.

    Read by the catalog, written by the benchmarks; aliases are the keys in ``datapackage.json``.

    Attributes
    ----------
    name : str
        Identifier within the package: lower case letters, digits, ``-``, ``_`` and ``.``.
    path : str
        Relative to ``precomputed/``, with forward slashes.
    format, media_type : str
        Ending of the file's name, and its registered type.
    byte_count : int
    hash : str
        ``sha256:`` and 64 hexadecimal digits.
    description : str
        What it holds, one or two sentences.
    licences : tuple of Licence
        Of the numbers in this file.
    sources : tuple of ReferenceSource
    potentials : tuple of PotentialVersion
        Empty where no potential took part.
    created : datetime.datetime
    softdash_version : str
    table : TableFields or None
        Columns; None for files that are no tables.
    """

    name: str = ""
    path: str
    format: str = ""
    media_type: str = Field("", alias="mediatype")
    byte_count: int = Field(alias="bytes")
    hash: str
    description: str
    licences: tuple[Licence, ...] = Field(alias="licenses")
    sources: tuple[ReferenceSource, ...] = ()
    potentials: tuple[PotentialVersion, ...] = ()
    created: datetime
    softdash_version: str
    table: TableFields | None = Field(None, alias="schema")

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        return self.hash.removeprefix("sha256:")

    def as_json(self) -> dict[str, Any]:
        """Return the entry in the form of ``datapackage.json``."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @field_serializer("created")
    def _created_as_text(self, created: datetime) -> str:
        return created.isoformat(timespec="seconds")


class _Package(_Description):
    resources: tuple[ResourceDescription, ...]


def read_descriptions(path: Path) -> dict[str, ResourceDescription]:
    """Return the descriptions of all files, by their path under ``precomputed/``.

    Raises
    ------
    ReferenceDataError
        If the file is missing or cannot be understood.
    """
    try:
        package = _Package.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ReferenceDataError("The description of the precomputed tables is missing.", where=str(path)) from None
    except (ValidationError, json.JSONDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ReferenceDataError(
            f"The description of the precomputed tables is damaged ({reason}).",
            where=str(path),
            advice="Restore it from the repository, or run the benchmarks again.",
        ) from error
    return {resource.path: resource for resource in package.resources}


def require_described_content(file: Path, sha256: str | None) -> None:
    """Refuse a file whose content is not the one that ``datapackage.json`` describes.

    A table that lost its last rows is well formed: only its hash tells. Line ends do not count in text files, for
    version control may change them.

    Parameters
    ----------
    sha256 : str or None
        Hexadecimal; None when the file is not described, and then nothing is checked.

    Raises
    ------
    ReferenceDataError
        If the content differs.
    """
    if sha256 is None:
        return
    content = file.read_bytes()
    if file.suffix in {".csv", ".json"}:
        content = content.replace(b"\r\n", b"\n")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ReferenceDataError(
            "This file is damaged: its content is not the one that datapackage.json describes.",
            where=str(file),
            advice="Restore the file from the repository, or compute it again with `softdash benchmark`.",
        )
