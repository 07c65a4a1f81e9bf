"""Harmonic phonons by finite displacements: force constants, one path for all methods, densities of states.

Definitions: the extremes of the frequencies are taken over a Γ-centred q-mesh of length 100 Å (phonopy's default
density) and the path together, for a mesh with an odd number of points misses the zone boundary; there is no
non-analytical term; imaginary frequencies are negative. All by phonopy (Togo, J. Phys. Soc. Jpn.
92, 012001 (2023)); the path is that of seekpath (Hinuma et al., Comput. Mater. Sci. 128, 140 (2017)).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray
from phonopy import Phonopy
from phonopy.structure.atoms import PhonopyAtoms

from softdash.benchmarks.phonondb import PhononDBEntry
from softdash.catalog.phonon_bands import FREQUENCY_DECIMALS, PathSegment, PhononCurve, PhononMethod
from softdash.errors import PredictionError, ReferenceDataError
from softdash.potentials.interface import Potential

DISPLACEMENT = 0.01
"""Finite displacement, Å (PhononDB's own)."""
MESH_LENGTH = 100.0
_PATH_POINTS = 240
_SEGMENT_POINTS_MIN = 5
_DISTANCE_DECIMALS = 6
_DOS_DECIMALS = 5
_DOS_POINTS = 300
_LABELS = {"GAMMA": "Γ", "SIGMA": "Σ", "DELTA": "Δ", "LAMBDA": "Λ"}


@dataclass(frozen=True, slots=True, eq=False)
class BandPath:
    """The path: its segments, and their q-points (fractional, in the basis of the primitive cell)."""

    segments: tuple[PathSegment, ...]
    qpoints: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class PotentialPhonons:
    """Phonons by a potential, with the size of what was computed.

    `residual_force` (eV/Å) and `residual_stress` (eV/Å³) are the largest components in the undisplaced cell.
    """

    phonon: Phonopy
    displacement_count: int
    residual_force: float
    residual_stress: float


def reference_phonons(entry: PhononDBEntry) -> Phonopy:
    """Return the phonons of the reference, from its own displacements and forces.

    Raises
    ------
    ReferenceDataError
        If phonopy cannot make force constants from them.
    """
    phonon = _new_phonopy(entry, entry.unit_cell)
    phonon.dataset = entry.displacements
    try:
        _make_force_constants(phonon)
    except (RuntimeError, ValueError) as error:
        message = f"The reference forces give no force constants ({error})."
        raise ReferenceDataError(message, where=entry.material_id) from error
    return phonon


def potential_phonons(entry: PhononDBEntry, unit_cell: PhonopyAtoms, potential: Potential) -> PotentialPhonons:
    """Return the phonons of a potential for a given unit cell, in the entry's supercell.

    The forces in the undisplaced supercell are subtracted, so that a geometry that is not the potential's own, or
    single precision, leaves no constant part in the force constants.

    Raises
    ------
    PredictionError
        If the potential cannot compute a supercell.
    """
    phonon = _new_phonopy(entry, unit_cell)
    phonon.generate_displacements(distance=DISPLACEMENT)
    displaced = phonon.supercells_with_displacements or []
    unit = potential.predict([to_ase(unit_cell)], stress=True)[0]
    frames = [to_ase(phonon.supercell), *(to_ase(cell) for cell in displaced if cell is not None)]
    undisplaced, *predictions = potential.predict(frames)
    phonon.forces = np.array([prediction.forces - undisplaced.forces for prediction in predictions])
    _make_force_constants(phonon)
    stress = 0.0 if unit.stress is None else float(np.abs(unit.stress).max())
    return PotentialPhonons(phonon, len(predictions), float(np.abs(unit.forces).max()), stress)


def band_path(phonon: Phonopy) -> BandPath:
    """Return the path through the Brillouin zone of a primitive cell, its points spread evenly.

    Broken where seekpath's path is: a segment then starts at another label than the one before ended at, at the
    same distance.
    """
    import seekpath

    primitive = phonon.primitive
    # The path of the cell as it is: seekpath's standard cell may be turned against phonopy's primitive cell.
    found = seekpath.get_path_orig_cell(primitive.totuple())
    reciprocal = np.linalg.inv(primitive.cell)
    ends = [(np.array(found["point_coords"][a]), np.array(found["point_coords"][b])) for a, b in found["path"]]
    lengths = [float(np.linalg.norm(reciprocal @ (end - start))) for start, end in ends]
    segments, qpoints, travelled = [], [], 0.0
    for names, (start, end), length in zip(found["path"], ends, lengths, strict=True):
        count = max(_SEGMENT_POINTS_MIN, round(_PATH_POINTS * length / sum(lengths)) + 1)
        distances = np.linspace(travelled, travelled + length, count).round(_DISTANCE_DECIMALS)
        segments.append(PathSegment(start=_label(names[0]), end=_label(names[1]), distances=tuple(distances.tolist())))
        qpoints.append(start + np.linspace(0, 1, count)[:, None] * (end - start))
        travelled += length
    return BandPath(tuple(segments), tuple(qpoints))


def phonon_curve(phonon: Phonopy, path: BandPath, potential: str, method: PhononMethod) -> PhononCurve:
    """Return bands on a path, density of states and extremes of one set of force constants."""
    at_once = phonon.run_qpoints(np.concatenate(path.qpoints)).frequencies
    parts = np.split(np.sort(at_once, axis=1), np.cumsum([len(points) for points in path.qpoints])[:-1])
    with warnings.catch_warnings():
        # For some centred lattices phonopy takes a generalised grid to keep the point group: nothing to do about.
        warnings.filterwarnings("ignore", message=".*rebuilt as a generalized regular grid")
        mesh = phonon.run_mesh(MESH_LENGTH, is_gamma_center=True)
    low = min(float(mesh.frequencies.min()), float(at_once.min()))
    high = max(float(mesh.frequencies.max()), float(at_once.max()))
    margin = 0.02 * (high - low)
    pitch = (high - low + 2 * margin) / _DOS_POINTS
    dos = phonon.run_total_dos(freq_min=low - margin, freq_max=high + margin, freq_pitch=pitch)
    return PhononCurve(
        potential=potential,
        method=method,
        frequencies=tuple(_rounded_rows(part) for part in parts),
        dos_frequencies=tuple(_rounded(dos.frequency_points, FREQUENCY_DECIMALS)),
        dos=tuple(_rounded(dos.dos, _DOS_DECIMALS)),
        max_frequency=_rounded([high], FREQUENCY_DECIMALS)[0],
        min_frequency=_rounded([low], FREQUENCY_DECIMALS)[0],
    )


def mesh_numbers(phonon: Phonopy) -> tuple[int, int, int]:
    """Return the q-mesh of the last density of states."""
    first, second, third = (int(number) for number in phonon.mesh.mesh_numbers)
    return first, second, third


def to_ase(cell: PhonopyAtoms) -> Atoms:
    """Return a cell of phonopy as periodic ASE atoms."""
    return Atoms(cell.symbols, cell=cell.cell, scaled_positions=cell.scaled_positions, pbc=True)


def from_ase(atoms: Atoms) -> PhonopyAtoms:
    """Return ASE atoms as a cell of phonopy."""
    return PhonopyAtoms(
        symbols=atoms.get_chemical_symbols(), cell=atoms.cell.array, scaled_positions=atoms.get_scaled_positions()
    )


def _new_phonopy(entry: PhononDBEntry, unit_cell: PhonopyAtoms) -> Phonopy:
    return Phonopy(unit_cell, supercell_matrix=entry.supercell_matrix, primitive_matrix=entry.primitive_matrix)


def _make_force_constants(phonon: Phonopy) -> None:
    phonon.produce_force_constants(show_drift=False)
    # Acoustic sum rule: without it the acoustic modes at Γ keep the noise of the forces.
    phonon.symmetrize_force_constants(show_drift=False)


def _label(name: str) -> str:
    stem, _, index = name.partition("_")
    return _LABELS.get(stem, stem) + index.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _rounded(values: Sequence[float] | NDArray[np.float64], decimals: int) -> list[float]:
    # Adding 0.0 turns −0.0 into 0.0.
    rounded: list[float] = (np.round(values, decimals) + 0.0).tolist()
    return rounded


def _rounded_rows(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    rows: Any = _rounded(values, FREQUENCY_DECIMALS)
    return tuple(tuple(row) for row in rows)


def require_same_symmetry(reference: Phonopy, relaxed: Phonopy, where: str) -> None:
    """Refuse a relaxation that changed the space group: one path would no longer serve both crystals.

    Raises
    ------
    PredictionError
        If it did.
    """
    before, after = (phonon.symmetry.dataset.number for phonon in (reference, relaxed))
    if before != after:
        raise PredictionError(
            f"The relaxed cell has space group {after}, the reference {before}: their bands cannot be compared.",
            where=where,
        )
