"""The schema of the database by revisions, each a step from the one before it; Alembic applies those that are missing.

A new step is a new file in ``versions/``, and its number becomes `HEAD`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from softdash.errors import SettingError

logger = logging.getLogger(__name__)

HEAD = "2"
"""The revision that `softdash.jobs.tables` describes."""

_LOCK = 7_363_868
"""Number of the lock that processes starting at once take, on PostgreSQL; any number that no other program takes."""
_IN_THIS_PROCESS = threading.Lock()
"""Alembic's context is one for all threads."""
_WHERE = "SOFTDASH_DATABASE_URL or SOFTDASH_STATE_DIR"


def migrate(engine: Engine, revision: str = HEAD) -> None:
    """Bring a database to a revision; an empty one gets all tables.

    All steps are one transaction: a failure leaves the database as it was, and of processes that start at once one
    migrates while the others wait for it.

    Parameters
    ----------
    engine : Engine
        Its transactions must be those of a writer.
    revision : str
        Another than `HEAD` is for tests.

    Raises
    ------
    SettingError
        If a later version of softdash made the database, or a step from an earlier one fails.
    SQLAlchemyError
        If an empty one cannot be written.
    """
    with engine.connect() as connection:
        if _revision(connection) == revision:
            return
        is_new = not inspect(connection).get_table_names()
    # Only now: a process that has nothing to migrate is spared 12 MB.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "softdash.jobs:migrations")
    try:
        with _IN_THIS_PROCESS, _locked(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        if not is_new:
            logger.info("The database was brought to revision %s", revision)
    except CommandError as error:
        raise SettingError(
            "This database was made by a later version of softdash.",
            where=_WHERE,
            advice="Install that version, or choose another database or folder.",
        ) from error
    except (SQLAlchemyError, _BrokenReferencesError) as error:
        if is_new:  # the address or the folder is at fault, not the step
            raise
        logger.exception("The migration to revision %s failed", revision)
        raise SettingError(
            "The database could not be migrated to this version of softdash; it is as it was before.",
            where=_WHERE,
            advice="The version before still works with it. Please report the error that the log shows.",
        ) from error


class _BrokenReferencesError(Exception):
    """A row refers to one that is not there any more."""


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _locked(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that no other process migrates beside, and in which SQLite lets tables be made anew."""
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Dropping a table that is to be replaced would delete the rows that refer to it. Beside SQLAlchemy, for
            # the pragma does nothing inside a transaction; the connection is not used again.
            connection.detach()
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
            yield connection
            if is_sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise _BrokenReferencesError(broken[:5])
