"""The sensor that lets publish follow ingest.

Every plan gets its publish, in the order of the plans and one at a time: so what decides about one (is it older than
what readers see?) still holds when its run begins. The newest plan gets another one where its publish failed of
something that passes, such as a lost connection. A release that a person named is published whatever came before.
Not a run-status sensor: a run started from the asset graph is named __ASSET_JOB, and a run inside the process of
`mids import` is invisible to those. Not an AutomationCondition either: both together would run twice.
"""

from collections.abc import Sequence
from contextlib import suppress

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.automation.attempts import Attempt, next_attempt, under_way
from mids_assets.automation.chunk_runs import chunk_runs
from mids_assets.automation.dead_workers import report_dead_workers
from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.automation.jobs import after_chunks, build_tags, job_name, publish_tags
from mids_assets.automation.makers import left_to_maker
from mids_assets.automation.processes import report_dead_runs
from mids_assets.automation.traces import trace_tags
from mids_assets.errors import MidsError, TransientError
from mids_assets.graph import keys
from mids_assets.graph.partitions import tidy
from mids_assets.graph.runs import RealmGraph
from mids_assets.redaction import redact
from mids_assets.transform.build import BuildManifest, read_manifest
from mids_assets.transform.store import BuildPaths
from mids_assets.warehouse.publishing import is_older_than_published

PAUSE_SECONDS = 300.0
"""From a publish that failed for a passing reason to the second one."""
LOOKED_AT = 20
"""So many plans are gone through in one tick."""


def publish_sensor(graph: RealmGraph, jobs: Sequence[UnresolvedAssetJobDefinition]) -> dg.SensorDefinition:
    """`jobs`: the publish, and that of the chunks where several runs share them."""
    realm = graph.realm

    @dg.sensor(
        name=f"{realm}_publish_after_ingest",
        jobs=jobs,
        minimum_interval_seconds=10,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Starts the publish of each new plan, once, and that of the newest again where it failed for a passing"
            " reason; reports runs whose process is gone as failed. Reads the materializations of i12_chunk_plan;"
            " plans of `mids import` are left to it, unless it died. Keep it running: without it nothing is published"
            " after an ingest. With MIDS_BACKFILL_CHUNKS, runs that share the chunks of a plan come before its publish."
        ),
    )
    def publish_after_ingest(context: dg.SensorEvaluationContext):
        report_dead_runs(context.instance)
        report_dead_workers(context.instance)
        note_failed_runs(context.instance, graph.settings)
        if under_way(context.instance, realm, "publish"):
            return dg.SkipReason("A publish of this realm is under way.")
        plans = _new_plans(context, realm)
        if not plans:
            # Not before: those of a plan that waits for its publish are none of the current plan's either.
            _tidy_partitions(context.instance, graph)
            return _once_more(context, graph)
        answer: dg.RunRequest | list[dg.RunRequest] | dg.SkipReason | str = ""
        for plan in plans:
            answer, is_final = _first_publish(context.instance, graph, plan)
            if is_final:
                context.update_cursor(str(plan.storage_id))
            if not isinstance(answer, str):
                return answer
        return dg.SkipReason(answer)

    return publish_after_ingest


def _new_plans(context: dg.SensorEvaluationContext, realm: str) -> Sequence[dg.EventLogRecord]:
    """The plans that were not handled yet, the oldest first; at the very first tick the newest one alone."""
    plan = keys.asset_key(realm, keys.PLAN)
    if not context.cursor:
        return context.instance.fetch_materializations(plan, limit=1).records
    after = dg.AssetRecordsFilter(plan, after_storage_id=int(context.cursor))
    return context.instance.fetch_materializations(after, limit=LOOKED_AT, ascending=True).records


def _first_publish(
    instance: dg.DagsterInstance, graph: RealmGraph, plan: dg.EventLogRecord
) -> tuple[dg.RunRequest | list[dg.RunRequest] | dg.SkipReason | str, bool]:
    """The publish of a plan, or why there is none; and whether that is the last word on it.

    Before it, runs of its chunks where several share them; a `SkipReason` says that these are waited for.
    """
    release, build = _planned(plan)
    run = instance.get_run_by_id(plan.run_id)
    wish = run.tags.get(keys.TAG_PUBLISH) if run is not None else None
    asked = wish == keys.ASKED
    started = not asked and _attempt(instance, graph.realm, build).number != 1
    left = None if started else left_to_maker(instance, graph, plan)
    if left is not None:
        return left.reason, left.for_good
    if wish == keys.NEVER:
        return "This plan was made without the wish to publish it.", True
    if started:
        return f"A publish of build {build} was started already.", True
    try:
        if not asked and is_older_than_published(graph.settings, graph.store, graph.realm, release):
            return "It is older than what is published: `mids import SOURCE --older` publishes it.", True
        if graph.settings.backfill_chunks:
            tags = trace_tags(graph.settings, plan.run_id)
            chunks = chunk_runs(instance, graph, *_manifest(graph, release, build), pause=PAUSE_SECONDS, tags=tags)
            if chunks is not None and chunks.over:
                return chunks.reason, False
            if chunks is not None:
                return chunks.launch or dg.SkipReason(chunks.reason), False
        return _request(graph, plan, plan.run_id if asked else 1), True
    except MidsError as error:
        # What may pass, such as an object store that is away, leaves the plan to the next tick.
        return redact(str(error)), not isinstance(error, TransientError)


def _once_more(context: dg.SensorEvaluationContext, graph: RealmGraph) -> dg.RunRequest | dg.SkipReason:
    """Another publish of the newest plan, where one failed for a passing reason."""
    plan = keys.asset_key(graph.realm, keys.PLAN)
    records = context.instance.fetch_materializations(plan, limit=1).records
    if not records:
        return dg.SkipReason(f"{plan.to_user_string()} was never materialized.")
    _, build = _planned(records[0])
    attempt = _attempt(context.instance, graph.realm, build)
    if attempt.number == 1 or attempt.succeeded:
        return dg.SkipReason("The newest plan was handled already.")
    if attempt.number is None:
        return dg.SkipReason(f"Publish of build {build}: {attempt.why}.")
    try:
        return _request(graph, records[0], attempt.number)
    except MidsError as error:
        return dg.SkipReason(redact(str(error)))


def _request(graph: RealmGraph, plan: dg.EventLogRecord, attempt: int | str) -> dg.RunRequest:
    release, build = _planned(plan)
    _, manifest = _manifest(graph, release, build)
    alone = graph.settings.backfill_chunks is None
    return dg.RunRequest(
        run_key=f"{build}-{attempt}",
        job_name=job_name(graph.realm, "publish"),
        tags={
            **(publish_tags(manifest) if alone else build_tags(manifest)),
            **trace_tags(graph.settings, plan.run_id),
        },
        asset_selection=None if alone else after_chunks(graph.realm),
    )


def _manifest(graph: RealmGraph, release: str, build: str) -> tuple[BuildPaths, BuildManifest]:
    return read_manifest(graph.store, graph.realm, release, build)


def _attempt(instance: dg.DagsterInstance, realm: str, build: str) -> Attempt:
    return next_attempt(
        instance,
        {keys.TAG_BUILD: build},
        job=job_name(realm, "publish"),
        pause=PAUSE_SECONDS,
        by_hand="`mids publish`",
    )


def _planned(plan: dg.EventLogRecord) -> tuple[str, str]:
    """Release and build of a plan."""
    metadata = plan.asset_materialization.metadata if plan.asset_materialization else {}
    return str(metadata["release"].value), str(metadata["build"].value)


def _tidy_partitions(instance: dg.DagsterInstance, graph: RealmGraph) -> None:
    """Partitions of earlier plans that a publish had to leave, because its own backfill named them."""
    with suppress(MidsError):  # A plan without its manifest is told when it is to be published.
        planned = graph.store.pointed(graph.realm, "plan")
        if planned is None:
            tidy(instance, graph.realm, [])
            return
        _, manifest = _manifest(graph, planned["release"], planned["build"])
        tidy(instance, graph.realm, [chunk.key for chunk in manifest.chunks])
