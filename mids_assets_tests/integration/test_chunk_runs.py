"""Several runs that share the chunks of a plan (MIDS_BACKFILL_CHUNKS), as the sensor launches them before the publish.

Their steps run in this process here; those on workers are in e2e/test_celery.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import dagster as dg
import pytest

from mids_assets import clock
from mids_assets.assets import records
from mids_assets.automation.chunk_runs import KIND
from mids_assets.automation.jobs import RANGE_END, RANGE_START, after_chunks
from mids_assets.automation.sensors import PAUSE_SECONDS
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.sample import write_sample
from mids_assets.transform.build import BuildManifest
from mids_assets.transform.chunk_files import ChunkResult, frame_path, missing_chunks
from mids_assets_tests.code_location import POWER_FRAME, QUIET, RECORDS, Location
from mids_assets_tests.conftest import World

SHARE = 3


@pytest.fixture
def sharing(location: Location, monkeypatch) -> Location:
    """The location with `SHARE` chunks a run."""
    settings = replace(location.settings, backfill_chunks=SHARE)
    monkeypatch.setattr(location, "settings", settings)
    monkeypatch.setattr(location, "defs", build_definitions(settings))
    return location


@pytest.fixture
def plan(sharing: Location, tmp_path, request) -> BuildManifest:
    """A new plan, of which no chunk is there; `cursor` is that of a sensor that has handled all plans before."""
    planned = sharing.instance.fetch_materializations(keys.asset_key("homecoming", keys.PLAN), limit=1)
    request.node.cursor = str(planned.records[0].storage_id)
    write_sample(tmp_path / "new", seed=sum(map(ord, request.node.name)), file_format="mhd")
    sharing.ingest(tmp_path / "new")
    paths, manifest = sharing.plan()
    assert missing_chunks(paths, manifest) == list(manifest.chunks)
    assert len(manifest.chunks) > 2 * SHARE
    return manifest


@pytest.fixture
def tick(sharing: Location, plan: BuildManifest, request):
    """One tick after another, each with the cursor that the one before left."""
    cursor = request.node.cursor

    def ticked() -> object:
        nonlocal cursor
        answer, cursor = sharing.tick(cursor)
        return answer

    return ticked


def test_the_chunks_come_first_in_shares_and_then_the_publish_without_them(world: World, sharing, plan, tick):
    shares = tick()
    assert isinstance(shares, list)
    starts = [plan.chunks[number].key for number in range(0, len(plan.chunks), SHARE)]
    assert [one.tags[RANGE_START] for one in shares] == starts
    assert [one.run_key for one in tick()] == [one.run_key for one in shares]
    for one in shares:
        assert run(sharing, one).success
    parsed = sharing.instance.get_materialized_partitions(RECORDS)
    assert {chunk.key for chunk in plan.chunks} <= parsed

    # The daemon may be on a machine that sees no file of the workers.
    paths, _ = sharing.plan()
    elsewhere = paths.chunks.rename(paths.chunks.with_name("elsewhere"))
    publish = tick()
    elsewhere.rename(paths.chunks)
    assert isinstance(publish, dg.RunRequest)
    assert publish.job_name == "homecoming_publish" and RANGE_START not in publish.tags
    done = run(sharing, publish)
    assert done.success
    assert "homecoming__i12_records" not in {event.step_key for event in done.all_events}
    assert published(world) == [(plan.release,)]
    assert isinstance(tick(), dg.SkipReason)


def test_while_one_is_under_way_nothing_is_launched(sharing: Location, tick):
    first, *_ = tick()
    instance = sharing.instance
    started = instance.add_run(
        dg.DagsterRun(job_name=first.job_name, status=dg.DagsterRunStatus.STARTED, tags=dict(first.tags))
    )
    waits = tick()
    assert isinstance(waits, dg.SkipReason) and started.run_id in str(waits.skip_message)
    instance.report_run_failed(started)
    instance.delete_run(started.run_id)
    assert isinstance(tick(), list)


def test_a_share_that_failed_for_a_passing_reason_is_tried_again_after_a_pause(
    sharing: Location, plan, tick, monkeypatch
):
    lost, *others = tick()
    for one in others:
        assert run(sharing, one).success
    with monkeypatch.context() as broken:
        broken.setattr(records, "parse_chunks", failing(permanent=False))
        assert not run(sharing, lost).success
    waits = tick()
    assert isinstance(waits, dg.SkipReason) and "the next one comes 5 min after it" in str(waits.skip_message)
    later = clock.now() + timedelta(seconds=PAUSE_SECONDS)
    monkeypatch.setattr(clock, "now", lambda: later)
    (again,) = tick()
    assert again.tags == lost.tags and again.run_key != lost.run_key
    assert run(sharing, again).success
    assert isinstance(tick(), dg.RunRequest)


def test_one_that_failed_for_good_is_left_to_a_person_whose_chunks_are_then_published(
    sharing: Location, plan, tick, monkeypatch
):
    lost, *others = tick()
    for one in others:
        assert run(sharing, one).success
    with monkeypatch.context() as broken:
        broken.setattr(records, "parse_chunks", failing(permanent=True))
        assert not run(sharing, lost).success
    for _ in range(2):
        left = tick()
        assert isinstance(left, dg.SkipReason)
        told = str(left.skip_message)
        assert f"{SHARE} of {len(plan.chunks)} chunks" in told
        assert "failed for good; materializing them in homecoming/i12_records tries it again" in told
    tags = {RANGE_START: lost.tags[RANGE_START], RANGE_END: lost.tags[RANGE_END]}
    assert sharing.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags).success
    publish = tick()
    assert isinstance(publish, dg.RunRequest) and list(publish.asset_selection or ()) == after_chunks("homecoming")


def test_a_newer_plan_does_not_wait_for_one_that_failed_for_good(sharing: Location, plan, tick, monkeypatch, tmp_path):
    shares = tick()
    with monkeypatch.context() as broken:
        broken.setattr(records, "parse_chunks", failing(permanent=True))
        for one in shares:
            assert not run(sharing, one).success
    write_sample(tmp_path / "newer", seed=99, file_format="mhd")
    sharing.ingest(tmp_path / "newer")
    _, newer = sharing.plan()
    assert {one.tags[keys.TAG_BUILD] for one in tick()} == {newer.build}


def test_a_run_takes_chunks_that_another_one_made_meanwhile(sharing: Location, plan, tick):
    first, *_ = tick()
    assert run(sharing, first).success
    paths, _ = sharing.plan()
    made = [frame_path(paths.chunks, chunk.key) for chunk in plan.chunks[:SHARE]]
    before = [path.stat().st_mtime_ns for path in made]
    assert run(sharing, first).success
    assert [path.stat().st_mtime_ns for path in made] == before
    # Asked for by a person, they are made again.
    tags = {RANGE_START: first.tags[RANGE_START], RANGE_END: first.tags[RANGE_END]}
    assert sharing.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags).success
    assert [path.stat().st_mtime_ns for path in made] != before


def test_runs_that_go_on_to_the_frames_begin_with_what_they_were_asked_for(sharing: Location, plan, tick):
    _, second, *_ = tick()
    tags = {RANGE_START: second.tags[RANGE_START], RANGE_END: second.tags[RANGE_END]}
    result = sharing.run("__ASSET_JOB", asset_selection=[RECORDS, POWER_FRAME], tags=tags)
    assert result.success
    recorded = [event.partition for event in result.asset_materializations_for_node("homecoming__i12_records")]
    keys_in_order = [chunk.key for chunk in plan.chunks]
    asked = keys_in_order[SHARE : 2 * SHARE]
    assert [key for key in recorded if key] == asked + [key for key in keys_in_order if key not in asked]


def test_the_job_is_there_only_where_runs_share_chunks(location: Location, sharing: Location):
    assert f"homecoming_{KIND}" in {job.name for job in sharing.defs.resolve_all_job_defs()}
    alone = build_definitions(replace(location.settings, backfill_chunks=None))
    assert f"homecoming_{KIND}" not in {job.name for job in alone.resolve_all_job_defs()}


def run(location: Location, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    """What the daemon makes of a request of the sensor."""
    assert request.job_name is not None
    return location.defs.resolve_job_def(request.job_name).execute_in_process(
        instance=location.instance,
        tags={**request.tags, keys.TAG_SENSOR: "homecoming_publish_after_ingest"},
        run_config=QUIET,
        asset_selection=list(request.asset_selection) if request.asset_selection else None,
        raise_on_error=False,
    )


def failing(*, permanent: bool):
    def parse(tasks, *_):
        yield from (ChunkResult(task.chunk.key, error="it cannot be", permanent=permanent) for task in tasks)

    return parse


def published(world: World) -> list[tuple]:
    return world.query("select release from mids.release where state = 'published'")
