"""Record boundaries and chunk plans: every layout, every place of a cut, damage."""

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.errors import FormatError
from mids_assets.readers import json_scan
from mids_assets.readers.json_scan import plan_chunks, plan_from_offsets
from mids_assets.readers.json_structure import record_spans, without_member
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real
from mids_assets_tests.unit.readers.json_support import LAYOUTS, TEXTS, dump

VALUES = st.recursive(
    st.one_of(st.sampled_from(TEXTS), st.text(max_size=8), st.integers(), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TEXTS), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.sampled_from(TEXTS), VALUES, max_size=4), max_size=8)


@given(OBJECTS, st.sampled_from(LAYOUTS), st.booleans())
def test_spans_are_the_records_whatever_the_layout(values, layout, bom):
    data = dump(values, layout, bom=bom)
    starts, ends = record_spans(data)
    assert [json.loads(data[low:high]) for low, high in zip(starts, ends, strict=True)] == values


@settings(max_examples=150, deadline=None)
@given(OBJECTS, st.sampled_from(LAYOUTS), st.booleans(), st.integers(1, 120), st.integers(1, 40))
def test_a_plan_covers_every_record_once(tmp_path_factory, values, layout, bom, chunk_bytes, block):
    path = tmp_path_factory.mktemp("plan") / "a.json"
    data = dump(values, layout, bom=bom)
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        # Blocks of a few bytes put a block border into every text, escape and brace.
        patch.setattr(json_scan, "BLOCK", block)
        plan = plan_chunks(path, chunk_bytes)
    found = []
    for start, end, count in plan:
        inside = json.loads(b"[" + data[start:end].rstrip(b" \r\n,") + b"]")
        assert len(inside) == count > 0
        found += inside
    assert found == values
    assert all(before[1] == after[0] for before, after in pairwise(plan))
    if values:
        end = data.rstrip().removesuffix(b"]")
        assert plan[0][0] == record_spans(data)[0][0]
        assert plan[-1][1] == len(end)
        assert plan == plan_from_offsets(record_spans(data)[0], len(end), chunk_bytes)


def planned(path, chunk_bytes, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scan, "BLOCK", block)
        plan = plan_chunks(path, chunk_bytes)
    data, found = path.read_bytes(), []
    for start, end, count in plan:
        starts, ends = record_spans(data[start:end])
        inside = [json.loads(data[start + s : start + e]) for s, e in zip(starts.tolist(), ends.tolist(), strict=True)]
        assert len(inside) == count > 0
        found += inside
    assert all(before[1] == after[0] for before, after in pairwise(plan))
    return found


@settings(max_examples=150, deadline=None)
@given(OBJECTS, VALUES, VALUES, st.sampled_from([None, 2]), st.booleans(), st.integers(1, 120), st.integers(1, 40))
def test_an_array_may_lie_in_an_object(tmp_path_factory, values, before, after, indent, bom, chunk_bytes, block):
    """The first array of objects at its top; what stands before and behind it is no record."""
    holder = {"about": {"before": before, "list": [{}]}, "none": [], "numbers": [1], "records": values}
    holder |= {"more": [{"a": after}], "after": after}
    path = tmp_path_factory.mktemp("plan") / "a.json"
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + json.dumps(holder, indent=indent).encode())
    found = planned(path, chunk_bytes, block)
    assert found == (values or [{"a": after}])


@settings(max_examples=150, deadline=None)
@given(OBJECTS, st.sampled_from(["\n", "\r\n", "\n\n", " \n "]), st.booleans(), st.integers(1, 120), st.integers(1, 40))
def test_an_object_may_stand_on_each_line(tmp_path_factory, values, between, last, chunk_bytes, block):
    path = tmp_path_factory.mktemp("plan") / "a.jsonl"
    path.write_bytes((between.join(map(json.dumps, values)) + between * last).encode())
    if values:
        assert planned(path, chunk_bytes, block) == values
        if len(values) > 1:
            assert planned(path.rename(path.with_suffix(".json")), chunk_bytes, block) == values


def test_a_broken_line_does_not_swallow_the_others(tmp_path):
    lines = [json.dumps({"a": number}) for number in range(6)]
    lines[3] = lines[3].replace(": ", ': "')
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    assert sum(count for _, _, count in plan_chunks(path, 10)) == 6


def test_a_chunk_ends_at_the_first_record_behind_its_size():
    assert plan_from_offsets([2, 10, 30, 31, 80], 99, 20) == [(2, 30, 2), (30, 80, 2), (80, 99, 1)]
    assert plan_from_offsets([], 99, 20) == []
    assert plan_from_offsets(np.array([5]), 7, 1) == [(5, 7, 1)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        ('[{"a": 1}]'.encode("utf-16"), "UTF-16"),
        (b'{"a": 1}', "an object that holds one"),
        (b'{"a": [1, 2], "b": {"c": [{}]}}', "an object that holds one"),
        (b'{"powers": [{"a": 1},{"a": 2}', "not closed"),
        (b"5", "array of records should begin"),
        (b'[{"a": 1},\n{"a": 2}', "cut off"),
        (b'[{"a": 1},\n{"a"', "cut off"),
        (b"[", "cut off"),
        (b'[{"a": 1},{"a": "x},{"a": 3}]', "do not balance"),
        (b'[{"a": 1},{"a": {"b": 2},{"a": 3}]', "do not balance"),
    ],
)
def test_what_is_no_whole_array_is_refused(tmp_path, content, words):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        plan_chunks(path, 10)
    assert caught.value.offset is not None
    assert caught.value.file == str(path)


@pytest.mark.parametrize("layout", ["lines", "pretty", "crlf"])
@pytest.mark.parametrize("cut", [b'"', b"}", b"{"])
@pytest.mark.parametrize("chunk_bytes", [1, 200, 10_000])
def test_one_broken_record_does_not_swallow_the_others(tmp_path, layout, cut, chunk_bytes):
    values = [{"name": f"n{number}", "effects": [{"scale": number}, {"scale": 2}]} for number in range(9)]
    data = dump(values, layout)
    start, end = (bounds[4] for bounds in record_spans(data))
    place = data.rindex(cut, start, end) if cut == b"}" else data.index(cut, start + 1)
    data = data[:place] + data[place + 1 :]
    path = tmp_path / "a.json"
    path.write_bytes(data)
    plan = plan_chunks(path, chunk_bytes)
    assert sum(count for _, _, count in plan) == 9
    read = []
    for low, high, count in plan:
        starts, ends = record_spans(data[low:high])
        assert len(starts) == count
        read += [data[low + s : low + e] for s, e in zip(starts.tolist(), ends.tolist(), strict=True)]
    good = [value for number, value in enumerate(values) if number != 4]
    assert [json.loads(text) for number, text in enumerate(read) if number != 4] == good
    with pytest.raises(json.JSONDecodeError):
        json.loads(read[4])


@given(VALUES, VALUES, st.sampled_from([None, 1, 2]), st.booleans())
def test_a_member_is_cut_out_and_nothing_else(before, after, indent, first):
    """Also where its name stands in a text, or deeper inside."""
    nested = {"Powers": [1, {"Powers": [2]}], "x": '"Powers": [1]'}
    value = {"a": before, "Powers": [{"deep": nested}, 'a ] "Powers": [', {}], "b": nested, "c": after}
    if first:
        value = {key: value[key] for key in ("Powers", "a", "b", "c")}
    text = json.dumps(value, indent=indent).encode()
    small = without_member(text, "Powers")
    del value["Powers"]
    assert json.loads(small) == value
    assert without_member(small, "Powers") == small


@pytest.mark.parametrize("text", [b'{"Powers": [1}', b'{"Powers": 3}', b'{"Powers": "x"}', b'{"a": "Powers"}'])
def test_a_record_without_such_a_member_stays(text):
    assert without_member(text, "Powers") == text


def test_only_the_member_goes_when_it_is_alone():
    assert without_member(b'{"Powers": [1]}', "Powers") == b"{}"


@needs_real
@pytest.mark.real
def test_real_export_is_planned_whole(tmp_path):
    import zipfile

    with zipfile.ZipFile(REAL / "releases/homecoming-2019-07-28/Mids.zip") as archive:
        archive.extract("Powers.json", tmp_path)
    plan = plan_chunks(tmp_path / "Powers.json", 8 * 1024 * 1024)
    assert sum(count for _, _, count in plan) == 9710
    assert all(end - start < 9 * 1024 * 1024 for start, end, _ in plan)
