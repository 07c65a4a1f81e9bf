"""The plug-in that the documentation shows is a plug-in: its code runs, and its card keeps the rules."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from ase.build import bulk

from softdash.errors import PotentialUnavailableError
from softdash.potentials import registry
from softdash.settings import Settings

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "extending.md"


@pytest.fixture
def example() -> ModuleType:
    (code,) = re.findall(
        r"`softdash_orb\.py`.*?```python\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL
    )
    module = ModuleType("softdash_orb")
    exec(compile(code, "softdash_orb.py", "exec"), module.__dict__)  # noqa: S102 - our own documentation
    return module


def test_its_card_serves_only_with_a_known_energy(
    example: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (card,) = registry._checked_cards(example.POTENTIALS, {})
    monkeypatch.setitem(example.__dict__, "get_settings", lambda: Settings(weights_dir=tmp_path))
    assert not card.is_installed()
    with pytest.raises(PotentialUnavailableError, match=r"20250404\.ckpt is not here.*SOFTDASH_WEIGHTS_DIR"):
        card.weights_sha256()
    argon = registry.load_potential("lennard-jones-argon")

    class Constant:
        def predict(self, frames, *, stress=False, progress=None):
            return argon.predict([bulk("Ar", "fcc", a=5.26)])

    with pytest.raises(PotentialUnavailableError, match=r"no number for NaCl .* give -0\.0101"):
        registry.check_known_energies(card, Constant())
