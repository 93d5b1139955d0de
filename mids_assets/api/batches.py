"""Single rows that are asked for while the database is busy with others share the next statement.

What a statement costs beside its rows (a round trip, starting and ending an executor of thirty parts) is then paid once
for all of them; a request that comes alone is asked at once. A statement begins after the requests that it answers.
Does not belong here: the statements, which publish a client may be shown (freshness.py).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import asyncpg

from mids_assets.api.answers import as_json
from mids_assets.api.database import Database
from mids_assets.api.metrics import BATCH_ROWS

AT_ONCE = 2
"""Statements of one kind that run side by side; what comes meanwhile waits for the next. More would share less."""
MOST = 12
"""Rows of a statement: more would make the first of them wait for the last."""

Kind = tuple[str, bool]


class Batches:
    """Collects what is asked of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[Kind, list[tuple[int | str, asyncio.Future[asyncpg.Record | None]]]] = {}
        self._running: Counter[Kind] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def row(self, statement: str, wanted: int | str) -> asyncpg.Record | None:
        """The row that a statement finds for `wanted`; None where it finds none.

        $1 of the statement is a JSON array of what is wanted; its rows name the place in it, from 1 on, as `place`.
        Raises `DatabaseUnavailable`.
        """
        # Requests that have to be shown what the primary has do not share with those that do not.
        kind = (statement, self._database.readable_replica() is None)
        answer: asyncio.Future[asyncpg.Record | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(kind, []).append((wanted, answer))
        if self._running[kind] < AT_ONCE:
            self._start(kind)
        return await answer

    def _start(self, kind: Kind) -> None:
        waiting = self._waiting.pop(kind)
        if waiting[MOST:]:
            self._waiting[kind] = waiting[MOST:]
        self._running[kind] += 1
        task = asyncio.create_task(self._ask(kind, waiting[:MOST]))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, kind: Kind, asked: list[tuple[int | str, asyncio.Future[asyncpg.Record | None]]]) -> None:
        statement, of_primary = kind
        try:
            if of_primary:
                self._database.read_primary()
            BATCH_ROWS.observe(len(asked))
            rows = await self._database.rows(statement, as_json([wanted for wanted, _ in asked]).decode())
            found: dict[int, Any] = {row["place"]: row for row in rows}
            for place, (_, answer) in enumerate(asked, start=1):
                if not answer.done():
                    answer.set_result(found.get(place))
        except BaseException as error:
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._running[kind] -= 1
            if kind in self._waiting:
                self._start(kind)
            elif not self._running[kind]:
                del self._running[kind]
