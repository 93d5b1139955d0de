"""Requests that share a statement: each has its own row, all have its failure, one that is given up holds up none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from mids_assets.api.batches import AT_ONCE, MOST, Batches
from mids_assets.errors import DatabaseUnavailable


class Held:
    """Stands for the database: each statement waits until it is let go."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.gates: list[asyncio.Future[None]] = []
        self.replica: object | None = None

    def readable_replica(self) -> object | None:
        return self.replica

    def read_primary(self) -> None:
        """Asked for where there is no replica that may be read."""

    async def rows(self, _statement: str, wanted: str) -> list[dict[str, Any]]:
        asked = json.loads(wanted)
        self.asked.append(asked)
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        await gate
        return [{"place": place, "row": number} for place, number in enumerate(asked, 1) if number >= 0]

    async def let_go(self) -> None:
        await asyncio.sleep(0)
        while self.gates:
            gate = self.gates.pop()
            if not gate.done():
                gate.set_result(None)
            for _ in range(3):
                await asyncio.sleep(0)


def run(test) -> None:
    database = Held()
    asyncio.run(test(database, Batches(database)))  # type: ignore[arg-type]


def test_what_comes_meanwhile_shares_the_next_statement_up_to_a_number():
    async def test(database: Held, batches: Batches) -> None:
        tasks = [asyncio.create_task(batches.row("s", number)) for number in range(AT_ONCE + MOST + 3)]
        await asyncio.sleep(0)
        await database.let_go()
        rows = await asyncio.gather(*tasks)
        assert [row["row"] for row in rows if row] == list(range(AT_ONCE + MOST + 3))
        assert [len(asked) for asked in database.asked] == [1] * AT_ONCE + [MOST, 3]

    run(test)


def test_nothing_is_none_and_statements_of_other_kinds_do_not_wait():
    async def test(database: Held, batches: Batches) -> None:
        tasks = [asyncio.create_task(batches.row(statement, -1)) for statement in "abc"]
        await asyncio.sleep(0)
        database.replica = object()
        tasks.append(asyncio.create_task(batches.row("a", -1)))
        for _ in range(2):
            await asyncio.sleep(0)
        assert len(database.asked) == 4
        await database.let_go()
        assert await asyncio.gather(*tasks) == [None] * 4

    run(test)


def test_a_failure_is_everybodys_and_the_next_statement_runs():
    async def test(database: Held, batches: Batches) -> None:
        first = [asyncio.create_task(batches.row("s", number)) for number in range(AT_ONCE)]
        await asyncio.sleep(0)
        later = [asyncio.create_task(batches.row("s", number)) for number in (7, 8)]
        await asyncio.sleep(0)
        database.gates[0].set_exception(DatabaseUnavailable("away"))
        with pytest.raises(DatabaseUnavailable):
            await first[0]
        await database.let_go()
        assert [row["row"] for row in await asyncio.gather(*later) if row] == [7, 8]

    run(test)


def test_a_request_that_was_given_up_takes_nothing_from_the_others():
    async def test(database: Held, batches: Batches) -> None:
        tasks = [asyncio.create_task(batches.row("s", number)) for number in range(AT_ONCE + 2)]
        await asyncio.sleep(0)
        tasks[AT_ONCE].cancel()
        await database.let_go()
        row = await tasks[AT_ONCE + 1]
        assert row is not None and row["row"] == AT_ONCE + 1

    run(test)
