"""Chunks of the powers: any size, any order, any number of workers give the same rows; a failing one fails alone."""

from __future__ import annotations

import itertools
from pathlib import Path

import polars as pl
import pytest

from mids_assets.readers.raw import RawFile, write_raw
from mids_assets.readers.source import open_source
from mids_assets.transform.chunks import (
    ChunkTask,
    frame_path,
    parse_chunk,
    parse_chunks,
    plan,
    quarantine_path,
    read_quarantine,
    union,
)
from mids_assets_tests.real import SAMPLE


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> RawFile:
    return write_raw(open_source(SAMPLE), "power", tmp_path_factory.mktemp("raw"))[0]


def tasks(raw: RawFile, folder: Path, chunk_bytes: int) -> list[ChunkTask]:
    folder.mkdir(parents=True, exist_ok=True)
    return [
        ChunkTask(c, raw.path, raw.shape, raw.name, frame_path(folder, c.key), quarantine_path(folder, c.key))
        for c in plan(raw, chunk_bytes)
    ]


def rows(planned: list[ChunkTask], target: Path) -> pl.DataFrame:
    union([task.frame for task in planned], target)
    return pl.read_parquet(target)


def test_every_record_is_in_exactly_one_chunk(raw):
    for chunk_bytes in (1, 5_000, 100_000, 10**9):
        chunks = plan(raw, chunk_bytes)
        assert sum(chunk.records for chunk in chunks) == raw.records == 300
        assert [chunk.first for chunk in chunks] == [sum(c.records for c in chunks[:n]) for n in range(len(chunks))]
        assert all(a.end == b.start for a, b in itertools.pairwise(chunks))
        assert len({chunk.key for chunk in chunks}) == len(chunks)


def test_size_order_and_workers_make_no_difference(raw, tmp_path):
    whole = tasks(raw, tmp_path / "whole", 10**9)
    parse_chunk(whole[0])
    expected = rows(whole, tmp_path / "whole.parquet")
    assert expected.get_column("source_position").to_list() == list(range(300))
    for workers in (1, 2):
        planned = tasks(raw, tmp_path / str(workers), 200_000)
        assert len(planned) > 3
        results = list(parse_chunks(list(reversed(planned)), workers))
        assert all(result.error is None for result in results)
        assert sum(result.rows_out for result in results) == 300
        assert rows(planned, tmp_path / f"{workers}.parquet").equals(expected)


def test_a_chunk_again_replaces_its_output_and_nothing_else(raw, tmp_path):
    planned = tasks(raw, tmp_path / "c", 200_000)
    list(parse_chunks(planned, 1))
    before = {task.frame: task.frame.read_bytes() for task in planned}
    planned[1].frame.unlink()
    times = {task.frame: task.frame.stat().st_mtime_ns for task in planned if task.frame.exists()}
    parse_chunk(planned[1])
    assert {task.frame: task.frame.read_bytes() for task in planned} == before
    assert all(path.stat().st_mtime_ns == time for path, time in times.items())


@pytest.mark.parametrize("workers", [1, 2])
def test_a_damaged_chunk_fails_alone(raw, tmp_path, workers):
    damaged = RawFile(**{f: getattr(raw, f) for f in RawFile.__dataclass_fields__} | {"path": tmp_path / "i12.json"})
    planned = tasks(raw, tmp_path / "c", 200_000)
    data = bytearray(raw.path.read_bytes())
    begin = planned[1].chunk.start
    end = data.index(b"\n", begin)
    data[begin : end - 1] = b" " * (end - 1 - begin)
    damaged.path.write_bytes(data)
    planned = tasks(damaged, tmp_path / "c", 200_000)
    results = {result.key: result for result in parse_chunks(planned, workers)}
    failed = [key for key, result in results.items() if result.error]
    assert failed == [planned[1].chunk.key]
    assert "materialize i12_chunk_plan again" in str(results[failed[0]].error)
    assert [task.frame.exists() for task in planned] == [task.chunk.key not in failed for task in planned]


def test_a_record_of_wrong_type_is_quarantined_with_its_place(raw, tmp_path):
    data = raw.path.read_bytes()
    lines = data.split(b"\n")
    lines[5] = lines[5].replace(b'"static_index":', b'"static_index":"x","unused":', 1)
    path = tmp_path / "i12.json"
    path.write_bytes(b"\n".join(lines))
    broken = RawFile(raw.name, path, raw.shape, raw.records, path.stat().st_size, "0" * 64, None)
    planned = tasks(broken, tmp_path / "c", 10**9)
    parse_chunk(planned[0])
    (entry,) = read_quarantine([planned[0].quarantine]).to_dicts()
    assert (entry["rule"], entry["field"], entry["source_position"]) == ("type", "static_index", 4)
    assert path.read_bytes()[entry["byte_offset"] :].startswith(b"{")
    assert '"static_index":"x"' in entry["record"]
    assert pl.read_parquet(planned[0].frame).height == 299
