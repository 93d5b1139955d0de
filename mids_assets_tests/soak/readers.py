"""Readers as a planner has them: threads with a connection each, in a process of its own, until a file says stop.

What each answer took and what went wrong is written as JSON. A reader also looks, in one transaction, whether all
powers that change with every release show the same number: parts of two releases are an error.
Does not belong here: the writers, a verdict.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ, connection, cursor

PAUSE_SECONDS = 0.1
"""The most that a reader waits between two questions."""


def one_power(cur: cursor, names: list[str]) -> None:
    cur.execute(
        "SELECT p.display_name, p.effects, s.full_name FROM homecoming_v1.power p"
        " JOIN homecoming_v1.powerset s ON s.id = p.powerset_id WHERE lower(p.full_name) = lower(%s)",
        (random.choice(names),),
    )
    if len(cur.fetchall()) != 1:
        raise AssertionError("a power is not there, or twice")


def powers_of_a_set(cur: cursor, names: list[str]) -> None:
    cur.execute(
        "SELECT p.id, p.display_name, count(e.position) FROM homecoming_v1.power p"
        " LEFT JOIN homecoming_v1.power_effect e ON e.power_id = p.id"
        " WHERE p.powerset_id = (SELECT powerset_id FROM homecoming_v1.power WHERE lower(full_name) = lower(%s))"
        " GROUP BY p.id, p.display_name, p.position ORDER BY p.position",
        (random.choice(names),),
    )
    if not cur.fetchall():
        raise AssertionError("a powerset has no powers")


def enhancement_sets(cur: cursor, names: list[str]) -> None:
    cur.execute(
        "SELECT s.id, s.display_name, count(e.id) FROM homecoming_v1.enhancement_set s"
        " LEFT JOIN homecoming_v1.enhancement e ON e.enhancement_set_id = s.id GROUP BY s.id, s.display_name ORDER BY 2"
    )
    cur.fetchall()


def one_release(cur: cursor, names: list[str]) -> None:
    """Two questions in one transaction, answered by one release."""
    cur.execute(
        "SELECT count(*), min(recharge_time), max(recharge_time) FROM homecoming_v1.power WHERE full_name = ANY(%s)",
        (names,),
    )
    found, least, most = cur.fetchone() or (0, None, None)
    cur.execute(
        "SELECT min(e.scale), max(e.scale) FROM homecoming_v1.power_effect e"
        " JOIN homecoming_v1.power p ON p.id = e.power_id WHERE p.full_name = ANY(%s)",
        (names,),
    )
    # A power without effects has no scale.
    seen = {least, most, *(cur.fetchone() or ())} - {None}
    if found != len(names) or len(seen) != 1:
        raise AssertionError(f"parts of two releases: {found} of {len(names)} powers, numbers {sorted(map(str, seen))}")


QUESTIONS: dict[str, Callable[[cursor, list[str]], None]] = {
    "one power": one_power,
    "powers of a set": powers_of_a_set,
    "enhancement sets": enhancement_sets,
    "whole release": one_release,
}


class Reader(threading.Thread):
    """`answers`: (question, moment it was asked, seconds). `errors`: what went wrong; the reader then connects anew."""

    def __init__(self, url: str, names: list[str], stop: Path) -> None:
        super().__init__(daemon=True)
        self.url, self.names, self.stop = url, names, stop
        self.answers: list[tuple[str, float, float]] = []
        self.errors: list[str] = []

    def run(self) -> None:
        while not self.stop.exists():
            try:
                with closing(psycopg2.connect(self.url, application_name="soak reader")) as conn:
                    conn.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
                    self._ask_on(conn)
            except (psycopg2.Error, AssertionError) as error:
                self.errors.append(f"{type(error).__name__}: {error}".strip())
                time.sleep(PAUSE_SECONDS)

    def _ask_on(self, conn: connection) -> None:
        while not self.stop.exists():
            question = random.choice(list(QUESTIONS))
            at, started = time.time(), time.perf_counter()
            with conn, conn.cursor() as cur:
                QUESTIONS[question](cur, self.names)
            self.answers.append((question, at, time.perf_counter() - started))
            time.sleep(random.uniform(0, PAUSE_SECONDS))


def main(task: dict[str, Any], out: Path) -> None:
    readers = [Reader(task["url"], task["names"], Path(task["stop"])) for _ in range(task["readers"])]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    answers = [answer for reader in readers for answer in reader.answers]
    errors = [error for reader in readers for error in reader.errors]
    out.write_text(json.dumps({"answers": answers, "errors": errors}))


if __name__ == "__main__":
    # The address holds the password: it comes by standard input and is in no list of processes.
    main(json.load(sys.stdin), Path(sys.argv[1]))
