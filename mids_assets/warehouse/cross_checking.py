"""What is published of a realm and of City of Data, held against each other and noted in mids.discrepancy.

Does not belong here: comparing (`transform.crosscheck`), SQL (discrepancies.py), what a person names (`commands`).
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection

from mids_assets.errors import StaleBuild
from mids_assets.settings import Settings
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.crosscheck.realms import partner
from mids_assets.transform.crosscheck.schema import CrossCheck
from mids_assets.transform.diff.side import Side
from mids_assets.transform.diff.stored import stored_side
from mids_assets.transform.memory import give_back
from mids_assets.transform.parts import COMPARABLE
from mids_assets.transform.store import Store, open_store
from mids_assets.warehouse.connection import connect
from mids_assets.warehouse.discrepancies import Noted, note_discrepancies
from mids_assets.warehouse.failures import typed
from mids_assets.warehouse.register import ReleaseRow, published


@dataclass(frozen=True, slots=True)
class CrossChecked:
    """What was found, and what became of it since the releases that were compared before."""

    found: CrossCheck
    noted: Noted


class NothingToCompare(Exception):
    """One of the two sides is not there; the text says which, and what to do. No fault of anybody."""


def cross_check_published(settings: Settings, realm: str) -> CrossChecked:
    """Compare what readers of both realms see, and note it.

    Raises `NothingToCompare` where that is not there yet, or its tables are not stored; `DatabaseUnavailable`,
    also for a lock that is not free in time.
    """
    store = open_store(settings)
    try:
        with closing(connect(settings, application_name=f"mids cross-check {realm}")) as conn:
            rows = published_pair(conn, realm)
            conn.rollback()
            ours, theirs = (_side(store, row) for row in rows)
            found = cross_check(ours, theirs)
            give_back()
            return CrossChecked(found, note_discrepancies(conn, realm, found.discrepancies, ours, theirs))
    except psycopg2.Error as error:
        # Whether it may pass is judged by the error at the bottom.
        raise typed(error, "mids.discrepancy") from None


def published_pair(conn: connection, realm: str) -> tuple[ReleaseRow, ReleaseRow]:
    """What is published of a realm and of its partner. Leaves a transaction open. Raises `NothingToCompare`."""
    ours, theirs = (_published(conn, name) for name in (realm, partner(realm)))
    return ours, theirs


def _published(conn: connection, realm: str) -> ReleaseRow:
    row = published(conn, realm)
    if row is None:
        raise NothingToCompare(f"Nothing of {realm} is published yet: mids import SOURCE --realm {realm}.")
    return row


def _side(store: Store, row: ReleaseRow) -> Side:
    paths = store.build(row.realm, row.release, row.build or "")
    try:
        paths.fetch(*COMPARABLE)
        return stored_side(paths)
    except StaleBuild:
        raise NothingToCompare(
            f"The tables of release {row.release} are not stored, or are those of an earlier version:"
            f" mids publish {row.release} --realm {row.realm} makes them anew."
        ) from None
