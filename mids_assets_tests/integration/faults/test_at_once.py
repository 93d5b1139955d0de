"""Imports at the same time, on an empty database too: of one realm, of two, of one release, by hand and by sensor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.integration.faults.builds import REALM, SIZES, Build, write_source
from mids_assets_tests.integration.faults.watch import (
    Reader,
    assert_nothing_left,
    holds,
    unfinished_files,
)
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import open_folder, temporary_settings

REALMS = {"MIDS_REALMS": "homecoming,rebirth"}

BY_SENSOR = """
import json, sys
import dagster as dg
from mids_assets.definitions import defs
from mids_assets.storage import open_instance
source, tags = sys.argv[1:]
quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
with open_instance() as instance:
    if not tags:
        config = {"ops": {"homecoming__release": {"config": {"source": source, "force": True}}}}
        job = defs.resolve_job_def("homecoming_ingest")
        assert job.execute_in_process(instance=instance, run_config={**quiet, **config}).success
        sensor = defs.resolve_sensor_def("homecoming_publish_after_ingest")
        request = sensor(dg.build_sensor_context(instance=instance, repository_def=defs.get_repository_def()))
        assert isinstance(request, dg.RunRequest), request
        print(json.dumps(dict(request.tags)))
    else:
        job = defs.resolve_job_def("homecoming_publish")
        assert job.execute_in_process(instance=instance, run_config=quiet, tags=json.loads(tags)).success
"""
"""Ingests a source and prints what the sensor asks for; called with that, does it."""


@pytest.fixture
def empty() -> Iterator[World]:
    """A world of its own: not even a server was started."""
    with open_folder() as folder, temporary_settings(folder) as settings:
        yield make_world(settings, folder)


def mids(*arguments: str) -> list[str]:
    return ["-m", "mids_assets.cli", *arguments, "--json"]


def at_once(world: World, *commands: Sequence[str], **env: str) -> list[str]:
    """What each of the programs, which run side by side, prints; all have to succeed."""
    running = [
        subprocess.Popen(
            [sys.executable, *command],
            env={**world.environment, **env},
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    ends = [process.communicate(timeout=200) for process in running]
    for process, (out, err) in zip(running, ends, strict=True):
        assert process.returncode == 0, out + err
    return [out for out, _ in ends]


def assert_tidy(world: World) -> None:
    assert_nothing_left(world.settings)
    assert unfinished_files(world.settings.data_dir) == []
    assert {status for _, status in world.runs()} == {"SUCCESS"}
    assert world.query("SELECT errors FROM mids.import_log WHERE jsonb_typeof(errors) = 'object'") == []


def test_the_same_release_twice_on_an_empty_database(empty, builds):
    command = mids("import", str(builds["A"].source))
    told = [json.loads(text) for text in at_once(empty, command, command)]
    assert sorted(one["action"] for one in told) == ["nothing_to_do", "published"]
    assert holds(empty.settings, builds) == "A"
    assert empty.query("SELECT count(DISTINCT run_id) FROM mids.import_log") == [(1,)]
    assert_tidy(empty)


def test_two_releases_and_two_realms_on_an_empty_database(empty, builds, tmp_path):
    other = write_source(tmp_path, "other", SIZES["A"], 53, "rebirth")
    commands = [mids("import", str(builds[name].source), "--realm", REALM, "--older") for name in "AB"]
    at_once(empty, *commands, mids("import", str(other), "--realm", "rebirth"), **REALMS)
    assert holds(empty.settings, builds) in builds
    assert empty.query("SELECT count(*) FROM rebirth.power") == [(SIZES["A"],)]
    assert_tidy(empty)


def test_by_the_sensor_and_by_hand(published_a, builds):
    """What the sensor launches for a plan, beside an import of the very same files."""
    source = str(builds["B"].source)
    (asked,) = at_once(published_a, ["-c", BY_SENSOR, source, ""])
    with Reader(published_a.settings, builds) as reader:
        at_once(published_a, ["-c", BY_SENSOR, source, asked.splitlines()[-1]], mids("import", source, "--force"))
    assert reader.seen == ["A", "B"]
    assert holds(published_a.settings, builds) == "B"
    assert_tidy(published_a)


def test_a_reader_through_three_publishes(published_a, builds):
    settings = published_a.settings
    with Reader(settings, builds) as reader:
        for name in "BAB":
            looks = reader.looks
            builds[name].publish(settings)
            assert reader.looks > looks
    assert reader.seen == list("ABAB")
    assert_nothing_left(settings)


def test_a_second_import_waits_for_the_first_and_is_told_who_holds_the_realm(published_a, builds):
    settings = published_a.settings
    with closing(connect(settings, application_name="a long import")) as conn, realm_lock(conn, REALM):
        told = published_a.mids("import", str(builds["B"].source), code=1, MIDS_LOCK_WAIT_SECONDS="0.2").stderr
    assert told.splitlines()[-1].startswith("mids: another import of realm homecoming is under way: a long import")
    assert holds(settings, builds) == "A"
    logged = published_a.query("SELECT errors ->> 'error' FROM mids.import_log ORDER BY id DESC LIMIT 1")
    assert "another import of realm homecoming is under way" in logged[0][0]
    published_a.mids("import", str(builds["B"].source))
    assert holds(settings, builds) == "B"


def test_builds_differ(builds: dict[str, Build]):
    """Or no test here could tell them apart."""
    assert builds["A"].fingerprint != builds["B"].fingerprint
    assert builds["A"].rows.by_key() != builds["B"].rows.by_key()
