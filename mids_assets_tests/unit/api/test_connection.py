"""Limits of one client's connection, on a real uvicorn on the loopback, with times of tenths of a second.

Does not belong here: `mids serve` as a whole (integration/test_serving.py).
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mids_assets.api.connection import Connection, Room
from mids_assets.api.limits import Limits

QUICK = Limits(
    head_seconds=0.3,
    body_seconds=0.3,
    idle_seconds=30,
    write_seconds=0.3,
    farewell_seconds=0.3,
    last_word_seconds=0.3,
)
GET = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"


class Client:
    """What a test says to the server and hears of it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.is_last = False
        """Whether the last answer said that the server closes."""

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if head.startswith(b"http/1.1 100"):
            return 100, b""
        self.is_last = b"connection: close" in head
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return int(head.split()[1]), await self.reader.readexactly(length)

    async def problem(self) -> tuple[int, str]:
        status, body = await self.answer()
        told = json.loads(body)
        assert told["status"] == status
        return status, told["detail"]

    async def ended(self) -> bool:
        """Whether nothing more comes, once the server has closed."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.writer.transport.abort()


class World:
    """The server of a test, and what its application was asked."""

    def __init__(self, server: uvicorn.Server, room: Room, asked: list[str], gate: asyncio.Event) -> None:
        self.server, self.room, self.asked, self.gate = server, room, asked, gate
        self.port = server.servers[0].sockets[0].getsockname()[1]
        self.clients: list[Client] = []

    async def client(self) -> Client:
        self.clients.append(Client(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.clients[-1]


def on_server(test: Callable[[World], Awaitable[None]], limits: Limits = QUICK) -> None:
    """Run a test on a server of its own. Its application answers `/wait` when `gate` is set, `/big` with 32 MiB, else
    the length of the body that it was sent."""

    async def main() -> None:
        room, asked, gate = Room(limits), [], asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            asked.append(scope["path"])
            size, more = 0, True
            while more:
                message = await receive()
                size, more = size + len(message.get("body", b"")), message.get("more_body", False)
            if scope["path"] == "/wait":
                await gate.wait()
            body = bytes(32 * 1024 * 1024) if scope["path"] == "/big" else b"%d" % size
            length = (b"content-length", b"%d" % len(body))
            await send({"type": "http.response.start", "status": 200, "headers": [length]})
            await send({"type": "http.response.body", "body": body})

        config = uvicorn.Config(
            app,
            port=0,
            http=room.protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=limits.idle_seconds,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server._serve())
        while not server.started:
            await asyncio.sleep(0.01)
        world = World(server, room, asked, gate)
        try:
            await asyncio.wait_for(test(world), 20)
        finally:
            for client in world.clients:
                client.close()
            gate.set()
            server.should_exit = True
            await asyncio.wait_for(serving, 30)

    uvloop.run(main())


def test_requests_are_answered_one_after_another_and_pipelined_ones_in_their_order():
    async def test(world: World) -> None:
        client = await world.client()
        post = b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
        for part in (post, b"he", b"llo"):
            await client.send(part)
        assert await client.answer() == (200, b"5")
        chunks = b"POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        await client.send(GET % b"one" + post + b"hello" + chunks + GET % b"four")
        assert [await client.answer() for _ in range(4)] == [(200, b"0"), (200, b"5"), (200, b"3"), (200, b"0")]
        assert world.asked == ["/post", "/one", "/post", "/chunks", "/four"]

    on_server(test)


def test_a_head_that_comes_slowly_is_cut_off_however_often_a_byte_of_it_comes():
    async def test(world: World) -> None:
        client = await world.client()
        for byte in b"GET /slow HTTP/1.1\r\nX: ":
            client.writer.write(bytes([byte]))
            await asyncio.sleep(0)
        trickling = asyncio.create_task(_trickle(client))
        assert await client.problem() == (408, "the head of the request did not come within 0.3 s")
        assert await client.ended()
        await trickling
        # The same after a first request, and of nothing but line ends.
        for begin in (b"GET ", b"\r\n"):
            client = await world.client()
            await client.send(GET % b"")
            assert (await client.answer())[0] == 200
            await client.send(begin)
            assert (await client.problem())[0] == 408
            assert await client.ended()
        assert world.asked == ["/", "/"]

    on_server(test)


async def _trickle(client: Client) -> None:
    while not client.reader.at_eof():
        client.writer.write(b"a")
        await asyncio.sleep(0.02)


def test_a_client_that_says_nothing_is_cut_off_and_told_nothing():
    async def test(world: World) -> None:
        assert await (await world.client()).ended()

    on_server(test)


def test_a_body_that_comes_slowly_is_cut_off_and_the_application_never_hears_of_it():
    async def test(world: World) -> None:
        client = await world.client()
        await client.send(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        trickling = asyncio.create_task(_trickle(client))
        assert await client.problem() == (408, "the body of the request did not come within 0.3 s")
        assert await client.ended()
        await trickling
        assert world.asked == []

    on_server(test)


LARGE = {
    "an address": (b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 4096), 414),
    "an address without an end": (b"GET /%b" % (b"a" * 4096), 414),
    "a head of many lines": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 9000 + b"\r\n", 431),
    "a head of one line": (b"GET / HTTP/1.1\r\nX: %b\r\n\r\n" % (b"a" * 16384), 431),
    "a head without an end": (b"GET / HTTP/1.1\r\nX: %b" % (b"a" * 16384), 431),
    "a body by its length": (b"POST / HTTP/1.1\r\nContent-Length: 65537\r\n\r\n" + bytes(65537), 413),
    "a length alone": (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999\r\n\r\n", 413),
    "a body in pieces": (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"8000\r\n%b\r\n" % bytes(0x8000) * 3 + b"0\r\n\r\n",
        413,
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_refused_and_the_client_hears_it_while_it_still_sends(name):
    sent, status = LARGE[name]

    async def test(world: World) -> None:
        client = await world.client()
        await client.send(sent)
        assert (await client.problem())[0] == status
        # A server that closed at once would end this by an error, before most clients look for an answer.
        await client.send(bytes(8 * 1024 * 1024))
        assert await client.ended()
        assert world.asked == []

    on_server(test, replace(QUICK, farewell_seconds=10))


def test_what_is_just_small_enough_is_taken():
    async def test(world: World) -> None:
        client = await world.client()
        await client.send(b"GET /%b HTTP/1.1\r\nX: %b\r\n\r\n" % (b"a" * 4095, b"b" * 12000))
        assert await client.answer() == (200, b"0")
        for line, body in (
            (b"Content-Length: 65536", bytes(65536)),
            (b"Transfer-Encoding: chunked", b"10000\r\n%b\r\n0\r\n\r\n" % bytes(0x10000)),
        ):
            await client.send(b"POST / HTTP/1.1\r\n%b\r\nExpect: 100-continue\r\n\r\n" % line)
            assert await client.answer() == (100, b"")
            await client.send(body)
            assert await client.answer() == (200, b"65536")

    on_server(test)


def test_what_is_no_http_is_refused_and_fills_no_log(caplog):
    async def test(world: World) -> None:
        length = b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"
        for sent in (b"\x16\x03\x01 hello", b"GET http://[ HTTP/1.1\r\n\r\n", length):
            client = await world.client()
            await client.send(sent)
            assert await client.problem() == (400, "the request is no HTTP")
            assert await client.ended()
        client = await world.client()
        await client.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        assert await client.answer() == (200, b"0")

    with caplog.at_level(logging.WARNING):
        on_server(test)
    assert caplog.messages == []


def test_a_thousand_requests_at_once_of_one_connection_end_it():
    async def test(world: World) -> None:
        client = await world.client()
        await client.send(GET % b"wait" * 1000)
        assert await client.ended()
        assert len(world.asked) <= 1

    on_server(test)


def test_a_head_without_an_end_behind_a_request_ends_the_connection_by_its_size():
    async def test(world: World) -> None:
        client = await world.client()
        await client.send(GET % b"wait" + b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000)
        assert await client.ended()

    on_server(test, replace(QUICK, head_seconds=60))


def test_whoever_does_not_take_an_answer_is_cut_off():
    async def test(world: World) -> None:
        connections = world.server.server_state.connections
        # With the last limit nothing is held up, as with an answer that is small enough.
        for more, high in ((b"", None), (b"Connection: close\r\n", None), (b"Connection: close\r\n", 10**9)):
            client = await world.client()
            client.writer.transport.pause_reading()  # type: ignore[attr-defined]
            while not connections:
                await asyncio.sleep(0.01)
            next(iter(connections)).transport.set_write_buffer_limits(high)
            await client.send(b"GET /big HTTP/1.1\r\n%b\r\n" % more)
            while connections:
                await asyncio.sleep(0.01)

    on_server(test)


def test_a_new_client_takes_the_place_of_the_longest_silent_and_never_of_one_that_waits_for_an_answer():
    async def test(world: World) -> None:
        waiting = await world.client()
        await waiting.send(GET % b"wait")
        silent = [await world.client() for _ in range(2)]
        while len(world.server.server_state.connections) < 3 or not world.asked:
            await asyncio.sleep(0.01)
        for longest in silent:
            new = await world.client()
            await new.send(GET % b"wait")
            assert await longest.ended()
        while len(world.asked) < 3:
            await asyncio.sleep(0.01)
        # All wait for an answer now.
        refused = await world.client()
        assert await refused.ended()
        world.gate.set()
        assert await waiting.answer() == (200, b"0")
        assert len(world.room.silent) <= len(world.server.server_state.connections) <= 3

    on_server(test, replace(QUICK, connections=3, head_seconds=20))


def test_at_the_end_what_was_asked_is_answered_and_who_asks_nothing_is_let_go():
    async def test(world: World) -> None:
        waiting, idle, late, half = [await world.client() for _ in range(4)]
        await waiting.send(GET % b"wait")
        for client in (idle, late):
            await client.send(GET % b"")
            assert await client.answer() == (200, b"0")
        await half.send(b"GET /half")
        while "/wait" not in world.asked:
            await asyncio.sleep(0.01)
        world.server.should_exit = True
        while world.server.servers[0].sockets:
            await asyncio.sleep(0.01)
        # Sent before the client can know.
        await late.send(GET % b"late")
        assert await late.answer() == (200, b"0") and late.is_last
        assert await late.ended() and await idle.ended() and await half.ended()
        world.gate.set()
        assert await waiting.answer() == (200, b"0") and waiting.is_last
        assert await waiting.ended()

    on_server(test, replace(QUICK, head_seconds=20))


def test_uvicorn_still_has_what_a_connection_is_made_of():
    """Each method that is replaced is called by the installed version, with these arguments."""
    theirs = vars(HttpToolsProtocol)
    replaced = [name for name, value in vars(Connection).items() if inspect.isfunction(value) and name in theirs]
    assert len(replaced) == 15, replaced
    for name in set(replaced) - {"__init__"}:
        one, other = (inspect.signature(vars(kind)[name]) for kind in (Connection, HttpToolsProtocol))
        assert list(one.parameters) == list(other.parameters), name
    source = inspect.getsource(HttpToolsProtocol)
    for used in ("self._start_asgi_task(", "on_response=self.on_response_complete", "self.timeout_keep_alive_handler"):
        assert used in source
    for used in ("self.pipeline", "self.cycle", "self.connections", "self.server_state", "self.parser", "self.loop"):
        assert f"{used} = " in source or f"{used}: " in source
    for used in ("more_body", "waiting_for_100_continue", "response_complete", "keep_alive", "body"):
        assert f"self.{used} = " in inspect.getsource(RequestResponseCycle)
