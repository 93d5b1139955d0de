"""`mids export`: the same bytes, the same records, the same frames as an import makes; and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mids_assets.commands.exporting import run_export
from mids_assets.errors import FormatError, SourceError, UserError
from mids_assets.model.tables import TABLES
from mids_assets.progress import Progress, listening
from mids_assets.readers.binary_rewrite import rewritten
from mids_assets.readers.binary_write import encode
from mids_assets.readers.detect import detect
from mids_assets.readers.i12 import I12File, read_frames
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.raw import RAW_FILES
from mids_assets.readers.source import open_source
from mids_assets.settings import Settings
from mids_assets_tests.real import PROJECT, REAL, SAMPLE, needs_real
from mids_assets_tests.unit.readers.binary_support import LAYOUT_IDS, LAYOUTS, sample_value
from mids_assets_tests.unit.readers.source_support import database

SETTINGS = Settings(chunk_bytes=64 * 1024)


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
def test_every_layout_is_written_again_byte_for_byte(layout):
    raw = encode(layout, sample_value(layout))
    assert rewritten(raw, [layout]) == raw


def test_mhd_gives_the_bytes_of_the_sample(tmp_path):
    exported = run_export(SETTINGS, SAMPLE, tmp_path / "out", "mhd")
    read = open_source(SAMPLE).files
    assert set(exported.rows) == {file.name for file in read.values()}
    for file in read.values():
        assert (tmp_path / "out" / file.name).read_bytes() == file.path.read_bytes(), file.name
        assert exported.rows[file.name] == file.size
    again = open_source(tmp_path / "out")
    assert again.content_hash == open_source(SAMPLE).content_hash
    assert again.is_sample


def test_mhd_of_a_database_that_is_a_mids_zip(tmp_path):
    source = database(tmp_path / "db", "zip")
    run_export(SETTINGS, source, tmp_path / "out", "mhd")
    assert open_source(tmp_path / "out").content_hash == open_source(source).content_hash


def test_json_read_again_gives_the_records_of_the_binary_file(tmp_path):
    exported = run_export(SETTINGS, SAMPLE, tmp_path / "out", "json")
    assert set(exported.rows) == {place.name for place in (tmp_path / "out").iterdir()} == set(RAW_FILES.values())
    for entity, expected in read_frames(SAMPLE / "I12.mhd").items():
        batch = decode_records((tmp_path / "out" / RAW_FILES[entity]).read_bytes(), "canonical", entity)
        assert not batch.failures
        assert exported.rows[RAW_FILES[entity]] == expected.height == batch.records
        assert_frame_equal(batch.frame.drop("source_offset", "extra"), expected)


def test_parquet_holds_every_table_and_frame(tmp_path):
    exported = run_export(SETTINGS, SAMPLE, tmp_path / "out", "parquet")
    assert {place.name for place in (tmp_path / "out").iterdir()} == {"frames", "tables"}
    assert set(exported.rows) == {table.name for table in TABLES}
    for name, rows in exported.rows.items():
        assert (
            pl.scan_parquet(tmp_path / "out" / "tables" / f"{name}.parquet").select(pl.len()).collect().item() == rows
        )
    assert exported.rows["power"] == sum(
        len(batch.rows) for batch in I12File(SAMPLE / "I12.mhd").batches() if batch.entity == "power"
    )
    assert exported.quarantined["archetype"] == 1
    assert (tmp_path / "out" / "frames" / "archetype.quarantine.parquet").exists()


def test_parquet_is_the_same_for_any_cut_into_chunks(tmp_path):
    run_export(SETTINGS, SAMPLE, tmp_path / "many", "parquet")
    run_export(Settings(), SAMPLE, tmp_path / "one", "parquet")
    for place in sorted((tmp_path / "one" / "tables").glob("*.parquet")):
        assert_frame_equal(pl.read_parquet(place), pl.read_parquet(tmp_path / "many" / "tables" / place.name))


def test_progress_is_reported_stage_by_stage(tmp_path):
    seen: list[Progress] = []
    with listening(seen.append):
        run_export(SETTINGS, SAMPLE, tmp_path / "out", "parquet")
    assert list(dict.fromkeys(step.stage for step in seen)) == ["source", "raw", "chunks", "frames", "tables"]
    last = {step.stage: step for step in seen}
    assert all(step.done == step.total for step in last.values())


@pytest.mark.parametrize("file_format", ["mhd", "json", "parquet"])
def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path, file_format):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        run_export(SETTINGS, SAMPLE, tmp_path, file_format)
    assert [place.name for place in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    run_export(SETTINGS, SAMPLE, tmp_path / "out", "mhd")
    assert (tmp_path / "out" / "I12.mhd").exists()


def test_an_unknown_format_names_those_there_are(tmp_path):
    with pytest.raises(UserError, match="mhd, json, parquet"):
        run_export(SETTINGS, SAMPLE, tmp_path / "out", "csv")


@pytest.mark.parametrize("file_format", ["mhd", "json", "parquet"])
def test_a_broken_file_leaves_nothing_behind(tmp_path, file_format):
    source = shutil.copytree(SAMPLE, tmp_path / "db")
    raw = (source / "Recipe.mhd").read_bytes()
    (source / "Recipe.mhd").write_bytes(raw[:-1])
    with pytest.raises(FormatError, match=r"Recipe\.mhd"):
        run_export(SETTINGS, source, tmp_path / "out", file_format)
    assert [place.name for place in tmp_path.iterdir()] == ["db"]


def test_a_source_that_is_none(tmp_path):
    with pytest.raises(SourceError, match="no such folder"):
        run_export(SETTINGS, tmp_path / "nowhere", tmp_path / "out", "mhd")


def test_a_place_that_cannot_be_written_is_the_users_mistake(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        run_export(SETTINGS, SAMPLE, tmp_path / "file" / "out", "mhd")


def test_the_command_says_what_was_written_and_needs_no_dagster(tmp_path):
    code = (
        "import sys; from mids_assets.cli import app; app(sys.argv[1:], standalone_mode=False);"
        " sys.exit(9 if {'dagster', 'psycopg2'} & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "export", str(SAMPLE), str(tmp_path / "out"), "--format", "parquet", "--json"],
        env={"PATH": os.environ["PATH"], "MIDS_WORKERS": "1"},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"]["power"] > 0


@needs_real
def test_every_real_binary_file_is_written_again_byte_for_byte():
    seen = set()
    for path in sorted(REAL.glob("midsreborn*/*/*")):
        kind = detect(path)
        if kind in FAMILIES:
            raw = path.read_bytes()
            assert rewritten(raw, FAMILIES[kind].layouts()) == raw, path
            seen.add(str(kind))
    assert seen >= {"enhdb", "recipe", "salvage", "globalmods", "sdata", "compare", "attribmod", "uddata"}


@needs_real
def test_a_real_release_is_written_again_byte_for_byte(tmp_path):
    source = REAL / "releases" / "homecoming-2022-03-31"
    run_export(SETTINGS, source, tmp_path / "out", "mhd")
    for file in open_source(source).files.values():
        assert (tmp_path / "out" / file.name).read_bytes() == file.path.read_bytes(), file.name
