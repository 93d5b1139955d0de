"""Parts of builds in a real object store: there whole or not at all, whoever puts them and whatever is cut off."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mids_assets.errors import NetworkUnavailable, StaleBuild, UserError
from mids_assets.objects.place import PART_BYTES, Place, open_place
from mids_assets.transform import parts
from mids_assets.transform.mirror import Mirror
from mids_assets.transform.store import BuildPaths, Store
from mids_assets_tests.integration.faults.proxy import Trap, proxied
from mids_assets_tests.real import PROJECT

REALM, RELEASE, BUILD = "homecoming", "release1", "build1"
PUT = """
import sys
import time
from pathlib import Path
from mids_assets.transform import parts
from mids_assets.transform.mirror import Mirror
from mids_assets.transform.store import Store
address, root, realm, release, build = sys.argv[1:]
Store(Path(root), Mirror(address)).build(realm, release, build).keep(parts.RAW)
"""


@pytest.fixture
def address(s3, tmp_path) -> str:
    return f"s3://mids/{tmp_path.name}"


@pytest.fixture
def place(address) -> Place:
    return open_place(address, "MIDS_STORAGE")


def machine(folder: Path, address: str) -> BuildPaths:
    return Store(folder, Mirror(address)).build(REALM, RELEASE, BUILD)


@pytest.fixture
def here(tmp_path, address) -> BuildPaths:
    """A machine on which raw files were written, one of them of several parts."""
    paths = machine(tmp_path / "here", address)
    paths.raw.mkdir(parents=True)
    (paths.raw / "i12.json").write_bytes(bytes(range(256)) * (5 * PART_BYTES // 512))
    for name in ("files.json", "recipe.json", "salvage.json"):
        (paths.raw / name).write_text(f'{{"{name}": 1}}')
    (paths.raw / ".recipe.json.host-1.part").write_text("unfinished")
    return paths


@pytest.fixture
def there(tmp_path, address) -> BuildPaths:
    """Another machine, with nothing."""
    return machine(tmp_path / "there", address)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def test_what_one_machine_keeps_another_fetches(here, there, place):
    assert there.fetch(parts.RAW) == [parts.RAW]
    with pytest.raises(StaleBuild, match=f"does not hold raw of release {RELEASE}, build {BUILD}: materialize raw"):
        there.require(parts.RAW)
    here.keep(parts.RAW)
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)
    assert {path.stat().st_mtime for path in there.raw.iterdir()} == {
        (here.raw / path.name).stat().st_mtime for path in there.raw.iterdir()
    }
    # Only some files of a part.
    shutil.rmtree(there.raw)
    there.require(parts.RAW_FACTS)
    assert set(files(there.raw)) == {"files.json"}
    there.require(parts.SMALL_RAW)
    assert set(files(there.raw)) == {"files.json", "recipe.json", "salvage.json"}
    read = there.ranges(parts.raw("i12.json"), there.raw / "i12.json")
    whole = (here.raw / "i12.json").read_bytes()
    assert read(PART_BYTES - 7, PART_BYTES + 9) == whole[PART_BYTES - 7 : PART_BYTES + 9]
    assert "i12.json" not in files(there.raw)


def test_a_copy_that_differs_is_brought_to_what_is_stored(here, there):
    here.keep(parts.RAW)
    there.require(parts.RAW)
    (there.raw / "recipe.json").write_text('{"recipe.json": 2}')
    (there.raw / "salvage.json").unlink()
    (there.raw / "of_another_version.json").write_text("{}")
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)
    # A later version of the part, with a file less.
    (here.raw / "recipe.json").write_text('{"recipe.json": "anew"}')
    (here.raw / "salvage.json").unlink()
    here.keep(parts.RAW)
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)


def test_big_files_that_are_stored_are_not_sent_again(here, place):
    here.keep(parts.RAW)
    before = {file.path: file.at for file in place.files() if "/raw/i12." in file.path}
    here.keep(parts.RAW)
    assert {file.path: file.at for file in place.files() if "/raw/i12." in file.path} == before
    assert len(before) == 1


def test_two_processes_may_put_one_part_at_once(here, there, tmp_path, address):
    """Whichever index is last, what it names is there: here the files differ, as the seconds in a result do."""
    other = machine(tmp_path / "other", address)
    shutil.copytree(here.raw, other.raw)
    (other.raw / "recipe.json").write_text('{"recipe.json": "the other"}')
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda paths: paths.keep(parts.RAW), (here, other)))
        there.require(parts.RAW)
        assert files(there.raw) in (files(here.raw), files(other.raw))


@pytest.mark.parametrize("moment", [b"/raw/i12.", b"/index/raw.json"])
def test_killed_while_it_puts(here, there, s3, address, tmp_path, moment):
    """In the middle of the files, and when only the index was missing: the part is not there, and is put again."""
    with proxied(s3["AWS_ENDPOINT_URL"]) as proxy:
        process: list[subprocess.Popen] = []

        def kill() -> bool:
            process[0].send_signal(signal.SIGKILL)
            return False

        proxy.trap = Trap([moment], kill)
        environment = {**s3, "AWS_ENDPOINT_URL": proxy.url, "PATH": ""}
        arguments = [sys.executable, "-c", PUT, address, here.release_dir.parent.parent, REALM, RELEASE, BUILD]
        process.append(subprocess.Popen(arguments, cwd=PROJECT, env=environment))
        assert process[0].wait(60) == -signal.SIGKILL
    assert there.fetch(parts.RAW) == [parts.RAW]
    here.keep(parts.RAW)
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)


def test_a_line_that_breaks_is_tried_again(here, there, s3, monkeypatch):
    with proxied(s3["AWS_ENDPOINT_URL"]) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        proxy.trap = Trap([b"/index/raw.json"], lambda: False)
        here.keep(parts.RAW)
        assert proxy.trap.sprung.is_set()
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3["AWS_ENDPOINT_URL"])
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)


def test_an_object_that_is_damaged_or_gone_is_told_and_mended_by_putting_it_again(here, there, place):
    here.keep(parts.RAW)
    (recipe,) = (file for file in place.files() if "/raw/recipe." in file.path)
    place.put(recipe.path, b'{"recipe.json": 3}')
    with pytest.raises(StaleBuild, match=r"/build1/raw/recipe\.\w+\.json is damaged: remove it, and materialize raw"):
        there.require(parts.RAW)
    place.remove([recipe.path])
    with pytest.raises(StaleBuild, match="materialize raw of this build first"):
        there.require(parts.RAW)
    assert "recipe.json" not in files(there.raw)
    here.keep(parts.RAW)
    there.require(parts.RAW)
    assert files(there.raw) == files(here.raw)


def test_a_store_that_is_away_and_one_that_refuses(here, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another-secret")
    for ask in (lambda: here.keep(parts.RAW), lambda: here.fetch(parts.RAW)):
        with pytest.raises(UserError, match="MIDS_STORAGE names the place") as told:
            ask()
        assert "another-secret" not in str(told.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for ask in (lambda: here.keep(parts.RAW), lambda: here.fetch(parts.RAW)):
        with pytest.raises(NetworkUnavailable, match=r"\(MIDS_STORAGE\) does not answer"):
            ask()


def test_what_leaves_the_store_leaves_it_whole(here, there, address, place):
    store = Store(there.release_dir.parent.parent, Mirror(address))
    (here.release_dir / "release.json").write_text("{}")
    here.keep(parts.SOURCE, parts.RAW)
    other = store.build(REALM, RELEASE, "build2")
    shutil.copytree(here.raw, other.raw)
    other.keep(parts.RAW)
    assert (store.releases(REALM), store.builds(REALM, RELEASE)) == ([RELEASE], [BUILD, "build2"])
    mirror = Mirror(address)
    assert mirror.size(REALM, RELEASE) > 2 * mirror.size(REALM, RELEASE, "build2") > 10 * PART_BYTES // 2
    mirror.remove(REALM, RELEASE, "build2")
    assert store.builds(REALM, RELEASE) == [BUILD]
    there.require(parts.SOURCE, parts.RAW)
    mirror.remove(REALM, RELEASE)
    assert (place.files(), store.releases(REALM), store.folders(REALM)) == ([], [], set())


def test_copies_of_what_left_the_store_go_after_a_day(here, there, address):
    store = Store(there.release_dir.parent.parent, Mirror(address))
    (here.release_dir / "release.json").write_text("{}")
    here.keep(parts.SOURCE, parts.RAW)
    others = [store.build(REALM, RELEASE, "old"), store.build(REALM, "gone", "old")]
    for paths in (there, *others):
        shutil.copytree(here.raw, paths.raw)
    young = store.build(REALM, "being-written", BUILD)
    young.raw.mkdir(parents=True)
    store.tidy(REALM)
    assert all(paths.raw.exists() for paths in (there, young, *others))
    yesterday = time.time() - 90_000
    for paths in (there, *others):
        for path in (paths.release_dir, *paths.release_dir.rglob("*")):
            os.utime(path, (yesterday, yesterday))
    store.tidy(REALM)
    assert there.raw.exists() and young.raw.exists()
    assert not others[0].raw.exists() and not others[1].release_dir.exists()


def test_a_process_that_was_forked_off_later_is_told_and_does_not_wait_for_ever(place):
    place.put("used", b"before")
    child = os.fork()
    if not child:
        signal.alarm(30)
        try:
            place.files()
        except RuntimeError as error:
            os._exit(7 if "forked" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
