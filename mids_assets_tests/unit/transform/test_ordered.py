"""Work side by side: results in order, never far ahead, faults in their place."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Lock

import pytest

from mids_assets.transform import ordered
from mids_assets.transform.ordered import in_order


@pytest.fixture(autouse=True)
def _two_threads(monkeypatch):
    monkeypatch.setattr(ordered, "THREADS", 2)


def test_results_come_in_order():
    assert list(in_order(lambda number: number * number, range(50))) == [number * number for number in range(50)]
    assert list(in_order(str, [])) == []


def test_two_are_worked_on_at_a_time():
    together = Barrier(2, timeout=10)
    assert list(in_order(lambda _: together.wait() < 2, range(8))) == [True] * 8


def test_what_is_not_taken_stops_the_work():
    asked, lock = [], Lock()

    def things() -> Iterator[int]:
        for number in range(100):
            with lock:
                asked.append(number)
            yield number

    results = in_order(lambda number: number, things())
    assert next(results) == 0
    assert len(asked) <= 4
    results.close()
    assert len(asked) <= 4


def test_a_fault_is_raised_in_its_place():
    def work(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        return number

    taken = []
    with pytest.raises(ValueError, match="three"):
        for result in in_order(work, range(10)):
            taken.append(result)
    assert taken == [0, 1, 2]
