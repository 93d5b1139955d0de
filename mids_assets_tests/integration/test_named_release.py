"""Runs that name what they are about: an entry of the landing folder, a stored release to publish or to accept."""

from __future__ import annotations

import shutil
from typing import Any

import dagster as dg
import pytest

from mids_assets.automation.failed_runs import note_failed_runs
from mids_assets.automation.jobs import publish_tags
from mids_assets.graph import keys
from mids_assets_tests.code_location import failure
from mids_assets_tests.real import SAMPLE


def ingest(location, **config: Any) -> dg.ExecuteInProcessResult:
    op = {"homecoming__release": {"config": config}}
    return location.run("ingest", config={"ops": op}, raise_on_error=False)


def tags_of(location, result: dg.ExecuteInProcessResult) -> dict[str, str]:
    return location.instance.get_run_by_id(result.run_id).tags


@pytest.fixture
def dropped(location) -> str:
    folder = location.settings.landing_dir / "homecoming"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(SAMPLE, folder / "a drop", dirs_exist_ok=True)
    (folder / "half.zip.part").touch()
    return "a drop"


def test_an_entry_is_imported_by_its_name(location, dropped):
    result = ingest(location, entry=dropped)
    assert result.success
    assert keys.TAG_CONTENT in tags_of(location, result)


@pytest.mark.parametrize(
    "name", ["../../secret", "/etc", ".", "..", "a drop/", "./a drop", "a drop/I12.mhd", "half.zip.part", "A DROP"]
)
def test_what_is_no_entry_is_not_looked_for(location, dropped, name):
    (location.settings.data_dir / "secret").mkdir(exist_ok=True)
    assert f"no entry {name!r}" in failure(ingest(location, entry=name))


def test_only_one_thing_is_imported(location, dropped):
    assert "set one of them" in failure(ingest(location, entry=dropped, source=str(SAMPLE)))
    assert "set one of them" in failure(ingest(location, entry=dropped, release="abcd"))
    assert "set one of them" in failure(ingest(location, release="abcd", update=True))


def test_a_release_that_nobody_knows(location):
    assert "no release is called 'ffff'" in failure(ingest(location, release="ffff"))


def test_a_release_that_a_person_names_is_published_although_its_build_was(location):
    _, manifest = location.plan()
    location.run("publish", tags=publish_tags(manifest))
    location.ingest()
    answer, cursor = location.tick()
    assert "was started already" in str(getattr(answer, "skip_message", ""))

    named = ingest(location, release=manifest.release[:8])
    assert named.success
    assert tags_of(location, named)[keys.TAG_PUBLISH] == keys.ASKED
    request, after = location.tick(cursor)
    assert isinstance(request, dg.RunRequest) and request.run_key == f"{manifest.build}-{named.run_id}"
    assert request.job_name == "homecoming_publish"
    # Once for each time that somebody asks.
    again, _ = location.tick(after)
    assert isinstance(again, dg.SkipReason)


def test_an_acceptance_that_finds_nothing_is_told_and_is_no_failed_import(location):
    _, manifest = location.plan()
    config = {"ops": {"homecoming_accept_guards": {"config": {"release": manifest.release, "reason": "It is right."}}}}
    result = location.run("accept", config=config, raise_on_error=False)
    assert f"no guard blocks release {manifest.release}" in failure(result)
    assert result.run_id not in note_failed_runs(location.instance, location.settings)
