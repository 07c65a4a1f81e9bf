"""``precomputed/datapackage.json``: where each computed table comes from.

The file follows the Frictionless *Data Package* layout (https://datapackage.org, version 2.0): one entry per table
with its schema, sources, licences and SHA-256. Beyond the standard, an entry carries ``potentials`` (versions and
weights hashes), ``softdash_version`` and ``created``.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

import softdash
from softdash.catalog.tables import TableSchema
from softdash.errors import ReferenceDataError

PACKAGE_FILE = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "extxyz": "chemical/x-xyz",
}
_HASH_CHUNK = 1 << 20


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SchemaField(_Entry):
    """One column of a table. `unit` is empty for a pure number or text."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    unit: str = ""
    description: str = ""


class Source(_Entry):
    """Where reference data came from: home page or file address, the commit that was used, and its licence."""

    title: str
    path: str = ""
    commit: str = ""
    licence: str = ""


class PotentialStamp(_Entry):
    """Which potential made the numbers, exactly."""

    name: str
    version: str
    package: str
    package_version: str
    weights_sha256: str


class Resource(_Entry):
    """One file of ``precomputed/``.

    Attributes
    ----------
    name : str
        Identifier within the package: lower case letters, digits, ``-``, ``_`` and ``.``.
    path : str
        Relative to ``precomputed/``, with forward slashes.
    description : str
        What it holds, one or two sentences.
    licence : str
        Licence of the numbers in this file.
    fields : tuple of SchemaField
        Columns; empty for files that are no tables.
    sources : tuple of Source
    potentials : tuple of PotentialStamp
        Empty where no potential took part.
    byte_count, sha256, created, softdash_version
        Filled in by `update_resource`.
    """

    name: str
    path: str
    description: str
    licence: str
    fields: tuple[SchemaField, ...] = ()
    sources: tuple[Source, ...] = ()
    potentials: tuple[PotentialStamp, ...] = ()
    byte_count: int = 0
    sha256: str = ""
    created: str = ""
    softdash_version: str = ""


def update_resource(
    precomputed_dir: Path,
    path: str,
    *,
    description: str,
    licence: str,
    fields: Sequence[SchemaField] = (),
    sources: Sequence[Source] = (),
    potentials: Sequence[PotentialStamp] = (),
) -> Resource:
    """Write or replace the entry of one file; the entries of all other files stay as they are.

    Safe to call from several processes at once. The date of an entry changes only when the file's content or its
    description does, so that a repeated run leaves no trace in version control.

    Parameters
    ----------
    precomputed_dir : pathlib.Path
    path : str
        The file, relative to `precomputed_dir`; it must exist.
    description, licence, fields, sources, potentials
        See `Resource`.

    Returns
    -------
    Resource
        The entry as written.

    Raises
    ------
    ReferenceDataError
        If the file is missing, or the present ``datapackage.json`` is damaged.
    """
    file = precomputed_dir / path
    if not file.is_file():
        raise ReferenceDataError(
            "The file to be described does not exist.", where=str(file), advice="Write the table before its entry."
        )
    entry = Resource(
        name=_resource_name(path),
        path=path,
        description=description,
        licence=licence,
        fields=tuple(fields),
        sources=tuple(sources),
        potentials=tuple(potentials),
        byte_count=file.stat().st_size,
        sha256=file_sha256(file),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        softdash_version=softdash.__version__,
    )
    with _locked(precomputed_dir):
        entries = {resource.path: resource for resource in read_resources(precomputed_dir)}
        present = entries.get(path)
        if present is not None and present.model_copy(update={"created": entry.created}) == entry:
            return present
        entries[path] = entry
        _write(precomputed_dir, [entries[key] for key in sorted(entries)])
    return entry


def remove_resource(precomputed_dir: Path, path: str) -> None:
    """Drop the entry of a file that is no longer part of the package."""
    with _locked(precomputed_dir):
        entries = read_resources(precomputed_dir)
        kept = [resource for resource in entries if resource.path != path]
        if len(kept) != len(entries):
            _write(precomputed_dir, kept)


def read_resources(precomputed_dir: Path) -> list[Resource]:
    """Return all entries of ``datapackage.json``, sorted by path; none when the file is not there yet.

    Raises
    ------
    ReferenceDataError
        If the file cannot be understood.
    """
    file = precomputed_dir / PACKAGE_FILE
    if not file.is_file():
        return []
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return [_from_json(entry) for entry in document["resources"]]
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise ReferenceDataError(
            f"The description of the precomputed tables is damaged ({type(error).__name__}: {error}).",
            where=str(file),
            advice="Restore it from version control, or run the benchmarks again.",
        ) from error


def table_fields(schema: TableSchema) -> tuple[SchemaField, ...]:
    """Return the columns of a catalog table in the form of `update_resource`."""
    return tuple(
        SchemaField(name=column.name, type=column.kind, unit=column.unit, description=column.description)
        for column in schema.columns
    )


def file_sha256(file: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _resource_name(path: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", path.lower())


def _write(precomputed_dir: Path, entries: Sequence[Resource]) -> None:
    document = {
        "$schema": _PROFILE,
        "name": "softdash-precomputed",
        "title": "Softening of universal machine-learning interatomic potentials: precomputed results",
        "homepage": "https://doi.org/10.1038/s41524-024-01500-6",
        "version": softdash.__version__,
        "resources": [_to_json(entry) for entry in entries],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    handle, temporary = tempfile.mkstemp(dir=precomputed_dir, prefix=".datapackage-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(precomputed_dir / PACKAGE_FILE)


def _to_json(entry: Resource) -> dict[str, Any]:
    kind = entry.path.rsplit(".", 1)[-1]
    document: dict[str, Any] = {
        "name": entry.name,
        "path": entry.path,
        "format": kind,
        "mediatype": _MEDIA_TYPES.get(kind, "text/plain"),
        "bytes": entry.byte_count,
        "hash": f"sha256:{entry.sha256}",
        "description": entry.description,
        "licenses": [{"name": entry.licence}],
        "sources": [
            {"title": s.title, "path": s.path, "version": s.commit, "license": s.licence} for s in entry.sources
        ],
        "potentials": [stamp.model_dump() for stamp in entry.potentials],
        "created": entry.created,
        "softdash_version": entry.softdash_version,
    }
    if entry.fields:
        document["schema"] = {"fields": [field.model_dump() for field in entry.fields]}
    return document


def _from_json(document: dict[str, Any]) -> Resource:
    return Resource(
        name=document["name"],
        path=document["path"],
        description=document["description"],
        licence=document["licenses"][0]["name"],
        fields=tuple(SchemaField(**field) for field in document.get("schema", {}).get("fields", [])),
        sources=tuple(
            Source(title=s["title"], path=s["path"], commit=s["version"], licence=s["license"])
            for s in document["sources"]
        ),
        potentials=tuple(PotentialStamp(**stamp) for stamp in document["potentials"]),
        byte_count=document["bytes"],
        sha256=document["hash"].removeprefix("sha256:"),
        created=document["created"],
        softdash_version=document["softdash_version"],
    )


@contextmanager
def _locked(precomputed_dir: Path) -> Iterator[None]:
    """Let one process at a time read, change and write the package file."""
    precomputed_dir.mkdir(parents=True, exist_ok=True)
    # The lock lives in the system's temporary folder, so that no lock file ends up among the results.
    name = hashlib.sha256(str(precomputed_dir.resolve()).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"softdash-datapackage-{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
