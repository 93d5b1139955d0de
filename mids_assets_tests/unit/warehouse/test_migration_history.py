"""The revisions as files: one line of history, and the realm model of today at its end."""

from __future__ import annotations

import pytest
from alembic.script import ScriptDirectory

from mids_assets.errors import UserError
from mids_assets.warehouse import ddl
from mids_assets.warehouse.migrations import history, scripts


def test_the_names_of_the_files_are_the_history_that_alembic_follows():
    directory = ScriptDirectory.from_config(scripts.config())
    assert directory.get_heads() == [history.head()]
    assert [script.revision for script in directory.walk_revisions()][::-1] == history.revisions()
    assert all(len(one) <= 32 for one in history.revisions()), "Alembic's column of revisions holds 32 characters"


def test_the_newest_revision_belongs_to_the_realm_model_of_today():
    assert scripts.realm_model(history.head()) == ddl.realm_fingerprint(), (
        'the tables of a realm changed: type make migration MESSAGE="what changed"'
    )


def test_what_is_missing_is_what_comes_after():
    known = history.revisions()
    assert history.missing(None) == known and history.missing(known[-1]) == []
    assert history.missing(known[0]) == known[1:]


def test_a_newer_revision_is_refused_naming_both(monkeypatch):
    history.require_known(None, "x")
    history.require_known(history.head(), "x")
    with pytest.raises(UserError, match=f"realm a is at revision 9999_far, .* after {history.head()}"):
        history.require_known("9999_far", "realm a")
