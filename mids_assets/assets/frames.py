"""The assets frames/<entity>: validated records, and beside each the records that broke a rule."""

from collections import Counter

import dagster as dg
import polars as pl

from mids_assets.graph import keys
from mids_assets.graph.columns import frame_columns
from mids_assets.graph.metadata import Stopwatch, preview, rows, work
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.model.tables import ASSETS
from mids_assets.progress import finished
from mids_assets.transform.build import code_fingerprint
from mids_assets.transform.chunk_files import bring_chunks, require_all_chunks
from mids_assets.transform.framing import Framed, frame_entity, frame_power, frame_reference
from mids_assets.transform.parts import CORRECTIONS, SMALL_RAW, frames


def frame_assets(graph: RealmGraph) -> list[dg.AssetsDefinition]:
    """frames/power, and one step for the small entities, of which any can be materialized alone.

    One step and not eight, because a step costs two events and a tenth of a second, and these take milliseconds.
    """
    return [_power_frame(graph), _small_frames(graph)]


def _power_frame(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm
    records = dg.AssetDep(keys.asset_key(realm, keys.RECORDS), partition_mapping=dg.AllPartitionMapping())

    @dg.multi_asset(name=f"{realm}_frames_power", specs=[_spec(realm, "power", records)])
    def power_frame(context: dg.AssetExecutionContext):
        watch = Stopwatch()
        paths, manifest = current_build(context, graph)
        paths.require(CORRECTIONS)
        bring_chunks(paths, manifest, manifest.chunks)
        framed = frame_power(paths, require_all_chunks(paths, manifest, f"{realm}/{keys.RECORDS}"))
        paths.keep(frames("power"))
        finished("frames", "power", len(ASSETS))
        yield _result(realm, "power", manifest.build, watch, framed)

    return power_frame


def _small_frames(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm
    small = [entity for entity in ASSETS if entity != "power"]
    specs = [_spec(realm, entity, dg.AssetDep(keys.asset_key(realm, "raw", entity))) for entity in small]

    @dg.multi_asset(name=f"{realm}_frames", specs=specs, can_subset=True)
    def small_frames(context: dg.AssetExecutionContext):
        paths, manifest = current_build(context, graph)
        paths.require(SMALL_RAW, CORRECTIONS)
        for entity in small:
            if keys.asset_key(realm, "frames", entity) not in context.selected_asset_keys:
                continue
            watch = Stopwatch()
            framed = frame_reference(paths) if entity == "reference" else frame_entity(paths, entity)
            paths.keep(frames(entity))
            finished("frames", entity, len(ASSETS))
            yield _result(realm, entity, manifest.build, watch, framed)

    return small_frames


def _spec(realm: str, entity: str, source: dg.AssetDep) -> dg.AssetSpec:
    upstream = "/".join(source.asset_key.path[1:])
    return dg.AssetSpec(
        keys.asset_key(realm, "frames", entity),
        deps=[source, keys.asset_key(realm, keys.PLAN)],
        group_name=keys.group(realm, "frames"),
        kinds={"polars", "parquet"},
        code_version=code_fingerprint(),
        description=(
            f"Validated {entity.replace('_', ' ')} records as Parquet, nested as in the source, corrections applied."
            f" Reads {upstream}. Records that break a rule of the model are set aside with the rule and their place in"
            " the source: look here when a record is missing."
        ),
        metadata=frame_columns(realm, entity),
        skippable=entity != "power",
    )


def _result(realm: str, entity: str, build: str, watch: Stopwatch, framed: Framed) -> dg.MaterializeResult:
    return dg.MaterializeResult(
        asset_key=keys.asset_key(realm, "frames", entity),
        data_version=dg.DataVersion(build),
        metadata=_shown(watch, framed),
    )


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
    if framed.corrections:
        states = Counter(one.state for one in framed.corrections)
        shown["corrections_applied"] = states.pop("applied", 0)
        shown["corrections_without_effect"] = states.total()
        shown["corrections"] = dg.MetadataValue.md(
            "\n".join(f"- {one.sentence} Reason: {one.reason}" for one in framed.corrections)
        )
    if framed.notes.replaced:
        shown["texts_with_nul_replaced"] = dg.MetadataValue.json(dict(framed.notes.replaced))
    return shown
