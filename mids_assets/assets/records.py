"""The partitioned asset `i12_records`: each chunk of the powers to Parquet, alone or together, in any order.

Does not belong here: parsing (`transform.chunks`), which chunks of a plan are there (`transform.chunk_files`).
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import dagster as dg
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from mids_assets.errors import PermanentError, TransientError
from mids_assets.graph import keys
from mids_assets.graph.backfills import backfill_of, targets
from mids_assets.graph.columns import record_columns
from mids_assets.graph.metadata import Stopwatch, rows, work
from mids_assets.graph.runs import RealmGraph, current_build
from mids_assets.graph.tried import by_itself
from mids_assets.graph.versions import version_tags
from mids_assets.progress import Interval, Pace, report
from mids_assets.transform import parts
from mids_assets.transform.build import BuildManifest, Chunk, code_fingerprint
from mids_assets.transform.chunk_files import (
    ChunkResult,
    bring_chunks,
    frame_path,
    missing_chunks,
    quarantine_path,
    read_result,
    require_planned_file,
)
from mids_assets.transform.chunks import ChunkTask, parse_chunks
from mids_assets.transform.leftovers import remove_leftovers
from mids_assets.transform.raw_files import POWERS
from mids_assets.transform.store import BuildPaths

LOG_SECONDS = 10.0
NAMED = 5
PARENT_RUN = "dagster/parent_run_id"
"""Tag of a run that runs another one again."""
STALE = "Of an earlier plan. Nothing was written; the chunks of the current one were made instead."
RECORDED = {SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
"""Metadata of an output beside which Dagster records nothing, because the step recorded its partitions itself."""


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
            backfill_policy=_backfill_policy(graph),
            group_name=keys.group(realm, "frames"),
            kinds={"polars", "parquet"},
            code_version=code_fingerprint(),
            metadata=record_columns(realm),
            description=(
                "Powers with their effects, parsed and validated, one Parquet file a chunk. Reads raw/power by the plan"
                " of i12_chunk_plan. Records that break a rule stand in the chunk's quarantine file. When partitions"
                " failed or are missing, materialize just these; other partitions stay as they are. Without a"
                " partition: the chunks that are missing. Together with the plan or the frames: all chunks of the"
                " build; those that are there already are taken as they are."
            ),
        )

    @partitioned
    def i12_records(context: dg.AssetExecutionContext):
        """Each partition is recorded as soon as its files are there: a run that is cancelled or killed keeps it."""
        watch = Stopwatch()
        paths, manifest = current_build(context, graph)
        work_list = _work_list(context, graph, paths, manifest)
        if work_list.stale:
            context.log.warning(
                f"{len(work_list.stale)} partitions are not in the plan of build {manifest.build}, and nothing is"
                f" written for them: {_some(work_list.stale)}"
            )
        failed = []
        for result in _results(context, graph, paths, manifest, work_list):
            if result.error:
                failed.append(result)
            else:
                if result.key not in work_list.there:
                    paths.keep(parts.chunk(result.key))
                yield dg.AssetMaterialization(
                    key,
                    partition=result.key,
                    metadata=_shown(result, manifest, reused=result.key in work_list.there),
                    tags=version_tags(keys.asset_key(realm, keys.PLAN), manifest.build),
                )
        if failed:
            raise _failure(failed, work_list, f"{realm}/{keys.RECORDS}")
        for stale in work_list.stale if work_list.whole else ():
            yield dg.AssetMaterialization(key, partition=stale, metadata={"stale": STALE})
        if work_list.asked:
            yield dg.MaterializeResult(metadata=RECORDED)
        else:
            yield dg.MaterializeResult(
                data_version=dg.DataVersion(manifest.build),
                metadata=work(watch, chunks_parsed=len(work_list.parse)),
            )

    return i12_records


def _backfill_policy(graph: RealmGraph) -> dg.BackfillPolicy:
    """Chunks lie side by side in one run, unless several machines are to share them."""
    chunks = graph.settings.backfill_chunks
    return dg.BackfillPolicy.multi_run(chunks) if chunks else dg.BackfillPolicy.single_run()


@dataclass(frozen=True, slots=True)
class _WorkList:
    """Chunks to parse, results of those that are there and are kept, and partitions that are none of this build's."""

    parse: list[Chunk]
    there: dict[str, ChunkResult]
    stale: list[str]
    asked: bool
    """Whether the run was asked for partitions."""
    whole: bool = False
    """Whether all chunks of the build are worked on, whatever was asked for."""
    take: bool = False
    """Whether chunks that are there, or that another run makes meanwhile, are taken as they are."""

    def __len__(self) -> int:
        return len(self.parse) + len(self.there)


def _work_list(
    context: dg.AssetExecutionContext, graph: RealmGraph, paths: BuildPaths, manifest: BuildManifest
) -> _WorkList:
    if not (context.has_partition_key or context.has_partition_key_range):
        bring_chunks(paths, manifest, manifest.chunks)
        return _WorkList(missing_chunks(paths, manifest), {}, [], asked=False)
    asked = {key: manifest.chunk(key) for key in context.partition_keys}
    whole = _goes_on(context, graph)
    chunks = [chunk for chunk in asked.values() if chunk]
    if whole:
        # Those that were asked for come first: the other runs of a backfill begin with theirs.
        chunks += [chunk for chunk in manifest.chunks if chunk.key not in asked]
    there: dict[str, ChunkResult] = {}
    take = whole or _runs_again(context) or by_itself(context.run)
    if take:
        bring_chunks(paths, manifest, chunks)
        found = {chunk.key: read_result(frame_path(paths.chunks, chunk.key), manifest.i12_sha256) for chunk in chunks}
        there = {key: result for key, result in found.items() if result}
    return _WorkList(
        parse=[chunk for chunk in chunks if chunk.key not in there],
        there=there,
        stale=[key for key, chunk in asked.items() if chunk is None],
        asked=True,
        whole=whole,
        take=take,
    )


def _goes_on(context: dg.AssetExecutionContext, graph: RealmGraph) -> bool:
    """Whether this run, or the backfill that launched it, makes the plan too or goes on to the frames.

    The frames need every chunk of the build. And who asks for the plan as well (*Materialize all*) cannot have known
    its partitions: those that were asked for are of the plan before.
    """
    around = (keys.asset_key(graph.realm, keys.PLAN), keys.asset_key(graph.realm, "frames", "power"))
    backfill = backfill_of(context.instance, context.run)
    selected = context.job_def.asset_layer.selected_asset_keys
    return any(key in selected or targets(backfill, key) for key in around)


def _runs_again(context: dg.AssetExecutionContext) -> bool:
    """Whether what this run runs again did not end well, as Dagster does by itself when the process of a run died."""
    parent = context.run.tags.get(PARENT_RUN)
    run = context.instance.get_run_by_id(parent) if parent else None
    return run is not None and run.status != dg.DagsterRunStatus.SUCCESS


def _results(
    context: dg.AssetExecutionContext,
    graph: RealmGraph,
    paths: BuildPaths,
    manifest: BuildManifest,
    work_list: _WorkList,
) -> Iterator[ChunkResult]:
    """What becomes of every chunk, as it comes, told to whoever watches."""
    yield from work_list.there.values()
    raw = require_planned_file(paths, manifest)
    read = paths.ranges(parts.raw(POWERS), raw) if work_list.parse else None
    paths.chunks.mkdir(parents=True, exist_ok=True)
    remove_leftovers(paths.chunks)
    graph.store.tidy(graph.realm)
    tasks = [
        ChunkTask(
            chunk=chunk,
            raw=raw,
            shape=manifest.i12_shape,
            source_file=manifest.raw[POWERS]["source_file"],
            frame=frame_path(paths.chunks, chunk.key),
            quarantine=quarantine_path(paths.chunks, chunk.key),
            file_sha256=manifest.i12_sha256,
            take=work_list.take,
            read=read,
        )
        for chunk in work_list.parse
    ]
    pace = Pace(sum(chunk.records for chunk in work_list.parse))
    interval = Interval(LOG_SECONDS)
    done = len(work_list.there)
    report("chunks", done, len(work_list), "")
    settings = graph.settings
    with closing(parse_chunks(tasks, settings.workers, settings.worker_memory_mib)) as results:
        for result in results:
            done += 1
            pace.add(result.rows_in)
            report("chunks", done, len(work_list), str(pace))
            if interval.due():
                context.log.info(f"{done} of {len(work_list)} chunks: {pace}")
            yield result
    if tasks:
        context.log.info(f"{done} of {len(work_list)} chunks done, {len(work_list.there)} were there: {pace}")


def _failure(failed: Sequence[ChunkResult], work_list: _WorkList, asset: str) -> Exception:
    text = (
        f"{len(failed)} of {len(work_list)} chunks failed, the others are there:"
        f" {'; '.join(f'{result.key}: {result.error}' for result in failed[:NAMED])}."
        f" Materialize again: {_some([result.key for result in failed])} of {asset}"
    )
    return PermanentError(text) if any(result.permanent for result in failed) else TransientError(text)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _shown(result: ChunkResult, manifest: BuildManifest, *, reused: bool) -> dict:
    chunk = manifest.chunk(result.key)
    return {
        **rows(result.rows_in, result.rows_out, result.quarantined),
        "start": chunk.start if chunk else 0,
        "end": chunk.end if chunk else 0,
        "bytes": result.bytes,
        "started_at": result.started_at,
        "seconds": round(result.seconds, 3),
        "records_per_second": round(result.rows_in / result.seconds) if result.seconds else 0,
        "peak_memory_mib": round(result.peak_mib, 1),
        "was_there_already": reused,
        "unknown_keys": dg.MetadataValue.json(dict(result.unknown_keys)),
    }
