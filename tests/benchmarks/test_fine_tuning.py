"""Fine-tuning: splits without leaks, the schedule's end, and runs that are kept; with CHGNet for two epochs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from ase.build import bulk

from softdash.benchmarks.correction import fine_tuning, fine_tuning_systems
from softdash.benchmarks.correction.chgnet_training import Hyperparameters, TrainedModel
from softdash.benchmarks.correction.fine_tuning_runs import FineTuningRun
from softdash.benchmarks.correction.fine_tuning_systems import (
    SYSTEMS,
    FineTuningSystem,
    read_frames,
    split_frames,
    system,
)
from softdash.catalog import Catalog
from softdash.catalog.correction_schemas import (
    FINE_TUNING,
    FINE_TUNING_EPOCHS,
    TEST,
    TRAIN_BOTH,
    TRAIN_LARGER,
    VALIDATION_LARGER,
)
from softdash.errors import NotFoundError, PredictionError, ReferenceDataError
from softdash.settings import Settings
from softdash.softening import linear_correction, softening_scale
from softdash.structures.frames.labelled_frame import LabelledFrame

SMALL = FineTuningSystem(
    name="nacl",
    label="NaCl, 8 atoms",
    formula="NaCl",
    dataset="gpaw_pbe",
    material_ids=("gpaw-NaCl",),
    functional="PBE",
    note="Molecular dynamics.",
    train_counts=(1, 3),
    test_max=3,
)


def frame(
    positions_seed: int, *, strain: float = 0.0, force: float = 2.0, energy: float | None = -1.0
) -> LabelledFrame:
    atoms = bulk("Cu", cubic=True)
    atoms.positions += np.random.default_rng(positions_seed).normal(0, 0.2, (4, 3))
    atoms.set_cell(atoms.cell.array * (1 + strain), scale_atoms=True)
    return LabelledFrame(atoms, np.full((4, 3), force), f"frame {positions_seed}", reference_energy=energy)


def read(frames: list[LabelledFrame], monkeypatch: pytest.MonkeyPatch) -> list[LabelledFrame]:
    material = SimpleNamespace(functional="PBE", frames=tuple(frames))
    monkeypatch.setattr(fine_tuning_systems, "read_materials", lambda *_: [material])
    return read_frames(SMALL, Settings())


def test_strained_copies_and_quiet_frames_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    usable = [frame(seed) for seed in range(5)]
    others = [frame(1), frame(2, strain=0.03), frame(6, force=0.5), frame(7, energy=None)]
    assert read([*usable, *others], monkeypatch) == usable


def test_too_few_frames_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReferenceDataError, match="3 usable frames, not enough for 3"):
        read([frame(seed) for seed in range(3)], monkeypatch)


def test_every_system_names_a_data_set_and_has_its_own_name() -> None:
    assert len({one.name for one in SYSTEMS}) == len(SYSTEMS)
    for one in SYSTEMS:
        assert one.reference.material_ids == one.material_ids
        assert one.reference.frames_per_material is None
        assert system(one.name) is one
    with pytest.raises(NotFoundError, match=r"Choose one of: si-64"):
        system("gold")


def test_test_frames_are_the_same_for_all_draws_and_never_trained_on() -> None:
    splits = [split_frames(SMALL, 20, seed) for seed in range(4)]
    assert len({split.test for split in splits}) == 1
    assert len({split.pool for split in splits}) == 4
    for split in splits:
        assert len(split.test) == 3
        assert sorted((*split.test, *split.pool)) == list(range(20))


@pytest.mark.parametrize(("frames", "held_out"), [(1, 0), (2, 1), (5, 1), (10, 1), (20, 2), (100, 10)])
def test_one_tenth_is_held_out_but_never_the_only_frame(frames: int, held_out: int) -> None:
    assert Hyperparameters().validation_count(frames) == held_out


@pytest.mark.parametrize("batches", [1, 2, 3, 9, 10, 25])
def test_learning_rate_ends_where_the_paper_ends_it(batches: int) -> None:
    import torch

    from softdash.benchmarks.correction.chgnet_training import _cosine

    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1e-3)
    schedule = _cosine(optimizer, Hyperparameters(epochs=100), batches)
    for _ in range(100):
        for batch in range(batches):
            optimizer.step()
            # The condition of chgnet's trainer.
            if batch + 1 in np.arange(1, 11) * batches // 10:
                schedule.step()
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-5, rel=1e-6)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("fine-tuning")
    settings = Settings(state_dir=folder / "state")
    patch = pytest.MonkeyPatch()
    patch.setattr(fine_tuning, "system", lambda _: SMALL)
    target = settings.model_copy(update={"precomputed_dir": folder / "precomputed"})
    patch.setattr(fine_tuning, "read_frames", lambda chosen, _: read_frames(chosen, settings))
    lines: list[str] = []
    fine_tuning.run_benchmark(["nacl"], [0, 1], target, lines.append, Hyperparameters(epochs=2))
    yield SimpleNamespace(settings=target, lines=lines, frames=read_frames(SMALL, settings), patch=patch)
    patch.undo()


def test_each_run_is_reported_once(finished: Any) -> None:
    assert finished.lines == [
        f"NaCl, 8 atoms: fine-tuning on {frames}, seed {seed}" for seed in (0, 1) for frames in ("1 frame", "3 frames")
    ]


def test_table_holds_the_four_panels_of_each_draw(finished: Any) -> None:
    table = Catalog(finished.settings.precomputed_dir).table(FINE_TUNING)
    found = {tuple(row) for row in table[["method", "train_frames", "seed"]].to_numpy().tolist()}
    expected = {("pretrained", 0, 0)}
    for seed in (0, 1):
        expected |= {("scalar", 1, seed), ("fine-tuned", 1, seed), ("fine-tuned", 3, seed)}
    assert found == expected
    assert table["test_frames"].unique().tolist() == [3]
    larger = table[(table["method"] == "fine-tuned") & (table["train_frames"] == 3)]
    assert larger["validation_frames"].tolist() == [1, 1]
    assert table[table["train_frames"] == 1]["validation_frames"].eq(0).all()
    single = table[(table["method"] == "fine-tuned") & (table["train_frames"] == 1)]
    assert single["epoch"].tolist() == [2, 2]  # nothing is held out of a single frame: its last epoch


def test_scalar_is_fitted_to_the_training_frame_and_tried_on_the_test(finished: Any) -> None:
    catalog = Catalog(finished.settings.precomputed_dir)
    table, points = catalog.table(FINE_TUNING), catalog.fine_tuning_points("nacl")
    used = points[points["part"] == TRAIN_BOTH]
    axes = [f"{{}}_{axis}" for axis in "xyz"]
    sides = {name: [axis.format(name) for axis in axes] for name in ("reference", "pretrained")}
    factor = linear_correction(used[sides["reference"]].to_numpy(), used[sides["pretrained"]].to_numpy())
    row = table[(table["method"] == "scalar") & (table["seed"] == 0)].iloc[0]
    assert row["factor"] == pytest.approx(factor, abs=2e-3)
    test = points[points["part"] == TEST]
    slope = softening_scale(test[sides["reference"]].to_numpy(), test[sides["pretrained"]].to_numpy())
    assert row["slope"] == pytest.approx(row["factor"] * slope, abs=2e-3)


def test_points_say_what_each_frame_was_used_for(finished: Any) -> None:
    points = Catalog(finished.settings.precomputed_dir).fine_tuning_points("nacl")
    frames = points.drop_duplicates("frame")["part"].value_counts().to_dict()
    assert frames == {TEST: 3, TRAIN_BOTH: 1, TRAIN_LARGER: 1, VALIDATION_LARGER: 1}


def test_training_changes_the_forces_and_lowers_the_training_error(finished: Any) -> None:
    catalog = Catalog(finished.settings.precomputed_dir)
    epochs = catalog.table(FINE_TUNING_EPOCHS)
    for _, run in epochs.groupby(["train_frames", "seed"]):
        assert run["epoch"].tolist() == [1, 2]
    single = epochs[epochs["train_frames"] == 1]
    assert single["validation_mae"].isna().all()
    first, last = single[single["epoch"] == 1]["train_mae"], single[single["epoch"] == 2]["train_mae"]
    assert last.mean() < first.mean()
    points = catalog.fine_tuning_points("nacl")
    assert np.abs(points["pretrained_x"] - points["larger_x"]).max() > 0.01


def test_finished_runs_are_not_trained_again(finished: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def train_again(*_: Any, **__: Any) -> TrainedModel:
        raise AssertionError("this run was finished")

    monkeypatch.setattr(fine_tuning, "fine_tune", train_again)
    before = (finished.settings.precomputed_dir / FINE_TUNING).read_bytes()
    fine_tuning.run_benchmark(["nacl"], [0, 1], finished.settings, print, Hyperparameters(epochs=2))
    assert (finished.settings.precomputed_dir / FINE_TUNING).read_bytes() == before
    assert not list((finished.settings.state_dir / "benchmarks" / "fine_tuning" / "stopped").iterdir())
    with pytest.raises(AssertionError, match="finished"):  # other settings are another run
        fine_tuning.run_benchmark(["nacl"], [0], finished.settings, print, Hyperparameters(epochs=3))


def test_half_a_stored_run_is_trained_again(tmp_path: Path) -> None:
    store = fine_tuning.RunStore(tmp_path)
    run = FineTuningRun((np.ones((2, 3)), np.zeros((1, 3))), 2, 0.5, np.array([0.2, 0.1]), None)
    store.put("a", run)
    again = store.get("a", [2, 1])
    assert again is not None
    assert (again.epoch, again.energy_offset, again.validation_force_mae) == (2, 0.5, None)
    np.testing.assert_array_equal(again.forces[1], np.zeros((1, 3)))
    file = tmp_path / "a.npz"
    file.write_bytes(file.read_bytes()[:100])
    assert store.get("a", [2, 1]) is None
    assert store.get("b", [2, 1]) is None


def test_energies_of_another_zero_change_nothing(finished: Any) -> None:
    """The offset takes a constant off the labels, so that training starts without an energy error."""
    from softdash.benchmarks.correction.chgnet_training import _energy_offset, load_pretrained

    model = load_pretrained(1)
    frames = finished.frames[:2]
    moved = [
        LabelledFrame(one.atoms, one.reference_forces, one.origin, reference_energy=one.reference_energy + 16.0)
        for one in frames
        if one.reference_energy is not None
    ]
    assert _energy_offset(model, moved) - _energy_offset(model, frames) == pytest.approx(2.0, abs=1e-5)


def test_stopped_training_goes_on_after_its_last_epoch(finished: Any, tmp_path: Path) -> None:
    from chgnet.trainer import Trainer

    from softdash.benchmarks.correction.chgnet_training import fine_tune

    plan, frames = Hyperparameters(epochs=3), finished.frames[:3]
    whole = fine_tune(frames, plan, tmp_path / "whole", seed=0, threads=1)
    epochs: list[int] = []
    train_epoch = Trainer._train

    def stop_in_the_third(trainer: Any, loader: Any, epoch: int, *more: Any) -> Any:
        epochs.append(epoch)
        if epoch == 2 and epochs.count(2) == 1:
            raise KeyboardInterrupt
        return train_epoch(trainer, loader, epoch, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_train", stop_in_the_third)
        with pytest.raises(KeyboardInterrupt):
            fine_tune(frames, plan, tmp_path / "stopped", seed=0, threads=1)
        again = fine_tune(frames, plan, tmp_path / "stopped", seed=0, threads=1)
    assert epochs == [0, 1, 2, 2]
    np.testing.assert_array_equal(again.train_force_mae[:2], whole.train_force_mae[:2])
    assert again.validation_force_mae is not None
    assert again.validation_force_mae[2] == pytest.approx(whole.validation_force_mae[2], rel=0.3)


def test_training_that_blows_up_is_an_error(finished: Any, tmp_path: Path) -> None:
    from softdash.benchmarks.correction.chgnet_training import fine_tune

    wild = Hyperparameters(epochs=3, learning_rate=1e12)
    with pytest.raises(PredictionError, match="not finite"):
        fine_tune(finished.frames[:1], wild, tmp_path, seed=0, threads=1)
