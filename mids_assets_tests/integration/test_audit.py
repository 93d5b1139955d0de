"""mids.audit: what a publish and a restore note, that nothing is taken away again, that nothing goes on without it."""

from __future__ import annotations

import os
import pwd
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from mids_assets.errors import MidsError
from mids_assets.settings import Settings
from mids_assets.warehouse import audit
from mids_assets.warehouse.audit import Actor, Deed, at_this_terminal, entries, record, this_person
from mids_assets.warehouse.backup.place import open_place
from mids_assets.warehouse.backup.restoring import restore
from mids_assets.warehouse.backup.taking import back_up
from mids_assets_tests.made_up import made_up
from mids_assets_tests.published import REALM, forget, go, rows

ALICE = Actor("alice", "ui")


def told(conn, limit: int = 50) -> list[tuple]:
    found = [(one.action, one.who, one.origin, one.subject) for one in entries(conn, None, limit=limit)][::-1]
    conn.rollback()
    return found


def test_a_publish_notes_itself_in_its_own_transaction(empty, server, tmp_path):
    folder = made_up(1).write(tmp_path / "1")
    go(empty, server, folder, "r1", actor=ALICE, run_id="the run")
    (entry,) = entries(empty, REALM, limit=9)
    assert (entry.release, entry.run_id, entry.subject) == ("r1", "the run", "first")
    assert entries(empty, "rebirth", limit=9) == []
    empty.rollback()

    def fails(_: Path) -> None:
        raise MidsError("as meant")

    with pytest.raises(MidsError, match="as meant"):
        go(empty, server, folder, "r2", verify=fails)
    go(empty, server, folder, "r3")
    person = this_person()
    assert told(empty) == [("published", "alice", "ui", "first"), ("published", person, "cli", "update")]


def test_a_publish_that_cannot_be_noted_does_not_happen(empty, server, tmp_path):
    go(empty, server, made_up(1).write(tmp_path / "1"), "r1")
    before = rows(empty, f"select count(*), max(updated_at) from {REALM}.power")
    with empty, empty.cursor() as cur:
        cur.execute("ALTER TABLE mids.audit RENAME TO audit_elsewhere")
    with pytest.raises(MidsError, match="audit"):
        go(empty, server, made_up(2).write(tmp_path / "2"), "r2")
    assert rows(empty, f"select count(*), max(updated_at) from {REALM}.power") == before
    assert rows(empty, "select release, state from mids.release order by id") == [("r1", "published"), ("r2", "seen")]


def test_a_restore_takes_nothing_back_and_brings_back_what_was_lost(empty, server, tmp_path):
    settings = replace(server, backup_url=str(tmp_path / "backups"))
    place = open_place(settings)
    go(empty, server, made_up(1).write(tmp_path / "1"), "r1", actor=ALICE)
    taken = back_up(settings, REALM, "asked").manifest
    go(empty, server, made_up(2).write(tmp_path / "2"), "r2", actor=Actor("bob", "ui"))
    before = told(empty)
    restored = ("restore", this_person(), "cli", taken.name)

    restore(settings, place, [taken])
    assert told(empty) == [*before, restored]
    restore(settings, place, [taken])
    assert told(empty) == [*before, restored, restored], "no row comes twice"

    forget(empty)
    go(empty, server, made_up(3).write(tmp_path / "3"), "r3", actor=Actor("carol", "ui"))
    restore(settings, place, [taken])
    # The row of then goes by another number, since its own is that of the publish after the loss.
    alice, carol = ("published", "alice", "ui", "first"), ("published", "carol", "ui", "first")
    assert told(empty) == [alice, carol, restored]


def test_what_is_noted_shows_no_password(empty, server):
    pasted = "see postgresql://me:very-secret@db.example.org/mids"
    record(server, Actor("me\npassword=very-secret", "ui"), Deed("accept", REALM, subject="x", reason=pasted))
    (entry,) = entries(empty, REALM, limit=1)
    assert "very-secret" not in repr(entry) and "****" in entry.who and "****" in str(entry.reason)


def test_the_text_of_a_note_is_the_same_note(empty, server):
    deed = Deed("restore", REALM, "it's", subject="back\\slash", reason="100 % 'sure'")
    record(server, ALICE, deed)
    with empty, empty.cursor() as cur:
        cur.execute(audit.statement(ALICE, deed))
    first, second = entries(empty, REALM, limit=9)
    assert replace(first, id=0, at=second.at) == replace(second, id=0)


def test_who_types_is_told_by_the_system_and_not_by_a_variable(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("USER", "somebody")
    assert at_this_terminal() == Actor(f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}", "cli")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_123)
    assert this_person() == f"4000000123@{socket.gethostname()}"


def test_a_database_without_the_table_has_no_entries_and_gets_it_with_the_first(empty, server: Settings):
    assert entries(empty, None, limit=1) == []
    empty.rollback()
    record(server, ALICE, Deed("prune", REALM))
    assert told(empty) == [("prune", "alice", "ui", None)]


def test_a_server_that_is_away_is_an_error_and_no_silence():
    away = Settings(database_url="postgresql://nobody@127.0.0.1:1/mids")
    with pytest.raises(MidsError, match="does not answer"):
        record(away, ALICE, Deed("launch"))
