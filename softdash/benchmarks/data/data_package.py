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

from softdash.catalog.resources import (
    Licence,
    PotentialVersion,
    ReferenceSource,
    ResourceDescription,
    TableField,
    TableFields,
    read_descriptions,
)
from softdash.catalog.schemas import DATA_PACKAGE
from softdash.catalog.tables import TableSchema
from softdash.errors import ReferenceDataError
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import package_version
from softdash.version import __version__

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPES = {
    "csv": "text/csv",
    "gz": "application/gzip",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "extxyz": "chemical/x-xyz",
}
_HASH_CHUNK = 1 << 20


def update_resource(
    precomputed_dir: Path,
    path: str,
    *,
    description: str,
    licence: str,
    schema: TableSchema | None = None,
    sources: Sequence[ReferenceSource] = (),
    potentials: Sequence[PotentialVersion] = (),
) -> ResourceDescription:
    """Write or replace the entry of one file; the entries of all other files stay as they are.

    Safe to call from several processes at once. The date of an entry changes only when the file's content or its
    description does, so that a repeated run leaves no trace in version control.

    Parameters
    ----------
    precomputed_dir : pathlib.Path
    path : str
        The file, relative to `precomputed_dir`; it must exist.
    description, licence, sources, potentials
        See `ResourceDescription`.
    schema : TableSchema or None
        Of a table.

    Returns
    -------
    ResourceDescription
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
    kind = path.rsplit(".", 1)[-1]
    entry = ResourceDescription(
        name=re.sub(r"[^a-z0-9._-]+", "-", path.lower()),
        path=path,
        format=kind,
        media_type=_MEDIA_TYPES.get(kind, "text/plain"),
        byte_count=file.stat().st_size,
        hash=f"sha256:{file_sha256(file)}",
        description=description,
        licences=(Licence(name=licence),),
        sources=tuple(sources),
        potentials=tuple(potentials),
        created=datetime.now(UTC).replace(microsecond=0),
        softdash_version=__version__,
        table=None if schema is None else _table_fields(schema),
    )
    with locked(precomputed_dir):
        entries = {resource.path: resource for resource in read_resources(precomputed_dir)}
        present = entries.get(path)
        if present is not None and present.model_copy(update={"created": entry.created}) == entry:
            return present
        entries[path] = entry
        _write(precomputed_dir, [entries[key] for key in sorted(entries)])
    return entry


def read_resources(precomputed_dir: Path) -> list[ResourceDescription]:
    """Return all entries of ``datapackage.json``, sorted by path; none when the file is not there yet.

    Raises
    ------
    ReferenceDataError
        If the file cannot be understood.
    """
    file = precomputed_dir / DATA_PACKAGE
    return list(read_descriptions(file).values()) if file.is_file() else []


def potential_version(card: PotentialCard) -> PotentialVersion:
    """Say exactly which potential makes the numbers."""
    return PotentialVersion(
        name=card.name,
        version=card.version,
        package=card.package,
        package_version=package_version(card),
        weights_sha256=card.weights_sha256(),
    )


def file_sha256(file: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _table_fields(schema: TableSchema) -> TableFields:
    return TableFields(
        fields=tuple(
            TableField(name=column.name, type=column.kind, unit=column.unit, description=column.description)
            for column in schema.columns
        )
    )


def _write(precomputed_dir: Path, entries: Sequence[ResourceDescription]) -> None:
    document = {
        "$schema": _PROFILE,
        "name": "softdash-precomputed",
        "title": "Softening of universal machine-learning interatomic potentials: precomputed results",
        "homepage": "https://doi.org/10.1038/s41524-024-01500-6",
        "version": __version__,
        "resources": [entry.as_json() for entry in entries],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    handle, temporary = tempfile.mkstemp(dir=precomputed_dir, prefix=".datapackage-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(precomputed_dir / DATA_PACKAGE)


@contextmanager
def locked(precomputed_dir: Path, what: str = "datapackage") -> Iterator[None]:
    """Let one process at a time read, change and write a file: the package file, or a table that several fill."""
    precomputed_dir.mkdir(parents=True, exist_ok=True)
    # The lock lives in the system's temporary folder, so that no lock file ends up among the results.
    name = hashlib.sha256(str(precomputed_dir.resolve()).encode()).hexdigest()[:16]
    with (Path(tempfile.gettempdir()) / f"softdash-{what}-{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
