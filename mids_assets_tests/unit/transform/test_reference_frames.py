"""The small files: one frame per table, faults to the quarantine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.model.tables import TABLES
from mids_assets.transform.frames import validate_reference
from mids_assets.transform.reference_values import all_sound, value_fault


def part(*records, source_file="x"):
    return {"source_file": source_file, "records": list(records)}


def test_every_reference_table_is_there_and_an_absent_one_is_empty():
    found = validate_reference({})
    assert set(found) == {table.name for table in TABLES.of_asset("reference")}
    assert all(good.frame.is_empty() and good.quarantine.is_empty() for good in found.values())


def test_positions_are_places_in_the_list():
    raw = {
        "enhancement_class": part({"id": 7, "name": "a"}, {"id": 3, "name": "b"}),
        "effect_tag": part({"name": "Ones"}, {"name": "ones"}, {"name": "Ones"}, {"name": "Last"}),
    }
    found = validate_reference(raw)
    assert found["enhancement_class"].frame.select("position", "id").rows() == [(0, 7), (1, 3)]
    tags = found["effect_tag"]
    assert tags.frame.select("position", "name").rows() == [(0, "Ones"), (1, "ones"), (3, "Last")]
    assert tags.dropped == 1 and tags.quarantine.is_empty()


def test_modifier_tables_become_one_row_a_value():
    rows = [[0.5, 1.5], [], [2.5]]
    raw = {
        "attribute_modifier_table": part({"name": "M", "base_index": 0, "rows": rows}, {"name": "Empty", "rows": []})
    }
    found = validate_reference(raw)
    assert found["attribute_modifier_table"].frame.select("name", "base_index").rows() == [("M", 0), ("Empty", None)]
    values = found["attribute_modifier"].frame.select("table", "level", "column", "value").rows()
    assert values == [("M", 0, 0, 0.5), ("M", 0, 1, 1.5), ("M", 2, 0, 2.5)]


@pytest.mark.parametrize(
    ("table", "record", "rule", "field"),
    [
        ("enhancement_class", {"id": None, "name": "a"}, "required", "id"),
        ("enhancement_class", {"id": 2**31, "name": "a"}, "above_maximum", "id"),
        ("enhancement_class", {"id": True, "name": "a"}, "type", "id"),
        ("origin", {"name": "a\0"}, "nul", "name"),
        ("effect_tag", {"name": "x" * 256}, "too_long", "name"),
        ("diversification_threshold", {"schedule": "A", "threshold": 4, "value": 0.1}, "above_maximum", "threshold"),
        ("diversification_threshold", {"schedule": "A", "threshold": 1, "value": float("nan")}, "not_finite", "value"),
    ],
)
def test_what_cannot_be_stored_is_refused(table, record, rule, field):
    good = validate_reference({table: part(record, source_file="EClasses.mhd")})[table]
    assert good.frame.is_empty()
    (entry,) = good.quarantine.to_dicts()
    assert (entry["entity"], entry["source_file"], entry["rule"], entry["field"], entry["source_position"]) == (
        "reference",
        "EClasses.mhd",
        rule,
        field,
        0,
    )


TRAIT = {"uid": "Crafted_X_A", "piece_uid": "Crafted_X_A"}
EXPRESSION = {"power_name": "A.B.C", "place": "requires"}


def test_flags_lists_and_trees_are_columns():
    raw = {
        "enhancement_trait": part(
            {**TRAIT, "attuned": True, "aspects": ["Damage", "Range"], "unique_group": []},
            {**TRAIT, "uid": "Attuned_X_A", "attuned": None, "aspects": None},
        ),
        "power_expression": part(
            {**EXPRESSION, "tree": {"op": "||", "args": ["é", 1.5]}, "unknown": ["x"]},
            {**EXPRESSION, "place": "effects[0].requires_expression", "tree": None, "fault": "at 3: no"},
        ),
    }
    found = validate_reference(raw)
    traits = found["enhancement_trait"].frame
    assert traits.select("attuned", "aspects", "unique_group").rows() == [
        (True, ["Damage", "Range"], []),
        (None, None, None),
    ]
    trees = found["power_expression"].frame
    assert trees.select("tree", "unknown").rows() == [('{"op":"||","args":["é",1.5]}', ["x"]), (None, None)]


@pytest.mark.parametrize(
    ("table", "record", "rule", "field"),
    [
        ("enhancement_trait", {**TRAIT, "attuned": 1}, "type", "attuned"),
        ("enhancement_trait", {**TRAIT, "aspects": "Damage"}, "type", "aspects"),
        ("enhancement_trait", {**TRAIT, "aspects": ["Damage", 3]}, "type", "aspects"),
        ("enhancement_trait", {**TRAIT, "aspects": ["x" * 256]}, "too_long", "aspects"),
        ("enhancement_trait", {**TRAIT, "aspects": ["a\0"]}, "nul", "aspects"),
        ("enhancement_trait", {"uid": "A"}, "required", "piece_uid"),
        ("power_expression", {**EXPRESSION, "tree": {"text": "a\0"}}, "nul", "tree"),
        ("power_expression", {**EXPRESSION, "tree": ["x" * 5_000_000]}, "too_long", "tree"),
        ("effect_tag_power", {"relation": "bears", "position": 0, "power_name": "A"}, "required", "tag"),
        (
            "effect_tag_power",
            {"tag": "x" * 256, "relation": "bears", "position": 0, "power_name": "A"},
            "too_long",
            "tag",
        ),
        ("enhancement_strength", {"grade": "a", "level": 0, "schedule": "A", "value": 10**400}, "not_finite", "value"),
    ],
)
def test_what_cannot_be_stored_of_the_game_s_own_data_is_refused(table, record, rule, field):
    sound = {**TRAIT, **EXPRESSION, "tag": "T", "relation": "bears", "position": 0, "grade": "b", "level": 0}
    sound |= {"schedule": "A", "value": 1.0}
    good = validate_reference({table: part(record, sound)})[table]
    assert good.frame.height == 1
    (entry,) = good.quarantine.to_dicts()
    assert (entry["rule"], entry["field"], entry["source_position"]) == (rule, field, 0)


def test_a_backslash_before_u0000_is_no_nul():
    raw = {"power_expression": part({**EXPRESSION, "tree": {"text": "\\u0000"}})}
    good = validate_reference(raw)["power_expression"]
    assert (good.frame.height, good.quarantine.height) == (1, 0)


def test_of_two_records_of_one_key_the_first_counts_and_the_other_is_set_aside():
    raw = {"enhancement_trait": part({**TRAIT, "max_level": 50}, {**TRAIT, "max_level": 20})}
    good = validate_reference(raw)["enhancement_trait"]
    assert good.frame["max_level"].to_list() == [50]
    (entry,) = good.quarantine.to_dicts()
    assert (entry["rule"], entry["field"], entry["source_position"]) == ("duplicate", "uid", 1)


def test_a_record_that_the_reader_could_not_make_is_set_aside_with_its_file():
    refused = {"rule": "type", "field": "bears[0]", "message": "Expected `array`"}
    raw = {
        "effect_tag": part({"name": "A"}, {"refused": refused, "file": "tags/b.json", "content": "{}"}, {"name": "C"}),
        "attribute_modifier_table": part({"refused": refused, "file": "archetypes/x.json", "content": "{}"}),
    }
    found = validate_reference(raw)
    assert found["effect_tag"].frame.select("position", "name").rows() == [(0, "A"), (2, "C")]
    (entry,) = found["effect_tag"].quarantine.to_dicts()
    assert (entry["source_file"], entry["rule"], entry["field"]) == ("tags/b.json", "type", "bears[0]")
    assert '"content":"{}"' in entry["record"]
    assert found["attribute_modifier"].frame.is_empty() and found["attribute_modifier"].quarantine.is_empty()
    assert found["attribute_modifier_table"].quarantine.height == 1


def test_modifier_tables_by_column_lack_what_the_column_lacks():
    columns = [{"column": 2, "values": [0.5, 1.5]}, {"column": 0, "values": [2.5]}]
    raw = {
        "attribute_modifier_table": part(
            {"name": "M", "base_index": None, "columns": columns},
            {"name": "N", "base_index": None, "columns": []},
            {"name": "O", "base_index": None, "rows": [[7.0]]},
        )
    }
    values = validate_reference(raw)["attribute_modifier"]
    assert values.quarantine.is_empty()
    assert values.frame.select("table", "level", "column", "value").rows() == [
        ("M", 0, 0, 2.5),
        ("M", 0, 2, 0.5),
        ("M", 1, 2, 1.5),
        ("O", 0, 0, 7.0),
    ]


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.lists(st.text(max_size=2))


@given(
    column=st.sampled_from([c for t in TABLES.of_asset("reference") for c in t.columns if c.type != "jsonb"]),
    data=st.data(),
)
def test_a_column_is_sound_only_where_each_value_is(column, data):
    values = data.draw(st.lists(VALUES | st.sampled_from(["\0", "x" * 70_000, 2**31, -2, ["\0"], [1]]), max_size=4))
    required = data.draw(st.booleans())
    faults = [value_fault(column, value, required=required) for value in values]
    assert all_sound(column, values, required=required) is not any(faults)
