"""An answer with data: its bytes, its tag, and how it is sent.

Does not belong here: where the data comes from, caches, errors (problems.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mids_assets.api.publishes import Publish
from mids_assets.api.seen import cookie_of

KEEP = "mids_keep"
"""In the state of a request: what takes an answer for the cache before it is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body of JSON with its strong entity tag, and the publish that it is from; None where it is of no realm."""

    body: bytes
    tag: bytes
    publish: Publish | None

    @property
    def size(self) -> int:
        """Bytes that a cache counts for it."""
        return len(self.body) + 500


def answer(publish: Publish, data: str | bytes, next_page: str | None = None, *, listed: bool = False) -> Answer:
    """The envelope around `data`, which is JSON already. `listed`: whether it is a list, which may go on."""
    head = orjson.dumps(
        {
            "realm": publish.realm,
            "release": publish.release,
            "version": publish.version,
            "publish": publish.number,
            "published_at": publish.published_at,
        }
    )
    content = data.encode() if isinstance(data, str) else data
    tail = b',"next":' + orjson.dumps(next_page) if listed else b""
    return made(b'%b,"data":%b%b}' % (head[:-1], content, tail), publish)


def made(body: bytes, publish: Publish | None) -> Answer:
    return Answer(body, b'"' + blake2b(body, digest_size=12).hexdigest().encode() + b'"', publish)


class AnswerResponse(Response):
    """Sends an answer, and leaves it for the cache."""

    media_type = "application/json"

    def __init__(self, found: Answer) -> None:
        self.answer = found
        super().__init__(found.body, media_type=self.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keep = scope.get("state", {}).get(KEEP)
        if keep is not None:
            keep(self.answer)
        await send_answer(self.answer, scope, send)


async def send_answer(found: Answer, scope: Scope, send: Send) -> None:
    """The answer, or 304 where the client has it already."""
    headers = [(b"etag", found.tag), (b"cache-control", _cache_control(scope)), (b"vary", b"Authorization")]
    if found.publish:
        headers.append((b"mids-release", found.publish.release.encode()))
        headers.append((b"mids-publish", b"%d" % found.publish.number))
        cookie = cookie_of(scope, found.publish)
        if cookie:
            headers.append(cookie)
    if _has(scope, found.tag):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", b"%d" % len(found.body)))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})


def _cache_control(scope: Scope) -> bytes:
    """Every use asks first, since a release may be published at any time; what a login is needed for stays private."""
    return b"private, no-cache" if _header(scope, b"authorization") else b"no-cache"


def _has(scope: Scope, tag: bytes) -> bool:
    sent = _header(scope, b"if-none-match")
    if sent is None:
        return False
    # A proxy that compresses makes the tag a weak one.
    tags = [each.strip().removeprefix(b"W/") for each in sent.split(b",")]
    return tag in tags or b"*" in tags


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)


def as_json(value: Any) -> bytes:
    """Numbers, texts, lists and times as JSON."""
    return orjson.dumps(value)
