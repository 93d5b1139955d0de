"""A small HTTP client that takes little of the machine, in a process of its own: as fast as it goes, or at a rate.

`python -m mids_assets_tests.bench.http_client PORT PATHS-FILE --seconds S --connections N [--rate R]` prints a JSON
object with requests, seconds, errors and latencies in ms. At a rate, a latency counts from the moment at which the
request was due, so that a server that stalls does not hide it. Does not belong here: what is compared (api.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import uvloop

MOST_REQUESTS = 2_000_000


class _Connection(asyncio.Protocol):
    """One request at a time over one connection that stays open."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._needed = 0
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> asyncio.Future[int]:
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._needed:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].partition(b"\r")[0]) if at >= 0 else 0
            self._needed = end + 4 + length
        if len(self._received) >= self._needed and self._answer is not None:
            status = int(self._received[9:12])
            self._received.clear()
            self._needed = 0
            answer, self._answer = self._answer, None
            answer.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server closed the connection"))


async def _connect(port: int) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, "127.0.0.1", port)
    return connection


async def _closed(port: int, requests: Iterator[bytes], seconds: float, connections: int) -> dict:
    """Every connection asks again as soon as it has its answer."""
    latencies: list[float] = []
    errors: list[str] = []
    begun = time.perf_counter()

    async def ask() -> None:
        connection = await _connect(port)
        while (now := time.perf_counter()) - begun < seconds and len(latencies) < MOST_REQUESTS:
            status = await connection.ask(next(requests))
            latencies.append(time.perf_counter() - now)
            if status != 200:
                errors.append(str(status))
        connection.transport.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return _told(latencies, errors, time.perf_counter() - begun)


async def _at_rate(port: int, requests: Iterator[bytes], seconds: float, connections: int, rate: float) -> dict:
    """Requests are due at even times, whatever became of those before."""
    latencies: list[float] = []
    errors: list[str] = []
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await _connect(port))
    asked: set[asyncio.Task] = set()

    async def ask(due: float, request: bytes) -> None:
        connection = await free.get()
        try:
            status = await connection.ask(request)
            if status != 200:
                errors.append(str(status))
        except ConnectionError as error:
            errors.append(str(error))
            connection = await _connect(port)
        latencies.append(time.perf_counter() - due)
        free.put_nowait(connection)

    begun = time.perf_counter()
    for number in range(round(seconds * rate)):
        due = begun + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(ask(due, next(requests)))
        asked.add(task)
        task.add_done_callback(asked.discard)
    await asyncio.gather(*asked)
    return _told(latencies, errors, time.perf_counter() - begun)


def _told(latencies: list[float], errors: list[str], seconds: float) -> dict:
    ordered = sorted(latencies)
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3 for name, share in _SHARES.items()}
    return {
        "requests": len(ordered),
        "seconds": round(seconds, 3),
        "per_second": round(len(ordered) / seconds, 1),
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
        **{name: round(value, 3) for name, value in at.items()},
    }


_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "greatest": 1.0}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("paths", type=Path)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rate", type=float)
    options = parser.parse_args()
    paths = options.paths.read_text().split()
    requests = cycle([f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in paths])
    arguments = (options.port, requests, options.seconds, options.connections)
    found = uvloop.run(_at_rate(*arguments, options.rate) if options.rate else _closed(*arguments))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
