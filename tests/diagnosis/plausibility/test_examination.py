"""What the tests of a reading say together: one step mends what two causes spoilt, and agreement confirms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from ase import Atoms
from made_evidence import ORTHORHOMBIC, TRICLINIC, made_frame

from softdash.diagnosis.compared_frames import ComparedFrames
from softdash.diagnosis.plausibility.examination import examine_reading
from softdash.diagnosis.records import Reading, ReadingDoubt
from softdash.potentials.interface import Prediction
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM
from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.frames.read_options import ReadOptions
from softdash.structures.matching.orientation import table_rotation
from softdash.structures.upload.chosen_reading import as_chosen

OPEN = (
    Reading("unit", "eV/Å", "assumed", "Nobody says it."),
    Reading("order", "as listed", "assumed", "Nobody says it."),
    Reading("orientation", "a along x", "assumed", "Nobody says it."),
)


def upload(
    forces: np.ndarray, cell: np.ndarray, *, known: bool = False, seed: int = 0
) -> tuple[LabelledFrames, ComparedFrames, np.ndarray]:
    """Return a frame whose table holds `forces`, and what the potential predicts for it."""
    made = made_frame(cell=cell, seed=seed)
    atoms = Atoms(made.numbers, made.positions, cell=cell, pbc=True)
    frame = LabelledFrame(atoms, forces, "a.cif + f.csv")
    read = LabelledFrames(
        (frame,), (), "CIF + forces table", readings=OPEN, orientation_is_known=known, order_is_known=known
    )
    return read, ComparedFrames((0,), (frame,), (Prediction(made.predicted, 0.0),)), made.reference


def examined(forces: np.ndarray, cell: np.ndarray, **how: bool) -> tuple[tuple[ReadingDoubt, ...], tuple[Reading, ...]]:
    read, pairs, _ = upload(forces, cell, **how)
    return examine_reading(read, pairs)


def test_what_nobody_said_is_confirmed_by_agreement() -> None:
    for cell in (ORTHORHOMBIC, TRICLINIC):
        doubts, tested = examined(made_frame(cell=cell).reference, cell)
        assert doubts == ()
        assert sorted((reading.topic, reading.ground) for reading in tested) == [
            ("order", "tested"),
            ("orientation", "tested"),
            ("unit", "tested"),
        ]


@pytest.mark.parametrize("unit", ["Ha/bohr", "Ry/bohr", "kcal/mol/Å"])
@pytest.mark.parametrize("sign", [1, -1])
def test_one_step_mends_unit_sign_and_orientation(unit: str, sign: int) -> None:
    matrix = table_rotation("pymatgen", TRICLINIC)
    assert matrix is not None
    made = made_frame(cell=TRICLINIC)
    written = sign * made.reference @ matrix.T / IN_EV_PER_ANGSTROM[unit]
    doubts, _ = examined(written, TRICLINIC)
    assert doubts[0].code == "unit"
    options = ReadOptions.model_validate(doubts[0].proposals[0].options)
    assert (options.force_unit, options.orientation) == (unit, "pymatgen")
    read, _, _ = upload(written * IN_EV_PER_ANGSTROM[unit], TRICLINIC)
    mended = as_chosen(read, options, "a.cif").frames[0].reference_forces
    np.testing.assert_allclose(mended, made.reference, atol=1e-9)
    assert doubts[0].proposals[0].slope == pytest.approx(np.vdot(mended, made.predicted) / np.vdot(mended, mended))


def test_gradients_are_no_orientation() -> None:
    doubts, _ = examined(-made_frame(cell=TRICLINIC).reference, TRICLINIC)
    assert [doubt.code for doubt in doubts] == ["gradients"]


def test_frames_of_one_file_are_not_asked_for_order_or_belonging() -> None:
    random = np.random.default_rng(3).normal(size=(6, 3))
    assert examined(random, ORTHORHOMBIC, known=True)[0] == ()
    assert [doubt.code for doubt in examined(random, ORTHORHOMBIC)[0]] == ["unrelated"]


def test_a_chosen_factor_is_not_asked_again() -> None:
    read, pairs, _ = upload(-made_frame(cell=ORTHORHOMBIC).reference, ORTHORHOMBIC)
    chosen = replace(read, readings=(*OPEN, Reading("sign", "× −1", "chosen", "As you chose.")))
    assert examine_reading(read, pairs)[0][0].code == "gradients"
    assert "gradients" not in [doubt.code for doubt in examine_reading(chosen, pairs)[0]]
