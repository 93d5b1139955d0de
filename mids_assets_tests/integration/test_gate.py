"""Nothing bad reaches a reader: blocking checks, interruptions, dead runs, two imports at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from mids_assets.readers.binary import decode
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.binary_write import write_file
from mids_assets.readers.layouts.i12 import I12
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets_tests.conftest import World
from mids_assets_tests.real import PROJECT, SAMPLE


@pytest.fixture(scope="module")
def published(world: World) -> World:
    world.mids_json("import", str(SAMPLE))
    return world


def changed_sample(folder: Path, change) -> Path:
    """The sample with `change` applied to the records of its I12.mhd."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("Mids.zip"))
    rewrite(folder / "I12.mhd", change)
    return folder


def rewrite(path: Path, change) -> None:
    """Apply `change` to the whole file as a record, in place."""
    found = decode(path.read_bytes(), I12.layouts())
    value = row_to_dict(found.layout, "file", found.value)
    change(value)
    write_file(path, found.layout, value)


def _lost_powerset(value) -> None:
    value["powers"][7]["full_name"] = "Nowhere.Nothing.Power"


def _double_power(value) -> None:
    value["powers"][7]["full_name"] = value["powers"][8]["full_name"].upper()


def _lost_class(value) -> None:
    value["powers"][7]["requires"]["classes"] = ["Class_Of_No_Game"]


@pytest.mark.parametrize(
    ("change", "table", "rule", "said"),
    [
        (_lost_powerset, "power", "required: powerset", '"Nowhere.Nothing.Power"'),
        (_double_power, "power", "unique: natural_key", "Velkra_Lash"),
        (_lost_class, "power_archetype_rule", "required: archetype", '["Class_Of_No_Game"]'),
    ],
    ids=["required reference", "unique key", "required reference of a child"],
)
def test_a_failed_blocking_check_leaves_postgresql_as_it_was(published, tmp_path, change, table, rule, said):
    source = changed_sample(tmp_path / "broken", change)
    before = published.contents()
    told = published.mids("import", str(source), code=4)
    assert "nothing was published" in told.stderr and table in told.stderr and "Traceback" not in told.stderr
    assert published.contents() == before
    assert published.runs()[0] == ("homecoming_publish", "FAILURE")
    assert published.mids_json("status")["realms"]["homecoming"]["version"] == "0.1.1"
    # The failing rows can be read in the check's metadata, and lead to their record.
    ((event,),) = published.dagster_query(
        "select event from event_logs where dagster_event_type = 'ASSET_CHECK_EVALUATION' and event like"
        " '%what_to_do%' order by id desc limit 1"
    )
    metadata = json.loads(event)["dagster_event"]["event_specific_data"]["metadata"]
    row = metadata["failing_rows"]["records"][0]["data"]
    position = 8 if rule.startswith("unique") else 7
    assert (row["rule"], row["source_file"], row["source_position"]) == (rule, "I12.mhd", position)
    assert row["record"] and said in row["field_value"]
    with Path(row["raw_file"]).open("rb") as file:
        file.seek(row["byte_offset"])
        assert json.loads(file.readline().rstrip(b",\n]"))["full_name"].lower() in (row["record"], row["key"])
    assert metadata["release"]["text"] and f"position: {position}" in metadata["what_to_do"]["md_str"]


def test_ctrl_c_cancels_the_run_and_the_next_import_succeeds(published, tmp_path):
    published.mids("sample", str(tmp_path / "big"), "--powers", "6000", "--seed", "3", "--format", "mhd")
    before = published.contents()
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "import", str(tmp_path / "big")],
        env=published.environment,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _until(lambda: any(status == "STARTED" for _, status in published.runs()), process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert published.runs()[0][1] == "CANCELED"
    assert published.contents() == before
    assert published.mids_json("import", str(tmp_path / "big"))["action"] == "published"


def test_a_killed_import_blocks_nothing_and_is_reported(published, tmp_path):
    published.mids("sample", str(tmp_path / "big"), "--powers", "6000", "--seed", "4", "--format", "mhd")
    before = published.contents()
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "import", str(tmp_path / "big")],
        env=published.environment,
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _until(lambda: any(status == "STARTED" for _, status in published.runs()), process)
    process.kill()
    process.wait()
    assert published.runs()[0][1] == "STARTED"
    assert published.contents() == before
    assert published.mids_json("import", str(tmp_path / "big"))["action"] == "published"
    assert "STARTED" not in {status for _, status in published.runs()}


def test_a_lost_connection_during_publish_is_tried_again(published, tmp_path):
    published.mids("sample", str(tmp_path / "big"), "--powers", "6000", "--seed", "5", "--format", "mhd")
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "import", str(tmp_path / "big"), "--json"],
        env=published.environment,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    killed = 0
    while process.poll() is None:
        if not killed:
            killed = len(
                published.query(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'mids publish homecoming' and query like 'COPY%'"
                )
            )
        time.sleep(0.02)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert killed == 1
    assert json.loads(out)["realms"]["homecoming"]["tables"]["power"] == 6000
    assert published.query("select count(*) from homecoming.power") == [(6000,)]
    assert [r for (r,) in published.dagster_query("select dagster_event_type from event_logs")].count(
        "STEP_RESTARTED"
    ) == 1


def test_an_older_release_is_stored_and_published_only_when_asked(published, tmp_path):
    published.mids("sample", str(tmp_path / "old"), "--seed", "1", "--format", "mhd")
    # Between samples nothing is older; make them look real.
    for folder, seed in (("real_new", "9"), ("real_old", "8")):
        published.mids("sample", str(tmp_path / folder), "--seed", seed, "--format", "mhd")
        (tmp_path / folder / "SAMPLE.txt").unlink()
        rewrite(tmp_path / folder / "I12.mhd", lambda value: value["header"].update(page_volume_text="Page"))
    assert published.mids_json("import", str(tmp_path / "real_new"))["action"] == "published"
    stored = published.mids_json("import", str(tmp_path / "real_old"))
    assert stored["action"] == "stored" and "--older" in stored["notes"][-1]
    assert published.mids_json("status")["realms"]["homecoming"]["version"] == "0.1.9"
    assert published.mids_json("import", str(tmp_path / "real_old"), "--older")["action"] == "published"
    assert published.mids_json("status")["realms"]["homecoming"]["version"] == "0.1.8"


def test_a_second_import_waits_for_the_lock_of_the_realm(published):
    with closing(connect(published.settings, application_name="holder")) as holder, realm_lock(holder, "homecoming"):
        told = published.mids("import", str(SAMPLE), "--older", code=1, MIDS_LOCK_WAIT_SECONDS="1")
        assert "holder" in told.stderr and "Traceback" not in told.stderr
    assert published.mids_json("import", str(SAMPLE), "--older")["action"] == "published"


def _until(condition, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, f"the import ended by itself with {process.returncode}"
        assert time.monotonic() < end
        time.sleep(0.05)
