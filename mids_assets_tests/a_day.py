"""A day of the daemon in a minute: every sensor and schedule of a code location, at the time that a test passes in.

What Dagster's daemon does between a tick and its run is done here in its order: cursors are kept, a run key is used
once, events of a tick are recorded, schedules fire at their minute. Runs are executed in this process, on the real
instance. The daemon's own loop takes half a second for a tick that finds nothing, so 24 hours would take half an hour.
Does not belong here: what goes wrong on that day, and what is expected.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time
from dagster._utils.schedules import schedule_execution_time_iterator

from mids_assets_tests.code_location import QUIET

MINUTE = 60


class Day:
    """A daemon that begins at `start`. `minutes(n)` lets so many pass."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance, start: datetime, clock: Clock) -> None:
        self.defs, self.instance, self.clock = defs, instance, clock
        self.now = start.timestamp()
        self.cursors: dict[str, str | None] = {}
        self.looked: dict[str, float] = {}
        self.run_keys: set[str] = set()
        self.slowest: dict[str, float] = {}
        """Seconds of the longest tick of each sensor that did not lead to a run."""

    def minutes(self, number: int) -> None:
        repository = self.defs.get_repository_def()
        for _ in range(number):
            self.now += MINUTE
            self.clock.set(self.now)
            # Of moments that Dagster takes by other ways than time.time.
            with freeze_time(self.now):
                for schedule in repository.schedule_defs:
                    self._schedule(schedule)
                for sensor in repository.sensor_defs:
                    if self.now - self.looked.get(sensor.name, 0) >= (sensor.minimum_interval_seconds or 0):
                        self.looked[sensor.name] = self.now
                        self._sensor(sensor, repository)

    def _schedule(self, schedule: dg.ScheduleDefinition) -> None:
        moment = next(
            schedule_execution_time_iterator(
                self.now - MINUTE + 1, schedule.cron_schedule, schedule.execution_timezone, ascending=True
            )
        )
        if moment.timestamp() <= self.now:
            context = dg.build_schedule_context(self.instance, scheduled_execution_time=moment)
            for request in schedule.evaluate_tick(context).run_requests or []:
                self._run(request, schedule.job_name, dg.DagsterRun.tags_for_schedule(schedule))

    def _sensor(self, sensor: dg.SensorDefinition, repository: dg.RepositoryDefinition) -> None:
        cursor = self.cursors.get(sensor.name)
        begun = time.perf_counter()
        context = dg.build_sensor_context(self.instance, cursor=cursor, repository_def=repository)
        found = sensor.evaluate_tick(context)
        seconds = time.perf_counter() - begun
        self.cursors[sensor.name] = found.cursor
        for event in found.asset_events:
            self.instance.report_runless_asset_event(event)
        for request in found.run_requests or []:
            self._run(request, request.job_name or sensor.job_name, dg.DagsterRun.tags_for_sensor(sensor))
        if not found.run_requests:
            self.slowest[sensor.name] = max(seconds, self.slowest.get(sensor.name, 0.0))

    def _run(self, request: dg.RunRequest, job: str | None, launcher: Mapping[str, str]) -> None:
        if request.run_key is not None:
            if request.run_key in self.run_keys:
                return
            self.run_keys.add(request.run_key)
        self.defs.resolve_job_def(str(job)).execute_in_process(
            instance=self.instance,
            run_config={**QUIET, **request.run_config},
            tags={**launcher, **request.tags},
            asset_selection=request.asset_selection,
            raise_on_error=False,
        )


class Clock:
    """`time.time` of this process: goes on by itself, from where it was set."""

    def __init__(self, real: Any) -> None:
        self._real, self._ahead = real, 0.0

    def set(self, moment: float) -> None:
        self._ahead = moment - self._real()

    def __call__(self) -> float:
        return self._real() + self._ahead


@contextmanager
def moved_clock() -> Iterator[Clock]:
    clock = Clock(time.time)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", clock)
        yield clock


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of a day in the past: what PostgreSQL notes by its own clock comes after it, so that no look of that day
    is taken for one after a failure."""
    return datetime(2024, 6, 1, hour, minute, tzinfo=UTC)
