"""The benchmark of phonons: tables, second runs, runs that were stopped, failures, and the command."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from aluminium_archive import (
    MATERIAL,
    VERSION,
    CountingPotential,
    archive_members,
    direct_phonopy,
    sample_settings,
    write_archive,
)
from click.testing import CliRunner
from phonopy.file_IO import get_FORCE_SETS_lines

from softdash import settings as settings_module
from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.phonons import run as phonons
from softdash.benchmarks.phonons.phonondb import entries_by_size
from softdash.catalog import Catalog
from softdash.catalog.resources import PotentialVersion
from softdash.catalog.schemas import PHONON_FAILURES
from softdash.cli import main
from softdash.errors import NotFoundError
from softdash.potentials.interface import Potential


def test_benchmark_writes_tables_that_the_catalog_reads(data_dir: Path, tmp_path: Path) -> None:
    said: list[str] = []
    failures = phonons.run_benchmark([MATERIAL], ["emt"], sample_settings(data_dir, tmp_path), said.append)
    assert failures == []
    catalog = Catalog(tmp_path)
    rows = catalog.phonon_materials().set_index(["potential", "method"])
    assert set(rows.index) == {("dft", "dft"), ("emt", "relaxed"), ("emt", "fixed")}
    assert rows.loc[("emt", "fixed"), "ratio"] == pytest.approx(1.0, abs=1e-4)
    # EMT aluminium is smallest in energy at 3.995 Å, and stiffer there than at 4.03 Å.
    assert rows.loc[("emt", "relaxed"), "length_change_percent"] == pytest.approx(100 * (3.995 / 4.03 - 1), abs=0.05)
    assert rows.loc[("emt", "relaxed"), "ratio"] > 1.02
    assert rows.loc[("emt", "relaxed"), "residual_stress"] < 1e-5
    bands = catalog.phonon_bands(MATERIAL)
    assert [(curve.potential, curve.method) for curve in bands.curves] == [
        ("dft", "dft"),
        ("emt", "relaxed"),
        ("emt", "fixed"),
    ]
    resource = catalog.resource(f"phonons/bands/{MATERIAL}.json.gz")
    assert resource.sources[0].commit == "b5fa78d2"
    assert resource.potentials[0].name == "emt"
    assert len(resource.potentials[0].weights_sha256) == 64


def test_second_run_computes_only_what_is_missing_or_changed(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = sample_settings(data_dir, tmp_path)
    runs: list[str] = []
    compute = phonons.run_material

    def counted(material_id: str, stamps: Sequence[PotentialVersion], *rest: object, **options: object) -> object:
        runs.extend(stamp.name for stamp in stamps)
        return compute(material_id, stamps, *rest, **options)

    monkeypatch.setattr(phonons, "run_material", counted)
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    first = (tmp_path / "phonons/materials.csv").read_bytes()
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"]
    assert (tmp_path / "phonons/materials.csv").read_bytes() == first

    with monkeypatch.context() as newer:
        newer.setattr(phonons, "potential_version", lambda _: VERSION)
        phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"] * 2
    assert [r.potentials for r in read_resources(tmp_path) if r.path.endswith(".json.gz")] == [(VERSION,)]

    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    bands_file = tmp_path / f"phonons/bands/{MATERIAL}.json.gz"
    bands_file.write_text("{", encoding="utf-8")
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert runs == ["emt"] * 4
    assert Catalog(tmp_path).phonon_bands(MATERIAL).curve("emt", "relaxed").max_frequency > 0


def test_stopped_run_goes_on_from_its_forces(
    data_dir: Path, tmp_path: Path, emt: Potential, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, counting = sample_settings(data_dir, tmp_path), CountingPotential(emt)
    monkeypatch.setattr(phonons, "load_potential", lambda _: counting)
    with monkeypatch.context() as stopped:
        stopped.setattr(phonons, "write_material", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    asked = counting.frame_count
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None)
    assert counting.frame_count == asked
    assert len(Catalog(tmp_path).phonon_materials()) == 3
    phonons.run_benchmark([MATERIAL], ["emt"], settings, lambda _: None, recompute=True)
    assert counting.frame_count == 2 * asked


def test_failing_potential_costs_only_itself_and_is_listed(
    data_dir: Path, tmp_path: Path, emt: Potential, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["lennard-jones-argon", "emt"]
    failures = phonons.run_benchmark([MATERIAL], names, sample_settings(data_dir, tmp_path), lambda _: None)
    assert [(f.potential, f.method) for f in failures] == [(names[0], "relaxed"), (names[0], "fixed")]
    assert "Al" in failures[0].reason
    catalog = Catalog(tmp_path)
    assert catalog.phonon_bands(MATERIAL).curve("emt", "fixed").max_frequency > 0
    listed = catalog.table(PHONON_FAILURES)
    assert listed["reason"].tolist() == [f.reason for f in sorted(failures, key=lambda f: f.method)]
    monkeypatch.setattr(phonons, "load_potential", lambda _: emt)
    assert phonons.run_benchmark([MATERIAL], names, sample_settings(data_dir, tmp_path), lambda _: None) == []
    assert Catalog(tmp_path).table(PHONON_FAILURES).empty


def test_smallest_entries_come_first_and_once(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    archives = folder / "phonons" / "phonondb"
    shutil.copytree(data_dir, folder)
    shutil.copy(archives / f"{MATERIAL}.tar.xz", archives / "mp-2.tar.xz")
    (archives / "mp-3.tar.xz").write_bytes(b"damaged")
    small = direct_phonopy([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    forces = "\n".join(get_FORCE_SETS_lines(small.dataset))
    write_archive(archives / "mp-9.tar.xz", archive_members() | {"FORCE_SETS": forces, "phonopy.conf": "DIM = 1 1 1"})
    assert entries_by_size(folder) == ["mp-9", MATERIAL, "mp-2"]
    settings = sample_settings(folder, tmp_path / "out")
    for expected in ({"mp-9"}, {"mp-9", MATERIAL, "mp-2"}, {"mp-9", MATERIAL, "mp-2"}):
        assert phonons.run_benchmark([], ["emt"], settings, lambda _: None, smallest=len(expected)) == []
        assert set(Catalog(tmp_path / "out").phonon_materials()["material_id"]) == expected


def test_damaged_entry_costs_only_itself(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_dir, folder)
    (folder / "phonons" / "phonondb" / "mp-3.tar.xz").write_bytes(b"damaged")
    settings = sample_settings(folder, tmp_path / "out")
    failures = phonons.run_benchmark(["mp-3", MATERIAL], ["emt"], settings, lambda _: None)
    assert [failure.material_id for failure in failures] == ["mp-3"]
    assert set(Catalog(tmp_path / "out").phonon_materials()["material_id"]) == {MATERIAL}
    with pytest.raises(NotFoundError, match="mp-77"):
        phonons.run_benchmark([MATERIAL, "mp-77"], ["emt"], settings, lambda _: None)


def test_a_second_potential_and_material_keep_the_first(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(data_dir, folder)
    archives = folder / "phonons" / "phonondb"
    shutil.copy(archives / f"{MATERIAL}.tar.xz", archives / "mp-1.tar.xz")
    for material in (MATERIAL, "mp-1"):
        phonons.run_benchmark([material], ["emt"], sample_settings(folder, tmp_path / "out"), lambda _: None)
    table = Catalog(tmp_path / "out").phonon_materials()
    assert set(table["material_id"]) == {MATERIAL, "mp-1"}
    assert len(table) == 6


def test_command_computes_entries_by_name_and_the_smallest(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_module, "get_settings", lambda: sample_settings(data_dir, tmp_path))
    runner = CliRunner()
    done = runner.invoke(main, ["benchmark", "phonons", MATERIAL, "--potential", "emt"])
    assert (done.exit_code, done.stderr) == (0, f"1/1 {MATERIAL}: emt done\n")
    tables = {Path(line).name for line in done.stdout.splitlines()}
    assert tables == {f"{MATERIAL}.json.gz", "materials.csv", "failures.csv"}
    again = runner.invoke(main, ["benchmark", "phonons", "--smallest", "3", "--potential", "emt"])
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "phonons: nothing new\n")
    failed = runner.invoke(main, ["benchmark", "phonons", MATERIAL, "--potential", "lennard-jones-argon"])
    assert failed.exit_code == 5, "nothing was computed"
    assert "Al" in failed.output
    unknown = runner.invoke(main, ["benchmark", "phonons", "mp-77", "--potential", "emt"])
    assert unknown.exit_code != 0
    assert "mp-77" in unknown.output
