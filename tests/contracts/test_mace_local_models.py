"""MACE models of the operator's own: their cards and descriptions, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_mace_models as small
import torch

from softdash.errors import PotentialUnavailableError
from softdash.potentials import mace_local, mace_network, registry
from softdash.potentials.testing import PotentialContract

pytestmark = pytest.mark.xdist_group("mace")


def test_a_model_of_the_operators_own_gets_a_card(mace_model_file: Path, tmp_path: Path, use_mace) -> None:
    (tmp_path / "zeolite.model").symlink_to(mace_model_file)
    (tmp_path / "two words.model").symlink_to(mace_model_file)
    (tmp_path / "silica.model").symlink_to(mace_model_file)
    (tmp_path / "silica.json").write_text(
        json.dumps(
            {
                "label": "Silica by MACE",
                "functional": "PBEsol",
                "training_set": "Our 900 frames",
                "elements": ["Si", "O"],
                "known_energies": [{"structure": "Si diamond 5.43", "energy_per_atom": -100.0}],
            }
        )
    )
    use_mace(mace_models_dir=tmp_path)
    silica, zeolite = mace_local.local_cards()
    assert (silica.name, silica.label, silica.functional) == ("mace-local-silica", "Silica by MACE", "PBEsol")
    assert silica.elements == {"Si", "O"}
    with pytest.raises(PotentialUnavailableError, match=r"for Si diamond 5\.43, but -100\.0000 is right"):
        registry.check_known_energies(silica, silica.load())
    assert (zeolite.name, zeolite.queue, zeolite.family) == ("mace-local-zeolite", "mace", "mace")
    assert zeolite.is_installed()
    assert zeolite.weights_sha256() == hashlib.sha256(mace_model_file.read_bytes()).hexdigest()


def test_a_description_that_cannot_be_used_is_named(mace_model_file: Path, tmp_path: Path, use_mace) -> None:
    (tmp_path / "mine.model").symlink_to(mace_model_file)
    (tmp_path / "mine.json").write_text('{"functionals": "PBE"}')
    use_mace(mace_models_dir=tmp_path)
    (card,) = mace_local.local_cards()
    assert not card.is_installed()
    assert "Correct mine.json" in registry.how_to_install(card)
    assert "functionals: Extra inputs are not permitted" in registry.how_to_install(card)


def test_no_folder_no_cards(tmp_path: Path, use_mace) -> None:
    use_mace()
    assert mace_local.local_cards() == ()
    use_mace(mace_models_dir=tmp_path / "nowhere")
    assert mace_local.local_cards() == ()


def test_damaged_files_are_a_sentence(mace_model_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.model"
    cut.write_bytes(mace_model_file.read_bytes()[:2000])
    with pytest.raises(PotentialUnavailableError, match="mace could not read the weights of MACE cut"):
        mace_local.local_card(cut).load()


def test_several_heads_need_a_default(tmp_path: Path) -> None:
    file = tmp_path / "heads.model"
    network = small.small_network(heads=("pbe", "r2scan"))
    torch.save(network, file)
    with pytest.raises(PotentialUnavailableError, match=r"several heads \(pbe, r2scan\).*mace_select_head"):
        mace_local.local_card(file).load()
    network.heads = ["r2scan", "Default"]
    torch.save(network, file)
    potential = mace_local.local_card(file).load()
    calculator = small.mace_calculator(file)
    assert calculator.head == "Default"
    atoms = small.rattled()[0]
    (ours,) = potential.predict([atoms])
    atoms.calc = calculator
    np.testing.assert_allclose(ours.forces, atoms.get_forces(), atol=small.FORCE_TOLERANCE)


def test_forces_that_are_no_slope_of_the_energy_refuse_to_serve(mace_contract: PotentialContract) -> None:
    class Halved:
        def predict(self, frames, *, stress=False, progress=None):
            return [replace(answer, forces=answer.forces / 2) for answer in mace_contract.potential.predict(frames)]

    mace_network.check_forces_follow_energy(mace_contract.potential, [11, 17], "Right")
    with pytest.raises(PotentialUnavailableError, match=r"Halved gives a force of .* where its energy falls by"):
        mace_network.check_forces_follow_energy(Halved(), [11, 17], "Halved")


def test_cards_need_neither_torch_nor_mace(mace_model_file: Path) -> None:
    code = (
        "import sys; from softdash.potentials.mace import POTENTIALS\n"
        "print([card.name for card in POTENTIALS if card.is_installed()], len(POTENTIALS[-1].weights_sha256()))\n"
        "print(sorted({'torch', 'mace', 'e3nn', 'scipy', 'matscipy'} & set(sys.modules)))"
    )
    environment = {**os.environ, "SOFTDASH_MACE_MODELS_DIR": str(mace_model_file.parent)}
    environment |= {"SOFTDASH_WEIGHTS_DIR": str(mace_model_file.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines() == ["['mace-local-small'] 64", "[]"]
