"""Processes that are started again, on real ones whose work is to note that they began.

Does not belong here: `mids serve` (integration/test_serving.py).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mids_assets_tests.real import PROJECT

# A worker does what the file of its turn says: serve until TERM, or end at once.
PROGRAM = """
import os, signal, sys, threading
from pathlib import Path
from mids_assets.api import processes
from mids_assets.errors import MidsError

FAILING = ()

def work(serves, folder):
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    turn = len(list(Path(folder).glob("began-*")))
    (Path(folder) / f"began-{turn}").write_text(str(os.getpid()))
    if turn in FAILING:
        sys.exit(7)
    serves()
    while not ended.wait(0.1):
        pass
    (Path(folder) / f"ended-{turn}").touch()

def say(*words):
    print(*words, flush=True)

if __name__ == "__main__":
    try:
        processes.run(
            work, (sys.argv[1],), 1,
            ready=lambda: say("ready"), ending=lambda: say("ending"), gone=lambda pid: say("gone", pid),
        )
    except MidsError as error:
        say("error", error)
"""


def start(folder: Path, failing: str) -> subprocess.Popen[str]:
    file = folder / "program.py"
    file.write_text(PROGRAM.replace("FAILING = ()", f"FAILING = {failing}"))
    return subprocess.Popen(
        [sys.executable, file, folder],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def began(folder: Path, turn: int) -> int:
    """The id of the process of a turn, once it began."""
    file = folder / f"began-{turn}"
    end = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return int(file.read_text())


def test_one_that_dies_is_replaced_also_where_the_next_ones_cannot_start(tmp_path):
    process = start(tmp_path, "(1, 2)")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    first = began(tmp_path, 0)
    os.kill(first, signal.SIGKILL)
    last = began(tmp_path, 3)
    process.terminate()
    said = process.communicate(timeout=60)[0].splitlines()
    assert process.returncode == 0
    told = [line.partition("; ")[2] for line in said if line.startswith("worker ")]
    assert told == ["another is started in 0 s", "another is started in 0.5 s", "another is started in 1 s"]
    assert [line for line in said if line.startswith(("gone", "ending"))][-2:] == ["ending", f"gone {last}"]
    assert f"gone {first}" in said
    # It was asked to end, and did what it does then.
    assert (tmp_path / "ended-3").exists()


def test_where_none_has_ever_served_it_ends_with_a_sentence(tmp_path):
    process = start(tmp_path, "(0,)")
    said = process.communicate(timeout=60)[0].splitlines()
    assert [line for line in said if not line.startswith("gone")] == [
        "ending",
        "error a worker ended with exit code 7 before it served; the lines above say why",
    ]
    assert not (tmp_path / "began-1").exists()
