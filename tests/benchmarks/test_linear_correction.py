"""One factor from few labels: what is drawn, what is held out, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from softdash import settings as settings_module
from softdash.benchmarks.correction.linear_correction import MaterialForces, draw_labels, learning_curve, run_benchmark
from softdash.benchmarks.data.data_package import update_resource
from softdash.catalog import Catalog, schemas
from softdash.catalog.correction_schemas import LINEAR_CORRECTION
from softdash.catalog.resources import PotentialVersion, ReferenceSource
from softdash.cli import main
from softdash.errors import ReferenceDataError
from softdash.settings import Settings

SLOPE = 0.8


def forces(frames: int = 6, atoms: int = 20, *, noise: float = 0.0, seed: int = 0) -> MaterialForces:
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (frames * atoms, 3))
    return MaterialForces(x, SLOPE * x + random.normal(0, noise, x.shape), np.repeat(np.arange(1, frames + 1), atoms))


@pytest.mark.parametrize("kind", ["component", "atom", "frame"])
def test_without_scatter_any_label_finds_the_factor(kind: str) -> None:
    draws = draw_labels(forces(noise=1e-9), kind, draws=20)  # type: ignore[arg-type]
    np.testing.assert_allclose(draws.factor, 1 / SLOPE, rtol=1e-4)
    np.testing.assert_allclose(draws.slope_after, 1, rtol=1e-4)
    assert draws.worse_count == 0


def test_frame_with_the_label_is_never_part_of_the_test() -> None:
    x = np.ones((4, 3))
    y = np.concatenate((0.5 * np.ones((2, 3)), 0.9 * np.ones((2, 3))))
    pair = MaterialForces(x, y, np.array([1, 1, 2, 2]))
    for kind in ("component", "atom", "frame"):
        draws = draw_labels(pair, kind, draws=30)
        # c from frame 1 is 2 and meets frame 2 (0.9 → 1.8); c from frame 2 is 1/0.9 and meets frame 1.
        assert {round(value, 6) for value in draws.factor} == {2.0, round(1 / 0.9, 6)}
        expected = {2.0: (1.8, 8.0), round(1 / 0.9, 6): (round(0.5 / 0.9, 6), round((1 - 0.5 / 0.9) / 0.5, 6))}
        for factor, slope, ratio in zip(draws.factor, draws.slope_after, draws.error_ratio, strict=True):
            assert (round(slope, 6), round(ratio, 6)) == expected[round(factor, 6)]


def test_one_component_harms_where_a_frame_helps() -> None:
    noisy = forces(noise=0.15)
    component, frame = draw_labels(noisy, "component"), draw_labels(noisy, "frame")
    assert component.worse_count > 0.2 * len(component.factor)
    assert frame.worse_count == 0
    assert np.ptp(np.quantile(frame.factor, (0.25, 0.75))) < 0.2 * np.ptp(np.quantile(component.factor, (0.25, 0.75)))


def test_labels_without_predicted_force_are_drawn_again() -> None:
    half = forces(noise=0.05)
    half.y[::2] = 0.0
    draws = draw_labels(half, "component", draws=200)
    assert len(draws.factor) == 200
    assert np.isfinite(draws.factor).all()


def test_several_frames_are_drawn_without_repetition() -> None:
    draws = draw_labels(forces(frames=4, noise=0.1), "frame", 3, draws=300)
    assert len(np.unique(draws.factor.round(12))) == 4  # four ways to leave one frame out


@pytest.mark.parametrize(("kind", "count", "choices"), [("component", 1, 360), ("atom", 1, 120), ("frame", 2, 15)])
def test_few_choices_are_each_taken_once(kind: str, count: int, choices: int) -> None:
    made = forces(noise=0.1)
    draws = draw_labels(made, kind, count)  # type: ignore[arg-type]
    assert draws.is_exhaustive
    assert len(draws.factor) == choices
    assert len(np.unique(draws.factor.round(12))) == choices
    assert not draw_labels(made, kind, count, draws=choices - 1).is_exhaustive  # type: ignore[arg-type]


def test_median_over_each_choice_is_exact() -> None:
    """Five frames of 0.5, 0.6, 0.7, 0.8 and 0.9 times DFT: the median factor of one frame is 1/0.7."""
    x = np.ones((5, 3))
    made = MaterialForces(x, x * np.linspace(0.5, 0.9, 5)[:, None], np.arange(1, 6))
    row = next(row for row in learning_curve(made) if (row["label_kind"], row["label_count"]) == ("frame", 1))
    assert row["draws"] == 5
    assert row["factor_median"] == pytest.approx(1 / 0.7, rel=1e-12)
    assert row["worse_low"] == row["worse_share"] == row["worse_high"]


def test_curve_ends_where_a_frame_is_left_for_the_test() -> None:
    rows = learning_curve(forces(frames=5, noise=0.1), draws=10)
    steps = [(row["label_kind"], row["label_count"]) for row in rows]
    assert steps == [("component", 1), ("atom", 1), ("frame", 1), ("frame", 2), ("frame", 3)]
    for row in rows:
        assert row["best_factor"] * row["slope"] == pytest.approx(row["r_squared"], rel=1e-12)
        assert row["worse_low"] <= row["worse_share"] <= row["worse_high"]


def write_material(folder: Path, potential: str, dataset: str = "gpaw_pbe", *, rms: float = 1.0) -> None:
    made = forces(frames=5, noise=0.1)
    path = schemas.points_path(dataset, potential)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    atom = np.tile(np.arange(1, 21), 5)
    table = pd.DataFrame({"material_id": "m1", "frame": made.frame, "atom": atom, "element": "Cu"})
    for side, values in (("reference", made.x), ("predicted", made.y)):
        for column, axis in enumerate("xyz"):
            table[f"{side}_{axis}"] = values[:, column]
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), folder / path)
    update_resource(
        folder,
        path,
        description="points",
        licence="MIT",
        sources=[ReferenceSource(title=f"source of {dataset}", licence="MIT")],
        potentials=[
            PotentialVersion(name=potential, version="1", package="p", package_version="1", weights_sha256="ab")
        ],
    )
    least = {"string": "x", "integer": 3, "number": 0.5, "boolean": False}
    row = {column.name: least[column.kind] for column in schemas.HIGH_ENERGY_MATERIALS.columns} | {
        "dataset": dataset,
        "potential": potential,
        "material_id": "m1",
        "formula": "Cu",
        "frame_count": 5,
        "reference_rms": rms,
        "pressure_gpa": None,
        "interval_method": None,
    }
    file = folder / schemas.MATERIALS
    present = [schemas.HIGH_ENERGY_MATERIALS.read_csv(file).astype(object)] if file.is_file() else []
    schemas.HIGH_ENERGY_MATERIALS.write_csv(pd.concat([*present, pd.DataFrame([row]).astype(object)]), file)


def test_table_is_written_with_its_origin_and_keeps_other_rows(tmp_path: Path) -> None:
    write_material(tmp_path, "chgnet-0.3.0")
    seen: list[tuple[int, int]] = []
    run_benchmark((), (), tmp_path, lambda _, done, total: seen.append((done, total)))
    assert seen == [(1, 1)]
    first = Catalog(tmp_path).table(LINEAR_CORRECTION)
    assert len(first) == 5
    write_material(tmp_path, "m3gnet-mp-2021.2.8")
    run_benchmark((), ("m3gnet-mp-2021.2.8",), tmp_path, lambda *_: None)
    both = Catalog(tmp_path).table(LINEAR_CORRECTION)
    assert both["potential"].unique().tolist() == ["chgnet-0.3.0", "m3gnet-mp-2021.2.8"]
    pd.testing.assert_frame_equal(both[both["potential"] == "chgnet-0.3.0"].reset_index(drop=True), first)
    resource = Catalog(tmp_path).resource(LINEAR_CORRECTION)
    assert [one.title for one in resource.sources] == ["source of gpaw_pbe"]
    assert [one.name for one in resource.potentials] == ["chgnet-0.3.0", "m3gnet-mp-2021.2.8"]


def test_second_run_changes_not_a_byte(tmp_path: Path) -> None:
    write_material(tmp_path, "chgnet-0.3.0")
    contents = []
    for _ in range(2):
        run_benchmark((), (), tmp_path, lambda *_: None)
        contents.append((tmp_path / LINEAR_CORRECTION).read_bytes())
    assert contents[0] == contents[1]
    assert LINEAR_CORRECTION in json.loads((tmp_path / "datapackage.json").read_text())["resources"][0]["path"]


def test_materials_near_equilibrium_are_left_out(tmp_path: Path) -> None:
    write_material(tmp_path, "chgnet-0.3.0")
    write_material(tmp_path, "chgnet-0.3.0", "si-aimd", rms=0.1)
    run_benchmark((), (), tmp_path, lambda *_: None)
    assert Catalog(tmp_path).table(LINEAR_CORRECTION)["dataset"].unique().tolist() == ["gpaw_pbe"]
    with pytest.raises(ReferenceDataError, match="benchmark high-energy"):
        run_benchmark((), ("emt",), tmp_path, lambda *_: None)


def test_command_prints_the_files_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_material(tmp_path, "chgnet-0.3.0")
    monkeypatch.setattr(settings_module, "get_settings", lambda: Settings(precomputed_dir=tmp_path))
    done = CliRunner().invoke(main, ["benchmark", "linear-correction"])
    assert done.exit_code == 0, done.stderr
    assert str(tmp_path / LINEAR_CORRECTION) in done.stdout.splitlines()
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
