"""What is offered, asked of a real server on loopback, and what a connection may do meanwhile."""

from __future__ import annotations

import json

import pytest
import requests

from mids_assets.errors import FormatError, NetworkUnavailable, SourceError, UserError
from mids_assets.readers.unpack import opened_source
from mids_assets.updates.fetch import Fetched, compare
from mids_assets.updates.http import Client, Limits
from mids_assets.updates.manifest import Offer
from mids_assets.updates.polling import poll
from mids_assets_tests.unit.updates.fetcher import MANIFEST, NAME, PATCH, Fetcher, publish
from mids_assets_tests.update_server import Handler


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
    assert fetched == Fetched(fetcher.cache / f"{NAME}.mru", "2025.1.2", len(made[0]) + len(made[1]), ())
    assert sorted(place.name for place in fetcher.cache.glob(f"{NAME}*")) == [f"{NAME}.hash", f"{NAME}.mru"]
    assert fetched.path.read_bytes() == made[0]
    with opened_source(fetched.path, "homecoming") as source:
        assert (source.header.version, source.warnings[:0]) == ("2025.1.2", [])


def test_without_a_hash_file_it_is_a_warning(server, fetcher, made):
    server.files[PATCH] = made[0]
    fetcher.cache.mkdir()
    (fetcher.cache / f"{NAME}.hash").write_bytes(b"[]")
    assert f"{NAME}.hash is absent" in fetcher.fetch().warnings[0]
    assert [place.name for place in fetcher.cache.glob(f"{NAME}*")] == [f"{NAME}.mru"]


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
