"""How the database is opened, and brought to the schema of this version.

SQLite is opened with a write-ahead log, so that the web process reads while workers write; any other SQLAlchemy address
works too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from softdash.errors import SettingError
from softdash.jobs.migrations import migrate
from softdash.settings import Settings

_BUSY_SECONDS = 30.0


def _cannot_open(settings: Settings) -> SettingError:
    # An address may hold a password: it is not repeated.
    if settings.database_url is None:
        return SettingError(f"No database can be kept in the folder {settings.state_dir}.", where="SOFTDASH_STATE_DIR")
    return SettingError(
        "This database cannot be opened: its address, its server or its driver for Python is wrong or missing.",
        where="SOFTDASH_DATABASE_URL",
    )


class Database:
    """An open database, of the schema of this version: an older one is migrated first.

    Parameters
    ----------
    settings : Settings
        `database_address` says where.

    Raises
    ------
    SettingError
        If it cannot be opened, or a later version of softdash made it.
    """

    def __init__(self, settings: Settings) -> None:
        address = settings.database_address
        try:
            if address.startswith("sqlite"):
                settings.state_dir.mkdir(parents=True, exist_ok=True)
                self.engine = create_engine(address, connect_args={"timeout": _BUSY_SECONDS})
                _prepare_sqlite(self.engine)
            else:
                self.engine = create_engine(address, pool_pre_ping=True)
            self._writing = self.engine.execution_options(softdash_write=True)
            migrate(self._writing)
        except (OSError, SQLAlchemyError, ImportError) as error:
            raise _cannot_open(settings) from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits at its end; on SQLite it is the only writer meanwhile."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # The driver shall not begin transactions by itself: `_begin` below does, so that writers queue up at their
        # first statement instead of failing when a reader turns writer.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("softdash_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
