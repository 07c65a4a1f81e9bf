"""docs/python.md shows calls that exist, and its first lines run."""

from __future__ import annotations

import re
from pathlib import Path

import softdash
from softdash.potentials.registry import cards

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
FILE = ROOT / "precomputed" / "references" / "gpaw_pbe" / "Cu3Au.extxyz"


def test_its_potentials_are_known() -> None:
    named = set(re.findall(r'"([a-z0-9]+-[0-9.]+)"', PAGE))
    assert named == {"chgnet-0.3.0", "sevennet-0"}
    assert named <= {card.name for card in cards()}


def test_its_lines_run(tmp_path: Path) -> None:
    """With EMT in the place of both networks, which would take minutes."""
    first, second, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    code = (first + second).replace('["chgnet-0.3.0", "sevennet-0"]', '"emt"').replace("sevennet-0", "emt")
    code = code.replace("chgnet-0.3.0", "emt").replace('"vasprun.xml"', repr(str(FILE)))
    code = code.replace('"run.extxyz", "::10"', f"{str(FILE)!r}, ':3'").replace(".figure().show()", ".figure()")
    code = code.replace('"report.html"', repr(str(tmp_path / "report.html")))
    names: dict[str, object] = {}
    exec(compile(code, "python.md", "exec"), names)  # noqa: S102 - our own documentation
    diagnosis = names["diagnosis"]
    assert isinstance(diagnosis, softdash.Diagnosis)
    assert diagnosis.statistics.frame_count == 3
    assert diagnosis.report.title == "LiF at 1000 K"
    assert (tmp_path / "report.html").is_file()
