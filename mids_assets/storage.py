"""Dagster's own storage on PostgreSQL, and how our programs open the Dagster instance.

Belongs here: the storage class that dagster.yaml names, `dagster_home()` and `open_instance()`.
Does not belong here: which database that is and how it is started (warehouse/connection.py), asset definitions.

Why a class of our own: a dagster.yaml with an environment variable that is not set ends `dg dev` in a stack trace,
and its own SQLite storage serializes everything. This class asks our settings for the URL, starts the embedded
server when needed and otherwise is dagster-postgres' storage - with one difference, measured below.
"""

from __future__ import annotations

import os
import select
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy.event
import sqlalchemy.exc
from dagster import BetaWarning, DagsterInstance
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.base_storage import DagsterStorage
from dagster._serdes import ConfigurableClassData
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from dagster_postgres.utils import create_pg_engine

from mids_assets.errors import UserError
from mids_assets.logs import configure
from mids_assets.settings import PROJECT_ROOT, Settings
from mids_assets.warehouse.connection import dagster_database_url

CONFIG_FILE = "dagster.yaml"
# python_logs of dagster.yaml: test_logs tells when it changes.
warnings.filterwarnings("ignore", message="Handling yaml-defined logging", category=BetaWarning)


class _KeepsItsConnection:
    """One open connection per storage instead of a new one for every statement.

    dagster-postgres opens and closes a connection each time, three times for an event of an asset. The pool is
    thrown away with the instance, and a connection that a restart of the server broke is noticed before use.
    SQLAlchemy's own `pool_pre_ping` would ask the server before each of the thousands of statements of an import.
    """

    _engine: Any
    postgres_url: str

    def __init__(self, postgres_url: str) -> None:
        super().__init__(postgres_url)  # type: ignore[call-arg]
        self._engine = create_pg_engine(
            postgres_url,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            max_overflow=20,
            connect_args={"application_name": f"dagster {os.getpid()}"},
        )
        sqlalchemy.event.listen(self._engine, "checkout", _refuse_if_closed)

    def dispose(self) -> None:
        super().dispose()  # type: ignore[misc]
        self._engine.dispose()


def _refuse_if_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """A connection at rest has nothing to say, unless the server is closing it: then one that answers is taken."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if not waiting.poll(0):
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error as error:
        raise sqlalchemy.exc.DisconnectionError from error  # The pool opens another one.


class _RunStorage(_KeepsItsConnection, PostgresRunStorage):
    pass


class _EventLogStorage(_KeepsItsConnection, PostgresEventLogStorage):
    """Asks the catalogue once whether a table or column is there; Dagster asks twice for every event of an asset."""

    def __init__(self, postgres_url: str) -> None:
        self._seen: set[str] = set()
        super().__init__(postgres_url)

    def has_table(self, table_name: str) -> bool:
        return self._once(table_name, lambda: super(_EventLogStorage, self).has_table(table_name))

    def has_asset_key_col(self, column_name: str) -> bool:
        return self._once(f".{column_name}", lambda: super(_EventLogStorage, self).has_asset_key_col(column_name))

    def _has_asset_key_col_on_connection(self, conn: sqlalchemy.Connection, column_name: str) -> bool:
        ask = super()._has_asset_key_col_on_connection
        return self._once(f".{column_name}", lambda: ask(conn, column_name))

    def _once(self, name: str, ask: Callable[[], bool]) -> bool:
        """What is there stays there; what is missing may come with a migration."""
        if name not in self._seen and ask():
            self._seen.add(name)
        return name in self._seen


class _ScheduleStorage(_KeepsItsConnection, PostgresScheduleStorage):
    pass


class MidsPostgresStorage(DagsterPostgresStorage):
    """`storage: {custom: {module: mids_assets.storage, class: MidsPostgresStorage, config: {}}}`.

    The URL comes from `Settings.from_env`: MIDS_DAGSTER_DATABASE_URL, else database `dagster` on the server of the
    warehouse. Database and tables are created when absent.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        # Not the parent's __init__: it would build the three storages without the pool.
        self.postgres_url = postgres_url
        self.should_autocreate_tables = True
        self._inst_data = inst_data
        with _alone(postgres_url):
            self._run_storage = _RunStorage(postgres_url)
            self._event_log_storage = _EventLogStorage(postgres_url)
            self._schedule_storage = _ScheduleStorage(postgres_url)
        DagsterStorage.__init__(self)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> MidsPostgresStorage:
        configure()  # The web server and the daemon load nothing else of ours.
        return cls(dagster_database_url(Settings.from_env()), inst_data)


@contextmanager
def _alone(postgres_url: str) -> Iterator[None]:
    """Held while tables are looked for and created: two programs that start on an empty database would both do it."""
    engine = create_pg_engine(postgres_url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT pg_advisory_lock(hashtextextended('mids: tables of Dagster', 0))"))
        yield


def dagster_home() -> Path:
    """Folder of dagster.yaml, compute logs and local artifacts: DAGSTER_HOME, else `dagster_home` of the project."""
    given = os.environ.get("DAGSTER_HOME", "").strip()
    return Path(given).expanduser().resolve() if given else PROJECT_ROOT / "dagster_home"


def open_instance() -> DagsterInstance:
    """The persistent Dagster instance of `dagster_home()`. Use it in a `with` block.

    Sets DAGSTER_HOME for this process and its children, because code that Dagster itself starts reads only that.
    Raises `UserError` where there is no such folder.
    """
    home = dagster_home()
    if not home.is_dir():
        raise UserError(
            f"DAGSTER_HOME: {home} is no folder; unset it, or make a folder of that name and copy"
            f" {PROJECT_ROOT / 'dagster_home' / CONFIG_FILE} into it"
        )
    os.environ["DAGSTER_HOME"] = str(home)
    return DagsterInstance.from_config(str(home), CONFIG_FILE)
