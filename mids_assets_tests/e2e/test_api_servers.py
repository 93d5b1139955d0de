"""Three real `mids serve` behind the real nginx, with the configuration of deploy/nginx: one dies under load.

What nginx alone decides (headers, limits, which requests are tried again) is tried on servers that tell what reached
them. Does not belong here: what is answered, one process by itself (integration/test_serving.py).
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.e2e.dg_dev import until
from mids_assets_tests.e2e.echo import echo_server
from mids_assets_tests.e2e.proxy import NAME, Proxy, api_proxy
from mids_assets_tests.integration.test_serving import figures
from mids_assets_tests.made_up import made_up
from mids_assets_tests.mids_serve import Served, mids_serve
from mids_assets_tests.published import go
from mids_assets_tests.servers import environment, free_ports, open_folder, temporary_settings

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PATHS = ("/v1/realms/homecoming", "/v1/realms/homecoming/powers?limit=200", "/v1/realms/homecoming/reference/origin")
REQUESTS, AFTERWARDS = 2_400, 900


@pytest.fixture(scope="module")
def published() -> Iterator[Settings]:
    with open_folder() as folder, temporary_settings(folder) as settings:
        with closing(connect(settings, application_name="test")) as conn:
            go(conn, settings, made_up(1, share=0.6).write(folder / "build"), release="first")
        yield settings


class Fleet:
    """Processes of the API, which a test may kill and start again; each has a port, and one for its figures."""

    def __init__(self, settings: Settings, folder: Path, stack: ExitStack) -> None:
        self._settings, self._folder, self._stack = settings, folder, stack
        ports = free_ports(6)
        self.ports, self._figures = ports[:3], dict(zip(ports[:3], ports[3:], strict=True))
        self.running: dict[int, Served] = {}

    def start(self, port: int) -> None:
        env = environment(self._settings, MIDS_API_PROXIES="127.0.0.1")
        more = ("--metrics-port", str(self._figures[port]))
        serving = mids_serve(env, self._folder / f"{port}.log", *more, port=port, end=None)
        self.running[port] = self._stack.enter_context(serving)

    def kill(self, port: int) -> None:
        """All of it at once, as by a machine that dies."""
        served = self.running.pop(port)
        for pid in [served.process.pid, *served.workers()]:
            os.kill(pid, signal.SIGKILL)
        served.process.wait()

    def answers(self, port: int) -> float:
        """How many it has given."""
        found = figures(self._figures[port])
        return sum(value for name, value in found.items() if name.startswith("mids_api_requests_total"))


def test_a_process_that_is_killed_costs_no_request_and_gets_some_again_when_it_is_back(published):
    with open_folder() as folder, ExitStack() as stack:
        fleet = Fleet(published, folder, stack)
        with ThreadPoolExecutor() as together:
            list(together.map(fleet.start, fleet.ports))
        nginx = stack.enter_context(api_proxy(folder, [f"127.0.0.1:{port}" for port in fleet.ports]))
        victim = fleet.ports[1]

        answered = asyncio.run(_load(nginx, REQUESTS, lambda: fleet.kill(victim)))
        assert answered == {200: REQUESTS}
        # All three had worked, and two have gone on.
        assert all(fleet.answers(port) > REQUESTS / 5 for port in fleet.ports if port != victim)

        fleet.start(victim)
        assert fleet.answers(victim) == 0
        begun = time.monotonic()
        # nginx leaves it alone for a while after the last request that it did not answer.
        while fleet.answers(victim) <= AFTERWARDS / 10:
            assert time.monotonic() - begun < 60, f"{fleet.answers(victim)} requests since it is back"
            assert asyncio.run(_load(nginx, AFTERWARDS, lambda: None)) == {200: AFTERWARDS}


async def _load(nginx: Proxy, requests: int, in_the_middle: Callable[[], object]) -> Counter[int]:
    """So many requests over 24 connections; something happens when a third of them is answered."""
    answered: Counter[int] = Counter()
    begun = 0
    third = asyncio.Event()

    async def client() -> None:
        nonlocal begun
        async with httpx.AsyncClient(base_url=nginx.origin, verify=nginx.tls(), timeout=60) as session:
            while begun < requests:
                begun += 1
                answer = await session.get(PATHS[begun % len(PATHS)])
                if answer.status_code == 200:
                    assert answer.json()["release"] == "first"
                answered[answer.status_code] += 1
                if answered.total() > requests / 3:
                    third.set()

    async def happen() -> None:
        await third.wait()
        await asyncio.to_thread(in_the_middle)

    await asyncio.gather(happen(), *(client() for _ in range(24)))
    return answered


def test_the_whole_of_it_through_nginx(published):
    with open_folder() as folder, ExitStack() as stack:
        fleet = Fleet(published, folder, stack)
        (port, *_) = fleet.ports
        fleet.start(port)
        nginx = stack.enter_context(api_proxy(folder, [f"127.0.0.1:{port}"]))
        answer = nginx.request(PATHS[1], headers={"Accept-Encoding": "gzip"})
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "Accept-Encoding" in ", ".join(answer.headers.get_all("Vary") or [])
        again = nginx.request(
            PATHS[1], headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"] or ""}
        )
        assert (again.status, again.body) == (304, b"")
        for name, value in (
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "same-origin"),
            ("Strict-Transport-Security", "max-age=31536000"),
            ("Server", "nginx"),
        ):
            assert answer.headers.get_all(name) == [value]
        for path in ("/metrics", "/readyz", "/healthz"):
            assert nginx.request(path).status == 404
        for body, status in ((bytes(64 * 1024 + 1), 413), (b"{}", 405)):
            refused = nginx.request(PATHS[0], method="POST", body=body)
            assert refused.status == status == refused.json()["status"]
            assert refused.headers["Content-Type"] == "application/problem+json"
        assert nginx.request("/" + "a" * 5000).json()["status"] == 414

        fleet.kill(port)
        away = nginx.request(PATHS[0])
        assert (away.status, away.json()["status"], away.headers.get_all("Retry-After")) == (503, 503, ["2"])
        assert away.headers["X-Content-Type-Options"] == "nosniff"


def test_who_asks_is_what_nginx_says_and_nobody_else():
    claimed = {
        "X-Forwarded-User": "root",
        "X-Forwarded-For": "10.9.8.7",
        "X-Real-IP": "10.9.8.7",
        "Forwarded": "for=10.9.8.7",
        "X-Forwarded-Proto": "http",
        "Authorization": "Bearer x",
    }
    with open_folder() as folder, echo_server("api") as server, api_proxy(folder, [server]) as nginx:
        reached = nginx.request("/v1/realms", headers=claimed).json()["headers"]
        assert reached["x-forwarded-for"] == ["127.0.0.1"] and reached["x-forwarded-proto"] == ["https"]
        assert reached["authorization"] == ["Bearer x"]
        assert {"x-real-ip", "forwarded", "x-forwarded-user"} & set(reached) == set()
        plain = httpx.get(f"http://127.0.0.1:{nginx.http_port}/v1/realms?x=1", headers={"Host": NAME})
        assert (plain.status_code, plain.headers["Location"]) == (301, f"{nginx.origin}/v1/realms?x=1")


def test_many_requests_of_one_address_are_told_to_come_again():
    with open_folder() as folder, echo_server("api") as server, api_proxy(folder, [server], rate=1) as nginx:
        with httpx.Client(base_url=nginx.origin, verify=nginx.tls()) as client:
            answers = [client.get("/v1/realms") for _ in range(520)]
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) == {200, 429} and statuses[200] >= 500, statuses
        last = answers[-1]
        assert (last.json()["status"], last.headers["Retry-After"]) == (429, "1")


def test_what_may_have_been_carried_out_is_asked_of_nobody_else():
    with (
        open_folder() as folder,
        dropping_server() as (dropping, dropped),
        echo_server("api") as server,
        api_proxy(folder, [dropping, server]) as nginx,
    ):
        read = [nginx.request("/v1/realms").status for _ in range(5)]
        assert read == [200] * 5 and dropped["GET"] > 0
        until(lambda: nginx.request("/v1/x", method="POST", body=b"{}").status == 503, 30, "it is not asked", every=0.1)
        assert dropped["POST"] == 1


@contextmanager
def dropping_server() -> Iterator[tuple[str, Counter[str]]]:
    """Takes each request whole, and ends without an answer. Where (`host:port`), and how many it took by method."""
    taken: Counter[str] = Counter()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    taken[connection.recv(65536).split(b" ")[0].decode()] += 1

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", taken
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
