"""Releases in a real object store: every step on a machine with nothing, two machines on one store and one database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

import dagster as dg
import pytest

from mids_assets.automation.jobs import publish_tags
from mids_assets.graph import keys
from mids_assets.graph.shown import shown_tables
from mids_assets.health.facts import PlannedBuild, read_facts
from mids_assets.model.tables import ASSETS
from mids_assets.objects.place import open_place
from mids_assets.settings import Settings
from mids_assets.transform.parts import MANIFEST
from mids_assets.transform.store import open_store
from mids_assets.warehouse import embedded
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.retention import prune
from mids_assets_tests.code_location import Location
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.integration.faults.proxy import Trap, proxied
from mids_assets_tests.integration.test_releases import release
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.servers import open_folder, temporary_settings

REALM = "homecoming"
ADDRESS = "s3://mids/of/all"
CHUNK_BYTES = 512 * 1024


@dataclass(frozen=True)
class Machine(World):
    """A world whose commands get more variables."""

    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.variables, "MIDS_CHUNK_BYTES": str(CHUNK_BYTES)}


@pytest.fixture(scope="module")
def machines(s3) -> Iterator[tuple[Machine, Machine]]:
    """Two machines with a data folder each, and one database."""
    with ExitStack() as stack:
        folders = [stack.enter_context(open_folder()) for _ in range(2)]
        first, second = (stack.enter_context(temporary_settings(folder)) for folder in folders)
        made = []
        url = embedded.database_url(first)
        for settings, folder in zip((first, second), folders, strict=True):
            world = make_world(replace(settings, storage=ADDRESS, database_url=url), folder)
            variables = {**s3, "MIDS_STORAGE": ADDRESS, "MIDS_DATABASE_URL": url}
            made.append(Machine(world.settings, world.home, variables))
        yield made[0], made[1]


@pytest.fixture(scope="module")
def imported(machines, tmp_path_factory) -> dict[str, dict[str, Any]]:
    """Rows of two releases, which the first machine imported one after the other."""
    first, _ = machines
    folder = tmp_path_factory.mktemp("sources")
    rows = {}
    for version in ("1.0", "2.0"):
        source = release(folder / version, version, _shorter if version == "2.0" else lambda value: None)
        first.mids("import", str(source))
        rows[version] = first.contents(times=False)
    rows["sources"] = {"2.0": str(folder / "2.0")}
    return rows


def _shorter(value: dict) -> None:
    value["powers"] = value["powers"][:-3]
    value["powers"][3]["recharge_time"] += 7


def cached(machine: World) -> set[str]:
    """Names of the files that a machine has copies of."""
    return {path.name for path in machine.settings.releases_dir.rglob("*") if path.is_file()}


def test_a_machine_with_nothing_does_what_the_first_one_does(machines, imported):
    first, second = machines
    assert imported["1.0"] != imported["2.0"]
    again = second.mids_json("import", imported["sources"]["2.0"])
    assert again["action"] == "nothing_to_do" and not cached(second)
    both = [one.mids("diff", "--realm", REALM, "--format", "json", "--limit", "1000").stdout for one in machines]
    assert both[0] == both[1] and json.loads(both[0])["changes"]
    (name,) = first.query("select full_name from homecoming.power order by position limit 1")[0]
    traced = [one.mids_json("trace", "power", name) for one in machines]
    assert traced[0]["record"] == traced[1]["record"] and traced[0]["columns"] == traced[1]["columns"]
    # Of the powers it read the bytes of one chunk.
    assert "files.json" in cached(second) and "i12.json" not in cached(second)


def test_a_machine_with_nothing_rolls_back_to_what_another_one_imported(machines, imported):
    first, second = machines
    shutil.rmtree(second.settings.releases_dir, ignore_errors=True)
    assert second.mids_json("rollback")["action"] == "published"
    assert second.contents(times=False) == imported["1.0"]
    # And the other way round, on the machine whose copies are of what was before.
    assert first.mids_json("publish", "2.0")["action"] == "published"
    assert first.contents(times=False) == imported["2.0"]


def test_a_killed_import_leaves_no_half_of_a_part_and_the_next_one_goes_on(machines, imported, s3):
    first, second = machines
    with proxied(s3["AWS_ENDPOINT_URL"]) as proxy:
        process: list[subprocess.Popen] = []

        def kill() -> bool:
            process[0].kill()
            return False

        proxy.trap = Trap([b"/index/frames/recipe.json"], kill)
        command = [sys.executable, "-m", "mids_assets.cli", "import", imported["sources"]["2.0"], "--force"]
        environment = {**first.environment, "AWS_ENDPOINT_URL": proxy.url}
        process.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        assert process[0].wait(120) == -9 and proxy.trap.sprung.is_set()
    assert second.mids_json("import", imported["sources"]["2.0"], "--force")["action"] == "published"
    assert first.contents(times=False) == imported["2.0"]


def test_a_store_that_is_away_or_refuses_is_told_with_the_setting(machines, imported):
    first, _ = machines
    source = imported["sources"]["2.0"]
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    told = first.mids("import", source, "--force", code=1, **away).stderr
    assert "(MIDS_STORAGE) does not answer" in told and "Traceback" not in told
    wrong = {"AWS_SECRET_ACCESS_KEY": "not-the-secret"}
    told = first.mids("import", source, "--force", code=2, **wrong).stderr
    assert "MIDS_STORAGE names the place" in told and "not-the-secret" not in told and "Traceback" not in told
    assert "MIDS_STORAGE" in first.mids("diff", code=2, MIDS_STORAGE="s3://never-made/x").stderr
    # Readers see what they saw, and the doctor says what is wrong.
    assert first.contents(times=False) == imported["2.0"]
    report = first.mids_json("doctor", code=1, **away)
    found = [one for one in report["findings"] if one["area"] == "store"]
    assert {one["state"] for one in found} == {"broken"} and len(found) == 2
    assert all("MIDS_STORAGE" in one["what"] for one in found)
    # With the store back, what is left to tell is that the last import failed.
    found = {
        one["area"]: one["state"] for one in first.mids_json("doctor", code=1)["findings"] if one["state"] != "warn"
    }
    assert found["store"] == "ok" and found["realm homecoming"] == "broken"
    assert not [file for file in open_place(ADDRESS, "").files() if "doctor-" in file.path]


def test_backups_go_there_too(machines, imported):
    first, second = machines
    (taken,) = first.mids_json("db", "backup", "--realm", REALM)
    assert taken["name"] in second.mids("db", "backups").stdout
    assert any(file.path.startswith(f"backups/{REALM}/{taken['name']}/") for file in open_place(ADDRESS, "").files())


def test_what_is_not_kept_leaves_the_store_and_this_machine(machines, imported):
    first, _ = machines
    store = open_store(first.settings)
    assert len(store.releases(REALM)) == 2
    lean = replace(first.settings, keep_releases=1)
    # The published one and the one before it always stay; neither do builds that another code made.
    stranger = store.build(REALM, store.releases(REALM)[0], "of-other-code")
    stranger.manifest.parent.mkdir(parents=True, exist_ok=True)
    stranger.manifest.write_text("{}")
    stranger.keep(MANIFEST)
    pruned = prune(lean, REALM)
    assert pruned.builds == [(stranger.release_dir.name, "of-other-code")] and pruned.bytes > 0
    assert not stranger.manifest.exists() and store.builds(REALM, stranger.release_dir.name) != ["of-other-code"]
    assert len(store.releases(REALM)) == 2 and not pruned.releases
    assert prune(lean, REALM).builds == []


STEPS = [
    *([(keys.RELEASE,)], [("raw", entity) for entity in ASSETS], [(keys.PLAN,)]),
    [(keys.RECORDS,)],
    [("frames", "power")],
    [("frames", entity) for entity in ASSETS if entity != "power"],
    # The guards hang on the tables of the powers, and look at all tables.
    *(
        [("tables", table.name) for table in shown_tables(REALM, entity)]
        for entity in sorted(ASSETS, key="power".__eq__)
    ),
    [("warehouse", table.name) for table in shown_tables(REALM)],
]


def test_every_step_works_on_a_machine_that_has_nothing(world, location, s3):
    """The copies are removed before each step, and before each chunk."""
    settings = replace(
        location.settings,
        storage="s3://mids/step/by/step",
        data_dir=world.settings.data_dir.parent / "other",
        database_url=embedded.database_url(world.settings, "other"),
    )
    other = World(settings, world.home)
    elsewhere = Location(other, location.instance)
    for step in STEPS:
        shutil.rmtree(settings.releases_dir, ignore_errors=True)
        if step == [(keys.RECORDS,)]:
            _chunks_one_by_one(elsewhere, other)
            continue
        chosen = {"ops": {"homecoming__release": {"config": {"source": str(SAMPLE), "force": True}}}}
        config = chosen if step == [(keys.RELEASE,)] else None
        selection = [keys.asset_key(REALM, *name) for name in step]
        assert elsewhere.run("__ASSET_JOB", asset_selection=selection, config=config).success
        if step == [(keys.PLAN,)]:
            _plan_waits_for_its_store(elsewhere)
    # Only now: the sensor starts no second publish of one build.
    assert location.run("publish", tags=publish_tags(location.plan()[1])).success
    assert other.contents(times=False) == world.contents(times=False)
    shutil.rmtree(settings.releases_dir)
    assert planned(settings) is None


def _plan_waits_for_its_store(location: Location) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        skipped, cursor = location.tick()
    assert isinstance(skipped, dg.SkipReason) and "MIDS_STORAGE" in str(skipped.skip_message)
    request, _ = location.tick(cursor)
    assert isinstance(request, dg.RunRequest)


def _chunks_one_by_one(location: Location, machine: World) -> None:
    chunks = location.plan()[1].chunks
    assert len(chunks) > 2
    for number, chunk in enumerate(chunks):
        shutil.rmtree(machine.settings.releases_dir, ignore_errors=True)
        assert location.records(chunk.key).success
        assert f"{chunk.key}.parquet" in cached(machine) and "i12.json" not in cached(machine)
        found = planned(machine.settings)
        assert found is not None and found.missing == tuple(other.key for other in chunks[number + 1 :])


def planned(settings: Settings) -> PlannedBuild | None:
    with closing(connect(settings, application_name="test")) as connection:
        return read_facts(connection, settings, REALM).planned
