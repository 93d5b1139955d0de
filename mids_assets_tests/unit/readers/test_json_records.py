"""Decoding records: the fast way, the exact way, and that both say the same."""

import json
import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.readers.columnar import frame_schema
from mids_assets.readers.i12 import read_frames, write_raw_json
from mids_assets.readers.json_exact import RecordFault, read_exact
from mids_assets.readers.json_model import RECORDS, build_model
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import record_spans
from mids_assets.readers.mids_zip import MidsZip
from mids_assets_tests.unit.readers.binary_support import REAL, needs_real
from mids_assets_tests.unit.readers.json_support import LAYOUTS, dump, make, row

ENTITIES = sorted(RECORDS)
SEEDS = st.integers(0, 10_000)


def rows(batch):
    return batch.frame.drop("source_position", "source_offset", "extra").to_dicts()


def decode(values, entity="salvage", shape="canonical", layout="lines"):
    return decode_records(dump(values, layout), shape, entity)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ENTITIES), st.lists(SEEDS, max_size=4), st.sampled_from(LAYOUTS), st.booleans())
def test_every_record_becomes_its_row(entity, seeds, layout, bom):
    values = [make(seed, entity) for seed in seeds]
    data = dump(values, layout, bom=bom)
    batch = decode_records(data, "canonical", entity, base_offset=1000, first_position=7)
    assert batch.failures == [] and batch.unknown == {} and batch.records == len(values)
    assert rows(batch) == [row(entity, value) for value in values]
    assert batch.frame["source_position"].to_list() == list(range(7, 7 + len(values)))
    assert batch.frame["source_offset"].to_list() == [1000 + start for start in record_spans(data)[0].tolist()]
    expected = {
        "source_position": pl.Int64(),
        "source_offset": pl.Int64(),
        **frame_schema(*RECORDS[entity]),
        "extra": pl.String(),
    }
    assert dict(batch.frame.schema) == expected


def test_zero_keeps_its_sign():
    value = make(1, "archetype")
    found = decode([value | {"base_threat": zero} for zero in (-0.0, 0.0)], "archetype").frame["base_threat"]
    assert [math.copysign(1, number) for number in found] == [-1, 1]


@settings(max_examples=40, deadline=None)
@given(st.lists(SEEDS, min_size=1, max_size=6), st.sampled_from(LAYOUTS), st.integers(1, 40_000))
def test_chunks_give_what_the_whole_gives(tmp_path_factory, seeds, layout, chunk_bytes):
    path = tmp_path_factory.mktemp("chunks") / "a.json"
    data = dump([make(seed, "power") for seed in seeds], layout)
    path.write_bytes(data)
    parts, first = [], 0
    for start, end, count in plan_chunks(path, chunk_bytes):
        batch = decode_records(data[start:end], "canonical", "power", base_offset=start, first_position=first)
        first += count
        assert batch.records == count
        parts.append(batch.frame)
    assert pl.concat(parts).equals(decode_records(data, "canonical", "power").frame)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ENTITIES), SEEDS)
def test_the_exact_way_accepts_what_the_fast_way_accepts(entity, seed):
    """One unknown key sends a record the exact way; its row must not change."""
    value = make(seed, entity)
    odd = decode([value | {"Novelty": {"a": [1]}}], entity)
    assert odd.unknown == {"Novelty": 1}
    assert odd.frame["extra"].to_list() == ['{"Novelty":{"a":[1]}}']
    plain = decode([value], entity).frame
    assert odd.frame.drop("extra").equals(plain.with_columns(odd.frame["source_offset"]).drop("extra"))


GOOD = {"internal_name": "S_A", "external_name": "A", "rarity": 1, "level_min": 0, "level_max": 9, "origin": 2}


def changed(**change):
    return json.dumps(GOOD | change)


FAULTS = [
    ("fraction", changed(rarity=1.5), "rarity", "type"),
    ("whole fraction", changed(rarity=1.0), "rarity", "type"),
    ("boolean", changed(rarity=True), "rarity", "type"),
    ("null", changed(rarity=None), "rarity", "type"),
    ("text", changed(rarity="1"), "rarity", "type"),
    ("number as text", changed(internal_name=5), "internal_name", "type"),
    ("list", changed(internal_name=[]), "internal_name", "type"),
    ("object", changed(internal_name={}), "internal_name", "type"),
    ("too big", changed(rarity=2**31), "rarity", "range"),
    ("too small", changed(rarity=-(2**31) - 1), "rarity", "range"),
    ("far too big", changed(rarity=10**400), "rarity", "range"),
    ("missing", json.dumps({k: v for k, v in GOOD.items() if k != "origin"}), "origin", "missing"),
    ("twice", changed().replace("{", '{"rarity": 7, ', 1), "rarity", "duplicate"),
    ("twice with an escape", changed().replace("{", r'{"rarit\u0079": 7, ', 1), "rarity", "duplicate"),
    ("twice, unknown", changed().replace("{", '{"x": 7, "x": 8, ', 1), "x", "duplicate"),
    ("high surrogate", changed(internal_name="?").replace("?", r"\ud800"), "internal_name", "text"),
    ("low surrogate", changed(internal_name="?").replace("?", r"\ude00"), "internal_name", "text"),
    ("NaN", changed(rarity=float("nan")), "", "syntax"),
    ("Infinity", changed(rarity=float("inf")), "", "syntax"),
    ("trailing comma", changed().replace("}", ",}"), "", "syntax"),
    ("raw control character", changed(internal_name="?").replace("?", "\x01"), "", "syntax"),
    ("bad escape", changed(internal_name="?").replace("?", r"\x"), "", "syntax"),
    ("leading zero", changed(rarity=1).replace(": 1,", ": 01,"), "", "syntax"),
    ("no value", '{"internal_name"}', "", "syntax"),
]


@pytest.mark.parametrize(("text", "path", "rule"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_fault_costs_one_record_and_is_named(text, path, rule):
    data = f"[{changed()},\n{text},\n{changed()}]".encode()
    batch = decode_records(data, "canonical", "salvage", base_offset=50, first_position=10)
    assert [(f.position, f.path, f.rule) for f in batch.failures] == [(11, path, rule)]
    assert batch.failures[0].offset == 50 + data.index(text.encode())
    assert batch.failures[0].payload == text
    assert batch.frame["source_position"].to_list() == [10, 12]
    assert rows(batch) == [GOOD, GOOD]
    assert batch.records == 3


def test_bytes_that_are_no_utf8_are_shown_and_refused():
    bad = changed(internal_name="?").encode().replace(b"?", b"\xff\xc0")
    batch = decode_records(b"[" + bad + b"]", "canonical", "salvage")
    assert (batch.failures[0].rule, batch.frame.height) == ("encoding", 0)
    assert r"\xff\xc0" in batch.failures[0].payload


@pytest.mark.parametrize("number", [3.4028235677973366e38, 1e39, -1e300, 10**50, 10**400])
def test_a_number_beyond_f32_is_out_of_range(number):
    values = [make(3, "power"), make(4, "power"), make(5, "power")]
    values[1]["effects"] = [_effect(), _effect() | {"scale": number}]
    batch = decode(values, "power")
    assert [(f.position, f.path, f.rule) for f in batch.failures] == [(1, "effects[1].scale", "range")]
    assert rows(batch) == [row("power", values[0]), row("power", values[2])]


def _effect():
    return next(effect for seed in range(99) for effect in make(seed, "power")["effects"])


def test_the_largest_f32_passes():
    value = make(3, "archetype") | {"base_threat": 3.4028235e38}
    assert decode([value], "archetype").frame["base_threat"].to_list() == [3.4028235e38]


@pytest.mark.parametrize("stray", ["7", "null", '"text"', "x", "[1, 2]", "]", "}"])
def test_text_between_records_does_not_vanish(stray):
    data = f"[{changed()}, {stray}, {changed()}]".encode()
    batch = decode_records(data, "canonical", "salvage")
    assert rows(batch)[0] == GOOD
    assert [f.rule for f in batch.failures][:1] == ["syntax"]
    assert batch.failures[0].payload.startswith(stray)


def test_no_records():
    for data in (b"", b"[]", b"\xef\xbb\xbf[ \n]", b" , "):
        batch = decode_records(data, "canonical", "power")
        assert batch.frame.height == 0 and batch.failures == [] and batch.records == 0
        assert batch.frame.width == len(RECORDS["power"][0]["power"].fields) + 3


def test_unknown_keys_are_counted_by_place_and_learned():
    values = [make(seed, "power") for seed in range(40)]
    effects = 0
    for number, value in enumerate(values):
        value["Novelty"] = number
        value["requires"]["Late"] = [None, 1]
        value["requires"]["Never"] = None
        for effect in value["effects"]:
            effect["New"] = {"New": [{"New": 1}]}
            effects += 1
    batch = decode(values, "power")
    assert batch.unknown == {"Novelty": 40, "effects[].New": effects, "requires.Late": 40}
    assert batch.frame.height == 40 and effects > 10


def test_random_keys_do_not_grow_without_bound():
    values = [make(1, "salvage") | {f"k{number}": 1} for number in range(700)]
    batch = decode(values)
    assert batch.frame.height == 700 and len(batch.unknown) == 700 and set(batch.unknown.values()) == {1}


def test_a_key_twice_is_seen_beside_learned_keys():
    text = changed(Novelty=1)
    twice = text.replace("{", '{"rarity": 1, ', 1)
    data = f"[{text},{text},{twice}]".encode()
    batch = decode_records(data, "canonical", "salvage")
    assert [(f.position, f.rule) for f in batch.failures] == [(2, "duplicate")]
    assert batch.unknown == {"Novelty": 2}


def test_nul_stays_and_is_counted():
    values = [make(seed, "power") for seed in range(3)]
    values[1]["description_long"] = "a\0b"
    values[1]["boosts_allowed"] = ["x\0", "y\0"]
    values[2]["effects"] = [_effect() | {"reward": "\0"}]
    values[2]["display_name"] = r"\u0000 as text"
    batch = decode(values, "power")
    assert batch.nul_texts == {"boosts_allowed": 2, "description_long": 1, "effects[].reward": 1}
    assert rows(batch) == [row("power", value) for value in values]


def test_a_field_that_is_not_stored_is_null():
    value = make(1, "power") | {"enhancement_class_ids": None}
    assert decode([value, make(2, "power")], "power").frame["enhancement_class_ids"].is_null().to_list() == [
        True,
        False,
    ]


def test_a_broken_record_between_lines_costs_only_itself():
    values = [make(seed, "power") for seed in range(5)]
    data = dump(values, "pretty")
    starts, _ = record_spans(data)
    place = data.index(b'": "', int(starts[2])) + 3
    batch = decode_records(data[:place] + data[place + 1 :], "canonical", "power")
    assert [(f.position, f.rule) for f in batch.failures] == [(2, "syntax")]
    assert rows(batch) == [row("power", value) for number, value in enumerate(values) if number != 2]


def test_a_broken_record_alone_does_not_become_its_parts():
    """A slice of one record: the effects inside must not be taken for powers (every key may be absent there)."""
    value = {"FullName": "A.B.C", "Effects": [{"Scale": 1.0}, {"Scale": 2.0}]}
    data = json.dumps(value, indent=2).encode().replace(b'"A.B.C"', b'"A.B.C')
    batch = decode_records(data, "mids_zip", "power")
    assert batch.frame.height == 0 and [f.rule for f in batch.failures] == ["syntax"]


def test_exact_reader_names_deep_places():
    value = make(1, "enhancement")
    value["effects"] = [{**_plain_effect(), "has_fx": True, "fx": _effect() | {"conditionals": [{"key": "k"}]}}]
    with pytest.raises(RecordFault) as caught:
        read_exact(build_model("canonical", "enhancement"), json.dumps(value).encode())
    assert (caught.value.path, caught.value.rule) == ("effects[0].fx.conditionals[0].value", "missing")


def _plain_effect():
    return {"mode": 1, "buff_mode": 0, "enhance_id": -1, "enhance_sub_id": 0, "schedule": 0, "multiplier": 1.0}


def test_deep_nesting_is_a_failure_not_a_crash():
    deep = changed(x=1).replace('"x": 1', '"x": ' + "[" * 100_000 + "]" * 100_000)
    batch = decode_records(f"[{deep},{changed()}]".encode(), "canonical", "salvage")
    assert [f.rule for f in batch.failures] == ["syntax"] and rows(batch) == [GOOD]


@needs_real
@pytest.mark.real
def test_real_binary_raw_json_and_export_give_the_same_frames(tmp_path):
    folder = REAL / "releases" / "homecoming-2022-03-31"
    frames = read_frames(folder / "I12.mhd")
    raw = write_raw_json(folder / "I12.mhd", tmp_path)
    archive = MidsZip(folder / "Mids.zip")
    entries = {"powerset.json": "PowerSets.json", "i12.json": "Powers.json", "archetype.json": "Archetypes.json"}
    for entity, frame in frames.items():
        name = "i12.json" if entity == "power" else f"{entity}.json"
        (tmp_path / "export.json").write_bytes(b"".join(archive.blocks(entries.get(name, "Entities.json"))))
        for path, shape in ((raw[name].path, "canonical"), (tmp_path / "export.json", "mids_zip")):
            parts, first = [], 0
            with path.open("rb") as file:
                for start, end, count in plan_chunks(path, 8 * 1024 * 1024):
                    file.seek(start)
                    batch = decode_records(file.read(end - start), shape, entity, first_position=first)
                    assert batch.failures == [] and batch.unknown == {} and batch.records == count
                    if entity == "power" and batch.nul_texts:
                        assert batch.nul_texts == {"description_long": 1}
                    parts.append(batch.frame.drop("source_offset", "extra"))
                    first += count
            assert pl.concat(parts).equals(frame), (entity, shape)
