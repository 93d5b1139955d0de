"""The nightly schedules: of each realm, which launches ingest (the publish follows by the sensor), and of backups."""

from __future__ import annotations

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.graph.runs import RealmGraph
from mids_assets.settings import Settings


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


def nightly_backup(settings: Settings, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name="backup_nightly",
        job=job,
        cron_schedule=settings.backup_cron,
        execution_timezone=settings.schedule_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Backs up every realm and Dagster's database every night, and removes the backups that are not kept any"
            " more. MIDS_BACKUP_SCHEDULE sets the time."
        ),
    )
