"""`mids` with MIDS_LOG_FORMAT=json: every line on stderr is JSON, and says what it is about; results stay on stdout."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from typing import Any

import pytest

from mids_assets.logs import ABOUT
from mids_assets_tests.real import PROJECT, SAMPLE

JSON = {"MIDS_LOG_FORMAT": "json"}


def lines(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    assert all(set(line) >= {"time", "level", "logger", "message", *ABOUT} for line in found)
    return found


@pytest.fixture(scope="module")
def imported(world) -> list[dict[str, Any]]:
    done = world.mids("import", str(SAMPLE), **JSON, MIDS_CHUNK_BYTES=str(256 * 1024))
    assert "Published" in done.stdout
    return lines(done.stderr)


def test_lines_of_an_import_name_run_realm_release_and_build(world, imported):
    ((release, build),) = world.query("select release, build from mids.release")
    runs = dict(world.dagster_query("select run_id, pipeline_name from runs"))
    in_runs = [line for line in imported if line["run_id"]]
    assert {runs[line["run_id"]] for line in in_runs} == {"homecoming_ingest", "homecoming_publish"}
    assert {(line["realm"], line["release"], line["build"]) for line in in_runs} == {("homecoming", release, build)}
    assert "BetaWarning" not in json.dumps(imported)
    # Dagster's lines come through dagster.yaml, progress from the command.
    assert {line["logger"] for line in in_runs} >= {"dagster", "mids_assets.commands.bars"}
    assert any(line.get("step") == "homecoming__i12_records" and "chunks done" in line["message"] for line in in_runs)


def test_a_broken_release_is_told_by_the_run_and_by_the_command(world, imported, tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "broken")
    (tmp_path / "broken" / "Recipe.mhd").write_bytes(b"Mids Reborn Recipe Database\0")
    found = lines(world.mids("import", str(tmp_path / "broken"), code=2, **JSON).stderr)
    of_raw = [line for line in found if line.get("step") == "homecoming_raw"]
    assert of_raw, "\n".join(f"{line.get('step')}: {line['level']}: {line['message']}" for line in found)
    step, last = of_raw[0], found[-1]
    assert step["level"] == "error" and "Recipe.mhd" in step["error"] and step["run_id"] and step["release"]
    assert (last["level"], last["logger"]) == ("error", "mids_assets.commands.telling")
    assert "Recipe.mhd" in last["message"] and last["release"] == step["release"]


@pytest.mark.parametrize(
    "arguments, variables, code, said",
    [
        (["import"], {}, 2, "Missing argument"),
        (["nonsense"], {}, 2, "No such command"),
        (["import", "/nowhere"], {}, 2, "no such folder"),
        (["import", str(SAMPLE)], {"DAGSTER_HOME": "/nowhere"}, 2, "DAGSTER_HOME: /nowhere is no folder"),
        (["web"], {"DAGSTER_HOME": "/nowhere"}, 2, "DAGSTER_HOME: /nowhere is no folder"),
        (["inspect", "/nowhere"], {}, 2, "No such file"),
        (["inspect", "/"], {}, 2, "/: is a folder; give one of its files"),
        (["status"], {"MIDS_WORKERS": "many"}, 2, "not a number"),
        (["status"], {"MIDS_DATABASE_URL": "postgresql://u:hunter2secret@127.0.0.1:1/d"}, 1, "does not answer"),
        (["status"], {}, 0, None),
        (["--help"], {}, 0, None),
    ],
)
def test_whatever_a_command_says_on_stderr_is_json(world, arguments, variables, code, said):
    done = world.mids(*arguments, code=code, **JSON, **variables)
    found = lines(done.stderr)
    assert (said is None) == (found == []) and (said is None or said in found[-1]["message"])
    assert "hunter2secret" not in done.stderr and "Traceback" not in done.stderr


def test_a_format_that_is_none_is_told_as_text(world):
    told = world.mids("status", code=2, MIDS_LOG_FORMAT="yaml").stderr
    assert told == "mids: MIDS_LOG_FORMAT='yaml' is neither text nor json\n"


def test_metrics_say_where_they_are_and_end_without_a_word(world):
    process = subprocess.Popen(
        [sys.executable, "-m", "mids_assets.cli", "metrics", "--port", "0"],
        env={**world.environment, **JSON}, cwd=PROJECT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        (line,) = lines(process.stderr.readline())
        assert line["message"].startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=60)[1] == "" and process.returncode == 0
    finally:
        process.kill()
        process.wait()
