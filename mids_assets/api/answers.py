"""An answer with data: its bytes, its entity tag, and how it is sent.

Does not belong here: where the data comes from, caches, errors (problems.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mids_assets.api.fingerprint import code
from mids_assets.api.metrics import NOT_MODIFIED
from mids_assets.api.publishes import Publish
from mids_assets.api.seen import cookie_of

KEEP = "mids_keep"
"""In the state of a request: what takes an answer for the cache before it is sent."""
PUBLISH = "mids_publish"
"""In the state of a request about a realm: the publish that its readers see; absent where there is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body of JSON, and the publish that it is from; None where it is of no realm."""

    body: bytes
    publish: Publish | None

    @property
    def size(self) -> int:
        """Bytes that a cache counts for it."""
        return len(self.body) + 500


def answer(
    publish: Publish, data: str | bytes, next_page: str | None = None, *, listed: bool = False, **more: Any
) -> Answer:
    """The envelope around `data`, which is JSON already. `listed`: whether it is a list, which may go on. `more`: what
    else the answer says beside the data."""
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
    tail = b"," + orjson.dumps(({"next": next_page} if listed else {}) | more)[1:-1] if listed or more else b""
    return Answer(b'%b,"data":%b%b}' % (head[:-1], content, tail), publish)


class AnswerResponse(Response):
    """Sends an answer, and leaves it for the cache."""

    media_type = "application/json"

    def __init__(self, found: Answer) -> None:
        super().__init__(None)
        self.answer = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        keep = scope.get("state", {}).get(KEEP)
        if keep is not None:
            keep(self.answer)
        await send_answer(self.answer, scope, send)


async def send_answer(found: Answer, scope: Scope, send: Send) -> None:
    """The answer, or 304 where the client has it already."""
    of = found.publish
    tag = realm_tag(of, scope) if of else b'"%b"' % blake2b(found.body, digest_size=12).hexdigest().encode()
    if client_has(tag, scope):
        return await send_not_modified(tag, of, scope, send)
    headers = [
        *_headers(tag, of, scope),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(found.body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": found.body})


async def send_not_modified(tag: bytes, publish: Publish | None, scope: Scope, send: Send) -> None:
    NOT_MODIFIED.inc()
    await send({"type": "http.response.start", "status": 304, "headers": _headers(tag, publish, scope)})
    await send({"type": "http.response.body", "body": b""})


def realm_tag(publish: Publish, scope: Scope) -> bytes:
    """The entity tag of what a request gets from a publish. The same code makes the same bytes of the same rows, so it
    is known before the answer is made."""
    asked = blake2b(b"%b?%b" % (scope["raw_path"], scope["query_string"]), digest_size=8, key=code())
    return b'"%x-%b"' % (publish.number, asked.hexdigest().encode())


def client_has(tag: bytes, scope: Scope) -> bool:
    sent = _header(scope, b"if-none-match")
    if sent is None:
        return False
    # A proxy that compresses makes the tag a weak one.
    return tag in [each.strip().removeprefix(b"W/") for each in sent.split(b",")]


def as_json(value: Any) -> bytes:
    """Numbers, texts, lists and times as JSON."""
    return orjson.dumps(value)


def _headers(tag: bytes, publish: Publish | None, scope: Scope) -> list[tuple[bytes, bytes]]:
    # Every use asks first, since a release may be published at any time; what a login is needed for stays private.
    private = b"private, no-cache" if _header(scope, b"authorization") else b"no-cache"
    headers = [(b"etag", tag), (b"cache-control", private), (b"vary", b"Authorization")]
    if publish:
        headers.append((b"mids-release", publish.release.encode()))
        headers.append((b"mids-publish", b"%d" % publish.number))
        cookie = cookie_of(scope, publish)
        if cookie:
            headers.append(cookie)
    return headers


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)
