"""Memory does not grow with an I12.mhd: neither on the way to JSON, nor to frames, nor for an inspection."""

import shutil
import struct
import subprocess
import sys

import pytest

from mids_assets.readers.binary_write import encode, write_record
from mids_assets.readers.layouts import I12
from mids_assets_tests.real import PROJECT
from mids_assets_tests.unit.readers.binary_support import sample_value

SMALL, LARGE = 4, 50
"""Megabytes."""
WAYS = {
    "json": "from mids_assets.readers.i12 import write_raw_json; write_raw_json(path, path.parent / 'raw')",
    "frames": "from mids_assets.readers.i12 import frame_batches; [frame.height for _, frame in frame_batches(path)]",
    "inspect": "from mids_assets.readers.inspect import inspect; assert 'error' not in inspect(path)",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One power over and over, as often as it takes."""
    value = sample_value(I12.newest, items=4)
    power: list[bytes] = []
    write_record(I12.newest, "power", value["powers"][0], None, power.append)
    whole = encode(I12.newest, value | {"powers": []})
    count_at = whole.index(b"\x0cBEGIN:POWERS") + 13
    paths = []
    for megabytes in (SMALL, LARGE):
        path = tmp_path_factory.mktemp("size") / "I12.mhd"
        powers = megabytes * 1_000_000 // len(power[0])
        with path.open("wb") as out:
            out.write(whole[:count_at] + struct.pack("<i", powers - 1))
            for _ in range(powers):
                out.write(power[0])
            out.write(whole[count_at + 4 :])
        paths.append(path)
    yield paths
    for path in paths:
        shutil.rmtree(path.parent)


@pytest.mark.parametrize("way", WAYS)
def test_a_large_file_takes_hardly_more_memory_than_a_small_one(files, way):
    small, large = (_peak_mib(WAYS[way], path) for path in files)
    assert 0 < small < 512
    assert large - small < (LARGE - SMALL) / 2


def _peak_mib(work, path):
    code = (
        f"import sys; from pathlib import Path; path = Path(sys.argv[1]); {work};"
        " from mids_assets.transform.memory import peak_mib; print(peak_mib())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout)
