"""Run by Alembic; `softdash.jobs.migrations.migrate` hands over the connection, inside a transaction."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
