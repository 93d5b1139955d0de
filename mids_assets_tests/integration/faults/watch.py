"""What is demanded after a fault: the old or the new release, whole, nothing left behind, the reason in the log.

And the reader that looks on meanwhile. Does not belong here: faults.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

import psycopg2

from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect
from mids_assets_tests.integration.faults.builds import FINGERPRINT, REALM, Build, Fingerprint
from mids_assets_tests.published import contents, expected, rows

PATIENCE_SECONDS = 60

LEFT_BEHIND = {
    "temporary tables": "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'",
    "sessions": "SELECT application_name || ': ' || state FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'mids %' AND pid <> pg_backend_pid()",
    "locks": "SELECT classid || '.' || objid FROM pg_locks WHERE locktype = 'advisory' AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())",
    "prepared transactions": "SELECT gid FROM pg_prepared_xacts",
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$|mids(_v1)?$)'"
    " AND nspname !~ '^(homecoming|rebirth)(_v1)?$'",
}


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)


def holds(settings: Settings, builds: Mapping[str, Build], realm: str = REALM) -> str | None:
    """Name of the build whose rows the realm holds, every value of every table; None where it has no tables at all."""
    with closing(connect(settings, application_name="looks")) as conn:
        if not rows(conn, "SELECT 1 FROM pg_namespace WHERE nspname = %s", (realm,)):
            return None
        found = contents(conn, realm)
        names = [name for name, build in builds.items() if found == expected(conn, build.rows)]
    assert len(names) == 1, f"the realm holds none of the releases whole, or two at once: {names}"
    return names[0]


def assert_nothing_left(settings: Settings) -> None:
    """Nothing of the staging is in the server. A server that lost its client needs a moment to notice."""
    with closing(connect(settings, application_name="looks")) as conn:

        def left() -> dict[str, list[tuple]]:
            found = {what: rows(conn, sql) for what, sql in LEFT_BEHIND.items()}
            return {what: some for what, some in found.items() if some}

        deadline = time.monotonic() + PATIENCE_SECONDS
        while found := left():
            assert time.monotonic() < deadline, f"left behind in the server: {found}"
            time.sleep(0.02)


def unfinished_files(data_dir: Path) -> list[str]:
    return sorted(str(path.relative_to(data_dir)) for path in (data_dir / "releases").rglob("*.part"))


def last_failure(settings: Settings, realm: str = REALM) -> str:
    """What mids.import_log says about the failure that came last."""
    with closing(connect(settings, application_name="looks")) as conn:
        found = rows(
            conn,
            "SELECT errors, records_imported, completed_at IS NOT NULL FROM mids.import_log WHERE realm = %s"
            " AND errors ? 'error' ORDER BY id DESC LIMIT 1",
            (realm,),
        )
    assert found, "mids.import_log knows of no failure"
    errors, imported, completed = found[0]
    assert (imported, completed) == (0, True), json.dumps(errors)
    return errors["error"]


def failures(settings: Settings) -> int:
    with closing(connect(settings, application_name="looks")) as conn:
        if not rows(conn, "SELECT 1 WHERE to_regclass('mids.import_log') IS NOT NULL"):
            return 0
        return rows(conn, "SELECT count(*) FROM mids.import_log WHERE errors ? 'error'")[0][0]


class Reader:
    """Counts two related tables every 10 ms, each time in one statement, and keeps what it should not have seen."""

    def __init__(self, settings: Settings, builds: Mapping[str, Build], *, server_may_die: bool = False) -> None:
        self._settings = settings
        self._known: dict[Fingerprint, str] = {build.fingerprint: name for name, build in builds.items()}
        self._server_may_die = server_may_die
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.looks = 0
        self.seen: list[str] = []
        """Builds in the order in which they were seen."""
        self.anomalies: list[object] = []

    def __enter__(self) -> Reader:
        self._thread.start()
        until(lambda: self.looks or self.anomalies, "the reader's first look")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None):
        looks = self.looks
        until(lambda: self.looks > looks or self.anomalies or not self._thread.is_alive(), "one more look")
        self._stop.set()
        self._thread.join()
        if kind is None:
            assert self.anomalies == []

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(connect(self._settings, application_name="reader")) as conn:
                    conn.autocommit = True
                    self._look(conn)
            except Exception as error:
                if not self._server_may_die:
                    self.anomalies.append(error)
                    return
                time.sleep(0.05)

    def _look(self, conn: psycopg2.extensions.connection) -> None:
        with conn.cursor() as cursor:
            while not self._stop.is_set():
                cursor.execute(FINGERPRINT.format(realm=REALM))
                found = cursor.fetchone()
                name = self._known.get(found) if found else None  # type: ignore[arg-type]
                if name is None:
                    self.anomalies.append(found)
                elif self.seen[-1:] != [name]:
                    self.seen.append(name)
                self.looks += 1
                self._stop.wait(0.01)


def terminate(settings: Settings, application: str) -> int:
    """End every session of that name; how many there were."""
    with suppress(psycopg2.Error), closing(connect(settings, application_name="looks")) as conn:
        sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
        return len(rows(conn, sql, (application,)))
    return 0
