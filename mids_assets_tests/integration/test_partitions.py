"""Partitions and the chain of two runs as the UI and the daemon use them, on a real instance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from mids_assets.automation.jobs import RANGE_END, RANGE_START, publish_tags
from mids_assets.automation.sensors import GRACE_SECONDS
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.storage import open_instance
from mids_assets.transform.build import BuildManifest, read_manifest
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.conftest import World
from mids_assets_tests.real import SAMPLE

RECORDS = keys.asset_key("homecoming", keys.RECORDS)
SENSOR = "homecoming_publish_after_ingest"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Location:
    """The code location with chunks of 256 KiB, and the instance that it runs on."""

    def __init__(self, world: World, instance: dg.DagsterInstance) -> None:
        self.settings = replace(world.settings, chunk_bytes=256 * 1024, workers=1)
        self.defs = build_definitions(self.settings)
        self.instance = instance

    def run(self, job: str, *, tags=None, config=None, raise_on_error=True, **selection) -> dg.ExecuteInProcessResult:
        definition = (
            self.defs.resolve_implicit_global_asset_job_def()
            if job == "__ASSET_JOB"
            else self.defs.resolve_job_def(f"homecoming_{job}")
        )
        return definition.execute_in_process(
            instance=self.instance,
            tags=tags,
            run_config={**QUIET, **(config or {})},
            raise_on_error=raise_on_error,
            **selection,
        )

    def ingest(self, source: Path = SAMPLE, tags=None) -> None:
        config = {"ops": {"homecoming__release": {"config": {"source": str(source)}}}}
        self.run("ingest", tags=tags, config=config)

    def plan(self) -> tuple[BuildPaths, BuildManifest]:
        store = Store(self.settings.releases_dir)
        found = store.pointed("homecoming", "plan")
        assert found is not None
        return read_manifest(store, "homecoming", found["release"], found["build"])

    def records(self, key: str, **more) -> dg.ExecuteInProcessResult:
        return self.run("__ASSET_JOB", asset_selection=[RECORDS], partition_key=key, **more)

    def tick(self, cursor: str | None = None) -> tuple[object, str | None]:
        sensor = self.defs.resolve_sensor_def(SENSOR)
        context = dg.build_sensor_context(
            instance=self.instance, cursor=cursor, repository_def=self.defs.get_repository_def()
        )
        return sensor(context), context.cursor


@pytest.fixture(scope="module")
def location(world: World) -> Iterator[Location]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            found = Location(world, instance)
            found.ingest()
            yield found


def files(paths: BuildPaths) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(paths.chunks.glob("*.parquet"))}


def test_the_plan_registers_its_partitions_in_file_order(location):
    _, manifest = location.plan()
    assert len(manifest.chunks) > 5
    assert location.instance.get_dynamic_partitions("homecoming_i12_chunks") == [c.key for c in manifest.chunks]


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
    metadata = result.get_asset_materialization_events()[0].materialization.metadata
    assert {"rows_in", "dagster/row_count", "quarantined", "peak_memory_mib", "bytes"} <= set(metadata)


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
        message = str(result.all_events[-1])
        failure = next(e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_FAILURE)
        assert broken.key in str(failure.step_failure_data.error), message
    finally:
        raw.write_bytes(whole)
    done = location.instance.get_materialized_partitions(RECORDS)
    assert done == {chunk.key for chunk in manifest.chunks} - {broken.key}
    assert location.records(broken.key).success
    assert location.instance.get_materialized_partitions(RECORDS) == {chunk.key for chunk in manifest.chunks}


def test_publish_refuses_while_a_chunk_is_missing_and_names_it(location):
    paths, manifest = location.plan()
    missing = manifest.chunks[1].key
    (paths.chunks / f"{missing}.parquet").unlink()
    result = location.run(
        "__ASSET_JOB", asset_selection=[keys.asset_key("homecoming", "frames", "power")], raise_on_error=False
    )
    failure = next(e for e in result.all_events if e.event_type == dg.DagsterEventType.STEP_FAILURE)
    assert not result.success and missing in str(failure.step_failure_data.error)
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


def test_a_stale_partition_writes_nothing(location):
    paths, _ = location.plan()
    location.instance.add_dynamic_partitions("homecoming_i12_chunks", ["00000000.000000000000-000000000001"])
    before = files(paths)
    assert location.records("00000000.000000000000-000000000001").success
    assert files(paths) == before


def test_the_sensor_starts_one_publish_per_plan(location):
    _, manifest = location.plan()
    request, cursor = location.tick()
    assert isinstance(request, dg.RunRequest) and request.tags.items() >= publish_tags(manifest).items()
    again, _ = location.tick(cursor)
    assert isinstance(again, dg.SkipReason)
    # What it asks for runs whole, and takes the partitions of earlier plans away.
    result = location.run("publish", tags=dict(request.tags))
    assert result.success
    assert location.instance.get_dynamic_partitions("homecoming_i12_chunks") == [c.key for c in manifest.chunks]


def test_the_sensor_leaves_an_import_of_the_command_line_alone_until_it_died(location, monkeypatch, tmp_path):
    from mids_assets.automation import sensors
    from mids_assets.automation.processes import process_tag
    from mids_assets.sample import write_sample

    _, cursor = location.tick()
    for seed, alive in ((21, True), (22, False)):
        write_sample(tmp_path / str(seed), seed=seed, file_format="mhd")
        tag = (
            process_tag() if alive else {keys.TAG_PROCESS: f"{process_tag()[keys.TAG_PROCESS].split(':')[0]}:999999:1"}
        )
        location.ingest(tmp_path / str(seed), tags={keys.TAG_ORIGIN: keys.ORIGIN_CLI, **tag})
        skipped, kept = location.tick(cursor)
        assert isinstance(skipped, dg.SkipReason) and "mids import" in str(skipped.skip_message)
        assert kept == cursor
    later = sensors.time.time() + GRACE_SECONDS + 1
    monkeypatch.setattr(sensors.time, "time", lambda: later)
    request, _ = location.tick(cursor)
    assert isinstance(request, dg.RunRequest)


def test_the_sensor_leaves_a_dry_run_alone(location, tmp_path):
    from mids_assets.sample import write_sample

    _, cursor = location.tick()
    write_sample(tmp_path / "dry", seed=31, file_format="mhd")
    location.ingest(tmp_path / "dry", tags={keys.TAG_PUBLISH: keys.NEVER})
    skipped, after = location.tick(cursor)
    assert isinstance(skipped, dg.SkipReason) and "without the wish" in str(skipped.skip_message)
    assert after != cursor


def test_an_unchanged_source_is_observed_and_not_ingested_again(location):
    request, _ = location.tick()
    assert isinstance(request, dg.RunRequest | dg.SkipReason)
    _, manifest = location.plan()
    assert location.run("publish", tags=publish_tags(manifest)).success
    source = location.settings.releases_dir / "homecoming" / manifest.release / "source"
    config = {"ops": {"homecoming__release": {"config": {"source": str(source)}}}}
    result = location.run("ingest", config=config)
    assert result.success and not result.get_asset_materialization_events()
    assert [e.event_type for e in result.all_events].count(dg.DagsterEventType.ASSET_OBSERVATION) == 1


def test_nothing_to_do_without_any_source(world, location, tmp_path):
    empty = build_definitions(replace(location.settings, data_dir=tmp_path / "data"))
    result = empty.resolve_job_def("homecoming_ingest").execute_in_process(instance=location.instance, run_config=QUIET)
    assert result.success and not result.get_asset_materialization_events()
