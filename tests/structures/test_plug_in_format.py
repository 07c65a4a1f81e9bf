"""A format of another package: accepted by page, API and command line, and listed wherever formats are named."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash import Dash

from softdash.settings import Settings
from softdash.structures.upload.formats import formats, formats_shown, formats_table
from softdash.web import create_app
from softdash.web.context import web_context
from softdash.web.pages.diagnose.page import layout
from tests.web.diagnosed import text_of

ROOT = Path(__file__).resolve().parents[2]
READER = """
import numpy as np
from ase import Atoms

from softdash.structures.frames.labelled_frame import LabelledFrame, LabelledFrames
from softdash.structures.readers.file_format import FramesFormat


def read(source, settings, budget):
    rows = np.array([line.split() for line in source.read_text(10_000).splitlines()], dtype=float)
    budget.take(len(rows), source.name)
    atoms = Atoms(f"Cu{len(rows)}", rows[:, :3], cell=[3.6] * 3, pbc=True)
    return LabelledFrames((LabelledFrame(atoms, rows[:, 3:], source.name),), (), "dummy rows")


FORMATS = (FramesFormat(name="dummy rows", suffixes=(".dummy",), holds=("structure", "forces"), read=read),)
"""
ROWS = "0 0 0 0.3 -0.1 0.2\n0 1.8 1.8 -0.4 0.1 0.1\n1.8 0 1.8 0.2 0.3 -0.2\n1.8 1.8 0.1 -0.1 -0.3 -0.1\n"


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a package with a reader, where this process and its children find it."""
    package = tmp_path / "installed"
    information = package / "dummy_rows-1.0.dist-info"
    information.mkdir(parents=True)
    (package / "dummy_rows.py").write_text(READER)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: dummy-rows\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[softdash.formats]\ndummy = dummy_rows:FORMATS\n")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setenv("PYTHONPATH", str(package))
    formats.cache_clear()
    yield package
    formats.cache_clear()
    sys.modules.pop("dummy_rows", None)


@pytest.fixture
def app(plug_in: Path, tmp_path: Path) -> Iterator[Dash]:
    app = create_app(Settings(state_dir=tmp_path / "state"))
    with app.server.app_context():
        yield app
        web_context().service.close()


def test_page_and_api_take_it(app: Dash) -> None:
    page = " ".join(text_of(layout()).split())
    assert "dummy rows" in page
    assert "(*.dummy)" in page
    sent = {"files": (io.BytesIO(ROWS.encode()), "cu.dummy")}
    answer = app.server.test_client().post("/api/v1/uploads", data=sent)
    assert answer.status_code == 201
    assert answer.get_json()["understanding"]["file_format"] == "dummy rows"


def test_the_command_line_takes_it(plug_in: Path, tmp_path: Path) -> None:
    (tmp_path / "cu.dummy").write_text(ROWS)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(plug_in), str(ROOT)])}

    def softdash(*arguments: str) -> str:
        command = [sys.executable, "-c", "from softdash.cli import main; main()", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=tmp_path).stdout

    assert "dummy rows" in " ".join(softdash("diagnose", "--help").split())
    report = json.loads(softdash("diagnose", "cu.dummy", "--potential", "emt", "--json"))
    assert report["understanding"]["file_format"] == "dummy rows"


def test_lists_name_it(plug_in: Path) -> None:
    assert "dummy rows" in formats_shown()
    assert "| dummy rows | `*.dummy` | structure, forces |" in formats_table()


def test_a_plug_in_that_cannot_be_loaded_costs_only_itself(plug_in: Path) -> None:
    (plug_in / "dummy_rows.py").write_text("raise RuntimeError\n")
    sys.modules.pop("dummy_rows", None)
    assert "dummy rows" not in formats_shown()
    assert "extended XYZ" in formats_shown()
