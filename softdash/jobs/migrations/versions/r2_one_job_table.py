"""Diagnoses and samplings are computed by jobs of one table.

Runs and samplings become jobs; one that runs now is due to be taken back, for its worker is of the version before.
Notes, idempotency keys and owners of samplings become columns; the files of an upload a table.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the new tables, fill them, and drop the old ones."""
    _name_files_of_uploads()
    _extend_diagnoses()
    _add_owners_to_samplings()
    _make_jobs()
    _turn_runs_into_jobs()
    _turn_samplings_into_jobs()
    with op.batch_alter_table("samplings") as samplings:
        samplings.drop_index("ix_samplings_state")
        for column in ("queue", "state", "finished_at", "enqueued_at", "heartbeat_at", "worker_id", "attempts"):
            samplings.drop_column(column)
        for column in ("progress", "error"):
            samplings.drop_column(column)
    for table in ("runs", "creations", "notes", "sampling_owners"):
        op.drop_table(table)


def _name_files_of_uploads() -> None:
    files = op.create_table(
        "upload_files",
        sa.Column("upload_id", sa.String(32), sa.ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True, index=True),
    )
    for upload_id, record in _rows("SELECT id, record FROM uploads"):
        named = {file["sha256"] for file in _parsed(record).get("files", ())}
        if named:
            op.bulk_insert(files, [{"upload_id": upload_id, "sha256": sha256} for sha256 in sorted(named)])


def _extend_diagnoses() -> None:
    with op.batch_alter_table("diagnoses") as diagnoses:
        diagnoses.add_column(sa.Column("note", sa.Text, nullable=False, server_default=""))
        diagnoses.add_column(sa.Column("creation_key_sha256", sa.String(64)))
        diagnoses.add_column(sa.Column("creation_request_sha256", sa.String(64)))
        diagnoses.drop_index("ix_diagnoses_state")
        diagnoses.drop_column("state")
    op.create_index("ix_diagnoses_creation_key_sha256", "diagnoses", ["creation_key_sha256"], unique=True)
    op.execute(
        "UPDATE diagnoses SET note = (SELECT text FROM notes WHERE diagnosis_id = diagnoses.id)"
        " WHERE id IN (SELECT diagnosis_id FROM notes)"
    )
    for column in ("key_sha256", "request_sha256"):
        op.execute(
            f"UPDATE diagnoses SET creation_{column} ="  # noqa: S608 - names of our own
            f" (SELECT {column} FROM creations WHERE diagnosis_id = diagnoses.id)"
        )


def _add_owners_to_samplings() -> None:
    with op.batch_alter_table("samplings") as samplings:
        samplings.add_column(sa.Column("title", sa.String(200), nullable=False, server_default=""))
        samplings.add_column(sa.Column("delete_token_sha256", sa.String(64)))
    for column in ("title", "delete_token_sha256"):
        op.execute(
            f"UPDATE samplings SET {column} ="  # noqa: S608 - names of our own
            f" (SELECT {column} FROM sampling_owners WHERE sampling_id = samplings.id)"
            " WHERE id IN (SELECT sampling_id FROM sampling_owners)"
        )
    for sampling_id, text in _rows("SELECT id, origin FROM samplings WHERE title = ''"):
        origin = _parsed(text)
        title = f"States of {origin.get('structure', {}).get('formula', '?')} by {origin.get('label', '?')}"
        op.get_bind().execute(
            sa.text("UPDATE samplings SET title = :title WHERE id = :id"), {"title": title[:200], "id": sampling_id}
        )
    with op.batch_alter_table("samplings") as samplings:
        samplings.alter_column("title", existing_type=sa.String(200), existing_nullable=False, server_default=None)


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("diagnosis_id", sa.String(32), sa.ForeignKey("diagnoses.id", ondelete="CASCADE"), index=True),
        sa.Column("sampling_id", sa.String(32), sa.ForeignKey("samplings.id", ondelete="CASCADE"), unique=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("potential", sa.String(80), nullable=False, index=True),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("leased_by", sa.String(32)),
        sa.Column("lease_until", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("atom_count", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double),
        sa.Column("progress", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("predictions_sha256", sa.String(64), index=True),
        sa.UniqueConstraint("diagnosis_id", "potential"),
        sa.CheckConstraint("(diagnosis_id IS NULL) <> (sampling_id IS NULL)", name="jobs_have_one_owner"),
        sa.Index("jobs_by_state", "state", "queue", "queued_at"),
    )


def _turn_runs_into_jobs() -> None:
    # Without their numbers: PostgreSQL would count on from 1. Nothing but entries in the old queues had them.
    op.execute(
        "INSERT INTO jobs (kind, diagnosis_id, position, potential, label, queue, state, attempts, leased_by,"
        " lease_until, created_at, queued_at, finished_at, done, total, atom_count, seconds, error, result,"
        " predictions_sha256)"
        " SELECT 'diagnosis', diagnosis_id, position, potential, label, queue, state, attempts,"
        " CASE WHEN state = 'running' THEN worker_id END, CASE WHEN state = 'running' THEN enqueued_at END,"
        " created_at, enqueued_at,"
        " CASE WHEN state NOT IN ('queued', 'running') THEN COALESCE(finished_at, heartbeat_at, enqueued_at) END,"
        " done, total, atom_count, seconds, error, result, predictions_sha256"
        " FROM runs JOIN diagnoses ON diagnoses.id = runs.diagnosis_id ORDER BY runs.id"
    )


def _turn_samplings_into_jobs() -> None:
    op.execute(
        "INSERT INTO jobs (kind, sampling_id, position, potential, label, queue, state, attempts, leased_by,"
        " lease_until, created_at, queued_at, finished_at, done, total, atom_count, progress, error)"
        " SELECT 'sampling', id, 0, '', '', queue, state, attempts,"
        " CASE WHEN state = 'running' THEN worker_id END, CASE WHEN state = 'running' THEN enqueued_at END,"
        " created_at, enqueued_at, finished_at, 0, 0, 0, progress, error"
        " FROM samplings ORDER BY enqueued_at"
    )
    for sampling_id, origin, progress in _rows("SELECT id, origin, progress FROM samplings"):
        what, step = _parsed(origin), _parsed(progress)
        values = {
            "potential": what.get("potential", ""),
            "label": what.get("label", ""),
            "atom_count": what.get("structure", {}).get("atom_count", 0),
            "done": step.get("step", 0),
            "total": step.get("step_count", 0),
            "seconds": step.get("seconds"),
        }
        assignments = ", ".join(f"{column} = :{column}" for column in values)
        statement = f"UPDATE jobs SET {assignments} WHERE sampling_id = :id"  # noqa: S608 - names of our own
        op.get_bind().execute(sa.text(statement), {**values, "id": sampling_id})


def _rows(query: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(query)).all())


def _parsed(text: str | None) -> dict[str, Any]:
    """Return what a JSON text says; nothing where it is missing or damaged, which must not stop all the rest."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
