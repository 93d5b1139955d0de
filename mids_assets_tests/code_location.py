"""The code location of a world, with small chunks and on its real instance: what the UI and the daemon work with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import dagster as dg

from mids_assets.definitions import build_definitions
from mids_assets.graph import keys
from mids_assets.transform.build import BuildManifest, read_manifest
from mids_assets.transform.store import BuildPaths, open_store
from mids_assets_tests.conftest import World
from mids_assets_tests.real import SAMPLE

POWER_FRAME = keys.asset_key("homecoming", "frames", "power")
RECORDS = keys.asset_key("homecoming", keys.RECORDS)
PARTITIONS = "homecoming_i12_chunks"
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
        store = open_store(self.settings)
        found = store.pointed("homecoming", "plan")
        assert found is not None
        return read_manifest(store, "homecoming", found["release"], found["build"])

    def records(self, key: str, **more) -> dg.ExecuteInProcessResult:
        return self.run("__ASSET_JOB", asset_selection=[RECORDS], partition_key=key, **more)

    def tick(self, cursor: str | None = None, defs: dg.Definitions | None = None) -> tuple[object, str | None]:
        defs = defs or self.defs
        sensor = defs.resolve_sensor_def(SENSOR)
        context = dg.build_sensor_context(
            instance=self.instance, cursor=cursor, repository_def=defs.get_repository_def()
        )
        return sensor(context), context.cursor


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What ended the run."""
    (event,) = (event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE)
    return str(event.step_failure_data.error)
