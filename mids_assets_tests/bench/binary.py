"""The bench of a binary database: each stage in a process of its own, the median of several runs.

Seconds are processor time of the stage (user and system), which others on the machine disturb least, and ratios are
to the yardsticks of the same run. Does not belong here: the stages (`stages`), a DataExporter folder (`exporter`).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mids_assets_tests.bench.stages import Inputs
from mids_assets_tests.bench.whole_imports import measure_imports
from mids_assets_tests.real import PROJECT, REAL, release

_LINE = "{:<24}{:>9}{:>9}{:>12}{:>13}{:>17}{:>10}"


def measure_binary(names: Sequence[str], runs: int, powers: int | None, *, imports: bool) -> dict[str, Any]:
    """Measure and print; what goes into the JSON. Without `powers` the real release, where it is present."""
    with tempfile.TemporaryDirectory(prefix="mids-bench-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        source = _source(base, powers)
        inputs = Inputs(source / "I12.mhd", base / "raw" / "i12.json", base)
        if {"json.load", "chunk plan"} & set(names):
            _write_json(inputs)
        figures = [_figure(name, inputs, runs) for name in names]
        _compare(figures)
        _print_stages(source, inputs, figures)
        if imports:
            for name, (seconds, peak) in measure_imports(source, base).items():
                print(f"{name:<24}{seconds:>9.2f} s{peak:>9.0f} MiB")
                figures.append({"stage": name, "seconds": seconds, "peak_mib": peak})
    return {"source": source.name, "figures": figures}


def _source(base: Path, powers: int | None) -> Path:
    if powers is None and REAL.is_dir():
        return release("homecoming-2022-03-31")
    command = ["-m", "mids_assets.cli", "sample", str(base / "sample"), "--format", "mhd"]
    _child([*command, "--powers", str(powers or 10_000)])
    return base / "sample"


def _write_json(inputs: Inputs) -> None:
    code = "import sys; from pathlib import Path; from mids_assets.readers.i12 import write_raw_json as write"
    _child(["-c", f"{code}; write(Path(sys.argv[1]), Path(sys.argv[2]))", str(inputs.i12), str(inputs.i12_json.parent)])


def _figure(name: str, inputs: Inputs, runs: int) -> dict:
    """The median run, its figures for the whole file where the stage did a part."""
    paths = [str(inputs.i12), str(inputs.i12_json), str(inputs.scratch)]
    told = [json.loads(_child(["-m", "mids_assets_tests.bench.stages", name, *paths])) for _ in range(runs)]
    run = sorted(told, key=lambda one: one["cpu_seconds"])[len(told) // 2]
    work, share = run["work"], run["work"]["bytes"] / run["work"]["of_bytes"]
    return {
        "stage": name,
        "seconds": run["cpu_seconds"] / share,
        "wall_seconds": run["seconds"] / share,
        "megabytes_per_second": work["bytes"] / 1e6 / run["cpu_seconds"],
        "records_per_second": work["records"] / run["cpu_seconds"],
        "peak_mib": run["peak_mib"],
        "measured_share": share,
    }


def _compare(figures: list[dict]) -> None:
    seconds = {figure["stage"]: figure["seconds"] for figure in figures}
    for yardstick in ("json.load", "field by field"):
        if yardstick in seconds:
            for figure in figures:
                figure[f"of {yardstick}"] = figure["seconds"] / seconds[yardstick]


def _print_stages(source: Path, inputs: Inputs, figures: list[dict]) -> None:
    print(f"{source.name}: I12.mhd has {inputs.i12.stat().st_size / 1e6:,.1f} MB")
    print(_LINE.format("stage", "seconds", "MB/s", "records/s", "x json.load", "x field by field", "peak MiB"))
    for figure in figures:
        ratios = [figure.get(f"of {yardstick}") for yardstick in ("json.load", "field by field")]
        print(
            _LINE.format(
                figure["stage"] + (" *" if figure["measured_share"] < 1 else ""),
                f"{figure['seconds']:.2f}",
                f"{figure['megabytes_per_second']:,.1f}",
                f"{figure['records_per_second']:,.0f}",
                *("" if ratio is None else f"{ratio:.3f}" for ratio in ratios),
                f"{figure['peak_mib']:.0f}",
            )
        )
    if any(figure["measured_share"] < 1 for figure in figures):
        print("* measured on the beginning of the file, seconds for the whole by proportion")


def _child(args: list[str]) -> str:
    done = subprocess.run([sys.executable, *args], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(args[:4])} ended with {done.returncode}")
    return done.stdout
