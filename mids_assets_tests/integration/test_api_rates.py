"""The rate limit over several processes with a real Redis, which is killed and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import redis

from mids_assets.api.access import rates as module
from mids_assets.api.access.rates import Rates
from mids_assets.api.settings import ApiSettings
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.rate_taker import Taker, taker
from mids_assets_tests.redis_server import RedisServer, redis_server

A_MINUTE, BURST = 120, 100
"""Two a second: what passes within a test is the bucket and a little."""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture(scope="module")
def takers(server) -> Iterator[list[Taker]]:
    with ExitStack() as stack:
        yield [stack.enter_context(taker(server.url, A_MINUTE, BURST, 2)) for _ in range(2)]


def together(takers: list[Taker], client: str, times: int = 400) -> int:
    for one in takers:
        one.begin(client, times)
    return sum(one.granted() for one in takers)


def most(began: float) -> float:
    """What one bucket can have held since."""
    return BURST + (time.monotonic() - began) * A_MINUTE / 60


def test_two_processes_grant_together_what_one_bucket_holds(takers):
    began = time.monotonic()
    granted = 0
    for _ in range(5):
        granted += together(takers, "one")
        assert granted <= most(began)
    # Each may be left with a lease that it did not use.
    assert granted >= BURST - 2 * (BURST // 20)
    # Others have buckets of their own.
    began = time.monotonic()
    assert BURST - 2 * (BURST // 20) <= together(takers, "another") <= most(began)


def test_a_client_that_asks_slowly_uses_up_no_more_than_it_asks(takers, server):
    for one in takers:
        one.begin("slow", 20)
        assert one.granted() == 20
    assert together(takers, "slow", 20) == 40
    # What was taken from the bucket and not used is at most one lease of each process.
    with redis.Redis.from_url(server.url) as client:
        (held,) = [float(client.hget(key, "tokens") or 0) for key in _keys(client, "slow")]
    assert held >= BURST - 80 - 2 * (BURST // 20)


def test_redis_dies_and_comes_back_and_the_limit_holds(takers, server):
    began = time.monotonic()
    granted = together(takers, "steady", 200)
    server.stop()
    # Whoever used the shared bucket up has none of the others full.
    granted += together(takers, "steady")
    assert granted <= most(began) + BURST
    # Alone, each gives its share: together no more than one bucket.
    began_alone = time.monotonic()
    assert BURST <= together(takers, "newcomer") <= most(began_alone)
    server.start()
    with redis.Redis.from_url(server.url) as client:
        until(lambda: bool(together(takers, "returned", 20) + 1 and _keys(client, "returned")), 20, "not asked again")
    granted += together(takers, "steady")
    assert granted <= most(began) + BURST
    began = time.monotonic()
    assert together(takers, "afterwards") <= most(began)


def test_a_bucket_that_is_full_again_takes_no_room(takers, server):
    together(takers, "gone", 20)
    with redis.Redis.from_url(server.url) as client:
        (key,) = _keys(client, "gone")
        remaining = client.pttl(key)
        assert isinstance(remaining, int) and 0 < remaining <= 1000 * (40 + 2 * (BURST // 20)) * 60 // A_MINUTE + 1000


def test_a_redis_that_hangs_is_not_waited_for(tmp_path, monkeypatch):
    asked: list[str] = []

    def counted(script: Any) -> Any:
        def take(**named: Any) -> Any:
            asked.append(named["keys"][0])
            return script(**named)

        return take

    with redis_server(tmp_path) as hanging, redis.Redis.from_url(hanging.url) as client:

        async def ask() -> None:
            rates = Rates.of(ApiSettings(redis_url=hanging.url, rate=A_MINUTE, burst=BURST))
            assert await rates.take("one") == 0.0
            monkeypatch.setattr(rates, "_take", counted(rates._take))
            client.execute_command("CLIENT", "PAUSE", 10_000, "ALL")
            # The first finds out, the others do not ask.
            granted = [await rates.take(str(number)) for number in range(300)]
            assert granted == [0.0] * 300
            await rates.close()

        asyncio.run(ask())
    assert 1 <= len(asked) < 100


def _keys(client: redis.Redis, name: str) -> list:
    found = client.keys(module.key_of(name))
    return list(found)
