"""What takes too long, and what is counted of an answer: the two middlewares around the application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from mids_assets.api.measuring import NO_ROUTE, Measuring
from mids_assets.api.metrics import REQUESTS
from mids_assets.api.time_limit import TimeLimit

SECONDS = 0.05


def answer(app: Any, path: str = "/") -> list[dict[str, Any]]:
    """All messages that an application sends."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "headers": [],
        "query_string": b"",
    }
    asyncio.run(app(scope, _nothing, send))
    return sent


async def _nothing() -> Any:
    return {"type": "http.request"}


def test_an_answer_that_does_not_begin_is_503_and_its_work_ends():
    ended = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    start, body = answer(TimeLimit(app, SECONDS))
    assert (start["status"], dict(start["headers"])[b"retry-after"]) == (503, b"2")
    assert json.loads(body["body"])["status"] == 503
    assert ended == [True]


def test_an_answer_that_has_begun_may_take_longer():
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(4 * SECONDS)
        await send({"type": "http.response.body", "body": b"late"})

    start, body = answer(TimeLimit(app, SECONDS))
    assert (start["status"], body["body"]) == (200, b"late")


def test_a_time_limit_of_the_application_itself_is_its_own_error():
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise TimeoutError("another")

    with pytest.raises(TimeoutError, match="another"):
        answer(TimeLimit(app, SECONDS))


def test_answers_are_counted_by_route_whether_or_not_they_reach_it_and_never_by_a_word_of_the_client():
    known = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @known.get("/things/{key}")
    async def thing(key: str) -> None:
        """Never asked."""

    async def cached(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/things/broken":
            raise ValueError
        await send({"type": "http.response.start", "status": 304, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def counted(route: str, status: int) -> float:
        return REQUESTS.labels(route, str(status))._value.get()

    app = Measuring(cached, iter_route_contexts(known.routes))
    before = [counted(*one) for one in (("/things/{key}", 304), (NO_ROUTE, 304), ("/things/{key}", 500))]
    for path in ("/things/one", "/things/two", "/elsewhere", "/things/one/more"):
        answer(app, path)
    with pytest.raises(ValueError):
        answer(app, "/things/broken")
    after = [counted(*one) for one in (("/things/{key}", 304), (NO_ROUTE, 304), ("/things/{key}", 500))]
    assert [new - old for new, old in zip(after, before, strict=True)] == [2, 2, 1]
