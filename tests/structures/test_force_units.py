"""Stated, assumed and chosen units of force, and what errors offer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from ase.units import Bohr, Hartree

from softdash.errors import InputError, RefusalError
from softdash.settings import Settings
from softdash.structures.frames.force_units import (
    IN_EV_PER_ANGSTROM,
    StatedUnit,
    choices_for_large_forces,
    resolve_unit,
    unknown_unit_error,
    with_chosen_factor,
    with_chosen_unit,
)
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.units.unit_grammar import ParsedUnit, parse_unit
from softdash.structures.upload.checks import check_frames

HARTREE = StatedUnit("Ha/bohr", Hartree / Bohr, "from the header")
FORCES = np.array([[0.1, 0.2, -0.3], [-0.1, -0.2, 0.3]])


@pytest.fixture
def frames() -> LabelledFrames:
    atoms = Atoms("NaCl", positions=[[0, 0, 0], [2.8, 0, 0]], cell=[5.6, 5.6, 5.6], pbc=True)
    frame = LabelledFrame(atoms, FORCES, "a.xyz", reference_energy=-3.5, reference_stress=np.eye(3))
    return LabelledFrames((frame,), (), "extended XYZ", force_unit="eV/Å (assumed)")


def test_a_stated_unit_is_taken() -> None:
    found = resolve_unit(HARTREE, "auto", "f.csv")
    assert (found.factor, found.shown, found.is_stated) == (Hartree / Bohr, "Ha/bohr (from the header)", True)
    assert (found.reading.topic, found.reading.ground) == ("unit", "stated")
    assert "51.4221" in found.reading.detail
    assert resolve_unit(HARTREE, "Ha/bohr", "f.csv") == found


def test_a_stated_unit_without_usual_name_is_taken() -> None:
    unit = parse_unit("dyn")
    assert isinstance(unit, ParsedUnit)
    found = resolve_unit(StatedUnit.of(unit, "from a comment"), "auto", "f.csv")
    assert (found.shown, found.factor) == ("dyn (from a comment)", unit.factor)


@pytest.mark.parametrize(
    ("choice", "shown", "ground"), [("auto", "eV/Å (assumed)", "assumed"), ("nN", "nN (chosen)", "chosen")]
)
def test_where_no_file_states_it_the_unit_is_assumed_or_chosen(choice: str, shown: str, ground: str) -> None:
    found = resolve_unit(None, ReadOptions.model_validate({"force_unit": choice}).force_unit, "f.csv")
    assert (found.shown, found.reading.ground, found.is_stated) == (shown, ground, False)


def test_a_contradiction_offers_both_units() -> None:
    with pytest.raises(InputError) as caught:
        resolve_unit(HARTREE, "eV/Å", "f.csv")
    as_stated, overruled = (ReadOptions.model_validate(choice.options) for choice in caught.value.choices)
    assert as_stated == ReadOptions()
    taken = resolve_unit(HARTREE, overruled.force_unit, "f.csv")
    assert taken.factor * overruled.force_factor == pytest.approx(1.0, rel=1e-9)


def test_a_unit_that_is_not_understood_is_named_with_choices() -> None:
    error = unknown_unit_error("eV/furlong", "f.csv")
    assert "eV/furlong" in error.what
    offered = [choice.options["force_unit"] for choice in error.choices]
    assert {"eV/Å", "Ry/bohr", "Ha/bohr", "kcal/mol/Å", "nN"} <= set(offered)
    assert all(ReadOptions.model_validate(choice.options).force_unit in IN_EV_PER_ANGSTROM for choice in error.choices)


def test_a_molar_unit_without_mole_suggests_it() -> None:
    error = unknown_unit_error("kcal/Å", "f.csv")
    assert error.choices[0].options == {"force_unit": "kcal/mol/Å"}
    assert "kcal/mol/Å" in error.what


def test_a_chosen_factor_turns_gradients_and_keeps_energies(frames: LabelledFrames) -> None:
    turned = with_chosen_factor(frames, -1.0, "a.xyz")
    assert np.array_equal(turned.frames[0].reference_forces, -FORCES)
    assert turned.frames[0].reference_energy == -3.5
    assert turned.frames[0].reference_stress is not None
    assert [(one.topic, one.ground) for one in turned.readings] == [("sign", "chosen")]
    assert turned.warnings == ()
    assert with_chosen_factor(frames, 1.0, "a.xyz") is frames


def test_another_factor_is_that_of_forces_alone(frames: LabelledFrames) -> None:
    scaled = with_chosen_factor(frames, -0.5, "a.xyz")
    assert np.array_equal(scaled.frames[0].reference_forces, -0.5 * FORCES)
    assert (scaled.frames[0].reference_energy, scaled.frames[0].reference_stress) == (None, None)
    assert {one.topic for one in scaled.readings} == {"sign", "unit"}
    assert "0.5" in scaled.force_unit
    assert len(scaled.warnings) == 1


def test_every_upload_has_one_reading_of_its_unit(frames: LabelledFrames) -> None:
    (assumed,) = with_chosen_unit(frames, "auto", "a.xyz").readings
    assert (assumed.topic, assumed.value, assumed.ground) == ("unit", "eV/Å", "assumed")
    stated = replace(frames, force_unit="Ry/bohr (Quantum ESPRESSO)", force_unit_is_stated=True)
    (reading,) = with_chosen_unit(stated, "Ry/bohr", "a.pwo").readings
    assert (reading.value, reading.ground) == ("Ry/bohr (Quantum ESPRESSO)", "stated")
    chosen = with_chosen_unit(with_chosen_unit(frames, "auto", "a.xyz"), "Ha/bohr", "a.xyz")
    assert [(one.value, one.ground) for one in chosen.readings] == [("Ha/bohr", "chosen")]
    np.testing.assert_allclose(chosen.frames[0].reference_forces, FORCES * Hartree / Bohr)


def test_a_unit_whose_name_begins_another_does_not_pass_for_it(frames: LabelledFrames) -> None:
    stated = replace(frames, force_unit="Ha/bohr (as its file says)", force_unit_is_stated=True)
    assert len(with_chosen_unit(stated, "Ha/Å", "a.yaml").warnings) == 1
    assert with_chosen_unit(stated, "Ha/bohr", "a.yaml").warnings == ()


@pytest.mark.parametrize("largest", [1500.0, 3110.0, 40_000.0])
def test_units_that_bring_forces_to_a_usual_size(largest: float) -> None:
    units = [choice.options["force_unit"] for choice in choices_for_large_forces(largest)]
    assert units
    assert all(0.1 <= largest * IN_EV_PER_ANGSTROM[unit] <= 100 for unit in units)


def test_forces_too_large_are_refused_with_units_to_choose(frames: LabelledFrames) -> None:
    huge = replace(frames, frames=(replace(frames.frames[0], reference_forces=FORCES * 1e4),))
    with pytest.raises(RefusalError) as caught:
        check_frames(huge, Settings())
    assert {"force_unit": "meV/Å"} in [dict(choice.options) for choice in caught.value.choices]
    with pytest.raises(RefusalError) as caught:
        check_frames(replace(huge, force_unit_is_stated=True), Settings())
    assert caught.value.choices == ()
