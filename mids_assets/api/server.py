"""One server that the API reads: a pool of connections that cannot write.

Belongs here: how a connection is made, what of its failures means "come again later". Does not belong here: which of
two servers is read (database.py), statements, which release readers see (freshness.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import asyncpg

from mids_assets.api import metrics
from mids_assets.errors import DatabaseUnavailable

ACQUIRE_SECONDS = 3.0
STATEMENT_SECONDS = 5.0
PROBE_SECONDS = 2
_CONNECT_SECONDS = 5.0
_SERVER_SETTINGS = {
    "application_name": "mids serve",
    "default_transaction_read_only": "on",
    # Compiling a statement takes longer than any answer here.
    "jit": "off",
    # So does planning one for its very parameters: a search alone takes 10 ms to plan.
    "plan_cache_mode": "force_generic_plan",
    # The tables fit into memory, where an index costs no more than it reads.
    "random_page_cost": "1.1",
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
    OSError,
    TimeoutError,
)


class StatementTooSlow(DatabaseUnavailable):
    """PostgreSQL ended a statement after its time; another server would do the same."""


class _Connection(asyncpg.Connection):
    """A connection that nothing has to be put back on: each statement stands for itself and changes no setting."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class Server:
    """A pool of connections to one server. Opened by `open`, closed by `close`.

    `name`: what metrics call it. `acquire_seconds`: the longest that a statement waits for a connection.
    """

    def __init__(self, name: str, url: str, connections: int, acquire_seconds: float = ACQUIRE_SECONDS) -> None:
        self._url = url
        self._connections = connections
        self._acquire_seconds = acquire_seconds
        self._waited = metrics.DATABASE_WAIT.labels(name)
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
            # The statement of a search is long, and takes longer to plan than to run.
            max_cacheable_statement_size=0,
        )

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()

    async def row(self, statement: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row. Raises `DatabaseUnavailable` where the server does not answer."""
        async with self._connection() as connection:
            return await connection.fetchrow(statement, *parameters)

    async def rows(self, statement: str, *parameters: Any, seconds: float | None = None) -> list[asyncpg.Record]:
        """All rows, within `seconds` where they are fewer than those of every statement. Raises as `row`."""
        async with self._connection() as connection:
            return await connection.fetch(statement, *parameters, timeout=seconds)

    async def answers(self) -> bool:
        """Whether it can be asked now, by a connection of its own: those of the pool may all be at work."""
        try:
            connection = await asyncpg.connect(self._url, timeout=PROBE_SECONDS, command_timeout=PROBE_SECONDS)
            try:
                await connection.execute("SELECT 1")
            finally:
                await connection.close(timeout=PROBE_SECONDS)
        except (asyncpg.PostgresError, *_LOST):
            return False
        return True

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        assert self._pool is not None
        began = perf_counter()
        try:
            async with self._pool.acquire(timeout=self._acquire_seconds) as connection:
                self._waited.observe(perf_counter() - began)
                yield connection
        except asyncpg.QueryCanceledError as error:
            raise StatementTooSlow("The database takes too long for this; try again in a few seconds.") from error
        except _LOST as error:
            raise DatabaseUnavailable("The database does not answer; try again in a few seconds.") from error
