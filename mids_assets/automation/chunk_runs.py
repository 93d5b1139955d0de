"""Runs that share the chunks of a plan before its publish, where MIDS_BACKFILL_CHUNKS wants several.

Each has its own neighbouring chunks, and is tried again by itself where what it failed of may pass. Does not belong
here: when the publish is launched (`automation.sensors`), parsing (`assets.records`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from mids_assets.automation.attempts import Attempt, next_attempt, under_way
from mids_assets.automation.jobs import RANGE_END, RANGE_START, build_tags, job_name, range_tags
from mids_assets.graph import keys
from mids_assets.graph.runs import RealmGraph
from mids_assets.transform.build import BuildManifest, Chunk
from mids_assets.transform.chunk_files import chunks_to_parse
from mids_assets.transform.store import BuildPaths

KIND = "chunks"


@dataclass(frozen=True, slots=True)
class ChunkRuns:
    """`launch`: runs that are due now. `reason`: why the plan waits. `over`: nothing will come by itself."""

    launch: list[dg.RunRequest]
    reason: str
    over: bool = False


def chunk_runs(
    instance: dg.DagsterInstance,
    graph: RealmGraph,
    paths: BuildPaths,
    manifest: BuildManifest,
    *,
    pause: float,
    tags: Mapping[str, str],
) -> ChunkRuns | None:
    """What has to be launched or waited for until all chunks of a build are there; None where they are.

    A run that ended well counts like its files, which a machine that shares no folder with it cannot see; what follows
    looks at every file. `pause`: seconds from a failure for a passing reason to the second try.
    """
    if (run := under_way(instance, graph.realm, KIND)) is not None:
        return ChunkRuns([], f"Chunks are being parsed, by run {run.run_id} and perhaps others.")
    missing = {chunk.key for chunk in chunks_to_parse(paths, manifest)}
    launch: list[dg.RunRequest] = []
    left: list[Attempt] = []
    for chunks in _shares(manifest, graph.settings.backfill_chunks or len(manifest.chunks)):
        if missing.isdisjoint(chunk.key for chunk in chunks):
            continue
        attempt = _attempt(instance, graph.realm, manifest, chunks, pause)
        if attempt.number is not None:
            launch.append(_request(graph.realm, manifest, chunks, attempt.number, tags))
        elif not attempt.succeeded:
            left.append(attempt)
    if not launch and not left:
        return None
    why = "; ".join(attempt.why for attempt in left)
    reason = f"{len(missing)} of {len(manifest.chunks)} chunks of build {manifest.build} are not there: {why}."
    return ChunkRuns(launch, reason, over=not launch and all(attempt.over for attempt in left))


def _shares(manifest: BuildManifest, size: int) -> Iterator[Sequence[Chunk]]:
    """The chunks of a build, always cut into the same shares: a share is known by its first and its last chunk."""
    for start in range(0, len(manifest.chunks), size):
        yield manifest.chunks[start : start + size]


def _attempt(
    instance: dg.DagsterInstance, realm: str, manifest: BuildManifest, chunks: Sequence[Chunk], pause: float
) -> Attempt:
    tags = {keys.TAG_BUILD: manifest.build, **range_tags(chunks)}
    by_hand = f"materializing them in {realm}/{keys.RECORDS}"
    return next_attempt(instance, tags, job=job_name(realm, KIND), pause=pause, by_hand=by_hand)


def _request(
    realm: str, manifest: BuildManifest, chunks: Sequence[Chunk], number: int, more: Mapping[str, str]
) -> dg.RunRequest:
    tags = {**build_tags(manifest), **range_tags(chunks), **more}
    run_key = f"{manifest.build}-{tags[RANGE_START]}-{tags[RANGE_END]}-{number}"
    return dg.RunRequest(run_key=run_key, job_name=job_name(realm, KIND), tags=tags)
