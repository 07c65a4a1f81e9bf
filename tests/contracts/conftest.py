"""A small MACE model as a file, the settings that offer it, and the contract that it passes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from softdash.potentials import mace, mace_local, mace_network, registry
from softdash.potentials.testing import PotentialContract
from softdash.settings import Settings


@pytest.fixture(scope="session")
def mace_model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import small_mace_models  # not above: tests of other potentials need no mace

    return small_mace_models.save_small_model(tmp_path_factory.mktemp("models") / "small.model")


@pytest.fixture(scope="session")
def mace_contract(mace_model_file: Path) -> PotentialContract:
    import small_mace_models

    card = small_mace_models.described(mace_model_file)
    return PotentialContract(card, card.load())


@pytest.fixture
def use_mace(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the test choose the settings, and forget what was loaded with others."""

    def choose(**chosen: object) -> None:
        settings = Settings(**{"weights_dir": None, "mace_models_dir": None, **chosen})
        for module in (mace, mace_local, mace_network):
            monkeypatch.setattr(module, "get_settings", lambda: settings)

    monkeypatch.setattr(registry, "_loaded", {})
    return choose
