"""Facts of the standing checks from a real server and real files; the sensor that records what they come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from mids_assets.automation import health_sensor as sensor_module
from mids_assets.checks.health import STANDING, health_key
from mids_assets.definitions import build_definitions
from mids_assets.errors import DatabaseUnavailable
from mids_assets.health.facts import read_facts
from mids_assets.health.problems import problems_now
from mids_assets.model.tables import TABLES
from mids_assets.notify.telling import look
from mids_assets.settings import Settings
from mids_assets.transform.build import BuildManifest, Chunk, write_manifest
from mids_assets.transform.quarantine import quarantine_frame
from mids_assets.transform.set_aside import SetAside
from mids_assets.transform.store import Store, write_json
from mids_assets.warehouse.connection import database_url
from mids_assets.warehouse.import_log import EntityLog
from mids_assets.warehouse.outcome import note_failure
from mids_assets.warehouse.register import advance, note_release
from mids_assets.warehouse.schema import ensure_operations
from mids_assets_tests.integration.test_register import RECORD
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, go

ENTRY = {"entity": "power", "source_file": "I12.mhd", "source_position": 4, "byte_offset": 17, "rule": "type",
         "expected": False, "field": "level", "message": "m", "record": "{}"}  # fmt: skip


@pytest.fixture
def data(server, tmp_path):
    """The server's settings with a data folder of their own; a realm without servers of updates."""
    return replace(server, data_dir=tmp_path / "data", database_url=database_url(server), update_urls={})


def recorded(result: object) -> tuple[str, list[dg.AssetCheckEvaluation]]:
    """The table that a tick records, and its checks."""
    assert isinstance(result, dg.SensorResult)
    materialization, *checks = result.asset_events
    assert isinstance(materialization, dg.AssetMaterialization) and materialization.asset_key == health_key(REALM)
    return str(materialization.metadata["problems"].value), [
        check for check in checks if isinstance(check, dg.AssetCheckEvaluation)
    ]


def test_a_fresh_database_has_no_facts_and_no_problems(empty, data):
    facts = read_facts(empty, data, REALM)
    assert (facts.releases, facts.last_attempt, facts.looked, facts.planned) == ([], None, None, None)
    assert problems_now(empty, data, REALM) == []


def test_what_is_set_aside_of_the_published_release(empty, server, data, tmp_path):
    folder = made_up(1).write(tmp_path / "a")
    log = EntityLog("power", "I12.mhd", 40, 20, [], datetime.now(UTC), None)
    entries = [{**ENTRY, "source_position": place} for place in range(20)]
    entries += [{**ENTRY, "rule": "other"}, {**ENTRY, "expected": True, "source_position": 30}]
    go(empty, server, folder, "first", entities=[replace(log, records_processed=1000)])
    result = go(empty, server, folder, "second", entities=[log], quarantine=quarantine_frame(entries))
    facts = read_facts(empty, data, REALM)
    assert facts.set_aside == {"power": SetAside(40, 20)} and facts.accepted == frozenset()
    assert facts.last_attempt is not None and facts.last_attempt.error is None
    (problem,) = problems_now(empty, data, REALM)
    assert problem.key == "quarantine_share:power" and "20 of 40 records of power" in problem.what
    with empty, empty.cursor() as cur:
        cur.execute(
            "INSERT INTO mids.acceptance (realm, release_id, build, rule, subject, observed, reason, accepted_by,"
            " accepted_at) VALUES (%s, %s, 'build', 'quarantine_share', 'power', 0.5, 'r', 'w', now())",
            (REALM, result.release_id),
        )
    assert problems_now(empty, data, REALM) == []


def test_a_failed_import_is_told_until_one_succeeds(empty, server, data, tmp_path):
    ensure_operations(empty)
    note_failure(server, REALM, None, None, "run7", [], ValueError("disk full"))
    (problem,) = problems_now(empty, data, REALM)
    assert problem.key == "import_failed:run7" and "The last import failed: ValueError: disk full" in problem.what
    go(empty, server, made_up(1).write(tmp_path / "a"), "good")
    assert problems_now(empty, data, REALM) == []


def test_a_failure_is_over_when_those_who_are_notified_were_told_so(empty, server, data):
    ensure_operations(empty)
    # The notices begin with the first look, so that nobody is told the whole history.
    look(server, REALM)
    note_failure(server, REALM, None, None, "run7", [], DatabaseUnavailable("lost"))
    look(server, REALM)
    assert [one.key for one in problems_now(empty, data, REALM)] == ["import_failed:run7"]

    def tell(statement: str) -> list[str]:
        with empty, empty.cursor() as cur:
            cur.execute(statement, (REALM,))
        return [one.key for one in problems_now(empty, data, REALM)]

    still = ["import_failed:run7"]
    resolve = "UPDATE mids.notification SET resolved_at = {} WHERE kind = 'failed' AND realm = %s"
    assert tell(resolve.format("now()")) == still
    assert (
        tell(
            "INSERT INTO mids.notification (realm, kind, key, log_id, title, body, found_at)"
            " SELECT realm, 'recovered', 'k', log_id, 't', 'b', now() FROM mids.notification"
            " WHERE kind = 'failed' AND realm = %s"
        )
        == []
    )
    assert tell(resolve.format("NULL")) == still
    assert tell(resolve.format("now()")) == []
    note_failure(server, REALM, None, None, "run8", [], DatabaseUnavailable("lost again"))
    assert [one.key for one in problems_now(empty, data, REALM)] == ["import_failed:run8"]


def test_the_build_that_is_planned_but_not_published(empty, data):
    store = Store(data.releases_dir)
    paths = store.build(REALM, "release1", "build1")
    chunks = tuple(Chunk(f"key{number}", number, number + 1, number, 1) for number in range(3))
    write_manifest(paths, BuildManifest(REALM, "release1", "build1", "mhd", "hash", chunks, {}))
    store.point(REALM, "plan", {"release": "release1", "build": "build1"})
    assert problems_now(empty, data, REALM) == []
    write_json(paths.chunks / "key1.result.json", {})
    write_json(paths.tables / "power.summary.json", {"power": {"failures": {"unique": 2}}, "rune": {"failures": {}}})
    planned = read_facts(empty, data, REALM).planned
    assert planned is not None and planned.missing == ("key0", "key2") and planned.failures == {"power": {"unique": 2}}
    assert planned.touched is not None and abs(planned.touched - datetime.now(UTC)) < timedelta(minutes=1)
    paths.manifest.write_text("{")
    assert read_facts(empty, data, REALM).planned is None
    paths.manifest.unlink()
    assert read_facts(empty, data, REALM).planned is None


def test_the_sensor_records_what_changed_and_nothing_twice(empty, server, data, monkeypatch):
    defs = build_definitions(data)
    sensor = defs.resolve_sensor_def(f"{REALM}_health")
    with dg.DagsterInstance.ephemeral() as instance:

        def tick(cursor: str | None) -> Any:
            context = dg.build_sensor_context(instance, cursor=cursor, repository_def=defs.get_repository_def())
            return sensor(context)

        first = tick(None)
        table, checks = recorded(first)
        assert table == "Nothing is wrong." and {check.check_name: check.passed for check in checks} == dict.fromkeys(
            STANDING, True
        )
        assert isinstance(tick(first.cursor), dg.SkipReason)

        ensure_operations(empty)
        note_release(empty, REALM, RECORD)
        with empty, empty.cursor() as cur:
            advance(cur, REALM, "abc123", "build", "blocked", "table power | breaks rules")
        second = tick(first.cursor)
        table, checks = recorded(second)
        assert [(check.check_name, check.severity.value) for check in checks if not check.passed] == [
            ("nothing_broken", "ERROR")
        ]
        assert "table power \\| breaks rules" in table
        assert isinstance(tick(second.cursor), dg.SkipReason)

        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert sensor_module._digest([], tomorrow) != sensor_module._digest([], datetime.now(UTC))

        asset = defs.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[health_key(REALM)]
        )
        by_hand = {one.check_name: one.passed for one in asset.get_asset_check_evaluations()}
        assert by_hand == {check.check_name: check.passed for check in checks}

    gone = replace(data, database_url="postgresql://nobody:secret-word@127.0.0.1:1/none")
    defs = build_definitions(gone)
    skipped = defs.resolve_sensor_def(f"{REALM}_health")(
        dg.build_sensor_context(repository_def=defs.get_repository_def())
    )
    assert isinstance(skipped, dg.SkipReason) and "secret-word" not in str(skipped.skip_message)


def test_every_table_of_the_warehouse_grows_old_by_the_setting():
    graph = build_definitions(Settings(realms=("any_cod",), fresh_days=100)).resolve_asset_graph()
    for table in TABLES:
        policy = graph.get(dg.AssetKey(["any_cod", "warehouse", table.name])).freshness_policy
        assert policy == dg.FreshnessPolicy.time_window(timedelta(days=100), warn_window=timedelta(days=50))
