"""Backups by the command line: a lost server, Dagster's runs, the backup before a publish, the asset."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import dagster as dg
import psycopg2
import pytest

from mids_assets.definitions import build_definitions
from mids_assets.warehouse import embedded, embedded_cluster
from mids_assets.warehouse.backup.manifest import DAGSTER
from mids_assets.warehouse.connection import connect
from mids_assets_tests.code_location import QUIET
from mids_assets_tests.conftest import World
from mids_assets_tests.images import catalogue, rows_of_realm
from mids_assets_tests.integration.test_releases import release

REALM = "homecoming"


def _slower(share: float) -> Callable[[dict], None]:
    def change(value: dict) -> None:
        powers = value["powers"]
        for power in powers[: max(1, round(len(powers) * share))]:
            power["recharge_time"] += 1

    return change


def listed(world: World) -> list[dict]:
    return world.mids_json("db", "backups")["backups"]


def image(world: World) -> tuple:
    with closing(connect(world.settings, application_name="test")) as conn:
        return catalogue(conn, REALM), rows_of_realm(conn, REALM)


def events_of_publishes(world: World) -> list[int]:
    """How many events the step has that writes to PostgreSQL, in each publish that succeeded."""
    sql = (
        "select count(*) from event_logs e join runs r using (run_id) where r.status = 'SUCCESS'"
        " and r.pipeline_name = 'homecoming_publish' and e.step_key = 'homecoming_warehouse' group by run_id"
    )
    return [number for (number,) in world.dagster_query(sql)]


@pytest.fixture(scope="module")
def started(world: World, tmp_path_factory) -> World:
    """A published realm with a backup. Nobody had anything to back up before."""
    told = world.mids("db", "backup", code=2)
    assert "nothing is published yet" in told.stderr
    world.mids("import", str(release(tmp_path_factory.mktemp("base") / "a", "1.0")))
    world.mids("db", "backup")
    return world


def test_a_lost_server_is_restored_and_goes_on(started, tmp_path):
    before, runs = image(started), started.runs()
    ids = dict(started.query("select full_name, id from homecoming.power"))
    assert {one["of"] for one in listed(started)} == {REALM, DAGSTER}

    embedded.stop(started.settings, force=True)
    shutil.rmtree(embedded_cluster.locate(started.settings.postgres_dir).data)
    shutil.rmtree(started.settings.postgres_dir)
    assert started.mids_json("status")["realms"][REALM]["release"] is None
    asked = started.mids("db", "restore", code=2)
    assert "is empty and becomes version 1.0" in asked.stderr and "--yes" in asked.stderr
    assert started.mids_json("status")["realms"][REALM]["release"] is None
    started.mids("db", "restore", "--yes")
    started.mids("db", "restore", "--dagster", "--yes")

    assert image(started) == before
    assert started.runs() == runs
    again = started.mids_json("import", str(release(tmp_path / "again", "1.0")))
    assert again["action"] == "nothing_to_do"
    later = started.mids_json("import", str(release(tmp_path / "later", "1.1", _slower(0.01))))
    assert (later["action"], later["changed"]["power"]) == ("published", {"inserted": 0, "updated": 3, "deleted": 0})
    assert dict(started.query("select full_name, id from homecoming.power")) == ids
    assert all(one["reason"] == "asked" for one in listed(started)), "so little needs no backup"


def test_a_publish_that_changes_much_is_preceded_by_a_backup_or_blocked(started, tmp_path):
    before, before_version = started.contents(), started.mids_json("status")["realms"][REALM]["version"]
    source = str(release(tmp_path / "much", "1.2", _slower(1.0)))
    told = started.mids(
        *("import", source), code=2, MIDS_BACKUP_BEFORE_SHARE="0.01", MIDS_BACKUP_URL=f"{tmp_path}/much/I12.mhd/x"
    )
    assert "nothing was published: 3% of the rows of homecoming would change" in told.stderr
    assert "MIDS_BACKUP_BEFORE_SHARE=inf" in told.stderr and "Traceback" not in told.stderr
    assert started.contents() == before
    assert "the backup before that failed" in started.mids_json("history")[0]["error"]

    started.mids("import", source, MIDS_BACKUP_BEFORE_SHARE="0.01")
    (one,) = [one for one in listed(started) if one["reason"] == "before_publish"]
    assert one["version"] == before_version and one["tables"]["homecoming.power"] == 300
    assert started.contents() != before
    counts = events_of_publishes(started)
    assert len(counts) > 1 and len(set(counts)) == 1, f"the backup adds events to a publish: {counts}"
    started.mids("db", "verify", one["name"])
    started.mids("db", "restore", one["name"], "--yes")
    assert started.contents() == before


def test_the_assets_back_up_what_holds_something(started, monkeypatch):
    for name, value in started.environment.items():
        monkeypatch.setenv(name, value)
    settings = replace(started.settings, realms=(REALM, "rebirth"))
    job = build_definitions(settings).resolve_job_def("backup")
    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, run_config=QUIET)
    assert done.success
    found = {
        "/".join(event.asset_key.path): event.materialization.metadata
        for event in done.get_asset_materialization_events()
        if event.asset_key
    }
    # Nothing is published in the other realm, and that is no failure.
    assert "nothing is published" in str(found.pop("rebirth/backup")["nothing_to_back_up"].value)
    assert set(found) == {"homecoming/backup", "mids/dagster_backup"}
    kept = {one["name"]: one for one in listed(started)}
    for metadata in found.values():
        facts = kept[metadata["name"].value]
        assert metadata["bytes"].value == facts["bytes"] > 0
        assert metadata["sha256"].value == {name: file["sha256"] for name, file in facts["files"].items()}
        assert metadata["place"].value == str(started.settings.data_dir / "backups")
        assert facts["reason"] == "schedule"


def test_what_a_person_gets_wrong_is_a_sentence(started, tmp_path):
    assert "no backup called nobody" in started.mids("db", "verify", "nobody", code=2).stderr
    assert "name one of them" in started.mids("db", "restore", "--realm", REALM, "--dagster", code=2).stderr
    url = embedded.database_url(started.settings, embedded.DAGSTER_DATABASE)
    with closing(psycopg2.connect(url, application_name="dagit")):
        told = started.mids("db", "restore", "--dagster", "--yes", code=2)
    assert "in use (dagit)" in told.stderr
    shown = started.mids("db", "backups").stdout
    assert "before a publish" in shown and "1.1" in shown
    broken = tmp_path / "copy"
    shutil.copytree(started.settings.data_dir / "backups", broken)
    for dump in broken.rglob("tables.dump"):
        dump.write_bytes(dump.read_bytes()[:-1])
    told = started.mids("db", "verify", "--realm", REALM, code=1, MIDS_BACKUP_URL=str(broken))
    assert "tables.dump is damaged" in told.stderr and "Traceback" not in told.stderr
