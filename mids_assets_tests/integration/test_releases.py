"""Releases one after another by the command line: order, revisions, guards and who accepted them, rollback, pruning."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_gate import rewrite
from mids_assets_tests.real import SAMPLE

BASE = SAMPLE


def release(folder: Path, version: str, change: Callable[[dict], None] = lambda value: None) -> Path:
    """The sample made to look real, under another version; `change` gets the content of I12.mhd."""
    shutil.copytree(BASE, folder, ignore=shutil.ignore_patterns("Mids.zip", "SAMPLE.txt"))

    def edit(value: dict) -> None:
        value["header"].update(page_volume_text="Page", version=version)
        change(value)

    rewrite(folder / "I12.mhd", edit)
    return folder


def _without(share: float) -> Callable[[dict], None]:
    """Leaves out powers that nobody needs: whole powersets would take others with them."""

    def change(value: dict) -> None:
        value["powers"] = value["powers"][: round(len(value["powers"]) * (1 - share))]

    return change


def _slower(value: dict) -> None:
    value["powers"][3]["recharge_time"] += 7


def registered(world: World) -> dict[str, list]:
    return {v: rest for v, *rest in world.query("select version, state, revision from mids.release order by id")}


def published(world: World) -> str:
    return world.mids_json("status")["realms"]["homecoming"]["version"]


def ids(world: World) -> dict[str, int]:
    return dict(world.query("select full_name, id from homecoming.power"))


@pytest.fixture(scope="module")
def started(world: World, tmp_path_factory) -> World:
    world.mids("import", str(release(tmp_path_factory.mktemp("base") / "a", "1.0")))
    return world


def test_a_release_that_loses_too_much_is_blocked_until_a_person_accepts_it(started, tmp_path):
    before, rows = started.contents(), ids(started)
    source = release(tmp_path / "lost", "1.1", _without(0.3))
    told = started.mids("import", str(source), code=4)
    assert "of table power would vanish" in told.stderr and "mids accept" in told.stderr
    assert "Traceback" not in told.stderr
    assert started.contents() == before
    assert registered(started)["1.1"] == ["blocked", 1]
    (entry,) = [e for e in started.mids_json("history") if e["version"] == "1.1"]
    assert (entry["action"], entry["imported"]) == ("blocked", 0) and "would vanish" in entry["error"]
    # The check of Dagster says the same.
    assert started.dagster_query(
        "select count(*) from event_logs where dagster_event_type = 'ASSET_CHECK_EVALUATION'"
        " and event like '%would vanish%'"
    ) != [(0,)]

    started.mids("accept", "1.1", "--reason", " ", code=2)
    started.mids("accept", "1.1", "--reason", "x", "--rule", "means", code=2)
    accepted = started.mids_json("accept", "1.1", "--reason", "the set was retired")
    assert {one["table"] for one in accepted} >= {"power"}
    log = started.query("select rule, subject, reason, accepted_by from mids.acceptance where subject = 'power'")
    assert log[0][:3] == ("vanished", "power", "the set was retired") and "@" in log[0][3]
    outcome = started.mids_json("publish", "1.1")
    assert outcome["action"] == "published"
    assert any("accepted by" in text and "the set was retired" in text for text in outcome["warnings"])
    assert published(started) == "1.1" and len(ids(started)) < len(rows)
    assert started.mids("accept", "1.1", "--reason", "again", code=2).stderr.count("no guard blocks") == 1

    # Back: what was published before needs nobody's leave, and every power has its old id.
    assert started.mids_json("rollback")["action"] == "published"
    assert (published(started), ids(started)) == ("1.0", rows)
    assert registered(started) == {"1.0": ["published", 1], "1.1": ["rolled_back", 1]}
    assert [e["action"] for e in started.mids_json("history")][:3] == ["rollback", "update", "blocked"]
    audited(started, log[0][3])
    # Nobody publishes what was rolled back but a person.
    assert started.mids_json("import", str(source))["action"] == "published"
    started.mids("rollback", "1.0")


def audited(world: World, person: str) -> None:
    """Every launch, the acceptances and each publish are noted, with the person who typed the command."""
    found = json.loads(world.mids("audit", "--limit", "100", "--json").stdout)[::-1]
    assert {(one["who"], one["origin"], one["realm"]) for one in found} == {(person, "cli", "homecoming")}
    accepted = [one for one in found if one["action"] == "accept"]
    assert len(accepted) == world.query("select count(*) from mids.acceptance")[0][0] > 0
    assert {one["reason"] for one in accepted} == {"the set was retired"}
    first, second = (f"homecoming_{kind}" for kind in ("ingest", "publish"))
    assert [(one["action"], one["subject"]) for one in found if one not in accepted] == [
        *[("import", first), ("import", second), ("published", "first")],
        *[("import", first), ("import", second)],  # blocked
        *[("publish", first), ("publish", second), ("published", "update")],
        *[("rollback", first), ("rollback", second), ("published", "rollback")],
    ]
    versions = dict(world.query("select release, version from mids.release"))
    assert [versions[one["release"]] for one in found if one["action"] == "published"] == ["1.0", "1.1", "1.0"]
    runs = dict(world.dagster_query("select run_id, pipeline_name from runs"))
    assert all(runs[one["run_id"]] == one["subject"] for one in found if one["subject"] in (first, second))
    shown = world.mids("audit", "--limit", "1").stdout
    assert "published" in shown and person in shown and len(shown.splitlines()) == 1


def test_an_accepted_value_holds_for_this_value_only(started, tmp_path):
    started.mids("import", str(release(tmp_path / "lost", "1.2", _without(0.31))), code=4)
    started.mids("accept", "1.2", "--reason", "as meant")
    worse = release(tmp_path / "worse", "1.2", _without(0.36))
    assert "would vanish" in started.mids("import", str(worse), code=4).stderr
    assert started.query("select revision, state from mids.release where version = '1.2' order by id") == [
        (1, "blocked"),
        (2, "blocked"),
    ]


def test_rules_about_keys_cannot_be_accepted(started, tmp_path):
    def twice(value: dict) -> None:
        value["powers"][7]["full_name"] = value["powers"][8]["full_name"].upper()

    started.mids("import", str(release(tmp_path / "twice", "1.3", twice)), code=4)
    assert registered(started)["1.3"][0] == "blocked"
    assert "no guard blocks" in started.mids("accept", "1.3", "--reason", "please", code=2).stderr
    started.mids("publish", "1.3", code=4)


def test_a_broken_file_is_rejected_with_the_reason(started, tmp_path):
    source = release(tmp_path / "broken", "1.4")
    data = (source / "EnhDB.mhd").read_bytes()
    (source / "EnhDB.mhd").write_bytes(data[: len(data) // 2])
    told = started.mids("import", str(source), code=2)
    assert "EnhDB.mhd" in told.stderr
    ((state, reason),) = started.query("select state, reason from mids.release where version = '1.4'")
    assert state == "rejected" and "EnhDB.mhd" in reason
    assert started.mids_json("history", "--limit", "1")[0]["action"] == "failed"


def test_other_bytes_of_one_version_are_flagged(started, tmp_path):
    outcome = started.mids_json("import", str(release(tmp_path / "again", "1.0", _slower)))
    assert any("revision 2" in note for note in outcome["notes"] + outcome["warnings"])
    assert published(started) == "1.0"
    # What changed is kept, and shown on the table's asset.
    kept = started.query(
        "select c.table_name, c.change, c.field, (c.new_value::text::float8 - c.old_value::text::float8)"
        " from mids.release_change c join mids.release r on r.id = c.release_id where r.revision = 2"
    )
    assert kept == [("power", "changed", "recharge_time", 7.0)]
    ((shown,),) = started.dagster_query(
        'select event from event_logs where asset_key = \'["homecoming", "warehouse", "power"]\''
        " and dagster_event_type = 'ASSET_MATERIALIZATION' order by id desc limit 1"
    )
    assert "changes_of_all_tables" in shown and "recharge_time" in shown


def test_names_that_are_none_or_several_are_explained(started):
    told = started.mids("publish", "9.9", code=2).stderr
    assert "no release is called '9.9'" in told and "1.1" in told
    started.mids("rollback", "nothing", code=2)


def test_old_releases_give_up_their_files_but_not_what_is_needed(started, tmp_path):
    folders = started.settings.releases_dir / "homecoming"
    for number in range(3):
        version = f"2.{number}"
        started.mids("import", str(release(tmp_path / version, version)), MIDS_KEEP_RELEASES="2")
    # The published one, the one before it, and what the settings keep.
    left = {path.name for path in folders.iterdir() if path.is_dir()}
    versions = dict(started.query("select release, version from mids.release where pruned_at is null"))
    assert left == set(versions) and set(versions.values()) == {"2.1", "2.2"}
    assert "removed on" in started.mids("rollback", "2.0", code=2).stderr
    pruned = started.mids_json("prune", "--dry-run", MIDS_KEEP_RELEASES="1")
    assert pruned == {"releases": [], "builds": [], "bytes": 0}
    assert started.mids_json("rollback")["action"] == "published" and published(started) == "2.1"
    # Its source again: the release is stored again.
    started.mids("import", str(tmp_path / "2.0"), "--older")
    assert started.query("select pruned_at from mids.release where version = '2.0'") == [(None,)]
