"""Which publish each realm has now, asked so that nothing stale is ever served and yet few questions are asked.

Requests that come while a question is under way share the next one, which begins when that one is answered: so the
answer is never older than the request, and a thousand requests cost a few round trips.
Does not belong here: caches, what a client has seen before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from mids_assets.api.database import Database
from mids_assets.api.publishes import Publish
from mids_assets.api.statements import PUBLISHED


class Freshness:
    """Asks one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: asyncio.Task[Mapping[str, Publish]] | None = None
        self._next: asyncio.Task[Mapping[str, Publish]] | None = None

    async def current(self) -> Mapping[str, Publish]:
        """{realm: publish} as the database has it after this call began. Raises `DatabaseUnavailable`."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask_after(self._running))
        # One request that is given up must not take the answer from the others.
        return await asyncio.shield(self._next)

    async def _ask_after(self, before: asyncio.Task | None) -> Mapping[str, Publish]:
        if before is not None:
            await asyncio.wait([before])
        self._running, self._next = self._next, None
        rows = await self._database.rows(PUBLISHED)
        return {row["realm"]: publish_of(row["realm"], row) for row in rows}


def publish_of(realm: str, row: Any) -> Publish:
    """The publish that a row of a statement names."""
    return Publish(realm, row["publish"], row["release"], row["version"], row["published_at"])
