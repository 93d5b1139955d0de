"""The sensor that asks the servers of updates, and launches an ingest when they offer something newer.

The tick only asks for the manifest, which is small and mostly answered by 304; the download is the ingest's, where it
has a log, may take its time and is tried again. Whatever fails in a tick is a skip with its reason: servers are away
for days, and a failed tick an hour would hide what matters.
Does not belong here: asking, comparing and downloading (`updates`), the run's part (`assets.release`).
"""

from __future__ import annotations

import time
from contextlib import closing

import dagster as dg
import psycopg2
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets import errors
from mids_assets.errors import MidsError, TransientError
from mids_assets.graph import keys
from mids_assets.graph.runs import RealmGraph
from mids_assets.settings import Settings
from mids_assets.transform.build import code_fingerprint
from mids_assets.updates.fetch import compare
from mids_assets.updates.http import Client, Limits
from mids_assets.updates.polling import Polled, poll
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.redaction import redact
from mids_assets.warehouse.register import ReleaseRow, newest_known

INTERVAL_SECONDS = 3600
TICK = Limits(connect=2.0, silence=2.0, total=4.0, tries=1)
"""One try: the next tick is the next one, and other sensors wait for this one."""
ATTEMPTS = 5
"""Runs for one offer while each fails for a passing reason."""
PAUSES = (INTERVAL_SECONDS, 24 * 3600)
"""Seconds from such a failure to the next attempt: after the first one, after every later one."""


def update_sensor(graph: RealmGraph, ingest: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    realm = graph.realm

    @dg.sensor(
        name=f"{realm}_update",
        job=ingest,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Asks the update manifests every hour, and launches the ingest for a version that is newer than all that is"
            " known. MIDS_UPDATE_URL_* say whom it asks; switch it off to import by hand only."
        ),
    )
    def update(context: dg.SensorEvaluationContext):
        if not graph.settings.updates_of(realm):
            return dg.SkipReason(f"No address to ask: MIDS_UPDATE_URL_{realm.upper()} is empty.")
        try:
            polled, known = _look(graph.settings, realm)
        except (MidsError, psycopg2.Error, OSError) as error:
            return dg.SkipReason(redact(str(error)))
        for problem in polled.problems:
            context.log.warning(redact(problem))
        if polled.offer is None:
            return dg.SkipReason("No manifest offers a database of this realm.")
        version = polled.offer.version
        comparison = compare(version, known.version if known else None)
        if comparison == "older" and known is not None:
            context.log.warning(f"The offered version went down to {version}; {known.version} is known.")
            return dg.SkipReason(f"The offered version went down to {version}; {known.version} is known already.")
        if comparison == "same":
            return dg.SkipReason(f"Version {version} is known already.")
        # What is offered, as which code would read it: a repaired offer and repaired code are tried anew.
        offer = f"{version}-{polled.content[:12]}-{code_fingerprint()[:8]}"
        attempt = _next_attempt(context.instance, realm, offer)
        if isinstance(attempt, str):
            return dg.SkipReason(f"Version {version}: {attempt}")
        op = keys.asset_key(realm, keys.RELEASE).to_python_identifier()
        return dg.RunRequest(
            run_key=f"{realm}-update-{offer}-{attempt}",
            run_config={"ops": {op: {"config": {"update": True}}}},
            tags={keys.TAG_REALM: realm, keys.TAG_UPDATE: offer},
        )

    return update


def _look(settings: Settings, realm: str) -> tuple[Polled, ReleaseRow | None]:
    with Client(TICK) as client:
        polled = poll(client, settings.updates_of(realm), realm, settings.updates_dir / realm)
    if polled.offer is None:
        return polled, None
    with closing(connect(settings, application_name=f"mids update {realm}", attempts=1)) as connection:
        return polled, newest_known(connection, realm)


def _next_attempt(instance: dg.DagsterInstance, realm: str, offer: str) -> int | str:
    """The number of the next attempt at an offer, or why there is none (now)."""
    filters = dg.RunsFilter(tags={keys.TAG_REALM: realm, keys.TAG_UPDATE: offer})
    records = instance.get_run_records(filters, limit=ATTEMPTS + 1)
    if not records:
        return 1
    newest = records[0]
    if not newest.dagster_run.is_finished:
        return "its ingest is under way."
    if newest.dagster_run.status == dg.DagsterRunStatus.SUCCESS:
        return "it was fetched already."
    if not _may_pass(instance, newest.dagster_run.run_id):
        return f"run {newest.dagster_run.run_id} failed for good; `mids fetch` tries it again."
    if len(records) >= ATTEMPTS:
        return f"{len(records)} runs failed; `mids fetch` tries it again."
    pause = PAUSES[min(len(records), len(PAUSES)) - 1]
    if time.time() - (newest.end_time or 0) < pause:
        return f"run {newest.dagster_run.run_id} failed; the next one comes {pause // 3600} h after it."
    return len(records) + 1


def _may_pass(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run failed for a reason that may go away: one of ours that says so, or its process died."""
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records
    for record in records:
        event = record.event_log_entry.dagster_event
        info = event.step_failure_data.error if event else None
        while info is not None and info.cause is not None:
            info = info.cause
        kind = getattr(errors, (info.cls_name if info else None) or "", None)
        if not (isinstance(kind, type) and issubclass(kind, TransientError)):
            return False
    return True
