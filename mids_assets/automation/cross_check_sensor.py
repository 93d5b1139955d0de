"""The sensor that launches the cross-check of a realm after a publish of either side.

It asks the register what readers see, so that a publish inside `mids import` counts as one of the daemon does. Each
pair of builds is compared once by the same code, and again where that failed of something that passes. The cursor is
the pair that was compared last.
Does not belong here: the comparison (`assets.cross_check`), when to try again (`automation.attempts`).
"""

from __future__ import annotations

from contextlib import closing

import dagster as dg
import psycopg2
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.automation.attempts import next_attempt
from mids_assets.errors import MidsError
from mids_assets.graph import keys
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import RealmGraph
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.transform.build import comparing_fingerprint
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.cross_checking import NothingToCompare, published_pair

INTERVAL_SECONDS = 30
PAUSE_SECONDS = 300.0
"""From a run that failed for a passing reason to the second one."""


def cross_check_sensor(graph: RealmGraph, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    realm = graph.realm

    @dg.sensor(
        name=f"{realm}_cross_check_after_publish",
        job=job,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Launches the cross-check when a release of this realm or of City of Data was published, each pair of"
            " builds once. Switch it off to compare by hand only."
        ),
    )
    def cross_check_after_publish(context: dg.SensorEvaluationContext):
        try:
            pair = _pair(graph.settings, realm)
        except (NothingToCompare, MidsError, psycopg2.Error) as error:
            return dg.SkipReason(redact(str(error)))
        if context.cursor == pair:
            return dg.SkipReason("What is published was compared already.")
        tags = {keys.TAG_REALM: realm, keys.TAG_COMPARED: pair}
        job_named = job_name(realm, keys.CROSS_CHECK)
        attempt = next_attempt(
            context.instance, tags, job=job_named, pause=PAUSE_SECONDS, by_hand=f"launching {job_named}"
        )
        if attempt.succeeded:
            context.update_cursor(pair)
        if attempt.number is None:
            return dg.SkipReason(f"The cross-check of what is published: {attempt.why}.")
        return dg.RunRequest(run_key=f"{realm}-{pair}-{attempt.number}", tags=tags)

    return cross_check_after_publish


def _pair(settings: Settings, realm: str) -> str:
    """The builds that readers of both realms see, and the code that would compare them."""
    with closing(connect(settings, application_name=f"mids cross-check {realm}", attempts=1)) as conn:
        ours, theirs = published_pair(conn, realm)
    return f"{ours.build}-{theirs.build}-{comparing_fingerprint()[:8]}"
