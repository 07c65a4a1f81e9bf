"""Samplings through the API: created from a structure, followed, cancelled, fetched; errors in the one shape."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from ase.build import bulk
from flask.testing import FlaskClient

from softdash.api.diagnoses import DELETE_TOKEN_HEADER
from softdash.jobs.queues import JobQueues
from softdash.jobs.worker import Worker
from softdash.settings import Settings
from tests.networks import needs_chgnet


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        state_dir=tmp_path / "state", sampling_atoms=4, sampling_time_ps=0.02, sampling_equilibration_ps=0.01
    )


@pytest.fixture
def poscar(tmp_path: Path) -> bytes:
    path = tmp_path / "POSCAR"
    bulk("Cu", cubic=True).write(path, format="vasp")
    return path.read_bytes()


def post(client: FlaskClient, content: bytes, name: str = "POSCAR", **fields: str) -> object:
    return client.post("/api/v1/samplings", data={"file": (io.BytesIO(content), name), **fields})


def test_a_lone_structure_says_so_and_becomes_a_zip_of_inputs(
    client: FlaskClient, settings: Settings, poscar: bytes
) -> None:
    refused = client.post("/api/v1/uploads", data={"file": (io.BytesIO(poscar), "POSCAR")})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (422, "forces_missing")
    assert refused.get_json()["error"]["offer"] == "sample"

    created = post(client, poscar, potential="emt", frame_count="2", temperature="500")
    assert created.status_code == 202, created.text
    address = created.headers["Location"]
    assert created.get_json()["links"]["state"] == address
    assert created.get_json()["links"]["archive"] == f"{address}.zip"
    assert created.get_json()["sampling"]["origin"]["plan"]["frame_count"] == 2
    early = client.get(f"{address}.zip")
    assert (early.status_code, early.get_json()["error"]["code"]) == (409, "conflict")

    (waiting,) = JobQueues(settings).waiting("classical")
    Worker("classical", settings).execute(waiting)
    assert client.get(address).get_json()["state"] == "done"
    answer = client.get(f"{address}.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "softdash-Cu-states.zip" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert "vasp/Cu-02/INCAR" in archive.namelist()
    assert client.get(f"{address}.zip", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_it_can_be_cancelled_and_belongs_to_who_has_the_token(client: FlaskClient, poscar: bytes) -> None:
    created = post(client, poscar, potential="emt", title="Hot copper")
    address, token = created.headers["Location"], {DELETE_TOKEN_HEADER: created.get_json()["delete_token"]}
    assert client.post(f"{address}/cancel").get_json()["state"] == "cancelled"
    assert client.get(f"{address}.zip").status_code == 409
    assert client.get(address).get_json()["title"] == "Hot copper"
    assert client.patch(address, json={"title": "Cold"}).status_code == 403
    assert client.patch(address, json={"title": "Cold"}, headers=token).get_json()["title"] == "Cold"
    assert client.delete(address, headers={DELETE_TOKEN_HEADER: "x"}).status_code == 403
    assert client.delete(address, headers=token).status_code == 204
    assert client.get(address).status_code == 404


@needs_chgnet
def test_a_preview_says_what_and_how_long_and_keeps_nothing(
    client: FlaskClient, settings: Settings, poscar: bytes
) -> None:
    preview = client.post("/api/v1/samplings/preview", data={"file": (io.BytesIO(poscar), "POSCAR")}).get_json()
    assert (preview["structure"]["formula"], preview["structure"]["atom_count"]) == ("Cu", 4)
    assert (preview["plan"]["frame_count"], preview["plan"]["temperature"]) == (5, 1000)
    offers = {offer["potential"]: offer for offer in preview["potentials"]}
    assert preview["potentials"][0]["is_universal"]
    assert 0 < offers["emt"]["seconds_per_state"] < offers["chgnet-0.3.0"]["seconds_per_state"]
    assert preview["frame_count_max"] == settings.sampling_frames_max
    assert not list(settings.incoming_dir.iterdir())
    assert not JobQueues(settings).waiting("classical")


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"potential": "none"}, 422, "potential_unavailable"),
        ({"temperature": "hot"}, 422, "unusable_input"),
        ({"temperature": "nan"}, 422, "unusable_input"),
        ({"frame_count": "1000"}, 422, "unusable_input"),
        ({"temperature": "1e9"}, 422, "unusable_input"),
        ({"time_ps": "1e9"}, 422, "unusable_input"),
    ],
)
def test_what_is_wrong_is_said(
    client: FlaskClient, poscar: bytes, fields: dict[str, str], status: int, code: str
) -> None:
    answer = post(client, poscar, **fields)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)


def test_unknown_ones_and_other_files(client: FlaskClient, poscar: bytes) -> None:
    assert client.get("/api/v1/samplings/none").status_code == 404
    assert client.get("/api/v1/samplings/none.zip").status_code == 404
    assert client.post("/api/v1/samplings/none/cancel").status_code == 404
    assert post(client, b"1,2,3\n", "forces.csv").status_code in {415, 422}
    both = {"a": (io.BytesIO(poscar), "a.poscar"), "b": (io.BytesIO(poscar), "b.poscar")}
    taken = client.post("/api/v1/samplings/preview", data=both).get_json()["structure"]
    assert taken["source"] == "a.poscar"
    assert taken["warnings"] == ["Sampled is a.poscar; 1 further file is left aside."]
