"""The sensor that asks the servers of updates, and launches an ingest when they offer something newer.

The tick only asks for the manifest, which is small and mostly answered by 304; the download is the ingest's, where it
has a log, may take its time and is tried again. Whatever fails in a tick is a skip with its reason: servers are away
for days, and a failed tick an hour would hide what matters. The cursor counts the ticks without an answer.
Does not belong here: asking, comparing and downloading (`updates`), the run's part (`assets.release`).
"""

from __future__ import annotations

from contextlib import closing

import dagster as dg
import psycopg2
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.automation.attempts import next_attempt
from mids_assets.errors import MidsError, NetworkUnavailable
from mids_assets.graph import keys
from mids_assets.graph.runs import RealmGraph
from mids_assets.redaction import redact
from mids_assets.settings import Settings
from mids_assets.transform.build import code_fingerprint
from mids_assets.updates.alarm import look_for_other_patch
from mids_assets.updates.fetch import compare
from mids_assets.updates.http import Client
from mids_assets.updates.other_patch import OtherPatch
from mids_assets.updates.patience import Patience, within
from mids_assets.updates.polling import Polled, poll
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.register import ReleaseRow, newest_known

INTERVAL_SECONDS = 3600


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
        patience = Patience(int(context.cursor or 0))
        try:
            known = _known(graph.settings, realm)
            polled, other = within(
                patience.seconds, lambda: _ask(graph.settings, realm, known.version if known else None, patience)
            )
        except NetworkUnavailable as error:
            context.update_cursor(str(patience.unanswered().silent))
            return dg.SkipReason(redact(str(error)))
        except (MidsError, psycopg2.Error, OSError) as error:
            return dg.SkipReason(redact(str(error)))
        context.update_cursor(str(patience.answered().silent))
        for problem in polled.problems:
            context.log.warning(redact(problem))
        if polled.offer is None:
            return dg.SkipReason("No manifest offers a database of this realm.")
        version = polled.offer.version
        comparison = compare(version, known.version if known else None)
        if comparison == "older" and known is not None:
            context.log.warning(f"The offered version went down to {version}; {known.version} is known.")
            return dg.SkipReason(f"The offered version went down to {version}; {known.version} is known already.")
        if other is not None:
            context.log.warning(redact(str(other)))
            return dg.SkipReason(redact(str(other)))
        if comparison == "same":
            return dg.SkipReason(f"Version {version} is known already.")
        # What is offered, as which code would read it: a repaired offer and repaired code are tried anew.
        offer = f"{version}-{polled.content[:12]}-{code_fingerprint()[:8]}"
        tags = {keys.TAG_REALM: realm, keys.TAG_UPDATE: offer}
        attempt = next_attempt(context.instance, tags, pause=INTERVAL_SECONDS, by_hand="`mids fetch`")
        if attempt.number is None:
            return dg.SkipReason(f"Version {version}: {attempt.why}.")
        op = keys.asset_key(realm, keys.RELEASE).to_python_identifier()
        return dg.RunRequest(
            run_key=f"{realm}-update-{offer}-{attempt.number}",
            run_config={"ops": {op: {"config": {"update": True}}}},
            tags=tags,
        )

    return update


def _known(settings: Settings, realm: str) -> ReleaseRow | None:
    with closing(connect(settings, application_name=f"mids update {realm}", attempts=1)) as connection:
        return newest_known(connection, realm)


def _ask(settings: Settings, realm: str, known: str | None, patience: Patience) -> tuple[Polled, OtherPatch | None]:
    """What is offered; and another patch of the known version, where that is it."""
    folder = settings.updates_dir / realm
    with Client(patience.limits) as client:
        polled = poll(client, settings.updates_of(realm), realm, folder)
        if polled.offer is None or compare(polled.offer.version, known) != "same":
            return polled, None
        return polled, look_for_other_patch(client, polled.offer, realm, folder)
