"""`mids diff`: which releases and builds are meant, what is built on the spot, and what a person sees."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from mids_assets.commands.diffing import compared
from mids_assets.commands.exporting import run_export
from mids_assets.commands.show_diff import FORMATS, require_format, show_diff
from mids_assets.commands.sides import stored_releases
from mids_assets.errors import UserError
from mids_assets.sample import write_sample
from mids_assets.settings import Settings
from mids_assets.transform.diff.side import missing_tables
from mids_assets.transform.ingest import store_release
from mids_assets.transform.store import BuildPaths, Store, read_json, write_json
from mids_assets_tests.real import PROJECT

REALM = "homecoming"


def _put(settings: Settings, source: Path, version: str, date: str, build: str | None = None) -> str:
    """Store a release under another version and date than it states, its tables as those of `build`."""
    stored = store_release(Store(settings.releases_dir), REALM, source)
    manifest = read_json(stored.folder / "release.json")
    manifest["header"] |= {"version": version, "date": date}
    write_json(stored.folder / "release.json", manifest)
    if build:
        tables = BuildPaths(stored.folder, build).tables
        if not (exported := settings.data_dir / f"{source.name}.out").exists():
            run_export(settings, source, exported, "parquet")
        shutil.copytree(exported / "tables", tables)
    return stored.release


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """Three releases, dated against the order in which they were stored: the last one has no tables."""
    folder = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=folder, chunk_bytes=64 * 1024)
    for name, powers, form in (("small", 240, "mhd"), ("large", 250, "mhd"), ("zip", 240, "zip")):
        write_sample(folder / name, powers=powers, seed=1, realm=REALM, file_format=form, pretty=False)
    _put(settings, folder / "large", "2.0", "2021-02-01T00:00:00+00:00", "b1")
    _put(settings, folder / "small", "1.0", "2021-01-01T00:00:00+00:00", "a1")
    _put(settings, folder / "zip", "3.0", "2022-03-31T00:00:00+00:00")
    return settings


def test_releases_come_in_order_of_their_dates(settings):
    assert [one.version for one in stored_releases(settings, REALM)] == ["1.0", "2.0", "3.0"]


def test_names_of_releases(settings):
    one, two, _ = stored_releases(settings, REALM)
    for old, new in (("1.0", "2.0"), (one.release, two.release[:6]), (None, "2.0"), ("1.0/a", two.release + "/b1")):
        with compared(settings, REALM, old, new) as diff:
            assert diff.old and (diff.old.release, diff.new.release) == (one.release, two.release)
            assert diff.counts["power"]["added"] >= 10
    with compared(settings, REALM, None, "1.0") as diff:
        assert diff.old is None and diff.counts["power"] == {"added": 240}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("9.9", "no stored release is called '9.9'"),
        ("", "no stored release is called ''"),
        ("1.0/zz", "no build with complete tables begins with 'zz'; there are: a1"),
    ],
)
def test_names_that_mean_nothing(settings, name, said):
    with pytest.raises(UserError, match=said), compared(settings, REALM, name, "2.0"):
        pass


def test_a_realm_without_releases(settings):
    with (
        pytest.raises(UserError, match="no release of realm rebirth is stored"),
        compared(settings, "rebirth", None, None),
    ):
        pass


def test_a_release_without_tables_is_built_on_the_spot_and_another_form_of_the_same_is_no_change(settings):
    before = sorted(path.name for path in settings.data_dir.iterdir())
    with compared(settings, REALM, "1.0", "newest") as diff:
        assert diff.new.version == "3.0"
        assert diff.counts == {}, diff.changes.head(5).rows()
    assert sorted(path.name for path in settings.data_dir.iterdir()) == before


def test_tables_of_an_earlier_version_are_as_good_as_none(settings):
    first = stored_releases(settings, REALM)[0]
    tables = BuildPaths(first.folder, "a1").tables
    file, whole = tables / "power.parquet", (tables / "power.parquet").read_bytes()
    assert missing_tables(tables) == []
    pl.read_parquet(file).drop("range").write_parquet(file)
    try:
        assert missing_tables(tables) == ["power"]
        with compared(settings, REALM, None, "1.0") as diff:
            assert diff.new.build != "a1" and diff.counts["power"] == {"added": 240}
    finally:
        file.write_bytes(whole)


def test_two_builds_of_one_release_differ_by_the_code_alone(settings, capsys):
    one = stored_releases(settings, REALM)[0]
    other = replace(settings, chunk_bytes=16 * 1024, workers=2)
    run_export(other, one.folder / "source", settings.data_dir / "again", "parquet")
    (settings.data_dir / "again" / "tables").rename(BuildPaths(one.folder, "a2").tables)
    try:
        with compared(settings, REALM, "1.0/a1", "1.0/a2") as diff:
            assert diff.is_empty
            show_diff(diff, "notes", None)
        assert "the code, settings or corrections changed, not the data. Nothing changed." in " ".join(
            capsys.readouterr().out.split()
        )
        with (
            pytest.raises(UserError, match="several builds with complete tables begins with 'a'"),
            compared(settings, REALM, "1.0/a", "2.0"),
        ):
            pass
    finally:
        shutil.rmtree(BuildPaths(one.folder, "a2").tables)
        shutil.rmtree(settings.data_dir / "again")


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_has_heading_and_bounds(settings, capsys, file_format):
    with compared(settings, REALM, "1.0", "2.0") as diff:
        show_diff(diff, file_format, 1)
        shown = capsys.readouterr().out
        if file_format == "json":
            found = json.loads(shown)
            assert len(found["changes"]) == 1 < found["changes_total"]
            assert found["old"]["version"] == "1.0" and found["counts"] == diff.counts
        else:
            assert f"1.0 (release {diff.old.release[:8]}) -> 2.0" in shown if diff.old else False
            assert " more " in shown


def test_an_unknown_format():
    with pytest.raises(UserError, match="--format 'xml' is none of table, md, json, notes"):
        require_format("xml")


def test_the_command_needs_no_database_and_no_dagster(settings):
    code = (
        "import sys; from mids_assets.cli import main\n"
        "sys.argv = ['mids', 'diff', '1.0', '2.0', '--format', 'notes', '--limit', '3']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'dagster' not in sys.modules\n"
    )
    environment = {
        **os.environ,
        "MIDS_DATA_DIR": str(settings.data_dir),
        "MIDS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "MIDS_REALMS": REALM,
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "-> 2.0 (release" in done.stdout
