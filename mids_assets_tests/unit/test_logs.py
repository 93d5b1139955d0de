"""Log lines: as JSON, what stands in each, what is taken out, and who writes them; those of a server as text."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from contextvars import copy_context
from types import SimpleNamespace

import pytest

from mids_assets.errors import UserError
from mids_assets.logs import ABOUT, JsonFormatter, about
from mids_assets.settings import log_format
from mids_assets_tests.real import PROJECT


def line(message: str, *args, error: BaseException | None = None, **more) -> dict:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("mids_assets.x", logging.WARNING, __file__, 1, message, args, info)
    vars(record).update(more)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_says_when_where_and_what_it_is_about():
    def inside() -> tuple[dict, dict]:
        before = line("Eins\n%s", "zwei")
        about(run_id="r", realm="homecoming", release=None)
        about(release="abc", run_id=None)
        return before, line("x")

    before, after = copy_context().run(inside)
    assert before.pop("time").endswith("+00:00")
    assert before == {"level": "warning", "logger": "mids_assets.x", "message": "Eins\nzwei", **dict.fromkeys(ABOUT)}
    assert {name: after[name] for name in ABOUT} == {
        "run_id": "r", "realm": "homecoming", "release": "abc", "build": None,
    }  # fmt: skip
    assert line("y")["run_id"] is None
    assert copy_context().run(lambda: (about(run_id="r"), about(anew=True, realm="x"), line("z")))[2]["run_id"] is None


def test_passwords_are_taken_out_of_messages_and_errors():
    url = "postgresql://u:hunter2secret@h/d"
    try:
        raise ValueError(url)
    except ValueError as error:
        told = line("cannot open %s", url, error=error)
    assert "hunter2secret" not in json.dumps(told) and "ValueError" in told["error"] and "****" in told["message"]


def test_a_line_of_a_run_is_about_that_run_and_names_the_root_of_its_error():
    root = SimpleNamespace(cls_name="SourceError", message="Recipe.mhd is cut off\n", cause=None)
    event = SimpleNamespace(event_specific_data=SimpleNamespace(error=SimpleNamespace(cause=root)))
    meta = {
        "run_id": "r1", "job_tags": {"mids/realm": "rebirth", "mids/build": "b"}, "step_key": "raw",
        "orig_message": "Execution of step failed.", "dagster_event": event,
    }  # fmt: skip
    found = line("long text of Dagster", dagster_meta=meta)
    assert (found["message"], found["step"]) == ("Execution of step failed.", "raw")
    assert [found[name] for name in ABOUT] == ["r1", "rebirth", None, "b"]
    assert found["error"] == "SourceError: Recipe.mhd is cut off"


def test_the_format_is_one_of_two():
    assert [log_format({}), log_format({"MIDS_LOG_FORMAT": "JSON"})] == ["text", "json"]
    with pytest.raises(UserError, match="MIDS_LOG_FORMAT='yaml' is neither"):
        log_format({"MIDS_LOG_FORMAT": "yaml"})


@pytest.mark.parametrize("whole", [True, False])
def test_who_writes_json(whole):
    code = f"""
import logging, warnings
from mids_assets.logs import configure
for _ in range(2):
    configure(whole_process={whole})
logging.getLogger("mids_assets.a").info("ours")
logging.getLogger("other").warning("theirs")
if {whole}:
    warnings.warn("old")
    raise ValueError("a\\nb")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={"MIDS_LOG_FORMAT": "json"}, cwd=PROJECT, capture_output=True, text=True
    )
    lines = done.stderr.splitlines()
    if not whole:
        assert json.loads(lines[0])["message"] == "ours" and lines[1:] == ["theirs"]
        return
    found = [json.loads(one) for one in lines]
    assert [one["logger"] for one in found] == ["mids_assets.a", "other", "py.warnings", "mids_assets"]
    assert found[3]["level"] == "critical" and found[3]["error"].endswith("ValueError: a b") and done.returncode == 1


def test_lines_of_a_server_are_text_with_the_moment_and_without_passwords():
    """Also the trace of an error, which a library wrote."""
    code = (
        "import logging; from mids_assets import logs; logs.configure_server(); log = logging.getLogger('library')\n"
        "try: raise ValueError('postgresql://a:secret-word@b/c')\n"
        "except ValueError: log.exception('it failed: %s', 'password=other-secret')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PATH": ""}, cwd=PROJECT, capture_output=True, text=True, check=True
    )
    first, *_, last = done.stderr.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \S+ ERROR library: it failed: password=\*\*\*\*", first)
    assert last == "ValueError: postgresql://a:****@b/c"
    assert "secret" not in done.stderr
