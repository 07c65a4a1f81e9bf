"""A folder of TOML cards for the tests: the one of ``SOFTDASH_POTENTIALS_DIR``, here and in child processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softdash.potentials import registry
from softdash.settings import get_settings

WriteCard = Callable[..., Path]

COPPER = """
label = "Copper by a card"
calculator = "ase.calculators.emt:EMT"
elements = ["Cu", "Al"]
universal = false
known_energies = { "Cu fcc 3.6" = -0.006688769 }
"""


@pytest.fixture
def write_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteCard]:
    """Write a card into the folder, and let the registry read it anew."""
    folder = tmp_path / "cards"
    folder.mkdir()
    monkeypatch.setenv("SOFTDASH_POTENTIALS_DIR", str(folder))
    monkeypatch.setattr(registry, "_loaded", {})

    def write(name: str, text: str = COPPER) -> Path:
        file = folder / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        get_settings.cache_clear()
        registry._discover.cache_clear()
        return file

    yield write
    monkeypatch.undo()
    get_settings.cache_clear()
    registry._discover.cache_clear()
