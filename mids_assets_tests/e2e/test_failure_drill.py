"""The failure drill: three bad releases, seen, understood and put right in the browser, as docs/runbook.md says.

A broken reference is corrected, of a damaged chunk only that chunk is parsed again, and a lost table is replaced by a
whole release. The pictures go to .ci/artifacts as drill-*.webp; those of the runbook are copies (see its end).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mids_assets.automation.jobs import publish_tags
from mids_assets.graph import keys
from mids_assets.transform.build import read_manifest
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.conftest import World
from mids_assets_tests.e2e.browser import ARTIFACTS, browser_page, small_picture
from mids_assets_tests.e2e.dg_dev import Ui, dg_dev, tail, until
from mids_assets_tests.faults import rewrite
from mids_assets_tests.integration.test_releases import published, release
from mids_assets_tests.real import PROJECT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(420)]

INGEST, PUBLISH = "homecoming_ingest", "homecoming_publish"
POWER = 7
LOST_NAME = "Nowhere.Nothing.Power"
ENDED = ("SUCCESS", "FAILURE", "CANCELED")


def lose_powerset(value: dict[str, Any]) -> None:
    value["powers"][POWER]["full_name"] = LOST_NAME


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> dict[str, Path]:
    """Four releases by version, made to look real: guards compare nothing with a sample."""
    folder = tmp_path_factory.mktemp("releases")
    found = {
        "1.0": release(folder / "first", "1.0"),
        "1.1": release(folder / "broken-reference", "1.1", lose_powerset),
        "1.2": release(folder / "lost-table", "1.2"),
        "1.3": release(folder / "whole", "1.3"),
    }
    rewrite(found["1.2"] / "Recipe.mhd", "recipe", lambda value: value["recipes"].clear())
    return found


@pytest.fixture(scope="module")
def ui(world: World, releases) -> Iterator[Ui]:
    """`dg dev` on a world where version 1.0 is published."""
    world.mids("import", str(releases["1.0"]), MIDS_CHUNK_BYTES="262144")
    with dg_dev(world, MIDS_CHUNK_BYTES="262144") as started:
        yield started


@pytest.fixture(scope="module")
def page(ui) -> Iterator[Any]:
    with browser_page(1500, 850) as page:
        yield page


def ingest(ui: Ui, source: Path, tags: dict[str, str] | None = None) -> None:
    config = {"ops": {"homecoming__release": {"config": {"source": str(source)}}}}
    run = ui.launch(INGEST, tags, config)
    assert ended(ui, run) == "SUCCESS"


def ended(ui: Ui, run: str) -> str:
    """How a run ends."""
    until(lambda: ui.status(run) in ENDED, 120, lambda: f"{run} does not end: {tail(ui.log)}", every=0.5)
    return ui.status(run)


def next_run(ui: Ui, job: str, known: set[str]) -> str:
    """A run of the job that is not among those known: the sensor, or a button, launches it."""
    until(lambda: bool(ui.runs_of_job(job) - known), 60, lambda: f"no run of {job}: {tail(ui.log)}", every=0.5)
    return (ui.runs_of_job(job) - known).pop()


def picture(page: Any, world: World, name: str) -> None:
    """A screenshot in which no folder of this machine is named."""
    page.evaluate(
        """(folders) => {
             const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
             while (texts.nextNode()) {
               const node = texts.currentNode;
               for (const [folder, name] of Object.entries(folders)) {
                 if (node.nodeValue.includes(folder)) node.nodeValue = node.nodeValue.replaceAll(folder, name);
               }
             }
           }""",
        {
            str(world.settings.data_dir): "data",
            sys.prefix: ".venv",
            str(PROJECT): "mids-assets",
            sys.base_prefix: "python",
        },
    )
    (ARTIFACTS / f"drill-{name}.webp").write_bytes(small_picture(page))


def current(world: World) -> tuple[BuildPaths, Any]:
    store = Store(world.settings.releases_dir)
    planned = store.pointed("homecoming", "plan")
    assert planned is not None
    return read_manifest(store, "homecoming", planned["release"], planned["build"])


def test_a_broken_reference_is_seen_and_corrected(world, ui, page, releases):
    known = ui.runs_of_job(PUBLISH)
    ingest(ui, releases["1.1"])
    failed = next_run(ui, PUBLISH, known)
    assert ended(ui, failed) == "FAILURE"
    assert published(world) == "1.0"

    # Which run, which asset, which check.
    page.goto(f"{ui.url}/runs")
    page.get_by_text("Failure").first.wait_for()
    picture(page, world, "runs")
    page.goto(f"{ui.url}/runs/{failed}")
    page.get_by_text("homecoming_tables_power").first.wait_for()
    page.get_by_text("blocking").first.wait_for()
    picture(page, world, "run")

    # Which row, and where it comes from.
    page.goto(f"{ui.url}/assets/homecoming/tables/power?view=checks&checkDetail=rules")
    page.get_by_text("required: powerset").first.wait_for()
    for told in (LOST_NAME.lower(), "I12.mhd", str(POWER), "full_name, group_name, set_name"):
        page.get_by_role("cell", name=told, exact=True).first.wait_for()
    picture(page, world, "check")
    page.get_by_role("row", name="what_to_do").get_by_text("Show Markdown").click()
    proposal = page.get_by_role("dialog").locator("code").filter(has_text="entity:").inner_text()
    picture(page, world, "what-to-do")

    # The proposed correction, filled in.
    assert f"position: {POWER}" in proposal and f'the source says "{LOST_NAME}"' in proposal
    ((name,),) = world.query("select full_name from homecoming.power where source_position = %s", POWER)
    corrections = world.settings.corrections_dir / "homecoming" / "drill.yaml"
    corrections.parent.mkdir(parents=True)
    filled = re.sub(r"to: \.\.\..*", f"to: {name}", proposal).replace("reason: ...", "reason: Named wrongly.")
    corrections.write_text(filled, "utf-8")
    # The publish is held back for the next test, which goes on from here.
    ingest(ui, releases["1.1"], {keys.TAG_PUBLISH: keys.NEVER})


def test_of_a_damaged_chunk_only_that_chunk_is_parsed_again(world, ui, page):
    paths, manifest = current(world)
    raw, chunk = paths.raw / "i12.json", manifest.chunks[3]
    whole = raw.read_bytes()
    raw.write_bytes(whole[: chunk.start] + b" " * (chunk.end - chunk.start) + whole[chunk.end :])
    failed = ui.launch(PUBLISH, publish_tags(manifest))
    assert ended(ui, failed) == "FAILURE"
    before = {path.name: path.stat().st_mtime_ns for path in paths.chunks.glob("*.parquet")}
    assert f"{chunk.key}.parquet" not in before and len(before) == 2 * (len(manifest.chunks) - 1)

    page.goto(f"{ui.url}/runs/{failed}")
    page.get_by_text("homecoming__i12_records").first.wait_for()
    page.get_by_text("View full message").last.click()
    page.get_by_role("dialog").get_by_text(chunk.key).first.scroll_into_view_if_needed()
    picture(page, world, "chunk-run")
    page.goto(f"{ui.url}/assets/homecoming/i12_records?view=partitions")
    page.get_by_text("Failed").first.wait_for()
    picture(page, world, "partitions")

    # The raw file is made again from the stored release; then the failed run goes on from where it failed.
    known = ui.runs_of_job("__ASSET_JOB")
    page.goto(f"{ui.url}/assets/homecoming/raw/power")
    page.get_by_role("button", name="Materialize").first.click()
    page.get_by_role("button", name="Confirm").click()
    assert ended(ui, next_run(ui, "__ASSET_JOB", known)) == "SUCCESS"
    assert raw.read_bytes() == whole
    known = ui.runs_of_job(PUBLISH)
    page.goto(f"{ui.url}/runs/{failed}")
    page.get_by_role("button", name="Re-execute all").locator("xpath=following::button[1]").click()
    page.get_by_role("menuitem", name="From failure").click()
    assert ended(ui, next_run(ui, PUBLISH, known)) == "SUCCESS"
    after = {path.name: path.stat().st_mtime_ns for path in paths.chunks.glob("*.parquet")}
    assert {name for name in after if after[name] != before.get(name)} == {
        f"{chunk.key}.parquet",
        f"{chunk.key}.quarantine.parquet",
    }
    assert published(world) == "1.1"
    ((position,),) = world.query("select count(*) from homecoming.power where full_name = %s", LOST_NAME)
    assert position == 0


def test_a_lost_table_is_blocked_and_replaced_by_a_whole_release(world, ui, page, releases):
    known = ui.runs_of_job(PUBLISH)
    ingest(ui, releases["1.2"])
    assert ended(ui, next_run(ui, PUBLISH, known)) == "FAILURE"
    assert published(world) == "1.1"
    page.goto(f"{ui.url}/assets/homecoming/tables/power?view=checks&checkDetail=guards")
    page.get_by_text("recipe").first.wait_for()
    picture(page, world, "guards")

    known = ui.runs_of_job(PUBLISH)
    ingest(ui, releases["1.3"])
    assert ended(ui, next_run(ui, PUBLISH, known)) == "SUCCESS"
    assert published(world) == "1.3"
    assert [one["action"] for one in world.mids_json("history")][:2] == ["update", "blocked"]


def test_a_person_finds_the_way_in_the_graph(world, ui, page):
    page.goto(f"{ui.url}/asset-groups")
    for layer in ("source", "raw", "frames", "tables", "warehouse"):
        page.get_by_text(f"homecoming_{layer}").first.wait_for()
    picture(page, world, "graph")

    page.goto(f"{ui.url}/assets/homecoming/warehouse/power")
    for told in ("mids-assets", "homecoming_warehouse", "Source code", "Source: power full_name"):
        page.get_by_text(told).first.wait_for()
    picture(page, world, "table")

    page.goto(f"{ui.url}/assets/homecoming/frames/power")
    page.get_by_role("button", name="Plots").click()
    for number in ("rows_in", "row_count", "quarantined", "seconds"):
        page.get_by_text(number).first.wait_for()
    page.get_by_role("button", name="Plots").scroll_into_view_if_needed()
    picture(page, world, "plots")
