"""Which publish each realm has now, asked so that nothing stale is ever served and yet few questions are asked.

Requests that come while a question is under way share the next one, which begins when that one is answered: so the
answer is never older than the request, and a thousand requests cost a few round trips. Each server has its own.
Does not belong here: caches, how a client says what it has seen (seen.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg

from mids_assets.api import metrics
from mids_assets.api.database import Database
from mids_assets.api.publishes import Publish
from mids_assets.api.server import Server
from mids_assets.api.statements import PUBLISHED
from mids_assets.errors import DatabaseUnavailable

ANSWER_SECONDS = 2.0
"""It is a few rows; a server that takes longer hangs, and everybody waits for it."""

Publishes = Mapping[str, Publish]


class Behind(DatabaseUnavailable):
    """No server has what the client has seen already. `now`: what the primary has."""

    def __init__(self, now: Publishes) -> None:
        super().__init__("What you have seen last is not to be had here now; try again in a few seconds.")
        self.now = now


class Freshness:
    """Asks the replica, where there is one, and the primary where that lags or is away."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._primary = _Questions(database.primary)
        self._replica = _Questions(database.replica) if database.replica else None

    async def current(self, seen: Mapping[str, int] | None = None) -> Publishes:
        """{realm: publish} as the server that this request reads has it after this call began.

        `seen`: the number of a publish by realm, below which nothing is given. Where the replica has less, the request
        reads the primary from here on. Raises `Behind` where the primary has less as well, `DatabaseUnavailable` where
        it does not answer.
        """
        if self._replica is not None and self._database.readable_replica() is not None:
            try:
                found = await self._replica.answer()
                # A realm that it does not know yet may be new.
                if not _behind(found, seen or {}) and set(seen or {}) <= set(found):
                    return found
                metrics.REPLICA_PASSED_OVER.labels("behind").inc()
            except DatabaseUnavailable:
                self._database.leave_replica()
        # Also where the replica is away: it may be back, and behind, before the request is done.
        self._database.read_primary()
        found = await self._primary.answer()
        if _behind(found, seen or {}):
            raise Behind(found)
        return found


class _Questions:
    """Those to one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._running: asyncio.Task[Publishes] | None = None
        self._next: asyncio.Task[Publishes] | None = None

    async def answer(self) -> Publishes:
        """Of a question that began after this call. Raises `DatabaseUnavailable`."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask_after(self._running))
        # One request that is given up must not take the answer from the others.
        return await asyncio.shield(self._next)

    async def _ask_after(self, before: asyncio.Task | None) -> Publishes:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        try:
            rows = await self._server.rows(PUBLISHED, seconds=ANSWER_SECONDS)
        except asyncpg.UndefinedTableError:
            return {}  # Nothing was ever published to this database.
        return {row["realm"]: publish_of(row["realm"], row) for row in rows}


def publish_of(realm: str, row: Any) -> Publish:
    """The publish that a row of a statement names."""
    return Publish(realm, row["publish"], row["release"], row["version"], row["published_at"])


def _behind(found: Publishes, seen: Mapping[str, int]) -> bool:
    return any(found[realm].number < number for realm, number in seen.items() if realm in found)
