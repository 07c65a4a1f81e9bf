"""The service without worker processes: uploads, creation, cancelling, deleting, and what survives a death."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    PotentialUnavailableError,
    PredictionError,
    SoftdashError,
)
from softdash.jobs.database import Database
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService, IncomingFile
from softdash.jobs.tables import DiagnosisRow, JobRow, UploadRow
from softdash.jobs.wiring import wire
from softdash.settings import Settings

Copper = Callable[..., IncomingFile]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_comes_back_as_it_was_recorded(service: DiagnosisService, copper: Copper) -> None:
    upload = service.add_upload([copper(frames=3)])
    assert upload.understanding.formula == "Cu"
    assert upload.understanding.component_count == 3 * 4 * 3
    assert service.upload(upload.id) == upload


def test_an_unusable_upload_leaves_no_file_behind(
    service: DiagnosisService, settings: Settings, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.extxyz"
    empty.touch()
    with pytest.raises(InputError, match=r"empty\.extxyz"):
        service.add_upload([IncomingFile("empty.extxyz", empty)])
    assert files_in(settings.files_dir) == []


def test_a_diagnosis_is_a_record_before_any_worker_is_there(service: DiagnosisService, copper: Copper) -> None:
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    record = service.diagnosis(created.record.id)
    assert (record.state, record.place_in_queue, record.runs[0].total) == (DiagnosisState.QUEUED, 1, 3)
    assert record.title == "Cu by Effective medium theory"
    assert "No worker serves Effective medium theory" in (record.message or "")
    with pytest.raises(ConflictError, match="not finished"):
        service.report(record.id)


def test_the_report_is_there_when_the_state_says_done(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], settings: Settings
) -> None:
    upload = service.add_upload([copper(frames=5)])
    created = service.create(upload.id, ["emt"], title="  my\n copper ")
    compute_all()
    record = service.diagnosis(created.record.id)
    report = service.report(record.id)
    assert record.state is DiagnosisState.DONE
    assert (report.id, report.title, report.files) == (record.id, "my copper", upload.files)
    assert report.finished_at == record.finished_at
    points = service.points(record.id)
    assert points.predicted["emt"].shape == points.reference.shape == (20, 3)
    # Another process, after a restart, reads the same.
    other = DiagnosisService(settings)
    assert other.report(record.id) == report
    other.close()


def test_two_diagnoses_of_equal_input_are_two_records_with_equal_results(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None]
) -> None:
    upload = service.add_upload([copper()])
    ids = [service.create(upload.id, ["emt"]).record.id for _ in range(2)]
    compute_all()
    first, second = (service.report(name) for name in ids)
    assert first.id != second.id
    assert first.result_sha256 == second.result_sha256


def test_a_potential_that_fails_costs_its_own_part_only(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import softdash.diagnosis.analysis as analysis
    from softdash.potentials.interface import PotentialCard
    from softdash.potentials.registry import load_card

    def load(card: PotentialCard) -> object:
        if card.name == "emt":
            return load_card(card)
        raise PotentialUnavailableError("Its weights are damaged.")

    monkeypatch.setattr(analysis, "load_card", load)
    monkeypatch.setattr("softdash.jobs.service.notices_about", lambda *_: ())
    monkeypatch.setattr(analysis, "notices_about", lambda *_: ())
    created = service.create(service.add_upload([copper()]).id, ["lennard-jones-argon", "emt"])
    compute_all()
    record = service.diagnosis(created.record.id)
    assert [run.state for run in record.runs] == [DiagnosisState.FAILED, DiagnosisState.DONE]
    assert record.state is DiagnosisState.DONE
    failed, succeeded = service.report(record.id).results
    assert failed.error is not None
    assert failed.error["message"] == "Its weights are damaged."
    assert succeeded.statistics is not None


@pytest.mark.parametrize(
    ("potentials", "error", "words"),
    [
        ([], InputError, "No potential"),
        (["emt", "emt"], InputError, "twice"),
        (["unheard-of"], PotentialUnavailableError, "Choose one of"),
        (["lennard-jones-argon"], PredictionError, "does not know Cu"),
    ],
)
def test_unusable_wishes_are_refused(
    service: DiagnosisService, copper: Copper, potentials: list[str], error: type[SoftdashError], words: str
) -> None:
    upload = service.add_upload([copper()])
    with pytest.raises(error, match=words):
        service.create(upload.id, potentials)


def test_unknown_identifiers_are_not_found(service: DiagnosisService) -> None:
    for call in (
        service.upload,
        service.diagnosis,
        service.report,
        service.points,
        service.cancel,
        service.add_example,
    ):
        with pytest.raises(NotFoundError):
            call("nothing-like-that")
    with pytest.raises(NotFoundError):
        service.create("nothing-like-that", ["emt"])
    with pytest.raises(NotFoundError):
        service.delete("nothing-like-that", "token")


def test_a_full_queue_turns_away_and_takes_again(
    settings: Settings, copper: Copper, compute_all: Callable[[], None]
) -> None:
    service = DiagnosisService(settings.model_copy(update={"queue_capacity": 2}))
    upload = service.add_upload([copper()])
    for _ in range(2):
        service.create(upload.id, ["emt"])
    with pytest.raises(BusyError, match="2 diagnoses are waiting"):
        service.create(upload.id, ["emt"])
    compute_all()
    service.create(upload.id, ["emt"])
    service.close()


def test_places_in_the_queue_are_counted(service: DiagnosisService, copper: Copper) -> None:
    upload = service.add_upload([copper()])
    ids = [service.create(upload.id, ["emt"]).record.id for _ in range(3)]
    assert [service.diagnosis(name).place_in_queue for name in ids] == [1, 2, 3]
    service.cancel(ids[0])
    assert [service.diagnosis(name).place_in_queue for name in ids] == [None, 1, 2]


def test_a_cancelled_run_is_not_computed(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None]
) -> None:
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    assert service.cancel(created.record.id).state is DiagnosisState.CANCELLED
    compute_all()
    record = service.diagnosis(created.record.id)
    assert (record.state, record.runs[0].done) == (DiagnosisState.CANCELLED, 0)
    with pytest.raises(ConflictError, match="cancelled"):
        service.report(record.id)


def test_deleting_needs_the_token_and_removes_every_file(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], settings: Settings
) -> None:
    upload = service.add_upload([copper()])
    created = service.create(upload.id, ["emt"])
    compute_all()
    with pytest.raises(ForbiddenError):
        service.delete(created.record.id, "guessed")
    assert service.report(created.record.id)
    service.delete(created.record.id, created.delete_token)
    with pytest.raises(NotFoundError):
        service.diagnosis(created.record.id)
    with pytest.raises(NotFoundError):
        service.upload(upload.id)
    assert files_in(settings.files_dir) == []


def test_deleting_keeps_what_another_diagnosis_uses(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None]
) -> None:
    upload = service.add_upload([copper()])
    first, second = (service.create(upload.id, ["emt"]) for _ in range(2))
    compute_all()
    service.delete(first.record.id, first.delete_token)
    assert service.report(second.record.id).results[0].statistics is not None
    assert service.points(second.record.id).reference.shape == (12, 3)
    assert service.upload(upload.id) == upload


def test_the_delete_token_is_stored_nowhere(service: DiagnosisService, copper: Copper, settings: Settings) -> None:
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    token = created.delete_token.encode()
    assert not any(token in path.read_bytes() for path in files_in(settings.state_dir))


def test_a_lost_queue_entry_is_put_in_again(service: DiagnosisService, copper: Copper, settings: Settings) -> None:
    """As when the web process dies between committing the record and telling the queue."""
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    queues = JobQueues(settings)
    queues.huey("classical").flush()
    assert queues.waiting("classical") == set()
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    with Database(settings).write() as session:
        session.execute(update(JobRow).values(queued_at=long_ago))
    service.diagnosis(created.record.id)
    assert len(queues.waiting("classical")) == 1


def test_a_report_that_was_not_made_before_a_death_is_made_later(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], settings: Settings
) -> None:
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    compute_all()
    with Database(settings).write() as session:  # as if the worker had died after its last step but one
        session.execute(update(DiagnosisRow).values(finished_at=None, report_sha256=None, points_sha256=None))
    assert service.diagnosis(created.record.id).state is DiagnosisState.DONE
    assert service.report(created.record.id).results[0].statistics is not None


def test_expired_diagnoses_are_gone(settings: Settings, copper: Copper) -> None:
    expiring = settings.model_copy(update={"report_days": 1})
    service = DiagnosisService(expiring)
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    assert created.record.expires_at == created.record.created_at + timedelta(days=1)
    with Database(expiring).write() as session:
        session.execute(update(DiagnosisRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(NotFoundError, match="expired"):
        service.diagnosis(created.record.id)
    wire(expiring).store.remove_expired()
    assert files_in(settings.files_dir) == []
    service.close()


def test_uploads_that_nobody_diagnosed_expire_too(settings: Settings, copper: Copper) -> None:
    expiring = settings.model_copy(update={"report_days": 1})
    service = DiagnosisService(expiring)
    used, unused = service.add_upload([copper()]), service.add_upload([copper(frames=4)])
    example = service.add_example("nacl")
    service.create(used.id, ["emt"])
    with Database(expiring).write() as session:
        session.execute(update(UploadRow).values(created_at=datetime.now(UTC) - timedelta(days=2)))
    wire(expiring).store.remove_expired()
    with pytest.raises(NotFoundError):
        service.upload(unused.id)
    assert service.upload(used.id) == used
    assert service.upload(example.id) == example
    assert {path.name for path in files_in(settings.files_dir)} == {
        name for record in (used, example) for name in (record.frames_sha256, record.files[0].sha256)
    }
    service.close()


def test_a_report_that_cannot_be_made_ends_with_a_reason(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], settings: Settings
) -> None:
    created = service.create(service.add_upload([copper()]).id, ["emt"])
    compute_all()
    with Database(settings).write() as session:
        predictions = session.scalar(select(JobRow.predictions_sha256))
        session.execute(update(DiagnosisRow).values(finished_at=None, report_sha256=None, points_sha256=None))
    wire(settings).files.remove(predictions or "")
    record = service.diagnosis(created.record.id)
    assert record.state is DiagnosisState.FAILED
    assert "no longer in the store" in (record.message or "")


def test_the_estimate_learns_from_past_runs(
    service: DiagnosisService, copper: Copper, compute_all: Callable[[], None], settings: Settings
) -> None:
    upload = service.add_upload([copper()])
    service.create(upload.id, ["emt"])
    compute_all()
    with Database(settings).write() as session:
        session.execute(update(JobRow).values(seconds=6.0))
    assert service.estimated_seconds(upload, "emt") == pytest.approx(6.0)
    larger = service.add_upload([copper(frames=9)])
    assert service.estimated_seconds(larger, "emt") == pytest.approx(18.0)


def test_notices_before_running_name_functional_and_elements(service: DiagnosisService, copper: Copper) -> None:
    upload = service.add_upload([copper()])
    assert service.notices(upload.id, "chgnet-0.3.0") == ()
    assert [notice.code for notice in service.notices(upload.id, "chgnet-r2scan")] == ["functional_mismatch"]
    assert [notice.code for notice in service.notices(upload.id, "emt")] == ["demonstration_potential"]


def test_without_workers_potentials_are_offline(service: DiagnosisService) -> None:
    available = service.online_potentials()
    assert available["emt"].state == "offline"
    assert available["emt"].worker_count == 0
