"""The assets frames/<entity>: validated records, and beside each the records that broke a rule."""

import dagster as dg
import polars as pl

from mids_assets.assets.records import all_chunks
from mids_assets.graph import keys
from mids_assets.graph.metadata import Stopwatch, preview, rows, work
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.model.tables import ASSETS
from mids_assets.progress import report
from mids_assets.transform.build import code_fingerprint
from mids_assets.transform.framing import Framed, frame_entity, frame_power, frame_reference


def frame_assets(graph: RealmGraph) -> list[dg.AssetsDefinition]:
    return [_frame_asset(graph, entity) for entity in ASSETS]


def _frame_asset(graph: RealmGraph, entity: str) -> dg.AssetsDefinition:
    realm = graph.realm
    if entity == "power":
        source = dg.AssetDep(keys.asset_key(realm, keys.RECORDS), partition_mapping=dg.AllPartitionMapping())
    else:
        source = dg.AssetDep(keys.asset_key(realm, "raw", entity))

    @dg.asset(
        key=keys.asset_key(realm, "frames", entity),
        deps=[source, keys.asset_key(realm, keys.PLAN)],
        group_name=keys.group(realm, "frames"),
        kinds={"polars", "parquet"},
        code_version=code_fingerprint(),
        description=(
            f"Validated {entity.replace('_', ' ')} records, nested as in the source. Records that break a rule of the"
            " model are set aside with the rule and their place in the source."
        ),
    )
    def frame(context: dg.AssetExecutionContext):
        watch = Stopwatch()
        paths, manifest = current_build(context, graph)
        report("frames", ASSETS.index(entity), len(ASSETS), entity)
        if entity == "power":
            framed = frame_power(paths, all_chunks(graph, paths, manifest))
        elif entity == "reference":
            framed = frame_reference(paths)
        else:
            framed = frame_entity(paths, entity)
        report("frames", ASSETS.index(entity) + 1, len(ASSETS), entity)
        yield dg.MaterializeResult(data_version=dg.DataVersion(manifest.build), metadata=_shown(watch, framed))

    return frame


def _shown(watch: Stopwatch, framed: Framed) -> dict:
    shown = {
        **work(watch, bytes=framed.bytes),
        **rows(framed.rows_in, framed.rows_out, framed.quarantine.height),
        "path": dg.MetadataValue.path(str(framed.path)),
        "preview": preview(framed.head),
    }
    if framed.quarantine.height:
        per_rule = framed.quarantine.group_by("rule").len().sort("rule")
        shown["quarantined_per_rule"] = dg.MetadataValue.json(dict(per_rule.iter_rows()))
        shown["quarantine"] = preview(framed.quarantine.select(pl.exclude("entity", "source_file")))
    if framed.notes.unknown_keys:
        shown["unknown_keys"] = dg.MetadataValue.json(dict(framed.notes.unknown_keys))
    if framed.notes.replaced:
        shown["texts_with_nul_replaced"] = dg.MetadataValue.json(dict(framed.notes.replaced))
    return shown
