"""One damaged file per kind of fault: each is one FormatError that names the place."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.errors import FormatError
from mids_assets.readers.binary import decode, find_layout
from mids_assets.readers.binary_exact import ExactReader
from mids_assets.readers.binary_fast import FAILURES, record_readers
from mids_assets.readers.binary_write import encode
from mids_assets.readers.layouts import ENHDB, FAMILIES, I12, SALVAGE
from mids_assets.readers.wire import ShortFloats, Texts
from mids_assets_tests.unit.readers.binary_support import LAYOUT_IDS, LAYOUTS, sample_value

SMALL = sample_value(SALVAGE.newest)
SALVAGE_BYTES = encode(SALVAGE.newest, SMALL)
I12_BYTES = encode(I12.newest, sample_value(I12.newest))


def fault(raw: bytes, kind: str = "salvage") -> FormatError:
    with pytest.raises(FormatError) as caught:
        decode(raw, FAMILIES[kind].layouts(), file="Some.mhd")
    assert caught.value.file == "Some.mhd"
    assert "Some.mhd" in str(caught.value)
    return caught.value


def test_empty_file():
    assert "empty" in fault(b"").message


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html><html></html>", b"\xef\xbb\xbf\r\n <HTML>\n", b"<!doctype HTML PUBLIC>"]
)
@pytest.mark.parametrize("kind", ["salvage", "i12", "globalmods"])
def test_web_page(page, kind):
    assert "web page" in fault(page, kind).message


def test_wrong_magic_names_what_was_expected_and_found():
    error = fault(SALVAGE_BYTES, "recipe")
    assert "Mids Reborn Recipe Database" in error.message
    assert "Mids Reborn Salvage Database" in error.message
    assert (error.offset, error.field) == (0, "magic")


def test_leftover_bytes():
    error = fault(SALVAGE_BYTES + b"xyz")
    assert "3 bytes are left over" in error.message
    assert error.offset == len(SALVAGE_BYTES)


def test_marker_mismatch():
    at = I12_BYTES.index(b"BEGIN:POWERS\x01")
    error = fault(I12_BYTES[:at] + b"BEGIN:POWERZ" + I12_BYTES[at + 12 :], "i12")
    assert "marker 'BEGIN:POWERS' expected" in error.message
    assert (error.offset, error.field) == (at - 1, "powers_marker")


@pytest.mark.parametrize("stored", [-2, -(2**31), 10_000, 2**31 - 1])
def test_impossible_count_of_records(stored):
    at = SALVAGE_BYTES.index(b"Salvage Database") + len(b"Salvage Database")
    error = fault(SALVAGE_BYTES[:at] + struct.pack("<i", stored) + SALVAGE_BYTES[at + 4 :])
    assert f"count of {stored + 1} items" in error.message
    assert (error.offset, error.field) == (at, "items")


def test_impossible_count_inside_a_record_names_the_record():
    value = sample_value(I12.newest)
    raw = encode(I12.newest, value)
    # The conditionals are the last field of an effect; its only list whose count is the number of items.
    last = raw.rindex(struct.pack("<i", 2) + b"\x06key")
    error = fault(raw[:last] + struct.pack("<i", 99_999) + raw[last + 4 :], "i12")
    assert (error.record, error.field, error.offset) == ("power 1 / effect 1", "conditionals", last)


def test_text_past_the_end():
    at = SALVAGE_BYTES.rindex(b"\x10external_name")
    error = fault(SALVAGE_BYTES[:at] + b"\x7f" + SALVAGE_BYTES[at + 1 :])
    assert "runs past the end" in error.message
    assert (error.record, error.field, error.offset) == ("salvage 1", "external_name", at)


def test_text_length_of_six_bytes():
    at = SALVAGE_BYTES.rindex(b"\x10external_name")
    error = fault(SALVAGE_BYTES[:at] + b"\x80\x80\x80\x80\x80\x01" + SALVAGE_BYTES[at + 1 :])
    assert "more than five bytes" in error.message
    assert (error.record, error.field, error.offset) == ("salvage 1", "external_name", at)


def test_invalid_utf8_gives_the_offset_of_the_bad_byte():
    at = SALVAGE_BYTES.rindex("é".encode())
    error = fault(SALVAGE_BYTES[:at] + b"\xff" + SALVAGE_BYTES[at + 1 :])
    assert "UTF-8" in error.message
    assert (error.record, error.field, error.offset) == ("salvage 1", "external_name", at)


def test_truth_value_that_is_neither_zero_nor_one():
    value = sample_value(ENHDB.newest)
    value["enhancements"][1]["superior"] = False
    raw = bytearray(encode(ENHDB.newest, value))
    marker = b"recipe_name \xc3\xa9\x00"
    at = raw.index(marker) + len(marker) - 1
    raw[at] = 2
    error = fault(bytes(raw), "enhdb")
    assert "must be 0 or 1, found 2" in error.message
    assert (error.record, error.field, error.offset) == ("enhancement 1", "superior", at)


def test_the_error_is_the_one_of_the_layout_that_got_furthest():
    value = sample_value(I12.layout("h3"), items=3)
    raw = encode(I12.layout("h3"), value)
    error = fault(raw[:-1], "i12")
    assert "layout h3" in error.message
    assert error.record == "summoned_entity 2"


@pytest.mark.parametrize("layout", [I12.newest, I12.layout("h9"), I12.layout("h1")], ids=lambda layout: layout.id)
def test_a_cut_at_every_byte_is_a_format_error(layout):
    raw = encode(layout, sample_value(layout, items=1))
    for size in range(len(raw)):
        with pytest.raises(FormatError) as caught:
            find_layout(raw[:size], I12.layouts())
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= size


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fast_and_exact_readers_refuse_the_same_bytes(layout, data):
    raw = bytearray(encode(layout, sample_value(layout, items=1)))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.sampled_from([0, 1, 2, 127, 128, 255]))
    exact = ExactReader(bytes(raw), layout, file=None)
    try:
        expected = exact.record(layout.root, None)
    except FormatError:
        expected = None
    try:
        fast, end = record_readers(bytes(raw), layout, ShortFloats(), Texts())[layout.root](0)
    except FAILURES:
        fast, end = None, 0
    if fast is not None and end > len(raw):
        fast = None
    assert repr(fast) == repr(expected)
    assert fast is None or end == exact.pos
