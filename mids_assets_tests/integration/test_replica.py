"""`mids serve` over a real streaming replica: one that lags, dies, hangs, or cancels statements.

Does not belong here: what is answered, caches (test_api_cache.py).
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from mids_assets.api import metrics
from mids_assets.api.batches import Batches
from mids_assets.api.database import Database, open_database
from mids_assets.api.freshness import Freshness
from mids_assets.api.settings import ApiSettings
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.integration.test_serving import figures
from mids_assets_tests.made_up import made_up
from mids_assets_tests.mids_serve import Served, mids_serve
from mids_assets_tests.published import go
from mids_assets_tests.replica import Node, caught_up, primary_and_replica
from mids_assets_tests.servers import environment, free_ports, open_folder

PATHS = ("/v1/realms/homecoming", "/v1/realms/homecoming/powers?limit=200", "/v1/realms/homecoming/reference/origin")
RELEASES = ("first", "second")


@dataclass
class Pair:
    """The two servers, `mids serve` on them, and the tables of two releases; the first is published."""

    primary: Node
    replica: Node
    settings: Settings
    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def publish(self, release: str) -> int:
        """On the primary. The number of the publish."""
        with closing(connect(self.settings, application_name="test")) as conn:
            go(conn, self.settings, self.folder / release, release=release)
        ((number,),) = self.primary.query("SELECT publish FROM mids_v1.release WHERE state = 'published'")
        return number


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with (
        open_folder() as folder,
        primary_and_replica(
            # The replica lets nobody hold up what it replays.
            folder,
            replica_conf="max_standby_streaming_delay = 500ms\n",
        ) as (primary, replica),
    ):
        for seed, release in enumerate(RELEASES):
            made_up(seed, share=0.6).write(folder / release)
        settings = Settings(data_dir=folder / "data", database_url=primary.url())
        env = environment(settings, MIDS_DATABASE_URL=primary.url(), MIDS_READ_DATABASE_URL=replica.url())
        yield Pair(primary, replica, settings, folder, env)


@pytest.fixture
def first(pair: Pair) -> int:
    """The number under which the first release is published, on both servers."""
    number = pair.publish("first")
    caught_up(pair.primary, pair.replica)
    return number


@pytest.fixture(scope="module")
def figures_port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def served(pair: Pair, figures_port: int) -> Iterator[Served]:
    """Two processes."""
    more = ("--workers", "2", "--metrics-port", str(figures_port))
    with mids_serve(pair.env, pair.folder / "log", *more) as started:
        yield started


async def ask(served: Served, paths: Sequence[str], headers: dict[str, str], clients: int = 8) -> list[httpx.Response]:
    """All paths of `clients` browsers at once, which keep their cookies; answers in no order."""

    async def browse() -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=served.url, timeout=30, headers=headers) as browser:
            return [await browser.get(path) for path in paths]

    return [answer for found in await asyncio.gather(*(browse() for _ in range(clients))) for answer in found]


def shown(answers: Sequence[httpx.Response]) -> set[tuple[str, int]]:
    """Release and publish of answers, all of which are whole."""
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert answer.headers["Mids-Publish"] == str(answer.json()["publish"])
    return {(answer.json()["release"], answer.json()["publish"]) for answer in answers}


def asked(port: int) -> dict[str, float]:
    """Statements by server so far."""
    found = figures(port)
    return {one: found[f'mids_api_database_wait_seconds_count{{server="{one}"}}'] for one in ("primary", "replica")}


def test_a_client_never_goes_back_while_the_replica_lags(pair, first, served, figures_port):
    assert shown(asyncio.run(ask(served, PATHS, {}))) == {("first", first)}
    assert asked(figures_port)["primary"] == 0 and asked(figures_port)["replica"] > 0

    pair.replica.query("SELECT pg_wal_replay_pause()")
    second = pair.publish("second")
    new = {"Mids-At-Least": str(second)}
    cookie = {"Cookie": f"other=1; mids_seen=rebirth:5&homecoming:{second}"}

    async def mixed() -> list[list[httpx.Response]]:
        kinds = ({}, new, cookie, {"Mids-At-Least": str(first)})
        return await asyncio.gather(*(ask(served, PATHS * 4, kind) for kind in kinds))

    nothing, seen, remembered, old = asyncio.run(mixed())
    assert shown(seen) == shown(remembered) == {("second", second)}
    # Whole releases, either of them; here that of the replica.
    assert shown(nothing) == shown(old) == {("first", first)}
    assert asked(figures_port)["primary"] > 0
    # What it says of all realms is held against the cookie as well.
    (realms,) = asyncio.run(ask(served, ["/v1/realms"], cookie, 1))
    assert [row["release"] for row in realms.json()["data"]] == ["second"]

    # A browser takes its cookie along: what it was shown once by the primary stays the least.
    with httpx.Client(base_url=served.url) as browser:
        assert browser.get(PATHS[0], headers=new).json()["release"] == "second"
        assert browser.cookies["mids_seen"] == f"homecoming:{second}"
        for path in PATHS:
            answer = browser.get(path)
            assert answer.json()["release"] == "second" and "set-cookie" not in answer.headers

    pair.replica.query("SELECT pg_wal_replay_resume()")
    caught_up(pair.primary, pair.replica)
    before = asked(figures_port)
    everybody = [asyncio.run(ask(served, PATHS, kind)) for kind in ({}, new, cookie)]
    assert {one for answers in everybody for one in shown(answers)} == {("second", second)}
    after = asked(figures_port)
    assert after["primary"] == before["primary"] and after["replica"] > before["replica"]


def test_what_nobody_has_is_503_and_a_browser_asks_for_no_more_the_next_time(first, served):
    with httpx.Client(base_url=served.url) as browser:
        for headers in ({"Mids-At-Least": str(first + 1)}, {"Cookie": f"mids_seen=homecoming:{first + 1}"}):
            answer = browser.get(PATHS[1], headers=headers)
            assert (answer.status_code, answer.json()["status"]) == (503, 503)
            assert int(answer.headers["Retry-After"]) > 0
        # The database was restored from a backup, say.
        assert browser.cookies["mids_seen"] == f"homecoming:{first}"
        assert browser.get(PATHS[1]).json()["release"] == "first"
        wrong = browser.get(PATHS[1], headers={"Mids-At-Least": "yesterday"})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "Mids-At-Least")
        for cookie in ("homecoming", "homecoming:x", "homecoming:1:2&&", "rebirth:9999999999999999999"):
            assert browser.get(PATHS[0], headers={"Cookie": f"mids_seen={cookie}"}).status_code == 200
        unknown = browser.get("/v1/realms/nowhere", headers={"Mids-At-Least": "5"})
        assert unknown.status_code == 404


def test_a_replica_that_dies_or_hangs_is_passed_over_and_read_again_when_it_is_back(pair, first, served, figures_port):
    def answered() -> None:
        assert shown(asyncio.run(ask(served, PATHS * 4, {}))) == {("first", first)}

    def read_again() -> bool:
        before = asked(figures_port)
        answered()
        after = asked(figures_port)
        return after["primary"] == before["primary"] and after["replica"] > before["replica"]

    assert read_again()
    pair.replica.stop()
    answered()
    assert asked(figures_port)["primary"] > 0
    pair.replica.start()
    until(read_again, 60, "the replica is not read again", every=0.2)
    with pair.replica.hanging():
        answered()
        answered()
    until(read_again, 60, "the replica is not read again", every=0.2)

    told = [line for line in served.lines() if "replica" in line]
    # Twice by each process, and not by each request.
    assert 2 <= len([line for line in told if "does not answer" in line]) <= 4
    assert 2 <= len([line for line in told if "answers again" in line]) <= 4


def test_a_request_that_began_with_the_primary_ends_with_it_though_the_replica_is_back(pair, first):
    settings = ApiSettings(warehouse=pair.settings, read_database_url=pair.replica.url())
    where = "SELECT jsonb_array_elements_text($1::jsonb) AS wanted, 1 AS place, pg_is_in_recovery() AS replica"

    async def go_on() -> tuple[bool, bool]:
        database = await open_database(settings)
        freshness, batches = Freshness(database), Batches(database)
        try:
            database.leave_replica()
            assert (await freshness.current({"homecoming": first}))["homecoming"].number == first
            another = asyncio.create_task(_until_back(database), context=contextvars.Context())
            await another
            shared = await batches.row(where, 1)
            alone = await database.row("SELECT pg_is_in_recovery() AS replica")
            assert shared is not None and alone is not None
            return shared["replica"], alone["replica"]
        finally:
            await database.close()

    assert asyncio.run(go_on()) == (False, False)


async def _until_back(database: Database) -> None:
    while database.readable_replica() is None:
        await asyncio.sleep(0.02)


def test_a_statement_that_the_replica_cancels_for_what_it_replays_is_asked_of_the_primary(pair, first):
    settings = ApiSettings(warehouse=pair.settings, read_database_url=pair.replica.url())
    statement = "SELECT pg_is_in_recovery() AS replica, pg_sleep(2)::text, count(*) FROM homecoming.power"
    lock = "BEGIN; LOCK TABLE homecoming.power IN ACCESS EXCLUSIVE MODE; COMMIT"
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = %s AND state = 'active'"

    async def go_on() -> Any:
        database = await open_database(settings)
        try:
            task = asyncio.create_task(database.row(statement))
            while await asyncio.to_thread(pair.replica.query, running, statement) == [(0,)]:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(pair.primary.query, lock)
            row = await task
            return row, database.readable_replica() is not None
        finally:
            await database.close()

    conflicts = "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database()"
    ((before,),) = pair.replica.query(conflicts)
    counted = _conflicts()
    row, still_read = asyncio.run(go_on())
    assert row["replica"] is False and row["count"] > 0
    # The next request reads the replica again.
    assert still_read and _conflicts() == counted + 1
    ((after,),) = pair.replica.query(conflicts)
    assert after > before


def _conflicts() -> float:
    return metrics.REPLICA_PASSED_OVER.labels("conflict")._value.get()
