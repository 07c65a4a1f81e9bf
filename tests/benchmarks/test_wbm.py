"""The WBM set: fetched from figshare's form or taken from matcalc's, on this machine, up to the numbers of CHGNet."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.io import read
from click.testing import CliRunner
from file_server import FileServer
from monty.json import MontyEncoder
from pymatgen.io.ase import AseAtomsAdaptor

from softdash.benchmarks.data import datasets
from softdash.benchmarks.data.datasets import WBM, FigshareArticle
from softdash.benchmarks.data.reference_data import read_materials
from softdash.benchmarks.data.wbm import read_wbm_frames
from softdash.catalog import schemas
from softdash.cli import main
from softdash.errors import ReferenceDataError
from softdash.potentials.functionals import functional_differs
from softdash.settings import Settings

SHIPPED = Settings().precomputed_dir
LISTING = "/v2/articles/27307776/files?page_size=1000"


def states(name: str) -> list[Atoms]:
    found: list[Atoms] = read(SHIPPED / "references" / "gpaw_pbe" / f"{name}.extxyz", ":")
    return found


def structure_of(frame: Atoms) -> dict[str, Any]:
    bare = Atoms(frame.symbols, positions=frame.positions, cell=frame.cell, pbc=True)
    found: dict[str, Any] = AseAtomsAdaptor.get_structure(bare).as_dict()
    return found


def records(**materials: list[Atoms]) -> dict[str, dict[str, dict[str, Any]]]:
    """Frames in the published form, with keys that softdash has no use for."""
    return {
        material: {
            str(number): {
                "structure": structure_of(frame),
                "vasp_f": frame.get_forces().tolist(),
                "vasp_e": frame.get_potential_energy(),
                "vasp_s": [[0.0] * 3] * 3,
            }
            for number, frame in enumerate(frames)
        }
        for material, frames in materials.items()
    }


def as_figshare(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


def as_matcalc(content: dict[str, Any]) -> bytes:
    """Gzipped, with arrays as monty writes them."""
    for frames in content.values():
        for record in frames.values():
            record["vasp_f"] = np.array(record["vasp_f"])
    return gzip.compress(json.dumps(content, cls=MontyEncoder).encode())


@pytest.fixture
def published(server: type[FileServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[FileServer]:
    """Let figshare be the server on this machine, with one small file in its form."""
    server.content = as_figshare(records(NaCl=states("NaCl"), Al=states("Al")[:3]))
    address = server.url.removesuffix("/file")
    home = FigshareArticle(27307776, "wbm-high-energy", (".json", ".json.gz"), api=f"{address}/v2")
    sets = tuple(replace(one, original=home) if one.name == WBM else one for one in datasets.DATASETS)
    monkeypatch.setattr(datasets, "DATASETS", sets)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = Settings(data_dir=None, state_dir=tmp_path / "state", precomputed_dir=tmp_path / "precomputed")
    monkeypatch.setattr("softdash.settings.get_settings", lambda: settings)
    list_file(server)
    return server


def list_file(server: type[FileServer], **changes: Any) -> None:
    entry = {
        "id": 50005317,
        "name": "WBM_high_energy_states.json",
        "size": len(server.content),
        "download_url": server.url,
        "computed_md5": hashlib.md5(server.content, usedforsecurity=False).hexdigest(),
        "is_link_only": False,
    }
    readme = {**entry, "name": "README.md", "download_url": server.url + "/other"}
    server.pages[LISTING] = json.dumps([readme, {**entry, **changes}]).encode()


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def test_one_command_fetches_and_one_gives_the_numbers_of_chgnet(published: type[FileServer], tmp_path: Path) -> None:
    done = run("data", "fetch", WBM)
    assert done.exit_code == 0, done.output
    assert Path(done.stdout.strip()).read_bytes() == published.content
    assert done.stderr == ""  # no progress bar in a pipe
    assert run("data", "fetch", WBM).exit_code == 0
    assert len(published.requests) == 1, "a file that is there is not fetched again"

    computed = run("benchmark", "high-energy", "--dataset", WBM, "--potential", "chgnet-0.3.0")
    assert computed.exit_code == 0, computed.output
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(tmp_path / "precomputed" / schemas.MATERIALS)
    assert table["material_id"].tolist() == ["NaCl", "Al"]
    assert table["frame_count"].tolist() == [10, 3]
    assert not table["functional_mismatch"].any()
    own = schemas.HIGH_ENERGY_MATERIALS.read_csv(SHIPPED / schemas.MATERIALS)
    own = own[(own["material_id"] == "gpaw-NaCl") & (own["potential"] == "chgnet-0.3.0")].iloc[0]
    for column in ("slope", "interval_low", "interval_high", "mae", "corrected_mae"):
        # The shipped intervals come from points rounded to 0.001 eV/Å.
        tolerance = 2e-4 if column.startswith("interval") else 2e-5
        assert table.iloc[0][column] == pytest.approx(own[column], abs=tolerance), column


def test_a_broken_download_goes_on(published: type[FileServer]) -> None:
    published.cut_at = 20_000
    broken = run("data", "fetch", WBM)
    assert broken.exit_code == 3
    assert "goes on where it stopped" in broken.stderr
    with pytest.raises(ReferenceDataError, match=f"softdash data fetch {WBM}"):
        read_materials(datasets.dataset(WBM), Settings(data_dir=None))
    published.cut_at = None
    assert run("data", "fetch", WBM).exit_code == 0
    assert published.requests == [None, "bytes=20000-"]
    assert len(read_materials(datasets.dataset(WBM), Settings(data_dir=None))) == 2


def test_a_file_that_is_not_the_listed_one_is_refused(published: type[FileServer], tmp_path: Path) -> None:
    list_file(published, computed_md5="0" * 32)
    done = run("data", "fetch", WBM)
    assert done.exit_code == 3
    assert "not the expected one (MD5" in done.stderr
    assert not list(tmp_path.rglob("WBM*"))


@pytest.mark.parametrize(
    ("listing", "words"),
    [
        (b"[]", "there are none"),
        (b'{"message": "gone"}', "another form"),
        (b"<html>", "another form"),
        (None, "cannot be asked"),
        (b'[{"name": "x.zip", "size": 1, "download_url": "https://x", "computed_md5": "0"}]', r"x\.zip"),
        (b'[{"name": "../x.json", "size": 1, "download_url": "https://x", "computed_md5": "0"}]', "None of the"),
    ],
)
def test_odd_answers_of_figshare_are_said(published: type[FileServer], listing: bytes | None, words: str) -> None:
    if listing is None:
        published.pages.clear()
    else:
        published.pages[LISTING] = listing
    done = run("data", "fetch", WBM)
    assert done.exit_code == 3
    assert words.replace("\\", "") in done.stderr
    assert "--from" in done.stderr


def test_matcalc_s_form_is_taken_from_a_file_or_an_address(published: type[FileServer], tmp_path: Path) -> None:
    content = records(CsF=states("CsF")[:2])
    file = tmp_path / "wbm-high-energy-states.json.gz"
    file.write_bytes(as_matcalc(content))
    assert run("data", "fetch", WBM, "--from", file, "--sha256", "0" * 64).exit_code == 3
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert run("data", "fetch", WBM, "--from", file, "--sha256", sha256).exit_code == 0
    (material,) = read_materials(datasets.dataset(WBM), Settings(data_dir=None))
    assert (material.formula, len(material.frames)) == ("CsF", 2)
    np.testing.assert_array_equal(material.frames[1].reference_forces, states("CsF")[1].get_forces())
    np.testing.assert_allclose(material.frames[1].atoms.positions, states("CsF")[1].positions, atol=1e-12)
    assert "fetched" in next(line for line in run("data", "list").stdout.splitlines() if line.startswith(f"{WBM} "))
    assert run("data", "fetch", "mpf-TP", "--from", file).exit_code == 3
    assert run("data", "fetch", WBM, "mpf-TP", "--from", file).exit_code == 2
    assert run("data", "fetch", WBM, "--from", published.url).exit_code == 3  # its name says nothing about its form


def test_the_data_folder_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "forces").mkdir()
    (tmp_path / "forces" / "wbm-high-energy-states.json.gz").write_bytes(as_matcalc(records(Al=states("Al")[:1])))
    (material,) = read_materials(datasets.dataset(WBM), Settings(data_dir=tmp_path))
    assert material.material_id == "Al"
    assert not functional_differs(material.functional, "PBE / PBE+U")


def _changed(**changes: Any) -> dict[str, Any]:
    content = records(**{"wbm-1-2": states("Al")[:2]})
    content["wbm-1-2"]["1"] = {**content["wbm-1-2"]["1"], **changes}
    return content


def _without_forces() -> dict[str, Any]:
    content = _changed(force=[[0, 0, 0]])
    del content["wbm-1-2"]["1"]["vasp_f"]
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_without_forces(), r"file\.json, material wbm-1-2, frame 1: There is no 'vasp_f' \(there: force, structure"),
        (_changed(structure={"sites": []}), r"frame 1: There is no 'structure\.lattice'"),
        (_changed(vasp_f=[[1, 2]]), r"frame 1: There is no 'vasp_f\.0\.2'"),
        (_changed(vasp_f="none"), "frame 1: vasp_f"),
        ({"wbm-1-2": [1, 2]}, "material wbm-1-2: "),
        ([], r"file\.json: "),
    ],
)
def test_another_form_is_said_with_its_place(tmp_path: Path, content: Any, message: str) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(content))
    with pytest.raises(ReferenceDataError, match=message) as caught:
        list(read_wbm_frames(file))
    assert "softdash reads {material: {frame: {structure, vasp_f}}}" in str(caught.value)


def test_files_that_are_damaged_or_disordered(tmp_path: Path) -> None:
    file = tmp_path / "file.json.gz"
    file.write_bytes(as_matcalc(records(Al=states("Al")[:1]))[:-20])
    with pytest.raises(ReferenceDataError, match="cannot be read"):
        list(read_wbm_frames(file))
    for change, words in (
        ({"species": [{"element": "Al", "occu": 0.5}]}, "partly"),
        ({"species": [{"element": "Xx"}]}, "Xx"),
    ):
        content = records(Al=states("Al")[:1])
        content["Al"]["0"]["structure"]["sites"][0] |= change
        (tmp_path / "file.json").write_text(json.dumps(content))
        with pytest.raises(ReferenceDataError, match=words):
            list(read_wbm_frames(tmp_path / "file.json"))


def test_forces_of_another_atom_count_cost_that_frame_alone(published: type[FileServer], tmp_path: Path) -> None:
    content = records(Al=states("Al")[:3])
    content["Al"]["1"]["vasp_f"].pop()
    published.content = as_figshare(content)
    list_file(published)
    assert run("data", "fetch", WBM).exit_code == 0
    assert run("benchmark", "high-energy", "--dataset", WBM, "--potential", "emt").exit_code == 0
    table = schemas.HIGH_ENERGY_MATERIALS.read_csv(tmp_path / "precomputed" / schemas.MATERIALS)
    assert table[["frame_count", "frames_refused"]].values.tolist() == [[2, 1]]
