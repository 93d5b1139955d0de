"""mids.notification and mids.notification_delivery: what was told, to whom, and what is still on its way.

Does not belong here: what is worth telling (notices.py), sending (receivers.py, telling.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extensions import connection, cursor

from mids_assets.notify.notices import Kind, Notice
from mids_assets.notify.texts import Text

TRIES = 6
"""So often a notification is sent to a receiver that does not take it."""
PAUSE_SECONDS = 30
"""From the first try to the second; each later pause is four times the one before, so the last try is 2.8 h later."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification that waits to be sent to a receiver, `tries` times in vain so far."""

    id: int
    receiver: str
    kind: Kind
    text: Text
    tries: int


@dataclass(frozen=True, slots=True)
class Told:
    """A notification for a person. `deliveries`: {receiver: pending, delivered or dropped}, empty where none was
    set; `lasts`: whether a failure or block is not over."""

    id: int
    realm: str
    kind: str
    at: datetime
    title: str
    body: str
    lasts: bool
    deliveries: dict[str, str]


def begin(cur: cursor, realm: str, now: datetime) -> None:
    """Note at the first look of all that what the log holds by now is history. Does not commit."""
    cur.execute(
        "INSERT INTO mids.notification (realm, kind, key, log_id, title, body, found_at)"
        " SELECT %s, 'began', '', coalesce(max(id), 0), 'Notifications begin', 'What was before is not told.', %s"
        " FROM mids.import_log WHERE realm = %s"
        " HAVING NOT EXISTS (SELECT FROM mids.notification WHERE realm = %s AND kind = 'began')",
        (realm, now, realm, realm),
    )


def keep(cur: cursor, realm: str, notice: Notice, text: Text, receivers: Iterable[str], now: datetime) -> bool:
    """Note a notification, to be sent to `receivers`. Returns whether it is new. Does not commit."""
    cur.execute(
        "INSERT INTO mids.notification (realm, kind, key, log_id, release_id, title, body, found_at)"
        " VALUES (%s, %s, %s, %s, (SELECT id FROM mids.release WHERE realm = %s AND release = %s), %s, %s,"
        " %s) ON CONFLICT (realm, kind, key) DO NOTHING RETURNING id",
        (realm, notice.kind, notice.key, notice.log_id, realm, notice.release, text.title, text.body, now),
    )
    row = cur.fetchone()
    if row is None:
        return False
    for receiver in receivers:
        cur.execute(
            "INSERT INTO mids.notification_delivery (notification_id, receiver, state, tries)"
            " VALUES (%s, %s, 'pending', 0)",
            (row[0], receiver),
        )
    return True


def resolve(cur: cursor, realm: str, places: Sequence[tuple[Kind, str]], now: datetime) -> list[str]:
    """Note that failures and blocks are over. Returns their titles, the first one first. Does not commit."""
    titles = []
    for kind, key in places:
        cur.execute(
            "UPDATE mids.notification SET resolved_at = %s"
            " WHERE realm = %s AND kind = %s AND key = %s AND resolved_at IS NULL RETURNING title",
            (now, realm, kind, key),
        )
        titles += [title for (title,) in cur.fetchall()]
    return titles


def due(cur: cursor, realm: str, now: datetime) -> list[Delivery]:
    """What has to be sent now, the oldest first."""
    cur.execute(
        "SELECT n.id, d.receiver, n.kind, n.title, n.body, d.tries FROM mids.notification_delivery d"
        " JOIN mids.notification n ON n.id = d.notification_id WHERE n.realm = %s AND d.state = 'pending'"
        " AND (d.tried_at IS NULL OR d.tried_at + %s * power(4, d.tries - 1) * interval '1 second' <= %s)"
        " ORDER BY n.id, d.receiver",
        (realm, PAUSE_SECONDS, now),
    )
    return [
        Delivery(number, receiver, kind, Text(title, body), tries)
        for number, receiver, kind, title, body, tries in cur.fetchall()
    ]


def note_try(cur: cursor, delivery: Delivery, now: datetime, error: str | None) -> str:
    """Note how a try ended; `error` is None where the receiver took it. Returns the state. Does not commit."""
    tries = delivery.tries + 1
    state = "delivered" if error is None else "dropped" if tries >= TRIES else "pending"
    cur.execute(
        "UPDATE mids.notification_delivery SET state = %s, tries = %s, tried_at = %s, error = %s,"
        " delivered_at = CASE WHEN %s = 'delivered' THEN %s END WHERE notification_id = %s AND receiver = %s",
        (state, tries, now, error, state, now, delivery.id, delivery.receiver),
    )
    return state


def latest(conn: connection, realms: Sequence[str], limit: int) -> list[Told]:
    """The last notifications of the realms, the latest first; none in a database without them. Leaves a
    transaction open."""
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.notification') IS NOT NULL")
        if not (cur.fetchone() or (False,))[0]:
            return []
        cur.execute(
            "SELECT n.id, n.realm, n.kind, n.found_at, n.title, n.body,"
            " n.kind IN ('failed', 'blocked') AND n.resolved_at IS NULL,"
            " coalesce(jsonb_object_agg(d.receiver, d.state) FILTER (WHERE d.receiver IS NOT NULL), '{}')"
            " FROM mids.notification n LEFT JOIN mids.notification_delivery d ON d.notification_id = n.id"
            " WHERE n.realm = ANY(%s) AND n.kind <> 'began' GROUP BY n.id ORDER BY n.id DESC LIMIT %s",
            (list(realms), limit),
        )
        return [Told(*row) for row in cur.fetchall()]


def is_over(conn: connection, realm: str, log_id: int) -> bool:
    """Whether a recovery was told since that row of mids.import_log, and no failure or block of the realm lasts.

    False in a database without the table, which is from before notifications.
    """
    with conn.cursor() as cur:
        cur.execute("SELECT to_regclass('mids.notification') IS NOT NULL")
        if cur.fetchone() != (True,):
            return False
        cur.execute(
            "SELECT coalesce(bool_or(kind = 'recovered' AND log_id >= %s), false)"
            " AND NOT coalesce(bool_or(kind IN ('failed', 'blocked') AND resolved_at IS NULL), false)"
            " FROM mids.notification WHERE realm = %s",
            (log_id, realm),
        )
        return cur.fetchone() == (True,)
