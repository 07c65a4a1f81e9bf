"""CIF: what is read of cells, sites, symmetry and several blocks, and what is refused with which way out."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.geometry import get_distances
from ase.spacegroup import crystal
from cif_texts import cif, head, operations, read_blocks, read_cif, rows, state
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.cif import CifParser, CifWriter

from softdash.errors import InputError, RefusalError
from softdash.structures.readers.bare_structure import BareStructure
from softdash.structures.readers.structure_choice import structure_for


def _same_set(one: Atoms, other: Atoms, tolerance: float = 1e-4) -> bool:
    """Whether two cells have the same atoms in another order, up to lattice vectors."""
    if len(one) != len(other):
        return False
    distances = get_distances(one.positions, other.positions, cell=one.cell, pbc=True)[1]
    nearest = distances.argmin(axis=1)
    return (
        sorted(nearest.tolist()) == list(range(len(one)))
        and distances.min(axis=1).max() < tolerance
        and bool(np.array_equal(one.numbers, other.numbers[nearest]))
    )


def _in_cell_of(atoms: Atoms, other: Atoms) -> Atoms:
    """Return the fractional coordinates of `other` in the cell of `atoms`, which lies otherwise."""
    return Atoms(other.symbols, scaled_positions=other.get_scaled_positions(), cell=atoms.cell, pbc=True)


def _readings(structure: BareStructure) -> dict[str, tuple[str, str]]:
    return {one.topic: (one.value, one.ground) for one in structure.readings}


@pytest.mark.parametrize("name", ["TiO2", "Al2O3", "NaCl"])
def test_all_listed_atoms_keep_their_order_and_names(tmp_path: Path, name: str) -> None:
    atoms = state(name, 3)
    structure = read_cif(tmp_path, cif(atoms))
    read_by_ase = ase.io.read(io.StringIO(cif(atoms)), format="cif")
    np.testing.assert_array_equal(structure.atoms.cell.array, read_by_ase.cell.array)
    np.testing.assert_allclose(structure.atoms.get_scaled_positions(), atoms.get_scaled_positions(), rtol=0, atol=1e-10)
    assert structure.labels == tuple(f"{symbol}{index}" for index, symbol in enumerate(atoms.symbols, start=1))
    assert not structure.is_expanded
    assert not structure.orientation_is_known
    assert _readings(structure) == {"orientation": ("a along x, b in the xy plane", "assumed")}
    assert structure.warnings == ()


GROUPS = [
    (225, ["Na", "Cl"], [(0, 0, 0), (0.5, 0.5, 0.5)], [5.7, 5.7, 5.7, 90, 90, 90]),
    (136, ["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], [4.6, 4.6, 2.96, 90, 90, 90]),
    (167, ["Al", "O"], [(0, 0, 0.352), (0.306, 0, 0.25)], [4.76, 4.76, 12.99, 90, 90, 120]),
    (186, ["Zn", "S"], [(1 / 3, 2 / 3, 0), (1 / 3, 2 / 3, 0.375)], [3.8, 3.8, 6.2, 90, 90, 120]),
    (
        62,
        ["Fe", "P", "O"],
        [(0.28, 0.25, 0.97), (0.095, 0.25, 0.42), (0.166, 0.046, 0.285)],
        [10.3, 6, 4.7, 90, 90, 90],
    ),
    (14, ["Zr", "O"], [(0.27, 0.04, 0.21), (0.07, 0.33, 0.35)], [5.1, 5.2, 5.3, 90, 99, 90]),
    (2, ["K", "F"], [(0.1, 0.2, 0.3), (0.6, 0.7, 0.15)], [5, 6, 7, 80, 95, 103]),
]


@pytest.mark.parametrize(("number", "symbols", "places", "cellpar"), GROUPS)
@pytest.mark.parametrize("way", ["operations", "symbol", "number", "pymatgen"])
def test_symmetry_makes_what_ase_and_pymatgen_make(
    tmp_path: Path, number: int, symbols: list[str], places: list[tuple[float, ...]], cellpar: list[float], way: str
) -> None:
    full = crystal(symbols, places, spacegroup=number, cellpar=cellpar)
    group = full.info["spacegroup"]
    sites = Atoms(symbols, scaled_positions=places, cell=full.cell, pbc=True)
    if way == "pymatgen":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            writer = CifWriter(AseAtomsAdaptor.get_structure(full), symprec=1e-3, refine_struct=False)
            text = str(writer)
            structure = read_cif(tmp_path, text)
            parsed = CifParser(io.StringIO(text)).parse_structures(primitive=False)[0]
        assert _same_set(structure.atoms, _in_cell_of(structure.atoms, AseAtomsAdaptor.get_atoms(parsed)))
        assert _same_set(structure.atoms, ase.io.read(io.StringIO(text), format="cif"))
        return
    lines = {
        "operations": operations(*(one.replace(",", ", ") for one in _texts(group))),
        "symbol": f"_symmetry_space_group_name_H-M '{group.symbol}'\n",
        "number": f"_space_group_IT_number {number}\n",
    }[way]
    structure = read_cif(tmp_path, cif(sites, symmetry=lines))
    assert _same_set(structure.atoms, full)
    assert structure.is_expanded
    assert structure.listed is not None
    assert len(structure.listed) == len(symbols)
    assert set(structure.labels or ()) == {f"{symbol}{index}" for index, symbol in enumerate(symbols, start=1)}


def _texts(group: object) -> list[str]:
    return [
        ",".join(
            "".join(f"{'+' if w > 0 else '-'}{axis}" for w, axis in zip(row, "xyz", strict=True) if w) + f"+{shift:.6f}"
            for row, shift in zip(rotation, translation, strict=True)
        )
        for rotation, translation in group.get_symop()  # type: ignore[attr-defined]
    ]


RUTILE = [4.65, 4.65, 2.97, 90, 90, 90]
MAGNETIC = (
    "loop_\n_space_group_symop_magn_operation{dot}id\n_space_group_symop_magn_operation{dot}xyz\n"
    "1 x,y,z,+1\n2 -x,-y,z,+1\n3 -y+1/2,x+1/2,z+1/2,-1\n4 y+1/2,-x+1/2,z+1/2,-1\n"
)


def _rutile() -> tuple[Atoms, Atoms]:
    places = [(0, 0, 0), (0.335, 0.335, 0)]
    sites = Atoms("TiO", scaled_positions=places, cell=RUTILE, pbc=True)
    return sites, crystal(["Ti", "O"], places, spacegroup=136, cellpar=RUTILE)


@pytest.mark.parametrize("dot", [".", "_"])
def test_magnetic_operations_make_atoms_too(tmp_path: Path, dot: str) -> None:
    sites, full = _rutile()
    structure = read_cif(tmp_path, cif(sites, symmetry=MAGNETIC.format(dot=dot)))
    assert _same_set(structure.atoms, full)


def test_magnetic_centrings_multiply_the_operations(tmp_path: Path) -> None:
    sites = Atoms("Mn", scaled_positions=[(0.1, 0.2, 0.3)], cell=[5, 6, 7, 90, 90, 90], pbc=True)
    lines = (
        "loop_\n_space_group_symop_magn_operation.id\n_space_group_symop_magn_operation.xyz\n1 x,y,z,+1\n"
        "2 -x,-y,-z,+1\nloop_\n_space_group_symop_magn_centering.id\n_space_group_symop_magn_centering.xyz\n"
        "1 x,y,z,+1\n"
        "2 x+1/2,y+1/2,z,-1\n"
    )
    found = read_cif(tmp_path, cif(sites, symmetry=lines)).atoms.get_scaled_positions()
    wanted = np.array([[0.1, 0.2, 0.3], [0.9, 0.8, 0.7], [0.6, 0.7, 0.3], [0.4, 0.3, 0.7]])
    assert {tuple(row) for row in np.round(found, 6)} == {tuple(row) for row in np.round(wanted, 6)}


def test_a_modulated_structure_is_refused(tmp_path: Path) -> None:
    text = cif(state("NaCl"), symmetry="_cell_modulation_dimension 1\n")
    with pytest.raises(InputError, match="modulated"):
        read_cif(tmp_path, text)


@pytest.mark.parametrize(
    ("labels", "types", "formula", "symbols"),
    [
        (["TI1", "CL2"], None, "", "TiCl"),
        (["PB1", "O1"], None, "", "PbO"),
        (["PB1", "O1"], None, "'O1 P1'", "PO"),
        (["Fe3+", "O2-"], None, "", "FeO"),
        (["Fe1A", "O_a"], None, "", "FeO"),
        (["OW1", "HW2"], None, "", "OH"),
        (["D1", "O1"], None, "", "HO"),
        (["X1", "JJ2"], ["Fe+3", "o2-"], "", "FeO"),
        (["X1", "JJ2"], ["FE", "?"], "", None),
        (["Wat1", "O1"], None, "", None),
        (["CA1", "C2"], None, "'C20 H8'", "CC"),
        (["T1", "O1"], ["T", "O"], "", "HO"),
    ],
)
def test_elements(
    tmp_path: Path, labels: list[str], types: list[str] | None, formula: str, symbols: str | None
) -> None:
    atoms = Atoms("Na2", scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5)], cell=[4, 4, 4], pbc=True)
    formula = f"_chemical_formula_sum {formula}\n" if formula else ""
    text = head(atoms) + formula + operations("x,y,z") + rows(atoms, labels=labels, types=types or ["?", "?"])
    if symbols is None:
        with pytest.raises(InputError, match="cannot be told"):
            read_cif(tmp_path, text)
        return
    structure = read_cif(tmp_path, text)
    assert "".join(structure.atoms.symbols) == symbols
    assert structure.labels == tuple(labels)


def test_capitals_that_may_be_two_elements_are_said(tmp_path: Path) -> None:
    atoms = Atoms("Na2", scaled_positions=[(0, 0, 0), (0.5, 0.5, 0.5)], cell=[4, 4, 4], pbc=True)
    structure = read_cif(tmp_path, cif(atoms, labels=["PB1", "O1"], types=["?", "?"]))
    assert _readings(structure)["structure"] == ("elements from labels", "assumed")
    assert "structure" not in _readings(read_cif(tmp_path, cif(atoms, labels=["PB1", "O1"], types=["PB", "O"])))


@pytest.mark.parametrize(
    ("occupancy", "outcome"),
    [("0.9999", "said"), ("0.99", "said"), ("1.000(5)", "whole"), ("?", "whole"), (".", "whole"), ("0.98", "no")],
)
def test_occupancies(tmp_path: Path, occupancy: str, outcome: str) -> None:
    atoms = state("TiO2")
    text = cif(atoms, tag="_atom_site_occupancy", more=["1"] * 5 + [occupancy])
    if outcome == "no":
        with pytest.raises(RefusalError, match=r"O6 has the occupancy 0\.98"):
            read_cif(tmp_path, text)
        return
    readings = _readings(read_cif(tmp_path, text))
    assert ("structure" in readings) == (outcome == "said")


def test_a_site_listed_twice_is_named_and_the_count_of_forces_decides(tmp_path: Path) -> None:
    atoms = state("TiO2")
    twice = atoms + atoms[[5]]
    twice.positions[6] += atoms.cell.array[2]
    text = cif(twice)
    with pytest.raises(RefusalError, match="O7 is a duplicate of O6") as caught:
        read_cif(tmp_path, text)
    assert caught.value.choices == ()
    found = read_blocks(tmp_path, text)
    chosen = structure_for(found, 6, ("a.cif", "f.csv"))
    assert chosen.labels == ("Ti1", "Ti2", "O3", "O4", "O5", "O6")
    assert ("structure", "tested") in {(one.topic, one.ground) for one in chosen.readings}
    with pytest.raises(RefusalError, match="duplicate"):
        structure_for(found, 7, ("a.cif", "f.csv"))


def test_two_elements_on_one_place_are_refused(tmp_path: Path) -> None:
    atoms = Atoms("NaK", scaled_positions=[(0, 0, 0), (1, 0, 0)], cell=[4, 4, 4], pbc=True)
    with pytest.raises(RefusalError, match="Na1 and K2"):
        read_cif(tmp_path, cif(atoms))


def _stale() -> tuple[Atoms, str]:
    """Displaced atoms of rutile, all of them listed, with the operations of the undistorted crystal."""
    _, full = _rutile()
    full = Atoms(full.symbols, positions=full.positions, cell=full.cell, pbc=True)
    full.positions += np.random.default_rng(1).normal(scale=0.05, size=full.positions.shape)
    return full, cif(full, symmetry="_symmetry_space_group_name_H-M 'P 42/m n m'\n_symmetry_Int_Tables_number 136\n")


def test_operations_of_another_structure_are_found_by_atoms_that_lie_on_each_other(tmp_path: Path) -> None:
    atoms, text = _stale()
    with pytest.raises(RefusalError) as caught:
        read_cif(tmp_path, text)
    assert [choice.options for choice in caught.value.choices] == [{"symmetry": "ignore"}]
    found = read_blocks(tmp_path, text)
    with pytest.raises(RefusalError) as caught:
        structure_for(found, len(atoms), ("a.cif", "f.csv"))
    assert [choice.options for choice in caught.value.choices] == [{"symmetry": "ignore"}]
    with pytest.raises(RefusalError) as caught:
        structure_for(found, 7, ("a.cif", "f.csv"))
    assert caught.value.choices == ()
    ignored = read_cif(tmp_path, text, symmetry="ignore")
    assert _readings(ignored)["structure"][1] == "chosen"
    np.testing.assert_allclose(ignored.atoms.positions, atoms.positions, rtol=0, atol=1e-7)
    assert len(read_cif(tmp_path, text, symmetry="apply").atoms) > len(atoms)


def test_an_undistorted_crystal_may_list_all_atoms_with_its_operations(tmp_path: Path) -> None:
    _, full = _rutile()
    structure = read_cif(tmp_path, cif(full, symmetry="_symmetry_space_group_name_H-M 'P 42/m n m'\n"))
    assert not structure.is_expanded
    np.testing.assert_allclose(structure.atoms.positions, full.positions, rtol=0, atol=1e-7)


def test_a_symbol_completes_what_one_operation_does_not(tmp_path: Path) -> None:
    sites, full = _rutile()
    text = cif(sites, symmetry="_symmetry_space_group_name_H-M 'P 42/m n m'\n" + operations("x,y,z"))
    found = read_blocks(tmp_path, text)
    assert len(found[0].atoms) == 2
    by_symbol = structure_for(found, 6, ("a.cif", "f.csv"))
    assert _same_set(by_symbol.atoms, full)
    assert _readings(by_symbol)["structure"][1] == "tested"


def test_multiplicities_without_symmetry_name_what_is_missing(tmp_path: Path) -> None:
    sites, _ = _rutile()
    text = cif(sites, symmetry="", tag="_atom_site_symmetry_multiplicity", more=["2", "4"])
    found = read_blocks(tmp_path, text)
    for count, choices in ((6, []), (2, [{"symmetry": "ignore"}])):
        with pytest.raises(RefusalError, match="2 sites that stand for 6 atoms") as caught:
            structure_for(found, count, ("a.cif", "f.csv"))
        assert [choice.options for choice in caught.value.choices] == choices


@pytest.mark.parametrize("suffix", [":1", ":2", " S", " Z"])
def test_the_origin_of_a_symbol(tmp_path: Path, suffix: str) -> None:
    first = suffix in (":1", " S")
    place = (0, 0, 0) if first else (0.125, 0.125, 0.125)
    sites = Atoms("Si", scaled_positions=[place], cell=[5.43] * 3, pbc=True)
    full = crystal("Si", [place], spacegroup=227, setting=1 if first else 2, cellpar=[5.43] * 3 + [90] * 3)
    structure = read_cif(tmp_path, cif(sites, symmetry=f"_symmetry_space_group_name_H-M 'F d -3 m{suffix}'\n"))
    assert _same_set(structure.atoms, full)
    assert _readings(structure)["structure"][1] == "stated"


def test_multiplicities_tell_the_origin_that_a_symbol_leaves_open(tmp_path: Path) -> None:
    sites = Atoms("Si", scaled_positions=[(0.125, 0.125, 0.125)], cell=[5.43] * 3, pbc=True)
    lines = "_symmetry_space_group_name_H-M 'F d -3 m'\n"
    told = read_cif(tmp_path, cif(sites, symmetry=lines, tag="_atom_site_symmetry_multiplicity", more=["8"]))
    assert (len(told.atoms), _readings(told)["structure"][1]) == (8, "stated")
    untold = read_cif(tmp_path, cif(sites, symmetry=lines))
    assert (len(untold.atoms), _readings(untold)["structure"][1]) == (16, "assumed")


@pytest.mark.parametrize(("formula", "ground"), [("Mg F2", "stated"), ("Mg2 F", "stated"), ("", "assumed")])
def test_the_formula_tells_the_origin_too(tmp_path: Path, formula: str, ground: str) -> None:
    sites = Atoms("MgF", scaled_positions=[(0.125, 0.125, 0.125), (0.5, 0.5, 0.5)], cell=[8.08] * 3, pbc=True)
    lines = "_symmetry_space_group_name_H-M 'F d -3 m'\n" + (f"_chemical_formula_sum '{formula}'\n" if formula else "")
    found = read_cif(tmp_path, cif(sites, symmetry=lines))
    assert found.atoms.get_chemical_formula(empirical=True) == ("F2Mg" if formula == "Mg F2" else "FMg2")
    assert _readings(found)["structure"][1] == ground


@pytest.mark.parametrize("gamma", [90, 120])
def test_rhombohedral_groups_follow_the_cell(tmp_path: Path, gamma: int) -> None:
    hexagonal = gamma == 120
    cell = [4.76, 4.76, 12.99, 90, 90, 120] if hexagonal else [5.13, 5.13, 5.13, 55.3, 55.3, 55.3]
    sites = Atoms("Al", scaled_positions=[(0, 0, 0.352) if hexagonal else (0.352, 0.352, 0.352)], cell=cell, pbc=True)
    structure = read_cif(tmp_path, cif(sites, symmetry="_space_group_name_H-M_alt 'R -3 c'\n"))
    assert len(structure.atoms) == (12 if hexagonal else 4)


def test_a_cell_without_the_symmetry_of_its_group_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not have the symmetry"):
        read_cif(tmp_path, cif(state("TiO2"), symmetry="_symmetry_space_group_name_H-M 'F m -3 m'\n"))


def test_the_file_may_say_how_its_cell_lies(tmp_path: Path) -> None:
    atoms = state("Al2O3")
    rotation = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    turned = atoms.copy()
    turned.set_cell(atoms.cell.array @ rotation.T, scale_atoms=True)
    matrix = "".join(
        f"_atom_sites_Cartn_tran_matrix_{row + 1}{column + 1} {turned.cell.array.T[row, column]:.8f}\n"
        for row in range(3)
        for column in range(3)
    )
    structure = read_cif(tmp_path, head(atoms) + matrix + operations("x,y,z") + rows(atoms))
    assert structure.orientation_is_known
    np.testing.assert_allclose(structure.atoms.positions, turned.positions, rtol=0, atol=1e-6)
    wrong = read_cif(tmp_path, head(atoms) + matrix.replace("matrix_11 ", "matrix_11 9") + rows(atoms))
    assert not wrong.orientation_is_known


def test_rounding_is_half_a_unit_in_the_last_place(tmp_path: Path) -> None:
    atoms = state("TiO2", 4)
    for decimals in (2, 3, 6):
        structure = read_cif(tmp_path, cif(atoms, decimals=decimals))
        np.testing.assert_allclose(structure.rounding, 0.5 * 10.0**-decimals * structure.atoms.cell.array)
        moved = structure.atoms.get_scaled_positions(False) - atoms.get_scaled_positions(False)
        assert np.abs(moved).max() <= 0.5 * 10.0**-decimals + 1e-9


def test_special_positions_do_not_count_as_rounded(tmp_path: Path) -> None:
    atoms = Atoms("Na3", scaled_positions=np.zeros((3, 3)), cell=[4, 5, 6], pbc=True)
    text = head(atoms) + "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    text += "Na1 0 0.5 0.333333333333333\nNa2 0.1234(2) 0.25 0.29\nNa3 1.2E-1 0.50 0.6666666666\n"
    structure = read_cif(tmp_path, text)
    assert structure.rounding is not None
    np.testing.assert_allclose(np.diag(structure.rounding), [4 * 5e-5, 0, 6 * 5e-3], atol=1e-12)


def test_angles_in_loops_and_words_without_quotes(tmp_path: Path) -> None:
    atoms = state("TiO2")
    text = cif(atoms, symmetry="loop_\n_symmetry_equiv_pos_as_xyz\n x, y, z\n")
    text = text.replace("_cell_angle_alpha", "loop_ # as some programs do\n_cell_angle_alpha\n")
    assert len(read_cif(tmp_path, text).atoms) == 6
    one_line = cif(atoms, symmetry="_symmetry_equiv_pos_as_xyz x,y,z\n")
    assert len(read_cif(tmp_path, one_line).atoms) == 6


@pytest.mark.parametrize("name", ["TiO2", "Al2O3", "KMgF3", "SrTiO3"])
@pytest.mark.parametrize("symprec", [None, 1e-2])
def test_files_of_pymatgen(tmp_path: Path, name: str, symprec: float | None) -> None:
    given_atoms = state(name)
    structure = Structure(given_atoms.cell.array, list(given_atoms.symbols), given_atoms.get_scaled_positions())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = str(CifWriter(structure, symprec=symprec, refine_struct=False))
        parsed = AseAtomsAdaptor.get_atoms(CifParser(io.StringIO(text)).parse_structures(primitive=False)[0])
    found = read_cif(tmp_path, text)
    assert _same_set(found.atoms, _in_cell_of(found.atoms, parsed), 1e-2)
