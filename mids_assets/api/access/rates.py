"""How many requests a client may make: a bucket that fills with time, and of which each request takes one.

The bucket is in Redis, so that all processes of all servers share it. For a client that asks much, a process takes
several requests at once out of it, since a question to Redis costs more than an answer from the cache. What was taken
and not used within a second is lost, never used later: so all processes together grant no more than the bucket held.
Without Redis, or while it does not answer, each process has a bucket of its own with its share.
Does not belong here: who a client is (guard.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from mids_assets.api.settings import ApiSettings
from mids_assets.redaction import redact

log = logging.getLogger(__name__)

LEASE_SECONDS = 1.0
MOST_LEASED = 64
REDIS_SECONDS = 0.25
"""Redis has so long for an answer before a process decides alone."""
REDIS_PAUSE_SECONDS = 1.0
"""Until Redis is asked again after it did not answer."""
_CLIENTS = 20_000

# A bucket that is not there is full. The time is that of Redis, so processes need no common clock.
_TAKE = """
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(held[1]) or burst) + math.max(0, now - (tonumber(held[2]) or now)) * rate)
local granted = math.min(wanted, math.floor(tokens))
tokens = tokens - granted
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return {granted, string.format('%.6f', math.max(0, (1 - tokens) / rate))}
"""


@dataclass(slots=True)
class _Client:
    """What this process knows of one: the lease from the shared bucket, and its own bucket."""

    tokens: float
    filled_at: float
    leased: int = 0
    leased_until: float = 0.0
    lease: int = 1
    refused_until: float = 0.0
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


def key_of(name: str) -> str:
    """Under which Redis has the bucket of a client: who asks is nothing that a cache has to tell."""
    return "mids:rate:" + hashlib.sha256(name.encode()).hexdigest()[:32]


class Rates:
    """The buckets of all clients, as one process sees them."""

    def __init__(self, per_minute: int, burst: int, *, processes: int = 1, redis: Redis | None = None) -> None:
        """`per_minute`: 0 = no limit. `burst`: what a full bucket holds. `processes`: of this server."""
        self.per_minute = per_minute
        self._rate = per_minute / 60
        self._burst = burst
        self._own_rate = self._rate / processes
        self._own_burst = max(1.0, burst / processes)
        self._most_leased = max(1, min(MOST_LEASED, burst // 20))
        self._redis = redis
        self._take = redis.register_script(_TAKE) if redis else None
        self._away_until = float("-inf")
        self._clients: OrderedDict[str, _Client] = OrderedDict()

    @classmethod
    def of(cls, settings: ApiSettings) -> Rates:
        """As they are set."""
        redis = None
        if settings.redis_url:
            redis = Redis.from_url(
                settings.redis_url,
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
                # Once more at once: a connection that was left over from before a restart says so when it is used.
                retry=Retry(NoBackoff(), 1),
            )
        return cls(settings.rate, settings.burst, processes=settings.processes, redis=redis)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def take(self, name: str) -> float:
        """Seconds that a client has to wait before its next request; 0.0 where this one may pass."""
        if not self.per_minute:
            return 0.0
        client, now = self._client(name), time.monotonic()
        if client.refused_until > now:
            return client.refused_until - now
        if self._leased(client, now):
            return 0.0
        if self._take is None or now < self._away_until:
            return self._alone(client, now)
        async with client.asking:
            # Whoever asked before may have brought enough for this request too.
            now = time.monotonic()
            if self._leased(client, now):
                return 0.0
            if client.refused_until > now:
                return client.refused_until - now
            return await self._shared(name, client, now)

    def _client(self, name: str) -> _Client:
        client = self._clients.get(name)
        if client is None:
            client = self._clients[name] = _Client(self._own_burst, time.monotonic())
            if len(self._clients) > _CLIENTS:
                self._clients.popitem(last=False)
        else:
            self._clients.move_to_end(name)
        return client

    def _leased(self, client: _Client, now: float) -> bool:
        if client.leased and now < client.leased_until:
            client.leased -= 1
            return True
        return False

    async def _shared(self, name: str, client: _Client, now: float) -> float:
        assert self._take is not None
        # One that used its last lease up in time asks for more at once.
        client.lease = min(self._most_leased, client.lease * 2) if now < client.leased_until else 1
        was_away = self._away_until > float("-inf")
        if was_away:
            self._away_until = now + REDIS_PAUSE_SECONDS  # Others do not wait for what may be away still.
        try:
            async with asyncio.timeout(REDIS_SECONDS):
                granted, wait = await self._take(keys=[key_of(name)], args=[self._rate, self._burst, client.lease])
        except (RedisError, OSError, TimeoutError) as error:
            if not was_away:
                text = redact(str(error)) or "no answer in time"
                log.warning("Redis is away, so each process limits its clients alone: %s", text)
            self._away_until = time.monotonic() + REDIS_PAUSE_SECONDS
            return self._alone(client, time.monotonic())
        if was_away:
            log.warning("Redis answers again: its limits hold for all processes together.")
        self._away_until = float("-inf")
        now = time.monotonic()
        # Its own bucket goes along, so that a client gains nothing when Redis goes away.
        self._fill(client, now)
        client.tokens = max(0.0, client.tokens - granted)
        if not granted:
            client.leased, client.refused_until = 0, now + float(wait)
            return float(wait)
        client.leased, client.leased_until = granted - 1, now + LEASE_SECONDS
        return 0.0

    def _alone(self, client: _Client, now: float) -> float:
        self._fill(client, now)
        if client.tokens >= 1:
            client.tokens -= 1
            return 0.0
        return (1 - client.tokens) / self._own_rate

    def _fill(self, client: _Client, now: float) -> None:
        client.tokens = min(self._own_burst, client.tokens + (now - client.filled_at) * self._own_rate)
        client.filled_at = now
