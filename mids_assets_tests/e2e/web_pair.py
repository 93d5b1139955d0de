"""The two web servers of a deployment and the code location that they share, each a process, as in deploy/compose.

Does not belong here: the proxy before them, what is tested.
"""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import NamedTuple

import yaml

from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import tail, until
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import free_ports, listens

WORKSPACE = PROJECT / "deploy" / "compose" / "workspace.yaml"


class Pair(NamedTuple):
    """Where they answer, as `host:port`."""

    operators: str
    viewers: str


@contextmanager
def web_pair(world: World) -> Iterator[Pair]:
    code, full, reading = free_ports(3)
    # That of the deployment, with a port of this machine.
    workspace = yaml.safe_load(WORKSPACE.read_text())
    for place in workspace["load_from"]:
        place["grpc_server"] |= {"host": "127.0.0.1", "port": code}
    file = world.home / "workspace.yaml"
    file.write_text(yaml.safe_dump(workspace))
    with ExitStack() as stack:
        serve = ["dagster", "api", "grpc", "-m", "mids_assets.definitions", "-h", "127.0.0.1", "-p", str(code)]
        stack.enter_context(_running(world, "code", serve))
        # The web servers look for it once when they start, as those of the deployment, which wait for it as well.
        until(lambda: listens(code), 60, lambda: tail(world.home / "code.log"), every=0.2)
        for name, port, *options in (("full", full), ("reading", reading, "--read-only")):
            command = ["mids_assets.cli", "web", "-w", str(file), "--port", str(port), *options]
            stack.enter_context(_running(world, name, command))
        until(
            lambda: all(map(_answers, (full, reading))),
            90,
            lambda: "\n".join(tail(world.home / f"{name}.log") for name in ("code", "full", "reading")),
            every=0.2,
        )
        yield Pair(f"127.0.0.1:{full}", f"127.0.0.1:{reading}")


@contextmanager
def _running(world: World, name: str, arguments: list[str]) -> Iterator[None]:
    with (world.home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**world.environment, "MIDS_LANDING_SECONDS": "3600", "MIDS_USER_HEADER": "X-Forwarded-User"},
            cwd=PROJECT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
        process.terminate()
        # Not by the signal itself: then what it has started goes on.
        assert process.wait(60) == 0, tail(world.home / f"{name}.log")
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=5):
        return True
    return False
