"""Partitions as people use them, on a real instance: alone, as a range, again, after a failure or an interruption."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from mids_assets.assets.records import PARENT_RUN
from mids_assets.automation.jobs import RANGE_END, RANGE_START
from mids_assets.graph import keys
from mids_assets.progress import listening
from mids_assets.transform import chunks, workers
from mids_assets.transform.chunk_files import result_path
from mids_assets.transform.store import BuildPaths
from mids_assets_tests.code_location import PARTITIONS, POWER_FRAME, RECORDS, Location, failure
from mids_assets_tests.real import PROJECT


def inodes(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}


def files(paths: BuildPaths) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(paths.chunks.glob("*.parquet"))}


def forget(location: Location, paths: BuildPaths) -> None:
    """As if no chunk had ever been parsed."""
    location.instance.wipe_assets([RECORDS])
    paths.chunks.mkdir(parents=True, exist_ok=True)
    for path in paths.chunks.iterdir():
        path.unlink()


def test_the_plan_registers_its_partitions_in_file_order(location):
    _, manifest = location.plan()
    assert len(manifest.chunks) > 5
    assert location.instance.get_dynamic_partitions(PARTITIONS) == [c.key for c in manifest.chunks]


def test_any_chunk_alone_in_any_order_gives_the_same_files(location):
    paths, manifest = location.plan()
    order = [chunk.key for chunk in manifest.chunks]
    random.Random(5).shuffle(order)
    for key in order:
        assert location.records(key).success
        assert location.instance.get_materialized_partitions(RECORDS) >= {key}
    alone = files(paths)
    for path in paths.chunks.iterdir():
        path.unlink()
    tags = {RANGE_START: manifest.chunks[0].key, RANGE_END: manifest.chunks[-1].key}
    result = location.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags)
    assert result.success and files(paths) == alone
    recorded = [event.partition for event in result.get_asset_materialization_events()]
    assert sorted(filter(None, recorded)) == sorted(order)
    for event in result.get_asset_materialization_events():
        chunk = manifest.chunk(str(event.partition))
        assert chunk is not None
        facts = {name: value.value for name, value in event.materialization.metadata.items()}
        assert (facts["start"], facts["end"], facts["rows_in"]) == (chunk.start, chunk.end, chunk.records)
        assert facts["bytes"] == chunk.end - chunk.start and facts["dagster/row_count"] == chunk.records
        assert facts["peak_memory_mib"] > 0 and facts["quarantined"] == 0 and not facts["was_there_already"]


def test_the_plan_is_a_table_in_the_ui(location):
    _, manifest = location.plan()
    event = location.instance.get_latest_materialization_event(keys.asset_key("homecoming", keys.PLAN))
    metadata = event.asset_materialization.metadata
    assert metadata["file_sha256"].value == manifest.i12_sha256
    assert isinstance(metadata["plan"], dg.TableMetadataValue)
    columns = [column.name for column in metadata["plan"].schema.columns]
    assert columns == ["partition", "start", "end", "records", "first_position"]
    assert [tuple(row.data[name] for name in columns) for row in metadata["plan"].records] == [
        (chunk.key, chunk.start, chunk.end, chunk.records, chunk.first) for chunk in manifest.chunks
    ]


def test_a_failed_chunk_is_named_and_the_others_are_recorded(location):
    paths, manifest = location.plan()
    location.instance.wipe_assets([RECORDS])
    broken = manifest.chunks[2]
    raw = paths.raw / "i12.json"
    whole = raw.read_bytes()
    raw.write_bytes(whole[: broken.start] + b" " * (broken.end - broken.start) + whole[broken.end :])
    try:
        tags = {RANGE_START: manifest.chunks[0].key, RANGE_END: manifest.chunks[-1].key}
        result = location.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags, raise_on_error=False)
        assert not result.success
        told = failure(result)
        assert f"1 of {len(manifest.chunks)} chunks failed, the others are there: {broken.key}: " in told
        assert f"Materialize again: {broken.key} of homecoming/i12_records" in told
    finally:
        raw.write_bytes(whole)
    done = location.instance.get_materialized_partitions(RECORDS)
    assert done == {chunk.key for chunk in manifest.chunks} - {broken.key}
    assert location.records(broken.key).success
    assert location.instance.get_materialized_partitions(RECORDS) == {chunk.key for chunk in manifest.chunks}


def test_a_chunk_again_changes_no_other_file_and_no_frame(location):
    paths, manifest = location.plan()
    assert location.run("__ASSET_JOB", asset_selection=[RECORDS]).success
    assert location.run("__ASSET_JOB", asset_selection=[POWER_FRAME]).success
    again = manifest.chunks[1].key
    before, frame = inodes(paths.chunks), inodes(paths.frames / "power")
    content = files(paths)
    assert location.records(again).success
    after = inodes(paths.chunks)
    assert {name for name in before if after[name] != before[name]} == {
        f"{again}{end}" for end in (".parquet", ".quarantine.parquet", ".parquet.notes.json", ".result.json")
    }
    assert files(paths) == content
    assert inodes(paths.frames / "power") == frame
    assert location.run("__ASSET_JOB", asset_selection=[POWER_FRAME]).success
    assert inodes(paths.frames / "power")["000001.parquet"] == after[f"{again}.parquet"]


def test_what_did_not_end_well_is_run_again_for_the_missing_chunks_only(location):
    """So Dagster's own second try after a crash, and *Re-execute* in the UI, do no work twice."""
    paths, manifest = location.plan()
    names = [chunk.key for chunk in manifest.chunks]
    tags = {RANGE_START: names[0], RANGE_END: names[-1]}
    first = location.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags)
    for path in paths.chunks.glob(f"{names[2]}*"):
        path.unlink()
    before = inodes(paths.chunks)
    crashed = location.instance.create_run_for_job(
        location.defs.resolve_implicit_global_asset_job_def(), status=dg.DagsterRunStatus.FAILURE
    )
    for parent, kept in ((crashed.run_id, True), (first.run_id, False)):
        again = location.run("__ASSET_JOB", asset_selection=[RECORDS], tags={**tags, PARENT_RUN: parent})
        events = [event.materialization for event in again.get_asset_materialization_events()]
        assert sorted(str(event.partition) for event in events) == sorted(names)
        after = inodes(paths.chunks)
        same = {path.split(".")[1] for path in before if after[path] == before[path]}
        assert same == ({name.split(".")[1] for name in names if name != names[2]} if kept else set())


def test_unfinished_files_of_killed_processes_are_removed_after_an_hour(location):
    paths, manifest = location.plan()
    paths.chunks.mkdir(parents=True, exist_ok=True)
    old, new = (paths.chunks / f".{chunk.key}.parquet.1.part" for chunk in manifest.chunks[:2])
    for path, age in ((old, 4000), (new, 0)):
        path.write_bytes(b"PAR1")
        os.utime(path, (time.time() - age, time.time() - age))
    assert location.records(manifest.chunks[0].key).success
    assert not old.exists() and new.exists()
    new.unlink()


def test_publish_refuses_a_chunk_of_another_file_and_names_it(location):
    paths, manifest = location.plan()
    assert location.run("__ASSET_JOB", asset_selection=[RECORDS]).success
    first, second = (paths.chunks / f"{chunk.key}.parquet" for chunk in manifest.chunks[:2])
    result, raw = result_path(second), paths.raw / "files.json"

    def other_hash(text: bytes) -> bytes:
        return text.replace(manifest.i12_sha256.encode(), b"0" * 64)

    # Made from another file; another chunk's file under its name; the powers written again since the plan.
    for changed, write, told in (
        (
            result,
            lambda text: text.replace(manifest.i12_sha256.encode(), b"0" * 64),
            "made from a file of another hash",
        ),
        (second, lambda _: first.read_bytes(), "its file is not the one that was written"),
        (result, None, "never parsed to its end"),
        (raw, other_hash, "written again since its chunks"),
    ):
        content = changed.read_bytes()
        if write is None:
            changed.unlink()
        else:
            changed.write_bytes(write(content))
        try:
            refused = location.run("__ASSET_JOB", asset_selection=[POWER_FRAME], raise_on_error=False)
            text = failure(refused)
            assert told in text and (changed == raw or manifest.chunks[1].key in text)
        finally:
            changed.write_bytes(content)
    assert location.run("__ASSET_JOB", asset_selection=[POWER_FRAME]).success


def test_killed_workers_fail_their_chunks_and_the_run_says_which(location, monkeypatch):
    """Processes of a real run, killed with -9: the one at work when two chunks are done, and all that follow it."""
    paths, manifest = location.plan()
    names = [chunk.key for chunk in manifest.chunks]
    forget(location, paths)
    monkeypatch.setattr(chunks, "IN_PROCESS_BYTES", 0)
    start, started = subprocess.Popen, []

    def killed_at_once(*arguments, **options):
        process = start(*arguments, **options)
        process.kill()
        return process

    def started_and_known(*arguments, **options):
        started.append(start(*arguments, **options))
        return started[-1]

    def kill(progress) -> None:
        if (progress.stage, progress.done) == ("chunks", 2):
            monkeypatch.setattr(workers.subprocess, "Popen", killed_at_once)
            for process in started:
                process.kill()

    monkeypatch.setattr(workers.subprocess, "Popen", started_and_known)
    tags = {RANGE_START: names[0], RANGE_END: names[-1]}
    with listening(kill):
        result = location.run("__ASSET_JOB", asset_selection=[RECORDS], tags=tags, raise_on_error=False)
    monkeypatch.undo()
    done = set(location.instance.get_materialized_partitions(RECORDS))
    failed = [name for name in names if name not in done]
    told = failure(result)
    # The chunk at work may have been sent back before its process was killed.
    assert len(names) > 8 and done in (set(names[:2]), set(names[:3]))
    assert f"{len(failed)} of {len(names)} chunks failed" in told and "its worker process was killed (SIGKILL)" in told
    assert f"Materialize again: {', '.join(failed[:5])} and {len(failed) - 5} more" in told
    before = inodes(paths.chunks)
    assert location.run("__ASSET_JOB", asset_selection=[RECORDS, POWER_FRAME], tags=tags).success
    after = inodes(paths.chunks)
    # A worker that is killed may have written its files, but not have said so; they are made again.
    kept = {file: number for file, number in before.items() if ".".join(file.split(".")[:2]) in done}
    assert kept and kept.items() <= after.items()
    assert {name for name in names if f"{name}.parquet" not in before} <= set(failed)


KILLED = """
import os, sys
from dataclasses import replace
from mids_assets.definitions import build_definitions
from mids_assets.progress import listening
from mids_assets.settings import Settings
from mids_assets.storage import open_instance
import dagster as dg
signal, first, last = int(sys.argv[1]), sys.argv[2], sys.argv[3]
defs = build_definitions(replace(Settings.from_env(), chunk_bytes=256 * 1024, workers=1))
def stop(progress):
    if progress.stage == "chunks" and progress.done == 3:
        os.kill(os.getpid(), signal)
tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
with open_instance() as instance, listening(stop):
    defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=instance, tags=tags, asset_selection=[dg.AssetKey(["homecoming", "i12_records"])]
    )
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "cancelled"])
def test_an_interrupted_backfill_goes_on_with_the_missing_chunks(world, location, number):
    paths, manifest = location.plan()
    forget(location, paths)
    names = [chunk.key for chunk in manifest.chunks]
    program = [sys.executable, "-c", KILLED, str(int(number)), names[0], names[-1]]
    ended = subprocess.run(program, env=world.environment, cwd=PROJECT, capture_output=True, timeout=120)
    assert ended.returncode != 0, ended.stderr
    for run in location.instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        location.instance.report_run_failed(run, "killed by the test")
    # The UI knows what is done, and its files are there; at most the chunk that was under way has files as well.
    recorded = set(location.instance.get_materialized_partitions(RECORDS))
    assert recorded == set(names[:2])
    there = inodes(paths.chunks)
    assert {f"{name}.parquet" for name in recorded} <= set(there)
    # What follows the frames parses what is missing, and records everything.
    tags = {RANGE_START: names[0], RANGE_END: names[-1]}
    result = location.run("__ASSET_JOB", asset_selection=[RECORDS, POWER_FRAME], tags=tags)
    assert result.success
    after = inodes(paths.chunks)
    assert {name: after[name] for name in there if not name.endswith(".part")} == {
        name: inode for name, inode in there.items() if not name.endswith(".part")
    }
    events = [event for event in result.get_asset_materialization_events() if event.asset_key == RECORDS]
    old = {event.partition for event in events if event.materialization.metadata["was_there_already"].value}
    assert sorted(str(event.partition) for event in events) == sorted(names)
    assert recorded <= old < set(names) and {f"{name}.result.json" for name in old} <= set(there)
    assert location.instance.get_materialized_partitions(RECORDS) == set(names)


def test_publish_refuses_while_a_chunk_is_missing_and_names_it(location):
    paths, manifest = location.plan()
    missing = manifest.chunks[1].key
    (paths.chunks / f"{missing}.parquet").unlink()
    result = location.run(
        "__ASSET_JOB", asset_selection=[keys.asset_key("homecoming", "frames", "power")], raise_on_error=False
    )
    assert not result.success and f"{missing} (no file)" in failure(result)
    # Without a partition, the chunks that lack a file are parsed, and no others.
    before = {path.name: path.stat().st_mtime_ns for path in paths.chunks.iterdir()}
    location.records(missing)
    after = {path.name: path.stat().st_mtime_ns for path in paths.chunks.iterdir()}
    assert {name for name in after if after[name] != before.get(name)} >= {f"{missing}.parquet"}
    assert all(after[name] == before[name] for name in before if missing not in name)


def test_without_a_partition_the_missing_chunks_are_parsed(location):
    paths, manifest = location.plan()
    assert location.run("__ASSET_JOB", asset_selection=[RECORDS]).success
    missing = [manifest.chunks[0].key, manifest.chunks[3].key]
    for key in missing:
        (paths.chunks / f"{key}.parquet").unlink()
    before = {path.name: path.stat().st_mtime_ns for path in paths.chunks.glob("*.parquet")}
    assert location.run("__ASSET_JOB", asset_selection=[RECORDS]).success
    after = {path.name: path.stat().st_mtime_ns for path in paths.chunks.glob("*.parquet")}
    written = {name for name in after if after[name] != before.get(name)}
    assert written == {f"{key}{end}" for key in missing for end in (".parquet", ".quarantine.parquet")}
    assert location.instance.get_materialized_partitions(RECORDS) >= {chunk.key for chunk in manifest.chunks}


def test_a_stale_partition_writes_nothing(location):
    paths, _ = location.plan()
    location.instance.add_dynamic_partitions(PARTITIONS, ["00000000.000000000000-000000000001"])
    before = files(paths)
    assert location.records("00000000.000000000000-000000000001").success
    assert files(paths) == before
