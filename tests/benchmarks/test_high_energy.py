"""The high-energy task from reference files to tables, with EMT in place of a universal potential."""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path
from time import sleep

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write

from softdash.benchmarks.data import predictions
from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.data.datasets import DatasetKind, ReferenceDataset
from softdash.benchmarks.data.reference_data import read_materials
from softdash.benchmarks.high_energy import run as high_energy
from softdash.catalog import schemas
from softdash.catalog.tables import TableSchema
from softdash.errors import PotentialUnavailableError, ReferenceDataError
from softdash.potentials import registry
from softdash.settings import Settings

# What EMT gets wrong here, exactly: the "DFT" forces are EMT's own, divided by this.
TRUE_SLOPE = 0.8
DATASET = ReferenceDataset(
    name="metals",
    label="Metals",
    kind=DatasetKind.HIGH_ENERGY,
    level_of_theory="PBE",
    files=("forces/metals.extxyz.xz",),
    sources=(),
    note="",
)


def _frames() -> list[Atoms]:
    frames = []
    for material, count in (("Cu", 3), ("Al", 4), ("Cu3Au", 2)):
        for seed in range(count):
            crystal = bulk("Cu", cubic=True) if material == "Cu3Au" else bulk(material, cubic=True)
            if material == "Cu3Au":
                crystal.symbols[0] = "Au"
            crystal = crystal.repeat((2, 1, 1))
            crystal.rattle(0.1, seed=seed)
            frames.append(_labelled(crystal, material))
    return frames


def _labelled(atoms: Atoms, material: str, forces: np.ndarray | None = None) -> Atoms:
    if forces is None:
        probe = atoms.copy()
        probe.calc = EMT()
        forces = probe.get_forces() / TRUE_SLOPE
    atoms.calc = SinglePointCalculator(atoms, energy=-1.0, forces=forces)
    atoms.info = {"material_id": f"metals:{material}", "formula": material, "functional": "PBE", "pressure_GPa": 2.5}
    return atoms


def _write(settings: Settings, frames: Sequence[Atoms]) -> None:
    assert settings.data_dir is not None
    text = StringIO()
    write(text, list(frames), format="extxyz")
    file = settings.data_dir / DATASET.files[0]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lzma.compress(text.getvalue().encode()))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", state_dir=tmp_path / "state", precomputed_dir=tmp_path / "precomputed")


def _silent(title: str, done: int, total: int) -> None:
    pass


def _run(settings: Settings, dataset: ReferenceDataset = DATASET) -> pd.DataFrame:
    high_energy.run(dataset, "emt", settings, _silent)
    return schemas.HIGH_ENERGY_MATERIALS.read_csv(settings.precomputed_dir / schemas.MATERIALS)


class CountingPotential:
    """EMT that counts the frames it computes, and fails where told to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.frames = 0
        self.stop_after = stop_after

    def predict(self, frames, *, stress=False, progress=None):
        if self.stop_after is not None and self.frames >= self.stop_after:
            raise KeyboardInterrupt
        self.frames += len(frames)
        return registry.load_potential("emt").predict(frames)


def test_the_true_slope_comes_out_to_all_digits(settings: Settings) -> None:
    _write(settings, _frames())
    table = _run(settings)
    assert table["material_id"].tolist() == ["metals:Cu", "metals:Al", "metals:Cu3Au"]
    # The reference file keeps eight decimals.
    np.testing.assert_allclose(table["slope"], TRUE_SLOPE, atol=1e-6)
    assert table["frame_count"].tolist() == [3, 4, 2]
    assert table["elements"].tolist() == ["Cu", "Al", "Au Cu"]
    assert table["pressure_gpa"].tolist() == [2.5] * 3
    assert not table["functional_mismatch"].any()


def test_an_interrupted_run_goes_on_where_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(settings, _frames())
    first, second = CountingPotential(stop_after=5), CountingPotential()
    monkeypatch.setattr(high_energy, "load_potential", lambda name: first)
    with pytest.raises(KeyboardInterrupt):
        high_energy.run(DATASET, "emt", settings, _silent)
    assert first.frames == 7
    monkeypatch.setattr(high_energy, "load_potential", lambda name: second)
    table = _run(settings)
    assert second.frames == 2
    np.testing.assert_allclose(table["slope"], TRUE_SLOPE, atol=1e-6)


def test_resuming_goes_by_content_not_by_position(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _frames()
    _write(settings, frames)
    _run(settings)
    counting = CountingPotential()
    monkeypatch.setattr(high_energy, "load_potential", lambda name: counting)
    # Another order of materials: nothing to compute, and each slope stays with its material.
    _write(settings, frames[::-1])
    assert set(_run(settings)["material_id"]) == {"metals:Cu", "metals:Al", "metals:Cu3Au"}
    changed = counting.frames
    # Reversing also reverses the frames within a material: their order is part of the content.
    assert changed == len(frames)
    # One moved atom: that material alone is computed again.
    moved = _frames()
    moved[0].positions[0, 0] += 0.05
    _write(settings, moved)
    _run(settings)
    assert counting.frames == changed + 3


def test_another_version_of_the_weights_shares_nothing(settings: Settings) -> None:
    _write(settings, _frames())
    material = read_materials(DATASET, settings)[0]
    _run(settings)
    store = high_energy.prediction_store(settings)
    stamp = high_energy.potential_version(registry.card("emt"))
    assert store.get(stamp, material) is not None
    assert store.get(stamp.model_copy(update={"weights_sha256": "0" * 64}), material) is None


def test_a_new_revision_of_the_adapter_asks_for_new_predictions(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same package, same weights, other numbers: what the former adapter said must not come back."""
    _write(settings, _frames())
    material = read_materials(DATASET, settings)[0]
    _run(settings)
    store, emt = high_energy.prediction_store(settings), registry.card("emt")
    stamp = high_energy.potential_version(emt)
    assert store.get(stamp, material) is not None
    monkeypatch.setattr(predictions, "cards", lambda: (replace(emt, revision=2),))
    assert store.get(stamp, material) is None


def test_adapters_whose_numbers_changed_say_so() -> None:
    changed = {one.name for one in registry.cards() if one.revision > 1}
    assert "chgnet-0.2.0" in changed
    assert {one.name for one in registry.cards() if one.queue == "matgl"} <= changed
    assert "chgnet-0.3.0" not in changed


def test_half_a_stored_file_is_computed_again(settings: Settings) -> None:
    _write(settings, _frames())
    before = _run(settings)
    stored = sorted(settings.state_dir.rglob("*.npz"))
    assert len(stored) == 3
    stored[0].write_bytes(stored[0].read_bytes()[:100])
    pd.testing.assert_frame_equal(_run(settings), before)


def test_one_failing_frame_costs_that_frame(settings: Settings) -> None:
    frames = _frames()
    frames[1] = _labelled(bulk("NaCl", "rocksalt", a=5.6, cubic=True), "Cu", forces=np.full((8, 3), 0.5))
    still = bulk("Al", cubic=True)
    frames[4] = _labelled(still, "Al", forces=np.zeros((4, 3)))
    alone = _labelled(bulk("Pt", cubic=True), "Pt", forces=np.zeros((4, 3)))
    _write(settings, [*frames, alone])
    table = _run(settings).set_index("material_id")
    assert table.loc["metals:Cu", "frame_count"] == 2
    assert table.loc["metals:Cu", "frames_refused"] == 1
    np.testing.assert_allclose(table["slope"], TRUE_SLOPE, atol=1e-6)
    assert "metals:Pt" not in table.index
    failures = schemas.HIGH_ENERGY_FAILURES.read_csv(settings.precomputed_dir / schemas.FAILURES)
    reasons = {
        (row.material_id, None if pd.isna(row.frame) else int(row.frame)): row.reason for row in failures.itertuples()
    }
    assert set(reasons) == {("metals:Cu", 2), ("metals:Al", 2), ("metals:Pt", 1), ("metals:Pt", None)}
    assert "does not know Na, Cl" in reasons["metals:Cu", 2]
    assert "almost zero" in reasons["metals:Al", 2]


def test_frames_near_equilibrium_are_left_out_where_the_set_says_so(settings: Settings) -> None:
    frames = _frames()
    frames[0] = _labelled(bulk("Cu", cubic=True), "Cu", forces=np.full((4, 3), 0.09))
    _write(settings, frames)
    everything = _run(settings).set_index("material_id")
    strict = _run(settings, replace(DATASET, smallest_reference_max=0.1)).set_index("material_id")
    assert everything.loc["metals:Cu", "frame_count"] == 3
    assert strict.loc["metals:Cu", "frame_count"] == 2
    assert strict.loc["metals:Cu", "slope"] == pytest.approx(TRUE_SLOPE, abs=1e-6)
    failures = schemas.HIGH_ENERGY_FAILURES.read_csv(settings.precomputed_dir / schemas.FAILURES)
    assert failures["reason"].str.contains(r"reaches 0\.1 eV/Å \(largest 0\.09\)").sum() == 1


def test_points_give_the_slope_again(settings: Settings) -> None:
    _write(settings, _frames())
    table = _run(settings).set_index("material_id")
    file = settings.precomputed_dir / schemas.points_path("metals", "emt")
    points = pq.read_table(file, filters=[("material_id", "=", "metals:Al")]).to_pandas()
    assert len(points) == table.loc["metals:Al", "atom_count"] == 4 * 8
    assert set(points["frame"]) == {1, 2, 3, 4}
    x = points[[f"reference_{axis}" for axis in "xyz"]].to_numpy().ravel()
    y = points[[f"predicted_{axis}" for axis in "xyz"]].to_numpy().ravel()
    assert float(x @ y / (x @ x)) == pytest.approx(TRUE_SLOPE, abs=2e-3)
    np.testing.assert_array_equal(x, np.round(x, 3))
    assert pq.read_table(file)["material_id"].to_pylist() == sorted(pq.read_table(file)["material_id"].to_pylist())


def test_rows_of_other_sets_stay(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(settings, _frames())
    _run(settings)
    other = replace(DATASET, name="copies")
    table = _run(settings, other)
    assert sorted(set(table["dataset"])) == ["copies", "metals"]
    assert len(table) == 6
    again = _run(settings, other)
    pd.testing.assert_frame_equal(again, table)


def test_materials_near_equilibrium_are_not_predicted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = _frames()
    frames[-1] = _labelled(frames[-1].copy(), "Pt", forces=np.zeros((8, 3)))
    _write(settings, frames)
    counting = CountingPotential()
    monkeypatch.setattr(high_energy, "load_potential", lambda name: counting)
    assert _run(settings, replace(DATASET, smallest_reference_max=1e6)).empty
    assert counting.frames == 0
    failures = schemas.HIGH_ENERGY_FAILURES.read_csv(settings.precomputed_dir / schemas.FAILURES)
    of_frames = failures[failures["frame"].notna()]
    assert len(of_frames) == len(frames)
    assert of_frames["reason"].str.contains("Near equilibrium").sum() == len(frames) - 1
    assert of_frames["reason"].str.contains("almost zero").sum() == 1


def test_runs_that_end_at_once_keep_each_other_s_rows(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(settings, _frames())
    _run(settings)
    written = TableSchema.write_csv

    def slowly(self: TableSchema, table: pd.DataFrame, path: Path) -> None:
        sleep(0.05)
        written(self, table, path)

    monkeypatch.setattr(TableSchema, "write_csv", slowly)
    copies = [replace(DATASET, name=f"copy{number}") for number in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(high_energy.run, copy, "emt", settings, _silent) for copy in copies]:
            done.result()
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(settings.precomputed_dir / schemas.MATERIALS)
    assert set(table["dataset"]) == {"metals", "copy0", "copy1", "copy2"}


def test_every_file_is_described(settings: Settings) -> None:
    _write(settings, _frames())
    _run(settings)
    described = {resource.path: resource for resource in read_resources(settings.precomputed_dir)}
    files = {str(file.relative_to(settings.precomputed_dir)) for file in settings.precomputed_dir.rglob("*.*")}
    assert files == {*described, "datapackage.json"}
    stamp = high_energy.potential_version(registry.card("emt"))
    assert all(resource.potentials == (stamp,) for resource in described.values())


def test_results_of_two_versions_never_stand_in_one_table(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(settings, _frames())
    _run(settings)
    newer = high_energy.potential_version(registry.card("emt")).model_copy(update={"package_version": "99"})
    monkeypatch.setattr(high_energy, "potential_version", lambda card: newer)
    with pytest.raises(ReferenceDataError, match="another version of emt for metals"):
        _run(settings, replace(DATASET, name="copies"))
    assert set(_run(settings)["dataset"]) == {"metals"}


def test_unknown_names_are_refused_before_anything_runs(settings: Settings) -> None:
    with pytest.raises(ReferenceDataError, match="mpf-TP"):
        high_energy.run_benchmark(["no-such-set"], ["emt"], settings, _silent)
    with pytest.raises(PotentialUnavailableError, match="no-such-potential"):
        high_energy.run_benchmark(["gpaw_pbe"], ["no-such-potential"], settings, _silent)


def test_progress_reaches_the_end(settings: Settings) -> None:
    _write(settings, _frames())
    calls: list[tuple[int, int]] = []
    high_energy.run(DATASET, "emt", settings, lambda title, done, total: calls.append((done, total)))
    assert calls[-1] == (9, 9)
