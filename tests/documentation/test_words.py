"""What readers see is said in the words of the field, and claims no more than the numbers do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AVOIDED = {
    r"\bsurely\b": "an interval says how sure: 'by their intervals', 'with the whole interval'",
    r"\bwhat is left (beside|after|of|above)\b|: what is left|\bwhat is left, all\b": "residuals, scatter",
    r"\bacross / up\b|\bup / across\b": "name the axes",
    r"\bsigns? of life\b": "heartbeat",
    r"\berror bars?\b": "interval",
    r"\bmultiplier\b|\bscaling number\b": "factor",
    r"\bconfidence band\b": "interval",
    r"\b(frame|state|structure|calculation) (is enough|suffices|will do) for\b|\bbetter interval\b": (
        "one frame shows its own slope, and gives no verdict"
    ),
    r"single DFT calculation repairs|few labels repair|only compares the atoms of that frame": (
        "what a factor brings differs from material to material"
    ),
}
_GENERATED = {"site", "__pycache__", "node_modules"}


def _strings_of_module(path: Path) -> Iterator[str]:
    """Give the texts of a module that can reach a reader: all strings but docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # A bare string is a docstring, of a module, class, function or constant.
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "softdash").rglob("*.py")):
        for text in _strings_of_module(path):
            yield str(path.relative_to(ROOT)), text
    others = [*(ROOT / "softdash").rglob("*.html"), *(ROOT / "docs").glob("*.md"), *(ROOT / "assets").rglob("*.js")]
    for path in sorted([*others, ROOT / "README.md", *(ROOT / "examples").rglob("*.md")]):
        if not _GENERATED & set(path.parts):
            yield str(path.relative_to(ROOT)), " ".join(path.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return list(_texts())


@pytest.mark.parametrize(("pattern", "instead"), AVOIDED.items(), ids=[pattern[:24] for pattern in AVOIDED])
def test_no_text_uses_it(texts: list[tuple[str, str]], pattern: str, instead: str) -> None:
    avoided = re.compile(pattern, re.IGNORECASE)
    found = [
        f"{place}: …{text[max(0, m.start() - 40) : m.end() + 40]}…"
        for place, text in texts
        if (m := avoided.search(text))
    ]
    assert not found, f"say instead: {instead}"


def test_the_search_reads_what_readers_see(texts: list[tuple[str, str]]) -> None:
    places = {place for place, _ in texts}
    assert {"README.md", "docs/reading.md", "softdash/web/pages/overview/page.py"} <= places
    assert any("softening scale" in text for _, text in texts)
    assert re.search(next(iter(AVOIDED)), "an interval surely below one")
