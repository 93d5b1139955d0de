"""What is served from the cache is what the database holds now, whatever is published, and whatever Redis does."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from prometheus_client import REGISTRY

from mids_assets.api.answers import Answer
from mids_assets.api.cache import redis_tier
from mids_assets.api.cache.lru import LatestAnswers
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import connect
from mids_assets_tests.api_client import serving
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import go, rows
from mids_assets_tests.redis_server import redis_server
from mids_assets_tests.servers import temporary_settings

BASE = "/v1/realms/homecoming"
SOURCES = ("process", "redis", "shared", "database")


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("builds")
    return [made_up(seed, share=1.0).write(folder / str(seed)) for seed in (1, 2)]


@pytest.fixture
def published(server, conn, builds):
    go(conn, server, builds[0])


def counted() -> dict[str, float]:
    return {source: REGISTRY.get_sample_value("mids_api_cache_total", {"source": source}) or 0 for source in SOURCES}


def since(before: dict[str, float]) -> dict[str, float]:
    return {source: value - before[source] for source, value in counted().items() if value != before[source]}


def number(conn) -> int:
    return rows(conn, "SELECT publish FROM mids_v1.release WHERE state = 'published'")[0][0]


def test_nothing_stale_is_served_while_releases_are_published(server, conn, builds, published):
    committed = number(conn)
    stop = threading.Event()
    paths = [f"{BASE}/powers?limit=200", f"{BASE}/archetypes", f"{BASE}/powers?limit=1&sort=key"]
    bodies: dict[tuple[str, int], set[bytes]] = {}

    def read(client, path: str) -> int:
        done = 0
        while not stop.is_set():
            at_least = committed
            answer = client.get(path)
            assert answer.status_code == 200, answer.text
            publish = int(answer.headers["Mids-Publish"])
            assert publish >= at_least, "the answer is older than a publish that was committed before it was asked for"
            bodies.setdefault((path, publish), set()).add(answer.content)
            done += 1
        return done

    before = counted()
    with serving(server) as client, ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(read, client, path) for path in paths * 2]
        try:
            for turn in range(8):
                go(conn, server, builds[(turn + 1) % 2])
                committed = number(conn)
        finally:
            stop.set()
        asked = sum(each.result() for each in reading)
    assert all(len(found) == 1 for found in bodies.values()), "one publish has one content"
    publishes = {publish for _, publish in bodies}
    assert len(publishes) >= 3
    found = since(before)
    assert sum(found.values()) == asked
    assert found["process"] > found["database"] >= len(bodies)


def test_a_second_process_finds_what_the_first_one_asked(server, conn, builds, published, tmp_path):
    paths = [f"{BASE}/powers", f"{BASE}/archetypes?limit=3", f"{BASE}/releases"]
    with redis_server(tmp_path) as redis:
        with serving(server, redis_url=redis.url) as first:
            before = counted()
            answers = [first.get(path) for path in paths]
            assert since(before) == {"database": 3}
            assert [first.get(path).content for path in paths] == [each.content for each in answers]
            assert since(before) == {"database": 3, "process": 3}
        with serving(server, redis_url=redis.url) as second:
            before = counted()
            for path, answer in zip(paths, answers, strict=True):
                again = second.get(path)
                assert again.content == answer.content
                assert again.headers["etag"] == answer.headers["etag"]
            assert since(before) == {"redis": 3}
            go(conn, server, builds[1])
            before = counted()
            for path, answer in zip(paths, answers, strict=True):
                again = second.get(path)
                assert again.content != answer.content
                assert int(again.headers["Mids-Publish"]) == number(conn)
            assert since(before) == {"database": 3}


def test_a_redis_that_dies_is_no_error(server, conn, builds, published, tmp_path, monkeypatch):
    monkeypatch.setattr(redis_tier, "PAUSE_SECONDS", 0.0)
    with redis_server(tmp_path) as redis, serving(server, redis_url=redis.url, cache_bytes=0) as client:
        before = counted()
        for _ in range(2):
            assert client.get(f"{BASE}/powers").status_code == 200
        assert since(before) == {"database": 1, "redis": 1}
        redis.stop()
        for _ in range(3):
            assert client.get(f"{BASE}/powers").status_code == 200
        assert since(before) == {"database": 4, "redis": 1}
        redis.start()
        assert client.get(f"{BASE}/powers").status_code == 200
        assert since(before)["redis"] == 2


def test_many_requests_for_one_answer_are_one_statement(server, published):
    with serving(server) as client, ThreadPoolExecutor(20) as pool:
        client.get(BASE)
        before = counted()
        answers = list(pool.map(lambda _: client.get(f"{BASE}/powers?limit=200").content, range(100)))
        assert len(set(answers)) == 1
        found = since(before)
        assert found.pop("database") == 1
        assert sum(found.values()) == 99


def test_without_a_database_the_answer_is_to_come_again(builds):
    with temporary_settings() as own:
        with closing(connect(own, application_name="test")) as connection:
            go(connection, own, builds[0])
        with serving(own) as client:
            assert client.get(f"{BASE}/powers").status_code == 200
            embedded.stop(own, force=True)
            answer = client.get(f"{BASE}/powers")
            assert answer.status_code == 503
            assert answer.headers["Retry-After"]
            assert answer.headers["content-type"] == "application/problem+json"
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
            embedded.database_url(own)
            assert client.get(f"{BASE}/powers").status_code == 200


def test_before_the_first_publish_there_is_nothing_and_then_there_is(builds):
    with temporary_settings() as own, serving(own) as client:
        assert client.get("/v1/realms").json() == {"data": []}
        assert client.get("/v1/meta").json()["realms"] == []
        answer = client.get(f"{BASE}/powers/1")
        assert answer.status_code == 404
        assert "no realm homecoming with a published release" in answer.json()["detail"]
        assert client.get("/readyz").status_code == 200
        with closing(connect(own, application_name="test")) as connection:
            go(connection, own, builds[0])
        assert [each["realm"] for each in client.get("/v1/realms").json()["data"]] == ["homecoming"]
        assert client.get(f"{BASE}/powers").status_code == 200


def test_the_cache_is_bounded_by_bytes_and_keeps_what_is_used():
    cache = LatestAnswers(10_000)
    for turn in range(100):
        cache.put(turn, Answer(b"x" * 500, None))
        cache.get(0)
        assert cache.bytes <= 10_000
    assert cache.get(0) and cache.get(99) and not cache.get(50)
    cache.put("large", Answer(b"x" * 5_000, None))
    assert cache.get("large") is None
    assert LatestAnswers(0).get(0) is None
