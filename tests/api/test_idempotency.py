"""Creating a diagnosis twice under one key: one diagnosis, whoever comes first."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from softdash.errors import ConflictError
from softdash.jobs.creation_keys import creation_key
from softdash.jobs.database import Database
from softdash.jobs.service import DiagnosisService
from softdash.jobs.tables import DiagnosisRow
from softdash.settings import Settings

WANTED = {"example": "cu3au", "potentials": ["emt"], "title": "once"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One installation for all tests: reading the example takes longer than all else here."""
    return Settings(state_dir=tmp_path_factory.mktemp("state"))


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def create(client: FlaskClient, key: str, **changes: object) -> tuple[int, dict[str, Any]]:
    response = client.post("/api/v1/diagnoses", json=WANTED | changes, headers={"Idempotency-Key": key})
    return response.status_code, response.get_json()


def count(settings: Settings) -> int:
    database = Database(settings)
    with database.read() as session:
        found = session.scalar(select(func.count()).select_from(DiagnosisRow))
    database.close()
    return int(found or 0)


def test_the_same_request_again_is_the_same_answer(client: FlaskClient, settings: Settings, key: str) -> None:
    before = count(settings)
    status, first = create(client, key)
    assert (status, create(client, key)) == (202, (202, first))
    assert count(settings) == before + 1
    other = create(client, str(uuid.uuid4()))[1]
    assert other["diagnosis"]["id"] != first["diagnosis"]["id"]
    assert other["delete_token"] != first["delete_token"]


def test_the_repeated_answer_has_the_token_that_deletes(client: FlaskClient, settings: Settings, key: str) -> None:
    before = count(settings)
    create(client, key)
    again = create(client, key)[1]
    address = f"/api/v1/diagnoses/{again['diagnosis']['id']}"
    assert client.delete(address, headers={"Softdash-Delete-Token": again["delete_token"]}).status_code == 204
    assert count(settings) == before
    assert create(client, key)[1]["diagnosis"]["id"] != again["diagnosis"]["id"]


@pytest.mark.parametrize("changes", [{"title": "twice"}, {"title": None}, {"potentials": ["emt", "emt"]}])
def test_the_key_of_another_request_is_a_conflict(client: FlaskClient, key: str, changes: dict[str, object]) -> None:
    create(client, key)
    status, answer = create(client, key, **changes)
    assert (status, answer["error"]["code"]) == (409, "conflict")


def test_the_key_of_another_upload_is_a_conflict() -> None:
    one, other = (creation_key("0123456789abcdef", upload, ["emt"], None) for upload in ("a", "b"))
    assert one.sha256 == other.sha256
    assert one.request_sha256 != other.request_sha256


@pytest.mark.parametrize("key", ["", "short", "x" * 201, "with space in between", "ümlaut-ümlaut-ümlaut"])
def test_a_key_that_can_be_guessed_or_not_be_sent_is_refused(client: FlaskClient, key: str) -> None:
    status, answer = create(client, key)
    assert (status, answer["error"]["where"]) == (422, "Idempotency-Key")


def test_neither_key_nor_token_is_kept(client: FlaskClient, settings: Settings, key: str) -> None:
    token = create(client, key)[1]["delete_token"]
    files = [path for path in settings.state_dir.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert key.encode() not in content
        assert token.encode() not in content


def test_a_replay_is_answered_by_a_busy_server(
    client: FlaskClient, settings: Settings, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create(client, key)
    monkeypatch.setattr(settings, "queue_capacity", 1)
    assert create(client, str(uuid.uuid4()))[0] == 503
    assert create(client, key) == first


def test_many_at_the_same_moment_create_one(settings: Settings) -> None:
    services = [DiagnosisService(settings) for _ in range(6)]
    upload = services[0].add_example("cu3au")
    before = count(settings)
    for round_number in range(1, 4):
        start, key = Barrier(len(services)), str(uuid.uuid4())

        def request(service: DiagnosisService, start: Barrier = start, key: str = key) -> tuple[str, str]:
            start.wait()
            created = service.create(upload.id, ["emt"], idempotency_key=key)
            return created.record.id, created.delete_token

        with ThreadPoolExecutor(len(services)) as pool:
            assert len(set(pool.map(request, services))) == 1
        assert count(settings) == before + round_number
    for service in services:
        service.close()


def test_a_lost_race_is_answered_by_the_winner(settings: Settings, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look for an earlier creation finds nothing, for it happens a moment before the other one writes."""
    service = DiagnosisService(settings)
    upload = service.add_example("cu3au")
    before = count(settings)
    first = service.create(upload.id, ["emt"], idempotency_key=key)
    look, looks = DiagnosisService._created_before, []

    def blind_once(self: DiagnosisService, wanted: object) -> object:
        looks.append(wanted)
        return None if len(looks) == 1 else look(self, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(DiagnosisService, "_created_before", blind_once)
    assert service.create(upload.id, ["emt"], idempotency_key=key) == first
    looks.clear()
    with pytest.raises(ConflictError):
        service.create(upload.id, ["emt"], "other", idempotency_key=key)
    assert count(settings) == before + 1
    service.close()
