"""Reading goes one way: files → formats → what is read together → frames → choices → checks, each stage once."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from upload_contents import Files, extxyz, packed

import softdash.structures.upload
from softdash.structures.frames.labelled_frame import LabelledFrames

FOLDER = Path(softdash.structures.upload.__file__).parent
STAGES = ["archives", "recognition", "pairing", "parts", "chosen_reading", "checks"]
LOWER_FIRST = [
    "archives",
    "formats",
    "recognition",
    "paired_frame",
    "file_matching",
    "stacked_forces",
    "supercell_forces",
    "parts",
    "pairing",
    "chosen_reading",
    "shortest_distance",
    "checks",
    "read",
    "summary",
    "sampled_structure",
    "sandbox_child",
    "sandbox",
]
POSCAR = "x\n5.6\n1 0 0\n0 1 0\n0 0 1\nNa Cl\n1 1\nDirect\n0 0 0\n0.5 0.52 0.49\n"
UPLOADS: dict[str, Files] = {
    "frames alone": {"a.extxyz": extxyz(2)},
    "a structure and its forces": {"POSCAR": POSCAR, "forces.csv": "fx,fy,fz\n0.1,0.2,-0.3\n-0.1,-0.2,0.3\n"},
    "an archive": {"a.zip": packed({"a/one.xyz": extxyz(1), "a/INCAR": "ENCUT = 520\n", "b/two.xyz": extxyz(2)})},
}


def test_a_module_imports_only_those_below_it() -> None:
    assert sorted(LOWER_FIRST) == sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
    for place, name in enumerate(LOWER_FIRST):
        tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
        imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        above = [module for module in imported for one in LOWER_FIRST[place:] if module.endswith(f".upload.{one}")]
        assert above == [], name


@pytest.mark.parametrize("upload", UPLOADS)
def test_each_stage_is_entered_once(read: Callable[..., LabelledFrames], upload: str) -> None:
    entered: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        caller = frame.f_back
        if event == "call" and caller is not None and caller.f_code.co_filename == str(FOLDER / "read.py"):
            path = Path(frame.f_code.co_filename)
            if path.parent == FOLDER and path.stem != "read":
                entered.append(path.stem)

    sys.setprofile(note)
    try:
        read(UPLOADS[upload])
    finally:
        sys.setprofile(None)
    assert [stage for stage, _ in groupby(entered)] == STAGES
