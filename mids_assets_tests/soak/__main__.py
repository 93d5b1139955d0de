"""`make soak`: publishes, readers, backups and sensors together for some minutes; tables, JSON in bench-results/, and
exit code 1 where a bound is broken.

It works on a server, a data folder and a Dagster instance of its own, which are gone afterwards; nothing leaves this
machine. Does not belong here: what goes on (load.py), what is measured (growth.py), the bounds (verdict.py).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from mids_assets import clock
from mids_assets_tests.conftest import World, make_world
from mids_assets_tests.e2e.dg_dev import dg_dev
from mids_assets_tests.real import PROJECT
from mids_assets_tests.servers import open_folder, temporary_settings
from mids_assets_tests.soak import growth, load
from mids_assets_tests.soak.variants import Variants, make_variants
from mids_assets_tests.soak.verdict import Soak, bound_table, bounds, growth_table, latency_table, work_table

KEPT = 3
ENV = {"MIDS_KEEP_RELEASES": str(KEPT), "MIDS_LANDING_SECONDS": "5", "MIDS_BACKUP_BEFORE_SHARE": "inf"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make soak", description="A bounded load test of a whole installation.")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long releases are published (default 5)")
    parser.add_argument("--readers", type=int, default=20, help="connections that query all the time (default 20)")
    parser.add_argument("--powers", type=int, default=10_000, help="size of the release (default 10,000)")
    parser.add_argument("--backup-seconds", type=float, default=45.0, help="between two backups (default 45)")
    parser.add_argument("--quiet-seconds", type=float, default=15.0, help="wait for what ends by itself (default 15)")
    options = parser.parse_args()
    with open_folder() as folder, temporary_settings(folder) as settings:
        world = make_world(settings, folder)
        soak = run(world, folder, options)
    found = bounds(soak)
    latencies, grown = latency_table(soak.reading, soak.publishes), growth_table(soak.samples)
    _say("\n" + "\n\n".join((work_table(soak), latencies, grown, bound_table(found))))
    for error in (*filter(None, (p.error for p in soak.publishes)), *soak.backups.errors, *soak.reading.errors[:5]):
        _say(f"error: {error}")
    _keep(options, soak)
    sys.exit(any(bound.held is False for bound in found))


def run(world: World, folder: Path, options: argparse.Namespace) -> Soak:
    with tempfile.TemporaryDirectory(prefix="soak-", dir=folder) as place:
        work = Path(place)
        variants = make_variants(work / "base", options.powers)
        _say(
            f"{os.cpu_count()} processors; {options.powers:,} powers, {len(variants.marked):,} of them change each time"
        )
        first = load.publish(world, variants, 1, work, ENV)
        if first.error:
            raise SystemExit(f"the first release was not published: {first.error}")
        _say(f"first release published after {first.seconds:.1f} s")
        with dg_dev(world, **ENV) as ui, growth.sampling(world, ui.process.pid, 5.0) as samples:
            with (
                load.reading(world, variants.marked, options.readers, work) as reading,
                load.backing_up(world, options.backup_seconds, ENV) as backups,
            ):
                publishes = _publish_on(world, variants, work, options.minutes)
            time.sleep(options.quiet_seconds)
        stored = world.query("SELECT count(*) FROM mids.release WHERE pruned_at IS NULL")[0][0]
        ticks = dict(world.dagster_query("SELECT status, count(*) FROM job_ticks GROUP BY status"))
        failed = world.dagster_query("SELECT count(*) FROM runs WHERE status = 'FAILURE'")[0][0]
        events, runs = _after_housekeeping(world)
    return Soak(
        publishes=publishes,
        reading=reading,
        backups=backups,
        samples=samples,
        ticks=sum(ticks.values()),
        failed_ticks=ticks.get("FAILURE", 0),
        failed_runs=failed,
        stored=stored,
        kept=KEPT,
        events_kept=events,
        runs_kept=runs,
    )


def _publish_on(world: World, variants: Variants, work: Path, minutes: float) -> list[load.Publish]:
    """One release after another until the time is over, at least one."""
    end, found = time.monotonic() + 60 * minutes, []
    while not found or time.monotonic() < end:
        publish = load.publish(world, variants, len(found) + 2, work, ENV)
        found.append(publish)
        _say(
            f"release {publish.number} by {publish.how}: {publish.error or f'published after {publish.seconds:.1f} s'}"
        )
    return found


def _after_housekeeping(world: World) -> tuple[int, int]:
    """Rows of the event log and runs that are left by the housekeeping of the day on which all of this is old."""
    os.environ.update(world.environment)
    from mids_assets.automation.housekeeping import tidy_up
    from mids_assets.definitions import build_definitions
    from mids_assets.storage import open_instance

    graph = build_definitions(world.settings).resolve_asset_graph()
    with open_instance() as instance:
        tidy_up(
            instance,
            world.settings,
            assets=graph.get_all_asset_keys(),
            checks=graph.asset_check_keys,
            now=clock.now() + timedelta(days=world.settings.keep_run_days + 1),
        )
    (events,), (runs,) = world.dagster_query("SELECT count(*) FROM event_logs UNION ALL SELECT count(*) FROM runs")
    return events, runs


def _keep(options: argparse.Namespace, soak: Soak) -> None:
    folder = PROJECT / "bench-results"
    folder.mkdir(exist_ok=True)
    target = folder / f"soak-{time.strftime('%Y%m%d-%H%M%S')}.json"
    plain = {"options": vars(options), **asdict(soak), "bounds": [asdict(bound) for bound in bounds(soak)]}
    target.write_text(json.dumps(plain, indent=1))
    _say(f"\nwritten to {target.relative_to(PROJECT)}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
