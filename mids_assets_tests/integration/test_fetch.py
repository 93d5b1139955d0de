"""`mids fetch` as a person runs it, against a server of updates on loopback: what it imports, and what it says else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mids_assets.readers.patch import write_patch
from mids_assets.readers.patch_hash import write_hash
from mids_assets.updates.other_patch import other_patch
from mids_assets_tests.conftest import World
from mids_assets_tests.integration.test_releases import release
from mids_assets_tests.real import PROJECT
from mids_assets_tests.update_server import UpdateServer, serving


@pytest.fixture(scope="module")
def server() -> Iterator[UpdateServer]:
    with serving() as found:
        yield found


def put(server: UpdateServer, folder: Path, version: str, change=lambda value: None) -> None:
    """A patch of the sample, made to look real, under the name by which the manifest offers it."""
    made = release(folder / "database", version, change)
    entries = [("Homecoming", place.name, place.read_bytes()) for place in sorted(made.iterdir()) if place.is_file()]
    for suffix, write in (("mru", write_patch), ("hash", write_hash)):
        write(folder / f"a.{suffix}", entries)
        server.files[f"/homecoming-{version}.{suffix}"] = (folder / f"a.{suffix}").read_bytes()
    server.offer(version)


def fetch(world: World, server: UpdateServer, code: int = 0, url: str | None = None) -> dict:
    found = world.mids("fetch", "--json", code=code, MIDS_UPDATE_URL_HOMECOMING=server.manifest if url is None else url)
    return json.loads(found.stdout)


def told(world: World, url: str, code: int) -> str:
    return world.mids("fetch", code=code, MIDS_UPDATE_URL_HOMECOMING=url).stderr


def test_a_new_version_is_fetched_and_published(world, server, tmp_path):
    world.mids("import", "data/sample")
    put(server, tmp_path, "2025.4.971")
    found = fetch(world, server)
    # A sample is no release that could be newer.
    assert (found["fetch"]["action"], found["fetch"]["known"], found["fetch"]["offered"]) == (
        "imported",
        None,
        "2025.4.971",
    )
    assert found["action"] == "published" and found["fetch"]["warnings"] == []
    assert world.mids_json("import", found["fetch"]["path"])["action"] == "nothing_to_do"
    # Not where people drop releases: nobody would ever take it away there.
    assert Path(found["fetch"]["path"]).parent == world.settings.updates_dir / "homecoming"
    assert not world.settings.landing_dir.exists()
    assert world.mids_json("status")["realms"]["homecoming"]["version"] == "2025.4.971"


def test_the_same_version_is_up_to_date_without_a_download(world, server):
    before = len(server.asked("/homecoming-2025.4.971.mru"))
    found = fetch(world, server)
    assert found["fetch"]["action"] == "up_to_date" and "2025.4.971 is known already" in found["fetch"]["notes"][0]
    shown = world.mids("fetch", MIDS_UPDATE_URL_HOMECOMING=server.manifest).stdout
    assert shown.startswith("Up to date: homecoming")
    assert len(server.asked("/homecoming-2025.4.971.mru")) == before


def test_another_patch_under_the_same_version_is_a_warning_and_noted(world, server):
    folder = world.settings.updates_dir / "homecoming"
    good = server.files["/homecoming-2025.4.971.hash"]
    server.files["/homecoming-2025.4.971.hash"] = good.replace(b'"Hash":"', b'"Hash":"00', 1)
    found = fetch(world, server)
    assert found["fetch"]["action"] == "up_to_date" and "with another patch" in found["fetch"]["warnings"][0]
    noted = other_patch(folder)
    assert noted is not None and noted.version == "2025.4.971"
    server.files["/homecoming-2025.4.971.hash"] = good
    assert fetch(world, server)["fetch"]["warnings"] == [] and other_patch(folder) is None


def test_looking_for_updates_does_not_import_dagster():
    code = "import sys, mids_assets.cli, mids_assets.commands.fetching; sys.exit('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT).returncode == 0


def test_a_version_that_went_down_is_a_warning(world, server):
    server.offer("2025.4.970")
    found = fetch(world, server)
    assert found["fetch"]["action"] == "up_to_date" and "went down to 2025.4.970" in found["fetch"]["warnings"][0]
    assert server.asked("/homecoming-2025.4.970.mru") == []


def test_nothing_offered(world, server):
    server.offer("2025.5.1", name="Rebirth")
    assert fetch(world, server)["fetch"]["action"] == "nothing_offered"


def test_what_goes_wrong_is_one_sentence_and_the_right_code(world, server, tmp_path):
    put(server, tmp_path, "2025.4.980")
    server.files["/homecoming-2025.4.980.hash"] = b"[]"
    assert "is not listed in" in told(world, server.manifest, 2)
    assert "answers 404" in told(world, f"{server.url}/gone.json", 2)
    assert "set MIDS_UPDATE_URL_HOMECOMING" in told(world, "", 2)
    assert "no http or https address" in told(world, "file:///etc/passwd", 2)
    assert world.mids_json("status")["realms"]["homecoming"]["version"] == "2025.4.971"


def test_a_release_that_is_blocked_is_not_fetched_again(world, server, tmp_path):
    def without_half(value: dict) -> None:
        value["powers"] = value["powers"][: len(value["powers"]) // 2]

    put(server, tmp_path, "2025.4.990", without_half)
    assert "nothing was published" in told(world, server.manifest, 4)
    found = fetch(world, server)
    assert "2025.4.990 is known already (blocked)" in found["fetch"]["notes"][0]
    assert len(server.asked("/homecoming-2025.4.990.mru")) == 1
