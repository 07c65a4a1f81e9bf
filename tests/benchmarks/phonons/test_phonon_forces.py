"""Forces behind phonons: what a relaxation must keep, and the store that makes runs resumable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from aluminium_archive import MATERIAL, PRIMITIVE, VERSION, aluminium

from softdash.benchmarks.phonons.calculation import band_path, phonon_curve, potential_phonons, reference_phonons
from softdash.benchmarks.phonons.forces import ForceStore, compute_forces, require_kept_symmetry
from softdash.benchmarks.phonons.phonondb import PhononDBEntry
from softdash.errors import PredictionError
from softdash.potentials.interface import Potential


def test_relaxation_that_loses_symmetry_is_refused(entry: PhononDBEntry) -> None:
    strained = aluminium()
    strained.set_cell(strained.cell.array * [1.0, 1.0, 1.05], scale_atoms=True)
    with pytest.raises(PredictionError, match="space group 139"):
        require_kept_symmetry(entry, strained)
    require_kept_symmetry(entry, aluminium())


def test_stored_forces_need_no_potential(entry: PhononDBEntry, emt: Potential, tmp_path: Path) -> None:
    store = ForceStore(tmp_path)
    for geometry in ("relaxed", "fixed"):
        assert store.get(VERSION, entry, geometry) is None
        computed = compute_forces(entry, geometry, emt)
        store.put(VERSION, entry, geometry, computed)
        stored = store.get(VERSION, entry, geometry)
        assert stored is not None
        np.testing.assert_allclose(stored.forces, computed.forces, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(stored.unit_cell.cell.array, computed.unit_cell.cell.array)
        assert stored.relaxation_steps == computed.relaxation_steps
        path = band_path(reference_phonons(entry))
        curves = [phonon_curve(potential_phonons(entry, c), path, "emt", geometry) for c in (computed, stored)]
        assert curves[0].max_frequency == pytest.approx(curves[1].max_frequency, abs=1e-3)
    relaxed, fixed = (store.get(VERSION, entry, geometry) for geometry in ("relaxed", "fixed"))
    assert relaxed.unit_cell.get_volume() < fixed.unit_cell.get_volume()


def test_store_never_returns_what_rests_on_something_else(entry: PhononDBEntry, emt: Potential, tmp_path: Path) -> None:
    store = ForceStore(tmp_path)
    store.put(VERSION, entry, "fixed", compute_forces(entry, "fixed", emt))
    assert store.get(VERSION.model_copy(update={"weights_sha256": "1" * 64}), entry, "fixed") is None
    assert store.get(VERSION, entry, "relaxed") is None
    larger = PhononDBEntry(MATERIAL, entry.unit_cell, 3 * np.eye(3, dtype=int), PRIMITIVE, entry.displacements)
    assert store.get(VERSION, larger, "fixed") is None
    file = next(tmp_path.rglob("*.npz"))
    file.write_bytes(file.read_bytes()[:100])
    assert store.get(VERSION, entry, "fixed") is None, "half a file is computed again"
