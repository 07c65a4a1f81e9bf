"""CHGNet through softdash says what the library says."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from softdash.errors import PredictionError
from softdash.potentials.registry import card, load_potential

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
