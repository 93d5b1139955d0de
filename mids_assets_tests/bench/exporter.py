"""The DataExporter bench: a made-up folder of any size through all stages and imports, beside two yardsticks.

Belongs here: which stages run, in which order and on what. Does not belong here: the stages themselves
(`exporter_stages`, `whole_imports`, `orm`), the files (`releases`), the table (`figures`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mids_assets.warehouse.connection import database_url
from mids_assets_tests.bench import releases
from mids_assets_tests.bench.exporter_stages import OF_FILE, STAGES
from mids_assets_tests.bench.figures import CHANGED, FIRST, ORM, UNCHANGED, YARDSTICK, Figure, best
from mids_assets_tests.bench.watching import Watched, watch
from mids_assets_tests.bench.whole_imports import Place, place, run_import

GROWTH = ("store and raw", "plan", "parse, 2 workers")
REAL_TIMES = 10


Steps = dict[str, dict[str, float]]
"""Import -> step -> seconds."""


def measure_exporter(source: Path, orm_powers: int, *, imports: bool = True) -> tuple[list[Figure], Steps]:
    """All figures, and the seconds of the imports' steps (empty without imports).

    json.load is measured at the beginning, in the middle and at the end; the best of the three counts, because that
    makes every ratio the largest.
    """
    steps: Steps = {}
    with _scratch() as base:
        loads = [_stage(YARDSTICK, source, base)]
        figures = [_stage(name, source, base) for name in STAGES if name != YARDSTICK]
        loads.append(_stage(YARDSTICK, source, base))
        if imports:
            with place(base / "place") as where:
                figures += _imports(where, source, loads[0], steps)
                figures.append(_orm(where, source, base / "head.json", orm_powers))
        loads.append(_stage(YARDSTICK, source, base))
    return [best(loads), *figures], steps


def measure_growth(powers: int) -> list[Figure]:
    """What has to grow like the file, on a file of one size: plan, parse and first import."""
    source = releases.exporter(powers)
    with _scratch() as base:
        figures = [_stage(name, source, base) for name in GROWTH]
        with place(base / "place") as where:
            watched, _ = run_import(where, source)
            figures.append(_import_figure(FIRST, watched, figures[0]))
    return figures


def measure_real(times: int) -> list[Figure]:
    """Plan and parse of the real Powers.json, `times` over; json.load of that file once, the rest by proportion."""
    once, many = releases.real_powers(1), releases.real_powers(times)
    with _scratch() as base:
        load = _of_file(YARDSTICK, once, base)
        if times > 1:
            share = once.stat().st_size / many.stat().st_size
            load = Figure(
                YARDSTICK,
                load.seconds / share,
                load.cpu_seconds / share,
                many.stat().st_size,
                load.records * times,
                load.process_mib,
                load.tree_mib,
                share=share,
            )
        return [load, *(_of_file(name, many, base) for name in OF_FILE if name != YARDSTICK)]


def _imports(where: Place, source: Path, whole: Figure, steps: Steps) -> Iterator[Figure]:
    first, _ = run_import(where, source)
    yield _import_figure(FIRST, first, whole)
    steps[FIRST] = _steps(where)
    unchanged, _ = run_import(where, source, action="nothing_to_do")
    yield _import_figure(UNCHANGED, unchanged, whole)
    changed, _ = run_import(where, releases.changed(source))
    yield _import_figure(CHANGED, changed, whole)
    steps[CHANGED] = _steps(where)


def _steps(where: Place) -> dict[str, float]:
    """Of the import that was last."""
    return json.loads(watch(["-m", "mids_assets_tests.bench.steps"], where.env).stdout)


def _orm(where: Place, source: Path, head: Path, powers: int) -> Figure:
    """On the first powers only: the whole would take longer than everything else together."""
    releases.head(source, powers, head)
    url = database_url(where.settings).replace("postgresql://", "postgresql+psycopg2://", 1)
    watched = watch(["-m", "mids_assets_tests.bench.orm", url, str(head)], where.env)
    told = json.loads(watched.stdout)
    everything = source / releases.POWERS
    total = sum(1 for _ in releases.records(everything))
    share = told["work"]["records"] / total
    return _said(
        ORM,
        told["seconds"] / share,
        told["cpu_seconds"] / share,
        everything.stat().st_size,
        total,
        watched.process_mib,
        watched.tree_mib,
        share=share,
    )


def _stage(name: str, source: Path, base: Path) -> Figure:
    return _measured(name, source, source / releases.POWERS, base, "data_exporter_i12")


def _of_file(name: str, powers: Path, base: Path) -> Figure:
    return _measured(name, powers, powers, base, "mids_zip")


def _measured(name: str, source: Path, powers: Path, base: Path, shape: str) -> Figure:
    args = ["-m", "mids_assets_tests.bench.exporter_stages", name, str(source), str(powers), str(base), shape]
    watched = watch(args)
    told: dict[str, Any] = json.loads(watched.stdout)
    return _said(
        name,
        told["seconds"],
        told["cpu_seconds"],
        told["work"]["bytes"],
        told["work"]["records"],
        max(watched.process_mib, told["peak_mib"]),
        max(watched.tree_mib, told["peak_mib"]),
        told["work"]["worker_mib"],
    )


def _import_figure(name: str, watched: Watched, whole: Figure) -> Figure:
    return _said(
        name,
        watched.seconds,
        watched.cpu_seconds,
        whole.bytes,
        whole.records,
        watched.process_mib,
        watched.tree_mib,
    )


def _said(*values: Any, **more: Any) -> Figure:
    """The figure, told on stderr as well: a full run takes a quarter of an hour."""
    figure = Figure(*values, **more)
    print(f"{figure.stage}: {figure.seconds:,.2f} s", file=sys.stderr, flush=True)
    return figure


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder that the embedded server's user can enter as well."""
    with TemporaryDirectory(prefix="mids-bench-") as folder:
        base = Path(folder)
        base.chmod(0o755)
        yield base
