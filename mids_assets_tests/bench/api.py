"""The API beside the least that its framework can do: requests per second, and latencies while releases are published.

Servers, clients and PostgreSQL share the machine, as they do for the yardstick. Does not belong here: the client
(http_client.py), the yardstick's application (trivial.py), how figures are shown (__main__.py).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from mids_assets.warehouse.connection import connect
from mids_assets_tests.bench.whole_imports import Place, place, run_import
from mids_assets_tests.mids_serve import mids_serve
from mids_assets_tests.real import PROJECT, SAMPLE, release
from mids_assets_tests.servers import free_ports, listens

ROUNDS = 5
SECONDS = 3.0
CONNECTIONS = 64
RATE = 200.0
PUBLISHES = 4
GOALS = {"cached": 0.7, "power by name": 0.3}
"""Least share of the yardstick's requests per second."""
P99_MS = 50.0
TRIVIAL = "trivial route"


@dataclass(frozen=True, slots=True)
class ApiFigure:
    """`per_second` and the latencies (ms) of the best round; `cpu_us`: processor time of the server a request."""

    name: str
    per_second: float
    p50: float
    p99: float
    cpu_us: float
    mib: float


def measure_api(say: Any) -> dict[str, Any]:
    """Figures of each kind of request, and latencies at a rate while releases are published one after the other."""
    releases = [release("homecoming-2022-03-31"), release("homecoming-2021-03-31")]
    real = releases[0].is_dir()
    if not real:
        say("no real releases (MIDS_REAL_DATA): the made-up sample is served")
        releases = [SAMPLE]
    with tempfile.TemporaryDirectory(prefix="mids-bench-") as base, place(Path(base)) as where:
        run_import(where, releases[0], "--realm", "homecoming")
        paths = _paths(where, Path(base))
        found = _requests_per_second(where, paths, say)
        publishing = _while_publishing(where, paths["power by name"], releases)
    return {"real": real, "figures": found, "publishing": publishing}


def _paths(where: Place, folder: Path) -> dict[str, Path]:
    """Files with the paths that each kind of request asks for."""
    with closing(connect(where.settings, application_name="bench")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT full_name FROM homecoming_v1.power ORDER BY md5(full_name)")
        powers = [f"/v1/realms/homecoming/powers/{quote(name, safe='')}" for (name,) in cursor.fetchall()]
    kinds = {TRIVIAL: ["/trivial"], "cached": powers[:1], "power by name": powers}
    found = {}
    for name, paths in kinds.items():
        found[name] = folder / f"{name.replace(' ', '-')}.paths"
        found[name].write_text("\n".join(paths))
    return found


def _requests_per_second(where: Place, paths: Mapping[str, Path], say: Any) -> list[ApiFigure]:
    """In turns, so that what else the machine does meets all of them; the best round of each counts."""
    with ExitStack() as stack:
        servers = {
            TRIVIAL: stack.enter_context(_trivial()),
            "cached": stack.enter_context(_serve(where)),
            "power by name": stack.enter_context(_serve(where, MIDS_API_CACHE_MIB="0")),
        }
        rounds: dict[str, list[ApiFigure]] = {name: [] for name in servers}
        for turn in range(ROUNDS):
            for name, (port, process) in servers.items():
                before = _cpu_seconds(process)
                told = _ask(port, paths[name], "--seconds", str(SECONDS), "--connections", str(CONNECTIONS))
                if told["errors"]:
                    raise SystemExit(f"{name}: {told['errors']} requests failed, such as {told['first_error']}")
                cpu = (_cpu_seconds(process) - before) / told["requests"] * 1e6
                rounds[name].append(
                    ApiFigure(name, told["per_second"], told["p50"], told["p99"], cpu, _peak_mib(process))
                )
            say(f"round {turn + 1} of {ROUNDS}")
        return [max(found, key=lambda figure: figure.per_second) for found in rounds.values()]


def _while_publishing(where: Place, paths: Path, releases: list[Path]) -> dict[str, Any]:
    """Latencies at RATE requests a second, first in peace and then while releases are published in turn."""
    found: dict[str, Any] = {}
    with _serve(where) as (port, process):
        found["in peace"] = _ask(port, paths, "--seconds", "10", "--rate", str(RATE))
        seconds: list[float] = []
        with ExitStack() as stack:
            asked: list[dict[str, Any]] = []
            stop = threading.Event()

            def ask() -> None:
                while not stop.is_set():
                    asked.append(_ask(port, paths, "--seconds", "10", "--rate", str(RATE)))

            asking = threading.Thread(target=ask)
            asking.start()
            stack.callback(asking.join)
            stack.callback(stop.set)
            for turn in range(PUBLISHES):
                source = releases[(turn + 1) % len(releases)]
                _, outcome = run_import(where, source, "--realm", "homecoming", "--older", "--force")
                seconds.append(outcome["seconds"])
        found["while publishing"] = asked
        found["publishes"] = seconds
        found["mib"] = _peak_mib(process)
    return found


@contextmanager
def _serve(where: Place, **more: str) -> Iterator[tuple[int, psutil.Process]]:
    # The limit of requests is asked for each time and reached by none.
    env = {**where.env, "MIDS_API_RATE": "1000000", **more}
    with mids_serve(env, where.home / f"serve-{len(more)}.log") as served:
        yield served.port, psutil.Process(served.process.pid)


@contextmanager
def _trivial() -> Iterator[tuple[int, psutil.Process]]:
    (port,) = free_ports(1)
    command = ["-m", "uvicorn", "mids_assets_tests.bench.trivial:app", "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, *command, "--port", str(port)], cwd=PROJECT)
    try:
        while not listens(port):
            if process.poll() is not None:
                raise SystemExit("the yardstick's server ended; its message stands above")
            time.sleep(0.05)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(60)


def _ask(port: int, paths: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "mids_assets_tests.bench.http_client", str(port), str(paths), *options]
    return json.loads(subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout)


def _cpu_seconds(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _peak_mib(process: psutil.Process) -> float:
    return max(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 2**20
