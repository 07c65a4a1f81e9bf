"""The energy benchmarks from the command to the tables: by hand-made potentials and effective-medium theory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk, fcc100, fcc111
from ase.calculators.emt import EMT
from ase.optimize import BFGS
from click.testing import CliRunner
from energy_methods import PairwiseIons, ScaledPotential, card_of

from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.energies import benchmark
from softdash.benchmarks.energies.energy_rows import EnergyFailure, EnergyRow, merged
from softdash.benchmarks.energies.published_path import PublishedPath, path_of_images
from softdash.benchmarks.energies.reference_structures import task_file
from softdash.benchmarks.energies.relaxation_run import relax_structure, run_steps
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.structure_steps import Freedom, RelaxedStructure, StructureStep
from softdash.catalog import schemas
from softdash.catalog.energy_schemas import ENERGY_FAILURES
from softdash.cli import main
from softdash.errors import PredictionError, ReferenceDataError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.interface import Potential
from softdash.settings import Settings

CASES = {
    "surfaces": ("MgO-100", "Al-111"),
    "point-defects": ("MgO-V_Mg", "MgLi-Li_Mg"),
    "solid-solution": ("CaMgO-0.500-1",),
    "ion-migration": ("MgO-Mg-0.5", "MgO-Mg-barrier"),
}


def quiet(_: str) -> None:
    """Take a line of the report and say nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "precomputed", data_dir=None)


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> object:
    """Make potentials of the test known by name to the benchmark."""
    known: dict[str, Potential] = {}
    monkeypatch.setattr(benchmark, "card", card_of)
    monkeypatch.setattr(benchmark, "load_potential", known.__getitem__)
    return known.update


def table(settings: Settings, task: str) -> pd.DataFrame:
    path = benchmark.ENERGY_TABLES[task].path
    return schemas.CSV_TABLES[path].read_csv(settings.precomputed_dir / path)


def make_reference(settings: Settings, task: str, potential: Potential, cases: tuple[str, ...]) -> None:
    """Let a potential stand for density-functional theory."""
    chosen = benchmark.chosen_cases(benchmark.energy_task(task), cases)
    store = RelaxedStore(settings.precomputed_dir / task_file(task))

    def relax(step: StructureStep, atoms: Atoms) -> RelaxedStructure:
        return relax_structure(atoms, PotentialCalculator(potential), step.freedom, steps_max=200, details="test")

    outcomes = run_steps(
        benchmark.energy_task(task).steps, [name for case in chosen for name in case.steps], relax, store, quiet
    )
    assert not outcomes.failures


@pytest.mark.parametrize("task", CASES)
def test_values_are_linear_in_the_energy_surface(task: str, settings: Settings, offer: object) -> None:
    offer({"soft": ScaledPotential(PairwiseIons(), 0.8), "exact": PairwiseIons()})
    make_reference(settings, task, PairwiseIons(), CASES[task])
    failures = benchmark.run_benchmark(task, ["soft", "exact"], settings, quiet, case_ids=CASES[task])
    assert failures == []
    rows = table(settings, task).set_index(["case_id", "method", "geometry"])["value"]
    for case in CASES[task]:
        reference = rows[case, "DFT", "relaxed"]
        assert abs(reference) > 1e-3
        assert rows[case, "exact", "dft"] == pytest.approx(reference, rel=1e-6)
        assert rows[case, "soft", "dft"] == pytest.approx(0.8 * reference, rel=1e-6)
        # The same minima, up to what is left of the forces.
        assert rows[case, "soft", "relaxed"] == pytest.approx(0.8 * reference, abs=0.01 * max(1.0, abs(reference)))


def test_surface_energies_are_those_of_ase_alone(settings: Settings) -> None:
    benchmark.run_benchmark("surfaces", ["emt"], settings, quiet, case_ids=("Al-111", "Cu-100"))
    rows = table(settings, "surfaces").set_index("case_id")
    for case, build, element, layers in (("Al-111", fcc111, "Al", 6), ("Cu-100", fcc100, "Cu", 6)):
        spacings = np.linspace(0.98, 1.02, 41)
        crystal = {"Al": bulk("Al", a=4.0), "Cu": bulk("Cu", a=3.6)}[element]
        lattice = {"Al": 4.0, "Cu": 3.6}[element]
        energies = []
        for factor in spacings:
            strained = crystal.copy()
            strained.set_cell(crystal.cell * factor, scale_atoms=True)
            strained.calc = EMT()
            energies.append(strained.get_potential_energy())
        fit = np.polynomial.Polynomial.fit(spacings, energies, 4)
        minimum = min((float(root.real) for root in fit.deriv().roots() if abs(root.real - 1) < 0.02), key=fit)
        slab = build(element, (1, 1, layers), a=lattice * minimum, vacuum=6.0, periodic=True)
        slab.calc = EMT()
        BFGS(slab, logfile=None).run(fmax=0.05)
        area = float(np.linalg.norm(np.cross(slab.cell[0], slab.cell[1])))
        expected = (slab.get_potential_energy() - layers * fit(minimum)) / (2 * area)
        assert rows.loc[case, "value"] == pytest.approx(expected, rel=0.01)
        assert rows.loc[case, "n_atoms"] == layers


def test_second_run_computes_nothing_and_writes_the_same(settings: Settings, offer: object) -> None:
    potential = ScaledPotential(PairwiseIons())
    offer({"ions": potential})
    benchmark.run_benchmark("surfaces", ["ions"], settings, quiet, case_ids=("MgO-100",))
    first = {path: path.read_bytes() for path in settings.precomputed_dir.rglob("*") if path.is_file()}
    potential.asked.clear()
    benchmark.run_benchmark("surfaces", ["ions"], settings, quiet, case_ids=("MgO-100",))
    assert potential.asked == []
    assert {path: path.read_bytes() for path in settings.precomputed_dir.rglob("*") if path.is_file()} == first
    benchmark.run_benchmark("surfaces", ["ions"], settings, quiet, case_ids=("MgO-100",), recompute=True)
    assert potential.asked


def test_a_failing_step_costs_only_what_builds_on_it(settings: Settings, offer: object) -> None:
    offer({"ions": PairwiseIons()})
    cases = ("NiAl-V_Al", "MgO-V_Mg", "MgLi-V_Li")
    failures = benchmark.run_benchmark("point-defects", ["ions"], settings, quiet, case_ids=cases)
    assert [failure.case_id for failure in failures] == ["NiAl-V_Al"]
    assert "Nickel" in failures[0].reason or "bulk-NiAl is missing" in failures[0].reason
    assert set(table(settings, "point-defects")["case_id"]) == {"MgO-V_Mg", "MgLi-V_Li"}
    listed = schemas.CSV_TABLES[ENERGY_FAILURES].read_csv(settings.precomputed_dir / ENERGY_FAILURES)
    assert listed["case_id"].tolist() == ["NiAl-V_Al"]
    described = {entry.path: entry for entry in read_resources(settings.precomputed_dir)}
    assert [stamp.name for stamp in described["energies/point_defects.csv"].potentials] == ["ions"]


def test_a_failure_that_was_mended_leaves_the_list(settings: Settings, offer: object) -> None:
    offer({"ions": PairwiseIons()})
    benchmark.run_benchmark("point-defects", ["ions"], settings, quiet, case_ids=("NiAl-V_Al", "MgLi-V_Li"))
    offer({"ions": ScaledPotential(_AnyElement())})
    benchmark.run_benchmark("point-defects", ["ions"], settings, quiet, case_ids=("NiAl-V_Al",))
    listed = schemas.CSV_TABLES[ENERGY_FAILURES].read_csv(settings.precomputed_dir / ENERGY_FAILURES)
    assert listed.empty
    assert set(table(settings, "point-defects")["case_id"]) == {"NiAl-V_Al", "MgLi-V_Li"}


class _AnyElement(PairwiseIons):
    def predict(self, frames: list[Atoms], **options: object) -> list[object]:
        renamed = []
        for frame in frames:
            other = frame.copy()
            other.symbols[[symbol == "Ni" for symbol in frame.get_chemical_symbols()]] = "Mg"
            renamed.append(other)
        return super().predict(renamed, **options)


def row(method: str, geometry: str, value: float, case: str = "MgO-100") -> EnergyRow:
    return EnergyRow(case, "MgO", "(100)", "surface", None, method, geometry, value, 12, 3, 0.01, "")


def frame(*rows: EnergyRow) -> pd.DataFrame:
    return merged(pd.DataFrame(columns=schemas.COMPUTED_SURFACES.column_names), rows, (), ["MgO-100"])


def test_rows_at_another_reference_geometry_go() -> None:
    present = frame(row("DFT", "relaxed", 0.06), row("a", "relaxed", 0.05), row("a", "dft", 0.055))
    same = merged(present, [row("DFT", "relaxed", 0.06000000049)], (), ["MgO-100"])
    assert list(zip(same["method"], same["geometry"], strict=True)) == [
        ("DFT", "relaxed"),
        ("a", "relaxed"),
        ("a", "dft"),
    ]
    other = merged(present, [row("DFT", "relaxed", 0.061)], (), ["MgO-100"])
    assert list(zip(other["method"], other["geometry"], strict=True)) == [("DFT", "relaxed"), ("a", "relaxed")]


def test_a_failure_removes_the_row_it_had() -> None:
    present = frame(row("a", "relaxed", 0.05), row("b", "relaxed", 0.05))
    left = merged(present, (), [EnergyFailure("surfaces", "MgO-100", "a", "relaxed", "it broke")], ["MgO-100"])
    assert left["method"].tolist() == ["b"]


def test_unfinished_relaxation_is_said_in_the_note(settings: Settings, offer: object) -> None:
    offer({"ions": PairwiseIons()})
    make_reference(settings, "surfaces", PairwiseIons(), ("MgO-100",))
    file = settings.precomputed_dir / task_file("surfaces")
    file.write_text(file.read_text().replace("has_converged=T", "has_converged=F"), encoding="utf-8")
    benchmark.run_benchmark("surfaces", [], settings, quiet, case_ids=("MgO-100",))
    assert "not converged" in table(settings, "surfaces")["note"].iloc[0]


def test_another_reference_file_takes_the_place_of_the_shipped_one(
    settings: Settings, offer: object, tmp_path: Path
) -> None:
    offer({"ions": PairwiseIons()})
    make_reference(settings, "surfaces", ScaledPotential(PairwiseIons(), 2.0), ("MgO-100",))
    shipped = settings.precomputed_dir / task_file("surfaces")
    shipped.rename(tmp_path / "other.extxyz")
    benchmark.run_benchmark(
        "surfaces", ["ions"], settings, quiet, case_ids=("MgO-100",), reference_file=tmp_path / "other.extxyz"
    )
    rows = table(settings, "surfaces").set_index(["method", "geometry"])["value"]
    assert rows["ions", "dft"] == pytest.approx(rows["DFT", "relaxed"] / 2, rel=1e-5)
    sources = next(entry for entry in read_resources(settings.precomputed_dir) if entry.path.endswith("surfaces.csv"))
    assert "other.extxyz" in {source.title for source in sources.sources}


def test_published_images_are_computed_as_they_are(
    settings: Settings, offer: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer({"soft": ScaledPotential(PairwiseIons(), 0.5)})
    path = path_of_images([_image(place) for place in (0.0, 0.5, 1.0)])
    monkeypatch.setattr(benchmark, "published_path", lambda _: path)
    names = tuple(case.case_id for case in path.cases)
    benchmark.run_benchmark("ion-migration", ["soft"], settings, quiet, case_ids=names)
    rows = table(settings, "ion-migration").set_index(["case_id", "method", "geometry"])["value"]
    assert ("MnP2O7-Zn-barrier", "soft", "relaxed") not in rows.index
    for name in names:
        assert rows[name, "soft", "dft"] == pytest.approx(rows[name, "DFT", "relaxed"] / 2, abs=1e-6)
    monkeypatch.setattr(benchmark, "published_path", lambda _: PublishedPath())
    make_reference(settings, "ion-migration", PairwiseIons(), ("MgO-Mg-0.5",))
    benchmark.run_benchmark("ion-migration", [], settings, quiet)
    assert "MnP2O7-Zn-barrier" in table(settings, "ion-migration")["case_id"].tolist()


def _image(place: float) -> Atoms:
    atoms = bulk("MgO", "rocksalt", a=4.3, cubic=True)
    atoms.positions[0, 0] += 0.4 * place
    atoms.calc = PotentialCalculator(PairwiseIons())
    atoms.get_forces()
    return atoms


@pytest.mark.parametrize("freedom", list(Freedom))
def test_freedom_is_kept(freedom: Freedom) -> None:
    atoms = bulk("MgO", "rocksalt", a=4.6, cubic=True)
    atoms.positions[0, 0] += 0.1
    relaxed = relax_structure(atoms, PotentialCalculator(PairwiseIons()), freedom, steps_max=100)
    moved = not np.allclose(relaxed.atoms.positions, atoms.positions, atol=1e-3)
    assert moved == (freedom is not Freedom.NOTHING)
    assert np.allclose(relaxed.atoms.cell, atoms.cell) == (freedom is not Freedom.CELL_AND_POSITIONS)
    assert relaxed.has_converged
    assert (relaxed.steps > 0) == (freedom is not Freedom.NOTHING)


def test_store_gives_back_what_it_got(tmp_path: Path) -> None:
    atoms = Atoms("MgO", positions=[[0.0, 0.1, 0.2], [2.1, 0.0, 0.0]], cell=[4.2, 4.3, 4.4], pbc=True)
    kept = RelaxedStructure(atoms, -12.3456789012, 7, 0.0123, has_converged=False, details="so, and so: 6x6x1")
    store = RelaxedStore(tmp_path / "relaxed.extxyz")
    store.put("slab", kept)
    store.put("bulk", RelaxedStructure(atoms, 0.0, 0, 0.0, has_converged=True))
    again = RelaxedStore(tmp_path / "relaxed.extxyz")
    assert again.names() == ["slab", "bulk"]
    back = again.require("slab")
    assert (back.energy, back.steps, back.max_force, back.has_converged, back.details) == (
        kept.energy,
        7,
        0.0123,
        False,
        kept.details,
    )
    np.testing.assert_allclose(back.atoms.positions, atoms.positions, atol=1e-7)
    assert RelaxedStore(tmp_path / "relaxed.extxyz", details="otherwise").names() == []


def test_a_file_of_something_else_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "frames.extxyz"
    bulk("Al").write(file)
    with pytest.raises(ReferenceDataError, match="relaxed structures"):
        RelaxedStore(file)


def test_unknown_names_are_refused_with_a_choice(settings: Settings) -> None:
    with pytest.raises(ReferenceDataError, match="MgO-100"):
        benchmark.run_benchmark("surfaces", [], settings, quiet, case_ids=("Pt-321",))
    with pytest.raises(ReferenceDataError, match="ion-migration"):
        benchmark.run_benchmark("surface", [], settings, quiet)


def test_command_writes_the_table_and_counts_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTDASH_PRECOMPUTED_DIR", str(tmp_path / "out"))
    monkeypatch.setenv("SOFTDASH_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("softdash.settings.settings_for_tables", Settings)
    words = ["benchmark", "surfaces", "--potential", "emt", "--case"]
    done = CliRunner().invoke(main, [*words, "Al-111"])
    assert done.exit_code == 0, done.output
    failed = CliRunner().invoke(main, [*words, "MgO-100"])
    assert failed.exit_code == 5
    assert "MgO-100, emt, relaxed" in failed.stderr
    assert (tmp_path / "out" / "energies" / "surfaces.csv").is_file()


def test_prediction_errors_of_the_static_side_are_failures(settings: Settings, offer: object) -> None:
    make_reference(settings, "surfaces", PairwiseIons(), ("MgO-100",))

    class Broken:
        def predict(self, *_: object, **__: object) -> list[object]:
            raise PredictionError("No.")

    offer({"broken": Broken()})
    failures = benchmark.run_benchmark("surfaces", ["broken"], settings, quiet, case_ids=("MgO-100",))
    assert {failure.geometry for failure in failures} == {"relaxed", "dft"}
