"""Polling, downloading and verifying against a real server on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from mids_assets.errors import FormatError, MidsError, NetworkUnavailable, SourceError, UserError
from mids_assets.readers.patch import write_patch
from mids_assets.readers.unpack import opened_source
from mids_assets.updates.fetch import Fetched, compare, obtain
from mids_assets.updates.http import Client, Limits
from mids_assets.updates.manifest import Offer
from mids_assets.updates.polling import Polled, poll
from mids_assets_tests.update_server import Handler, UpdateServer, packed, serving

MANIFEST = "/update_manifest.json"
PATCH, HASH = "/homecoming-2025.1.2.mru", "/homecoming-2025.1.2.hash"
NAME = "homecoming-2025.1.2-cumulative"


@pytest.fixture
def server() -> Iterator[UpdateServer]:
    with serving() as found:
        found.offer("2025.1.2")
        yield found


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[bytes, bytes]:
    return packed(tmp_path_factory.mktemp("made"), "2025.1.2")


class Fetcher:
    """The two calls of a fetch, in a folder of its own and without waiting."""

    def __init__(self, server: UpdateServer, folder: Path) -> None:
        self.server = server
        self.cache = folder / "updates"
        self.landing = folder / "landing"

    def poll(self, *more: str, **limits) -> Polled:
        with Client(Limits(backoff=0.0, **limits)) as client:
            return poll(client, (self.server.manifest, *more), "homecoming", self.cache)

    def fetch(self, **limits) -> Fetched:
        offer = self.poll().offer
        assert offer is not None
        return self.obtain(offer, **limits)

    def obtain(self, offer: Offer, **limits) -> Fetched:
        with Client(Limits(backoff=0.0, **limits)) as client:
            return obtain(client, offer, "homecoming", self.cache, self.landing)

    def refused(self, kind: type[MidsError], words: str, **limits) -> None:
        """A fetch that ends in such an error and hands nothing on."""
        with pytest.raises(kind, match=words):
            self.fetch(**limits)
        assert not self.landing.exists()


@pytest.fixture
def fetcher(server, tmp_path) -> Fetcher:
    return Fetcher(server, tmp_path)


def publish(server: UpdateServer, made: tuple[bytes, bytes]) -> None:
    server.files[PATCH], server.files[HASH] = made


def test_versions_are_compared_by_their_numbers():
    assert [compare("2025.1.10", known) for known in (None, "2025.1.9", "2025.1.10", "2025.1.10.0", "2025.2")] == [
        "newer",
        "newer",
        "same",
        "older",
        "older",
    ]


def test_a_new_version_is_verified_and_handed_on(server, fetcher, made):
    publish(server, made)
    fetched = fetcher.fetch()
    assert fetched == Fetched(fetcher.landing / f"{NAME}.mru", "2025.1.2", len(made[0]) + len(made[1]), ())
    assert sorted(place.name for place in fetcher.landing.iterdir()) == [f"{NAME}.hash", f"{NAME}.mru"]
    assert fetched.path.read_bytes() == made[0]
    with opened_source(fetched.path, "homecoming") as source:
        assert (source.header.version, source.warnings[:0]) == ("2025.1.2", [])


def test_without_a_hash_file_it_is_a_warning(server, fetcher, made):
    server.files[PATCH] = made[0]
    fetcher.landing.mkdir()
    (fetcher.landing / f"{NAME}.hash").write_bytes(b"[]")
    assert f"{NAME}.hash is absent" in fetcher.fetch().warnings[0]
    assert [place.name for place in fetcher.landing.iterdir()] == [f"{NAME}.mru"]


def test_an_unchanged_manifest_is_answered_by_304_and_offers_the_same(server, fetcher):
    first, second = fetcher.poll(), fetcher.poll()
    assert first == second and second.offer is not None
    asked = server.asked(MANIFEST)
    assert "if-none-match" not in asked[0] and asked[1]["if-none-match"].startswith('"')
    server.offer("2025.1.3")
    changed = fetcher.poll().offer
    assert changed is not None and changed.version == "2025.1.3"


def test_last_modified_serves_where_there_is_no_etag(server, fetcher):
    moment = "Wed, 07 May 2025 22:30:00 GMT"
    body = server.files[MANIFEST]
    server.scripts[MANIFEST] = [lambda h: h.answer(200, body, Last_Modified=moment), lambda h: h.answer(304)]
    assert fetcher.poll() == fetcher.poll()
    assert server.asked(MANIFEST)[1]["if-modified-since"] == moment


def test_a_damaged_memory_of_the_manifest_is_no_harm(server, fetcher):
    fetcher.poll()
    (kept,) = fetcher.cache.glob("manifest-*.json")
    kept.write_bytes(b"{")
    assert fetcher.poll().offer is not None
    assert "if-none-match" not in server.asked(MANIFEST)[1]


def test_a_redirect_is_followed(server, fetcher):
    server.files["/moved.json"] = server.files[MANIFEST]
    server.scripts[MANIFEST] = [lambda h: h.answer(302, Location="/moved.json")]
    assert fetcher.poll().offer is not None


@pytest.mark.parametrize(
    ("answer", "words", "times"),
    [
        (lambda h: h.answer(302, Location=MANIFEST), "more than 5 redirects", 6),
        (lambda h: h.answer(302, Location="file:///etc/passwd"), "no http or https address", 1),
        (lambda h: h.answer(404), "answers 404", 1),
        (lambda h: h.answer(403), "answers 403", 1),
        (lambda h: h.answer(200, b"<!doctype html><html>we moved</html>"), "is a web page", 1),
        (lambda h: h.answer(200, b" " * 2000), "larger than 1,000 bytes", 1),
        (lambda h: h.answer(200, b"{}", Content_Encoding="gzip"), "compresses", 1),
        (lambda h: h.answer(206, b"{}"), "answers 206", 1),
    ],
)
def test_what_will_not_pass_is_not_tried_again(answer, words, times, server, fetcher):
    server.scripts[MANIFEST] = [answer] * 20
    with pytest.raises((SourceError, FormatError), match=words):
        fetcher.poll(manifest_bytes=1000)
    assert len(server.asked(MANIFEST)) == times


def test_a_body_without_a_length_is_bounded_too(server, fetcher):
    def endless(handler: Handler) -> None:
        handler.protocol_version = "HTTP/1.0"
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b" " * 200_000)
        handler.close_connection = True

    server.scripts[MANIFEST] = [endless]
    with pytest.raises(SourceError, match="larger than 1,000 bytes"):
        fetcher.poll(manifest_bytes=1000)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status, server, fetcher):
    server.scripts[MANIFEST] = [lambda h: h.answer(status, Retry_After="0")] * 2
    assert fetcher.poll().offer is not None
    assert len(server.asked(MANIFEST)) == 3


def test_the_tries_are_bounded(server, fetcher):
    server.scripts[MANIFEST] = [lambda h: h.answer(500)] * 20
    with pytest.raises(NetworkUnavailable, match="answers 500"):
        fetcher.poll(tries=3)
    assert len(server.asked(MANIFEST)) == 3


def test_pauses_are_drawn_from_a_growing_span_and_a_server_may_ask_for_longer_ones(server, tmp_path, monkeypatch):
    slept: list[float] = []
    spans: list[float] = []
    monkeypatch.setattr("mids_assets.updates.http.time.sleep", slept.append)
    monkeypatch.setattr("mids_assets.updates.http.random.uniform", lambda low, high: spans.append(high) or high)
    answers = [{}, {"Retry_After": "7"}, {"Retry_After": "900"}, {"Retry_After": "soon"}]
    server.scripts[MANIFEST] = [lambda h, headers=headers: h.answer(503, **headers) for headers in answers]
    with Client(Limits(tries=5)) as client:
        assert poll(client, (server.manifest,), "homecoming", tmp_path).offer is not None
    assert spans == [1, 2, 4, 8]
    assert slept == [1, 7, 30, 8]


def test_a_redirect_that_leaves_an_encrypted_connection_is_refused():
    def response(url: str) -> requests.Response:
        made = requests.Response()
        made.url, made.status_code = url, 200
        return made

    with Client() as client:
        for way, fine in (
            ("http https", True),
            ("https https", True),
            ("https http", False),
            ("http https http", False),
        ):
            *history, last = (response(f"{scheme}://a.example/x") for scheme in way.split())
            last.history = history
            if fine:
                client._check("a", last, {200})
            else:
                with pytest.raises(SourceError, match="not encrypted"):
                    client._check("a", last, {200})


def test_a_folder_that_cannot_be_written_is_told(server, tmp_path):
    (tmp_path / "updates").write_text("a file where the folder belongs")
    with pytest.raises(UserError, match="cannot be written"):
        Fetcher(server, tmp_path).poll()


def test_a_server_that_is_not_there(fetcher):
    fetcher.server.server_close()
    with pytest.raises(NetworkUnavailable, match="no connection"):
        fetcher.poll(tries=2)


def test_a_server_that_falls_silent(server, fetcher):
    server.scripts[MANIFEST] = [lambda h: server.released.wait(30) and None] * 2
    with pytest.raises(NetworkUnavailable, match="fell silent"):
        fetcher.poll(tries=2, silence=0.1)
    assert len(server.asked(MANIFEST)) == 2


@pytest.mark.parametrize(
    ("name", "value", "drop"), [("Transfer-Encoding", "chunked", b"1\r\nx\r\n"), ("Content-Length", "1000000", b"x")]
)
def test_a_server_that_drips_ends_at_the_limit_of_the_whole(name, value, drop, server, fetcher, made):
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header(name, value)
        handler.end_headers()
        while not server.released.wait(0.02):
            try:
                handler.wfile.write(drop)
            except OSError:
                return

    publish(server, made)
    server.scripts[PATCH] = [drip]
    fetcher.refused(NetworkUnavailable, "not done after 0.3 s", total=0.3, tries=1)


def test_the_next_manifest_is_asked_where_the_first_has_nothing(server, fetcher):
    server.offer("2025.1.2", name="Rebirth")
    server.files["/db/update_manifest.xml"] = b"<manifest><version>2025.3.4</version><file>a.mru</file></manifest>"
    other = f"{server.url}/db/update_manifest.xml"
    offer = Offer("2025.3.4", (f"{server.url}/db/a.mru",), other)
    assert fetcher.poll(other).offer == offer
    server.files[MANIFEST] = b"<html>"
    found = fetcher.poll(other)
    assert found.offer == offer and "is a web page" in found.problems[0]
    server.files.pop("/db/update_manifest.xml")
    with pytest.raises(FormatError, match="is a web page"):
        fetcher.poll(other)


def test_a_name_of_json_belongs_to_the_first_address_whoever_names_it(server, fetcher):
    entry = {"Type": "Database", "Name": "homecoming", "Version": "2025.3.4", "File": "a.mru"}
    server.files["/db/more.json"] = json.dumps({"Updates": [entry]}).encode()
    server.offer("2025.1.2", name="Rebirth")
    found = fetcher.poll(f"{server.url}/db/more.json").offer
    assert found is not None and found.patches == (f"{server.url}/a.mru",)


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
