"""CIF: several blocks, limits, what is no CIF, and the words that a CIF is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from cif_texts import cif, read_blocks, read_cif, state
from hypothesis import given
from hypothesis import strategies as st

from softdash.errors import InputError, TooLargeError
from softdash.structures.readers.cif.document import blocks_of, decimals_of, number_of
from softdash.structures.readers.cif.operations import parse_operation
from softdash.structures.readers.structure_choice import structure_for


def _blocks(count: int) -> str:
    return "".join(cif(state("TiO2", frame), f"frame{frame}") for frame in range(count))


def test_several_blocks_are_asked_or_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_cif(tmp_path, _blocks(3))
    assert [choice.options for choice in caught.value.choices] == [{"structure": f"frame{n}"} for n in range(3)]
    chosen = read_cif(tmp_path, _blocks(3), structure="FRAME1")
    np.testing.assert_allclose(
        chosen.atoms.get_scaled_positions(), state("TiO2", 1).get_scaled_positions(), rtol=0, atol=1e-9
    )
    with pytest.raises(InputError, match="frame9") as caught:
        read_cif(tmp_path, _blocks(2), structure="frame9")
    assert len(caught.value.choices) == 2


def test_the_block_with_as_many_atoms_as_forces_is_taken_and_said(tmp_path: Path) -> None:
    found = read_blocks(
        tmp_path, cif(state("NaCl"), "salt") + cif(state("TiO2"), "rutile") + cif(state("KMgF3"), "salt")
    )
    assert [one.name for one in found] == ["salt", "rutile", "salt (2)"]
    chosen = structure_for(found, 6, ("a.cif", "f.csv"))
    assert chosen.name == "rutile"
    assert ("rutile", "tested") in {(one.value, one.ground) for one in chosen.readings}
    with pytest.raises(InputError) as caught:
        structure_for(found, 7, ("a.cif", "f.csv"))
    assert caught.value.choices == ()


def test_blocks_without_atoms_and_broken_ones_stand_back(tmp_path: Path) -> None:
    unknown = "data_none\n_cell_length_a 3\nloop_\n" + "\n".join(
        ("_atom_site_label", "_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z", "? ? ? ?\n")
    )
    broken = cif(state("TiO2"), "mixed", tag="_atom_site_occupancy", more=["0.5"] * 6)
    found = read_blocks(tmp_path, "data_global\n_journal_year 1999\n" + unknown + broken + cif(state("TiO2"), "whole"))
    assert [one.name for one in found] == ["whole"]


def test_limits_come_before_the_work(tmp_path: Path) -> None:
    atoms = Atoms("Na", cell=[9] * 3, pbc=True).repeat((7, 7, 7))
    text = cif(atoms, symmetry="_symmetry_space_group_name_H-M 'F m -3 m'\n")
    with pytest.raises(TooLargeError) as caught:
        read_cif(tmp_path, text)
    assert [choice.options for choice in caught.value.choices] == [{"symmetry": "ignore"}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("data_a\n;\nnever ends", "line 2"),
        ("data_a\nloop_\n_atom_site_label\n_atom_site_fract_x\nNa1 0 Na2", "line 5"),
        ("data_a\n" + "x" * 3000, "2,048"),
    ],
)
def test_what_is_no_cif(text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        blocks_of(text, "a.cif")


def test_words_of_a_cif() -> None:
    block = blocks_of(
        "data_a # comment\n_one 'Strel'tsov, V.A.'\n_two \"a 'b' c\"\n_three\n;first\nsecond\n;\n_four .\n"
        "loop_\n_a.B\n_c\n1 'x y' # rest\n2 ?\n_five 'open\n",
        "a.cif",
    )[0]
    assert block.items["_one"] == ["Strel'tsov, V.A."]
    assert block.items["_two"] == ["a 'b' c"]
    assert block.items["_three"] == ["first\nsecond"]
    assert block.value("_four") is None
    assert block.items["_a_b"] == ["1", "2"]
    assert block.items["_c"] == ["x y", "?"]
    assert block.items["_five"] == ["'open"]


@given(st.text(alphabet="data_loop_ \n'\";#xyz,_?.1e-()", max_size=300))
def test_any_text_gives_blocks_or_an_error(text: str) -> None:
    try:
        blocks = blocks_of(text, "a.cif")
    except InputError:
        return
    assert all(isinstance(value, str) for block in blocks for values in block.items.values() for value in values)


@given(
    st.floats(-1000, 1000, allow_nan=False).map(lambda x: f"{x:.5f}"),
    st.sampled_from(["", "(3)", "(12)"]),
)
def test_numbers_and_their_decimals(number: str, uncertainty: str) -> None:
    assert number_of(number + uncertainty) == float(number)
    assert decimals_of(number + uncertainty) == 5
    assert number_of("x" + number) is None


@pytest.mark.parametrize(
    ("text", "rotation", "translation"),
    [
        ("-y+1/2, x+1/2, z+1/2", [[0, -1, 0], [1, 0, 0], [0, 0, 1]], [0.5, 0.5, 0.5]),
        ("x-y, X, 0.3333+z", [[1, -1, 0], [1, 0, 0], [0, 0, 1]], [0, 0, 1 / 3]),
        ("1/2-x,y,-z,-1", [[-1, 0, 0], [0, 1, 0], [0, 0, -1]], [0.5, 0, 0]),
        ("x,y", None, None),
        ("x,x,z", None, None),
        ("x+1/0,y,z", None, None),
        ("x;import os,y,z", None, None),
    ],
)
def test_operations(text: str, rotation: list[list[int]] | None, translation: list[float] | None) -> None:
    found = parse_operation(text)
    if rotation is None:
        assert found is None
        return
    assert found is not None
    np.testing.assert_array_equal(found[0], rotation)
    np.testing.assert_allclose(found[1], translation)
