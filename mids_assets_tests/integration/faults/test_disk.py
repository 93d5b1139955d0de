"""The disk of data/ is full or read-only; PostgreSQL lies elsewhere, so that it can be told what happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mids_assets.transform.store import Store
from mids_assets.warehouse.connection import database_url
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.integration.faults.builds import REALM, Build
from mids_assets_tests.integration.faults.watch import (
    assert_nothing_left,
    failures,
    holds,
    last_failure,
    unfinished_files,
)
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import open_folder, temporary_settings

LIMITED = """
import resource, sys
from mids_assets.cli import main
limit = int(sys.argv.pop(1))
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
main()
"""


@dataclass(frozen=True)
class Place:
    """A world whose data folder is a disk of its own where that can be; its server is on another one."""

    world: World
    mounted: bool

    @property
    def data(self) -> Path:
        return self.world.settings.data_dir

    def imports(self, build: Build, *, largest_file: int = 0) -> subprocess.CompletedProcess[str]:
        source = str(build.source)
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(largest_file), "import", source, "--force", "--json"],
            env={**self.world.environment, "MIDS_DATABASE_URL": self.world.settings.database_url or ""},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=200,
        )

    def remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.data)], check=True)

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        if os.getuid() == 0 and not self.mounted:
            pytest.skip("nothing is read-only for root, and a small file system may not be mounted here")
        folders = [self.data, *(path for path in self.data.rglob("*") if path.is_dir())]
        if self.mounted:
            self.remount("ro")
        else:
            for folder in folders:
                folder.chmod(0o555)
        try:
            yield
        finally:
            if self.mounted:
                self.remount("rw")
            else:
                for folder in folders:
                    folder.chmod(0o755)

    @contextlib.contextmanager
    def no_room_for(self, more_files: int) -> Iterator[None]:
        """Room for so many more files, after which every new one finds the disk full."""
        if not self.mounted:
            pytest.skip("only root may mount a small file system, and not everywhere")
        used = os.statvfs(self.data)
        self.remount(f"nr_inodes={used.f_files - used.f_ffree + more_files}")
        try:
            yield
        finally:
            self.remount("nr_inodes=100000")


@pytest.fixture(scope="module")
def place(builds) -> Iterator[Place]:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(temporary_settings())
        folder = stack.enter_context(open_folder())
        settings = replace(server, data_dir=folder / "data", database_url=database_url(server))
        settings.data_dir.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=100000", "tmpfs", str(settings.data_dir)]
        mounted = os.getuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
        if mounted:
            stack.callback(subprocess.run, ["umount", str(settings.data_dir)], check=True)
        place = Place(make_world(settings, folder), mounted)
        done = place.imports(builds["A"])
        assert done.returncode == 0, done.stderr
        yield place


def refused(place: Place, builds, done: subprocess.CompletedProcess[str], words: str, noted: int) -> None:
    """The import ended with one sentence that names the place and what to do, and PostgreSQL knows of it."""
    assert done.returncode == 2, done.stderr
    (told,) = done.stderr.splitlines()
    assert words in told and str(place.data) in told and "MIDS_DATA_DIR" in told
    settings = place.world.settings
    assert holds(settings, builds) == "A"
    assert_nothing_left(settings)
    assert failures(settings) == noted + 1
    assert words in last_failure(settings)


def succeeds(place: Place, builds) -> None:
    """The next import does; then all is as it was before."""
    done = place.imports(builds["B"])
    assert done.returncode == 0, done.stderr
    assert holds(place.world.settings, builds) == "B"
    assert unfinished_files(place.data) == []
    builds["A"].publish(place.world.settings)
    shutil.rmtree(Store(place.world.settings.releases_dir).release_dir(REALM, builds["B"].manifest.release))


def test_a_file_that_grows_too_large(place, builds):
    """The powers as JSON."""
    noted = failures(place.world.settings)
    done = place.imports(builds["B"], largest_file=1_000_000)
    refused(place, builds, done, "File too large", noted)
    succeeds(place, builds)


@pytest.mark.parametrize(("files", "job"), [(5, "ingest"), (90, "publish")])
def test_a_full_disk(place, builds, files, job):
    noted = failures(place.world.settings)
    with place.no_room_for(files):
        done = place.imports(builds["B"])
    refused(place, builds, done, "No space left on device", noted)
    assert last_failure(place.world.settings).startswith(f"RunFailed: homecoming_{job}: OSError")
    succeeds(place, builds)


def test_a_read_only_folder(place, builds):
    noted = failures(place.world.settings)
    with place.read_only():
        done = place.imports(builds["B"])
    refused(place, builds, done, "Read-only file system" if place.mounted else "Permission denied", noted)
    succeeds(place, builds)
