"""What the API reads: a replica, where there is one that keeps up, else the primary.

Belongs here: which of the two a statement goes to, and when the replica is left alone. Does not belong here:
connections (server.py), which publish a client may be shown (freshness.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

import asyncpg

from mids_assets.api import metrics
from mids_assets.api.server import Server, StatementTooSlow
from mids_assets.api.settings import ApiSettings
from mids_assets.errors import DatabaseUnavailable
from mids_assets.warehouse.connection import database_url, normalized_url

log = logging.getLogger(__name__)
REPLICA_ACQUIRE_SECONDS = 1.0
"""Shorter than that of the primary, which is asked then."""
PROBE_EVERY_SECONDS = 1.0
# A replica cancels a statement that stands in the way of what it replays, such as a vacuum or a lock of the primary.
_CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)

T = TypeVar("T")
_of_primary: ContextVar[bool] = ContextVar("mids_api_of_primary", default=False)


class Database:
    """Both servers. A request that `read_primary` was called in goes past the replica from then on."""

    def __init__(self, primary: Server, replica: Server | None = None) -> None:
        self.primary = primary
        self.replica = replica
        self._away: asyncio.Task[None] | None = None
        """Runs while the replica does not answer."""

    async def open(self) -> None:
        await self.primary.open()
        if self.replica is not None:
            await self.replica.open()

    async def close(self) -> None:
        if self._away is not None:
            self._away.cancel()
        for server in (self.primary, self.replica):
            if server is not None:
                await server.close()

    async def row(self, statement: str, *parameters: Any) -> asyncpg.Record | None:
        """The first row. Raises `DatabaseUnavailable` where no server answers."""
        return await self._ask(lambda server: server.row(statement, *parameters))

    async def rows(self, statement: str, *parameters: Any) -> list[asyncpg.Record]:
        """All rows. Raises as `row`."""
        return await self._ask(lambda server: server.rows(statement, *parameters))

    def readable_replica(self) -> Server | None:
        """The replica, where this request may read it and it answered when it was last asked."""
        return None if _of_primary.get() or self._away is not None else self.replica

    def read_primary(self) -> None:
        """From here on, for the request that this is called in."""
        _of_primary.set(True)

    def leave_replica(self) -> None:
        """It does not answer: nobody waits for it before it answers again."""
        metrics.REPLICA_PASSED_OVER.labels("away").inc()
        if self._away is None:
            metrics.REPLICA_AWAY.set(1)
            log.warning("The replica does not answer; the primary is read until it does.")
            self._away = asyncio.create_task(self._until_it_answers())

    async def _until_it_answers(self) -> None:
        assert self.replica is not None
        while not await self.replica.answers():
            await asyncio.sleep(PROBE_EVERY_SECONDS)
        self._away = None
        metrics.REPLICA_AWAY.set(0)
        log.warning("The replica answers again.")

    async def _ask(self, question: Callable[[Server], Coroutine[Any, Any, T]]) -> T:
        replica = self.readable_replica()
        if replica is not None:
            try:
                return await question(replica)
            except StatementTooSlow:
                raise
            except DatabaseUnavailable:
                self.leave_replica()
            except _CONFLICTS:
                metrics.REPLICA_PASSED_OVER.labels("conflict").inc()
            self.read_primary()
        return await question(self.primary)


def addresses(settings: ApiSettings) -> tuple[str, str | None]:
    """Of the primary and of the replica. An embedded server is started. Raises `UserError` for a wrong address and
    `DatabaseUnavailable` where the embedded server cannot start."""
    replica = settings.read_database_url
    return (
        database_url(settings.warehouse),
        normalized_url(replica, "MIDS_READ_DATABASE_URL") if replica else None,
    )


async def open_database(settings: ApiSettings) -> Database:
    """What is read; no connection is made yet. Raises as `addresses`."""
    primary, replica = await asyncio.to_thread(addresses, settings)
    number = settings.database_connections
    database = Database(
        Server("primary", primary, number),
        Server("replica", replica, number, REPLICA_ACQUIRE_SECONDS) if replica else None,
    )
    await database.open()
    return database
