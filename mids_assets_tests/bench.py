"""`make bench`: seconds and peak memory of each stage, each in a process of its own, beside yardsticks of the same run.

Yardsticks: `json.load` of the powers as JSON, and reading the binary file field by field. Figures are ratios to the
first, since machines differ. Reads the real release where it is present (MIDS_REAL_DATA), else a made-up one.
Prints a table, and writes it as JSON to bench-results/.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from mids_assets.settings import Settings
from mids_assets.warehouse import embedded
from mids_assets_tests.real import PROJECT, REAL, release

STAGES = {
    "json.load": "import json, sys; json.load(open(sys.argv[2]))",
    "field by field": (
        "import sys; from pathlib import Path; from mids_assets.readers.binary_exact import ExactReader;"
        " from mids_assets.readers.layouts.i12 import I12; d = Path(sys.argv[1]).read_bytes();"
        " ExactReader(d, I12.newest, file='I12.mhd').record('file', None)"
    ),
    "binary to raw JSON": (
        "import sys, tempfile; from pathlib import Path; from mids_assets.readers.i12 import write_raw_json;"
        " write_raw_json(Path(sys.argv[1]), Path(tempfile.mkdtemp(dir=sys.argv[3])))"
    ),
    "binary to frames": (
        "import sys; from pathlib import Path; from mids_assets.readers.i12 import read_frames;"
        " read_frames(Path(sys.argv[1]))"
    ),
    "chunk plan": (
        "import sys; from pathlib import Path; from mids_assets.readers.json_scan import plan_chunks;"
        " plan_chunks(Path(sys.argv[2]), 8 << 20)"
    ),
}


@dataclass(frozen=True)
class Figure:
    stage: str
    seconds: float
    ratio: float
    peak_mib: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=3, help="runs of each stage; the median counts")
    parser.add_argument("--powers", type=int, default=10_000, help="size of the made-up release without real data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mids-bench-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        source = release("homecoming-2022-03-31") if REAL.is_dir() else _sample(base, options.powers)
        raw = base / "raw"
        raw.mkdir()
        _run(["-c", STAGES["binary to raw JSON"], str(source / "I12.mhd"), "", str(raw)])
        i12_json = next(raw.rglob("i12.json"))
        measured = [
            _median(name, ["-c", code, str(source / "I12.mhd"), str(i12_json), folder], options.runs)
            for name, code in STAGES.items()
        ]
        measured += _imports(source, base)
    yardstick = measured[0][1]
    figures = [Figure(name, seconds, seconds / yardstick, peak) for name, seconds, peak in measured]
    print(f"{'stage':<24}{'seconds':>10}{'x json.load':>14}{'peak MiB':>10}")
    for figure in figures:
        print(f"{figure.stage:<24}{figure.seconds:>10.2f}{figure.ratio:>14.2f}{figure.peak_mib:>10.0f}")
    results = PROJECT / "bench-results"
    results.mkdir(exist_ok=True)
    target = results / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    target.write_text(json.dumps({"source": source.name, "figures": [asdict(figure) for figure in figures]}, indent=2))
    print(f"written to {target.relative_to(PROJECT)}")


def _imports(source: Path, base: Path) -> list[tuple[str, float, float]]:
    """Whole imports by the command: the first, the unchanged one, and one forced."""
    settings = Settings(data_dir=base / "data")
    home = base / "dagster_home"
    home.mkdir()
    (home / "dagster.yaml").write_text((PROJECT / "dagster_home" / "dagster.yaml").read_text())
    env = {**os.environ, "MIDS_DATA_DIR": str(settings.data_dir), "DAGSTER_HOME": str(home)}
    command = ["-m", "mids_assets.cli", "import", str(source), "--json"]
    try:
        return [
            ("first import", *_run(command, env)),
            ("unchanged import", *_run(command, env)),
            ("forced import", *_run([*command, "--force"], env)),
        ]
    finally:
        embedded.stop(settings, force=True)


def _sample(base: Path, powers: int) -> Path:
    from mids_assets.sample import write_sample

    write_sample(base / "sample", powers=powers, file_format="mhd")
    return base / "sample"


def _median(name: str, args: list[str], runs: int) -> tuple[str, float, float]:
    found = sorted(_run(args) for _ in range(runs))
    return (name, *found[len(found) // 2])


def _run(args: list[str], env: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of one child; its children count when they are larger."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *args], env=env, cwd=PROJECT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(args[:2])} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
