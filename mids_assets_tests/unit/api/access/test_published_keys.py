"""Keys that an issuer publishes: over TLS, fetched rarely, from nowhere but the address that is set."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mids_assets.api.access import published_keys as module
from mids_assets.api.access.published_keys import PublishedKeys
from mids_assets.errors import KeysUnavailable
from mids_assets_tests.unit.api.access.key_server import Issuer, KeyServer, key_server


@pytest.fixture
def server(tmp_path, monkeypatch) -> Iterator[KeyServer]:
    issuer = Issuer()
    issuer.add("first")
    with key_server(tmp_path, issuer) as (started, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        yield started


class Moved:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._passed = 0.0
        real = time.monotonic
        monkeypatch.setattr(module.time, "monotonic", lambda: real() + self._passed)

    def by(self, seconds: float) -> None:
        self._passed += seconds


@pytest.fixture
def clock(monkeypatch) -> Moved:
    return Moved(monkeypatch)


def test_they_are_fetched_once_for_all_who_ask(server):
    keys = PublishedKeys(server.url)

    async def ask() -> None:
        found = await asyncio.gather(*(keys.find("first") for _ in range(20)))
        assert {key.key_id for key in found if key} == {"first"} and len(found) == 20

    asyncio.run(ask())
    assert server.asked == 1


def test_for_unknown_names_they_are_fetched_once_a_minute_whatever_is_asked(server, clock):
    keys = PublishedKeys(server.url)

    async def ask() -> None:
        assert await keys.find("second") is None
        server.issuer.add("second", "ES256")
        assert [await keys.find(f"made up {number}") for number in range(50)] == [None] * 50
        assert server.asked == 1
        clock.by(module.PAUSE_SECONDS + 1)
        assert await asyncio.gather(*(keys.find("none") for _ in range(20))) == [None] * 20
        assert server.asked == 2
        assert await keys.find("second")

    asyncio.run(ask())
    assert server.asked == 2


def test_a_key_that_was_withdrawn_goes_within_the_hour(server, clock):
    keys = PublishedKeys(server.url)

    async def ask() -> None:
        assert await keys.find("first")
        server.issuer.published.clear()
        server.issuer.add("second")
        assert await keys.find("first") and keys.generation == 1
        clock.by(module.OLDEST_SECONDS + 1)
        assert await keys.find("first") is None and keys.generation == 2

    asyncio.run(ask())


def test_an_issuer_that_is_away_later_takes_no_key_along(server, clock):
    keys = PublishedKeys(server.url)

    async def ask() -> None:
        assert await keys.find("first")
        server.answer = (500, {}, b"")
        clock.by(module.OLDEST_SECONDS + 1)
        assert await keys.find("first")
        with pytest.raises(KeysUnavailable):
            await keys.find("second")

    asyncio.run(ask())


def test_one_that_is_away_at_first_is_asked_again_soon(server, clock):
    server.answer = (503, {}, b"")
    keys = PublishedKeys(server.url)

    async def ask() -> None:
        for _ in range(5):
            with pytest.raises(KeysUnavailable):
                await keys.find("first")
        assert server.asked == 1
        server.answer = None
        clock.by(module.FIRST_PAUSE_SECONDS + 1)
        assert await keys.find("first")

    asyncio.run(ask())


@pytest.mark.parametrize("name", ["redirect", "large", "compressed", "no JSON", "twice", "no keys", "deep", "empty"])
def test_an_answer_that_is_refused(server, caplog, name):
    good = server.issuer.document
    server.answer = {
        "redirect": (302, {"Location": server.url.replace("/keys", "/others")}, good),
        "large": (200, {}, good + b" " * module.MOST_BYTES),
        "compressed": (200, {"Content-Encoding": "gzip"}, gzip.compress(good + b" " * 10_000_000)),
        "no JSON": (200, {}, b"<html>"),
        "twice": (200, {}, good[:-1] + b', "keys": []}'),
        "no keys": (200, {}, b'{"keys": {"first": 1}}'),
        "deep": (200, {}, b"[" * 100_000),
        "empty": (200, {}, b'{"keys": []}'),
    }[name]
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailable):
        asyncio.run(PublishedKeys(server.url).find("first"))
    assert "MIDS_API_JWKS cannot be read" in caplog.text
    assert server.asked == 1


def test_an_answer_that_drips_is_given_up(server, monkeypatch, caplog):
    """The server promises more than it sends, and keeps the connection."""
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.3)
    server.answer = (200, {"Content-Length": "1000"}, b"{")
    server.may_close.clear()
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailable):
        asyncio.run(PublishedKeys(server.url).find("first"))
    assert "TimeoutError" in caplog.text


def test_a_certificate_that_nobody_vouches_for_is_refused(server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(KeysUnavailable):
        asyncio.run(PublishedKeys(server.url).find("first"))
    assert server.asked == 0


def test_keys_that_no_token_may_be_signed_with_are_left_out(tmp_path):
    issuer = Issuer()
    for name, change in {
        "encryption": {"use": "enc"},
        "another algorithm": {"alg": "RS512"},
        "shared": {"kty": "oct", "k": "c2VjcmV0"},
        "half": {"n": "!"},
        "small": {"n": issuer.add("first")["n"][:100]},
    }.items():
        issuer.add(name, **change)
    issuer.published.append("no key")  # type: ignore[arg-type]
    issuer.add("7", kid=7)
    file = tmp_path / "keys.json"
    file.write_bytes(issuer.document)
    keys = PublishedKeys(str(file))

    async def found() -> list[bool]:
        return [await keys.find(entry["kid"]) is not None for entry in issuer.published if isinstance(entry, dict)]

    assert asyncio.run(found()) == [True] + [False] * (len(issuer.published) - 2)


def test_a_file_is_read_and_one_that_is_not_there_is_unavailable(tmp_path):
    with pytest.raises(KeysUnavailable):
        asyncio.run(PublishedKeys(str(tmp_path / "none")).find("first"))


def test_the_only_key_is_meant_by_a_token_that_names_none(tmp_path):
    issuer = Issuer()
    issuer.add("first")
    file = Path(tmp_path / "keys.json")

    async def only() -> bool:
        return await PublishedKeys(str(file)).find(None) is not None

    file.write_bytes(issuer.document)
    assert asyncio.run(only())
    issuer.add("second")
    file.write_bytes(json.dumps({"keys": issuer.published}).encode())
    assert not asyncio.run(only())
