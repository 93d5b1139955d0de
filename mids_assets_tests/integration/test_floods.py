"""Ten thousand clients that want nothing good of one process of `mids serve`, and others who are answered meanwhile.

Does not belong here: limits of one connection (unit/api/test_connection.py), who asks too often (access).
"""

from __future__ import annotations

import re
import resource
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import httpx
import psutil
import pytest

from mids_assets.api.limits import Limits
from mids_assets.api.settings import ApiSettings
from mids_assets.api.time_limit import SECONDS
from mids_assets.settings import MIB
from mids_assets.warehouse.connection import connect
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.integration.test_serving import figures
from mids_assets_tests.made_up import made_up
from mids_assets_tests.mids_serve import mids_serve
from mids_assets_tests.published import go
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment, free_ports

CLIENTS = 10_000
BESIDE = 1_000
"""Open files of the tests that are no clients."""
PATH = "/v1/realms/homecoming/powers"
SAYS = {
    "nothing": b"",
    "half a head": b"GET /v1/realms HTTP/1.1\r\nX: ",
    "half a body": b"POST /v1/realms/homecoming/imports HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{",
    # The answer is large, and it reads nothing.
    "a question": b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n",
}
ROOM_MIB = 150
"""For 2,000 connections, what is read of them, and answers that nobody takes."""


@pytest.fixture
def clients() -> Iterator[int]:
    """How many connections this process may hold; 10,000 where the system grants so many open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CLIENTS + BESIDE
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if granted < wanted:
        print(f"the system grants {hard} open files: {granted - BESIDE:,} clients and not {CLIENTS:,}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, granted), hard))
    yield granted - BESIDE
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_ten_thousand_clients_keep_nobody_out_and_take_little_memory(server, clients, tmp_path):
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(1, share=0.5).write(tmp_path / "build"), release="first")
    (port,) = free_ports(1)
    with (
        mids_serve(environment(server), tmp_path / "log", "--metrics-port", str(port)) as served,
        httpx.Client(base_url=served.url, timeout=60) as steady,
        ExitStack() as held,
    ):
        answered: Counter[int] = Counter()

        def ask() -> None:
            answered[steady.get(PATH).status_code] += 1
            answered[httpx.get(served.url + PATH, timeout=60).status_code] += 1

        ask()
        (worker,) = map(psutil.Process, served.workers())
        before = worker.memory_info().rss
        kinds = list(SAYS.values())
        come = 0
        with _at_the_same_time(ask) as still:
            while come < clients:
                # A few large answers, since making them is work.
                says = kinds[come % 3] if come % 50 else kinds[3]
                one = held.enter_context(socket.create_connection(("127.0.0.1", served.port), 60))
                one.sendall(says)
                come += 1
                if come % 1_000 == 0:
                    still()
        grown = worker.memory_info().rss - before
        connected = figures(port)["mids_api_connections"]
        assert 0 < connected <= ApiSettings().connections + 2
        assert grown < ROOM_MIB * MIB, f"{grown / MIB:.0f} MiB"
        assert set(answered) == {200} and answered[200] >= 2 * clients / 1_000, answered
        print(f"{come:,} clients, {connected:.0f} connected, {grown / MIB:.0f} MiB, {answered[200]} answers to others")
        held.close()
        # All of them are forgotten; the steady client's connection was kept or made anew.
        until(lambda: figures(port)["mids_api_connections"] <= 1, 60, "connections are left", every=0.1)
        ask()
        why = {name: value for name, value in figures(port).items() if name.startswith("mids_api_refused_total")}
        assert why['mids_api_refused_total{why="too_many"}'] >= clients - ApiSettings().connections - 2
    # A flood fills no log.
    assert served.lines() == [served.url]


@contextmanager
def _at_the_same_time(work: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """`work` again and again in a thread. Gives what waits until it was done once more; its error is raised here."""
    stop, failed, rounds = threading.Event(), [], []

    def go_on() -> None:
        try:
            while not stop.is_set():
                work()
                rounds.append(True)
        except BaseException as error:
            failed.append(error)

    def once_more() -> None:
        # The one that is under way may have begun before.
        wanted = len(rounds) + 2
        until(lambda: bool(failed) or len(rounds) >= wanted, 60, "nobody is answered any more", every=0.05)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield once_more
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


def test_the_limits_are_those_that_the_guide_names():
    limits, text = Limits(connections=ApiSettings().connections), (PROJECT / "docs" / "api.md").read_text()
    rows = dict(re.findall(r"^\| ([a-z ]*) \| (.*?) \|", text, flags=re.MULTILINE))
    assert rows["head of a request"] == f"{limits.head_bytes // 1024} KiB, whole within {limits.head_seconds:g} s"
    assert rows["address"] == f"{limits.url_bytes // 1024} KiB"
    assert rows["body"] == f"{limits.body_bytes // 1024} KiB, whole within {limits.body_seconds:g} s"
    assert rows["an answer"] == f"begins within {SECONDS:g} s, is taken within {limits.write_seconds:g} s"
    assert rows["nothing asked"] == (
        f"{limits.idle_seconds} s after an answer, {limits.head_seconds:g} s after connecting"
    )
    assert rows["requests sent before their answers"] == str(limits.pipelined)
