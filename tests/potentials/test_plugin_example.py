"""The plug-in that the documentation shows is a plug-in: its code runs, and its card keeps the rules."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from ase.build import bulk

from softdash.errors import PotentialUnavailableError
from softdash.potentials import registry
from softdash.potentials.card_description import CardDescription, read_description
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


def test_the_card_of_the_documentation_is_a_card_of_few_lines() -> None:
    (text,) = re.findall(r"`orb-own\.toml`:\n\n```toml\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)
    described = read_description(text, "orb-own.toml")
    assert len(text.splitlines()) < 10
    assert described.loader is not None
    assert described.weights[0] == described.loader_arguments["weights_path"]


def test_every_key_of_a_card_is_documented() -> None:
    table = DOCUMENTATION.read_text(encoding="utf-8").partition("| key | meaning | default |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert set(CardDescription.model_fields) <= named
