"""The sensor that tells people what became of imports: it looks for news and sends what is due, every 15 s.

Not a run-status sensor: those do not see runs inside the process of `mids import`, and know nothing of blocks.
Does not belong here: what is news, its words, sending (`notify`); noting failed runs (`failed_runs`), which
`publish_after_ingest` does.
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import psycopg2

from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.errors import MidsError, RealmBusy
from mids_assets.graph import keys
from mids_assets.graph.runs import UNFINISHED, RealmGraph
from mids_assets.notify.telling import look
from mids_assets.redaction import redact

INTERVAL_SECONDS = 15
LOOKED_AT = 10
"""So many of the last observations of the source; a rejected release or a file that was hashed makes one as well."""


def notification_sensor(graph: RealmGraph) -> dg.SensorDefinition:
    realm = graph.realm

    @dg.sensor(
        name=f"{realm}_notifications",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=(
            "Tells of a release that was published, of an import that failed or was blocked, and when that is over:"
            " each once, to the addresses of MIDS_NOTIFY_URLS, and in its log."
        ),
    )
    def notifications(context: dg.SensorEvaluationContext):
        instance = context.instance
        if not context.cursor:
            # So that what failed before the first look stands in the log by then, and is history, too.
            note_failed_runs(instance, graph.settings)
            context.update_cursor("began")
        under_way = {run.run_id for run in instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))}
        try:
            found = look(
                graph.settings,
                realm,
                under_way=under_way,
                unchanged_at=lambda published: last_unchanged(instance, realm, published),
            )
        except RealmBusy:
            return dg.SkipReason("Another process looks at the same moment.")
        except (MidsError, psycopg2.Error) as error:
            return dg.SkipReason(redact(str(error)))
        for title in found.new:
            context.log.info(title)
        told = [f"{len(found.new)} new"] if found.new else []
        told += [f"{number} {word}" for word in ("delivered", "failed", "dropped") if (number := getattr(found, word))]
        return dg.SkipReason(f"{', '.join(told)}: {'; '.join(found.new)}" if told else "Nothing new.")

    return notifications


def last_unchanged(instance: dg.DagsterInstance, realm: str, published: str) -> datetime | None:
    """When the source was last looked at and held the release `published`; others are observed, too."""
    for record in instance.fetch_observations(keys.asset_key(realm, keys.RELEASE), limit=LOOKED_AT).records:
        observed = record.asset_observation.metadata.get("release") if record.asset_observation else None
        if observed is not None and observed.value == published:
            return datetime.fromtimestamp(record.timestamp, UTC)
    return None
