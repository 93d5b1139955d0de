"""What earlier runs say about trying something again: the content of a landing entry, or whatever failed.

Does not belong here: when the next attempt is due (`automation.attempts`).
"""

from __future__ import annotations

import dagster as dg
from dagster._core.storage.tags import SCHEDULE_NAME_TAG
from dagster_shared.error import SerializableErrorInfo

from mids_assets import errors
from mids_assets.errors import MidsError, TransientError
from mids_assets.graph.keys import TAG_CODE, TAG_CONTENT, TAG_REALM, TAG_SENSOR
from mids_assets.transform.build import code_fingerprint

_CONNECTION_LOST = ("OperationalError", "InterfaceError")
"""As PostgreSQL's driver names it, where Dagster's own storage met it before our code did."""

_LOOKED_AT = 20


def content_tags(content: str) -> dict[str, str]:
    """Tags of an ingest of that content by the code that runs now."""
    return {TAG_CONTENT: content, TAG_CODE: code_fingerprint()}


def by_itself(run: dg.DagsterRun) -> bool:
    """Whether a schedule or a sensor launched a run, and no person."""
    return bool(run.tags.keys() & {SCHEDULE_NAME_TAG, TAG_SENSOR})


def why_left_alone(instance: dg.DagsterInstance, run: dg.DagsterRun, content: str) -> str | None:
    """Why a run that nobody launched does not try the content of a landing entry: another one does, did, or could not.

    None where there is no such run, and where what failed may pass, or failed with other code.
    """
    tags = {TAG_REALM: run.tags.get(TAG_REALM, ""), TAG_CONTENT: content}
    others = [one for one in instance.get_runs(dg.RunsFilter(tags=tags), limit=_LOOKED_AT) if one.run_id != run.run_id]
    for other in others:
        if other.status == dg.DagsterRunStatus.SUCCESS:
            return f"run {other.run_id} ingested it"
    if not others:
        return None
    newest = others[0]
    if not newest.is_finished:
        return f"run {newest.run_id} works on it"
    if newest.status == dg.DagsterRunStatus.CANCELED:
        return f"run {newest.run_id} was cancelled"
    if newest.tags.get(TAG_CODE) == code_fingerprint() and not may_pass(instance, newest.run_id):
        return f"run {newest.run_id} failed on the same content"
    return None


def may_pass(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a run failed for a reason that may go away: one of ours that says so, or its process died."""
    for record in instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE).records:
        event = record.event_log_entry.dagster_event
        if not _is_transient(event.step_failure_data.error if event else None):
            return False
    return True


def _is_transient(info: SerializableErrorInfo | None) -> bool:
    """The outermost error of ours decides, whatever lies around it and below; else the innermost one."""
    name = ""
    while info is not None:
        name = info.cls_name or ""
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, MidsError):
            return issubclass(kind, TransientError)
        info = info.cause
    return name in _CONNECTION_LOST
