"""`dg dev` with its daemon, PostgreSQL storage and a real browser: what the user does and sees.

A release is dropped in the landing folder, `ingest` is launched as the UI's button does it, and the publish has to
follow by itself. Then a person looks at the graph, a table, its checks, and materializes partitions: a chosen range,
all of them, and those that failed. Screenshots go to .ci/artifacts.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

from mids_assets.transform.build import read_manifest
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.e2e.browser import ARTIFACTS
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.real import SAMPLE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]


@pytest.fixture(scope="module")
def ui(world) -> Iterator[Ui]:
    landing = world.settings.landing_dir / "homecoming" / "drop"
    shutil.copytree(SAMPLE, landing)
    for path in [*landing.iterdir(), landing]:
        os.utime(path, (time.time() - 60, time.time() - 60))
    with dg_dev(world, MIDS_CHUNK_BYTES="262144") as started:
        yield started


def test_publish_follows_ingest_by_itself(world, ui):
    ui.launch("homecoming_ingest")
    until(
        lambda: ui.runs().get("homecoming_publish") == "SUCCESS",
        240,
        lambda: f"publish did not follow: {ui.runs()}\n{tail(ui.log)}",
    )
    assert world.query("select count(*) from homecoming.power") == [(300,)]
    assert [job for job, _ in world.runs()].count("homecoming_publish") == 1
    nodes = ui.graphql("{ assetNodes { assetKey { path } staleStatus } }")["assetNodes"]
    # Backups are made at night, and by no import.
    not_yet = {"homecoming/backup": "MISSING", "mids/dagster_backup": "MISSING"}
    assert {"/".join(n["assetKey"]["path"]): n["staleStatus"] for n in nodes if n["staleStatus"] != "FRESH"} == not_yet


def test_a_person_sees_graph_table_and_checks(ui, page):
    page.goto(f"{ui.url}/asset-groups")
    page.get_by_text("homecoming_tables").first.wait_for()
    page.wait_for_timeout(2_000)
    page.screenshot(path=ARTIFACTS / "graph.png")

    page.goto(f"{ui.url}/assets/homecoming/warehouse/power_effect")
    page.get_by_text("base_probability").first.wait_for()
    page.screenshot(path=ARTIFACTS / "table.png")

    page.goto(f"{ui.url}/assets/homecoming/tables/power_effect?view=checks")
    page.get_by_text("unresolved").first.wait_for()
    page.get_by_text("rules").first.wait_for()
    page.screenshot(path=ARTIFACTS / "checks.png")

    page.goto(f"{ui.url}/assets/homecoming/i12_records?view=partitions")
    page.get_by_text("Materialized").first.wait_for()
    page.screenshot(path=ARTIFACTS / "partitions.png")

    page.goto(f"{ui.url}/assets/homecoming/i12_chunk_plan")
    page.get_by_text("file_sha256").first.wait_for()


def test_a_person_materializes_a_range_all_and_what_failed(world, ui, page):
    store = Store(world.settings.releases_dir)
    planned = store.pointed("homecoming", "plan")
    assert planned is not None
    paths, manifest = read_manifest(store, "homecoming", planned["release"], planned["build"])
    keys = [chunk.key for chunk in manifest.chunks]
    assert len(keys) > 5

    # All, while two chunks are damaged: the others are made, and the two have failed.
    raw = paths.raw / "i12.json"
    whole = raw.read_bytes()
    damaged = bytearray(whole)
    for chunk in (manifest.chunks[1], manifest.chunks[4]):
        damaged[chunk.start : chunk.end] = b" " * (chunk.end - chunk.start)
    first = _inodes(paths)
    raw.write_bytes(damaged)
    try:
        assert _runs(ui, _launch_backfill(page, ui, "All"), 1) == ["FAILURE"]
    finally:
        raw.write_bytes(whole)
    told = ui.partitions()
    assert (told["numMaterialized"], told["numFailed"]) == (len(keys) - 2, 2), told
    second = _inodes(paths)
    assert {key for key in keys if second[key] == first[key]} == {keys[1], keys[4]}

    # Those that failed, and a range: these are made, and no others. The daemon looks every 30 s, so both at once.
    failed = _launch_backfill(page, ui, "Failed")
    chosen = _launch_backfill(page, ui, keys[6:9])
    assert _runs(ui, failed, 2) == ["SUCCESS"] * 2
    assert _runs(ui, chosen, 1) == ["SUCCESS"]
    third = _inodes(paths)
    assert {key for key in keys if third[key] != second[key]} == {keys[1], keys[4], *keys[6:9]}
    assert ui.partitions()["numMaterialized"] == len(keys)


def _launch_backfill(page: Any, ui: Ui, which: str | list[str]) -> str:
    """Materialize partitions of i12_records as a person does: by a button of the dialog, or by their names. Its id."""
    known = ui.backfills()
    page.goto(f"{ui.url}/assets/homecoming/i12_records?view=partitions")
    page.get_by_text("Materialized").first.wait_for()
    page.get_by_role("button", name="Materialize…").click()
    if isinstance(which, str):
        page.get_by_role("button", name=which, exact=True).click()
    else:
        page.get_by_role("button", name="All", exact=True).click()
        page.get_by_role("button", name="Custom", exact=True).click()
        page.get_by_text(re.compile(r"^\d+ partitions selected")).click()
        page.get_by_role("menuitem", name="Select all").click()
        for name in which:
            page.get_by_role("menuitem", name=name).click()
        page.keyboard.press("Escape")
    page.screenshot(path=ARTIFACTS / "backfill.png")
    page.get_by_role("button", name="Launch backfill").click()
    until(lambda: ui.backfills() != known, 30, "the backfill was not launched")
    return ui.backfills()[0]


def _runs(ui: Ui, backfill: str, number: int) -> list[str]:
    """How the runs of a backfill end: one for every row of neighbours in it."""

    def ended() -> bool:
        runs = ui.runs_of(backfill)
        return len(runs) == number and set(runs) <= {"SUCCESS", "FAILURE", "CANCELED"}

    until(ended, 120, lambda: f"they do not end: {ui.runs_of(backfill)}\n{tail(ui.log)}")
    return ui.runs_of(backfill)


def _inodes(paths: BuildPaths) -> dict[str, tuple[int, int]]:
    """What tells one file of a chunk from the next, by key."""
    found = {path.name.removesuffix(".parquet"): path.stat() for path in paths.chunks.glob("*.parquet")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}
