"""Whoever listens sees every stage reach its end, in whatever order its units come; nobody listening costs nothing."""

import pytest

from mids_assets.progress import Interval, Pace, Progress, duration, finished, listening, report


def test_units_in_any_order_count_up_once_each():
    seen: list[Progress] = []
    with listening(seen.append):
        for unit in ("recipe", "power", "recipe", "salvage"):
            finished("tables", unit, 3)
    assert [progress.done for progress in seen] == [1, 2, 2, 3]
    with listening(seen.append):
        finished("tables", "power", 3)
    assert seen[-1] == Progress("tables", 1, 3, "power")


def test_nobody_listens_afterwards():
    seen: list[Progress] = []
    with listening(seen.append):
        report("raw", 1, 2)
    report("raw", 2, 2)
    finished("raw", "x", 2)
    assert seen == [Progress("raw", 1, 2)]


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pace_is_records_a_second_and_the_time_that_is_left():
    clock = Clock()
    pace = Pace(100_000, clock)
    assert str(pace) == ""
    clock.now += 2
    pace.add(25_000)
    assert str(pace) == "25,000 records, 12,500/s, 6 s left"
    clock.now += 2
    pace.add(75_000)
    assert str(pace) == "100,000 records, 25,000/s"


def test_pace_without_any_time_is_no_division_by_zero():
    pace = Pace(10, Clock())
    pace.add(10)
    assert str(pace) == "10 records, 10,000/s"


def test_an_interval_grows_so_that_a_long_run_says_little():
    clock = Clock()
    interval = Interval(10, clock)
    spoken = []
    for second in range(1, 3_601):
        clock.now += 1
        if interval.due():
            spoken.append(second)
    assert spoken == [10, 30, 70, 150, 310, 630, 1270, 2550]


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (200, "3 min 20 s"), (7_500, "2 h 5 min")])
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text
