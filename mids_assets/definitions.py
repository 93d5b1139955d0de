"""All definitions of the code location, built by one function; `defs` is one call of it.

Does not belong here: a definition itself.
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg

from mids_assets.assets.backup import dagster_backup, realm_backup
from mids_assets.assets.chunk_plan import chunk_plan_asset
from mids_assets.assets.cross_check import cross_check_asset
from mids_assets.assets.frames import frame_assets
from mids_assets.assets.health import health_asset
from mids_assets.assets.raw import raw_assets
from mids_assets.assets.records import records_asset
from mids_assets.assets.release import release_asset
from mids_assets.assets.tables import table_assets
from mids_assets.assets.warehouse import warehouse_assets
from mids_assets.automation.accept_job import accept_job
from mids_assets.automation.cross_check_sensor import cross_check_sensor
from mids_assets.automation.health_sensor import health_sensor
from mids_assets.automation.housekeeping import housekeeping
from mids_assets.automation.jobs import asset_jobs, backup_job, check_source_job, chunks_job, cross_check_job
from mids_assets.automation.landing_check import check_landing_job
from mids_assets.automation.landing_sensor import landing_sensor
from mids_assets.automation.notification_sensor import notification_sensor
from mids_assets.automation.schedules import nightly, nightly_backup
from mids_assets.automation.sensors import publish_sensor
from mids_assets.automation.trace_sensor import trace_sensors
from mids_assets.automation.update_sensor import update_sensor
from mids_assets.checks.guards import guards_check
from mids_assets.graph.ownership import owned
from mids_assets.graph.runs import RealmGraph
from mids_assets.logs import configure
from mids_assets.settings import CELERY, Settings
from mids_assets.transform.crosscheck.realms import paired


def build_definitions(settings: Settings, *, executor: dg.ExecutorDefinition | None = None) -> dg.Definitions:
    """One asset graph per realm of `settings.realms`, and the cross-check of those whose City of Data is among them.

    `executor` runs the steps of a run; by default what `settings` say. That is in-process unless set otherwise, because
    a step of its own process costs six seconds and the parallel work (the chunks) lies inside one step.
    """
    configure()
    graphs = [RealmGraph(settings, realm) for realm in settings.realms]
    checked = [_cross_check(graph) for graph in graphs if graph.realm in paired(settings.realms)]
    realms = dg.Definitions.merge(*(_realm(graph) for graph in graphs), *checked)
    return dg.Definitions.merge(realms, _shared(settings, realms, executor or _executor(settings)))


def _executor(settings: Settings) -> dg.ExecutorDefinition:
    if settings.executor != CELERY:
        return dg.in_process_executor
    # Slow to import, and needed by nobody else.
    from mids_assets.distributed.executor import celery_executor

    return celery_executor(settings)


def _realm(graph: RealmGraph) -> dg.Definitions:
    ingest, publish, validate = asset_jobs(graph)
    chunks = [chunks_job(graph)] if graph.settings.backfill_chunks else []
    check_landing = check_landing_job(graph)
    assets: Iterable[dg.AssetsDefinition] = [
        release_asset(graph),
        raw_assets(graph),
        chunk_plan_asset(graph),
        records_asset(graph),
        *frame_assets(graph),
        *table_assets(graph),
        warehouse_assets(graph),
        health_asset(graph),
        realm_backup(graph.settings, graph.realm),
    ]
    return dg.Definitions(
        assets=owned(assets, graph.settings.owner),
        asset_checks=[guards_check(graph)],
        jobs=[ingest, publish, validate, *chunks, check_source_job(graph), check_landing, accept_job(graph)],
        sensors=[
            publish_sensor(graph, [publish, *chunks]),
            update_sensor(graph, ingest),
            landing_sensor(graph, ingest, check_landing),
            notification_sensor(graph),
            health_sensor(graph),
        ],
        schedules=[nightly(graph, ingest)],
    )


def _cross_check(graph: RealmGraph) -> dg.Definitions:
    job = cross_check_job(graph)
    return dg.Definitions(
        assets=owned([cross_check_asset(graph)], graph.settings.owner),
        jobs=[job],
        sensors=[cross_check_sensor(graph, job)],
    )


def _shared(settings: Settings, realms: dg.Definitions, executor: dg.ExecutorDefinition) -> dg.Definitions:
    assets = dg.Definitions(assets=owned([dagster_backup(settings)], settings.owner))
    job, schedule = housekeeping(settings, dg.Definitions.merge(realms, assets))
    backup = backup_job(settings)
    rest = dg.Definitions(
        jobs=[job, backup],
        sensors=trace_sensors(settings),
        schedules=[schedule, nightly_backup(settings, backup)],
        executor=executor,
    )
    return dg.Definitions.merge(assets, rest)


defs = build_definitions(Settings.from_env())
