"""What failed and may pass: the error of ours decides, wherever it stands among those of libraries."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
import psycopg2
import pytest
from psycopg2 import errors as postgres

from mids_assets.errors import CheckFailed, DatabaseUnavailable, NetworkUnavailable, RealmBusy, SourceError
from mids_assets.graph.retries import database_may_come_back
from mids_assets.graph.tried import may_pass


def chain(*links: Exception) -> Callable[[], None]:
    """What raises the first of these, caused by the second, and so on."""

    def fail() -> None:
        for outer, cause in zip(links, [*links[1:], None], strict=True):
            outer.__cause__ = cause
        raise links[0]

    return fail


@pytest.mark.parametrize(
    ("passes", "links"),
    [
        (True, [DatabaseUnavailable("a lock was not free"), postgres.LockNotAvailable("canceling statement")]),
        (True, [DatabaseUnavailable("PostgreSQL ended the work"), postgres.DeadlockDetected("deadlock")]),
        (True, [NetworkUnavailable("answers 500"), OSError("reset")]),
        (True, [RealmBusy("another import is under way")]),
        (True, [psycopg2.OperationalError("connection refused")]),
        (True, [RuntimeError("of Dagster's storage"), psycopg2.InterfaceError("connection already closed")]),
        (False, [CheckFailed("a key occurs twice"), postgres.UniqueViolation("duplicate key")]),
        (False, [SourceError("it holds no database"), NetworkUnavailable("answers 500")]),
        (False, [ZeroDivisionError("a fault of ours")]),
        (False, [postgres.LockNotAvailable("nobody said what it means")]),
    ],
)
def test_the_outermost_error_of_ours_decides(passes, links):
    assert may_pass(*failed(chain(*links))) is passes


def test_tries_that_were_in_vain_hide_no_reason():
    def fail() -> None:
        with database_may_come_back():
            chain(DatabaseUnavailable("a lock was not free"), postgres.LockNotAvailable("canceling statement"))()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mids_assets.graph.retries.SECONDS", 0)
        assert may_pass(*failed(fail))


def failed(body: Callable[[], None]) -> tuple[dg.DagsterInstance, str]:
    @dg.op
    def step() -> None:
        body()

    @dg.job
    def work() -> None:
        step()

    instance = dg.DagsterInstance.ephemeral()
    result = work.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success
    return instance, result.run_id
