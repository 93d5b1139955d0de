"""Chunks of the powers: any size, any order, any number of workers give the same rows; a failing one fails alone."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import polars as pl
import psutil
import pytest

from mids_assets.readers.raw import RawFile, write_raw
from mids_assets.readers.source import open_source
from mids_assets.sample import write_sample
from mids_assets.transform import chunks as module
from mids_assets.transform.build import Chunk
from mids_assets.transform.chunk_files import read_result, result_path
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


@pytest.fixture(autouse=True)
def always_in_workers(monkeypatch):
    monkeypatch.setattr(module, "IN_PROCESS_BYTES", 0)


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
    assert "materialize raw/power again" in str(results[failed[0]].error)
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


def test_a_little_is_parsed_without_a_process(raw, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "IN_PROCESS_BYTES", 4 * 1024 * 1024)
    monkeypatch.setattr(module, "run_in_workers", lambda *_: iter(()))
    assert [result.rows_out for result in parse_chunks(tasks(raw, tmp_path / "c", 10**9), 2)] == [300]


def test_without_a_number_the_machine_says_how_many_workers(raw, tmp_path, monkeypatch):
    asked: list[tuple[int, int | None]] = []
    monkeypatch.setattr(module, "default_workers", lambda *room: asked.append(room) or 1)
    planned = tasks(raw, tmp_path / "c", 1_000_000)
    assert len(list(parse_chunks(planned, None, 900))) == len(planned)
    assert asked == [(max(task.chunk.end - task.chunk.start for task in planned), 900)]


def test_the_result_beside_a_chunk_tells_whether_it_is_whole_and_of_that_file(raw, tmp_path):
    task = replace(tasks(raw, tmp_path / "c", 10**9)[0], file_sha256=raw.sha256)
    assert read_result(task.frame, raw.sha256) is None
    made = parse_chunk(task)
    assert read_result(task.frame, raw.sha256) == made
    assert made.peak_mib > 0 and made.rows_in == 300
    assert read_result(task.frame, "0" * 64) is None
    task.frame.write_bytes(task.frame.read_bytes()[:-1])
    assert read_result(task.frame, raw.sha256) is None
    parse_chunk(task)
    assert read_result(task.frame, raw.sha256) is not None
    result_path(task.frame).unlink()
    assert read_result(task.frame, raw.sha256) is None


def test_an_error_that_nobody_foresaw_fails_one_chunk(raw, tmp_path):
    planned = tasks(raw, tmp_path / "c", 600_000)
    planned[1] = replace(planned[1], frame=tmp_path / "a file" / "x.parquet")
    (tmp_path / "a file").write_text("")
    results = {result.key: result.error for result in parse_chunks(planned, 2)}
    told = results.pop(planned[1].chunk.key)
    assert told and "bytes" in told and "Error" in told
    assert set(results.values()) == {None} and len(results) == len(planned) - 1


@pytest.fixture(scope="module")
def one_is_big(tmp_path_factory) -> tuple[RawFile, list[Chunk]]:
    """Twelve small chunks around one that takes seconds and a gigabyte."""
    folder = tmp_path_factory.mktemp("big")
    write_sample(folder, powers=40_000, file_format="exporter")
    path = folder / "I12_powers.json"
    whole = RawFile(path.name, path, "data_exporter_i12", 40_000, path.stat().st_size, "0" * 64)
    cut = plan(whole, 100_000)
    middle = cut[6:-6]
    big = Chunk(middle[0].key, middle[0].start, middle[-1].end, middle[0].first, sum(c.records for c in middle))
    return whole, [*cut[:6], big, *cut[-6:]]


def tasks_of(file: RawFile, planned: list[Chunk], folder: Path) -> list[ChunkTask]:
    folder.mkdir()
    return [
        ChunkTask(c, file.path, file.shape, file.name, frame_path(folder, c.key), quarantine_path(folder, c.key))
        for c in planned
    ]


def killed(planned: list[ChunkTask]) -> Iterator[module.ChunkResult]:
    """Parse; as soon as all chunks but the big one are there, every worker is killed with -9 at once, for ever."""
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.01):
            if sum(task.frame.exists() for task in planned) == len(planned) - 1:
                for child in psutil.Process().children():
                    with suppress(psutil.Error):  # It ended meanwhile.
                        child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield from parse_chunks(planned, 2)
    finally:
        done.set()
        killer.join()


def starved(planned: list[ChunkTask]) -> Iterator[module.ChunkResult]:
    """Parse in 450 MiB, which is plenty for all chunks but the big one."""
    yield from parse_chunks(planned, 2, 450)


@pytest.mark.parametrize(
    ("parse", "reasons"),
    [(killed, ["its worker process was killed (SIGKILL)"]), (starved, ["memory ran out", "memory allocation of"])],
)
def test_a_chunk_whose_worker_dies_fails_alone_and_says_why(one_is_big, tmp_path, parse, reasons):
    file, planned = one_is_big
    big = planned[6]
    todo = tasks_of(file, planned, tmp_path / "c")
    results = {result.key: result for result in parse(todo)}
    told = results.pop(big.key)
    assert told.error and any(reason in told.error for reason in reasons)
    assert f"I12_powers.json, bytes {big.start} to {big.end}: " in told.error and not told.permanent
    assert {result.error for result in results.values()} == {None} and len(results) == 12
    assert [task.frame.exists() for task in todo] == [task.chunk != big for task in todo]
    (again,) = parse_chunks([todo[6]], 2)
    assert (again.error, again.rows_in) == (None, big.records)
