"""MACE through mace-torch, shown on a small random network: the contract, and the same numbers as the library."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import small_mace_models as small
import torch
from ase import Atoms
from ase.build import bulk, molecule

from softdash.errors import PredictionError
from softdash.potentials import mace_local, mace_network
from softdash.potentials.testing import PotentialContract

pytestmark = pytest.mark.xdist_group("mace")

CHECKS = sorted(name for name in dir(PotentialContract) if name.startswith("check_"))


@pytest.mark.parametrize("check", CHECKS)
def test_contract(mace_contract: PotentialContract, check: str) -> None:
    getattr(mace_contract, check)()


def test_equals_the_library(
    mace_contract: PotentialContract, mace_model_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = mace_contract.potential.predict(small.rattled(), stress=True)
    assert capsys.readouterr().out == "", "standard output belongs to results"
    calculator = small.mace_calculator(mace_model_file)
    for atoms, prediction in zip(small.rattled(), ours, strict=True):
        atoms.calc = calculator
        np.testing.assert_allclose(prediction.forces, atoms.get_forces(), atol=small.FORCE_TOLERANCE)
        assert prediction.energy == pytest.approx(atoms.get_potential_energy(), abs=small.FORCE_TOLERANCE)
        np.testing.assert_allclose(prediction.stress, atoms.get_stress(voigt=False), atol=small.FORCE_TOLERANCE)


def test_loading_leaves_the_process_as_it_was(mace_model_file: Path, tmp_path: Path) -> None:
    """After mace was imported, files of other kinds are still opened with tensors alone, and numbers made as before."""

    torch.save({"not a tensor": np.random.default_rng(1)}, tmp_path / "some.pt")
    torch.set_default_dtype(torch.float64)
    try:
        mace_local.local_card(mace_model_file).load().predict(small.rattled())
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert mace_network._ALLOWS_ANY_PICKLE not in os.environ
    with pytest.raises(Exception, match="Weights only load failed"):
        torch.load(tmp_path / "some.pt")


def test_frames_it_cannot_compute_are_named(mace_contract: PotentialContract) -> None:
    lonely = Atoms("NaClK", positions=[[0, 0, 0], [0, 0, 2.4], [0, 0, 15]], cell=[30, 30, 30], pbc=True)
    with pytest.raises(PredictionError, match=r"frame 4: K \(atom 3\): no other atom within 5 Å"):
        mace_contract.potential.predict([*small.rattled(), lonely])
    with pytest.raises(PredictionError, match=r"frame 2: MACE small does not know Au, U\."):
        mace_contract.potential.predict([small.rattled()[0], bulk("AuU", "rocksalt", a=6.0)])
    assert len(mace_contract.potential.predict([molecule("H2O")])[0].forces) == 3


def test_what_a_file_calls_a_head_is_not_asked(mace_contract: PotentialContract) -> None:
    frame = small.rattled()[0]
    (plain,) = mace_contract.potential.predict([frame])
    frame.info.update(head="other", charge=3, spin=2)
    (named,) = mace_contract.potential.predict([frame])
    np.testing.assert_array_equal(named.forces, plain.forces)
