"""The job that keeps Dagster's storage bounded, every night: old runs, and what belongs to names that are gone.

Runs that are over for longer than MIDS_KEEP_RUN_DAYS go, with their events, check results and logs, except those that
say how what is stored came to be. A run that is under way is never touched, nor is anything of a realm or a code
location that is not ours. Does not belong here: rows that only SQL can remove (event_log.py), files of releases
(`warehouse.retention`).
"""

from collections.abc import Collection
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

import dagster as dg

from mids_assets import clock
from mids_assets.automation.attempts import ATTEMPTS
from mids_assets.automation.event_log import forget_checks_of_runs, forget_old_reports, forget_removed_checks
from mids_assets.errors import StaleBuild
from mids_assets.graph import keys
from mids_assets.graph.partitions import tidy
from mids_assets.graph.retries import database_may_come_back
from mids_assets.settings import Settings
from mids_assets.transform.build import read_manifest
from mids_assets.transform.store import open_store
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow, releases

JOB = "housekeeping"
CRON = "30 3 * * *"
MOST_RUNS = 1000
"""Runs that one night removes; the next night goes on. A thousand runs that failed early take three seconds."""
MOST_REPORTS = 10_000
_PAGE = 500
_TRIED = [keys.TAG_UPDATE, keys.TAG_CONTENT]
_ASSET_JOB = "__ASSET_JOB"
_OVER = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dataclass(slots=True)
class Removed:
    """What one round removed: numbers, and the names of what is gone. `kept`: old runs that stay."""

    runs: int = 0
    kept: int = 0
    check_results: int = 0
    reports: int = 0
    partitions: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)


def housekeeping(settings: Settings, existing: dg.Definitions) -> tuple[dg.JobDefinition, dg.ScheduleDefinition]:
    """The job and its schedule, for all realms together: Dagster's storage is one. `existing`: what is not gone."""

    @dg.op(name=f"{JOB}_tidy_up")
    def tidy_up_storage(context: dg.OpExecutionContext) -> None:
        graph = existing.resolve_asset_graph()
        with database_may_come_back():
            removed = tidy_up(
                context.instance,
                settings,
                assets=graph.get_all_asset_keys(),
                checks=graph.asset_check_keys,
                now=clock.now(),
                run_id=context.run_id,
            )
        context.log.info(
            f"Removed {removed.runs} runs that were over for more than {settings.keep_run_days} days"
            f" (MIDS_KEEP_RUN_DAYS; {removed.kept} stay for what is stored), {removed.check_results} results of checks,"
            f" {removed.reports} reports, {len(removed.partitions)} partitions, {len(removed.checks)} checks and"
            f" {len(removed.assets)} assets that are gone."
        )
        context.add_output_metadata(asdict(removed))

    @dg.job(
        name=JOB,
        description="Removes runs that are long over, and what belongs to assets, checks and partitions that are gone.",
        executor_def=dg.in_process_executor,
    )
    def tidy_up_job():
        tidy_up_storage()

    schedule = dg.ScheduleDefinition(
        name=f"{JOB}_nightly",
        job=tidy_up_job,
        cron_schedule=CRON,
        execution_timezone=settings.schedule_timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=(
            "Launches the housekeeping every night, so that Dagster's storage does not grow for ever."
            " MIDS_KEEP_RUN_DAYS says how long runs are kept."
        ),
    )
    return tidy_up_job, schedule


def tidy_up(
    instance: dg.DagsterInstance,
    settings: Settings,
    *,
    assets: Collection[dg.AssetKey],
    checks: Collection[dg.AssetCheckKey],
    now: datetime,
    run_id: str | None = None,
) -> Removed:
    """One round. `assets`, `checks`: those that exist; `run_id`: the run that asks. Raises `DatabaseUnavailable`."""
    before = now - timedelta(days=settings.keep_run_days)
    removed = Removed()
    removed.assets = _wipe_removed(instance, settings.realms, assets)
    removed.checks = forget_removed_checks(instance, settings.realms, checks)
    kept = _runs_of_what_is_stored(instance, settings) | _runs_of_assets(instance, assets) | _runs_of_tries(instance)
    old, removed.kept = _old_runs(instance, settings.realms, before, kept)
    for name in old:
        instance.delete_run(name)
        instance.compute_log_manager.delete_logs(prefix=[name])
    removed.runs = len(old)
    removed.check_results = forget_checks_of_runs(instance, old)
    removed.reports = forget_old_reports(instance, before, MOST_REPORTS)
    for realm in settings.realms:
        removed.partitions += _drop_partitions(instance, settings, realm, run_id)
    return removed


def _wipe_removed(instance: dg.DagsterInstance, realms: Collection[str], assets: Collection[dg.AssetKey]) -> list[str]:
    """A realm that is not among the settings may come back tomorrow, so that its assets are left alone."""
    gone = [key for key in instance.get_asset_keys() if key.path[0] in realms and key not in assets]
    instance.wipe_assets(gone)
    return sorted(key.to_user_string() for key in gone)


def _runs_of_what_is_stored(instance: dg.DagsterInstance, settings: Settings) -> set[str]:
    """All runs of the builds that are published or planned, and the last good ones of every other stored release."""
    found: set[str] = set()
    store = open_store(settings)
    for realm in settings.realms:
        with closing(connect(settings, application_name=f"mids housekeeping {realm}")) as connection:
            stored = [row for row in releases(connection, realm) if row.pruned_at is None]
        planned = (store.pointed(realm, "plan") or {}).get("build")
        builds = {row.build for row in stored if row.state == "published"} | {planned}
        for build in builds - {None}:
            found |= _ids(instance, dg.RunsFilter(tags={keys.TAG_BUILD: str(build)}))
        for row in stored:
            found |= _last_runs(instance, realm, row)
    return found


def _last_runs(instance: dg.DagsterInstance, realm: str, row: ReleaseRow) -> set[str]:
    found: set[str] = set()
    # A run from the graph carries no realm, and its one name stands for every selection.
    for name in (keys.job_name(realm, "ingest"), keys.job_name(realm, "publish"), _ASSET_JOB):
        filters = dg.RunsFilter(
            job_name=name, tags={keys.TAG_RELEASE: row.release}, statuses=[dg.DagsterRunStatus.SUCCESS]
        )
        found |= _ids(instance, filters, limit=1)
    return found


def _runs_of_assets(instance: dg.DagsterInstance, assets: Collection[dg.AssetKey]) -> set[str]:
    """Runs that hold the newest materialization of an asset: without them it would look never made."""
    records = instance.get_asset_records(list(assets))
    newest = (record.asset_entry.last_materialization_record for record in records)
    return {record.run_id for record in newest if record}


def _runs_of_tries(instance: dg.DagsterInstance) -> set[str]:
    """By these runs the sensors know what they tried, and how often: without them a bad file would be tried again."""
    found: set[str] = set()
    for tag, values in instance.get_run_tags(_TRIED):
        for value in values:
            found |= _ids(instance, dg.RunsFilter(tags={tag: value}), limit=ATTEMPTS)
            succeeded = dg.RunsFilter(tags={tag: value}, statuses=[dg.DagsterRunStatus.SUCCESS])
            found |= _ids(instance, succeeded, limit=1)
    return found


def _old_runs(
    instance: dg.DagsterInstance, realms: Collection[str], before: datetime, kept: Collection[str]
) -> tuple[list[str], int]:
    """Ids of the oldest runs that may go, `MOST_RUNS` at most, and how many old ones stay."""
    filters = dg.RunsFilter(statuses=_OVER, updated_before=before)
    old: list[str] = []
    stay, cursor = 0, None
    while True:
        runs = [
            record.dagster_run for record in instance.get_run_records(filters, _PAGE, ascending=True, cursor=cursor)
        ]
        for run in runs:
            if run.run_id in kept or not _is_ours(run, realms):
                stay += 1
            else:
                old.append(run.run_id)
            if len(old) == MOST_RUNS:
                return old, stay
        if len(runs) < _PAGE:
            return old, stay
        cursor = runs[-1].run_id


def _is_ours(run: dg.DagsterRun, realms: Collection[str]) -> bool:
    """A run of a realm of the settings, or one of our code location that names no realm."""
    realm = run.tags.get(keys.TAG_REALM)
    return realm in realms if realm else run.tags.get(keys.TAG_REPOSITORY) == keys.REPOSITORY


def _drop_partitions(instance: dg.DagsterInstance, settings: Settings, realm: str, run_id: str | None) -> list[str]:
    """Partitions of no plan; they stay while anything is under way that may still name them."""
    store = open_store(settings)
    plan = store.pointed(realm, "plan")
    if not plan:
        return []
    try:
        _, manifest = read_manifest(store, realm, plan["release"], plan["build"])
    except StaleBuild:
        return []
    name = keys.chunk_partitions(realm).name or ""
    present = instance.get_dynamic_partitions(name)
    tidy(instance, realm, [chunk.key for chunk in manifest.chunks], run_id=run_id)
    return sorted(set(present) - set(instance.get_dynamic_partitions(name)))


def _ids(instance: dg.DagsterInstance, filters: dg.RunsFilter, limit: int | None = None) -> set[str]:
    return {run.run_id for run in instance.get_runs(filters, limit=limit)}
