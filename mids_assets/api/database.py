"""The API's connections: a pool that reads and cannot write.

Belongs here: how a connection is made, what of its failures means "come again later". Does not belong here: statements,
which release readers see (freshness.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from mids_assets.api.settings import ApiSettings
from mids_assets.errors import DatabaseUnavailable
from mids_assets.warehouse.connection import database_url, normalized_url

ACQUIRE_SECONDS = 3.0
STATEMENT_SECONDS = 5.0
_CONNECT_SECONDS = 5.0
_SERVER_SETTINGS = {
    "application_name": "mids serve",
    "default_transaction_read_only": "on",
    # Compiling a statement takes longer than any answer here.
    "jit": "off",
    "timezone": "UTC",
    "statement_timeout": f"{STATEMENT_SECONDS:.0f}s",
}
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    OSError,
    TimeoutError,
)


class _Connection(asyncpg.Connection):
    """A connection that nothing has to be put back on: each statement stands for itself and changes no setting."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class Database:
    """A pool of connections to one server. Opened by `open`, closed by `close`."""

    def __init__(self, url: str, connections: int) -> None:
        self._url = url
        self._connections = connections
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        """Make the pool; connections are made when they are needed, so a server that is away now may come back."""
        self._pool = await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._connections,
            max_inactive_connection_lifetime=300,
            timeout=_CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS + 1,
            server_settings=_SERVER_SETTINGS,
            connection_class=_Connection,
            statement_cache_size=400,
        )

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()

    async def row(self, statement: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row. Raises `DatabaseUnavailable` where the server does not answer."""
        async with self._connection() as connection:
            return await connection.fetchrow(statement, *parameters)

    async def rows(self, statement: str, *parameters: Any) -> list[asyncpg.Record]:
        """All rows. Raises as `row`."""
        async with self._connection() as connection:
            return await connection.fetch(statement, *parameters)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        assert self._pool is not None
        try:
            async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                yield connection
        except _LOST as error:
            raise DatabaseUnavailable("The database does not answer; try again in a few seconds.") from error


async def open_database(settings: ApiSettings) -> Database:
    """The database that is read. Raises `UserError` for a wrong address."""
    if settings.read_database_url:
        url = normalized_url(settings.read_database_url, "MIDS_READ_DATABASE_URL")
    else:
        url = await asyncio.to_thread(database_url, settings.warehouse)
    database = Database(url, settings.database_connections)
    await database.open()
    return database
