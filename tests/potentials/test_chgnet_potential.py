"""CHGNet through softdash says what the library says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import read

from softdash.errors import PredictionError
from softdash.potentials.registry import card, load_potential
from softdash.softening import analyse_forces

# float32 sums in another order: batches against single frames.
FORCE_TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def frames() -> list[Atoms]:
    structures = [bulk("NaCl", "rocksalt", a=5.69, cubic=True), bulk("Si", a=5.43), bulk("MgO", "rocksalt", a=4.21)]
    for seed, atoms in enumerate(structures):
        atoms.rattle(0.08, seed=seed)
    return structures


@pytest.mark.parametrize("version", ["0.3.0", "0.2.0", "r2scan"])
def test_equals_the_library(frames: list[Atoms], version: str, capsys: pytest.CaptureFixture[str]) -> None:
    from chgnet.model import CHGNet
    from pymatgen.io.ase import AseAtomsAdaptor

    ours = load_potential(f"chgnet-{version}").predict(frames, stress=True)
    assert capsys.readouterr().out == "", "standard output belongs to results"
    model = CHGNet.load(model_name=version, use_device="cpu", verbose=False)
    for atoms, prediction in zip(frames, ours, strict=True):
        theirs = model.predict_structure(AseAtomsAdaptor.get_structure(atoms), task="efs")
        np.testing.assert_allclose(prediction.forces, theirs["f"], atol=FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(float(theirs["e"]) * len(atoms), abs=FORCE_TOLERANCE)
        np.testing.assert_allclose(prediction.stress, theirs["s"] / 160.21766208, atol=FORCE_TOLERANCE)


REFERENCES = Path(__file__).resolve().parents[2] / "precomputed" / "references" / "gpaw_pbe"


def expanded_series(symbol: str, a: float) -> list[Atoms]:
    """Return frames of one crystal: the small ones have bonds below 3 Å, and so angles, the others none."""
    series = []
    for seed, stretch in enumerate((0.82, 1.1, 0.88, 1.15, 1.2)):
        frame = bulk(symbol, "bcc", a=a * stretch, cubic=True).repeat((2, 1, 1))
        frame.rattle(0.12, seed=seed)
        series.append(frame)
    return series


@pytest.mark.parametrize("version", ["0.3.0", "0.2.0", "r2scan"])
@pytest.mark.parametrize(
    "frames_of", ["CsF", "LiF", "Bi", "Ba"], ids=["CsF from DFT", "LiF from DFT", "made Bi", "made Ba"]
)
def test_slopes_are_those_of_the_library_frame_by_frame(version: str, frames_of: str) -> None:
    """In its own batches the library gives frames without angles other forces than alone, by 0.2.0's biases."""
    from chgnet.model import CHGNet
    from pymatgen.io.ase import AseAtomsAdaptor

    made = {"Bi": 3.9, "Ba": 4.0}
    if frames_of in made:
        states = expanded_series(frames_of, made[frames_of])
    else:
        states = [*read(REFERENCES / f"{frames_of}.extxyz", index=":6"), *expanded_series("Ba", 4.0)[1:2]]
    model = CHGNet.load(model_name=version, use_device="cpu", verbose=False)
    structures = [AseAtomsAdaptor.get_structure(atoms) for atoms in states]
    has_angles = [len(model.graph_converter(structure).bond_graph) > 0 for structure in structures]
    assert {True, False} == set(has_angles)
    alone = [model.predict_structure(structure, task="ef")["f"] for structure in structures]
    ours = [prediction.forces for prediction in load_potential(f"chgnet-{version}").predict(states)]
    for mine, theirs in zip(ours, alone, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=FORCE_TOLERANCE)
    numbers = [atoms.numbers for atoms in states]
    reference = [1.2 * forces.astype(np.float64) + 0.01 for forces in alone]
    slopes = [analyse_forces(reference, forces, numbers).slope for forces in (ours, alone)]
    assert slopes[0] == pytest.approx(slopes[1], abs=1e-5)


def test_the_librarys_own_batches_differ() -> None:
    """Why frames are computed alone: without this, they could go in batches again."""
    from chgnet.model import CHGNet
    from pymatgen.io.ase import AseAtomsAdaptor

    structures = [AseAtomsAdaptor.get_structure(atoms) for atoms in expanded_series("Bi", 3.9)]
    model = CHGNet.load(model_name="0.2.0", use_device="cpu", verbose=False)
    together = model.predict_structure(structures, task="ef")
    alone = [model.predict_structure(structure, task="ef") for structure in structures]
    assert max(np.abs(one["f"] - other["f"]).max() for one, other in zip(together, alone, strict=True)) > 0.01


def test_elements_that_no_training_touched_are_refused(frames: list[Atoms]) -> None:
    """The network has random numbers for polonium; ytterbium it knows from MPtrj, though MP-r2SCAN has none."""
    for version, label in (("0.3.0", "CHGNet 0.3.0"), ("r2scan", "CHGNet r2SCAN")):
        for symbol in ("Po", "Cm"):
            foreign = bulk(symbol, "sc", a=3.3)
            with pytest.raises(PredictionError, match=rf"frame 4: {label} does not know {symbol}\."):
                load_potential(f"chgnet-{version}").predict([*frames, foreign])
    assert load_potential("chgnet-r2scan").predict([bulk("Yb", "fcc", a=5.4)])


def test_isolated_atoms_are_named(frames: list[Atoms]) -> None:
    lonely = Atoms("NaClK", positions=[[0, 0, 0], [0, 0, 2.4], [0, 0, 15]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(PredictionError, match=r"frame 4: K \(atom 3\): no other atom within 6 Å"):
        load_potential("chgnet-0.3.0").predict([*frames, lonely])


def test_elements_of_the_training_sets() -> None:
    mptrj, r2scan = card("chgnet-0.3.0").elements, card("chgnet-r2scan").elements
    assert len(mptrj) == 89
    assert mptrj - r2scan == {"Yb"}
    assert "Po" not in mptrj


def test_atoms_without_a_reference_energy_are_those_of_the_card() -> None:
    """The r2SCAN weights carry a zero reference energy for exactly the elements that their training set lacks."""
    import contextlib
    import io

    from ase.data import chemical_symbols
    from chgnet.model import CHGNet

    with contextlib.redirect_stdout(io.StringIO()):
        model = CHGNet.load(model_name="r2scan", use_device="cpu", verbose=False)
    energies = model.composition_model.fc.weight.detach().numpy().ravel()
    known = {chemical_symbols[z] for z, energy in enumerate(energies, start=1) if abs(energy) > 1e-8}
    assert known == card("chgnet-r2scan").elements
