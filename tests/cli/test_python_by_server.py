"""``softdash.diagnose(…, url=…)``: a server computes, and the object is the one that this machine would give."""

from __future__ import annotations

import hashlib
from pathlib import Path

import ase.io
import numpy as np
import pytest

import softdash
from softdash.diagnosis.reports import points_as_bytes
from softdash.errors import ServerUnavailableError
from softdash.structures.frames.read_options import ReadOptions

ALUMINIUM = Path(__file__).parents[2] / "precomputed" / "references" / "gpaw_pbe" / "Al.extxyz"


def seal(diagnosis: softdash.Diagnosis) -> str:
    return hashlib.sha256(points_as_bytes(diagnosis.points)).hexdigest()


def test_a_file_gives_the_same_object_here_and_there(server: str, tmp_path: Path) -> None:
    here = softdash.diagnose(ALUMINIUM, "emt", title="Hot aluminium")
    there = softdash.diagnose(ALUMINIUM, "emt", title="Hot aluminium", url=server)
    assert there.report.result_sha256 == here.report.result_sha256
    assert seal(there) == seal(here) == here.report.points_sha256  # forces, energies and stresses, to the last bit
    assert there.to_frame().equals(here.to_frame())
    assert there.forces().equals(here.forces())
    assert there.link == f"{server}/report/{there.report.id}"
    assert there.link in there._repr_html_()
    assert there.delete_token
    saved = there.save(tmp_path / "frames.extxyz").read_text()
    assert saved.replace(there.report.id, "local") == here.save(tmp_path / "here.extxyz").read_text()
    assert there.save(tmp_path / "al.recipe.json").stat().st_size > 500
    assert '"al.recipe.json"' in there.save(tmp_path / "al.py").read_text()


def test_structures_in_memory_reach_the_server_to_the_last_digit(server: str) -> None:
    frames = ase.io.read(ALUMINIUM, ":3")
    for frame in frames:
        frame.positions += 1 / 3e9
        frame.calc.atoms.positions += 1 / 3e9
    seen: list[tuple[int, int]] = []
    here = softdash.diagnose(frames, "emt", functional="PBE")
    there = softdash.diagnose(
        frames,
        "emt",
        functional="PBE",
        url=server,
        progress=lambda _label: lambda done, total: seen.append((done, total)),
    )
    assert seal(there) == seal(here)
    assert there.slope == here.slope
    assert there.report.understanding.functional == "PBE"
    np.testing.assert_array_equal(there.frames.frames[2].atoms.positions, frames[2].positions)


def test_choices_for_files_reach_the_server(server: str, elsewhere: Path) -> None:
    (elsewhere / "POSCAR").write_text("Al\n1.0\n4.1 0 0\n0 4.1 0\n0 0 4.1\nAl\n2\nCartesian\n0 0 0\n2.05 2.2 0\n")
    (elsewhere / "forces.csv").write_text("0.01 0.02 -0.05\n-0.01 -0.02 0.05\n")
    options = ReadOptions(force_unit="Ry/bohr")
    there = softdash.diagnose(["POSCAR", "forces.csv"], "emt", options=options, url=server)
    assert there.report.understanding.reference_max == pytest.approx(25.711 * 0.05, rel=1e-3)


def test_a_server_that_sends_other_frames_is_not_believed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softdash.api.client.Server.report_file", lambda *_: b"1\n\nAl 0 0 0\n")
    with pytest.raises(ServerUnavailableError, match="not those of its report"):
        softdash.diagnose(ALUMINIUM, "emt", url=server)
