"""The bench of City of Data: reading the real export beside json.load of its files, and the cross-check.

Belongs here: which stages run on what, the table and the goals. Does not belong here: the stages (`city_stages`).
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mids_assets_tests.bench.city_stages import CROSS_CHECK, JSON_LOAD, PACK, READ
from mids_assets_tests.bench.figures import Figure, best, table
from mids_assets_tests.bench.watching import watch
from mids_assets_tests.real import CITY_OF_DATA, city_of_data_folder, release

AGAINST = "homecoming-2021-03-31"
READ_TIMES = 2.0
"""How many times the seconds of json.load of all files the reading may take."""
CROSS_SECONDS, CROSS_MIB = 10.0, 700.0
_RUNS = 3


def measure_city() -> tuple[str, dict[str, Any]]:
    """The table and the plain figures. Every stage is run three times in turn with the others, and the best counts."""
    folder = city_of_data_folder()
    with TemporaryDirectory(prefix="mids-bench-") as scratch:
        base = Path(scratch)
        sides = [_tables(release(AGAINST), base / "ours"), _tables(CITY_OF_DATA, base / "theirs")]
        places = [str(folder), str(base / "CityOfData.zip"), *map(str, sides)]
        runs = [[_stage(name, places) for name in (JSON_LOAD, PACK, READ, CROSS_CHECK)] for _ in range(_RUNS)]
    figures = [best(found) for found in zip(*runs, strict=True)]
    return _table(figures), {"figures": [asdict(figure) for figure in figures]}


def _table(figures: list[Figure]) -> str:
    base = next(figure.seconds for figure in figures if figure.stage == JSON_LOAD)
    head = ("Stage", "Seconds", f"x {JSON_LOAD}", "At most", "MiB")
    return table(
        head,
        [
            (f.stage, f"{f.seconds:.2f}", f"{f.seconds / base:.2f}", _goal(f, base), f"{f.process_mib:,.0f}")
            for f in figures
        ],
    )


def _goal(figure: Figure, base: float) -> str:
    if figure.stage == READ:
        return _met(f"{READ_TIMES:g} x", figure.seconds <= READ_TIMES * base)
    if figure.stage == CROSS_CHECK:
        met = figure.seconds <= CROSS_SECONDS and figure.process_mib <= CROSS_MIB
        return _met(f"{CROSS_SECONDS:g} s, {CROSS_MIB:g} MiB", met)
    return ""


def _met(goal: str, met: bool) -> str:
    return f"{goal}, {'met' if met else 'missed'}"


def _tables(source: Path, out: Path) -> Path:
    watch(["-m", "mids_assets.cli", "export", str(source), str(out), "--format", "parquet"])
    return out / "tables"


def _stage(name: str, places: list[str]) -> Figure:
    watched = watch(["-m", "mids_assets_tests.bench.city_stages", name, *places])
    told: dict[str, Any] = json.loads(watched.stdout)
    print(f"{name}: {told['seconds']:,.2f} s", file=sys.stderr, flush=True)
    work = told["work"]
    mib = max(watched.process_mib, told["peak_mib"])
    return Figure(name, told["seconds"], told["cpu_seconds"], work["bytes"], work["records"], mib, watched.tree_mib)
