"""The schema as first released, from before there were revisions: what is there already stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables that are missing; the latest versions before revisions added three of them when opened."""
    _table(
        "uploads",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("frames_sha256", sa.String(64), nullable=False, index=True),
        sa.Column("example_key", sa.String(160), unique=True),
        sa.Column("record", sa.Text, nullable=False),
    )
    _table(
        "diagnoses",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("upload_id", sa.String(32), sa.ForeignKey("uploads.id"), nullable=False, index=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("delete_token_sha256", sa.String(64), nullable=False),
        sa.Column("report_sha256", sa.String(64)),
        sa.Column("points_sha256", sa.String(64)),
    )
    _table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        _part_of("diagnoses", index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("potential", sa.String(80), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("atom_count", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker_id", sa.String(32)),
        sa.Column("enqueued_at", _TIME, nullable=False),
        sa.Column("heartbeat_at", _TIME),
        sa.Column("seconds", sa.Double),
        sa.Column("error", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("predictions_sha256", sa.String(64), index=True),
        sa.UniqueConstraint("diagnosis_id", "potential"),
        sa.Index("runs_by_queue", "queue", "state", "id"),
    )
    _table(
        "creations",
        sa.Column("key_sha256", sa.String(64), primary_key=True),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        _part_of("diagnoses", index=True),
        sa.Column("created_at", _TIME, nullable=False),
    )
    _table("notes", _part_of("diagnoses", primary_key=True), sa.Column("text", sa.Text, nullable=False))
    _table(
        "samplings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("expires_at", _TIME),
        sa.Column("enqueued_at", _TIME, nullable=False),
        sa.Column("heartbeat_at", _TIME),
        sa.Column("worker_id", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("structure_sha256", sa.String(64), nullable=False),
        sa.Column("frames_sha256", sa.String(64)),
        sa.Column("zip_sha256", sa.String(64)),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("progress", sa.Text),
        sa.Column("mean_temperature", sa.Double),
        sa.Column("error", sa.Text),
    )
    _table(
        "sampling_owners",
        _part_of("samplings", primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("delete_token_sha256", sa.String(64), nullable=False),
    )
    _table(
        "workers",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("process_id", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("potentials", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("heartbeat_at", _TIME, nullable=False),
    )


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    if not sa.inspect(op.get_bind()).has_table(name):
        op.create_table(name, *columns)


def _part_of(table: str, **options: bool) -> sa.Column[str]:
    """Return the column that names the diagnosis or sampling with which a row is deleted."""
    name = {"diagnoses": "diagnosis_id", "samplings": "sampling_id"}[table]
    whole = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(name, sa.String(32), whole, nullable=False, **options)  # type: ignore[arg-type]
