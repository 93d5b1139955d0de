"""One connection of a client: how large and how slow what it sends may be, and how many there may be at once.

Belongs here: what happens before a request is whole, and after its answer was given away. uvicorn reads and writes
HTTP, and limits none of this but idle time; `Connection` adds it in the methods that
mids_assets_tests/unit/api/test_connection.py holds against the installed version. Does not belong here: the
limits (limits.py), how long the application may take (time_limit.py), how often somebody may ask (access).

An application is told of a request when all of it is there: a body is small, and one that comes slowly then costs
nothing but its bytes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mids_assets.api.limits import Limits
from mids_assets.api.metrics import CONNECTIONS, REFUSED
from mids_assets.api.problems import problem


@dataclass(frozen=True)
class Room:
    """What the connections of a process share."""

    limits: Limits
    silent: dict[Connection, None] = field(default_factory=dict)
    """Those that have no whole request in hand; the one that has been so longest comes first."""

    def protocol(self) -> Any:
        """What uvicorn makes a connection with."""
        return partial(Connection, room=self)


_Part = Literal["head", "body"]


class Connection(HttpToolsProtocol):
    """uvicorn's, with the limits of its room."""

    def __init__(self, *args: Any, room: Room, **more: Any) -> None:
        super().__init__(*args, **more)
        self._room = room
        self._limits = room.limits
        self._part: _Part | None = "head"
        """What is awaited of the client; None while it has its answer coming, or is idle."""
        self._timed: _Part | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._completed = 0
        self._begun = False
        self._held: tuple[RequestResponseCycle, Any] | None = None
        self._running: RequestResponseCycle | None = None
        self._refusal: tuple[int, str] | None = None
        self._refused = False
        self._last = False

    # ---- Beginning and end

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        CONNECTIONS.inc()
        self._room.silent[self] = None
        self._limit_reading()
        if len(self.connections) > self._limits.connections:
            # Whoever has a request in hand keeps its place, so that the longest silent may be this very one.
            next(iter(self._room.silent)).cut("too_many")

    def connection_lost(self, exc: Exception | None) -> None:
        CONNECTIONS.dec()
        self._room.silent.pop(self, None)
        for handle in (self._reading, self._writing):
            if handle is not None:
                handle.cancel()
        super().connection_lost(exc)

    def cut(self, why: str) -> None:
        """End it at once, whatever was not sent yet."""
        REFUSED.labels(why).inc()
        self._room.silent.pop(self, None)
        self.connections.discard(self)
        self.transport.abort()

    def shutdown(self) -> None:
        """The process ends: the request in hand is answered, and one whose bytes are on their way already."""
        self._last = True
        if self.cycle is not None:
            self.cycle.keep_alive = False
        if self in self._room.silent:
            self.loop.call_later(self._limits.last_word_seconds, self._end_if_silent)

    def _end_if_silent(self) -> None:
        if self in self._room.silent:
            self.timeout_keep_alive_handler()

    # ---- What it sends

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unset_keepalive_if_required()
        # In pieces, so that what begins within one is counted from the next on.
        for start in range(0, len(data), self._limits.head_bytes):
            if not self._take(data[start : start + self._limits.head_bytes]):
                return
        if self._part is None and self._is_idle():
            self._part = "head"  # Line ends before a request, which may go on for ever.
        self._limit_reading()

    def _take(self, data: bytes) -> bool:
        """Whether more may come."""
        complete = self._completed
        if self.parser is None:
            return False  # The connection is lost.
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # Nothing is upgraded here; the request was taken as an ordinary one.
        except httptools.HttpParserError:
            self._refuse(*(self._refusal or (400, "the request is no HTTP")))
            return False
        if self._part == "head" and self._completed == complete:
            self._head_bytes += len(data)
            if self._head_bytes > self._limits.head_bytes:
                self._refuse(*self._too_large_head())
                return False
        return True

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._part = "head"
        self._begun = True

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._limits.url_bytes:
            self._stop(414, f"the address is longer than {self._limits.url_bytes} bytes")

    def on_headers_complete(self) -> None:
        size = len(self.url)
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"content-length" and int(value) > self._limits.body_bytes:
                self._stop(*self._too_large_body())
        if size > self._limits.head_bytes:
            self._stop(*self._too_large_head())
        if len(self.pipeline) >= self._limits.pipelined:
            self._stop(429, "too many requests before their answers")
        self._part = "body"
        super().on_headers_complete()
        if self._last:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if len(self.cycle.body) > self._limits.body_bytes:
            self._stop(*self._too_large_body())

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._part = None
        self._completed += 1
        self._head_bytes = 0
        if self._held:
            (cycle, app), self._held = self._held, None
            self._start_asgi_task(cycle, app)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.more_body:
            self._held = cycle, app
            if cycle.waiting_for_100_continue:
                cycle.waiting_for_100_continue = False
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self._running = cycle
        self._room.silent.pop(self, None)
        super()._start_asgi_task(cycle, app)

    # ---- What it is sent

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_idle():
            self._room.silent[self] = None
        self._limit_farewell()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._limit_farewell()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._limit_writing(True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._limit_writing(False)

    # ---- Refusals

    def _stop(self, status: int, detail: str) -> None:
        """Out of the parser, whose caller then refuses."""
        self._refusal = status, detail
        raise ValueError(detail)

    def _too_large_head(self) -> tuple[int, str]:
        return 431, f"the head of the request is larger than {self._limits.head_bytes} bytes"

    def _too_large_body(self) -> tuple[int, str]:
        return 413, f"the body is larger than {self._limits.body_bytes} bytes"

    def _refuse(self, status: int, detail: str) -> None:
        """Answer what is no whole request, and take nothing more from this client."""
        if not self._is_idle():
            self.cut("pipelined")  # Its bytes would come in the middle of an earlier answer.
            return
        REFUSED.labels(str(status)).inc()
        self._refused = True
        response = problem(status, detail, headers={"Connection": "close"})
        head = [*self.server_state.default_headers, *response.raw_headers]
        lines = [STATUS_LINE[status], *(b"%s: %s\r\n" % line for line in head), b"\r\n", bytes(response.body)]
        self.transport.write(b"".join(lines))
        self.transport.write_eof()
        self.flow.resume_reading()
        self._part = None
        self._limit_reading()
        self._reading = self.loop.call_later(self._limits.farewell_seconds, self.transport.abort)

    # ---- Times

    def _is_idle(self) -> bool:
        """Whether no answer is awaited of the application."""
        return not self.pipeline and (self._running is None or self._running.response_complete)

    def _limit_reading(self) -> None:
        """Have the time run for the part that is awaited now; it is not prolonged by a byte now and then."""
        if self._part == self._timed:
            return
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._timed = self._part
        if self._part is not None:
            seconds = self._limits.head_seconds if self._part == "head" else self._limits.body_seconds
            self._reading = self.loop.call_later(seconds, self._too_slow, self._part, seconds)

    def _too_slow(self, part: _Part, seconds: float) -> None:
        if self._begun and self._part == part:
            self._refuse(408, f"the {part} of the request did not come within {seconds:g} s")
        else:
            self.cut("silent")

    def _limit_farewell(self) -> None:
        """A transport that closes waits until all is written, for ever."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self._limit_writing(True)

    def _limit_writing(self, on: bool) -> None:
        if on and self._writing is None:
            self._writing = self.loop.call_later(self._limits.write_seconds, self.cut, "slow_reader")
        elif not on and self._writing is not None:
            self._writing.cancel()
            self._writing = None
