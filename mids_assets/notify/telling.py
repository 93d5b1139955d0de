"""One look at a realm: what is new is noted, and what is due is sent. Called again and again, it tells each thing once.

A notice is noted, with its words, in the transaction that finds it, and sent afterwards, so a receiver that is away
gets it later. One look at a time per realm, by an advisory lock. Killed between the receiver's yes and its note, a
notice is sent twice, which is better than never.
Does not belong here: what is worth telling (notices.py), words (texts.py, news.py), rows (record.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from psycopg2.extensions import connection

from mids_assets import clock
from mids_assets.notify import record
from mids_assets.notify.facts import read_facts
from mids_assets.notify.news import news
from mids_assets.notify.notices import Facts, notices
from mids_assets.notify.receivers import Receiver, receivers, send
from mids_assets.notify.texts import text_of
from mids_assets.settings import Settings
from mids_assets.warehouse.connection import connect, realm_lock
from mids_assets.warehouse.schema import ensure_operations

log = logging.getLogger(__name__)

SENDING_SECONDS = 15.0
"""After so long no further send is begun in one look: the daemon waits for a minute at most."""


@dataclass(slots=True)
class Look:
    """What one look came to. `new`: titles; `delivered`, `failed` (to be tried again) and `dropped`: sends."""

    new: list[str] = field(default_factory=list)
    delivered: int = 0
    failed: int = 0
    dropped: int = 0


def look(
    settings: Settings,
    realm: str,
    *,
    under_way: Collection[str] = (),
    unchanged_at: Callable[[str], datetime | None] = lambda _: None,
    now: datetime | None = None,
) -> Look:
    """Note and send what is new. `under_way`, `unchanged_at`: as `read_facts` takes them; `now`: the time that
    is noted, and that pauses between tries are counted by.

    Raises `RealmBusy` where another process looks, `DatabaseUnavailable`, `UserError`; never because of a receiver.
    """
    found = Look()
    with (
        closing(connect(settings, application_name=f"mids notify {realm}", attempts=1)) as conn,
        realm_lock(conn, f"{realm} notifications"),
    ):
        ensure_operations(conn)
        now, to = now or clock.now(), receivers(settings)
        with conn:
            with conn.cursor() as cur:
                record.begin(cur, realm, now)
            facts = read_facts(conn, realm, under_way, unchanged_at)
            _note(conn, settings, realm, facts, to, found, now)
        _send_due(conn, realm, to, found, now)
    return found


def _note(
    conn: connection, settings: Settings, realm: str, facts: Facts, to: list[Receiver], found: Look, now: datetime
) -> None:
    names = list(dict.fromkeys(one.name for one in to))
    with conn.cursor() as cur:
        for notice in notices(facts):
            changed = news(conn, settings, realm, notice) if notice.kind == "published" else []
            text = text_of(realm, notice, news=changed, over=record.resolve(cur, realm, notice.over, now))
            if record.keep(cur, realm, notice, text, names, now):
                found.new.append(text.title)
                log.info("%s\n%s", text.title, text.body)


def _send_due(conn: connection, realm: str, to: list[Receiver], found: Look, now: datetime) -> None:
    by_name = {one.name: one for one in to}
    away: set[str] = set()
    begun = monotonic()
    with conn, conn.cursor() as cur:
        waiting = record.due(cur, realm, now)
    for delivery in waiting:
        if delivery.receiver in away or monotonic() - begun > SENDING_SECONDS:
            continue
        receiver = by_name.get(delivery.receiver)
        error = send(receiver, delivery.text, delivery.kind) if receiver else "it is no longer among MIDS_NOTIFY_URLS"
        with conn, conn.cursor() as cur:
            state = record.note_try(cur, delivery, now, error)
        if state == "delivered":
            found.delivered += 1
            continue
        away.add(delivery.receiver)
        if state == "dropped":
            found.dropped += 1
            log.warning(
                "%s: dropped after %d tries for %s: %s", delivery.text.title, record.TRIES, delivery.receiver, error
            )
        else:
            found.failed += 1
