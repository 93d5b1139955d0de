"""The assets raw/<entity>: every source file as JSON, in one step."""

import dagster as dg

from mids_assets.graph import keys
from mids_assets.graph.columns import raw_columns
from mids_assets.graph.metadata import Stopwatch, counts, work
from mids_assets.graph.rejection import rejected_if_broken
from mids_assets.graph.runs import RealmGraph, seen_release
from mids_assets.model.tables import ASSETS
from mids_assets.progress import report
from mids_assets.readers.raw import RawFile, write_raw
from mids_assets.transform.build import code_fingerprint
from mids_assets.transform.ingest import open_stored
from mids_assets.transform.parts import RAW
from mids_assets.transform.raw_files import remember
from mids_assets.transform.store import replacing_dir


def raw_assets(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm
    specs = [
        dg.AssetSpec(
            keys.asset_key(realm, "raw", entity),
            deps=[keys.asset_key(realm, keys.RELEASE)],
            group_name=keys.group(realm, "raw"),
            kinds={"json"},
            code_version=code_fingerprint(),
            description=_description(entity),
            metadata=raw_columns(entity),
        )
        for entity in ASSETS
    ]

    @dg.multi_asset(name=f"{realm}_raw", specs=specs)
    def raw(context: dg.AssetExecutionContext):
        paths = seen_release(context, graph)
        source = open_stored(graph.store, realm, paths.release_dir.name).source
        results: list[tuple[str, list[RawFile], float]] = []
        with rejected_if_broken(graph, paths, context.run.run_id), replacing_dir(paths.raw) as folder:
            for number, entity in enumerate(ASSETS):
                report("raw", number, len(ASSETS), entity)
                watch = Stopwatch()
                results.append((entity, write_raw(source, entity, folder), watch.seconds))
            report("raw", len(ASSETS), len(ASSETS), "entities")
            remember(folder, [file for _, files, _ in results for file in files])
        paths.keep(RAW)
        for entity, files, seconds in results:
            yield dg.MaterializeResult(
                asset_key=keys.asset_key(realm, "raw", entity),
                data_version=dg.DataVersion(paths.build),
                metadata={
                    **work(Stopwatch(), bytes=sum(file.bytes for file in files)),
                    "seconds": seconds,
                    "dagster/row_count": sum(file.records for file in files),
                    "path": dg.MetadataValue.path(str(paths.raw)),
                    "files": counts({f.name: f"{f.records:,} records, {f.shape}" for f in files}, ("file", "content")),
                },
            )

    return raw


def _description(entity: str) -> str:
    read = "Reads release. All raw files are written together by every ingest: materialize release to get new ones."
    if entity == "reference":
        what = "The small files (classes, set types, levels, modifiers, settings, replacements) as one JSON object."
    elif entity == "power":
        what = "The powers (I12) as JSON, one record a line where we wrote it; hundreds of MB, read in chunks."
    else:
        what = f"All {entity.replace('_', ' ')} records of the source as JSON."
    return f"{what} {read}"
