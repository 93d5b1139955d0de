"""When the source of a realm was looked at last: noted by a manifest that answers, and by nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mids_assets.errors import MidsError
from mids_assets.updates.looks import last_look, note_look
from mids_assets_tests.unit.updates.fetcher import MANIFEST


def is_now(moment: datetime | None) -> bool:
    return moment is not None and abs(moment - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_manifest_that_answers_is_a_look_and_one_that_does_not_is_none(server, fetcher):
    server.scripts[MANIFEST] = [lambda h: h.answer(500)] * 10
    with pytest.raises(MidsError):
        fetcher.poll()
    assert last_look(fetcher.cache, asked=True) is None
    server.scripts.clear()
    fetcher.poll()
    assert is_now(last_look(fetcher.cache, asked=True)) and last_look(fetcher.cache, asked=False) is None
    note_look(fetcher.cache, asked=False)
    assert is_now(last_look(fetcher.cache, asked=False))


def test_an_answer_without_an_offer_and_an_unchanged_one_are_looks_as_well(server, fetcher):
    fetcher.poll()
    (fetcher.cache / "asked.json").unlink()
    fetcher.poll()
    assert len(server.asked(MANIFEST)) == 2 and is_now(last_look(fetcher.cache, asked=True))
    (fetcher.cache / "asked.json").unlink()
    server.files[MANIFEST] = b'{"Updates": []}'
    assert fetcher.poll().offer is None
    assert is_now(last_look(fetcher.cache, asked=True))


def test_what_cannot_be_read_or_written_is_no_look_and_no_error(tmp_path: Path):
    (tmp_path / "looked.json").write_text('{"at": 5}')
    assert last_look(tmp_path, asked=False) is None
    (tmp_path / "file").touch()
    note_look(tmp_path / "file" / "below", asked=True)
    assert last_look(tmp_path / "file" / "below", asked=True) is None
