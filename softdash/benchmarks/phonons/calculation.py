"""Harmonic phonons by finite displacements: force constants, one path for all methods, densities of states.

Definitions: the extremes of the frequencies are taken over a Γ-centred q-mesh of length 100 Å (phonopy's default
density) and the path together, for a mesh with an odd number of points misses the zone boundary; there is no
non-analytical term; imaginary frequencies are negative. A density of states is the mean over each of its intervals of
frequency, from the integrated density by the linear tetrahedron method: a flat band between two points of the grid
counts in full, and the density holds 3 × atoms modes. All by phonopy (Togo, J. Phys. Soc. Jpn. 92, 012001 (2023)); the
path is that of seekpath (Hinuma et al., Comput. Mater. Sci. 128, 140 (2017)).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from phonopy import Phonopy
from phonopy.phonon.spectrum import TetrahedronDOSAccumulator

from softdash.benchmarks.phonons.forces import DisplacementForces, from_ase, new_phonopy
from softdash.benchmarks.phonons.phonondb import PhononDBEntry
from softdash.catalog.phonon_bands import MeshCell, PathSegment, PhononCurve, PhononMethod
from softdash.errors import PredictionError, ReferenceDataError

MESH_LENGTH = 100.0
"""Of the mesh for the extremes, Å (phonopy's default density)."""
DOS_MESH_LENGTH = 60.0
"""Of the mesh for the density of states: its tetrahedra take most of the time, and a finer mesh looks the same."""
_PATH_POINTS_MAX = 240
# Wave vectors this far apart (1/Å, without 2π) draw smooth bands: a large cell, with its short path, needs few.
_PATH_SPACING = 0.005
_SEGMENT_POINTS_MIN = 5
_DISTANCE_DECIMALS = 6
_BAND_DECIMALS = 3
"""0.001 THz is 0.03 cm⁻¹, a tenth of a pixel of the figure."""
_EXTREME_DECIMALS = 4
_DOS_DECIMALS = 4
_DOS_POINTS = 201
_LABELS = {"GAMMA": "Γ", "SIGMA": "Σ", "DELTA": "Δ", "LAMBDA": "Λ"}


@dataclass(frozen=True, slots=True, eq=False)
class BandPath:
    """The path: its segments, and their q-points (fractional, in the basis of the primitive cell)."""

    segments: tuple[PathSegment, ...]
    qpoints: tuple[NDArray[np.float64], ...]


def reference_phonons(entry: PhononDBEntry) -> Phonopy:
    """Return the phonons of the reference, from its own displacements and forces.

    Raises
    ------
    ReferenceDataError
        If phonopy cannot make force constants from them.
    """
    phonon = new_phonopy(entry, entry.unit_cell)
    phonon.dataset = entry.displacements
    try:
        _make_force_constants(phonon)
    except (RuntimeError, ValueError) as error:
        message = f"The reference forces give no force constants ({error})."
        raise ReferenceDataError(message, where=entry.material_id) from error
    return phonon


def potential_phonons(entry: PhononDBEntry, computed: DisplacementForces) -> Phonopy:
    """Return the phonons of a potential from its forces in the entry's supercell.

    Raises
    ------
    PredictionError
        If phonopy cannot make force constants from them.
    """
    phonon = new_phonopy(entry, from_ase(computed.unit_cell))
    moved = zip(computed.displaced_atoms.tolist(), computed.displacements, computed.forces, strict=True)
    phonon.dataset = {
        "natom": len(phonon.supercell),
        "first_atoms": [
            {"number": atom, "displacement": displacement, "forces": forces} for atom, displacement, forces in moved
        ],
    }
    try:
        _make_force_constants(phonon)
    except (RuntimeError, ValueError) as error:
        message = f"The forces of the potential give no force constants ({error})."
        raise PredictionError(message, where=entry.material_id) from error
    return phonon


def band_path(phonon: Phonopy) -> BandPath:
    """Return the path through the Brillouin zone of a primitive cell, its points spread evenly.

    Broken where seekpath's path is: a segment then starts at another label than the one before ended at, at the
    same distance.
    """
    import seekpath

    primitive = phonon.primitive
    # The path of the cell as it is: seekpath's standard cell may be turned against phonopy's primitive cell.
    with warnings.catch_warnings():
        # An entry may call a supercell its primitive cell; the path in that cell's basis is what is wanted.
        warnings.filterwarnings("ignore", message="The provided cell is a supercell")
        found = seekpath.get_path_orig_cell(primitive.totuple())
    reciprocal = np.linalg.inv(primitive.cell)
    ends = [(np.array(found["point_coords"][a]), np.array(found["point_coords"][b])) for a, b in found["path"]]
    lengths = [float(np.linalg.norm(reciprocal @ (end - start))) for start, end in ends]
    spacing = max(_PATH_SPACING, sum(lengths) / _PATH_POINTS_MAX)
    segments, qpoints, travelled = [], [], 0.0
    for names, (start, end), length in zip(found["path"], ends, lengths, strict=True):
        count = max(_SEGMENT_POINTS_MIN, round(length / spacing) + 1)
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
        fine = phonon.run_mesh(MESH_LENGTH, is_gamma_center=True).frequencies
        low = min(float(fine.min()), float(at_once.min()))
        high = max(float(fine.max()), float(at_once.max()))
        phonon.run_mesh(DOS_MESH_LENGTH, is_gamma_center=True)
    places, dos = _density_of_states(phonon, low, high)
    return PhononCurve(
        potential=potential,
        method=method,
        frequencies=tuple(_rounded_rows(part) for part in parts),
        dos_frequencies=tuple(_rounded(places, _EXTREME_DECIMALS)),
        dos=tuple(_rounded(dos, _DOS_DECIMALS)),
        max_frequency=_rounded([high], _EXTREME_DECIMALS)[0],
        min_frequency=_rounded([low], _EXTREME_DECIMALS)[0],
    )


def density_mesh(phonon: Phonopy) -> tuple[tuple[int, int, int], MeshCell]:
    """Return the q-mesh of the last density of states, and the cell along whose axes it lies.

    For some centred lattices phonopy takes a generalised grid, regular along the axes of the conventional cell; the
    numbers it gives then are those of a matrix decomposition (1×17×306 for 17×17×9), and no mesh along any axes.
    """
    mesh: Any = phonon.mesh  # there: a density of states was computed
    matrix = mesh.bz_grid.grid_matrix
    if matrix is None:
        return _three(mesh.mesh_numbers), "primitive"
    # Row by row, a conventional axis in terms of the primitive ones, times its number of points.
    return _three(np.gcd.reduce(np.abs(np.asarray(matrix, dtype=np.int64)), axis=1)), "conventional"


def _density_of_states(phonon: Phonopy, low: float, high: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the middles of equal intervals of frequency (THz) and the mean density in each (states/THz)."""
    margin = 0.02 * (high - low)
    edges = np.linspace(low - margin, high + margin, _DOS_POINTS + 1)
    mesh: Any = phonon.mesh
    integrated = TetrahedronDOSAccumulator(
        mesh.frequencies,
        mesh.bz_grid,
        ir_grid_points=mesh.ir_grid_points,
        ir_grid_weights=mesh.weights,
        ir_grid_map=mesh.grid_mapping_table,
        sampling_points=edges,
    ).result.cumulative[0, :, 0]
    dos = np.diff(integrated) / np.diff(edges)
    return (edges[:-1] + edges[1:]) / 2, np.maximum(dos, 0.0)


def _three(numbers: Any) -> tuple[int, int, int]:
    first, second, third = (int(number) for number in numbers)
    return first, second, third


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
    rows: Any = _rounded(values, _BAND_DECIMALS)
    return tuple(tuple(row) for row in rows)
