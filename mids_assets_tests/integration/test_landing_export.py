"""City of Data exports in landing folders, on a real instance: the sensor has them ingested into their own realm."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from mids_assets.definitions import build_definitions
from mids_assets.storage import open_instance
from mids_assets_tests.city import REVISION, write
from mids_assets_tests.city_world import city
from mids_assets_tests.code_location import QUIET, failure
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.servers import open_folder, temporary_settings

OURS, THEIRS = "homecoming", "homecoming_cod"


class Landing:
    """The landing folders of both realms, and what their sensors and the runs that they ask for do."""

    def __init__(self, world: World, instance: dg.DagsterInstance) -> None:
        self.world, self.instance = world, instance
        self.defs = build_definitions(world.settings)
        self.cursors: dict[str, str | None] = {}

    def folder(self, realm: str) -> Path:
        folder = self.world.settings.landing_dir / realm
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def settle(self, realm: str) -> list[dg.ExecuteInProcessResult]:
        """Ticks and the runs they ask for, until two in a row ask for nothing."""
        ran, idle = [], 0
        while idle < 2:
            context = dg.build_sensor_context(
                self.instance, cursor=self.cursors.get(realm), repository_def=self.defs.get_repository_def()
            )
            found = self.defs.resolve_sensor_def(f"{realm}_landing")(context)
            self.cursors[realm] = context.cursor
            idle = 0 if isinstance(found, dg.RunRequest) else idle + 1
            if isinstance(found, dg.RunRequest):
                job = self.defs.resolve_job_def(str(found.job_name))
                config = {**QUIET, **found.run_config}
                ran.append(
                    job.execute_in_process(
                        instance=self.instance, tags=dict(found.tags), run_config=config, raise_on_error=False
                    )
                )
        return ran

    def releases(self) -> list[tuple]:
        return self.world.query(
            "select realm, version, (release_date at time zone 'UTC')::date::text from mids.release"
        )


@pytest.fixture(scope="module")
def landing() -> Iterator[Landing]:
    with open_folder() as folder, temporary_settings(folder) as settings, pytest.MonkeyPatch.context() as patch:
        world = make_world(replace(settings, realms=(OURS, THEIRS), workers=1), folder)
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with open_instance() as instance:
            yield Landing(world, instance)


def settled(place: Path) -> None:
    """Its files changed long ago, so that nobody waits for a copy that may be under way."""
    for each in [place, *place.rglob("*")]:
        os.utime(each, (1_000_000_000, 1_000_000_000))


def test_a_folder_and_an_archive_of_an_export_are_ingested_as_one_release(landing):
    folder = write(landing.folder(THEIRS) / "filtered_data", city())
    settled(folder)
    assert [result.success for result in landing.settle(THEIRS)] == [True, True]
    assert landing.releases() == [(THEIRS, REVISION, "2024-02-29")]
    with tarfile.open(landing.folder(THEIRS) / "export.tar.gz", "w:gz") as archive:
        archive.add(folder, "export")
    settled(landing.folder(THEIRS) / "export.tar.gz")
    assert [result.success for result in landing.settle(THEIRS)] == [True, True]
    assert landing.releases() == [(THEIRS, REVISION, "2024-02-29")]


def test_an_export_in_the_folder_of_another_realm_is_refused_with_what_to_do(landing):
    settled(write(landing.folder(OURS) / "export", city()))
    *_, last = landing.settle(OURS)
    assert "import it with --realm homecoming_cod" in failure(last)
    assert not [release for release in landing.releases() if release[0] == OURS]
