"""The sensor that lets publish follow ingest.

Not a run-status sensor: a run started from the asset graph is named __ASSET_JOB, and a run inside the process of
`mids import` is invisible to those. Not an AutomationCondition either: both together would run twice.
"""

from contextlib import suppress

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.automation.dead_workers import report_dead_workers
from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.automation.jobs import job_name, publish_tags
from mids_assets.automation.makers import left_to_maker
from mids_assets.automation.processes import report_dead_runs
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.partitions import tidy
from mids_assets.graph.runs import RealmGraph
from mids_assets.transform.build import read_manifest
from mids_assets.warehouse.publishing import is_older_than_published
from mids_assets.warehouse.redaction import redact


def publish_sensor(graph: RealmGraph, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    realm = graph.realm
    plan = keys.asset_key(realm, keys.PLAN)

    @dg.sensor(
        name=f"{realm}_publish_after_ingest",
        job=job,
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Starts the publish of a new plan, once, and reports runs whose process is gone as failed. Reads the newest"
            " materialization of i12_chunk_plan; plans of `mids import` are left to it, unless it died. Keep it"
            " running: without it nothing is published after an ingest."
        ),
    )
    def publish_after_ingest(context: dg.SensorEvaluationContext):
        report_dead_runs(context.instance)
        report_dead_workers(context.instance)
        note_failed_runs(context.instance, graph.settings)
        _tidy_partitions(context.instance, graph)
        records = context.instance.fetch_materializations(plan, limit=1).records
        if not records:
            return dg.SkipReason(f"{plan.to_user_string()} was never materialized.")
        record = records[0]
        if context.cursor and record.storage_id <= int(context.cursor):
            return dg.SkipReason("The newest plan was handled already.")
        materialization = record.asset_materialization
        metadata = materialization.metadata if materialization else {}
        build, release = str(metadata["build"].value), str(metadata["release"].value)
        started = context.instance.get_runs(_publish_runs(realm, build), limit=1)
        left = None if started else left_to_maker(context.instance, graph, record)
        if left is None or left.for_good:
            context.update_cursor(str(record.storage_id))
        if left is not None:
            return dg.SkipReason(left.reason)
        if _unwanted(context.instance, record):
            return dg.SkipReason("This plan was made without the wish to publish it.")
        if started:
            return dg.SkipReason(f"A publish of build {build} was started already.")
        try:
            _, manifest = read_manifest(graph.store, realm, release, build)
            if is_older_than_published(graph.settings, graph.store, realm, release):
                return dg.SkipReason("It is older than what is published: `mids import SOURCE --older` publishes it.")
        except MidsError as error:
            return dg.SkipReason(redact(str(error)))
        return dg.RunRequest(run_key=f"{build}-{record.storage_id}", tags=publish_tags(manifest))

    return publish_after_ingest


def _tidy_partitions(instance: dg.DagsterInstance, graph: RealmGraph) -> None:
    """Partitions of earlier plans that a publish had to leave, because its own backfill named them."""
    planned = graph.store.pointed(graph.realm, "plan")
    if planned is None:
        tidy(instance, graph.realm, [])
        return
    with suppress(MidsError):  # A plan without its manifest is told when it is to be published.
        _, manifest = read_manifest(graph.store, graph.realm, planned["release"], planned["build"])
        tidy(instance, graph.realm, [chunk.key for chunk in manifest.chunks])


def _unwanted(instance: dg.DagsterInstance, record) -> bool:
    run = instance.get_run_by_id(record.run_id)
    return run is not None and run.tags.get(keys.TAG_PUBLISH) == keys.NEVER


def _publish_runs(realm: str, build: str) -> dg.RunsFilter:
    return dg.RunsFilter(job_name=job_name(realm, "publish"), tags={keys.TAG_BUILD: build})
