"""The soak itself: it runs, and a reader that sees parts of two releases says so."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from mids_assets.settings import PROJECT_ROOT
from mids_assets_tests.soak import load
from mids_assets_tests.soak.variants import make_variants


def test_a_short_soak():
    """One release after the first, four readers, one backup; the bounds of what grows need a longer one."""
    options = ["--minutes", "0", "--readers", "4", "--powers", "1000", "--quiet-seconds", "0"]
    done = subprocess.run(
        [sys.executable, "-m", "mids_assets_tests.soak", *options],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = [line for line in done.stdout.splitlines() if line.startswith("written to ")]
    target = PROJECT_ROOT / written.removeprefix("written to ")
    found = json.loads(target.read_text())
    target.unlink()
    assert [publish["error"] for publish in found["publishes"]] == [None]
    assert len(found["reading"]["answers"]) > 20 and found["backups"]["bytes"] and found["ticks"]
    assert {question for question, _, _ in found["reading"]["answers"]} >= {"whole release", "one power"}


def test_a_reader_tells_parts_of_two_releases(world, tmp_path):
    variants = make_variants(tmp_path / "base", 1000)
    assert load.publish(world, variants, 1, tmp_path, {}).error is None
    with load.reading(world, variants.marked, 1, tmp_path) as whole:
        time.sleep(2)
    assert whole.answers and not whole.errors
    (tmp_path / "stop").unlink()
    changed = f"UPDATE homecoming.power SET recharge_time = 7 WHERE full_name = '{variants.marked[3]}'"
    world.mids("db", "psql", "-c", changed)
    with load.reading(world, variants.marked, 1, tmp_path) as torn:
        time.sleep(3)
    assert torn.errors and all(
        "parts of two releases: 10 of 10 powers, numbers ['1.0', '7.0']" in e for e in torn.errors
    )
