"""The asset `i12_chunk_plan`: cuts raw/i12 into byte ranges, registers them as partitions, pins the build down."""

import dagster as dg

from mids_assets.graph import keys
from mids_assets.graph.metadata import Stopwatch, work
from mids_assets.graph.partitions import register
from mids_assets.graph.rejection import rejected_if_broken
from mids_assets.graph.runs import RealmGraph, seen_release, tag_run
from mids_assets.model.tables import ASSETS
from mids_assets.progress import report
from mids_assets.transform.build import BuildManifest, Chunk, code_fingerprint, write_manifest
from mids_assets.transform.chunks import plan
from mids_assets.transform.parts import RAW
from mids_assets.transform.raw_files import POWERS, read_raw_files


def chunk_plan_asset(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm

    @dg.asset(
        key=keys.asset_key(realm, keys.PLAN),
        deps=[keys.asset_key(realm, "raw", entity) for entity in ASSETS],
        group_name=keys.group(realm, "raw"),
        kinds={"json"},
        code_version=code_fingerprint(),
        description=(
            "Byte ranges of the powers file, cut at record starts, each a partition of i12_records. Reads raw. Ends the"
            " ingest: the build's manifest is written and becomes the realm's current plan, which the sensor publishes."
            " Materialize it again when raw/power was written anew."
        ),
    )
    def i12_chunk_plan(context: dg.AssetExecutionContext):
        watch = Stopwatch()
        paths = seen_release(context, graph)
        paths.require(RAW)
        files = read_raw_files(paths)
        i12 = files[POWERS]
        report("plan", 0, 1, "cutting")
        with rejected_if_broken(graph, paths, context.run.run_id):
            chunks = plan(i12, graph.settings.chunk_bytes)
        raw = {
            name: {"shape": f.shape, "records": f.records, "bytes": f.bytes, "source_file": f.source_file}
            for name, f in sorted(files.items())
        }
        manifest = BuildManifest(
            realm=realm,
            release=paths.release_dir.name,
            build=paths.build,
            i12_shape=i12.shape,
            i12_sha256=i12.sha256,
            chunks=chunks,
            raw=raw,
        )
        write_manifest(paths, manifest)
        register(context.instance, realm, [chunk.key for chunk in chunks])
        tag_run(context, manifest.release, manifest.build)
        graph.store.point(realm, "plan", {"release": manifest.release, "build": manifest.build})
        report("plan", 1, 1, f"{len(chunks)} chunks")
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(paths.build),
            metadata=work(
                watch,
                release=manifest.release,
                build=manifest.build,
                chunks=len(chunks),
                file_sha256=i12.sha256,
                **{"dagster/row_count": sum(chunk.records for chunk in chunks)},
                first_partition=chunks[0].key if chunks else "",
                last_partition=chunks[-1].key if chunks else "",
                plan=_table(chunks),
            ),
        )

    return i12_chunk_plan


def _table(chunks: tuple[Chunk, ...]) -> dg.TableMetadataValue:
    names = ("partition", "start", "end", "records", "first_position")
    rows = ((chunk.key, chunk.start, chunk.end, chunk.records, chunk.first) for chunk in chunks)
    return dg.MetadataValue.table(
        records=[dg.TableRecord(dict(zip(names, row, strict=True))) for row in rows],
        schema=dg.TableSchema([dg.TableColumn(name, "string" if name == "partition" else "int") for name in names]),
    )
