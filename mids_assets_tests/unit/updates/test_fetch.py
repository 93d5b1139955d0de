"""Downloading and verifying what is offered, against a real server on loopback."""

from __future__ import annotations

import json

import pytest

from mids_assets.errors import FormatError, MidsError, NetworkUnavailable, SourceError
from mids_assets.readers.patch import write_patch
from mids_assets.updates.manifest import Offer
from mids_assets_tests.unit.updates.fetcher import HASH, MANIFEST, NAME, PATCH, publish
from mids_assets_tests.update_server import Handler, serving


def test_a_download_that_is_cut_goes_on_where_it_broke_off(server, fetcher, made):
    publish(server, made)
    server.scripts[PATCH] = [lambda h: h.cut(made[0], 1000)]
    fetched = fetcher.fetch()
    assert fetched.path.read_bytes() == made[0]
    assert fetched.bytes == len(made[0]) + len(made[1])
    first, second = server.asked(PATCH)
    assert "range" not in first
    assert second["range"] == "bytes=1000-" and second["if-range"].startswith('"')


def test_the_next_fetch_goes_on_too(server, fetcher, made):
    publish(server, made)
    server.scripts[PATCH] = [lambda h: h.cut(made[0], 1000)]
    fetcher.refused(NetworkUnavailable, "broke off", tries=1)
    assert (fetcher.cache / f"{NAME}.mru.part").stat().st_size == 1000
    assert fetcher.fetch().bytes == len(made[0]) - 1000 + len(made[1])
    assert [place.name for place in fetcher.cache.iterdir() if ".part" in place.name] == []


def test_another_file_under_the_address_is_loaded_from_its_beginning(server, fetcher, made):
    publish(server, made)
    server.scripts[PATCH] = [lambda h: h.cut(b"x" * 5000, 1000)]
    assert fetcher.fetch().path.read_bytes() == made[0]


def test_without_a_validator_it_begins_anew(server, fetcher, made):
    publish(server, made)

    def cut(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("ETag", 'W/"weak"')
        handler.send_header("Content-Length", str(len(made[0])))
        handler.end_headers()
        handler.wfile.write(b"?" * 1000)
        handler.close_connection = True

    server.scripts[PATCH] = [cut]
    assert fetcher.fetch().path.read_bytes() == made[0]
    assert "range" not in server.asked(PATCH)[1]


def test_a_part_that_was_not_asked_for_is_thrown_away(server, fetcher, made):
    publish(server, made)
    server.scripts[PATCH] = [
        lambda h: h.cut(made[0], 1000),
        lambda h: h.answer(206, made[0][7:], Content_Range=f"bytes 7-{len(made[0]) - 1}/{len(made[0])}"),
    ]
    assert fetcher.fetch().path.read_bytes() == made[0]


def test_a_part_that_has_all_of_it_begins_anew(server, fetcher, made):
    publish(server, made)
    longer = made[0] + b"x"

    def whole_and_more(handler: Handler) -> None:
        handler.cut(longer, len(longer) - 1)

    server.scripts[PATCH] = [whole_and_more, lambda h: h.answer(416)]
    assert fetcher.fetch().path.read_bytes() == made[0]


def test_a_wrong_hash_is_refused_and_nothing_of_it_is_kept(server, fetcher, made):
    listed = json.loads(made[1])
    listed[0]["Hash"] = "0" * 64
    server.files[PATCH], server.files[HASH] = made[0], json.dumps(listed).encode()
    fetcher.refused(SourceError, "has not the hash")
    assert list(fetcher.cache.glob(f"{NAME}*")) == []
    publish(server, made)
    assert fetcher.fetch().version == "2025.1.2"


@pytest.mark.parametrize(
    ("patch", "hashes", "words"),
    [
        (b"<!doctype html><html>please log in</html>", b"[]", "web page"),
        (b"", b"[]", "is empty"),
        (None, b"<!doctype html><html>please log in</html>", "no list of files"),
    ],
)
def test_something_else_than_a_patch(patch, hashes, words, server, fetcher, made):
    server.files[PATCH], server.files[HASH] = made[0] if patch is None else patch, hashes
    fetcher.refused(MidsError, words)


def test_the_version_inside_must_be_the_manifests(server, fetcher, made):
    server.offer("2025.1.3", file="homecoming-2025.1.2.mru")
    publish(server, made)
    fetcher.refused(SourceError, "says version 2025.1.3 and the database inside says 2025.1.2")


def test_a_patch_that_leads_out_of_its_folder(server, fetcher, tmp_path):
    write_patch(tmp_path / "bad.mru", [("Homecoming\\..\\..", "I12.mhd", b"x")])
    server.files[PATCH] = (tmp_path / "bad.mru").read_bytes()
    fetcher.refused(FormatError, "leads outside")


def test_a_patch_larger_than_allowed(server, fetcher, made):
    publish(server, made)
    fetcher.refused(SourceError, "larger than 1,000 bytes", patch_bytes=1000)
    assert list(fetcher.cache.glob(f"{NAME}*")) == []


def test_a_hash_file_larger_than_allowed(server, fetcher, made):
    publish(server, made)
    fetcher.refused(SourceError, "larger than 10 bytes", hash_bytes=10)


@pytest.mark.parametrize("file", ["file:///etc/passwd", "../../etc/passwd", "ftp://example.org/a.mru"])
def test_a_manifest_that_names_a_file_elsewhere(file, server, fetcher):
    server.offer("2025.1.2", file=file)
    with pytest.raises(FormatError, match="is refused"):
        fetcher.poll()
    assert [path for path, _ in server.requests] == [MANIFEST]


def test_a_patch_on_another_server(server, fetcher, made):
    with serving() as other:
        publish(other, made)
        server.offer("2025.1.2", file=other.url + PATCH)
        assert fetcher.fetch().path.read_bytes() == made[0]
        assert [path for path, _ in other.requests] == [PATCH, HASH]


def test_the_oldest_manifest_leaves_the_suffix_open(server, fetcher, made):
    server.files[MANIFEST] = b"<m><app-version>2.6</app-version><db-version>2025.1.2</db-version></m>"
    server.files["/2025.1.2.zip"] = made[0]
    assert fetcher.fetch().path.read_bytes() == made[0]
    assert [path for path, _ in server.requests][1:3] == ["/2025.1.2.mru", "/2025.1.2.zip"]


def test_what_was_loaded_of_another_version_is_removed(server, fetcher, made):
    publish(server, made)
    server.scripts[PATCH] = [lambda h: h.cut(made[0], 1000)]
    fetcher.refused(NetworkUnavailable, "broke off", tries=1)
    offer = Offer("2025.1.4", (f"{server.url}/gone.mru",), server.manifest)
    with pytest.raises(SourceError, match="answers 404"):
        fetcher.obtain(offer)
    assert list(fetcher.cache.glob("*-cumulative.*")) == []
