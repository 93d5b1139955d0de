"""A whole first import under a limit of memory, PostgreSQL apart: 1.5 GiB for the command and its workers together."""

from __future__ import annotations

import json

import pytest

from mids_assets_tests.bench.watching import watch

LIMIT_MIB = 1536
POWERS = 60_000
"""69 MB in nine chunks: both workers are busy, and tables and publish go through several batches."""

HOLDER = """
import subprocess, sys, time
held = b"x" * (int(sys.argv[1]) << 20)
if len(sys.argv) > 2:
    subprocess.run([sys.executable, "-c", sys.argv[2], sys.argv[1]], check=True)
time.sleep(0.5)
"""


def test_a_first_import_passes_under_the_limit(world, tmp_path):
    source = tmp_path / "source"
    world.mids("sample", str(source), "--powers", str(POWERS), "--format", "exporter")
    done = watch(
        ["-m", "mids_assets.cli", "import", str(source), "--json"],
        {**world.environment, "MIDS_WORKERS": "2"},
        limit_mib=LIMIT_MIB,
    )
    told = json.loads(done.stdout)
    assert told["action"] == "published" and told["realms"]["homecoming"]["tables"]["power"] == POWERS
    # Workers were watched with the command, and what the whole is meant to take is less than the limit.
    assert done.process_mib < done.tree_mib <= 1024 and done.process_mib <= 700


def test_the_limit_ends_who_takes_more():
    """One process that allocates too much gets a MemoryError; several that do so together are killed."""
    assert watch(["-c", HOLDER, "100", HOLDER], limit_mib=400).tree_mib > 200
    with pytest.raises(SystemExit, match="ended with 1"):
        watch(["-c", HOLDER, "600"], limit_mib=400)
    with pytest.raises(SystemExit, match=r"took .* more than 400"):
        watch(["-c", HOLDER, "300", HOLDER], limit_mib=400)
