"""The cross-check of two published realms: by the sensor and its job on a real instance, and by the command."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from mids_assets.automation import attempts
from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.definitions import build_definitions
from mids_assets.graph import keys, retries
from mids_assets.metrics.serving import as_text
from mids_assets.storage import open_instance
from mids_assets.transform.store import open_store, read_json, write_json
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.publishing import release_record
from mids_assets.warehouse.register import mark_published, note_release, published
from mids_assets_tests import city
from mids_assets_tests.code_location import QUIET
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.real import PROJECT, SAMPLE
from mids_assets_tests.servers import open_folder, temporary_settings

OURS, THEIRS = "homecoming", "homecoming_cod"
JOB = "homecoming_cross_check"
POWER = "Emberwright_Assault.Velkra_Study.Velkra_Lash"
"""Of the sample: recharge 13.2 s, range 100.5 feet."""


class Place:
    """A code location with both realms, and the instance that it runs on."""

    def __init__(self, world: World, instance: dg.DagsterInstance) -> None:
        self.world, self.instance, self.cursor = world, instance, None
        self.defs = build_definitions(world.settings)

    def tick(self) -> dg.RunRequest | str:
        """What a tick asks for, or why it asks for nothing."""
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor, repository_def=self.defs.get_repository_def()
        )
        found = self.defs.resolve_sensor_def("homecoming_cross_check_after_publish")(context)
        self.cursor = context.cursor
        assert isinstance(found, dg.RunRequest | dg.SkipReason)
        return found if isinstance(found, dg.RunRequest) else str(found.skip_message)

    def run(self, request: dg.RunRequest | str | None = None, **more: Any) -> dg.ExecuteInProcessResult:
        """The job, as a tick asks for it or by hand."""
        tags = {} if request is None else dict(asked(request).tags)
        job = self.defs.resolve_job_def(JOB)
        return job.execute_in_process(instance=self.instance, run_config=QUIET, tags=tags, **more)

    def of_power(self) -> list[tuple[str, str, str, bool]]:
        """The numbers of POWER that differ or differed: field, ours, theirs, whether they still do."""
        return self.world.query(
            "SELECT field, ours, theirs, gone_at IS NULL FROM mids.discrepancy WHERE key = %s AND ratio IS NOT NULL"
            " ORDER BY field",
            POWER,
        )

    def see(self, realm: str, version: str, **power: float) -> None:
        """Let readers of a realm see another release: the one they see now, with other values of POWER.

        In the store and in the register, which is all that a cross-check asks; a publish would take its time.
        """
        store = open_store(self.world.settings)
        with closing(connect(self.world.settings, application_name="test")) as conn:
            before = published(conn, realm)
            assert before is not None and before.build is not None
            old, new = (store.build(realm, name, before.build) for name in (before.release, f"release-{version}"))
            shutil.copytree(old.release_dir, new.release_dir)
            manifest = read_json(new.release_dir / "release.json")
            manifest["release"], manifest["header"]["version"] = new.release_dir.name, version
            write_json(new.release_dir / "release.json", manifest)
            change(new.tables / "power.parquet", power)
            with conn, conn.cursor() as cur:
                number = note_release(conn, realm, release_record(manifest))
                mark_published(cur, realm, number, f"{before.build}-{version}", {}, "update")
        new.tables.rename(new.tables.with_name(f"{before.build}-{version}"))


def change(tables: Path, values: dict[str, float]) -> None:
    frame = pl.read_parquet(tables)
    is_meant = pl.col("full_name") == POWER
    assert frame.filter(is_meant).height == 1
    frame.with_columns(
        pl.when(is_meant).then(pl.lit(value)).otherwise(name).alias(name) for name, value in values.items()
    ).write_parquet(tables)


def export(folder: Path) -> Path:
    """One power and its class, the power with the numbers that the sample has."""
    numbers = {"accuracy": 1.67, "recharge_time": 13.2, "range": 100.5, "activation_time": 1.07, "endurance_cost": 2.72}
    tables = {"Melee_Damage": -1.0}
    files = city.power(POWER, type="Click", **numbers)
    files |= city.archetype("emberwright", "Emberwright", "Emberwright_Assault", "Emberwright_Craft", tables)
    return city.write(folder, files)


def asked(request: dg.RunRequest | str) -> dg.RunRequest:
    assert isinstance(request, dg.RunRequest), request
    return request


def told(result: dg.ExecuteInProcessResult) -> tuple[dict[str, Any], dg.AssetCheckEvaluation]:
    """The metadata of the asset, and its check: the only events that it costs."""
    (made,) = result.get_asset_materialization_events()
    (check,) = result.get_asset_check_evaluations()
    assert made.asset_key == check.asset_key == keys.cross_check_key(OURS)
    metadata = made.step_materialization_data.materialization.metadata
    return {name: value.value for name, value in metadata.items()}, check


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with open_folder() as folder, temporary_settings(folder) as settings, pytest.MonkeyPatch.context() as patch:
        world = make_world(replace(settings, realms=(OURS, THEIRS), update_urls={}), folder)
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            yield Place(world, instance)


def test_before_there_is_an_export_nothing_fails_and_everybody_says_what_to_do(place):
    assert "Nothing of homecoming is published yet" in str(place.tick())
    assert "no release of realm homecoming is stored" in place.world.mids("crosscheck", code=2).stderr

    place.world.mids("import", str(SAMPLE), "--realm", OURS)
    assert place.tick() == f"Nothing of {THEIRS} is published yet: mids import SOURCE --realm {THEIRS}."
    metadata, check = told(place.run())
    assert THEIRS in metadata["nothing_to_compare"] and check.passed
    assert (check.description or "").startswith("Nothing was compared.")
    assert f"mids import EXPORT --realm {THEIRS}" in place.world.mids("crosscheck", code=2).stderr
    assert place.world.query("SELECT count(*) FROM mids.cross_check") == [(0,)]


def test_a_publish_of_either_side_is_followed_by_one_cross_check(place, tmp_path):
    place.world.mids("import", str(export(tmp_path / "export")), "--realm", THEIRS)
    metadata, check = told(place.run(place.tick()))
    assert metadata["their_version"] == city.REVISION and metadata["our_date"] < metadata["their_date"]
    assert check.passed and "these are the first releases that were compared" in str(check.description)
    assert place.of_power() == [], "the numbers of the two are equal"
    first = metadata["discrepancies"]
    assert place.world.query("SELECT count(*) FROM mids.discrepancy") == [(first,)]
    assert "| power | 1 |" in metadata["paired"] and "| archetype | 1 |" in metadata["paired"]
    assert "| only_ours | " in metadata["by_suspicion"] and "| power, ours | " in metadata["on_one_side_only"]
    assert 0 < metadata["seconds"] < 60 and metadata["peak_memory_mib"] > 50 and metadata["values_compared"] > 20
    assert metadata["report"].startswith("# ")

    assert "did it" in str(place.tick())
    assert place.tick() == "What is published was compared already."

    place.see(THEIRS, "2.0", recharge_time=132.0)
    metadata, check = told(place.run(place.tick()))
    assert metadata["discrepancies"] == first + 1 and "| factor | 1 |" in metadata["by_suspicion"]
    assert place.of_power() == [("recharge_time", "13.2", "132", True)]
    assert place.world.query(
        "SELECT r.state, d.file FROM mids.discrepancy d JOIN mids.release r ON r.realm = d.realm"
        " AND r.release = d.our_release WHERE d.suspicion = 'factor'"
    ) == [("published", f"powers/{POWER.lower().replace('.', '/')}.json")]


def test_the_check_warns_of_what_is_new_and_holds_nothing_up(place):
    place.see(THEIRS, "2.1", range=50.0)
    metadata, check = told(place.run(place.tick()))
    assert not check.passed and check.severity == dg.AssetCheckSeverity.WARN and not check.blocking
    assert ", 1 more than between" in str(check.description)
    assert "1 are new, 0 are gone. There are more of " in str(check.description)
    assert "| factor | 1 | 1 | 0 | 0 |" in str(check.metadata["trend"].value)

    place.see(OURS, "1.1", recharge_time=132.0)
    metadata, check = told(place.run(place.tick()))
    assert check.passed and ", 1 fewer than between" in str(check.description)
    assert str(check.description).endswith("0 are new, 1 are gone.")
    assert place.of_power() == [("range", "100.5", "50", True), ("recharge_time", "13.2", "132", False)]
    again, same = told(place.run())
    assert (again["discrepancies"], same.description) == (metadata["discrepancies"], check.description)


def test_what_may_pass_is_tried_again_and_a_failure_is_no_failed_import(place, monkeypatch):
    place.see(OURS, "1.2")
    request = asked(place.tick())
    with monkeypatch.context() as patch, closing(connect(place.world.settings, application_name="holder")) as holder:
        patch.setattr(retries, "SECONDS", 0)
        holder.cursor().execute("LOCK TABLE mids.discrepancy IN SHARE ROW EXCLUSIVE MODE")
        hurried = Place(
            replace(place.world, settings=replace(place.world.settings, lock_timeout_seconds=0.2)), place.instance
        )
        assert not hurried.run(request, raise_on_error=False).success
    assert "failed; the next one comes 5 min after it" in str(place.tick())
    later = attempts.clock.now() + attempts.timedelta(minutes=6)
    monkeypatch.setattr(attempts.clock, "now", lambda: later)
    assert place.run(place.tick()).success
    assert note_failed_runs(place.instance, place.world.settings) == []


def test_tables_of_an_earlier_version_are_nothing_to_compare(place):
    with closing(connect(place.world.settings, application_name="test")) as conn:
        row = published(conn, OURS)
    assert row is not None
    table = open_store(place.world.settings).build(OURS, row.release, row.build or "").tables / "power.parquet"
    whole = table.read_bytes()
    pl.read_parquet(table).drop("range").write_parquet(table)
    metadata, check = told(place.run())
    assert f"mids publish {row.release} --realm {OURS} makes them anew." in metadata["nothing_to_compare"]
    assert check.passed
    table.write_bytes(whole)
    assert told(place.run())[0]["discrepancies"] > 0


def test_what_fails_for_good_is_not_tried_again_and_each_tick_says_so(place):
    place.see(OURS, "1.3")
    store = open_store(place.world.settings)
    with closing(connect(place.world.settings, application_name="test")) as conn:
        row = published(conn, OURS)
    assert row is not None
    table = store.build(OURS, row.release, row.build or "").tables / "power.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:-20])
    assert not place.run(place.tick(), raise_on_error=False).success
    for _ in range(2):
        assert "failed for good; launching homecoming_cross_check tries it again" in str(place.tick())
    table.write_bytes(whole)
    assert place.run().success


def test_the_command_says_the_same_and_writes_nothing(place, tmp_path):
    before = place.world.query("SELECT to_jsonb(d)::text FROM mids.discrepancy d ORDER BY id")
    done = place.world.mids("crosscheck", "--format", "csv", "--release", "1.1")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    sql = "SELECT entity, key, field FROM mids.discrepancy WHERE gone_at IS NULL ORDER BY 1, 2, 3"
    assert sorted((row["entity"], row["key"], row["field"]) for row in rows) == sorted(place.world.query(sql))
    (row,) = [row for row in rows if row["field"] == "range"]
    assert (row["key"], row["ours"], row["theirs"]) == (POWER, "100.5", "50")
    assert (row["our_release"], row["their_release"]) == ("release-1.1", "release-2.1") and row["our_date"]
    shown = place.world.mids("crosscheck", COLUMNS="160").stdout
    assert "single" in shown and "range" in shown and "100.5" in shown
    target = tmp_path / "report.md"
    assert place.world.mids("crosscheck", "--format", "md", "--all", "--out", str(target)).stdout == ""
    assert target.read_text().startswith("# ")
    assert place.world.query("SELECT to_jsonb(d)::text FROM mids.discrepancy d ORDER BY id") == before


@pytest.mark.parametrize(
    ("arguments", "env", "says"),
    [
        (["--release", "9.9"], {}, "no stored release is called '9.9'"),
        (["--out", "/nowhere/at/all"], {}, "/nowhere/at/all: No such file or directory"),
        ([], {"MIDS_REALMS": OURS}, f"set MIDS_REALMS={OURS},{THEIRS}, then mids import EXPORT --realm {THEIRS}"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(place, arguments, env, says):
    done = place.world.mids("crosscheck", *arguments, code=2, **env)
    assert says in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_without_database_and_dagster_the_newest_releases_are_compared_and_it_is_said(place):
    code = (
        "import sys; from mids_assets.cli import main\n"
        "sys.argv = ['mids', 'crosscheck']\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'dagster' not in sys.modules\n"
    )
    environment = {**place.world.environment, "MIDS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "so the newest one is taken" in done.stderr and " against " in done.stdout


def test_metrics_know_of_it(place):
    text = as_text(place.world.settings)
    ((number,),) = place.world.query(
        "SELECT count(*) FROM mids.discrepancy WHERE gone_at IS NULL AND suspicion = 'single'"
    )
    assert f'mids_discrepancies{{realm="homecoming",suspicion="single"}} {number}.0' in text and number > 0
    assert 'mids_discrepancies{realm="homecoming",suspicion="swapped"} 0.0' in text
    assert f'mids_discrepancies{{realm="{THEIRS}"' not in text
