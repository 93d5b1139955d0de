"""Failed runs in mids.import_log, whatever they failed of: a full disk, a file that vanished, a process killed with -9.

Checks, guards and the publish note their failure themselves, with all that they know. What ends a run anywhere else,
or takes its process along, is noted here: by `mids import` when its run failed and before its next one, and by the
sensor for runs of the daemon. Does not belong here: finding runs whose process is gone (processes.py).
"""

from __future__ import annotations

from contextlib import closing

import dagster as dg
import psycopg2

from mids_assets.automation.accept_job import KIND as ACCEPT
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.import_log import runs_with_failure
from mids_assets.warehouse.outcome import note_failure

TAG_NOTED = "mids/failure_noted"
LOOKED_AT = 20
"""So many of the newest failed runs: far more than fail between two looks."""


class RunFailed(MidsError):
    """A run that failed, for the log; its text is what Dagster kept."""


def note_failed_runs(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Enter failed runs of our realms that mids.import_log does not know of yet. Returns their ids."""
    failed = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=LOOKED_AT)
    runs = [run for run in failed if _imports(run) and realm_of(run) in settings.realms and TAG_NOTED not in run.tags]
    if not runs:
        return []
    try:
        with closing(connect(settings, application_name="mids failed runs", attempts=1)) as connection:
            known = runs_with_failure(connection, [run.run_id for run in runs])
    except (psycopg2.Error, MidsError):
        return []  # The next look finds them.
    noted = []
    for run in reversed(runs):
        if run.run_id not in known:
            error = RunFailed(f"{run.job_name}: {_reason(instance, run.run_id)}")
            release, build = run.tags.get(keys.TAG_RELEASE), run.tags.get(keys.TAG_BUILD)
            if not note_failure(settings, realm_of(run) or "", release, build, run.run_id, [], error):
                continue
            noted.append(run.run_id)
        instance.add_run_tags(run.run_id, {TAG_NOTED: "true"})
    return noted


def _imports(run: dg.DagsterRun) -> bool:
    """Not a person's acceptance, whose failure tells that person that there was nothing to accept; nor a cross-check,
    which publishes nothing."""
    return run.job_name not in (keys.job_name(realm_of(run) or "", kind) for kind in (ACCEPT, keys.CROSS_CHECK))


def realm_of(run: dg.DagsterRun) -> str | None:
    """The realm that a run works on: by its tag, or by its assets where it was started from the asset graph."""
    selected = sorted(run.asset_selection or ()) or sorted(key.asset_key for key in run.asset_check_selection or ())
    return run.tags.get(keys.TAG_REALM) or (selected[0].path[0] if selected else None)


def _reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """What ended the first step that failed; else what was said of the run."""
    for kind in (dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE):
        for record in instance.get_records_for_run(run_id, of_type=kind).records:
            event = record.event_log_entry.dagster_event
            if event is None:
                continue
            info = event.step_failure_data.error if kind == dg.DagsterEventType.STEP_FAILURE else None
            while info is not None and info.cause is not None:
                info = info.cause
            return " ".join((info.message if info else event.message or "").split())
    return "it ended without a reason"
