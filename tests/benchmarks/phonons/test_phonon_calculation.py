"""Phonons of a potential against those of the reference: frequencies, paths, densities of states."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from aluminium_archive import LATTICE_CONSTANT, MATERIAL, PRIMITIVE, ScaledPotential, at_reference, direct_phonopy

from softdash.benchmarks.phonons.calculation import band_path, density_mesh, phonon_curve, reference_phonons
from softdash.benchmarks.phonons.phonondb import PhononDBEntry
from softdash.catalog.phonon_bands import PhononCurve
from softdash.potentials.interface import Potential


def test_reference_frequencies_are_those_of_phonopy_alone(entry: PhononDBEntry) -> None:
    direct = direct_phonopy()
    qpoints = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.1, 0.2, 0.3]]
    expected = direct.run_qpoints(qpoints).frequencies
    ours = reference_phonons(entry).run_qpoints(qpoints).frequencies
    np.testing.assert_allclose(ours[1:], expected[1:], atol=1e-4)
    np.testing.assert_allclose(ours[0], 0.0, atol=1e-4)


def test_potential_that_made_the_reference_has_ratio_one(entry: PhononDBEntry, plain: PhononCurve) -> None:
    reference = reference_phonons(entry)
    expected = phonon_curve(reference, band_path(reference), "dft", "dft")
    assert plain.max_frequency == pytest.approx(expected.max_frequency, rel=1e-4)
    for segment, expected_segment in zip(plain.frequencies, expected.frequencies, strict=True):
        np.testing.assert_allclose(segment, expected_segment, atol=2e-3)


@pytest.mark.parametrize("factor", [0.25, 0.64, 1.21])
def test_uniform_scaling_gives_the_square_root(
    entry: PhononDBEntry, emt: Potential, plain: PhononCurve, factor: float
) -> None:
    path = band_path(reference_phonons(entry))
    scaled_phonon = at_reference(entry, ScaledPotential(emt, factor))
    scaled = phonon_curve(scaled_phonon, path, "soft", "fixed")
    assert scaled.max_frequency == pytest.approx(np.sqrt(factor) * plain.max_frequency, abs=1e-4)
    for segment, plain_segment in zip(scaled.frequencies, plain.frequencies, strict=True):
        # Bands are stored to 0.001 THz.
        np.testing.assert_allclose(segment, np.sqrt(factor) * np.array(plain_segment), atol=1.2e-3)


def test_imaginary_modes_are_negative(entry: PhononDBEntry, emt: Potential, plain: PhononCurve) -> None:
    path = band_path(reference_phonons(entry))
    upside_down = at_reference(entry, ScaledPotential(emt, -1.0))
    turned = phonon_curve(upside_down, path, "turned", "fixed")
    assert turned.min_frequency == pytest.approx(-plain.max_frequency, abs=1e-4)


def test_density_of_states_holds_all_modes(entry: PhononDBEntry) -> None:
    reference = reference_phonons(entry)
    curve = phonon_curve(reference, band_path(reference), "dft", "dft")
    assert np.trapezoid(curve.dos, curve.dos_frequencies) == pytest.approx(3 * len(reference.primitive), rel=1e-4)
    assert curve.mode_count == pytest.approx(3 * len(reference.primitive), rel=1e-4)
    assert curve.dos_scale == 1
    assert min(curve.dos_frequencies) <= curve.min_frequency
    assert max(curve.dos_frequencies) >= curve.max_frequency


def test_mesh_of_a_body_centred_cell_is_told_along_its_conventional_axes() -> None:
    """phonopy's grid of 17×17×9 points along the axes of a body-centred tetragonal cell, whose own numbers differ."""
    matrix = np.array([[0, 17, 17], [17, 0, 17], [9, 9, 0]])
    mesh = SimpleNamespace(mesh_numbers=[1, 17, 306], bz_grid=SimpleNamespace(grid_matrix=matrix))
    assert density_mesh(SimpleNamespace(mesh=mesh)) == ((17, 17, 9), "conventional")
    mesh.bz_grid.grid_matrix = None
    assert density_mesh(SimpleNamespace(mesh=mesh)) == ((1, 17, 306), "primitive")


def test_path_keeps_its_break_and_starts_at_gamma(entry: PhononDBEntry) -> None:
    reference = reference_phonons(entry)
    path = band_path(reference)
    names = [(segment.start, segment.end) for segment in path.segments]
    assert names == [("Γ", "X"), ("X", "U"), ("K", "Γ"), ("Γ", "L"), ("L", "W"), ("W", "X")]
    for before, after in zip(path.segments[:-1], path.segments[1:], strict=True):
        assert before.distances[-1] == after.distances[0]
    # Γ–X of a face-centred cubic crystal is one over its lattice constant long.
    assert path.segments[0].distances[-1] == pytest.approx(1 / LATTICE_CONSTANT, abs=1e-6)
    curve = phonon_curve(reference, path, "dft", "dft")
    np.testing.assert_allclose(curve.frequencies[0][0], 0.0, atol=1e-3)
    # U and K are the same point but for a reciprocal lattice vector: the break joins equal frequencies.
    np.testing.assert_allclose(curve.frequencies[1][-1], curve.frequencies[2][0], atol=1e-3)


def test_path_does_not_depend_on_the_choice_of_primitive_cell(entry: PhononDBEntry) -> None:
    turned_axes = PRIMITIVE @ np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    turned = PhononDBEntry(MATERIAL, entry.unit_cell, entry.supercell_matrix, turned_axes, entry.displacements)
    curves = []
    for each in (entry, turned):
        phonon = reference_phonons(each)
        curves.append(phonon_curve(phonon, band_path(phonon), "dft", "dft"))
    for segment, turned_segment in zip(curves[0].frequencies, curves[1].frequencies, strict=True):
        np.testing.assert_allclose(segment, turned_segment, atol=2e-3)
