"""The alias tables: complete, without contradiction, and the archive's spelling leads back to the same rows."""

import json
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.mids_zip import DatabaseHeader, MidsZip, write_mids_zip
from mids_assets.readers.shapes import MIDS_ZIP, MIDS_ZIP_ENTRIES, SHAPES, Formula, Key, Pairs, Parallel
from mids_assets_tests.unit.readers.json_support import make, row

HEADER = DatabaseHeader("2025.5.1234", None)
ENTITIES = list(MIDS_ZIP_ENTRIES)


def spelled(tmp_path, values):
    """Records as the archive spells them, by entity: {entity: [objects]}."""
    path = tmp_path / "Mids.zip"
    write_mids_zip(path, HEADER, *(values.get(entity, []) for entity in ENTITIES))
    archive = MidsZip(path)
    return {entity: json.loads(b"".join(archive.blocks(name))) for entity, name in MIDS_ZIP_ENTRIES.items()}


def decode(objects, entity):
    return decode_records(json.dumps(objects).encode(), "mids_zip", entity)


def rows(batch):
    return batch.frame.drop("source_position", "source_offset", "extra").to_dicts()


@pytest.mark.parametrize("shape", SHAPES.values(), ids=list(SHAPES))
def test_every_listed_field_exists_and_no_key_is_used_twice(shape):
    declared = {record.name: record for records, _ in RECORDS.values() for record in records.values()}
    for name, table in shape.records.items():
        fields = {field.name for field in declared[name]}
        assert set(table.places) <= fields if shape.partial else set(table.places) == fields, name
        # Of one text two fields may be made.
        keys = [place.key for place in table.places.values() if isinstance(place, Key | Pairs)]
        keys += [key for place in table.places.values() if isinstance(place, Parallel) for key in place.keys]
        keys += {key for p in table.places.values() if isinstance(p, Formula) for key in (p.holder, p.older)}
        assert len(keys) == len(set(keys)), name
        assert not set(keys) & table.ignored, name


def test_what_is_not_listed_lies_under_its_own_name():
    assert SHAPES["canonical"].place("power", "full_name") == Key("full_name")
    assert SHAPES["canonical"].ignored("power") == frozenset()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ENTITIES), st.lists(st.integers(0, 5000), max_size=4), st.integers(0, 99))
def test_the_spelling_of_the_archive_gives_the_same_rows(tmp_path_factory, entity, seeds, mix):
    values = [make(seed, entity) for seed in seeds]
    objects = spelled(tmp_path_factory.mktemp("zip"), {entity: values})[entity]
    expected = [row(entity, value) for value in values]
    batch = decode(objects, entity)
    assert batch.failures == [] and batch.unknown == {}
    assert rows(batch) == expected
    # Key order, left-out defaults and the derived keys of the table make no difference.
    random = Random(mix)
    root = RECORDS[entity][1]
    loose = [_loosen(random, MIDS_ZIP.ignored(root), value) for value in objects]
    batch = decode(loose, entity)
    assert batch.failures == [] and batch.unknown == {}
    assert rows(batch) == expected


def _loosen(random, ignored, value):
    """Older exporters left out what equals the default of its type; computed keys may hold anything."""

    def inner(item):
        if isinstance(item, list):
            return [inner(part) for part in item]
        return _loosen(random, (), item) if isinstance(item, dict) else item

    kept = [
        (key, inner(item))
        for key, item in value.items()
        if not (type(item) in (int, bool, float) and str(item) in ("0", "0.0", "False"))
    ]
    kept += [(key, random.choice([1, "x", None, [{"a": 1}], {"b": {"c": "}"}}])) for key in sorted(ignored)]
    random.shuffle(kept)
    return dict(kept)


def test_absent_keys_are_zero_false_or_empty():
    power = rows(decode([{}], "power"))[0]
    assert power["full_name"] == "" and power["effects"] == [] and power["accuracy"] == 0.0
    assert power["requires"] == {"classes": [], "classes_not": [], "powers": [], "powers_not": []}
    assert power["do_not_save"] is False and power["static_index"] == 0
    # The lists of an export are always written: without it the exporter did not know the field.
    assert power["enhancement_class_ids"] is None
    effect = rows(decode([{"Effects": [{}]}], "power"))[0]["effects"][0]
    assert effect["conditionals"] == [] and effect["magnitude_expression"] == "" and effect["class_index"] == 0


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        ({"MagnitudeExpression": "m///p"}, ("", "m", "p")),
        ({"MagnitudeExpression": "m"}, ("", "m", "")),
        ({"MagnitudeExpression": "m///p///q"}, ("", "m", "p///q")),
        ({"Expressions": {"Duration": "d", "Magnitude": "m", "Probability": "p"}}, ("d", "m", "p")),
        ({"Expressions": {"Magnitude": "m///x"}, "MagnitudeExpression": "old"}, ("", "m///x", "")),
        ({}, ("", "", "")),
    ],
)
def test_formulas_of_both_generations(effect, expected):
    found = rows(decode([{"Effects": [effect]}], "power"))[0]["effects"][0]
    names = ("duration_expression", "magnitude_expression", "probability_expression")
    assert tuple(found[name] for name in names) == expected


def test_pairs_and_conditionals():
    objects = [
        {
            "Requires": {"PowerID": [["A.B.C", "A.B.D"], ["A.B.E", ""]], "NPowerID": [[1, -1]], "ClassName": ["X"]},
            "Effects": [{"ActiveConditionals": [{"Key": "Active:A.B.C", "Value": "True", "Validated": False}]}],
        }
    ]
    found = rows(decode(objects, "power"))[0]
    pairs = [{"power_a": "A.B.C", "power_b": "A.B.D"}, {"power_a": "A.B.E", "power_b": ""}]
    assert found["requires"] == {"classes": ["X"], "classes_not": [], "powers": pairs, "powers_not": []}
    assert found["effects"][0]["conditionals"] == [{"key": "Active:A.B.C", "value": "True"}]


@pytest.mark.parametrize(
    ("pair", "path"),
    [(["A"], "[1]"), (["A", "B", "C"], "[1]"), (["A", None], "[1][1]"), ("A", "[1]"), ({"a": "b"}, "[1]")],
)
def test_a_pair_has_two_texts(pair, path):
    batch = decode([{"Requires": {"PowerIDNot": [["A", "B"], pair]}}], "power")
    assert [(f.path, f.rule) for f in batch.failures] == [(f"requires.powers_not{path}", "type")]


def test_parallel_arrays():
    objects = [
        {"UIDMutexSets": ["A.B", "A.C"], "nIDMutexSets": [4, 5]},
        {"UIDMutexSets": ["A.B"]},
        {"UIDMutexSets": ["A.B", "A.C"], "nIDMutexSets": [4]},
        {"nIDMutexSets": [4]},
        {},
    ]
    batch = decode(objects, "powerset")
    assert [(f.position, f.path, f.rule) for f in batch.failures] == [
        (2, "mutex_sets", "parallel"),
        (3, "mutex_sets", "parallel"),
    ]
    assert [found["mutex_sets"] for found in rows(batch)] == [
        [{"powerset_full_name": "A.B", "powerset_index": 4}, {"powerset_full_name": "A.C", "powerset_index": 5}],
        [{"powerset_full_name": "A.B", "powerset_index": -1}],
        [],
    ]


def test_nested_powers_of_a_powerset_are_skipped_and_a_key_twice_beside_them_is_not():
    plain = '{"FullName": "A.B", "Powers": [{"FullName": "A.B.C", "x": "a:b"}]}'
    twice = plain.replace('"A.B",', '"A.B", "FullName": "A.C",')
    batch = decode_records(f"[{plain},{twice}]".encode(), "mids_zip", "powerset")
    assert batch.frame["full_name"].to_list() == ["A.B"]
    assert [(f.position, f.path, f.rule) for f in batch.failures] == [(1, "full_name", "duplicate")]


def test_canonical_keys_are_unknown_to_the_archive_and_the_other_way_round():
    value = make(1, "summoned_entity")
    assert decode([value], "summoned_entity").unknown["uid"] == 1
    batch = decode_records(b'[{"UID": "x"}]', "canonical", "summoned_entity")
    assert [f.rule for f in batch.failures] == ["missing"]


def test_the_writer_counts_positions(tmp_path):
    found = spelled(tmp_path, {"archetype": [make(1, "archetype"), make(2, "archetype")], "power": [make(1, "power")]})
    assert [item["Idx"] for item in found["archetype"]] == [0, 1]
    assert found["power"][0]["PowerIndex"] == 0
    assert found["powerset"] == []
    assert decode(found["powerset"], "powerset").frame.schema["mutex_sets"] == pl.List(
        pl.Struct({"powerset_full_name": pl.String, "powerset_index": pl.Int32})
    )
