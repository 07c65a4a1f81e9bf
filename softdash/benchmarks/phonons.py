"""The benchmark ``phonons``: bands, densities of states and maximum frequencies against PhononDB.

Each potential is shown twice: ``relaxed``, at its own minimum, as the paper does, and ``fixed``, at the geometry of the
reference, which takes the lattice constant out of the comparison. The reference is PBEsol while most potentials learnt
PBE: part of the difference is the functional.

A run keeps what is there already: a curve is computed again only when the potential's weights have changed, or on
request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from phonopy import Phonopy

from softdash.benchmarks.data_package import potential_version, read_resources, update_resource
from softdash.benchmarks.phonon_calculation import (
    BandPath,
    PotentialPhonons,
    band_path,
    from_ase,
    mesh_numbers,
    phonon_curve,
    potential_phonons,
    reference_phonons,
    require_same_symmetry,
    to_ase,
)
from softdash.benchmarks.phonondb import PHONONDB, PhononDBEntry, archive_path, read_entry
from softdash.benchmarks.relaxation import length_change_percent, relax_crystal
from softdash.benchmarks.tables import write_table
from softdash.catalog.phonon_bands import PhononBands, PhononCurve, PhononMethod, read_phonon_bands
from softdash.catalog.resources import PotentialVersion
from softdash.catalog.schemas import PHONON_BANDS_FOLDER, PHONON_MATERIALS, RECOMPUTED_PHONONS, phonon_bands_path
from softdash.errors import ReferenceDataError, SoftdashError
from softdash.potentials.interface import Potential
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings

MATERIALS = ("mp-1784", "mp-1265", "mp-149", "mp-661")
"""CsF (the paper's example), MgO, Si, AlN."""
_LICENCE = "CC-BY-4.0"
_POTENTIAL_METHODS: tuple[PhononMethod, ...] = ("relaxed", "fixed")
_DFT = "dft"

Report = Callable[[str], None]
"""Called with one line for each step and each failure."""


@dataclass(frozen=True, slots=True)
class PhononFailure:
    """A material that could not be computed with a potential, and why."""

    material_id: str
    potential: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class PhononReference:
    """The reference's side of a material: its entry, its phonons, and the path on which all curves are drawn."""

    entry: PhononDBEntry
    phonon: Phonopy
    path: BandPath
    curve: PhononCurve


def run_benchmark(
    material_ids: Sequence[str],
    potential_names: Sequence[str],
    settings: Settings,
    report: Report = print,
    *,
    recompute: bool = False,
) -> list[PhononFailure]:
    """Compute phonons and write ``phonons/bands/*.json`` and ``phonons/materials.csv``.

    Parameters
    ----------
    material_ids : sequence of str
        PhononDB entries; `MATERIALS` when empty.
    potential_names : sequence of str
        Names of `softdash.potentials.registry.cards`.
    settings : Settings
        `data_dir` holds the archives, `precomputed_dir` receives the results.
    recompute : bool
        Also compute what is there already.

    Returns
    -------
    list of PhononFailure
        Potentials that failed on a material; all others were written.

    Raises
    ------
    PotentialUnavailableError
        If a potential is unknown; one that does not load counts as failed.
    ReferenceDataError, NotFoundError
        If an archive is missing or damaged.
    """
    failures = []
    stamps = {name: potential_version(card(name)) for name in potential_names}
    for material_id in material_ids or MATERIALS:
        reference = prepare_reference(read_entry(archive_path(settings.data_dir, material_id)))
        for name, stamp in stamps.items():
            if not recompute and _is_computed(settings.precomputed_dir, material_id, stamp):
                report(f"{material_id} {name}: computed before")
                continue
            try:
                run_material(reference, name, load_potential(name), settings.precomputed_dir, stamp)
            except SoftdashError as error:
                failures.append(PhononFailure(material_id, name, str(error)))
                report(f"{material_id} {name}: {error}")
                continue
            report(f"{material_id} {name}: done")
    return failures


def run_material(
    reference: PhononReference, name: str, potential: Potential, precomputed_dir: Path, stamp: PotentialVersion
) -> None:
    """Compute one material with one potential, relaxed and fixed, and store both.

    Raises
    ------
    PredictionError
        If the potential cannot compute it, or changes its space group.
    """
    entry = reference.entry
    atoms = to_ase(entry.unit_cell)
    relaxation = relax_crystal(atoms, potential)
    relaxed = potential_phonons(entry, from_ase(relaxation.atoms), potential)
    require_same_symmetry(reference.phonon, relaxed.phonon, f"{entry.material_id}, {name}")
    fixed = potential_phonons(entry, entry.unit_cell, potential)
    bands = _stored_bands(precomputed_dir, reference)
    rows = [_row(reference, _DFT, reference.curve, entry.displacement_count)]
    for method, phonons in zip(_POTENTIAL_METHODS, (relaxed, fixed), strict=True):
        curve = phonon_curve(phonons.phonon, reference.path, name, method)
        bands = bands.with_curve(curve)
        rows.append(_row(reference, name, curve, phonons.displacement_count) | _quality(phonons))
    length_change = length_change_percent(atoms, relaxation.atoms)
    rows[1] |= {"relaxation_steps": relaxation.steps, "length_change_percent": length_change}
    _store(precomputed_dir, bands, rows, stamp)


def prepare_reference(entry: PhononDBEntry) -> PhononReference:
    """Compute the reference's phonons and the path.

    Raises
    ------
    ReferenceDataError
        If its forces give no force constants.
    """
    phonon = reference_phonons(entry)
    path = band_path(phonon)
    return PhononReference(entry, phonon, path, phonon_curve(phonon, path, _DFT, "dft"))


def _row(reference: PhononReference, name: str, curve: PhononCurve, displacement_count: int) -> dict[str, object]:
    return {
        "material_id": reference.entry.material_id,
        "formula": _formula(reference.entry),
        "potential": name,
        "method": curve.method,
        "atom_count": len(reference.phonon.primitive),
        "supercell_atom_count": len(reference.phonon.supercell),
        "displacement_count": displacement_count,
        "max_frequency": curve.max_frequency,
        "min_frequency": curve.min_frequency,
        "dft_max_frequency": reference.curve.max_frequency,
        "ratio": curve.max_frequency / reference.curve.max_frequency,
        "length_change_percent": 0.0,
    }


def _quality(phonons: PotentialPhonons) -> dict[str, float]:
    return {"residual_force": phonons.residual_force, "residual_stress": phonons.residual_stress}


def _formula(entry: PhononDBEntry) -> str:
    from pymatgen.core import Composition

    return str(Composition("".join(entry.unit_cell.symbols)).reduced_formula)


def _stored_bands(precomputed_dir: Path, reference: PhononReference) -> PhononBands:
    """Return what is stored of this material on the very same path, with a fresh DFT curve; else only that curve."""
    curves: tuple[PhononCurve, ...] = ()
    path = precomputed_dir / phonon_bands_path(reference.entry.material_id)
    if path.is_file():
        try:
            stored = read_phonon_bands(path)
        except ReferenceDataError:
            stored = None
        if stored is not None and stored.path == reference.path.segments:
            curves = tuple(curve for curve in stored.curves if curve.potential != _DFT)
    return PhononBands(
        material_id=reference.entry.material_id,
        formula=_formula(reference.entry),
        atom_count=len(reference.phonon.primitive),
        supercell=tuple(int(number) for number in reference.entry.supercell_matrix.ravel()),
        q_mesh=mesh_numbers(reference.phonon),
        path=reference.path.segments,
        curves=(reference.curve, *curves),
    )


def _is_computed(precomputed_dir: Path, material_id: str, stamp: PotentialVersion) -> bool:
    """Tell whether bands and rows are there, made by the very same weights: by identity, never by position."""
    path = phonon_bands_path(material_id)
    if stamp not in _stamps(precomputed_dir, path):
        return False
    try:
        bands = read_phonon_bands(precomputed_dir / path)
        table = RECOMPUTED_PHONONS.read_csv(precomputed_dir / PHONON_MATERIALS)
    except ReferenceDataError:
        return False
    rows = table[(table["material_id"] == material_id) & (table["potential"] == stamp.name)]
    curves = {curve.method for curve in bands.curves if curve.potential == stamp.name}
    return set(rows["method"]) == curves == set(_POTENTIAL_METHODS)


def _stamps(precomputed_dir: Path, path: str) -> tuple[PotentialVersion, ...]:
    """Return the potentials that made a file, as ``datapackage.json`` tells."""
    return next((r.potentials for r in read_resources(precomputed_dir) if r.path == path), ())


def _store(precomputed_dir: Path, bands: PhononBands, rows: list[dict[str, object]], stamp: PotentialVersion) -> None:
    path = phonon_bands_path(bands.material_id)
    present = {curve.potential for curve in bands.curves}
    stamps = {s.name: s for s in (*_stamps(precomputed_dir, path), stamp) if s.name in present}
    bands.write(precomputed_dir / path)
    update_resource(
        precomputed_dir,
        path,
        description=f"Phonon bands and densities of states of {bands.formula}: PhononDB and each potential, in THz.",
        licence=_LICENCE,
        sources=[PHONONDB],
        potentials=[stamps[name] for name in sorted(stamps)],
    )
    _store_rows(precomputed_dir, rows)


def _store_rows(precomputed_dir: Path, rows: list[dict[str, object]]) -> None:
    """Replace the rows of these materials, potentials and methods in the table; keep all others."""
    key = list(RECOMPUTED_PHONONS.key)
    table = pd.DataFrame(rows, columns=RECOMPUTED_PHONONS.column_names)
    file = precomputed_dir / PHONON_MATERIALS
    if file.is_file():
        table = pd.concat([RECOMPUTED_PHONONS.read_csv(file).astype(object), table.astype(object)])
    table = table.drop_duplicates(key, keep="last").sort_values(key, ignore_index=True)
    stamps = {
        stamp.name: stamp
        for resource in read_resources(precomputed_dir)
        if resource.path.startswith(PHONON_BANDS_FOLDER)
        for stamp in resource.potentials
    }
    write_table(
        precomputed_dir,
        PHONON_MATERIALS,
        table,
        description="Extreme phonon frequencies by PhononDB (PBEsol) and by potentials, relaxed and at its geometry.",
        licence=_LICENCE,
        sources=[PHONONDB],
        potentials=[stamps[name] for name in sorted(stamps)],
    )
