"""A backfill whose daemon, web server and run are killed with -9 in the middle goes on where it was after a restart."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mids_assets.automation.jobs import publish_tags
from mids_assets.graph import keys
from mids_assets.transform.build import BuildManifest, read_manifest
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.dg_dev import dg_dev, tail, until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

POWERS = 3000
SETTINGS = {"MIDS_CHUNK_BYTES": "262144", "MIDS_WORKERS": "1"}
ENDED = ("SUCCESS", "FAILURE", "CANCELED")


def test_a_killed_backfill_goes_on_with_the_missing_chunks_and_is_published(world: World):
    land(world)
    with dg_dev(world, **SETTINGS) as ui:
        run = ui.launch("homecoming_ingest", {keys.TAG_PUBLISH: keys.NEVER})
        until(lambda: status(world, run) in ENDED, 120, lambda: f"ingest does not end: {tail(ui.log)}")
        assert status(world, run) == "SUCCESS"
        paths, manifest = planned(world)
        names = {chunk.key for chunk in manifest.chunks}
        assert len(names) > 40 and recorded(world) == set()

        backfill = ui.backfill([["homecoming", keys.RECORDS]], [chunk.key for chunk in manifest.chunks])
        until(lambda: len(recorded(world)) >= 3, 120, lambda: f"it does not begin: {tail(ui.log)}", every=0.02)
        ui.kill()
    done = recorded(world)
    assert 3 <= len(done) < len(names)
    before = finished(paths)
    assert done <= before.keys() < names

    # Dagster finds the dead run by itself and runs it a second time, which parses what is missing.
    with dg_dev(world, **SETTINGS) as ui:
        until(
            lambda: "SUCCESS" in ui.runs_of(backfill),
            240,
            lambda: f"it does not go on: {ui.runs_of(backfill)}\n{tail(ui.log)}",
        )
        assert sorted(ui.runs_of(backfill)) == ["FAILURE", "SUCCESS"]
        after = finished(paths)
        assert after.keys() == names == recorded(world)
        assert before.items() <= after.items()

        run = ui.launch("homecoming_publish", publish_tags(manifest))
        until(lambda: status(world, run) in ENDED, 120, lambda: f"publish does not end: {tail(ui.log)}")
        assert status(world, run) == "SUCCESS"
    assert finished(paths) == after
    assert world.query("select count(*) from homecoming.power") == [(POWERS,)]


def land(world: World) -> None:
    """A release in the landing folder that is not being copied any more."""
    landing = world.settings.landing_dir / "homecoming" / "drop"
    landing.parent.mkdir(parents=True)
    world.mids("sample", str(landing), "--powers", str(POWERS), "--format", "mhd")
    for path in [*landing.rglob("*"), landing]:
        os.utime(path, (time.time() - 60, time.time() - 60))


def planned(world: World) -> tuple[BuildPaths, BuildManifest]:
    store = Store(world.settings.releases_dir)
    found = store.pointed("homecoming", "plan")
    assert found is not None
    return read_manifest(store, "homecoming", found["release"], found["build"])


def recorded(world: World) -> set[str]:
    """Partitions of i12_records that the UI shows as materialized."""
    rows = world.dagster_query(
        "select distinct partition from event_logs where asset_key like '%i12_records%'"
        " and dagster_event_type = 'ASSET_MATERIALIZATION'"
    )
    return {str(partition) for (partition,) in rows if partition}


def status(world: World, run: str) -> str:
    ((found,),) = world.dagster_query(f"select status from runs where run_id = '{run}'")
    return found


def finished(paths: BuildPaths) -> dict[str, tuple[int, int]]:
    """Chunks that were parsed to their end, with what tells one file from the next."""
    return {
        stem(path): identity(path.with_name(f"{stem(path)}.parquet")) for path in paths.chunks.glob("*.result.json")
    }


def stem(path: Path) -> str:
    return path.name.removesuffix(".result.json")


def identity(path: Path) -> tuple[int, int]:
    return path.stat().st_ino, path.stat().st_mtime_ns
