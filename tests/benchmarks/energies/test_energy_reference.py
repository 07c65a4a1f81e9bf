"""Computing references: settings of density-functional theory, the shipped files, and what is done without GPAW."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from click.testing import CliRunner
from energy_methods import PairwiseIons

from softdash.benchmarks.data.data_package import read_resources
from softdash.benchmarks.energies import convergence, density_functional, reference_run
from softdash.benchmarks.energies.density_functional import (
    DensityFunctional,
    at_smallest_energy,
    k_point_grid,
    plane_wave_cutoff,
)
from softdash.benchmarks.energies.reference_structures import reference_results, task_file
from softdash.benchmarks.energies.relaxation_run import RelaxStep, relax_structure
from softdash.benchmarks.energies.relaxed_store import RelaxedStore
from softdash.benchmarks.energies.structure_steps import Freedom, RelaxedStructure, StructureStep
from softdash.catalog import schemas
from softdash.catalog.energy_schemas import ENERGY_CONVERGENCE
from softdash.cli import main
from softdash.errors import PotentialUnavailableError, PredictionError, ReferenceDataError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.settings import Settings


def quiet(_: str) -> None:
    """Take a line of the report and say nothing."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "precomputed", data_dir=None)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a pair potential stand for density-functional theory; returns the steps it was asked for."""
    steps: list[str] = []

    def method(_: Path) -> RelaxStep:
        def relax(step: StructureStep, atoms: Atoms) -> RelaxedStructure:
            steps.append(step.name)
            calculator = PotentialCalculator(PairwiseIons())
            return relax_structure(atoms, calculator, step.freedom, steps_max=100, details="a pair potential")

        return relax

    monkeypatch.setattr(reference_run, "density_functional_method", method)
    return steps


def step(freedom: Freedom = Freedom.POSITIONS, **options: object) -> StructureStep:
    return StructureStep("some", lambda _: Atoms(), freedom, **options)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (step(is_metal=True), (7, 7, 7)),
        (step(), (4, 4, 4)),
        (step(is_metal=True, k_axes=(True, True, False)), (7, 7, 1)),
        (step(k_axes=(False, False, False)), (1, 1, 1)),
        (step(Freedom.CELL_AND_POSITIONS, is_metal=True), (11, 11, 11)),
    ],
)
def test_k_points_follow_density_and_periodicity(given: StructureStep, expected: tuple[int, int, int]) -> None:
    # 2π/3 Å = 2.094 per Å: times 3.0, 1.6 and 5.0, rounded up.
    assert k_point_grid(Atoms("Al", cell=[3.0] * 3, pbc=True), given) == expected


def test_one_hard_element_raises_the_cutoff() -> None:
    assert plane_wave_cutoff({"Al", "Li"}) == 400
    assert plane_wave_cutoff({"Al", "Ni"}) == 600


def test_bulk_minimum_comes_from_energies_alone() -> None:
    start = bulk("Cu", a=3.65)
    best = at_smallest_energy(start, EMT())
    # EMT copper: 3.5898 Å by scanning the energy itself.
    lattice = np.cbrt(4 * best.get_volume())
    scan = np.linspace(3.55, 3.63, 161)
    energies = []
    for a in scan:
        atoms = bulk("Cu", a=a)
        atoms.calc = EMT()
        energies.append(atoms.get_potential_energy())
    assert lattice == pytest.approx(scan[int(np.argmin(energies))], abs=0.003)


def test_start_far_from_any_minimum_is_refused() -> None:
    with pytest.raises(PredictionError, match="lattice constant"):
        at_smallest_energy(bulk("Cu", a=9.0), EMT())


def test_reference_is_kept_described_and_continued(settings: Settings, asked: list[str]) -> None:
    assert reference_run.run_reference("surfaces", settings, quiet, case_ids=("MgO-100",)) == {}
    assert asked == ["bulk-MgO", "slab-MgO-100"]
    table = schemas.COMPUTED_SURFACES.read_csv(settings.precomputed_dir / schemas.SURFACE_ENERGIES)
    assert table["method"].tolist() == ["DFT"]
    entries = {entry.path: entry for entry in read_resources(settings.precomputed_dir)}
    assert entries[task_file("surfaces")].licences[0].name == "CC0-1.0"
    reference_run.run_reference("surfaces", settings, quiet, case_ids=("MgO-100",))
    assert len(asked) == 2


def test_tasks_share_their_bulk_crystals(settings: Settings, asked: list[str]) -> None:
    reference_run.run_reference("surfaces", settings, quiet, case_ids=("MgO-100",))
    reference_run.run_reference("ion-migration", settings, quiet, case_ids=("MgO-Mg-0.5",))
    assert asked.count("bulk-MgO") == 1
    assert "bulk-MgO" not in RelaxedStore(settings.precomputed_dir / task_file("ion-migration")).names()
    assert set(reference_results(settings)) == set(asked)


def test_finished_steps_of_another_machine_are_adopted(settings: Settings, asked: list[str], tmp_path: Path) -> None:
    elsewhere = settings.model_copy(update={"precomputed_dir": tmp_path / "elsewhere"})
    reference_run.run_reference("surfaces", elsewhere, quiet, case_ids=("MgO-100",))
    asked.clear()
    file = elsewhere.precomputed_dir / task_file("surfaces")
    reference_run.run_reference("surfaces", settings, quiet, adopted=(file,), compute=False)
    assert asked == []
    both = [
        schemas.COMPUTED_SURFACES.read_csv(one.precomputed_dir / schemas.SURFACE_ENERGIES)
        for one in (settings, elsewhere)
    ]
    pd.testing.assert_frame_equal(*both)
    # Steps of other tasks stay where they are.
    reference_run.run_reference("solid-solution", settings, quiet, adopted=(file,), compute=False)
    assert not (settings.precomputed_dir / task_file("solid-solution")).is_file()


def test_missing_gpaw_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "gpaw", None)
    monkeypatch.setattr(
        "softdash.settings.settings_for_tables",
        lambda: Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "out"),
    )
    with pytest.raises(PotentialUnavailableError, match="libxc"):
        DensityFunctional()
    done = CliRunner().invoke(main, ["reference", "surfaces", "--case", "MgO-100"])
    assert done.exit_code == 4
    assert "GPAW is not installed" in done.stderr


class _ScaledByCutoff:
    """Energies that depend on the settings in a known way."""

    def __init__(self, *_: object, cutoff_factor: float = 1.0, k_factor: float = 1.0, grids: object = None) -> None:
        self.factor = 1.0 + 0.01 * (cutoff_factor - 1.0) + 0.02 * (k_factor - 1.0)

    def __call__(self, step: StructureStep, atoms: Atoms) -> RelaxedStructure:
        assert step.freedom is Freedom.NOTHING
        energy = PairwiseIons().predict([atoms])[0].energy
        return RelaxedStructure(atoms, self.factor * energy, 0, 0.0, has_converged=True, details="scaled")


@pytest.fixture
def scaled(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.setattr(convergence, "DensityFunctional", _ScaledByCutoff)
    return _ScaledByCutoff


@pytest.mark.usefixtures("scaled")
def test_convergence_compares_settings_at_one_geometry(settings: Settings, asked: list[str]) -> None:
    reference_run.run_reference("surfaces", settings, quiet, case_ids=("MgO-100",))
    assert asked
    assert convergence.run_convergence(settings, quiet, case_ids=("MgO-100",)) == {}
    table = schemas.CSV_TABLES[ENERGY_CONVERGENCE].read_csv(settings.precomputed_dir / ENERGY_CONVERGENCE)
    rows = table.set_index("setting")
    value = rows.loc["as the reference", "value"]
    assert rows.loc["as the reference", "difference"] == 0
    assert rows.loc["cut-off × 1.25", "difference"] == pytest.approx(0.0025 * value, rel=1e-6)
    assert rows.loc["k-points × 1.5", "difference"] == pytest.approx(0.01 * value, rel=1e-6)


def test_convergence_keeps_the_k_points_of_the_reference() -> None:
    details = "GPAW 26.7.0, PBE, PAW plane waves 600 eV, k-points 5x5x1, Fermi-Dirac 0.05 eV"
    known = RelaxedStructure(Atoms(), 0.0, 0, 0.0, has_converged=True, details=details)
    unknown = RelaxedStructure(Atoms(), 0.0, 0, 0.0, has_converged=True, details="a pair potential")
    assert convergence.reference_grids(["a", "b", "c"], {"a": known, "b": unknown}) == {"a": (5, 5, 1)}


@pytest.mark.usefixtures("scaled")
def test_convergence_needs_the_reference_first(settings: Settings) -> None:
    with pytest.raises(ReferenceDataError, match="Compute it first"):
        convergence.run_convergence(settings, quiet, case_ids=("MgO-100",))
    with pytest.raises(ReferenceDataError, match="Al-111"):
        convergence.run_convergence(settings, quiet, case_ids=("Pt-111",))


@pytest.mark.slow
def test_gpaw_relaxes_lithium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gpaw")
    monkeypatch.setattr(density_functional, "K_DENSITY_METAL_BULK", 2.0)
    lithium = StructureStep("bulk-Li", lambda _: bulk("Li", a=3.44), Freedom.CELL_AND_POSITIONS, is_metal=True)
    result = DensityFunctional(tmp_path)(lithium, lithium.build({}))
    # PBE lithium: 3.43 to 3.45 Å with any code.
    assert np.cbrt(2 * result.atoms.get_volume()) == pytest.approx(3.44, abs=0.03)
    assert "400 eV" in result.details
    assert (tmp_path / "bulk-Li.txt").is_file()
