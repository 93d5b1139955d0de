"""The fuzzer itself: it has to see planted faults, and to feed the same cases again."""

from __future__ import annotations

import io
import sys
import zipfile
from dataclasses import replace

import polars as pl
import pytest

from mids_assets.errors import FormatError
from mids_assets.readers import json_exact, json_records
from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.shapes import MIDS_ZIP_ENTRIES, SHAPES
from mids_assets_tests.fuzz import targets_binary, targets_records
from mids_assets_tests.fuzz.__main__ import LAST_CASE, watch
from mids_assets_tests.fuzz.cases import Hang, Run
from mids_assets_tests.fuzz.target import Target, Wrong
from mids_assets_tests.fuzz.targets import all_targets
from mids_assets_tests.unit.readers.json_support import dump, make


@pytest.fixture
def run(tmp_path):
    return Run(1, tmp_path, tmp_path / "note", case_seconds=1)


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    return {target.name: target for target in all_targets(tmp_path_factory.mktemp("fuzz"))}


def out_of_bounds(data: bytes) -> int:
    return data[len(data)]


def endless(_: bytes) -> None:
    while True:
        pass


def exhausted(_: bytes) -> None:
    raise MemoryError


@pytest.mark.parametrize(
    ("reader", "kind"), [(out_of_bounds, IndexError), (endless, Hang), (exhausted, MemoryError)], ids=str
)
def test_a_reader_that_fails_is_shown_once_with_its_input(run, capsys, reader, kind):
    target = Target("planted", [b"abc"], reader)
    run.one(target, 4)
    shown = capsys.readouterr().out
    assert kind.__name__ in shown and 'make fuzz SEED=1 ARGS="--target planted --case 4"' in shown
    assert (run.folder / "planted-1-4.input").read_bytes() == target.case(1, 4)
    if reader is not endless:
        run.one(target, 5)
        assert run.faults == 2 and not capsys.readouterr().out


def test_a_typed_error_is_no_fault(run):
    def refuse(_: bytes) -> None:
        raise FormatError("no")

    run.one(Target("planted", [b"abc"], refuse), 0)
    assert run.faults == 0 and run.tallies["planted"].refused == 1


def test_a_reader_that_changes_a_byte_is_found(run, targets, monkeypatch):
    sound = targets_binary.rewritten

    def altered(data, layouts):
        again = bytearray(sound(data, layouts))
        again[-1] ^= 1
        return bytes(again)

    for number in range(60):
        run.one(targets["recipe"], number)
    assert run.faults == 0 and run.tallies["recipe"].read
    monkeypatch.setattr(targets_binary, "rewritten", altered)
    for number in range(60):
        run.one(targets["recipe"], number)
    assert run.faults == run.tallies["recipe"].read


def test_a_fast_way_that_changes_a_number_is_found(targets, monkeypatch):
    target = (
        targets["records-salvage-mids_zip"]
        if "records-salvage-mids_zip" in targets
        else targets["records-canonical-salvage"]
    )
    target.read(target.seeds[0])
    sound = targets_records.decode_records

    def altered(data, *args, **options):
        batch = sound(data, *args, **options)
        if b"\\u0001fuzz" in data:
            return batch
        return replace(batch, frame=batch.frame.with_columns(pl.col("level_min") + 1))

    monkeypatch.setattr(targets_records, "decode_records", altered)
    with pytest.raises(Wrong, match="by the exact way"):
        target.read(target.seeds[0])


def test_the_foreign_key_sends_a_record_to_the_exact_way(monkeypatch):
    seen = []

    def counted(model, record):
        seen.append(record)
        return json_exact.read_exact(model, record)

    monkeypatch.setattr(json_records, "read_exact", counted)
    json_records._learned.cache_clear()
    record = dump([make(1, "salvage")], "compact")[1:-1]
    json_records.decode_records(record, "canonical", "salvage")
    assert not seen
    json_records.decode_records(targets_records.foreign(record), "canonical", "salvage")
    assert len(seen) == 1


def test_the_same_seed_gives_the_same_cases(targets, tmp_path):
    again = {target.name: target for target in all_targets(tmp_path)}
    for name, target in targets.items():
        cases = [target.case(1, number) for number in range(5)]
        assert cases == [again[name].case(1, number) for number in range(5)]
        assert cases != [target.case(2, number) for number in range(5)]


def test_every_shape_of_records_is_a_target(targets):
    fed = {(target.read.shape, target.read.entity) for target in targets.values() if hasattr(target.read, "shape")}
    assert {shape for shape, _ in fed} == SHAPES.keys()
    assert {entity for shape, entity in fed if shape == "canonical"} == RECORDS.keys()
    assert {entity for shape, entity in fed if shape == "mids_zip"} == MIDS_ZIP_ENTRIES.keys()


def test_damage_inside_an_archive_leaves_the_archive_sound(targets):
    sound = 0
    for number in range(30):
        try:
            with zipfile.ZipFile(io.BytesIO(targets["archive"].case(1, number))) as archive:
                sound += archive.testzip() is None
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            continue
    assert sound >= 10


def test_a_process_that_dies_is_a_fault_with_its_case(tmp_path, capfd):
    code = f"import os, pathlib; pathlib.Path({str(tmp_path / LAST_CASE)!r}).write_text('case 7'); os.abort()"
    assert watch([sys.executable, "-c", code], tmp_path) == 1
    assert "FAULT" in (shown := capfd.readouterr().out) and "case 7" in shown
    assert watch([sys.executable, "-c", ""], tmp_path) == 0
