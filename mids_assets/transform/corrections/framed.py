"""The corrections of a build on the frames of an entity: one that is in memory, or files that are read one by one.

Does not belong here: what a correction does to a record (`applying`), which frames there are (`transform.framing`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.transform.build import Chunk
from mids_assets.transform.corrections.applying import Applied, correct, locate
from mids_assets.transform.corrections.entry import Corrected, key_field
from mids_assets.transform.corrections.kept import kept, write_outcomes
from mids_assets.transform.inputs import BATCH_ROWS
from mids_assets.transform.parquet_columns import write_records
from mids_assets.transform.raw_files import POWERS, read_raw_files
from mids_assets.transform.store import BuildPaths, replacing


def correct_whole(
    paths: BuildPaths, entity: str, frame: pl.DataFrame, quarantine: pl.DataFrame, *, shape: str, source_file: str
) -> Applied:
    """Correct the frame of an entity that fits in memory; the outcomes are kept beside it."""
    corrections = kept(paths, entity)
    if not corrections:
        return Applied(frame, quarantine)
    places, lost = locate(entity, corrections, frame.lazy(), quarantine, shape)
    taken = _taken(entity, frame.lazy())
    done = correct(entity, frame, quarantine, places, shape=shape, source_file=source_file, taken=taken)
    done.outcomes = _in_order([*lost, *done.outcomes])
    write_outcomes(paths, entity, done.outcomes)
    return done


def correct_files(
    paths: BuildPaths, entity: str, files: Mapping[Chunk, Path], quarantine: pl.DataFrame
) -> tuple[pl.DataFrame, list[Corrected]]:
    """Correct the records of an entity that lies in one file a chunk; gives the quarantine after it.

    Only the files concerned are read whole and written anew, one after the other: they are links to files that
    stay as they are, so that nothing may be written through them.
    """
    corrections = kept(paths, entity)
    if not corrections:
        return quarantine, []
    raw = read_raw_files(paths)[POWERS]
    good = pl.scan_parquet(list(files.values()))
    places, outcomes = locate(entity, corrections, good, quarantine, raw.shape)
    for chunk, file in files.items():
        mine = [place for place in places if chunk.first <= place.position < chunk.first + chunk.records]
        if not mine:
            continue
        done = correct(
            entity,
            pl.read_parquet(file),
            quarantine,
            mine,
            shape=raw.shape,
            source_file=raw.source_file,
            taken=_taken(entity, good),
        )
        quarantine = done.quarantine
        outcomes += done.outcomes
        if any(one.state == "applied" for one in done.outcomes):
            with replacing(file) as temporary:
                write_records(temporary, done.frame, BATCH_ROWS)
    outcomes = _in_order(outcomes)
    write_outcomes(paths, entity, outcomes)
    return quarantine, outcomes


def _taken(entity: str, good: pl.LazyFrame) -> Callable[[str], list[int]]:
    folded = pl.col(key_field(entity)).str.to_lowercase()
    return lambda key: good.filter(folded == key).select(SOURCE_POSITION).collect().to_series().to_list()


def _in_order(outcomes: list[Corrected]) -> list[Corrected]:
    return sorted(outcomes, key=lambda one: (one.record, one.field, one.label))
