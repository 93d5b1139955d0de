"""The fast way and the exact way of decoding say the same about every text, whatever was decoded before."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mids_assets.readers import json_model, json_records, json_scan
from mids_assets.readers.json_arrow import is_utf8
from mids_assets.readers.json_records import Batch, decode_records
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.shape_types import FullName, Key, Named, Parallel, RecordShape, Shape, record_shape
from mids_assets.readers.shapes import SHAPES
from mids_assets_tests.unit.readers.json_support import LAYOUTS, TEXTS, dump, make

PARTIAL = Shape(
    "test_partial",
    defaults=False,
    partial=True,
    records={
        "power": record_shape(
            """
            Text display_name
            Level level
            Speed recharge_time
            Targets max_targets
            Effects effects
            Boosts boosts_allowed
            """,
            "Derived",
            required="Name",
            kept="Icon Order Tags Limits Name",
            power_type=Named("Type", "power_type", {"Auto": "Auto_"}),
            full_name=FullName("Set", ("Inner", "Name")),
        ),
        "effect": RecordShape(
            {
                "scale": Key("Scale"),
                "duration_expression": Key("Formula"),
                "effect_type": Named("Kind", "effect_type"),
            },
            kept=frozenset({"Note"}),
        ),
        "salvage": record_shape("Name internal_name", required="Name Id", kept="Id Note"),
        "powerset": RecordShape(
            {
                "full_name": Key("Name"),
                "mutex_sets": Parallel(("Sets", "Numbers"), ("", -1)),
            }
        ),
    },
)
CODES = {"power_type": {"click": 0, "auto_": 1, "toggle": 2}, "effect_type": {"damage": 4, "heal": 7}}

_WORDS = r"""
null true 1 1.0 -0 -0.0 1e2 0.1 2147483648 9007199254740993 99999999999999999999 1e39 1e400 -1e999 NaN -Infinity 01 +1
1, tru [] [1] [null] [[]] {} [[null,null]] [{}] ["a"] {"a":1} {"a":null} {"a":[null]} {"a":1,"a":2}
"x" "1" "null" "NaN" "" "\ud83d\ude00" "\ud800" "\u0000" "\u0041" "\\"
"""
SCALARS = [*_WORDS.split(), '"\x01"', "1 2", ""]
TOKEN = re.compile(r'(?<=:)("(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null|\[\]|\{\})')


@pytest.fixture(autouse=True)
def _partial_shape(monkeypatch):
    monkeypatch.setitem(SHAPES, PARTIAL.name, PARTIAL)
    yield
    json_model.build_model.cache_clear()
    json_records._learned.cache_clear()


def ways(data: bytes, shape: str, entity: str) -> tuple[Batch, Batch, Batch]:
    """What is said by the fast way after all that was learned, by the fast way afresh, and by the exact way alone."""
    learned = decode_records(data, shape, entity, codes=CODES)
    json_records._learned.cache_clear()
    afresh = decode_records(data, shape, entity, codes=CODES)
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*_):
            raise pa.ArrowInvalid

        patch.setattr(json_records, "read_block", refuse)
        exact = decode_records(data, shape, entity, codes=CODES)
    return learned, afresh, exact


def same(batches: tuple[Batch, ...]) -> Batch:
    first, *others = batches
    for other in others:
        assert other.failures == first.failures
        assert other.unknown == first.unknown and other.nul_texts == first.nul_texts and other.records == first.records
        assert other.frame.schema == first.frame.schema
        assert repr(other.frame.to_dicts()) == repr(first.frame.to_dicts())
    return first


def spell(value: dict, shape: str, random: Random) -> dict:
    """The canonical record, or something like it under the keys of the shape."""
    if shape == "canonical":
        return value
    if shape == "mids_zip":
        keys = {
            name: place.key for name, place in SHAPES[shape].records["power"].places.items() if isinstance(place, Key)
        }
        kept = [name for name in keys if random.random() < 0.7 and not isinstance(value[name], dict | list)]
        effects = [
            {"Scale": e["scale"], "Expressions": {"Magnitude": "m"}, "EffectId": e["effect_id"]}
            for e in value["effects"]
        ]
        return {keys[name]: value[name] for name in kept} | {"Effects": effects, "PowerIndex": 3, "IsNew": False}
    record: dict[str, Any] = {
        "Name": random.choice(["A", "B.C", "X.Y.Z", "Set.N"]),
        "Set": random.choice(["Set", "G.Set", ""]),
    }
    record |= {
        "Text": random.choice(TEXTS),
        "Level": 3,
        "Speed": 0.1,
        "Targets": 1,
        "Type": random.choice(["Click", "AUTO", "?"]),
    }
    record |= {
        "Icon": random.choice(TEXTS),
        "Order": 4,
        "Tags": ["a"],
        "Limits": {"Modes": "x", "More": [1, 2.5]},
        "Derived": [1],
    }
    effects = [
        {"Scale": 0.5, "Formula": "f", "Kind": random.choice(["Damage", "none"]), "Note": "n", "More": 1}
    ] * random.randrange(3)
    record["Effects"] = effects
    return {key: item for key, item in record.items() if key == "Name" or random.random() < 0.8}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["canonical", "mids_zip", PARTIAL.name]),
    st.randoms(use_true_random=False),
    st.integers(1, 12),
    st.integers(0, 4),
    st.sampled_from(LAYOUTS),
)
def test_both_ways_agree_about_damaged_records(shape, random, count, damages, layout):
    texts = []
    for _ in range(count):
        value = spell(make(random.randrange(1000), "power"), shape, random)
        texts.append(json.dumps(value, separators=(",", ":")))
    for _ in range(damages):
        place = random.randrange(count)
        texts[place] = damage(texts[place], random)
    data = ("[" + (",\n" if layout == "lines" else ",").join(texts) + "]").encode(errors="surrogatepass")
    batch = same(ways(data, shape, "power"))
    if not damages:
        assert batch.failures == [] and batch.frame.height == count


def damage(text: str, random: Random) -> str:
    """Replace a value, or add a member, or cut."""
    tokens = list(TOKEN.finditer(text))
    kind = random.randrange(4)
    if kind == 0 or not tokens:
        new = f'{{"{random.choice(["New", "scale", "Name", "extra", "a.b", "é"])}":{random.choice(SCALARS)},'
        place = random.choice([match.start() for match in re.finditer(r"\{(?=\")", text)] or [0])
        return text[:place] + new + text[place + 1 :]
    token = random.choice(tokens)
    if kind == 3:
        cut = random.randrange(len(text))
        return text[:cut] + text[cut + random.randrange(1, 4) :]
    return text[: token.start()] + random.choice(SCALARS) + text[token.end() :]


VALUES = st.recursive(
    st.one_of(
        st.sampled_from(TEXTS),
        st.text(max_size=4),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@example([{"Limits": [None, None, None]}])
@given(
    st.lists(st.dictionaries(st.sampled_from(["Icon", "Order", "Tags", "Limits", "New", "Newer"]), VALUES), max_size=20)
)
def test_what_has_no_column_is_kept_whole(values):
    """Each value comes back from `extra` as json reads it, but for objects' and numbers' spelling and for nulls."""
    data = dump([{"Name": "A.B.C", **value} for value in values], "compact")
    batch = same(ways(data, PARTIAL.name, "power"))
    assert batch.failures == []
    for value, text in zip(values, batch.frame["extra"].to_list(), strict=True):
        assert json.loads(text) == {"Name": "A.B.C"} | without_nulls(value)


def without_nulls(value):
    """A null is as good as an absent key; an item of a list it is."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def test_nulls_in_what_is_kept_cost_no_exact_reading(monkeypatch):
    records = [{"Name": "P", "Limits": {"On": None, "Off": text}} for text in ("a", None, "b") * 20]
    expected = decode_records(dump(records, "compact"), PARTIAL.name, "power", codes=CODES)
    read = []
    monkeypatch.setattr(json_records, "read_exact", lambda *given: read.append(given))
    again = decode_records(dump(records, "compact"), PARTIAL.name, "power", codes=CODES)
    assert not read and again.frame.equals(expected.frame)
    assert again.frame["extra"][:2].to_list() == ['{"Limits":{"Off":"a"},"Name":"P"}', '{"Limits":{},"Name":"P"}']


def test_records_refused_only_together_are_read_exactly(monkeypatch):
    data = dump([{"Name": f"P{number}"} for number in range(40)], "compact")
    expected = decode_records(data, PARTIAL.name, "power", codes=CODES)
    read_block = json_records.read_block

    def moody(lines, schema):
        if lines.count(b"\n") > 20:
            raise pa.ArrowInvalid
        return read_block(lines, schema)

    monkeypatch.setattr(json_records, "read_block", moody)
    assert decode_records(data, PARTIAL.name, "power", codes=CODES).frame.equals(expected.frame)


def test_values_inside_of_lists_are_kept_by_place():
    records = [
        {"Name": "P", "Set": "A.B", "Effects": [{"Kind": "Damage"}, {"Kind": "Mystery", "Note": "n", "New": 1.0}]},
        {"Name": "Q", "Type": "Nothing", "Effects": []},
        {"Name": "R"},
    ]
    batch = same(ways(dump(records, "compact"), PARTIAL.name, "power"))
    assert [json.loads(text) for text in batch.frame["extra"]] == [
        {"Name": "P", "effects[1].Kind": "Mystery", "effects[1].New": 1, "effects[1].Note": "n"},
        {"Name": "Q", "Type": "Nothing"},
        {"Name": "R"},
    ]
    assert '"effects[1].New":1,' in batch.frame["extra"][0]
    assert batch.unknown == {"effects[].New": 1}
    assert batch.frame["effects"].to_list()[0][0]["effect_type"] == 4
    assert batch.frame["effects"].to_list()[0][1]["effect_type"] is None


def test_what_a_shape_lacks_is_null():
    batch = same(ways(dump([{"Name": "P", "Text": None}], "compact"), PARTIAL.name, "power"))
    row = batch.frame.to_dicts()[0]
    assert {name for name, value in row.items() if value is not None} == {
        "source_position", "source_offset", "full_name", "extra",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"Name": "N", "Set": "A.B"}, "A.B.N"),
        ({"Name": "X.Y.Z", "Set": "A.B"}, "X.Y.Z"),
        ({"Name": "B.N", "Set": "B"}, "B.N"),
        ({"Name": "N", "Inner": "I", "Set": "A.B"}, "A.B.I"),
        ({"Name": "N", "Inner": "", "Set": "A.B"}, "A.B.N"),
        ({"Name": "N"}, "N"),
        ({"Name": "N", "Set": ""}, "N"),
        ({"Name": "", "Set": "A.B"}, None),
    ],
)
def test_a_full_name_is_put_together(record, name):
    batch = same(ways(dump([record], "compact"), PARTIAL.name, "power"))
    assert batch.frame["full_name"].to_list() == [name]


@pytest.mark.parametrize(
    ("text", "number"), [("Click", 0), ("toggle", 2), ("AUTO", 1), ("Auto_", 1), ("Kick", None), ("", None)]
)
def test_a_member_is_found_by_name_or_synonym(text, number):
    batch = same(ways(dump([{"Name": "N", "Type": text}], "compact"), PARTIAL.name, "power"))
    assert batch.frame["power_type"].to_list() == [number]


@pytest.mark.parametrize("record", [{"Text": "t"}, {"Name": None}])
def test_a_required_key_must_be_there(record):
    batch = same(ways(dump([record], "compact"), PARTIAL.name, "power"))
    assert [failure.path for failure in batch.failures] == ["full_name"]


@pytest.mark.parametrize("records", [
    [{"Name": "a"}, {"Name": "b", "Note": 1}],
    [{"Name": "a"}, {"Name": "b", "Id": None}, {"Name": "c", "Id": 1}, {"Id": 2}, {"Name": None, "Id": {}}],
    [{"Name": "a", "Id": [None]}, {"Name": "b", "Id": ""}, {"Name": "c"}],
])  # fmt: skip
def test_a_key_without_a_field_can_be_required(records):
    batch = same(ways(dump(records, "compact"), PARTIAL.name, "salvage"))
    lacking = [number for number, record in enumerate(records) if record.get("Id") is None or not record.get("Name")]
    assert lacking and [failure.position for failure in batch.failures] == lacking
    assert ("Id", "missing", "the key 'Id' is missing") in {(f.path, f.rule, f.message) for f in batch.failures}


def test_required_keys_that_are_there_cost_no_exact_reading(monkeypatch):
    records = [{"Name": f"n{number}", "Id": number} for number in range(60)]
    expected = decode_records(dump(records, "compact"), PARTIAL.name, "salvage")
    read = []
    monkeypatch.setattr(json_records, "read_exact", lambda *given: read.append(given))
    assert decode_records(dump(records, "compact"), PARTIAL.name, "salvage").frame.equals(expected.frame)
    assert not read and expected.frame.height == 60


def test_lists_beside_each_other():
    """One of them may be absent; then every item has the value that stands for it."""
    records = [
        {"Name": "a", "Sets": ["x", "y"]},
        {"Name": "b", "Sets": ["z"], "Numbers": [5]},
        {"Name": "c", "Numbers": [1]},
        {"Name": "d", "Sets": [], "Numbers": []},
        {"Name": "e"},
    ]
    batch = same(ways(dump(records, "compact"), PARTIAL.name, "powerset"))
    assert [(failure.position, failure.rule) for failure in batch.failures] == [(2, "parallel")]
    found = batch.frame.select("full_name", pl.col("mutex_sets")).rows()
    assert [(name, sets and [tuple(item.values()) for item in sets]) for name, sets in found] == [
        ("a", [("x", -1), ("y", -1)]),
        ("b", [("z", 5)]),
        ("d", []),
        ("e", None),
    ]


@given(
    st.binary(max_size=6)
    | st.text(st.characters(codec=None), max_size=3).map(lambda text: text.encode(errors="surrogatepass"))
)
@example(b"\xed\xa0\x80")
@example(b"\xc0\x80")
@example(b"\xf4\x90\x80\x80")
@example(b"\xf8\x88\x80\x80\x80")
@example(b"")
def test_utf8_is_what_python_says_it_is(data):
    try:
        data.decode()
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert is_utf8(data) == valid


ALIGNED = [
    {"Name": "é日𝄞", "Text": 'q"\\/{}[],:\u2028\t\n', "Speed": -12.5e-3, "Order": 9007199254740993},
    {"Name": "😀", "Text": "\\\\", "Effects": [{"Scale": 0.30000001192092896, "Note": "\ud83d\ude00"}]},
    {"Name": "\x7f", "Limits": {"a": ["]", "}", '"']}, "Level": -0},
]


@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_place_of_a_cut_gives_the_same(tmp_path, monkeypatch, ascii_only):
    """A chunk may end nominally at every byte, and a block at every byte of a text, an escape or a number."""
    data = json.dumps(ALIGNED, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if not ascii_only:
        data = data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()
    path = tmp_path / "a.json"
    path.write_bytes(data)
    whole = same(ways(data, PARTIAL.name, "power"))
    assert whole.failures == [] and whole.frame["full_name"].to_list() == ["é日𝄞", "😀", "\x7f"]
    for size in range(1, len(data) + 1):
        monkeypatch.setattr(json_scan, "BLOCK", 1 + size % 37)
        parts = []
        for start, end, count in plan_chunks(path, size):
            part = decode_records(data[start:end], PARTIAL.name, "power", base_offset=start, codes=CODES)
            assert part.records == count and not part.failures
            parts.append(part.frame.drop("source_position"))
        assert pl.concat(parts).equals(whole.frame.drop("source_position")), size
