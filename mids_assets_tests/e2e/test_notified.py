"""The daemon tells people: a publish of its own, imports of the command line that fail or are killed, and their end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.integration.test_releases import _slower, release
from mids_assets_tests.real import PROJECT
from mids_assets_tests.receiver import Inbox, receiving

pytestmark = pytest.mark.e2e


def test_a_publish_a_bad_release_a_killed_import_and_the_recovery_are_told_once_each(world: World, tmp_path):
    with receiving() as inbox, dg_dev(world, MIDS_NOTIFY_URLS=inbox.url(), NO_PROXY="127.0.0.1") as ui:
        # The first look comes before all that it may tell of.
        until(lambda: looks(world) > 0, 60, lambda: f"no look: {tail(ui.log)}")
        land(world, release(tmp_path / "first", "1.0"))
        ui.launch("homecoming_ingest")
        told(inbox, 1, 120, ui)
        assert inbox.titles == ["homecoming 1.0: published"]

        bad = release(tmp_path / "bad", "1.1")
        (bad / "EnhDB.mhd").write_bytes((bad / "EnhDB.mhd").read_bytes()[:-100])
        for _ in range(2):
            world.mids("import", str(bad), code=2)
        kill_in_the_middle(world, release(tmp_path / "good", "1.2", _slower))
        told(inbox, 3, 120, ui)
        assert [one["type"] for one in inbox.taken[1:]] == ["failure"] * 2
        assert "EnhDB.mhd" in inbox.taken[1]["message"] and "is gone: killed" in inbox.taken[2]["message"]
        seen = looks(world)

        world.mids("import", str(tmp_path / "good"))
        told(inbox, 5, 60, ui)
        assert inbox.titles[3:] == ["homecoming 1.2: published", "homecoming: imports work again"]
        assert len(inbox.taken[4]["message"].splitlines()) == 3
        until(lambda: looks(world) > seen + 1, 60, lambda: f"no more looks: {tail(ui.log)}")
    assert len(inbox.taken) == 5
    kinds = [entry["kind"] for entry in json.loads(world.mids("notify", "--json").stdout)]
    assert kinds == ["recovered", "published", "failed", "failed", "published"]
    # No look takes a run or an event, and none fails.
    ticks = world.dagster_query("select status, tick_body from job_ticks where tick_body like '%_notifications%'")
    assert {status for status, _ in ticks} <= {"SKIPPED", "STARTED"}


def looks(world: World) -> int:
    """How many looks are over."""
    ((found,),) = world.dagster_query(
        "select count(*) from job_ticks where status = 'SKIPPED' and tick_body like '%homecoming_notifications%'"
    )
    return found


def told(inbox: Inbox, number: int, seconds: float, ui: Ui) -> None:
    until(lambda: len(inbox.taken) >= number, seconds, lambda: f"told: {inbox.titles}\n{tail(ui.log)}", every=0.2)


def land(world: World, source: Path) -> None:
    landing = world.settings.landing_dir / "homecoming" / source.name
    shutil.copytree(source, landing)
    for path in [*landing.iterdir(), landing]:
        os.utime(path, (time.time() - 60, time.time() - 60))


def kill_in_the_middle(world: World, source: Path) -> None:
    """kill -9 of a `mids import` while its run is under way."""
    before = len(world.runs())
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "import", str(source)],
        env=world.environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: len(world.runs()) > before and world.runs()[0][1] == "STARTED", 60, "no run", every=0.02)
    process.kill()
    process.wait()
