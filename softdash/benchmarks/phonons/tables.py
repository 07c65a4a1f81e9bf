"""What the benchmark ``phonons`` writes: one file of bands per crystal, the table of extremes, the list of failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from softdash.benchmarks.data.data_package import read_resources, update_resource
from softdash.benchmarks.data.tables import write_table
from softdash.benchmarks.phonons.phonondb import PHONONDB
from softdash.catalog.phonon_bands import PhononBands, read_phonon_bands
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.catalog.schemas import (
    FAILED_PHONONS,
    PHONON_BANDS_FOLDER,
    PHONON_FAILURES,
    PHONON_MATERIALS,
    RECOMPUTED_PHONONS,
    phonon_bands_path,
)
from softdash.catalog.tables import TableSchema
from softdash.errors import ReferenceDataError

_LICENCE = "CC-BY-4.0"
_METHODS = {"relaxed", "fixed"}


@dataclass(frozen=True, slots=True)
class PhononFailure:
    """A crystal that could not be computed with a potential at a geometry, and why.

    `is_about_material` is false where the potential itself did not load: that is no result, and is not listed.
    """

    material_id: str
    potential: str
    method: str
    reason: str
    is_about_material: bool = True


def write_material(
    precomputed_dir: Path,
    bands: PhononBands,
    rows: Sequence[dict[str, object]],
    failures: Sequence[PhononFailure],
    stamps: Sequence[PotentialVersion],
    source: ReferenceSource = PHONONDB,
) -> None:
    """Write one material: its bands, its rows in place of older ones, its failures in place of older ones."""
    path = phonon_bands_path(bands.material_id)
    present = {curve.potential for curve in bands.curves}
    makers = {s.name: s for s in (*_makers(precomputed_dir, path), *stamps) if s.name in present}
    bands.write(precomputed_dir / path)
    update_resource(
        precomputed_dir,
        path,
        description=(
            f"Phonon bands and densities of states of {bands.formula}: "
            f"{'PhononDB' if source == PHONONDB else 'DFT'} and each potential, in THz."
        ),
        licence=source.licence,
        sources=[source],
        potentials=[makers[name] for name in sorted(makers)],
    )
    _write_rows(precomputed_dir, rows, failures)
    _write_failures(precomputed_dir, bands.material_id, failures, [stamp.name for stamp in stamps])


def is_computed(precomputed_dir: Path, material_id: str, stamp: PotentialVersion) -> bool:
    """Tell whether bands and rows are there, made by the very same weights: by identity, never by position."""
    if material_id not in computed_materials(precomputed_dir, stamp):
        return False
    try:
        bands = read_phonon_bands(precomputed_dir / phonon_bands_path(material_id))
    except ReferenceDataError:
        return False
    return {curve.method for curve in bands.curves if curve.potential == stamp.name} == _METHODS


def computed_materials(precomputed_dir: Path, stamp: PotentialVersion) -> set[str]:
    """Return the materials whose rows are there at both geometries, made by the very same weights."""
    try:
        table = _present(precomputed_dir, PHONON_MATERIALS, RECOMPUTED_PHONONS)
    except ReferenceDataError:
        return set()
    made = {r.path for r in read_resources(precomputed_dir) if stamp in r.potentials}
    methods = table[table["potential"] == stamp.name].groupby("material_id")["method"].agg(set)
    return {str(name) for name, found in methods.items() if found == _METHODS and phonon_bands_path(str(name)) in made}


def failed_materials(precomputed_dir: Path, potential: str) -> set[str]:
    """Return the materials that are listed as failed with this potential."""
    table = _present(precomputed_dir, PHONON_FAILURES, FAILED_PHONONS)
    return set(table.loc[table["potential"] == potential, "material_id"])


def potentials_of(precomputed_dir: Path) -> list[PotentialVersion]:
    """Return the potentials that made any of the bands, by name."""
    makers = {
        stamp.name: stamp
        for resource in read_resources(precomputed_dir)
        if resource.path.startswith(PHONON_BANDS_FOLDER)
        for stamp in resource.potentials
    }
    return [makers[name] for name in sorted(makers)]


def sources_of(precomputed_dir: Path) -> list[ReferenceSource]:
    """Return the references of all bands, PhononDB first."""
    found = {
        source: None
        for resource in read_resources(precomputed_dir)
        if resource.path.startswith(PHONON_BANDS_FOLDER)
        for source in resource.sources
    }
    return sorted(found, key=lambda source: (source != PHONONDB, source.title)) or [PHONONDB]


def _makers(precomputed_dir: Path, path: str) -> tuple[PotentialVersion, ...]:
    """Return the potentials that made a file, as ``datapackage.json`` tells."""
    return next((r.potentials for r in read_resources(precomputed_dir) if r.path == path), ())


def _write_rows(precomputed_dir: Path, rows: Sequence[dict[str, object]], failures: Sequence[PhononFailure]) -> None:
    """Replace the rows of these materials, potentials and methods in the table; keep all others."""
    key = list(RECOMPUTED_PHONONS.key)
    failed = {(failure.material_id, failure.potential, failure.method) for failure in failures}
    before = _present(precomputed_dir, PHONON_MATERIALS, RECOMPUTED_PHONONS)
    kept = before[[tuple(names) not in failed for names in before[key].itertuples(index=False)]]
    new = pd.DataFrame(rows, columns=RECOMPUTED_PHONONS.column_names)
    table = pd.concat([kept.astype(object), new.astype(object)])
    table = table.drop_duplicates(key, keep="last").sort_values(key, ignore_index=True)
    write_table(
        precomputed_dir,
        PHONON_MATERIALS,
        table,
        description="Extreme phonon frequencies by PhononDB (PBEsol) and by potentials, relaxed and at its geometry.",
        licence=_LICENCE,
        sources=sources_of(precomputed_dir),
        potentials=potentials_of(precomputed_dir),
    )


def _write_failures(
    precomputed_dir: Path, material_id: str, failures: Sequence[PhononFailure], potentials: Sequence[str]
) -> None:
    table = _present(precomputed_dir, PHONON_FAILURES, FAILED_PHONONS)
    kept = table[~((table["material_id"] == material_id) & table["potential"].isin(potentials))]
    new = pd.DataFrame(
        [(f.material_id, f.potential, f.method, f.reason) for f in failures if f.is_about_material],
        columns=FAILED_PHONONS.column_names,
    )
    key = list(FAILED_PHONONS.key)
    write_table(
        precomputed_dir,
        PHONON_FAILURES,
        pd.concat([kept.astype(object), new.astype(object)]).sort_values(key, ignore_index=True),
        description="Phonons that could not be computed: crystal, potential, geometry, and why.",
        licence=_LICENCE,
        sources=sources_of(precomputed_dir),
        potentials=potentials_of(precomputed_dir),
    )


def _present(precomputed_dir: Path, path: str, schema: TableSchema) -> pd.DataFrame:
    """Return a table as it is; empty where there is none yet."""
    file = precomputed_dir / path
    return schema.read_csv(file) if file.is_file() else pd.DataFrame(columns=schema.column_names)
