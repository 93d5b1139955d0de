"""`mids serve` as processes: started, killed, ended under load, measured.

Does not belong here: limits of one connection (unit/api/test_connection.py), many clients at once
(integration/test_floods.py), what is answered.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing

import httpx
import psutil
import pytest

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.made_up import made_up
from mids_assets_tests.mids_serve import Served, mids_serve
from mids_assets_tests.published import go
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import environment, free_ports, listens

PATH = "/v1/realms/homecoming"


@pytest.fixture(scope="module", autouse=True)
def published(server: Settings, tmp_path_factory) -> Settings:
    with closing(connect(server, application_name="test")) as conn:
        go(conn, server, made_up(1, share=0.5).write(tmp_path_factory.mktemp("tables") / "build"), release="first")
    return server


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_worker_that_is_killed_is_started_again_and_the_figures_are_of_all(server, tmp_path):
    (port,) = free_ports(1)
    log = tmp_path / "log"
    with mids_serve(environment(server), log, "--workers", "2", "--metrics-port", str(port)) as served:
        for _ in range(10):
            assert served.json(PATH)["release"] == "first"
        before = served.workers()
        assert len(before) == 2
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in served.workers() and len(served.workers()) == 2)
        # The one that is left answers meanwhile; what the dead one counted stays.
        for _ in range(10):
            assert served.json(PATH)["release"] == "first"
        until(lambda: figures(port)["mids_api_connections"] == 0)
        found = figures(port)
    route = 'route="/v1/realms/{realm}"'
    assert found[f'mids_api_requests_total{{{route},status="200"}}'] == 20
    assert found[f"mids_api_request_seconds_count{{{route}}}"] == 20
    assert sum(value for name, value in found.items() if name.startswith("mids_api_cache_total")) == 20
    assert not listens(port) and not listens(served.port)
    (line,) = [line for line in served.lines() if str(victim) in line]
    assert f"worker {victim} was ended by SIGKILL; another is started" in line


def figures(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_end_under_load_costs_no_request(server, tmp_path, end):
    async def ask(port: int, answered: list[int], stop: asyncio.Event) -> None:
        """Requests on one connection until the server says that it closes it. One without an answer raises."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            writer.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
            answered.append(int(head.split()[1]))
            if len(answered) == 500:
                stop.set()
            if b"connection: close" in head:
                writer.close()
                return

    async def load(served: Served) -> list[int]:
        answered: list[int] = []
        stop = asyncio.Event()
        clients = [asyncio.create_task(ask(served.port, answered, stop)) for _ in range(16)]
        await stop.wait()
        if end == signal.SIGINT:
            os.killpg(served.process.pid, end)  # As a terminal does it: all of them hear of it.
        else:
            served.process.send_signal(end)
        await asyncio.wait_for(asyncio.gather(*clients), 60)
        return answered

    with mids_serve(environment(server), tmp_path / "log", "--workers", "2", end=None) as served:
        answered = asyncio.run(load(served))
        assert len(answered) >= 500 and set(answered) == {200}
        assert served.process.wait(60) == 0
    # Its own line is all that it said.
    assert served.lines() == [served.url]


def test_who_asks_is_believed_from_a_proxy_alone(server, tmp_path):
    def asked(served: Served) -> list[int]:
        """Status of three requests that name three clients, each of which may ask once."""
        return [
            httpx.get(served.url + PATH, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
            for number in range(3)
        ]

    once = {"MIDS_API_RATE": "1", "MIDS_API_BURST": "1"}
    with mids_serve(environment(server, **once), tmp_path / "log") as served:
        assert asked(served) == [200, 429, 429]
    with mids_serve(environment(server, **once, MIDS_API_PROXIES="10.0.0.0/8,127.0.0.1"), tmp_path / "other") as served:
        assert asked(served) == [200, 200, 200]
        assert asked(served) == [429, 429, 429]


def test_ctrl_c_while_it_starts_is_its_quiet_end(server, tmp_path):
    with (tmp_path / "log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mids_assets.cli", "serve", "--port", "0"],
            env=environment(server),
            cwd=PROJECT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(0, process, tmp_path / "log")
    until(lambda: bool(served.workers()))
    (worker,) = served.workers()
    # It is among its imports, where it would tell of the signal by a stack trace.
    until(lambda: any("pydantic_core" in one.path for one in psutil.Process(worker).memory_maps()))
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 0
    assert served.lines() == []


def test_workers_do_not_outlive_the_one_that_started_them(server, tmp_path):
    with mids_serve(environment(server), tmp_path / "log", "--workers", "2", end=None) as served:
        workers = served.workers()
        served.process.kill()
        until(lambda: not any(psutil.pid_exists(pid) for pid in workers))
        assert not listens(served.port)


def test_a_worker_that_cannot_start_is_told_in_a_sentence(server, tmp_path):
    def started(*options: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mids_assets.cli", "serve", *options],
            env=environment(server, **env),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 2 and done.stdout == "", done.stderr
        (line,) = done.stderr.splitlines()
        return line

    with mids_serve(environment(server), tmp_path / "log") as served:
        taken = str(served.port)
        assert started("--port", taken) == (
            f"mids: 127.0.0.1:{taken} cannot be listened on (Address already in use): choose another --host or --port"
        )
        assert "choose another --metrics-port" in started("--port", "0", "--metrics-port", taken)
    assert "MIDS_API_PROXIES: 'proxy' is no IP address" in started(MIDS_API_PROXIES="10.0.0.0/8,proxy")
    assert "MIDS_API_CONNECTIONS" in started(MIDS_API_CONNECTIONS="few")
    assert "raise `ulimit -Hn`" in started("--port", "0", MIDS_API_CONNECTIONS="999999")
    told = started("--port", "0", MIDS_DATABASE_URL="postgresql://a:secret@b@c/d")
    assert "MIDS_DATABASE_URL cannot be read" in told and "secret" not in told


def test_without_the_extra_it_says_how_to_get_it(server):
    lacking = "import sys; sys.modules['asyncpg'] = None; sys.argv = ['mids', 'serve']"
    code = f"{lacking}; from mids_assets.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(server), cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (
        2,
        "mids: mids serve needs asyncpg, which is not installed: make serve installs it, or pip install"
        " 'mids-assets[api]'\n",
    )


def test_lines_are_json_where_that_is_asked_for(server, tmp_path):
    with mids_serve(environment(server, MIDS_LOG_FORMAT="json"), tmp_path / "log") as served:
        (victim,) = served.workers()
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(served.lines()) == 2)
    told, died = map(json.loads, served.lines())
    assert told["message"] == served.url and str(victim) in died["message"] and died["level"] == "error"


def test_while_the_database_is_away_it_answers_503_and_then_again(server, tmp_path):
    """Also workers that start meanwhile."""
    from mids_assets.warehouse import embedded

    with mids_serve(environment(server), tmp_path / "log", "--workers", "2") as served:
        assert served.json(PATH)["release"] == "first"
        embedded.stop(server, force=True)
        with pytest.raises(urllib.error.HTTPError) as refused:
            served.json(PATH)
        assert refused.value.code == 503 and refused.value.headers["Retry-After"]
        for worker in served.workers():
            os.kill(worker, signal.SIGKILL)
        embedded.database_url(server)
        until(lambda: _answers(served))


def _answers(served: Served) -> bool:
    try:
        return served.json(PATH)["release"] == "first"
    except OSError:
        return False
