"""The jobs of a realm and of all together, and the run tags with which they are launched.

ingest    release, raw, plan. Ends by planning the chunks.
publish   one run over all chunks of the plan, frames, tables, checks, warehouse.
chunks    some chunks of a plan, where MIDS_BACKFILL_CHUNKS has several runs share them before the publish.
validate  publish without the warehouse: what `mids import --dry-run` runs.
cross_check   holds what is published against City of Data; only of realms that both are of.
check_source  notes that the source was looked at and is unchanged.
backup    of all realms at once: a dump of each, and of Dagster's database.
"""

from collections.abc import Sequence

import dagster as dg
from dagster import AssetSelection
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from mids_assets.assets.backup import backup_key
from mids_assets.graph import keys
from mids_assets.graph.keys import job_name
from mids_assets.graph.runs import RealmGraph
from mids_assets.graph.shown import shown_tables
from mids_assets.model.tables import ASSETS
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest, Chunk
from mids_assets.warehouse.backup.manifest import DAGSTER

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def asset_jobs(graph: RealmGraph) -> list[UnresolvedAssetJobDefinition]:
    realm = graph.realm
    ingest = _keys(realm, [(keys.RELEASE,), *(("raw", entity) for entity in ASSETS), (keys.PLAN,)])
    checked = _keys(
        realm,
        [
            (keys.RECORDS,),
            *(("frames", entity) for entity in ASSETS),
            *(("tables", table.name) for table in shown_tables(realm)),
        ],
    )
    warehouse = _keys(realm, [("warehouse", table.name) for table in shown_tables(realm)])
    return [
        dg.define_asset_job(
            job_name(realm, "ingest"),
            selection=ingest,
            description=(
                "Store a release, write it as JSON, plan its chunks. Reads the landing folder, or the run config"
                " `source`. Launch it to import by hand; the publish follows by itself."
            ),
            tags={keys.TAG_REALM: realm},
        ),
        dg.define_asset_job(
            job_name(realm, "publish"),
            selection=checked | warehouse,
            description=(
                "Parse, check and publish the current plan in one run; readers see the old release until the last"
                " moment. Launch it to go on after a failure: what is there already is not parsed again."
            ),
            tags={keys.TAG_REALM: realm},
        ),
        dg.define_asset_job(
            job_name(realm, "validate"),
            selection=checked,
            description=(
                "Parse and check the current plan without publishing it. Launch it to see whether a correction, or a"
                " change of the code, passes the checks."
            ),
            tags={keys.TAG_REALM: realm},
        ),
    ]


def chunks_job(graph: RealmGraph) -> UnresolvedAssetJobDefinition:
    """What each of several runs executes that share the chunks of a plan (MIDS_BACKFILL_CHUNKS)."""
    return dg.define_asset_job(
        job_name(graph.realm, "chunks"),
        selection=_keys(graph.realm, [(keys.RECORDS,)]),
        description=(
            "Parse some chunks of the current plan, MIDS_BACKFILL_CHUNKS of them in each run. The sensor launches them"
            " before the publish; materialize partitions of i12_records to do so by hand."
        ),
        tags={keys.TAG_REALM: graph.realm},
    )


def backup_job(settings: Settings) -> UnresolvedAssetJobDefinition:
    """One for all realms: each backup is a step of its own, and one that fails stops no other."""
    return dg.define_asset_job(
        "backup",
        selection=AssetSelection.assets(*(backup_key(of) for of in (*settings.realms, DAGSTER))),
        description=(
            "Dump every realm and Dagster's database to MIDS_BACKUP_URL, verify the dumps, and remove those that are"
            " not kept any more. Runs every night; launch it before anything that may go wrong."
        ),
    )


def cross_check_job(graph: RealmGraph) -> UnresolvedAssetJobDefinition:
    return dg.define_asset_job(
        job_name(graph.realm, keys.CROSS_CHECK),
        selection=AssetSelection.assets(keys.cross_check_key(graph.realm)),
        description=(
            "Compare what is published with City of Data, and write the discrepancies. The sensor launches it after a"
            " publish of either side; launch it to compare once more."
        ),
        tags={keys.TAG_REALM: graph.realm},
    )


def check_source_job(graph: RealmGraph) -> dg.JobDefinition:
    realm = graph.realm
    key = keys.asset_key(realm, keys.RELEASE)

    @dg.op(name=f"{realm}_note_unchanged_source", config_schema={"release": str, "build": str, "source": str})
    def note(context: dg.OpExecutionContext) -> None:
        facts = context.op_config
        context.log_event(dg.AssetObservation(key, metadata={**facts, "unchanged": True}))

    @dg.job(
        name=job_name(realm, "check_source"),
        description=(
            "Notes that the source was looked at and holds what is published already. `mids import` launches it; there"
            " is no reason to do so by hand."
        ),
        tags={keys.TAG_REALM: realm},
        executor_def=dg.in_process_executor,
    )
    def check_source():
        note()

    return check_source


def publish_tags(manifest: BuildManifest) -> dict[str, str]:
    """Tags of a run over all chunks of a build."""
    return build_tags(manifest) | range_tags(manifest.chunks)


def build_tags(manifest: BuildManifest) -> dict[str, str]:
    """Tags that say which build a run works on."""
    return {
        keys.TAG_REALM: manifest.realm,
        keys.TAG_RELEASE: manifest.release,
        keys.TAG_BUILD: manifest.build,
    }


def range_tags(chunks: Sequence[Chunk]) -> dict[str, str]:
    """Tags of a run over neighbouring chunks; the range is one of insertion order, see `chunk_plan`."""
    return {RANGE_START: chunks[0].key, RANGE_END: chunks[-1].key} if chunks else {}


def after_chunks(realm: str) -> list[dg.AssetKey]:
    """What a publish makes of chunks that are there: all but the chunks."""
    names = [("frames", entity) for entity in ASSETS]
    names += [(layer, table.name) for layer in ("tables", "warehouse") for table in shown_tables(realm)]
    return [keys.asset_key(realm, *name) for name in names]


def _keys(realm: str, names) -> AssetSelection:
    return AssetSelection.assets(*(keys.asset_key(realm, *name) for name in names))
