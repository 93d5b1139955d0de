"""The nightly schedule of a realm: it launches ingest, and the publish follows by the sensor."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.graph.runs import RealmGraph


def nightly(graph: RealmGraph, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=f"{graph.realm}_nightly",
        job=job,
        cron_schedule=graph.settings.schedule_cron,
        execution_timezone=graph.settings.schedule_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Launches the ingest every night, for the newest source in the landing folder or the store; an unchanged"
            " one ends as nothing to do. MIDS_SCHEDULE sets the time; switch it off to import by hand only."
        ),
    )
