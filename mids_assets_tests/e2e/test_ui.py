"""`dg dev` with its daemon, PostgreSQL storage and a real browser: what the user does and sees.

A release is dropped in the landing folder, `ingest` is launched as the UI's button does it, and the publish has to
follow by itself. Then a person looks at the graph, a table, its checks, and materializes partitions: a chosen range,
all of them, and those that failed. Screenshots go to .ci/artifacts.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mids_assets.transform.build import read_manifest
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.real import PROJECT, SAMPLE

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

ARTIFACTS = PROJECT / ".ci" / "artifacts"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SWITCHES = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]


class Ui:
    """A running `dg dev`."""

    def __init__(self, port: int, process: subprocess.Popen, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process
        self.log = log

    def graphql(self, query: str, **variables: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/graphql",
            data=json.dumps({"query": query, "variables": variables}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = json.load(answer)
        assert "errors" not in found, found
        return found["data"]

    def runs(self) -> dict[str, str]:
        found = self.graphql("{ runsOrError { ... on Runs { results { jobName status } } } }")
        return {run["jobName"]: run["status"] for run in found["runsOrError"]["results"]}

    def backfills(self) -> list[str]:
        """Ids of all backfills, newest first."""
        found = self.graphql("{ partitionBackfillsOrError { ... on PartitionBackfills { results { id } } } }")
        return [backfill["id"] for backfill in found["partitionBackfillsOrError"]["results"]]

    def runs_of(self, backfill: str) -> list[str]:
        """Status of the runs that a backfill has launched so far."""
        found = self.graphql(
            "query ($filter: RunsFilter!) { runsOrError(filter: $filter) { ... on Runs { results { status } } } }",
            filter={"tags": [{"key": "dagster/backfill", "value": backfill}]},
        )
        return [run["status"] for run in found["runsOrError"]["results"]]

    def partitions(self) -> dict[str, int]:
        """Number of partitions of i12_records by state."""
        counts = "numMaterialized numFailed numMaterializing numPartitions"
        found = self.graphql(
            'query { assetNodeOrError(assetKey: {path: ["homecoming", "i12_records"]}) {'
            f" ... on AssetNode {{ partitionStats {{ {counts} }} }} }} }}"
        )
        return found["assetNodeOrError"]["partitionStats"]


@pytest.fixture(scope="module")
def ui(world) -> Iterator[Ui]:
    landing = world.settings.landing_dir / "homecoming" / "drop"
    shutil.copytree(SAMPLE, landing)
    for path in [*landing.iterdir(), landing]:
        os.utime(path, (time.time() - 60, time.time() - 60))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = world.home / "dg-dev.log"
    program = Path(sys.executable).with_name("dg")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [program, "dev", "--host", "127.0.0.1", "--port", str(port)],
            env={**world.environment, "MIDS_CHUNK_BYTES": "262144", "PATH": f"{program.parent}:{os.environ['PATH']}"},
            cwd=PROJECT,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        started = Ui(port, process, log)
        _until(lambda: _answers(started), 120, f"dg dev does not answer, see {log}:\n{_tail(log)}")
        yield started
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def test_publish_follows_ingest_by_itself(world, ui):
    launched = ui.graphql(
        """mutation ($selector: JobOrPipelineSelector!) {
             launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
               __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
             }
           }""",
        selector={
            "repositoryName": "__repository__",
            "repositoryLocationName": "mids_assets",
            "jobName": "homecoming_ingest",
        },
    )
    assert launched["launchRun"]["__typename"] == "LaunchRunSuccess", launched
    _until(
        lambda: ui.runs().get("homecoming_publish") == "SUCCESS",
        240,
        lambda: f"publish did not follow: {ui.runs()}\n{_tail(ui.log)}",
    )
    assert world.query("select count(*) from homecoming.power") == [(300,)]
    assert [job for job, _ in world.runs()].count("homecoming_publish") == 1
    nodes = ui.graphql("{ assetNodes { assetKey { path } staleStatus } }")["assetNodes"]
    assert {"/".join(n["assetKey"]["path"]): n["staleStatus"] for n in nodes if n["staleStatus"] != "FRESH"} == {}


@pytest.fixture
def page() -> Iterator[Any]:
    """A browser window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.set_default_timeout(30_000)
        try:
            yield page
        finally:
            page.screenshot(path=ARTIFACTS / "last.png")
            browser.close()


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
    _until(lambda: ui.backfills() != known, 30, "the backfill was not launched")
    return ui.backfills()[0]


def _runs(ui: Ui, backfill: str, number: int) -> list[str]:
    """How the runs of a backfill end: one for every row of neighbours in it."""

    def ended() -> bool:
        runs = ui.runs_of(backfill)
        return len(runs) == number and set(runs) <= {"SUCCESS", "FAILURE", "CANCELED"}

    _until(ended, 120, lambda: f"they do not end: {ui.runs_of(backfill)}\n{_tail(ui.log)}")
    return ui.runs_of(backfill)


def _inodes(paths: BuildPaths) -> dict[str, tuple[int, int]]:
    """What tells one file of a chunk from the next, by key."""
    found = {path.name.removesuffix(".parquet"): path.stat() for path in paths.chunks.glob("*.parquet")}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


def _answers(ui: Ui) -> bool:
    assert ui.process.poll() is None, f"dg dev ended:\n{_tail(ui.log)}"
    try:
        locations = ui.graphql(
            "{ workspaceOrError { ... on Workspace { locationEntries { name loadStatus locationOrLoadError {"
            " __typename ... on PythonError { message } } } } } }"
        )["workspaceOrError"]["locationEntries"]
    except OSError:
        return False
    loaded = [entry["locationOrLoadError"] for entry in locations if entry["locationOrLoadError"]]
    assert not [entry for entry in loaded if entry["__typename"] == "PythonError"], loaded
    return bool(loaded)


def _until(condition: Callable[[], bool], seconds: float, message: str | Callable[[], str]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(1)
    pytest.fail(message if isinstance(message, str) else message())


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
