"""A new release in the landing folder is published, once, whatever the person or the clock does to start it.

One `dg dev` with its daemon serves all: *Materialize all* takes Dagster's backfills minutes, so those of two realms go
on while a third realm is imported in every other way. docs/decisions/0008-materialize-all.md has what Dagster does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from mids_assets.graph import keys
from mids_assets.graph.partitions import NOT_PLANNED
from mids_assets.model.tables import ASSETS
from mids_assets.sample import write_sample
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.browser import ARTIFACTS
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.real import PROJECT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

REALMS = ("homecoming", "rebirth", "generic")
SETTINGS = {
    "MIDS_REALMS": ",".join(REALMS),
    "MIDS_UPDATE_URL_REBIRTH": "",
    "MIDS_CHUNK_BYTES": "524288",
    "MIDS_WORKERS": "1",
    "MIDS_SCHEDULE": "* * * * *",
    "MIDS_TAKEOVER_SECONDS": "0",
    "MIDS_USER_HEADER": "X-Forwarded-User",
}
POWERS = 240
ASSET_RUN = ("__ASSET_JOB", "SUCCESS")
KILLED = """
import os, signal
from mids_assets.cli import main
from mids_assets.commands import importing
importing._Runner.publish = lambda self, manifest: os.kill(os.getpid(), signal.SIGKILL)
main()
"""
"""`mids import`, killed with -9 between its two runs."""


@pytest.fixture(scope="module")
def ui(world: World) -> Iterator[Ui]:
    with dg_dev(world, **SETTINGS) as started:
        for realm in REALMS:
            started.switch(False, f"{realm}_nightly")
        # It would be quicker than the persons of these tests.
        started.stop_sensors("_landing")
        yield started
    assert world.dagster_query("select count(*) from runs where status <> 'SUCCESS' and status <> 'FAILURE'") == [(0,)]


@pytest.fixture(scope="module")
def backfills() -> dict[str, str]:
    """Id of the backfill of a realm, launched by one test and awaited by a later one."""
    return {}


def test_materialize_all_without_any_partition_is_one_run(world: World, ui: Ui, page):
    until(lambda: partitions(world, "homecoming") == [NOT_PLANNED], 60, lambda: tail(ui.log))
    version = drop(world, "homecoming", 1)
    assert materialize_all(page, ui, "homecoming") == "Launch 1 run"
    wait_until_published(world, ui, "homecoming", version)
    assert runs_of(world, "homecoming", version) == [ASSET_RUN]
    until(lambda: NOT_PLANNED not in partitions(world, "homecoming"), 60, lambda: tail(ui.log))


def test_materialize_all_is_launched_with_partitions_of_an_older_plan_and_with_those_of_the_current_one(
    world: World, ui: Ui, page, backfills
):
    drop(world, "homecoming", 2)
    assert materialize_all(page, ui, "homecoming") == "Launch backfill"
    until(lambda: len(ui.backfills()) == 1, 30, lambda: tail(ui.log))
    (backfills["homecoming"],) = ui.backfills()

    drop(world, "rebirth", 3)
    planned = ui.launch("rebirth_ingest", {keys.TAG_PUBLISH: keys.NEVER})
    until(lambda: ended(world, planned), 120, lambda: tail(ui.log))
    right = partitions(world, "rebirth")
    assert len(right) > 2 and NOT_PLANNED in right
    backfills["rebirth"] = ui.backfill(ui.assets("rebirth"), right)


def test_the_button_of_the_job(world: World, ui: Ui):
    version = drop(world, "generic", 4)
    ui.launch("generic_ingest", headers={"X-Forwarded-User": "alice"})
    wait_until_published(world, ui, "generic", version)
    assert runs_of(world, "generic", version) == [("generic_ingest", "SUCCESS"), ("generic_publish", "SUCCESS")]
    sensor = ("generic_publish_after_ingest", "sensor")
    assert audited(world, "generic")[-3:] == [
        ("launch", "alice", "ui", "generic_ingest"),
        ("launch", *sensor, "generic_publish"),
        ("published", *sensor, "first"),
    ]


def test_release_raw_and_plan_of_the_asset_graph(world: World, ui: Ui):
    version = drop(world, "generic", 5)
    raw = [["generic", "raw", entity] for entity in ASSETS]
    ui.launch("__ASSET_JOB", assets=[["generic", keys.RELEASE], *raw, ["generic", keys.PLAN]])
    wait_until_published(world, ui, "generic", version)
    assert runs_of(world, "generic", version) == [ASSET_RUN, ("generic_publish", "SUCCESS")]


def test_the_nightly_schedule(world: World, ui: Ui):
    version = drop(world, "generic", 6)
    ui.switch(True, "generic_nightly")
    until(lambda: bool(runs_of(world, "generic", version)), 120, lambda: tail(ui.log))
    ui.switch(False, "generic_nightly")
    wait_until_published(world, ui, "generic", version)
    until(lambda: quiet(world), 120, lambda: str(world.runs()))
    assert runs_of(world, "generic", version) == [("generic_ingest", "SUCCESS"), ("generic_publish", "SUCCESS")]
    assert ("launch", "generic_nightly", "schedule", "generic_ingest") in audited(world, "generic")


def test_an_import_that_is_killed_between_its_two_runs(world: World, ui: Ui):
    version = drop(world, "generic", 7)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "import", str(landing(world, "generic") / "7"), "--realm", "generic"],
        env={**world.environment, **SETTINGS},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert killed.returncode == -9, killed.stderr
    wait_until_published(world, ui, "generic", version)
    assert runs_of(world, "generic", version) == [("generic_ingest", "SUCCESS"), ("generic_publish", "SUCCESS")]


def test_two_launches_and_an_import_of_the_command_line_at_once(world: World, ui: Ui):
    version = drop(world, "generic", 8)
    ui.launch("generic_ingest")
    ui.launch("generic_ingest")
    source = str(landing(world, "generic") / "8")
    told = world.mids_json("import", source, "--realm", "generic", code=0, **SETTINGS)
    assert told["action"] in ("published", "nothing_to_do")
    wait_until_published(world, ui, "generic", version)
    # Nothing comes after: all runs have ended, and the sensor has looked at the newest plan.
    until(lambda: quiet(world), 120, lambda: str(world.runs()))
    assert publishes(world, "generic", version) == 1
    assert {status for _, status in runs_of(world, "generic", version)} == {"SUCCESS"}


@pytest.mark.parametrize(("realm", "seed"), [("homecoming", 2), ("rebirth", 3)], ids=["older", "right"])
def test_materialize_all_publishes_in_three_runs(world: World, ui: Ui, backfills, realm, seed):
    version = f"0.1.{seed}"
    wait_until_published(world, ui, realm, version)
    until(
        lambda: ui.backfill_status(backfills[realm]) == "COMPLETED_SUCCESS",
        120,
        lambda: f"{ui.backfill_status(backfills[realm])} {runs_of(world, realm, version)}\n{tail(ui.log)}",
    )
    assert ui.runs_of(backfills[realm]) == ["SUCCESS"] * 3
    backfill = (f"backfill {backfills[realm]}", "backfill")
    noted = [action for action, *by, _ in audited(world, realm) if tuple(by) == backfill]
    assert sorted(noted) == [*["launch"] * 3, "published"]
    before = [("rebirth_ingest", "SUCCESS")] if realm == "rebirth" else []
    assert runs_of(world, realm, version) == [*before, *[ASSET_RUN] * 3]
    # What the backfill named stays while it runs, and goes afterwards.
    planned = world.query("select summary from mids.release where realm = %s and version = %s", realm, version)
    assert planned
    until(
        lambda: len({key.split(".")[0] for key in partitions(world, realm)}) == 1,
        60,
        lambda: str(partitions(world, realm)),
    )
    until(lambda: said(world, realm, "made this plan and published it"), 60, lambda: tail(ui.log))


def materialize_all(page: Any, ui: Ui, realm: str) -> str:
    """Click *Materialize all* on the graph of a realm, all partitions. What the last button said."""
    selection = quote(f'key:"{realm}/*"', safe="*")
    page.goto(f"{ui.url}/asset-groups~{selection}/")
    page.get_by_text(f"{realm}_warehouse").first.wait_for()
    page.get_by_role("button", name="Materialize all").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="All", exact=True).click()
    button = dialog.get_by_role("button", name=re.compile("^Launch (1 run|backfill)$"))
    page.screenshot(path=ARTIFACTS / f"materialize_all_{realm}.png")
    text = button.inner_text()
    button.click()
    dialog.wait_for(state="hidden")
    return text


def landing(world: World, realm: str):
    return world.settings.landing_dir / realm


def drop(world: World, realm: str, seed: int) -> str:
    """A new release in the landing folder that is not being copied any more. Its version."""
    folder = landing(world, realm) / str(seed)
    write_sample(folder, powers=POWERS, seed=seed, realm=realm)
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (time.time() - 60, time.time() - 60))
    return f"0.1.{seed}"


def release_of(world: World, realm: str, version: str) -> tuple[str, str] | None:
    """Id and state of a release in the register."""
    if world.query("select to_regclass('mids.release')") == [(None,)]:
        return None
    rows = world.query("select release, state from mids.release where realm = %s and version = %s", realm, version)
    return rows[0] if rows else None


def wait_until_published(world: World, ui: Ui, realm: str, version: str) -> None:
    """Until readers see the release and its run has ended; it was published by one run alone."""
    until(
        lambda: (release_of(world, realm, version) or ("", ""))[1] == "published",
        240,
        lambda: f"{release_of(world, realm, version)} {world.runs()}\n{tail(ui.log)}",
    )
    until(lambda: all(status != "STARTED" for _, status in runs_of(world, realm, version)), 60, lambda: tail(ui.log))
    assert publishes(world, realm, version) == 1


def audited(world: World, realm: str) -> list[tuple]:
    """(action, who, origin, subject) of all that mids.audit has on a realm, the oldest first."""
    return world.query("select action, who, origin, subject from mids.audit where realm = %s order by id", realm)


def publishes(world: World, realm: str, version: str) -> int:
    """How many runs published a release."""
    ((found,),) = world.query(
        "select count(distinct l.run_id) from mids.import_log l join mids.release r on r.id = l.release_id"
        " where r.realm = %s and r.version = %s and l.action in ('first', 'update', 'rebuild', 'rollback')",
        realm,
        version,
    )
    return found


def runs_of(world: World, realm: str, version: str) -> list[tuple[str, str]]:
    """(job, status) of all runs that worked on a release, the oldest first."""
    found = release_of(world, realm, version)
    release = found[0] if found else ""
    return world.dagster_query(
        "select r.pipeline_name, r.status from runs r join run_tags t on t.run_id = r.run_id"
        f" where t.key = '{keys.TAG_RELEASE}' and t.value = '{release}' order by r.id"
    )


def quiet(world: World) -> bool:
    """Whether no run of the realm is unfinished, and a tick of its publish sensor began after the newest one ended."""
    ((unfinished, newest),) = world.dagster_query(
        "select count(*) filter (where end_time is null), max(end_time) from runs where pipeline_name like 'generic%'"
    )
    ((ticked,),) = world.dagster_query(
        "select extract(epoch from max(timestamp)) from job_ticks where tick_body like '%generic_publish_after_ingest%'"
        " and status = 'SKIPPED'"
    )
    return not unfinished and ticked > newest


def ended(world: World, run: str) -> bool:
    ((status,),) = world.dagster_query(f"select status from runs where run_id = '{run}'")
    assert status != "FAILURE"
    return status == "SUCCESS"


def partitions(world: World, realm: str) -> list[str]:
    name = keys.chunk_partitions(realm).name
    rows = world.dagster_query(
        f"select partition from dynamic_partitions where partitions_def_name = '{name}' order by id"
    )
    return [key for (key,) in rows]


def said(world: World, realm: str, text: str) -> bool:
    """Whether a tick of the publish sensor of a realm said so."""
    found = world.dagster_query(
        f"select 1 from job_ticks where tick_body like '%{realm}_publish_after_ingest%' and tick_body like '%{text}%'"
    )
    return bool(found)
