"""The second tier: a Redis that all processes share. It may be away at any time, which costs time and nothing else.

Belongs here: how an answer is stored, how long, and when a Redis that fails is left alone. Does not belong here: which
key an answer has (caching.py), the rate limit.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from mids_assets.api.answers import Answer
from mids_assets.api.publishes import Publish
from mids_assets.redaction import redact

log = logging.getLogger(__name__)

KEPT_SECONDS = 24 * 3600
"""An answer that nobody asked for in a day, or whose release is an old one, makes room by itself."""
PATIENCE_SECONDS = 0.1
"""Longer than Redis takes a database is quicker."""
PAUSE_SECONDS = 5.0
"""So long a Redis that failed is not asked."""
MOST_BYTES = 2 * 1024 * 1024
_FAILURES = (RedisError, OSError, TimeoutError)


class SharedAnswers:
    """Answers in Redis. `version` tells answers of this code from those of another."""

    def __init__(self, url: str, version: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
        self._prefix = f"mids:answer:{version}:"
        self._silent_until = 0.0
        self._writes: set[asyncio.Task] = set()

    async def get(self, key: str, publish: Publish) -> Answer | None:
        """The answer under a key, None also where Redis does not say."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS * 2):
                stored: Any = await self._redis.get(self._prefix + key)
        except _FAILURES as error:
            self._leave_alone(error)
            return None
        if stored is None:
            return None
        return Answer(stored, publish)

    def put(self, key: str, answer: Answer) -> None:
        """Store an answer while the client already gets it."""
        if time.monotonic() < self._silent_until or answer.size > MOST_BYTES or len(self._writes) > 100:
            return
        task = asyncio.create_task(self._put(key, answer))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._redis.aclose()

    async def _put(self, key: str, answer: Answer) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS * 2):
                await self._redis.set(self._prefix + key, answer.body, ex=KEPT_SECONDS)
        except _FAILURES as error:
            self._leave_alone(error)

    def _leave_alone(self, error: BaseException) -> None:
        if time.monotonic() >= self._silent_until:
            log.warning("Redis does not answer, reading goes on without it: %s", redact(str(error)) or "timeout")
        self._silent_until = time.monotonic() + PAUSE_SECONDS
