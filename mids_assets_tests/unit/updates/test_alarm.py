"""The same version with another patch is noticed by its hash file, and the note stands as long as it is so."""

from __future__ import annotations

import json

import pytest

from mids_assets.errors import FormatError
from mids_assets.updates.alarm import look_for_other_patch
from mids_assets.updates.http import Client
from mids_assets.updates.other_patch import OtherPatch, other_patch
from mids_assets_tests.unit.updates.fetcher import HASH, PATCH, Fetcher, publish


def look(fetcher: Fetcher) -> OtherPatch | None:
    offer = fetcher.poll().offer
    assert offer is not None
    with Client() as client:
        return look_for_other_patch(client, offer, "homecoming", fetcher.cache)


def changed(hashes: bytes) -> bytes:
    listed = json.loads(hashes)
    listed[0]["Hash"] = "0" * 64
    return json.dumps(listed[:-1]).encode()


def test_another_patch_is_noted_until_the_first_one_is_back(server, fetcher, made):
    publish(server, made)
    fetcher.fetch()
    assert look(fetcher) is None and other_patch(fetcher.cache) is None
    server.files[HASH] = changed(made[1])
    found = look(fetcher)
    assert found is not None and found == other_patch(fetcher.cache)
    first, last = json.loads(made[1])[0]["FileName"], json.loads(made[1])[-1]["FileName"]
    assert set(found.files) == {f"homecoming\\{name}".lower() for name in (first, last)}
    assert found.patch == server.url + PATCH and found.patch in str(found)
    # Another spelling of the same is the same.
    server.files[HASH] = json.dumps([{**e, "Hash": e["Hash"].upper()} for e in json.loads(made[1])[::-1]]).encode()
    assert look(fetcher) is None and other_patch(fetcher.cache) is None


def test_an_unchanged_hash_file_is_not_loaded_again(server, fetcher, made):
    publish(server, made)
    fetcher.fetch()
    look(fetcher)
    look(fetcher)
    assert "if-none-match" in server.asked(HASH)[-1]


def test_without_a_fetched_hash_file_nothing_can_be_told(server, fetcher, made):
    publish(server, made)
    assert look(fetcher) is None and server.asked(HASH) == []
    fetcher.fetch()
    server.files.pop(HASH)
    assert look(fetcher) is None


def test_a_note_of_another_version_is_history(server, fetcher, made):
    publish(server, made)
    fetcher.fetch()
    server.files[HASH] = changed(made[1])
    assert look(fetcher) is not None
    for place in fetcher.cache.glob("*-cumulative.*"):
        place.unlink()
    assert other_patch(fetcher.cache) is None


def test_what_is_no_hash_file_is_an_error(server, fetcher, made):
    publish(server, made)
    fetcher.fetch()
    server.files[HASH] = b"<html>"
    with pytest.raises(FormatError, match="no list of files"):
        look(fetcher)
