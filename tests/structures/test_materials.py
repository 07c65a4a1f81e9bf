"""Which frames are one material: by formula, by elements where formulas are too many, or as the visitor decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from hypothesis import given
from hypothesis import strategies as st

from softdash.errors import InputError, TooLargeError
from softdash.settings import Settings
from softdash.structures.frames.frame_functionals import of_frames
from softdash.structures.frames.frame_store import load_frames, save_frames
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.limits import check_material_count
from softdash.structures.frames.material_choice import frames_of_one
from softdash.structures.frames.materials import MaterialGrouping, materials_of, reading_of_materials
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.upload.read import read_upload
from softdash.structures.upload.sandbox import read_upload_in_sandbox
from softdash.structures.upload.summary import summarise

GROUPINGS: tuple[MaterialGrouping, ...] = ("auto", "formula", "elements", "together")
FORMULAS = ("LiF", "Si", "Li2F", "SiO2", "CH2", "Li", "MgO")


def names(formulas: list[str], grouping: MaterialGrouping = "auto") -> list[tuple[str, tuple[int, ...]]]:
    return [(one.name, one.frames) for one in materials_of(formulas, grouping).materials]


def in_a_row(*formulas: str) -> str:
    """Frames in extended XYZ, a molecule in a box each, with forces."""
    generator = np.random.default_rng(3)
    lines = []
    for formula in formulas:
        atoms = Atoms(formula)
        lines += [str(len(atoms)), 'Lattice="200 0 0 0 20 0 0 0 20" Properties=species:S:1:pos:R:3:forces:R:3']
        for place, symbol in enumerate(atoms.get_chemical_symbols()):
            numbers = [2.0 * place, *generator.normal(0.1, 0.05, 2), *generator.normal(size=3)]
            lines.append(f"{symbol} {' '.join(map(str, numbers))}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledFrames]:
    def read(text: str, settings: Settings | None = None, **options: object) -> LabelledFrames:
        path = tmp_path / "run.extxyz"
        path.write_text(text, encoding="utf-8")
        return read_upload([path], settings or Settings(), None, ReadOptions.model_validate(options))

    return read


@given(st.lists(st.sampled_from(FORMULAS), min_size=1, max_size=40), st.sampled_from(GROUPINGS))
def test_every_frame_is_in_one_material_and_these_come_in_order(
    formulas: list[str], grouping: MaterialGrouping
) -> None:
    found = materials_of(formulas, grouping)
    assert sorted(frame for one in found.materials for frame in one.frames) == list(range(len(formulas)))
    assert [one.frames[0] for one in found.materials] == sorted(one.frames[0] for one in found.materials)
    assert all(list(one.frames) == sorted(one.frames) for one in found.materials)
    assert len({one.name for one in found.materials}) == len(found.materials)
    assert found.is_chosen is False or grouping != "auto"


@given(st.lists(st.sampled_from(FORMULAS), min_size=1, max_size=40))
def test_coarser_groupings_join_whole_materials(formulas: list[str]) -> None:
    fine = materials_of(formulas, "formula").materials
    for grouping in ("elements", "together"):
        coarse = [set(one.frames) for one in materials_of(formulas, grouping).materials]
        assert all(sum(set(one.frames) <= group for group in coarse) == 1 for one in fine)


def test_formulas_tell_materials_apart() -> None:
    assert names(["LiF"] * 3 + ["Si"] * 3 + ["LiF"]) == [("LiF", (0, 1, 2, 6)), ("Si", (3, 4, 5))]
    assert names(["LiF"]) == [("LiF", (0,))]


def test_elements_do_where_most_formulas_have_few_frames() -> None:
    formulas = ["LiF", "Li2F", "Li3F2", "Si", "Si", "Si"]
    found = materials_of(formulas)
    assert found.grouped_by == "elements"
    assert names(formulas) == [("Li-F", (0, 1, 2)), ("Si", (3, 4, 5))]
    reading = reading_of_materials(formulas, "auto")
    assert reading is not None
    assert reading.topic == "materials"
    assert "Li-F (3)" in reading.value
    assert "fewer than 3" in reading.detail
    assert len(names(formulas, "formula")) == 4


def test_formulas_stay_where_elements_join_nothing() -> None:
    assert materials_of(["LiF", "Si"]).grouped_by == "formula"
    assert reading_of_materials(["LiF", "LiF"], "auto") is None


def test_the_visitor_may_merge_all() -> None:
    assert names(["LiF", "Si", "LiF"], "together") == [("2 formulas", (0, 1, 2))]
    reading = reading_of_materials(["LiF", "Si"], "together")
    assert reading is not None
    assert reading.ground == "chosen"
    with pytest.raises(ValueError, match="no frames"):
        materials_of([])


@pytest.mark.parametrize(
    ("formulas", "name"),
    [
        (["LiF"], "LiF"),
        (["LiF", "Si"], "LiF and Si"),
        (["LiF", "Si", "MgO", "Li"], "LiF, Si, MgO and Li"),
        (["LiF", "Si", "MgO", "Li", "CH2"], "LiF, Si, MgO and 2 more"),
    ],
)
def test_names_of_several_for_a_title(formulas: list[str], name: str) -> None:
    assert materials_of(formulas, "formula").name == name


def test_molecules_of_one_reduced_formula_are_one_material(read: Callable[..., LabelledFrames]) -> None:
    frames = read(in_a_row("C2H4", "C3H6", "C2H4", "Si2"))
    assert [(one.name, one.frames) for one in frames.materials.materials] == [("CH2", (0, 1, 2)), ("Si", (3,))]


def test_option_reading_and_store_agree(read: Callable[..., LabelledFrames], tmp_path: Path) -> None:
    text = in_a_row(*["LiF"] * 3, *["Li2F"] * 3)
    assert len(read(text).materials.materials) == 2
    frames = read(text, materials="elements")
    assert [one.name for one in frames.materials.materials] == ["Li-F"]
    save_frames(tmp_path / "frames.npz", frames)
    assert load_frames(tmp_path / "frames.npz").materials == frames.materials
    summary = summarise(frames, ReadOptions(materials="elements"))
    assert summary.materials == frames.materials
    (reading,) = (one for one in summary.readings if one.topic == "materials")
    assert reading.ground == "chosen"


def test_refused_frames_count_in_no_material(read: Callable[..., LabelledFrames]) -> None:
    text = in_a_row("LiF", "Si2", "LiF", "Si2")
    lines = text.splitlines()
    lines[2] = "Li 0 0 0 nan 0 0"
    frames = read("\n".join(lines) + "\n")
    assert len(frames.refused) == 1
    assert [(one.name, one.frames) for one in frames.materials.materials] == [("Si", (0, 2)), ("LiF", (1,))]


def test_thinning_keeps_the_frames_that_it_chose(read: Callable[..., LabelledFrames]) -> None:
    frames = read(in_a_row(*["LiF"] * 10, *["Si2"] * 10), Settings(frames_max=4), thin=True)
    assert [len(one.frames) for one in frames.materials.materials] == [2, 2]


def test_a_row_order_is_for_frames_of_that_many_atoms_of_any_material(read: Callable[..., LabelledFrames]) -> None:
    text = in_a_row("LiF", "Si2", "MgO", "SiO2")
    plain, turned = read(text), read(text, row_order="2,1")
    for before, after in zip(plain.frames[:3], turned.frames[:3], strict=True):
        np.testing.assert_array_equal(after.reference_forces, before.reference_forces[::-1])
    np.testing.assert_array_equal(turned.frames[3].reference_forces, plain.frames[3].reference_forces)
    assert turned.materials == plain.materials


def test_too_many_materials_offer_the_groupings_that_help(tmp_path: Path) -> None:
    path = tmp_path / "run.extxyz"
    path.write_text(in_a_row(*(f"Li{n}F" for n in range(1, 6)), "Si", "Mg"), encoding="utf-8")
    settings = Settings(materials_max=3)
    with pytest.raises(TooLargeError, match="4 materials") as caught:
        check_material_count(["LiF", "Si", "MgO", "C"], "auto", settings)
    assert [choice.options for choice in caught.value.choices] == [{"materials": "together"}]
    by_formula = ReadOptions(materials="formula")
    with pytest.raises(TooLargeError, match="7 materials") as caught:
        read_upload_in_sandbox([path], settings, frames_file=tmp_path / "frames.npz", options=by_formula)
    wanted = [dict(choice.options) for choice in caught.value.choices]
    assert wanted == [{"materials": "elements"}, {"materials": "together"}]
    assert json.dumps(caught.value.as_json())
    for options, count in zip(wanted, (3, 1), strict=True):
        summary = read_upload_in_sandbox(
            [path], settings, frames_file=tmp_path / "frames.npz", options=ReadOptions.model_validate(options)
        )
        assert len(summary.materials.materials) == count


def test_two_hundred_materials_are_read(read: Callable[..., LabelledFrames]) -> None:
    formulas = [f"Li{a}F{b}" for a in range(1, 30) for b in range(1, 30) if np.gcd(a, b) == 1][:200]
    frames = read(in_a_row(*formulas), materials="formula")
    assert len(frames.materials.materials) == 200
    assert len(read(in_a_row(*formulas)).materials.materials) == 1  # one set of elements


def labelled(*formulas: str, grouping: MaterialGrouping = "auto") -> LabelledFrames:
    frames = tuple(LabelledFrame(Atoms(formula), np.ones((len(Atoms(formula)), 3)), formula) for formula in formulas)
    return LabelledFrames(frames, (), "test", grouping=grouping)


def test_frames_of_one_of_several() -> None:
    frames = labelled("LiF", "Si", "LiF")
    assert [frame.origin for frame in frames_of_one(frames, "LiF").frames] == ["LiF", "LiF"]
    assert len(frames_of_one(labelled("LiF"), None).frames) == 1
    assert len(frames_of_one(labelled("LiF", "Si", grouping="together"), None).frames) == 2
    for name in (None, "Ge"):
        with pytest.raises(InputError) as caught:
            frames_of_one(frames, name)
        assert "LiF, Si" in (caught.value.advice or "")


def with_functionals(text: str, *functionals: str) -> str:
    """Write into each frame which functional made it; nothing where that is empty."""
    said, lines = iter(functionals), text.splitlines()
    for place, line in enumerate(lines):
        if "Properties" in line and (functional := next(said)):
            lines[place] = f"{line} functional={functional}"
    return "\n".join(lines) + "\n"


def test_each_material_keeps_the_functional_of_its_frames(read: Callable[..., LabelledFrames], tmp_path: Path) -> None:
    text = in_a_row("LiF", "Si2", "LiF", "Mg2")
    frames = read(with_functionals(text, "PBE", "r2SCAN", "PBE", ""))
    assert frames.functional == "PBE, r2SCAN"
    own = {one.name: of_frames(frames, one.frames).functional for one in frames.materials.materials}
    assert own == {"LiF": "PBE", "Si": "r2SCAN", "Mg": None}
    assert frames_of_one(frames, "Si").functional == "r2SCAN"
    assert frames_of_one(frames, "Si").frames[0].functional is None
    save_frames(tmp_path / "frames.npz", frames)
    assert [one.functional for one in load_frames(tmp_path / "frames.npz").frames] == ["PBE", "r2SCAN", "PBE", ""]
    assert [one.functional for one in summarise(frames).frames] == ["PBE", "r2SCAN", "PBE", ""]


def test_one_functional_stands_at_the_upload_alone(read: Callable[..., LabelledFrames]) -> None:
    frames = read(with_functionals(in_a_row("LiF", "Si2"), "PBE", "PBE"))
    assert frames.functional == "PBE"
    assert [one.functional for one in frames.frames] == [None, None]
    assert of_frames(frames, [1]).functional == "PBE"
