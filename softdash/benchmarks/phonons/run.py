"""The benchmark ``phonons``: bands, densities of states and maximum frequencies against PhononDB.

Each potential is shown twice: ``relaxed``, at its own minimum, as the paper does, and ``fixed``, at the geometry of the
reference, which takes the lattice constant out of the comparison. The reference is PBEsol while most potentials learnt
PBE: part of the difference is the functional.

A run keeps what is there already: a curve is computed again only when the potential's weights have changed, or on
request. A crystal, potential and geometry that fail cost only themselves, and are listed in ``phonons/failures.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from phonopy import Phonopy

from softdash.benchmarks.data.data_package import potential_version
from softdash.benchmarks.phonons.calculation import (
    BandPath,
    band_path,
    density_mesh,
    phonon_curve,
    potential_phonons,
    reference_phonons,
)
from softdash.benchmarks.phonons.forces import DisplacementForces, ForceStore, compute_forces, to_ase
from softdash.benchmarks.phonons.phonondb import PhononDBEntry, archive_path, entries_by_size, read_entry
from softdash.benchmarks.phonons.phonopy_file import read_phonon_file
from softdash.benchmarks.phonons.tables import (
    PhononFailure,
    computed_materials,
    failed_materials,
    is_computed,
    write_material,
)
from softdash.benchmarks.relaxation import length_change_percent
from softdash.catalog.phonon_bands import (
    IMAGINARY_BELOW,
    Geometry,
    PhononBands,
    PhononCurve,
    read_phonon_bands,
)
from softdash.catalog.resources import PotentialVersion
from softdash.catalog.schemas import phonon_bands_path
from softdash.errors import PotentialUnavailableError, ReferenceDataError, SoftdashError
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings

MATERIALS = ("mp-1784", "mp-1265", "mp-149", "mp-661")
"""CsF (the paper's example), MgO, Si, AlN."""
_GEOMETRIES: tuple[Geometry, ...] = get_args(Geometry)
_DFT = "dft"

Report = Callable[[str], None]
"""Called with one line for each step and each failure."""


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
    smallest: int = 0,
    recompute: bool = False,
    reference_file: Path | None = None,
) -> list[PhononFailure]:
    """Compute phonons and write ``phonons/bands/*.json.gz``, ``phonons/materials.csv`` and ``phonons/failures.csv``.

    Parameters
    ----------
    material_ids : sequence of str
        PhononDB entries; `MATERIALS` when nothing else is asked for.
    potential_names : sequence of str
        Names of `softdash.potentials.registry.cards`.
    settings : Settings
        `data_dir` holds the archives, `state_dir` the store of forces, `precomputed_dir` receives the results.
    smallest : int
        Also compute this many entries that are missing with one of the potentials, the cheapest first.
    recompute : bool
        Also compute what is there already.
    reference_file : pathlib.Path, optional
        A reader's own phonons, computed too; see `softdash.benchmarks.phonons.phonopy_file`.

    Returns
    -------
    list of PhononFailure
        What failed; all others were written.

    Raises
    ------
    PotentialUnavailableError
        If a potential is unknown; one that does not load counts as failed.
    ReferenceDataError, NotFoundError
        If the folder of reference data or an archive is missing, or the reference file cannot be used; before
        anything is computed.
    """
    stamps = [potential_version(card(name)) for name in potential_names]
    own = {} if reference_file is None else {(entry := read_phonon_file(reference_file)).material_id: entry}
    chosen = list(material_ids) or ([] if smallest or own else list(MATERIALS))
    if smallest:
        chosen += _missing(stamps, settings)[:smallest]
    chosen = list(dict.fromkeys(chosen))
    for material_id in chosen:
        if material_id not in own:
            archive_path(settings.data_dir, material_id)
    chosen = list(dict.fromkeys([*own, *chosen]))
    failures = []
    for position, material_id in enumerate(chosen, start=1):
        wanted = [s for s in stamps if recompute or not is_computed(settings.precomputed_dir, material_id, s)]
        if not wanted:
            report(f"{position}/{len(chosen)} {material_id}: computed before")
            continue
        failed = run_material(material_id, wanted, settings, recompute=recompute, own_entry=own.get(material_id))
        report(f"{position}/{len(chosen)} {material_id}: {', '.join(s.name for s in wanted)} done")
        for failure in failed:
            report(f"{material_id} {failure.potential} {failure.method}: {failure.reason}")
        failures += failed
    return failures


def run_material(
    material_id: str,
    stamps: Sequence[PotentialVersion],
    settings: Settings,
    *,
    recompute: bool = False,
    own_entry: PhononDBEntry | None = None,
) -> list[PhononFailure]:
    """Compute one material with some potentials, relaxed and fixed, and write what succeeded.

    Forces are taken from the store in `settings.state_dir` where they are, unless `recompute` is set. The reference is
    `own_entry`, or PhononDB's.
    """
    try:
        reference = prepare_reference(own_entry or read_entry(archive_path(settings.data_dir, material_id)))
    except SoftdashError as error:
        return [PhononFailure(material_id, _DFT, _DFT, str(error))]
    bands = _stored_bands(settings.precomputed_dir, reference)
    rows = [_row(reference, _DFT, reference.curve, reference.entry.displacement_count)]
    failures = []
    for stamp in stamps:
        for geometry in _GEOMETRIES:
            try:
                computed = _forces(reference.entry, geometry, stamp, settings, recompute=recompute)
                phonon = potential_phonons(reference.entry, computed)
                curve = phonon_curve(phonon, reference.path, stamp.name, geometry)
            except SoftdashError as error:
                is_about_material = not isinstance(error, PotentialUnavailableError)
                failures.append(PhononFailure(material_id, stamp.name, geometry, str(error), is_about_material))
                continue
            bands = bands.with_curve(curve)
            rows.append(
                _row(reference, stamp.name, curve, len(computed.forces)) | _quality(reference, computed, geometry)
            )
    if len(rows) > 1 or any(failure.is_about_material for failure in failures):
        write_material(settings.precomputed_dir, bands, rows, failures, stamps, reference.entry.source)
    return failures


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


def force_store(settings: Settings) -> ForceStore:
    """Return the store of computed forces in the state folder."""
    return ForceStore(settings.state_dir / "benchmarks" / "phonons")


def _forces(
    entry: PhononDBEntry, geometry: Geometry, stamp: PotentialVersion, settings: Settings, *, recompute: bool
) -> DisplacementForces:
    store = force_store(settings)
    stored = None if recompute else store.get(stamp, entry, geometry)
    if stored is not None:
        return stored
    computed = compute_forces(entry, geometry, load_potential(stamp.name))
    store.put(stamp, entry, geometry, computed)
    return computed


def _missing(stamps: Sequence[PotentialVersion], settings: Settings) -> list[str]:
    """Return the entries not yet computed with all potentials, cheapest first, without those that failed before."""
    folder = settings.precomputed_dir
    tried = [computed_materials(folder, stamp) | failed_materials(folder, stamp.name) for stamp in stamps]
    return [name for name in entries_by_size(settings.data_dir) if not all(name in those for those in tried)]


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
        "has_imaginary_modes": curve.min_frequency < IMAGINARY_BELOW,
        "dft_max_frequency": reference.curve.max_frequency,
        "ratio": curve.max_frequency / reference.curve.max_frequency,
        "length_change_percent": 0.0,
        "has_converged": True,
    }


def _quality(reference: PhononReference, computed: DisplacementForces, geometry: Geometry) -> dict[str, object]:
    quality: dict[str, object] = {"has_converged": computed.has_converged}
    if not computed.has_converged:
        # A relaxation that wanders on a flat energy surface ends anywhere: its ratio would say nothing.
        quality["ratio"] = None
    quality |= {
        "residual_force": computed.residual_force,
        "residual_stress": computed.residual_stress,
    }
    if geometry == "relaxed":
        quality["relaxation_steps"] = computed.relaxation_steps
        quality["length_change_percent"] = length_change_percent(to_ase(reference.entry.unit_cell), computed.unit_cell)
    return quality


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
    q_mesh, q_mesh_cell = density_mesh(reference.phonon)
    return PhononBands(
        material_id=reference.entry.material_id,
        formula=_formula(reference.entry),
        atom_count=len(reference.phonon.primitive),
        supercell=tuple(int(number) for number in reference.entry.supercell_matrix.ravel()),
        q_mesh=q_mesh,
        q_mesh_cell=q_mesh_cell,
        path=reference.path.segments,
        curves=(reference.curve, *curves),
    )
