"""A state folder of the released version goes on under this one: reports open, owners stay, what waited is computed.

``released_state/`` was written by the last version before there were revisions: rows of every table, with a diagnosis
and a sampling in each state, and the files that they name.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, func, inspect, select, text

from softdash.diagnosis.records import DiagnosisState
from softdash.errors import ForbiddenError, NotFoundError, SettingError
from softdash.jobs.database import Database
from softdash.jobs.job import Lease
from softdash.jobs.migrations import HEAD, migrate
from softdash.jobs.queues import JobQueues
from softdash.jobs.service import DiagnosisService
from softdash.jobs.tables import JobRow, Table
from softdash.jobs.wiring import wire
from softdash.jobs.worker import Worker
from softdash.settings import Settings

RELEASED = Path(__file__).parent / "released_state"
IDS: dict[str, str] = json.loads((RELEASED / "identifiers.json").read_text())
SQL = (RELEASED / "softdash.sql").read_text()
REPORT_SHA256 = "7d6f0bd328eb1ff270c5678bb7ff79424b8bdcfd2e619363e9ead63490d4fd25"


def run_sql(state: Path, script: str) -> None:
    connection = sqlite3.connect(state / "softdash.db")
    connection.executescript(script)
    connection.close()


def rows(state: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(state / "softdash.db")
    found = connection.execute(query).fetchall()
    connection.close()
    return found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Those of a state folder as the released version left it."""
    state = tmp_path / "state"
    with zipfile.ZipFile(RELEASED / "files.zip") as archive:
        archive.extractall(state)
    run_sql(state, SQL)
    plan = {"sampling_atoms": 4, "sampling_time_ps": 0.04, "sampling_equilibration_ps": 0.02, "sampling_frames": 2}
    return Settings(state_dir=state, **plan)


def test_a_report_opens_with_note_and_key_and_belongs_to_its_owner(service: DiagnosisService) -> None:
    record = service.diagnosis(IDS["done"])
    assert (record.state, record.title, record.note) == (DiagnosisState.DONE, "Kept copper", "A note\nof two lines")
    assert service.report(record.id).result_sha256 == REPORT_SHA256
    assert service.points(record.id).reference.shape == (8, 3)
    again = service.create(IDS["upload"], ["emt"], "Kept copper", idempotency_key=IDS["key"])
    assert (again.record.id, again.delete_token) == (IDS["done"], IDS["done_token"])
    with pytest.raises(ForbiddenError):
        service.delete(record.id, "x")
    assert service.edit(record.id, IDS["done_token"], "New", "").note == ""


def test_every_state_stays(service: DiagnosisService) -> None:
    failed = service.diagnosis(IDS["failed"])
    assert (failed.state, failed.message) == (DiagnosisState.FAILED, "The potential gave no forces.")
    assert service.diagnosis(IDS["cancelled"]).state is DiagnosisState.CANCELLED
    done = service.samplings.sampling(IDS["sampling_done"])
    assert (done.state, done.title) == (DiagnosisState.DONE, "Hot copper")
    assert done.progress is not None
    assert done.progress.step == done.progress.step_count == 30
    assert done.finished_at is not None
    assert service.samplings.archive(done.id).stat().st_size > 1000
    assert service.samplings.sampling(IDS["sampling_cancelled"]).state is DiagnosisState.CANCELLED


def test_what_waited_or_ran_is_computed(service: DiagnosisService, settings: Settings) -> None:
    assert service.diagnosis(IDS["queued"]).state is DiagnosisState.QUEUED  # looking at it calls the reaper
    worker, queues = Worker("classical", settings), JobQueues(settings)
    assert len(queues.waiting("classical")) == 4
    for job_id in sorted(queues.waiting("classical")):
        worker.execute(job_id)
    queued, running = service.diagnosis(IDS["queued"]), service.diagnosis(IDS["running"])
    assert (queued.state, queued.runs[0].attempts, queued.title) == (DiagnosisState.DONE, 1, "Waits")
    assert (running.state, running.runs[0].attempts) == (DiagnosisState.DONE, 2)
    new, old = (service.report(one).results[0].statistics for one in (queued.id, IDS["done"]))
    assert new is not None
    assert old is not None
    assert new.slope == pytest.approx(old.slope, rel=1e-9)  # the same upload by the same potential
    for name in ("sampling_queued", "sampling_running"):
        sampled = service.samplings.sampling(IDS[name])
        assert (sampled.state, sampled.title) == (DiagnosisState.DONE, "States of Cu by Effective medium theory")


def test_entries_of_the_old_queues_do_not_disturb(service: DiagnosisService, settings: Settings) -> None:
    """A worker of this version must not trip over tasks that it does not know."""
    from huey import SqliteHuey

    old = SqliteHuey("softdash-classical", filename=str(settings.state_dir / "queue-classical.db"), results=False)
    old.task(name="run_potential")(lambda number: None)(5)
    old.task(name="sample_states")(lambda name: None)(IDS["sampling_queued"])
    service.diagnosis(IDS["queued"])
    assert len(old.pending()) == 2
    assert len(JobQueues(settings).waiting("classical")) == 4


def test_owners_of_samplings_stay_and_nobody_gets_one_that_had_none(service: DiagnosisService) -> None:
    for token in ("", "None", IDS["sampling_token"]):
        with pytest.raises(ForbiddenError):
            service.samplings.delete(IDS["sampling_queued"], token)
    service.samplings.delete(IDS["sampling_done"], IDS["sampling_token"])
    with pytest.raises(NotFoundError):
        service.samplings.sampling(IDS["sampling_done"])
    assert service.samplings.frame_geometry(IDS["sampling_queued"], 0).numbers.tolist() == [29] * 4  # a shared file


def test_files_go_with_the_last_record_that_names_them(service: DiagnosisService, settings: Settings) -> None:
    files = wire(settings).files
    upload, other = service.upload(IDS["upload"]), service.upload(IDS["unused_upload"])
    service.delete(IDS["done"], IDS["done_token"])
    assert files.path(upload.files[0].sha256).is_file()  # other diagnoses are of the same upload
    parts = wire(settings)
    for name in ("failed", "cancelled", "queued"):
        parts.store.delete(IDS[name])
    for name in (upload.frames_sha256, upload.files[0].sha256):
        with pytest.raises(NotFoundError):
            files.path(name)
    assert files.path(other.files[0].sha256).is_file()


def test_estimates_go_on_from_what_was_computed(service: DiagnosisService, settings: Settings) -> None:
    samplings = wire(settings).samplings
    pace = samplings.seconds_per_atom_and_step("emt")
    (progress,) = rows(
        settings.state_dir, "SELECT progress, total FROM jobs WHERE kind = 'sampling' AND state = 'done'"
    )
    assert progress[1] == 30
    assert pace == pytest.approx(json.loads(progress[0])["seconds"] / (30 * (4 + 16)))
    assert samplings.seconds_per_atom_and_step("chgnet-0.3.0") is None
    (seconds,) = rows(settings.state_dir, "SELECT seconds FROM jobs WHERE kind = 'diagnosis' AND state = 'done'")
    assert service.estimated_seconds(service.upload(IDS["upload"]), "emt") == pytest.approx(seconds[0])


def test_older_ones_lack_tables(settings: Settings) -> None:
    run_sql(settings.state_dir, "DROP TABLE creations; DROP TABLE notes; DROP TABLE sampling_owners;")
    service = DiagnosisService(settings)
    assert service.diagnosis(IDS["done"]).note == ""
    assert service.report(IDS["done"]).result_sha256 == REPORT_SHA256
    assert service.samplings.sampling(IDS["sampling_done"]).title == "States of Cu by Effective medium theory"
    service.close()


def test_damaged_records_do_not_stop_the_rest(settings: Settings) -> None:
    run_sql(settings.state_dir, "UPDATE uploads SET record = '{'; UPDATE samplings SET origin = '[]', progress = 'x';")
    service = DiagnosisService(settings)
    assert service.report(IDS["done"]).result_sha256 == REPORT_SHA256
    service.close()


def test_processes_that_start_at_once_migrate_once(settings: Settings) -> None:
    code = "from softdash.jobs.database import Database; from softdash.settings import Settings; Database(Settings())"
    environment = {**os.environ, "SOFTDASH_STATE_DIR": str(settings.state_dir)}
    started = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert rows(settings.state_dir, "SELECT kind, COUNT(*) FROM jobs GROUP BY kind") == [
        ("diagnosis", 5),
        ("sampling", 4),
    ]
    assert rows(settings.state_dir, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert rows(settings.state_dir, "PRAGMA foreign_key_check") == []


def test_a_failure_leaves_the_database_as_it_was(settings: Settings) -> None:
    run_sql(settings.state_dir, "CREATE TABLE jobs (id INTEGER)")  # in the way of the one to be made
    before = rows(settings.state_dir, "SELECT name, sql FROM sqlite_master ORDER BY name")
    with pytest.raises(SettingError, match="as it was"):
        Database(settings)
    assert rows(settings.state_dir, "SELECT name, sql FROM sqlite_master ORDER BY name") == before
    run_sql(settings.state_dir, "DROP TABLE jobs")
    Database(settings).close()


def test_a_database_of_a_later_version_is_left_alone(settings: Settings) -> None:
    Database(settings).close()
    run_sql(settings.state_dir, "UPDATE alembic_version SET version_num = 'later'")
    with pytest.raises(SettingError, match="later version"):
        Database(settings)


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Table.metadata))


def test_migrated_new_and_described_tables_are_the_same(settings: Settings, tmp_path: Path) -> None:
    migrated, new = Database(settings), Database(Settings(state_dir=tmp_path / "new"))
    assert differences(migrated.engine) == differences(new.engine) == []
    checks = [{one["name"] for one in inspect(base.engine).get_check_constraints("jobs")} for base in (migrated, new)]
    assert checks == [{"jobs_have_one_owner"}] * 2
    config = Config()
    config.set_main_option("script_location", "softdash.jobs:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_first_revision_is_the_released_schema(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/softdash.db")
    migrate(engine, "1")

    def schema(text: str) -> set[str]:
        found = re.findall(r"CREATE (?:TABLE|INDEX) [^;]*", text)
        return {re.sub(r"\s+", " ", one).replace("( ", "(").replace(" )", ")") for one in found}

    made = schema(";\n".join(sql for (sql,) in rows(tmp_path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")))
    assert {one for one in made if "alembic" not in one} == schema(SQL)


@pytest.fixture
def postgresql(settings: Settings) -> Iterator[Settings]:
    """The released rows in PostgreSQL; the address of an empty database is in a variable."""
    address = os.environ.get("SOFTDASH_TEST_POSTGRESQL")
    if address is None:
        pytest.skip("SOFTDASH_TEST_POSTGRESQL names no database")
    engine = create_engine(address)
    migrate(engine, "1")
    released, old = MetaData(), create_engine(f"sqlite:///{settings.state_dir}/softdash.db")
    released.reflect(old)
    with old.connect() as source, engine.begin() as target:
        for table in released.sorted_tables:
            kept = [dict(row) for row in source.execute(select(table)).mappings()]
            target.execute(table.insert(), kept)
    yield settings.model_copy(update={"database_url": address})
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def test_the_same_on_postgresql(postgresql: Settings) -> None:
    code = "from softdash.jobs.database import Database; from softdash.settings import Settings; Database(Settings())"
    environment = {**os.environ, "SOFTDASH_DATABASE_URL": str(postgresql.database_url)}
    environment["SOFTDASH_STATE_DIR"] = str(postgresql.state_dir)
    started = [subprocess.Popen([sys.executable, "-c", code], env=environment) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0] * 3
    parts = wire(postgresql)
    assert differences(parts.database.engine) == []
    with parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(JobRow)) == 9
    test_a_report_opens_with_note_and_key_and_belongs_to_its_owner(DiagnosisService(postgresql))
    test_what_waited_or_ran_is_computed(DiagnosisService(postgresql), postgresql)
    test_owners_of_samplings_stay_and_nobody_gets_one_that_had_none(DiagnosisService(postgresql))
    taken: list[Lease | None] = [parts.jobs.lease(1, "me"), parts.jobs.lease(10_000, "me")]
    assert taken == [None, None]
