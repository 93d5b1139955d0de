"""Words of notices: one line and a bounded body, without names of classes and without passwords."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mids_assets.notify.notices import Kind, Notice
from mids_assets.notify.texts import BODY_LENGTH, TITLE_LENGTH, text_of

AT = datetime(2025, 5, 1, tzinfo=UTC)


def notice(kind: Kind, *errors: str, **more: str | None) -> Notice:
    return Notice(kind, "key", 1, AT, **{"release": "aaa", "version": "2025.5.1", **more}, errors=errors)


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (notice("published", action="update"), "homecoming 2025.5.1: published"),
        (notice("published", action="first", version=None), "homecoming release aaa: published"),
        (notice("published", action="rollback"), "homecoming: rolled back to 2025.5.1"),
        (notice("blocked"), "homecoming 2025.5.1: blocked by a check"),
        (notice("failed"), "homecoming 2025.5.1: an import failed"),
        (notice("failed", release=None, version=None), "homecoming: an import failed"),
        (notice("recovered"), "homecoming: imports work again"),
    ],
)
def test_titles(found, title):
    assert text_of("homecoming", found).title == title


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("FormatError: I12.mhd, byte offset 7: no string", "I12.mhd, byte offset 7: no string."),
        (
            "RunFailed: homecoming_ingest: mids_assets.errors.SourceError: C:/drop: there is no such folder",
            "homecoming_ingest: C:/drop: there is no such folder.",
        ),
        ("CheckFailed: blocking checks failed: power (key: 3 rows)", "blocking checks failed: power (key: 3 rows)."),
        ("OSError: [Errno 28] No space left on device", "[Errno 28] No space left on device."),
    ],
)
def test_a_reason_is_a_sentence_without_classes(kept, told):
    body = text_of("homecoming", notice("failed", kept, run_id="4711")).body.splitlines()
    assert body[0] == told and body[-1].startswith("Run 4711: ")


def test_whatever_is_said_is_bounded_and_shows_no_password():
    long = notice("blocked", *(f"CheckFailed: table {n} lost rows" for n in range(500)), version="9" * 500)
    text = text_of("homecoming", long)
    assert len(text.body) <= BODY_LENGTH and text.body.endswith("…") and len(text.title) <= TITLE_LENGTH
    text = text_of("homecoming", notice("published"), news=["see postgresql://me:geheimes@db.example.org/mids"])
    assert "geheimes" not in text.body and "db.example.org" in text.body
