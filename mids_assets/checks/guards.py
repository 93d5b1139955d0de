"""The check `guards` of a realm: whether a build is plausible beside what is published. Blocks the publish.

It looks at all tables, and hangs on those of the powers. Does not belong here: a guard (`transform.guards`), the
comparison (`warehouse.guarding`), which the publish makes once more.
"""

from contextlib import closing

import dagster as dg

from mids_assets.errors import CheckFailed, MidsError
from mids_assets.graph import keys
from mids_assets.graph.retries import database_may_come_back
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.graph.shown import shown_tables
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.guarding import GuardReport, examine
from mids_assets.warehouse.outcome import note_state
from mids_assets.warehouse.publishing import note_blocked

GUARDS = "guards"


def guards_check(graph: RealmGraph) -> dg.AssetChecksDefinition:
    realm = graph.realm

    @dg.asset_check(
        asset=keys.asset_key(realm, "tables", "power"),
        additional_deps=[
            keys.asset_key(realm, "tables", table.name) for table in shown_tables(realm) if table.name != "power"
        ],
        name=GUARDS,
        blocking=True,
        description=(
            "No table loses too many rows or all of them, and no number leaves what is plausible, beside what is"
            " published now. Blocks the publish, unless a person accepted it: `mids accept`."
        ),
    )
    def guards(context: dg.AssetCheckExecutionContext):
        paths, manifest = current_build(context, graph)
        with (
            database_may_come_back(),
            closing(connect(graph.settings, application_name=f"mids guards {realm}")) as connection,
        ):
            report = examine(connection, graph.settings, paths, manifest)
        try:
            report.require(realm, manifest.release)
        except CheckFailed as blocked:
            note_blocked(graph.settings, paths, manifest, run_id=context.run.run_id, error=blocked)
            return _result(report, blocked)
        note_state(graph.settings, realm, manifest.release, manifest.build, "parsed", None)
        return _result(report, None)

    return guards


def _result(report: GuardReport, blocked: MidsError | None) -> dg.AssetCheckResult:
    metadata: dict = {
        "blocked": len(report.blocked),
        "accepted": len(report.accepted),
        "warned": len(report.warned),
    }
    sentences = report.sentences()
    if sentences:
        metadata["guards"] = dg.MetadataValue.md("\n".join(f"- {text}" for text in sentences))
    if blocked is not None:
        metadata["failures"] = dg.MetadataValue.json({one.message: one.observed for one in report.blocked})
        metadata["what_to_do"] = str(blocked)
    return dg.AssetCheckResult(
        passed=not sentences,
        severity=dg.AssetCheckSeverity.ERROR if report.blocked else dg.AssetCheckSeverity.WARN,
        description=sentences[0] if sentences else None,
        metadata=metadata,
    )
