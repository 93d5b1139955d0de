"""`make bench`: seconds and memory of the stages beside yardsticks of the same run; tables, and JSON in bench-results/.

Without an option the binary database: the real release where it is present (MIDS_REAL_DATA), else a made-up one.
`--exporter` measures a DataExporter folder, `--growth` folders of four sizes, `--real` the real Powers.json and ten
times that; `--full` all three at full size; `--api` the API, `--city` City of Data. Does not belong here: measuring.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import asdict
from typing import Any

from mids_assets_tests.bench import releases
from mids_assets_tests.bench.api import GOALS, P99_MS, RATE, TRIVIAL, measure_api
from mids_assets_tests.bench.binary import measure_binary
from mids_assets_tests.bench.city import measure_city
from mids_assets_tests.bench.exporter import REAL_TIMES, Steps, measure_exporter, measure_growth, measure_real
from mids_assets_tests.bench.figures import Figure, goal_table, goals_missed, stage_table, table
from mids_assets_tests.bench.stages import STAGES
from mids_assets_tests.real import CITY_OF_DATA, PROJECT, REAL

FULL = 360_659
SIZES = "10000,100000,360659,1000000"
ORM_POWERS = 20_000
LATENCIES = ("p50", "p95", "p99", "greatest")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure the stages of an import.")
    parser.add_argument("--powers", type=int, help=f"size of a made-up release (default 10,000; full size {FULL:,})")
    parser.add_argument("--no-imports", action="store_true", help="leave out the imports as a whole")
    binary = parser.add_argument_group("the binary database, without one of the options below")
    binary.add_argument("--runs", type=int, default=3, help="runs of each stage; the median counts (default 3)")
    binary.add_argument("--stages", default=",".join(STAGES), help="which, by commas (default: all)")
    parser.add_argument("--exporter", action="store_true", help="a DataExporter folder through all stages and imports")
    parser.add_argument("--growth", nargs="?", const=SIZES, metavar="SIZES", help=f"plan, parse, import of {SIZES}")
    parser.add_argument(
        "--real", action="store_true", help="plan and parse of the real Powers.json, once and ten times"
    )
    parser.add_argument(
        "--api", action="store_true", help="requests a second, and latencies while releases are published"
    )
    parser.add_argument("--city", action="store_true", help="the real export of City of Data, and the cross-check")
    parser.add_argument("--full", action="store_true", help="all three, the folder in full size")
    options = parser.parse_args()
    names = options.stages.split(",")
    if unknown := set(names) - STAGES.keys():
        parser.error(f"no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    growth = options.growth or (SIZES if options.full else "")
    _say(f"{os.cpu_count()} processors, load {_load()}")
    results: dict[str, Any] = {"processors": os.cpu_count(), "load": os.getloadavg()}
    if options.exporter or options.full:
        powers = options.powers or (FULL if options.full else 10_000)
        results["exporter"] = _exporter(powers, imports=not options.no_imports)
    if growth:
        results["growth"] = _growth([int(size) for size in growth.split(",")])
    if options.real or options.full:
        results["real"] = _real()
    if options.api:
        results["api"] = _api()
    if options.city:
        results["city"] = _city()
    if len(results) == 2:
        results |= measure_binary(names, options.runs, options.powers, imports=not options.no_imports)
    _keep({**results, "load_at_the_end": os.getloadavg()})


def _exporter(powers: int, *, imports: bool) -> dict[str, Any]:
    source = releases.exporter(powers)
    size = (source / releases.POWERS).stat().st_size
    # Of a small release a fifth: the ORM is so slow that all of it would take most of the run.
    figures, steps = measure_exporter(source, min(ORM_POWERS, max(1, powers // 5)), imports=imports)
    _say(f"\nDataExporter folder, {powers:,} powers, {size / 1e6:,.1f} MB; load now {_load()}\n")
    full = powers >= FULL
    _say(stage_table(figures, goals=full))
    # A small release is mostly the start of Dagster, which the goals are not about.
    _say("\n" + (goal_table(figures) if full else f"The goals hold for {FULL:,} powers and are not compared."))
    if steps:
        _say("\n" + _step_table(steps))
    return {
        "powers": powers,
        "figures": _plain(figures),
        "steps": steps,
        "missed": goals_missed(figures) if full else None,
    }


def _step_table(steps: Steps) -> str:
    names = list(dict.fromkeys(step for found in steps.values() for step in found))
    rows = [(name, *(_step(found.get(name), name) for found in steps.values())) for name in names]
    return table(("Step, seconds", *steps), rows)


def _step(value: float | None, name: str) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if name.startswith("events") else f"{value:.2f}"


def _growth(sizes: list[int]) -> dict[str, Any]:
    found = {size: measure_growth(size) for size in sizes}
    rows = [
        (
            figure.stage,
            f"{size:,}",
            f"{figure.bytes / 1e6:,.0f}",
            f"{figure.seconds:,.2f}",
            f"{figure.cpu_seconds:,.2f}",
            f"{1e6 * figure.cpu_seconds / figure.records:,.1f}",
            f"{figure.worker_mib or figure.process_mib:,.0f}",
            f"{figure.tree_mib:,.0f}",
        )
        for figures in zip(*found.values(), strict=True)
        for size, figure in zip(found, figures, strict=True)
    ]
    head = ("Stage", "Powers", "MB", "Seconds", "CPU s", "CPU us a power", "MiB a process", "MiB together")
    _say(f"\nGrowth; load now {_load()}\n\n" + table(head, rows))
    return {str(size): _plain(figures) for size, figures in found.items()}


def _real() -> dict[str, Any]:
    if not REAL.is_dir():
        _say(f"\nno real release at {REAL}: set MIDS_REAL_DATA")
        return {}
    found = {}
    for times in (1, REAL_TIMES):
        figures = measure_real(times)
        found[str(times)] = _plain(figures)
        name = f"{releases.REAL_RELEASE}, Powers.json" + (f" {times} times" if times > 1 else "")
        _say(f"\n{name}, {figures[0].bytes / 1e6:,.0f} MB; load now {_load()}\n\n" + stage_table(figures, goals=False))
    return found


def _api() -> dict[str, Any]:
    found = measure_api(_say)
    figures = found["figures"]
    base = next(figure for figure in figures if figure.name == TRIVIAL)
    rows = [
        (
            figure.name,
            f"{figure.per_second:,.0f}",
            f"{figure.per_second / base.per_second:.2f}",
            _goal(figure.per_second / base.per_second, GOALS.get(figure.name)),
            f"{figure.p50:.1f}",
            f"{figure.p99:.1f}",
            f"{figure.cpu_us:,.0f}",
            f"{figure.mib:,.0f}",
        )
        for figure in figures
    ]
    head = ("Answer", "Requests/s", f"x {TRIVIAL}", "At least", "p50 ms", "p99 ms", "CPU us a request", "MiB")
    _say("\n" + table(head, rows))
    publishing = found["publishing"]
    times = [
        ("in peace", publishing["in peace"]),
        *(("while publishing", each) for each in publishing["while publishing"]),
    ]
    rows = [
        (
            name,
            f"{told['requests']:,}",
            str(told["errors"]),
            *(f"{told[at]:.1f}" for at in ("p50", "p95", "p99", "greatest")),
        )
        for name, told in times
    ]
    _say("\n" + table((f"{RATE:.0f} requests/s", "Requests", "Errors", "p50 ms", "p95 ms", "p99 ms", "Greatest"), rows))
    _say(f"goal: p99 under {P99_MS:.0f} ms; publishes took {', '.join(f'{s:.1f}' for s in publishing['publishes'])} s")
    return {**found, "figures": [asdict(figure) for figure in figures]}


def _city() -> dict[str, Any]:
    if not CITY_OF_DATA.is_file():
        _say(f"\nno export at {CITY_OF_DATA}: set MIDS_REAL_DATA")
        return {}
    text, found = measure_city()
    _say(f"\nCity of Data; load now {_load()}\n\n{text}")
    return found


def _goal(reached: float, least: float | None) -> str:
    return "" if least is None else f"{least:g}, {'met' if reached >= least else 'missed'}"


def _plain(figures: list[Figure]) -> list[dict[str, Any]]:
    return [asdict(figure) for figure in figures]


def _load() -> str:
    return ", ".join(f"{value:.2f}" for value in os.getloadavg())


def _keep(results: dict[str, Any]) -> None:
    folder = PROJECT / "bench-results"
    folder.mkdir(exist_ok=True)
    target = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    target.write_text(json.dumps(results, indent=2))
    _say(f"\nwritten to {target.relative_to(PROJECT)}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
