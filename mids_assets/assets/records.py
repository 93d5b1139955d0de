"""The partitioned asset `i12_records`: each chunk of the powers to Parquet, alone or together, in any order."""

import warnings
from collections.abc import Sequence

import dagster as dg

from mids_assets.errors import PermanentError, StaleBuild, TransientError
from mids_assets.graph import keys
from mids_assets.graph.metadata import Stopwatch, rows, work
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.progress import report
from mids_assets.transform.build import BuildManifest, Chunk, code_fingerprint
from mids_assets.transform.chunks import (
    ChunkResult,
    ChunkTask,
    frame_path,
    parse_chunks,
    quarantine_path,
)
from mids_assets.transform.raw_files import POWERS
from mids_assets.transform.store import BuildPaths, existing


def records_asset(graph: RealmGraph) -> dg.AssetsDefinition:
    realm = graph.realm
    key = keys.asset_key(realm, keys.RECORDS)
    with warnings.catch_warnings():
        # The design rests on single-run backfills; test_dagster_contracts tells when they change.
        warnings.simplefilter("ignore", dg.BetaWarning)
        partitioned = dg.asset(
            key=key,
            deps=[keys.asset_key(realm, keys.PLAN)],
            partitions_def=keys.chunk_partitions(realm),
            backfill_policy=dg.BackfillPolicy.single_run(),
            group_name=keys.group(realm, "frames"),
            kinds={"polars", "parquet"},
            code_version=code_fingerprint(),
            description=(
                "Powers with their effects, parsed and validated, one Parquet file a chunk. Records that break a rule"
                " stand in the chunk's quarantine file. Without a partition: the chunks that lack a file."
            ),
        )

    @partitioned
    def i12_records(context: dg.AssetExecutionContext):
        watch = Stopwatch()
        paths, manifest = current_build(context, graph)
        asked = list(context.partition_keys) if context.has_partition_key or context.has_partition_key_range else None
        chunks, stale = _select(paths, manifest, asked)
        if stale:
            context.log.warning(
                f"{len(stale)} partitions belong to an earlier plan and nothing is written: {', '.join(stale[:5])}"
            )
        results = _parse(graph, paths, manifest, chunks)
        failed = [result for result in results if result.error]
        if failed:
            for result in results:
                if not result.error:
                    context.log_event(dg.AssetMaterialization(key, partition=result.key, metadata=_shown(result)))
            raise _failure(failed, len(results))
        for result in results:
            if asked is not None:
                context.add_asset_metadata(_shown(result), asset_key=key, partition_key=result.key)
        yield dg.MaterializeResult(
            data_version=dg.DataVersion(manifest.build), metadata=work(watch, chunks_parsed=len(results))
        )

    return i12_records


def _select(paths: BuildPaths, manifest: BuildManifest, asked: Sequence[str] | None) -> tuple[list[Chunk], list[str]]:
    """The chunks to parse, and the keys that are none of this build's."""
    if asked is None:
        missing = [chunk for chunk in manifest.chunks if not frame_path(paths.chunks, chunk.key).exists()]
        return missing, []
    found = [(key, manifest.chunk(key)) for key in asked]
    return [chunk for _, chunk in found if chunk], [key for key, chunk in found if chunk is None]


def _parse(graph: RealmGraph, paths: BuildPaths, manifest: BuildManifest, chunks: Sequence[Chunk]) -> list[ChunkResult]:
    raw = existing(paths.raw / POWERS, f"{graph.realm}/raw/power")
    paths.chunks.mkdir(parents=True, exist_ok=True)
    tasks = [
        ChunkTask(
            chunk=chunk,
            raw=raw,
            shape=manifest.i12_shape,
            source_file=manifest.raw[POWERS]["source_file"],
            frame=frame_path(paths.chunks, chunk.key),
            quarantine=quarantine_path(paths.chunks, chunk.key),
        )
        for chunk in chunks
    ]
    results = []
    records = 0
    report("chunks", 0, len(tasks), "")
    for result in parse_chunks(tasks, graph.settings.workers):
        results.append(result)
        records += result.rows_in
        report("chunks", len(results), len(tasks), f"{records:,} records")
    return sorted(results, key=lambda result: result.key)


def _failure(failed: Sequence[ChunkResult], total: int) -> Exception:
    text = f"{len(failed)} of {total} chunks failed: " + "; ".join(f"{r.key}: {r.error}" for r in failed[:5])
    return PermanentError(text) if any(result.permanent for result in failed) else TransientError(text)


def _shown(result: ChunkResult) -> dict:
    return {
        **rows(result.rows_in, result.rows_out, result.quarantined),
        "bytes": result.bytes,
        "seconds": round(result.seconds, 3),
        "peak_memory_mib": round(result.peak_mib, 1),
        "unknown_keys": dg.MetadataValue.json(dict(result.unknown_keys)),
    }


def all_chunks(graph: RealmGraph, paths: BuildPaths, manifest: BuildManifest) -> list[Chunk]:
    """The plan's chunks, or the one error that names those without a file."""
    missing = [chunk.key for chunk in manifest.chunks if not frame_path(paths.chunks, chunk.key).exists()]
    if missing:
        raise StaleBuild(
            f"{len(missing)} of {len(manifest.chunks)} chunks of the current plan have no file:"
            f" {', '.join(missing[:5])}; materialize these partitions of {graph.realm}/{keys.RECORDS}"
        )
    return list(manifest.chunks)
