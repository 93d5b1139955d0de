"""Answers that were given before are given again, as long as readers see the same publish: an ASGI middleware.

The publish is part of every key, and which one it is now is asked for each request (freshness.py): a publish makes all
answers before it unreachable at once. Several requests for an answer that nobody has yet wait for one.
Does not belong here: where answers are kept (cache/), how they are made (routes/), who may ask (access/).
"""

from __future__ import annotations

import asyncio
from hashlib import blake2b

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mids_assets.api import metrics
from mids_assets.api.answers import (
    KEEP,
    PUBLISH,
    Answer,
    client_has,
    realm_tag,
    send_answer,
    send_not_modified,
)
from mids_assets.api.freshness import Behind
from mids_assets.api.problems import problem, unavailable
from mids_assets.api.publishes import Publish
from mids_assets.api.seen import NoNumber, cookie_of, seen_by
from mids_assets.api.services import Services
from mids_assets.errors import DatabaseUnavailable

PREFIX = "/v1/realms/"

Key = tuple[str, int, bytes, bytes]


class Caching:
    """The middleware. It acts on what is read of a realm, and hands everything else on."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._under_way: dict[Key, asyncio.Future[Answer | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        realm = _realm(scope)
        try:
            seen = seen_by(scope, realm) if realm or _is_list_of_realms(scope) else {}
            if not realm and not seen:
                return await self._app(scope, receive, send)
            current = await self._services.freshness.current(seen)
        except NoNumber:
            refusal = problem(422, "Mids-At-Least is the number of a publish", field="Mids-At-Least")
            return await refusal(scope, receive, send)
        except Behind as error:
            return await _behind(error, scope)(scope, receive, send)
        except DatabaseUnavailable as error:
            return await unavailable(str(error))(scope, receive, send)
        publish = current.get(realm) if realm else None
        if realm is None or publish is None:
            return await self._app(scope, receive, send)  # Without a realm, or it says that there is no such one.
        scope.setdefault("state", {})[PUBLISH] = publish
        tag = realm_tag(publish, scope)
        if client_has(tag, scope):
            return await send_not_modified(tag, publish, scope, send)
        key = (realm, publish.number, scope["raw_path"], scope["query_string"])
        found = await self._kept(key, publish)
        if found is not None:
            return await send_answer(found, scope, send)
        await self._made(key, scope, receive, send)

    async def _kept(self, key: Key, publish: Publish) -> Answer | None:
        found = self._services.latest.get(key)
        if found is not None:
            metrics.CACHE.labels("process").inc()
            return found
        if key in self._under_way:
            found = await asyncio.shield(self._under_way[key])
            if found is not None and found.publish == publish:
                metrics.CACHE.labels("shared").inc()
                return found
        if self._services.shared is not None:
            found = await self._services.shared.get(_text(key), publish)
            if found is not None:
                metrics.CACHE.labels("redis").inc()
                self._services.latest.put(key, found)
        return found

    async def _made(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        mine: asyncio.Future[Answer | None] | None = None
        if key not in self._under_way:
            mine = self._under_way[key] = asyncio.get_running_loop().create_future()

        def found(answer: Answer | None) -> None:
            """Called before the answer is sent: a client that reads slowly holds up nobody."""
            if mine is not None and not mine.done():
                del self._under_way[key]
                mine.set_result(answer)
            if answer is not None:
                metrics.CACHE.labels("database").inc()
                self._keep(key, answer)

        scope["state"][KEEP] = found
        try:
            await self._app(scope, receive, send)
        finally:
            if mine is not None and not mine.done():
                found(None)

    def _keep(self, key: Key, found: Answer) -> None:
        if found.publish is None:
            return
        # The answer may be of a later publish than the one that was asked for.
        realm, _, path, query = key
        key = (realm, found.publish.number, path, query)
        self._services.latest.put(key, found)
        if self._services.shared is not None:
            self._services.shared.put(_text(key), found)


def _behind(error: Behind, scope: Scope) -> Response:
    """503; the client's next try asks for no more than there is, since a restored database stays behind for ever."""
    response = unavailable(str(error))
    response.raw_headers.extend(filter(None, [cookie_of(scope, *error.now.values())]))
    return response


def _is_list_of_realms(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == PREFIX[:-1]


def _realm(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(PREFIX):
        return None
    return scope["path"][len(PREFIX) :].partition("/")[0] or None


def _text(key: Key) -> str:
    realm, number, path, query = key
    return f"{realm}:{number}:{blake2b(path + b'?' + query, digest_size=20).hexdigest()}"
