"""Elements not known, a cell that is not periodic, positions in the place of forces: one answer on every way in."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import softdash
from softdash.catalog import schemas
from softdash.cli import main
from softdash.errors import InputError, PredictionError
from softdash.potentials import registry
from softdash.settings import Settings
from softdash.structures.upload.read import read_upload
from tests.networks import needs_chgnet

WORDS = "Effective medium theory does not know Cl, Po."
ADVICE = "Choose a potential whose training set has these elements."
SALT = (
    '2\nLattice="4.1 0 0 0 4.1 0 0 0 4.1" Properties=species:S:1:pos:R:3:forces:R:3 pbc="T T T"\n'
    "Po 0 0 0 0.1 0.2 -0.5\nCl 2.0 2.1 2.0 -0.1 -0.2 0.5\n"
)
SALT_POSCAR = "PoCl\n1.0\n4.1 0 0\n0 4.1 0\n0 0 4.1\nPo Cl\n1 1\nCartesian\n0 0 0\n2.05 2.05 2.05\n"
ALUMINIUM = SALT.replace("Po ", "Al ").replace("Cl ", "Al ")
ALUMINIUM_POSCAR = "Al\n1.0\n4.1 0 0\n0 4.1 0\n0 0 4.1\nAl\n2\nCartesian\n0.1 0.2 -0.3\n2.05 2.2 0.7\n"


@pytest.fixture
def salt(tmp_path: Path) -> Path:
    path = tmp_path / "salt.extxyz"
    path.write_text(SALT)
    return path


def _said(error: dict[str, str]) -> tuple[str, str]:
    return error["message"], error["advice"]


def test_the_api_refuses_a_diagnosis_and_a_sampling(client: FlaskClient, salt: Path) -> None:
    data = {"files": [(io.BytesIO(salt.read_bytes()), salt.name)]}
    upload = client.post("/api/v1/uploads", data=data, content_type="multipart/form-data").get_json()
    refused = client.post("/api/v1/diagnoses", json={"upload_id": upload["id"], "potentials": ["emt"]})
    assert refused.status_code == 422
    assert _said(refused.get_json()["error"]) == (WORDS, ADVICE)
    data = {"file": (io.BytesIO(SALT_POSCAR.encode()), "POSCAR"), "potential": "emt"}
    refused = client.post("/api/v1/samplings", data=data)
    assert refused.status_code == 422
    assert _said(refused.get_json()["error"]) == (WORDS, ADVICE)


@needs_chgnet
def test_a_preview_offers_the_potentials_that_know_the_elements(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not know them costs itself; only where none does, that is the answer."""
    found = registry._discover()
    without = tuple(
        replace(card, elements=card.elements - {"Cl"}) if card.name == "chgnet-0.3.0" else card for card in found.cards
    )
    monkeypatch.setattr(registry, "_discover", lambda: replace(found, cards=without))
    salt = SALT_POSCAR.replace("Po", "Na")
    answer = client.post("/api/v1/samplings/preview", data={"file": (io.BytesIO(salt.encode()), "POSCAR")})
    assert answer.status_code == 200, answer.text
    offered = {offer["potential"] for offer in answer.get_json()["potentials"]}
    assert "chgnet-0.2.0" in offered
    assert not offered & {"chgnet-0.3.0", "emt"}
    refused = client.post("/api/v1/samplings/preview", data={"file": (io.BytesIO(SALT_POSCAR.encode()), "POSCAR")})
    assert refused.status_code == 422
    assert refused.get_json()["error"]["message"].endswith(" does not know Cl, Po.")


@pytest.mark.parametrize("command", ["diagnose", "correct"])
def test_the_command_line(command: str, salt: Path) -> None:
    result = CliRunner().invoke(main, [command, str(salt), "--potential", "emt"])
    assert result.exit_code == 5
    assert f"{WORDS} {ADVICE}" in result.stderr


def test_sampling_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "POSCAR").write_text(SALT_POSCAR)
    arguments = ["benchmark", "sample-states", str(tmp_path / "POSCAR"), "--potential", "emt"]
    result = CliRunner().invoke(main, [*arguments, "--output", str(tmp_path / "states.extxyz")])
    assert result.exit_code == 5
    assert f"{WORDS} {ADVICE}" in result.stderr
    assert not (tmp_path / "states.extxyz").exists()


def test_python(salt: Path) -> None:
    with pytest.raises(PredictionError) as refusal:
        softdash.diagnose(salt, "emt")
    assert (refusal.value.what, refusal.value.advice) == (WORDS, ADVICE)


def test_a_benchmark_lists_the_compound_with_these_words(salt: Path, tmp_path: Path) -> None:
    from softdash.benchmarks.data.reference_file import read_reference_file
    from softdash.benchmarks.high_energy import run as high_energy

    settings = Settings(state_dir=tmp_path / "state", precomputed_dir=tmp_path / "tables")
    found = read_reference_file(salt, settings)
    high_energy.run_materials(found.dataset, "emt", found.materials, settings, lambda *_: None)
    failures = pd.read_csv(settings.precomputed_dir / schemas.FAILURES)
    assert f"{WORDS} {ADVICE}" in set(failures["reason"])


def test_a_cell_that_is_not_periodic_is_warned_of(tmp_path: Path) -> None:
    texts = {
        "in a box": ALUMINIUM.replace("T T T", "F F F"),
        "no cell": ALUMINIUM.replace('Lattice="4.1 0 0 0 4.1 0 0 0 4.1"', "").replace("T T T", "F F F"),
        "crystal": ALUMINIUM,
        "slab": ALUMINIUM.replace("T T T", "T T F"),
    }
    warned = {}
    for name, text in texts.items():
        path = tmp_path / "frame.extxyz"
        path.write_text(text)
        warned[name] = [
            one for one in read_upload([path], Settings()).warnings if "every prediction will be wrong" in one
        ]
    assert {name: len(sentences) for name, sentences in warned.items()} == {
        "in a box": 1,
        "no cell": 1,
        "crystal": 0,
        "slab": 0,
    }


def test_many_frames_in_such_cells_are_one_warning(tmp_path: Path) -> None:
    (tmp_path / "frames.extxyz").write_text(
        "".join(ALUMINIUM.replace("T T T", "F F F").replace("2.0 2.1", f"2.{number} 2.1") for number in range(3))
    )
    (warning,) = [one for one in read_upload([tmp_path / "frames.extxyz"], Settings()).warnings if "F F F" in one]
    assert warning.startswith("3 of 3 frames: ")


def test_positions_are_no_forces(client: FlaskClient, tmp_path: Path) -> None:
    table = "0.1 0.2 -0.3\n2.05 2.2 0.7\n"
    (tmp_path / "POSCAR").write_text(ALUMINIUM_POSCAR)
    (tmp_path / "forces.csv").write_text(table)
    files = [tmp_path / "POSCAR", tmp_path / "forces.csv"]
    with pytest.raises(InputError) as refusal:
        softdash.diagnose(files, "emt")
    assert "positions" in refusal.value.what
    answered = client.post(
        "/api/v1/uploads",
        data={"files": [(io.BytesIO(path.read_bytes()), path.name) for path in files]},
        content_type="multipart/form-data",
    )
    assert (answered.status_code, answered.get_json()["error"]["message"]) == (422, refusal.value.what)
    told = CliRunner().invoke(main, ["diagnose", *map(str, files), "--potential", "emt"])
    assert (told.exit_code, refusal.value.what in told.stderr) == (3, True)
