"""Backfills that make their own plan (*Materialize all*), on a real instance: what runs make of partitions that they
could not know, which partitions stay meanwhile, and who publishes. The daemon's part is in e2e/test_chain.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from mids_assets.graph import keys
from mids_assets.graph.backfills import TAG_BACKFILL
from mids_assets.graph.partitions import NOT_PLANNED, register, tidy
from mids_assets.sample import write_sample
from mids_assets.transform.chunk_files import frame_path
from mids_assets_tests.code_location import PARTITIONS, POWER_FRAME, RECORDS, Location

PLAN = keys.asset_key("homecoming", keys.PLAN)
WAREHOUSE = keys.asset_key("homecoming", "warehouse", "power")
STALE = "00000000.000000000000-000000000001"
_numbers = count()


@pytest.fixture
def stale(location: Location) -> Iterator[str]:
    """A partition of an earlier plan."""
    location.instance.add_dynamic_partitions(PARTITIONS, [STALE])
    yield STALE
    location.instance.delete_dynamic_partition(PARTITIONS, STALE)


@pytest.fixture
def backfill(location: Location) -> Iterator[PartitionBackfill]:
    """One of the whole graph that is under way."""
    made = add_backfill(location, [PLAN, RECORDS, WAREHOUSE])
    yield made
    end(location, made, BulkActionStatus.CANCELED)


def add_backfill(location: Location, assets: list[dg.AssetKey]) -> PartitionBackfill:
    made = PartitionBackfill(
        backfill_id=f"backfill{next(_numbers)}",
        status=BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=time.time(),
        asset_selection=assets,
        serialized_asset_backfill_data="{}",
    )
    location.instance.add_backfill(made)
    return made


def end(location: Location, backfill: PartitionBackfill, status: BulkActionStatus) -> None:
    location.instance.update_backfill(backfill.with_status(status).with_end_timestamp(time.time()))


def recorded(result: dg.ExecuteInProcessResult) -> dict[str | None, dict[str, object]]:
    """What a run recorded of each partition."""
    events = [event for event in result.get_asset_materialization_events() if event.asset_key == RECORDS]
    return {
        event.partition: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in events
    }


def everything(location: Location, partition: str, source: Path) -> dg.ExecuteInProcessResult:
    """What *Materialize all* launches where there is one partition."""
    return location.run(
        "__ASSET_JOB",
        asset_selection=list(location.defs.resolve_asset_graph().materializable_asset_keys),
        partition_key=partition,
        config={"ops": {"homecoming__release": {"config": {"source": str(source)}}}},
    )


def forget_chunks(location: Location) -> list[str]:
    """As if no chunk had been parsed. All keys of the plan."""
    paths, manifest = location.plan()
    for chunk in manifest.chunks:
        frame_path(paths.chunks, chunk.key).unlink(missing_ok=True)
    return [chunk.key for chunk in manifest.chunks]


def test_a_backfill_of_its_own_plan_works_on_all_of_it_whatever_it_was_asked_for(location, stale, backfill):
    planned = forget_chunks(location)
    result = location.records(stale, tags={TAG_BACKFILL: backfill.backfill_id})
    found = recorded(result)
    assert found.keys() == {*planned, stale}
    assert "Nothing was written" in str(found[stale]["stale"]) and "rows_in" not in found[stale]
    assert all(found[key]["rows_in"] and not found[key]["was_there_already"] for key in planned)
    # Asked for one partition of the plan, it takes what is there and makes the others.
    again = recorded(location.records(planned[1], tags={TAG_BACKFILL: backfill.backfill_id}))
    assert again.keys() == set(planned) and all(one["was_there_already"] for one in again.values())


def test_a_backfill_of_partitions_alone_records_nothing_of_another_plan(location, stale):
    alone = add_backfill(location, [RECORDS])
    try:
        assert recorded(location.records(stale, tags={TAG_BACKFILL: alone.backfill_id})) == {}
    finally:
        end(location, alone, BulkActionStatus.CANCELED)


def test_one_partition_and_the_frames_are_all_partitions(location):
    planned = forget_chunks(location)
    result = location.run("__ASSET_JOB", asset_selection=[RECORDS, POWER_FRAME], partition_key=planned[2])
    assert result.success and recorded(result).keys() == set(planned)


def test_the_runs_of_a_backfill_work_on_one_build_whatever_is_planned_meanwhile(location, stale, backfill, tmp_path):
    tags = {TAG_BACKFILL: backfill.backfill_id}
    _, before = location.plan()
    location.records(stale, tags=tags)
    write_sample(tmp_path / "next", seed=41, file_format="mhd")
    location.ingest(tmp_path / "next", tags={keys.TAG_PUBLISH: keys.NEVER})
    _, after = location.plan()
    assert after.build != before.build
    result = location.run("__ASSET_JOB", asset_selection=[POWER_FRAME], tags=tags)
    run = location.instance.get_run_by_id(result.run_id)
    assert run.tags[keys.TAG_BUILD] == before.build


def test_partitions_of_an_earlier_plan_stay_while_a_backfill_may_name_them(location, stale, backfill):
    planned = [chunk.key for chunk in location.plan()[1].chunks]
    tidy(location.instance, "homecoming", planned)
    assert stale in location.instance.get_dynamic_partitions(PARTITIONS)
    end(location, backfill, BulkActionStatus.COMPLETED_SUCCESS)
    # The sensor takes them away once no plan waits for its publish any more.
    _, cursor = location.tick()
    location.tick(cursor)
    assert list(location.instance.get_dynamic_partitions(PARTITIONS)) == planned


def test_without_a_plan_there_is_one_partition_for_the_dialog_of_materialize_all(location):
    instance, realm = location.instance, "nowhere"
    name = keys.chunk_partitions(realm).name
    for _ in range(2):
        tidy(instance, realm, [])
        assert list(instance.get_dynamic_partitions(name)) == [NOT_PLANNED]
    register(instance, realm, ["a", "b"])
    assert list(instance.get_dynamic_partitions(name)) == [NOT_PLANNED, "a", "b"]
    tidy(instance, realm, ["a", "b"])
    assert list(instance.get_dynamic_partitions(name)) == ["a", "b"]


def test_one_run_of_the_whole_graph_publishes_its_own_plan(location, tmp_path):
    _, cursor = location.tick()
    location.instance.add_dynamic_partitions(PARTITIONS, [NOT_PLANNED])
    write_sample(tmp_path / "next", seed=49, file_format="mhd")
    result = everything(location, NOT_PLANNED, tmp_path / "next")
    _, manifest = location.plan()
    planned = [chunk.key for chunk in manifest.chunks]
    assert result.success and recorded(result).keys() == {*planned, NOT_PLANNED}
    assert list(location.instance.get_dynamic_partitions(PARTITIONS)) == planned
    answer, after = location.tick(cursor)
    assert isinstance(answer, dg.SkipReason) and f"Run {result.run_id} made this plan and published it" in str(
        answer.skip_message
    )
    assert after != cursor


def test_the_whole_graph_with_nothing_new_is_made_anew(location):
    """A backfill of it that ended after `release` would be shown as failed."""
    paths, manifest = location.plan()
    result = everything(location, manifest.chunks[0].key, paths.release_dir / "source")
    assert result.success and recorded(result).keys() == {chunk.key for chunk in manifest.chunks}
    assert WAREHOUSE in {event.asset_key for event in result.get_asset_materialization_events()}


@pytest.mark.parametrize(
    ("assets", "status", "told"),
    [
        ([PLAN, WAREHOUSE], BulkActionStatus.REQUESTED, "publishes it itself"),
        ([PLAN, WAREHOUSE], BulkActionStatus.COMPLETED_SUCCESS, "made this plan and published it"),
        ([PLAN, WAREHOUSE], BulkActionStatus.CANCELED, "was canceled"),
        ([PLAN, WAREHOUSE], BulkActionStatus.COMPLETED_FAILED, None),
        ([PLAN, RECORDS], BulkActionStatus.REQUESTED, None),
    ],
    ids=["under way", "done", "canceled", "ended without a publish", "without the warehouse"],
)
def test_the_sensor_leaves_a_plan_to_the_backfill_that_goes_on_to_the_warehouse(
    location, tmp_path, assets, status, told
):
    _, cursor = location.tick()
    made = add_backfill(location, assets)
    write_sample(tmp_path / "next", seed=50 + next(_numbers), file_format="mhd")
    location.ingest(tmp_path / "next", tags={TAG_BACKFILL: made.backfill_id})
    if status != BulkActionStatus.REQUESTED:
        end(location, made, status)
    answer, after = location.tick(cursor)
    if told is None:
        assert isinstance(answer, dg.RunRequest)
    else:
        assert isinstance(answer, dg.SkipReason) and told in str(answer.skip_message)
        # A backfill that is under way is looked at again.
        assert (after == cursor) is (status == BulkActionStatus.REQUESTED)
    end(location, made, BulkActionStatus.CANCELED)
