"""Manifests: JSON and each generation of XML, decided by content; addresses that may be followed, and others."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.errors import FormatError
from mids_assets.updates.manifest import Offer, read_offer

URL = "https://example.org/mids/update_manifest.json"
BASE = "https://updates.example.org/"


def offer(data: bytes, realm: str = "homecoming") -> Offer | None:
    return read_offer(data, realm, URL, BASE)


def as_json(**entry: object) -> bytes:
    facts = {"Type": "Database", "Name": "Homecoming", "Version": "2025.1.2", "File": "a.mru", **entry}
    return json.dumps({"ManifestVersion": "3.0", "Updates": [facts]}).encode()


def test_json_with_keys_of_any_case_and_the_first_entry_that_fits():
    data = b"""\xef\xbb\xbf  {"manifestversion": "3.0", "New": {}, "UPDATES": [
      {"Type": "Application", "Name": "Homecoming", "Version": "9.9", "File": "app.mru"},
      {"TYPE": 1, "name": "HOMECOMING", "version": "2025.1.2", "file": "homecoming-2025.1.2-cumulative.mru", "X": 1},
      {"Type": "Database", "Name": "Homecoming", "Version": "2026.1.2", "File": "later.mru"}]}"""
    found = offer(data)
    assert found is not None
    assert (found.version, found.manifest) == ("2025.1.2", URL)
    assert found.patches == (f"{BASE}homecoming-2025.1.2-cumulative.mru",)
    assert found.hashes(found.patches[0]) == (
        f"{BASE}homecoming-2025.1.2-cumulative.hash",
        f"{BASE}homecoming-2025.1.2.hash",
    )


@pytest.mark.parametrize(
    ("data", "version", "patches"),
    [
        (
            b"<root><app-version>2.6</app-version><db-version>20.0927</db-version><mandatory>x</mandatory></root>",
            "20.0927",
            ("https://example.org/mids/20.0927.mru", "https://example.org/mids/20.0927.zip"),
        ),
        (
            b"<?xml version='1.0'?><item><mandatory>false</mandatory><in><Version> 2022.2.22 </Version></in></item>",
            "2022.2.22",
            ("https://example.org/mids/2022.2.22.mru",),
        ),
        (
            b"<item><version>9.9.9</version><db-version>2022.2.23</db-version><changelog/></item>",
            "2022.2.23",
            ("https://example.org/mids/2022.2.23.mru",),
        ),
        (
            "<manifest><version>2023.7.1</version><file>rebirth x.mru</file></manifest>".encode("utf-16"),
            "2023.7.1",
            ("https://example.org/mids/rebirth%20x.mru",),
        ),
        (
            b"<manifest><ManifestVersion>3.0</ManifestVersion><Updates><ManifestEntry><Type>Application</Type>"
            b"<Name>Homecoming</Name><Version>1.1</Version><File>a.mru</File></ManifestEntry><ManifestEntry>"
            b"<Type>Database</Type><Name>Homecoming</Name><Version>2025.2.3</Version><File>b.mru</File>"
            b"</ManifestEntry></Updates></manifest>",
            "2025.2.3",
            (f"{BASE}b.mru",),
        ),
    ],
    ids=["X1", "X2", "X2 with two versions", "X3", "JSON's form"],
)
def test_generations_of_xml(data, version, patches):
    found = offer(data)
    assert found is not None
    assert (found.version, found.patches) == (version, patches)


@pytest.mark.parametrize(
    "data",
    [
        as_json(Name="Rebirth"),
        as_json(Name=None),
        as_json(Version=None),
        as_json(Version="soon"),
        as_json(File=None),
        as_json(Type=0),
        b'{"Updates": null}',
        b"{}",
        b"<root><app-version>2.6</app-version></root>",
        b"<manifest><Updates/></manifest>",
    ],
)
def test_nothing_is_offered(data):
    assert offer(data) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  <!DOCTYPE html><html></html>", "web page"),
        (b"<HTML><body>moved</body></HTML>", "web page"),
        (b"hello", "neither JSON nor XML"),
        (b'{"Updates": [', "no JSON"),
        (b'{"Updates": ' + b"[" * 100_000, "no JSON"),
        (b'{"Updates": {}}', "no list"),
        (b'{"Updates": [1]}', "no object"),
        (as_json(Version=2025), "no text"),
        (b"<manifest><version>1.2</version>", "no XML"),
        (b"<feed><title>news</title></feed>", "no version"),
        (b"<a>" * 40 + b"</a>" * 40, "deeper"),
        (b'<!DOCTYPE item [<!ENTITY a "1.2">]><item><version>&a;</version></item>', "document type"),
        ('<!DOCTYPE item [<!ENTITY a "1">]><item/>'.encode("utf-16"), "document type"),
        (b'<?xml version="1.0" encoding="no-such"?><item/>', "no XML"),
    ],
)
def test_what_is_no_manifest(data, words):
    with pytest.raises(FormatError, match=words) as caught:
        offer(data)
    assert URL in str(caught.value)


@pytest.mark.parametrize(
    "file",
    [
        "file:///etc/passwd",
        "ftp://example.org/a.mru",
        "http://example.org/a.mru",
        "https:///a.mru",
        "C:\\a.mru",
        "..\\a.mru",
        "../a.mru",
        "a/../../b.mru",
        "//evil.example/a.mru",
        "/a.mru",
        "a\n.mru",
        "https://[::1/a.mru",
        "a" * 501,
    ],
)
def test_a_patch_that_lies_where_none_may(file):
    with pytest.raises(FormatError, match="is refused"):
        offer(as_json(File=file))


@pytest.mark.parametrize(
    ("patch", "hashes"),
    [
        ("https://a.example/x/b-1.2-cumulative.mru?k=1", ["x/b-1.2-cumulative.hash?k=1", "x/b-1.2.hash?k=1"]),
        ("https://a.example/b.zip", ["b.hash"]),
        ("https://a.example/download", ["download.hash"]),
        ("https://a.example", [".hash"]),
    ],
)
def test_the_hash_file_lies_beside_the_patch_and_on_no_other_host(patch, hashes):
    found = Offer("1.2", (patch,), URL).hashes(patch)
    assert [url.removeprefix("https://a.example").removeprefix("/") for url in found] == hashes
    assert all(url.startswith("https://a.example") for url in found)


def test_an_address_on_another_host_is_used_as_it_is():
    found = offer(as_json(File="https://cdn.example.net/x/a.mru?k=1"))
    assert found is not None and found.patches == ("https://cdn.example.net/x/a.mru?k=1",)


SEEDS = (
    as_json(),
    b"<root><app-version>2.6</app-version><db-version>20.0927</db-version><mandatory>x</mandatory></root>",
    b"<manifest><version>2023.7.1</version><file>a.mru</file></manifest>",
    b"<manifest><Updates><ManifestEntry><Type>Database</Type><Name>Homecoming</Name><Version>1.2</Version>"
    b"<File>b.mru</File></ManifestEntry></Updates></manifest>",
)


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 8), st.binary(max_size=6)), max_size=4),
)
@settings(max_examples=400, deadline=None)
def test_a_damaged_manifest_is_an_offer_or_a_typed_error(seed, edits):
    for place, taken, put in edits:
        seed = seed[:place] + put + seed[place + taken :]
    try:
        found = offer(seed)
    except FormatError as error:
        assert URL in str(error)
    else:
        assert found is None or all(url.startswith(("https://", BASE)) for url in found.patches)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Updates", "Type", "Name", "x"]), inner),
        max_leaves=12,
    )
)
@settings(max_examples=200, deadline=None)
def test_json_of_any_shape_is_nothing_or_a_typed_error(value):
    try:
        assert offer(json.dumps({"Updates": value}).encode()) is None
    except FormatError as error:
        assert URL in str(error)


@pytest.mark.parametrize("number", ["1" * 5000, "1e999", "-1", "1.5", "true"])
def test_odd_numbers_are_no_type(number):
    data = as_json(Type="@").replace(b'"@"', number.encode())
    try:
        assert offer(data) is None
    except FormatError as error:
        assert URL in str(error)
