"""An import of many partitions by the command line: what the UI knows of each, what a log without a terminal shows."""

from __future__ import annotations

import json
import re

import pytest

from mids_assets_tests.real import SAMPLE


@pytest.fixture(scope="module")
def imported(world):
    """Standard error of an import with some forty partitions, parsed by worker processes."""
    done = world.mids("import", str(SAMPLE), MIDS_CHUNK_BYTES="65536", MIDS_WORKERS="2")
    return done.stderr


def records(world, kind: str) -> list[tuple[str | None, dict]]:
    """Partition and content of the events of i12_records."""
    found = world.dagster_query(
        "select partition, event from event_logs where asset_key like '%i12_records%'"
        f" and dagster_event_type = '{kind}' order by partition"
    )
    return [(partition, json.loads(event)) for partition, event in found]


def test_every_partition_is_recorded_once_with_rows_bytes_and_memory(world, imported):
    keys = [key for (key,) in world.dagster_query("select partition from dynamic_partitions order by id")]
    events = records(world, "ASSET_MATERIALIZATION")
    assert len(keys) > 30 and [partition for partition, _ in events] == keys
    total = 0
    for _, event in events:
        entries = event["dagster_event"]["event_specific_data"]["materialization"]["metadata_entries"]
        facts = {entry["label"]: entry["entry_data"] for entry in entries}
        assert facts["bytes"]["value"] > 0 and facts["peak_memory_mib"]["value"] > 0
        total += facts["rows_in"]["value"]
    assert total == 300


def test_all_partitions_together_are_planned_by_one_event(world, imported):
    assert len(records(world, "ASSET_MATERIALIZATION_PLANNED")) == 1


def test_a_partition_costs_one_event(world, imported):
    """Few enough, so that an import of 42 partitions (350 MB of powers) keeps below 500 events."""
    ((events,),) = world.dagster_query("select count(*) from event_logs")
    partitions = len(records(world, "ASSET_MATERIALIZATION"))
    assert events - partitions + 42 <= 500


def test_a_log_shows_the_stages_as_lines(imported):
    lines = imported.splitlines()
    ends = [line for line in lines if re.match(r"\w+ +(\d+)/\1\b", line)]
    assert [line.split()[0] for line in ends] == ["raw", "chunks", "frames", "tables"]
    assert re.fullmatch(r"chunks   (\d+)/\1  300 records, [\d,]+/s", ends[1])
