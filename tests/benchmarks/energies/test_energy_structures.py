"""The structures of the four energy tasks, and the formulas on energies made by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.neighborlist import neighbor_list
from pymatgen.core.surface import Slab
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.symmetry.analyzer import SpacegroupAnalyzer
from spglib import get_symmetry_dataset

from softdash.benchmarks.energies.crystals import CRYSTALS
from softdash.benchmarks.energies.ion_migration import HOPS, ION_MIGRATION_TASK, build_image
from softdash.benchmarks.energies.point_defects import DEFECTS, POINT_DEFECT_TASK, build_defect, supercell
from softdash.benchmarks.energies.protocol import MILLER_INDEX_MAX
from softdash.benchmarks.energies.published_path import path_of_images, resolved_barrier
from softdash.benchmarks.energies.solid_solution import build_ordering, distinct_orderings, solid_solution_task
from softdash.benchmarks.energies.structure_steps import EnergyTask, RelaxedStructure, in_order
from softdash.benchmarks.energies.surfaces import SURFACE_TASK, SURFACES, build_block, build_slab, surface_area
from softdash.errors import ReferenceDataError

TASKS = {"surfaces", "point-defects", "solid-solution", "ion-migration"}


def task(name: str) -> EnergyTask:
    every = (SURFACE_TASK, POINT_DEFECT_TASK, ION_MIGRATION_TASK)
    return next((one for one in every if one.name == name), None) or solid_solution_task()


def result(atoms: Atoms, energy: float) -> RelaxedStructure:
    return RelaxedStructure(atoms, energy, 0, 0.0, has_converged=True)


def distances(atoms: Atoms, site: int) -> np.ndarray:
    first, lengths = neighbor_list("id", atoms, 6.0)
    return np.sort(lengths[first == site])


@pytest.mark.parametrize("name", sorted(TASKS))
def test_cases_need_only_steps_of_their_task_and_parents_come_first(name: str) -> None:
    one = task(name)
    names = [step.name for step in one.steps]
    assert len(names) == len(set(names))
    assert len({case.case_id for case in one.cases}) == len(one.cases)
    for case in one.cases:
        assert case.subject in case.steps
        ordered = [step.name for step in in_order(one.steps, case.steps)]
        assert set(case.steps) <= set(ordered)
        for step in in_order(one.steps, case.steps):
            assert all(ordered.index(parent) < ordered.index(step.name) for parent in step.parents)


def test_a_step_of_several_tasks_is_the_same_in_each() -> None:
    freedoms: dict[str, set[str]] = {}
    for name in TASKS:
        for step in task(name).steps:
            freedoms.setdefault(step.name, set()).add(f"{step.freedom} {step.parents} {step.is_metal} {step.k_axes}")
    assert all(len(kinds) == 1 for kinds in freedoms.values())


@pytest.mark.parametrize(("material", "miller"), SURFACES)
def test_slabs_are_symmetric_stoichiometric_and_thick(material: str, miller: tuple[int, int, int]) -> None:
    crystal = CRYSTALS[material].build()
    slab = build_slab(crystal, miller)
    structure = AseAtomsAdaptor.get_structure(slab)
    assert structure.composition.reduced_formula == AseAtomsAdaptor.get_structure(crystal).composition.reduced_formula
    pymatgen_slab = Slab(
        structure.lattice, structure.species, structure.frac_coords, miller, structure, 0.0, np.eye(3, dtype=int)
    )
    assert pymatgen_slab.is_symmetric()
    assert np.allclose(slab.cell[2], [0, 0, slab.cell[2, 2]])
    heights = np.sort(slab.get_scaled_positions(wrap=True)[:, 2]) * slab.cell[2, 2]
    gaps = np.diff([*heights, heights[0] + slab.cell[2, 2]])
    layer = slab.cell[2, 2] - gaps.max()
    density = len(crystal) / crystal.get_volume()
    # Thickness counts the layers' own share of the crystal: atoms per area over atoms per volume.
    assert len(slab) / surface_area(slab) / density >= 10.0 - 1e-6
    assert layer < len(slab) / surface_area(slab) / density
    assert gaps.max() >= 10.0
    inside = slab.positions[np.argsort(slab.positions[:, 2])[len(slab) // 2]]
    middle = int(np.argmin(np.linalg.norm(slab.positions - inside, axis=1)))
    nearest = distances(slab, middle)[:3]
    site = crystal.get_chemical_symbols().index(slab[middle].symbol)
    np.testing.assert_allclose(nearest, distances(crystal, site)[:3], atol=1e-6)


@pytest.mark.parametrize(("material", "miller"), [one for one in SURFACES if CRYSTALS[one[0]].is_metal])
def test_slab_without_vacuum_is_the_bulk_crystal(material: str, miller: tuple[int, int, int]) -> None:
    crystal = CRYSTALS[material].build()
    block = build_block(build_slab(crystal, miller), crystal)
    for site in range(len(block)):
        np.testing.assert_allclose(distances(block, site), distances(crystal, 0), atol=1e-6)


def test_cut_breaks_as_few_bonds_as_it_can() -> None:
    slab = build_slab(CRYSTALS["Si"].build(), (1, 1, 1))
    neighbours = np.bincount(neighbor_list("i", slab, 2.6), minlength=len(slab))
    # The other termination leaves atoms on one bond.
    assert sorted(neighbours) == [3, 3] + [4] * 10


def test_surface_energy_is_the_excess_over_both_areas() -> None:
    slab = Atoms("MgO", cell=[3.0, 4.0, 20.0], pbc=True)
    crystal = Atoms("MgO", cell=[3.0, 3.0, 3.0], pbc=True)
    energy = SURFACE_TASK.case("MgO-100").value(
        {"slab-MgO-100": result(slab * (1, 1, 2), -20.0), "bulk-MgO": result(crystal, -11.0)}
    )
    assert energy == pytest.approx((-20.0 + 22.0) / 24.0)


def test_defect_energies_count_what_was_exchanged() -> None:
    big = Atoms("H8", cell=[9.0] * 3, pbc=True)
    pair = Atoms("O2", cell=[9.0] * 3, pbc=True)
    vacancy = POINT_DEFECT_TASK.case("MgO-V_O").value(
        {
            "supercell-MgO": result(big, -100.0),
            "defect-MgO-V_O": result(big, -88.0),
            "molecule-O2": result(pair, -10.0),
        }
    )
    assert vacancy == pytest.approx(12.0 - 5.0)
    one = Atoms("H", cell=[9.0] * 3, pbc=True)
    antisite = POINT_DEFECT_TASK.case("MgLi-Li_Mg").value(
        {
            "supercell-MgLi": result(big, -30.0),
            "defect-MgLi-Li_Mg": result(big, -29.5),
            "bulk-Mg": result(one * (2, 1, 1), -3.0),
            "bulk-Li": result(one, -1.9),
        }
    )
    # Li in (its μ off), Mg out (its μ back).
    assert antisite == pytest.approx(0.5 - (-1.9) + (-1.5))
    elemental = POINT_DEFECT_TASK.case("Al-V_Al").value(
        {"supercell-Al": result(big, -80.0), "defect-Al-V_Al": result(big, -69.4)}
    )
    assert elemental == pytest.approx(10.6 - 10.0)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.step)
def test_defects_change_the_composition_by_what_they_say(defect: object) -> None:
    perfect = supercell(CRYSTALS[defect.material].build(), defect.material)
    counts = Counter(perfect.get_chemical_symbols())
    atoms = build_defect(perfect, defect)
    if defect.removed:
        counts[defect.removed] -= 1
    if defect.added:
        counts[defect.added] += 1
    assert Counter(atoms.get_chemical_symbols()) == +counts
    assert 14 <= len(atoms) <= 33
    assert neighbor_list("d", atoms, 4.0).min() > 1.5


def test_interstitial_sits_in_the_octahedral_hole() -> None:
    defect = next(one for one in DEFECTS if one.kind == "interstitial")
    atoms = build_defect(supercell(bulk("Al", a=4.04), "Al"), defect)
    np.testing.assert_allclose(distances(atoms, len(atoms) - 1)[:6], 2.02, atol=1e-6)


def test_orderings_are_the_27_known_derivatives_of_a_face_centred_lattice() -> None:
    # Hart and Forcade, Phys. Rev. B 77, 224115 (2008): binary derivatives with 2, 3 and 4 sites.
    assert Counter(one.cations for one in distinct_orderings()) == {2: 2, 3: 6, 4: 19}


@pytest.mark.parametrize("position", range(27))
def test_orderings_are_rocksalt_of_the_right_composition(position: int) -> None:
    ordering = distinct_orderings()[position]
    atoms = build_ordering(ordering, 4.5)
    counts = Counter(atoms.get_chemical_symbols())
    assert counts["O"] == ordering.cations
    assert counts["Ca"] / ordering.cations == pytest.approx(ordering.calcium_fraction)
    assert atoms.get_volume() / ordering.cations == pytest.approx(4.5**3 / 4)
    rocksalt = atoms.copy()
    rocksalt.symbols[[symbol == "Ca" for symbol in atoms.get_chemical_symbols()]] = "Mg"
    structure = AseAtomsAdaptor.get_structure(rocksalt)
    assert SpacegroupAnalyzer(structure, symprec=1e-3).get_space_group_number() == 225


def test_mixing_energy_is_zero_on_the_line_and_per_two_cations() -> None:
    mixing = solid_solution_task()
    case = next(case for case in mixing.cases if case.coordinate == 0.25)
    oxide = Atoms("MgO", cell=[3.0] * 3, pbc=True)
    line = 0.75 * -12.0 + 0.25 * -13.0
    results = {"bulk-MgO": result(oxide, -12.0), "bulk-CaO": result(oxide, -13.0)}
    on_the_line = results | {case.steps[-1]: result(oxide * (2, 2, 1), 4 * line)}
    assert case.value(on_the_line) == pytest.approx(0.0, abs=1e-12)
    above = results | {case.steps[-1]: result(oxide * (2, 2, 1), 4 * line + 0.2)}
    assert case.value(above) == pytest.approx(0.1)


@pytest.mark.parametrize("hop", HOPS, ids=lambda hop: f"{hop.material}-{hop.element}")
def test_path_is_its_own_mirror_image(hop: object) -> None:
    perfect = supercell(CRYSTALS[hop.material].build(), hop.material)
    near, far = build_image(perfect, hop, 0.25), build_image(perfect, hop, 0.75)
    assert len(near) == len(perfect) - 1
    for first, second in zip(_fingerprint(near), _fingerprint(far), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)
    start = build_image(perfect, hop, 0.0)
    vacancy = build_defect(perfect, hop.vacancy)
    for first, second in zip(_fingerprint(start), _fingerprint(vacancy), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)


def _fingerprint(atoms: Atoms) -> list[np.ndarray]:
    first, lengths = neighbor_list("id", atoms, 5.0)
    every = [(symbol, np.sort(lengths[first == site])) for site, symbol in enumerate(atoms.get_chemical_symbols())]
    return [one for _, one in sorted(every, key=lambda pair: (pair[0], len(pair[1]), pair[1].round(3).tolist()))]


@pytest.mark.parametrize("hop", HOPS, ids=lambda hop: f"{hop.material}-{hop.element}")
def test_holding_atoms_keeps_the_symmetry_of_the_image(hop: object) -> None:
    image = build_image(supercell(CRYSTALS[hop.material].build(), hop.material), hop, 0.5)
    held = image.constraints[0].index
    scaled = image.get_scaled_positions()
    symmetry = get_symmetry_dataset((image.cell.array, scaled, image.numbers), symprec=1e-4)
    assert len(symmetry.rotations) >= 4
    assert 2 <= len(held) <= 7
    for rotation, translation in zip(symmetry.rotations, symmetry.translations, strict=True):
        gaps = (scaled[held] @ rotation.T + translation)[:, None] - scaled[None, held]
        assert np.all(np.abs(gaps - gaps.round()).max(axis=2).min(axis=1) < 1e-3)


def test_images_and_barrier_of_a_hop_are_relative_to_the_vacancy() -> None:
    atoms = Atoms("Al", cell=[3.0] * 3, pbc=True)
    results = {
        "defect-Al-V_Al": result(atoms, -90.0),
        "image-Al-Al-0.25": result(atoms, -89.7),
        "image-Al-Al-0.5": result(atoms, -89.4),
    }
    values = {case.case_id: case.value(results) for case in ION_MIGRATION_TASK.cases if case.case_id[:5] == "Al-Al"}
    expected = {"0": 0.0, "0.25": 0.3, "0.5": 0.6, "0.75": 0.3, "1": 0.0, "barrier": 0.6}
    assert values == pytest.approx({f"Al-Al-{key}": value for key, value in expected.items()})


def test_barrier_is_measured_from_the_line_between_unequal_ends() -> None:
    assert resolved_barrier([0.0, 0.5, 0.4]) == pytest.approx(0.3)
    assert resolved_barrier([0.0, -0.1, 0.0]) == 0.0


def test_a_path_of_two_images_is_refused() -> None:
    with pytest.raises(ReferenceDataError, match="two ends and an image"):
        path_of_images([Atoms("Zn"), Atoms("Zn")])


def test_pages_tell_the_largest_miller_index_of_the_surfaces() -> None:
    assert max(abs(index) for _, miller in SURFACES for index in miller) == MILLER_INDEX_MAX
