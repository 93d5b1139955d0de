"""Every binary layout: what is written is read back, and real files come back byte for byte."""

import pickle
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mids_assets.errors import FormatError
from mids_assets.readers.binary import choose_layout, decode, find_layout, scan
from mids_assets.readers.binary_exact import ExactReader
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.binary_write import encode
from mids_assets.readers.layout import Family, Field, Wire, layout_fingerprint, many, one, record
from mids_assets.readers.layouts import ENHDB, FAMILIES, I12
from mids_assets_tests.unit.readers.binary_support import (
    LAYOUT_IDS,
    LAYOUTS,
    REAL,
    needs_real,
    record_of,
    sample_value,
)

BINARY_NAMES = {
    "enhdb.mhd": "enhdb",
    "recipe.mhd": "recipe",
    "salvage.mhd": "salvage",
    "globalmods.mhd": "globalmods",
    "sdata.mhd": "sdata",
    "compare.mhd": "compare",
    "attribmod.mhd": "attribmod",
    "uddata.mhd": "uddata",
    "i12.mhd": "i12",
}
REAL_FILES = [path for path in sorted(REAL.rglob("*.mhd")) if path.name.lower() in BINARY_NAMES]
LAYOUT_OF_FOLDER = {
    "Homecoming-2019-06-05": {"EnhDB.mhd": "e0", "Recipe.mhd": "r0"},
    "Homecoming-2020-12-19": {"EnhDB.mhd": "e2", "Recipe.mhd": "r1"},
    "Homecoming-2021-06-19": {"EnhDB.mhd": "e3"},
    "Homecoming-2021-11-14": {"EnhDB.mhd": "e5", "Recipe.mhd": "r3"},
    "Homecoming-2022-01-18": {"EnhDB.mhd": "e6"},
    "Homecoming-2022-02-01": {"EnhDB.mhd": "e6"},
    "Rebirth-2022-03-30": {"EnhDB.mhd": "e6"},
    "Generic-2022-04-03": {"EnhDB.mhd": "e6"},
    "homecoming-2022-03-31": {"I12.mhd": "r3"},
}


def as_dict(decoded):
    return row_to_dict(decoded.layout, decoded.layout.root, decoded.value)


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_records_come_back(layout, data):
    value = data.draw(record_of(layout, layout.root))
    raw = encode(layout, value)
    decoded = decode(raw, [layout])
    assert as_dict(decoded) == value
    assert encode(layout, as_dict(decoded)) == raw
    assert decoded.value == tuple(part.value for part in scan(raw, layout))
    exact = ExactReader(raw, layout, file=None)
    assert exact.record(layout.root, None) == decoded.value
    assert exact.pos == len(raw)


@pytest.mark.parametrize("layout", LAYOUTS, ids=LAYOUT_IDS)
def test_the_right_layout_is_found_among_all_of_its_kind(layout):
    raw = encode(layout, sample_value(layout))
    assert decode(raw, FAMILIES[layout.kind].layouts()).layout is layout
    assert find_layout(raw, FAMILIES[layout.kind].layouts()) is layout
    assert choose_layout(raw, FAMILIES[layout.kind].layouts()) is layout


def test_batches_give_the_same_rows_and_their_offsets():
    layout = I12.newest
    raw = encode(layout, sample_value(layout, items=5))
    whole = {part.field.name: part.value for part in scan(raw, layout)}
    batched: dict[str, list] = {}
    for part in scan(raw, layout, batch=2):
        if part.starts and isinstance(part.value, list):
            assert part.first == len(batched.setdefault(part.field.name, []))
            for start, row in zip(part.starts, part.value, strict=False):
                reader = ExactReader(raw, layout, file=None, pos=start)
                assert reader.record(str(part.field.record), None) == row
            batched[part.field.name] += part.value
    assert batched == {name: whole[name] for name in ("archetypes", "powersets", "powers", "entities")}


def test_negative_zero_and_zero_stay_apart():
    layout = ENHDB.newest
    value = sample_value(layout)
    value["enhancements"][0]["effect_chance"] = -0.0
    value["enhancements"][1]["effect_chance"] = 0.0
    raw = encode(layout, value)
    assert encode(layout, as_dict(decode(raw, [layout]))) == raw


def test_floats_are_the_shortest_decimals():
    layout = ENHDB.newest
    for number in (0.3, 16777216.0, 0.1, 1e-45, 3.4028235e38, 20.0927, 1.1754944e-38, 0.33333334):
        value = sample_value(layout)
        value["version"] = number
        assert as_dict(decode(encode(layout, value), [layout]))["version"] == number


def test_root_arrays_may_be_iterators():
    layout = I12.newest
    value = sample_value(layout, items=3)
    streamed = {key: iter(item) if isinstance(item, list) else item for key, item in value.items()}
    assert encode(layout, streamed) == encode(layout, value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level_min": 2**31}, "level_min"),
        ({"level_min": "7"}, "level_min"),
        ({"internal_name": 7}, "internal_name"),
        ({"internal_name": "\ud800"}, "internal_name"),
    ],
)
def test_a_value_that_cannot_be_stored_is_named(change, field):
    layout = FAMILIES["salvage"].newest
    value = sample_value(layout)
    value["items"][1] |= change
    with pytest.raises(FormatError) as caught:
        encode(layout, value)
    assert (caught.value.record, caught.value.field) == ("salvage 1", field)


def test_a_missing_value_is_named():
    layout = I12.newest
    value = sample_value(layout)
    del value["powers"][1]["effects"][0]["scale"]
    with pytest.raises(FormatError) as caught:
        encode(layout, value)
    assert (caught.value.record, caught.value.field) == ("power 1 / effect 0", "scale")


@needs_real
@pytest.mark.parametrize("path", REAL_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_real_files_are_read_to_the_end_and_rewritten_byte_for_byte(path):
    raw = path.read_bytes()
    decoded = decode(memoryview(raw), FAMILIES[BINARY_NAMES[path.name.lower()]].layouts(), file=path)
    assert encode(decoded.layout, as_dict(decoded)) == raw
    expected = LAYOUT_OF_FOLDER.get(path.parent.name, {}).get(path.name)
    assert expected is None or decoded.layout.id == expected
    assert choose_layout(path, FAMILIES[decoded.layout.kind].layouts()) is decoded.layout


@needs_real
def test_exactly_one_layout_fits_each_real_enhancement_file():
    files = [path for path in REAL_FILES if BINARY_NAMES[path.name.lower()] in ("enhdb", "recipe")]
    for path in files:
        raw, fitting = path.read_bytes(), []
        for layout in FAMILIES[BINARY_NAMES[path.name.lower()]].layouts():
            try:
                fitting.append(decode(raw, [layout]).layout.id)
            except FormatError as error:
                assert pickle.loads(pickle.dumps(error)).offset == error.offset
        assert len(fitting) == 1, (path, fitting)


def test_the_fingerprint_tells_layouts_apart_and_sees_every_change():
    found = [layout_fingerprint(layout) for layout in LAYOUTS]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in found)

    def declared(*fields, magic="Magic", item: Wire = "i32"):
        inner = record("inner", many("numbers", item))
        root = record("file", *fields, one("inner", inner))
        return Family("kind", "file", (("k0", (magic,), "2020-01-01", None),), (inner, root)).newest

    first, second = Field("first", "i32"), Field("second", "i32", when=("first", ">", 0))
    given = layout_fingerprint(declared(first, second))
    assert given == layout_fingerprint(declared(first, second))
    changes = [
        declared(first),
        declared(first, second, Field("third", "i32")),
        declared(second, first),
        declared(first, replace(second, name="other")),
        declared(first, replace(second, wire="f32")),
        declared(first, replace(second, when=("first", ">", 1))),
        declared(first, second, item="string"),
        declared(first, second, magic="Other"),
    ]
    assert len({given, *map(layout_fingerprint, changes)}) == len(changes) + 1
    part = layout_fingerprint(declared(first), "inner")
    assert part == layout_fingerprint(declared(second), "inner") != layout_fingerprint(declared(first))
