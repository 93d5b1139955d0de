"""What goes on during a soak: publishes one after another, backups beside them, readers all the time.

Does not belong here: what is measured beside it (growth.py), whether it is good (verdict.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mids_assets.warehouse.connection import database_url
from mids_assets_tests.conftest import World
from mids_assets_tests.real import PROJECT
from mids_assets_tests.soak.beside import beside
from mids_assets_tests.soak.variants import Variants

BY_SENSOR = 4
"""Every so many-th release is dropped into the landing folder; the others come by `mids import`."""
PUBLISHED_WITHIN = 300.0
"""Seconds. A drop that nothing published by then counts as an error."""


@dataclass(frozen=True, slots=True)
class Publish:
    """`began`: seconds since the epoch. `error`: None where it was published."""

    number: int
    how: str
    began: float
    seconds: float
    error: str | None = None


@dataclass(slots=True)
class Reading:
    """What the readers wrote: (question, moment, seconds), and their errors."""

    answers: list[tuple[str, float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Backups:
    """Seconds and bytes of each, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    bytes: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def publish(world: World, variants: Variants, number: int, folder: Path, env: dict[str, str]) -> Publish:
    """Make variant `number` and publish it; its files are gone afterwards."""
    source = variants.write(number, folder / f"release-{number:05}")
    by_sensor = number % BY_SENSOR == 0
    began = time.time()
    try:
        error = _drop(world, variants, number, source) if by_sensor else _import(world, source, env)
    finally:
        shutil.rmtree(source, ignore_errors=True)
    return Publish(number, "landing sensor" if by_sensor else "mids import", began, time.time() - began, error)


def _import(world: World, source: Path, env: dict[str, str]) -> str | None:
    done = _mids(world, env, "import", str(source), "--json")
    if done.returncode:
        return f"mids import ended with {done.returncode}: {done.stderr.strip()[-500:]}"
    action = json.loads(done.stdout)["action"]
    return None if action == "published" else f"mids import ended with {action}"


def _drop(world: World, variants: Variants, number: int, source: Path) -> str | None:
    """Into the landing folder, in one rename as far as the sensor sees it; readers tell when it is published."""
    landing = world.settings.landing_dir / "homecoming"
    landing.mkdir(parents=True, exist_ok=True)
    part = landing / f"{source.name}.part"
    shutil.copytree(source, part)
    drop = part.rename(landing / source.name)
    end = time.monotonic() + PUBLISHED_WITHIN
    try:
        while time.monotonic() < end:
            time.sleep(0.5)
            seen = world.query("SELECT recharge_time FROM homecoming_v1.power WHERE full_name = %s", variants.marked[0])
            if seen == [(float(number),)]:
                return None
    finally:
        shutil.rmtree(drop, ignore_errors=True)
    return f"nothing published {drop.name} within {PUBLISHED_WITHIN:.0f} s"


@contextmanager
def reading(world: World, names: tuple[str, ...], readers: int, folder: Path) -> Iterator[Reading]:
    """So many readers while the block runs; what they found is there after it."""
    stop, out = folder / "stop", folder / "answers.json"
    task = {"url": database_url(world.settings), "names": names, "stop": str(stop), "readers": readers}
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets_tests.soak.readers", str(out)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        text=True,
    )
    found = Reading()
    try:
        assert process.stdin is not None
        json.dump(task, process.stdin)
        process.stdin.close()
        yield found
    finally:
        stop.touch()
        code = process.wait(60)
    if code:
        found.errors.append(f"the process of the readers ended with {code}")
        return
    said = json.loads(out.read_text())
    found.answers, found.errors = said["answers"], said["errors"]


@contextmanager
def backing_up(world: World, every: float, env: dict[str, str]) -> Iterator[Backups]:
    """A backup of the realm every so many seconds while the block runs, at least one."""
    found = Backups()

    def go_on(ended: threading.Event) -> None:
        while not ended.wait(every if found.seconds or found.errors else 0):
            started = time.monotonic()
            done = _mids(world, env, "db", "backup", "--realm", "homecoming", "--json")
            if done.returncode:
                found.errors.append(f"mids db backup ended with {done.returncode}: {done.stderr.strip()[-500:]}")
            else:
                found.seconds.append(time.monotonic() - started)
                found.bytes.append(sum(backup["bytes"] for backup in json.loads(done.stdout)))

    with beside(go_on):
        yield found


def _mids(world: World, env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mids_assets.cli", *args],
        env={**world.environment, **env},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=600,
    )
