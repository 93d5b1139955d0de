"""Validation of record frames: which records go to the quarantine, why, and what stays."""

from __future__ import annotations

import json

import polars as pl
import pytest

from mids_assets.readers.json_records import decode_records
from mids_assets.transform.frames import QUARANTINE_SCHEMA, validate_records
from mids_assets_tests.unit.transform.transform_support import record_frame

GOOD = {"full_name": "Group.Set.Good"}


def refused(asset: str, *records, **options) -> list[dict]:
    return validate_records(asset, record_frame(asset, records), source_file="f.json", **options).quarantine.to_dicts()


def test_good_records_pass_unchanged():
    frame = record_frame("power", [GOOD, {"full_name": "Group.Set.Other", "effects": [{"summon": "Pets_A"}]}])
    found = validate_records("power", frame, source_file="f.json")
    assert found.frame.equals(frame)
    assert found.quarantine.schema == QUARANTINE_SCHEMA
    assert found.quarantine.is_empty() and not found.replaced


@pytest.mark.parametrize(
    ("fault", "rule", "field"),
    [
        ({"full_name": ""}, "required", "full_name"),
        ({"full_name": "A.B." + "x" * 252}, "too_long", "full_name"),
        ({"full_name": "A.B.x\0y"}, "nul", "full_name"),
        ({"accuracy": float("nan")}, "not_finite", "accuracy"),
        ({"effects": [{}, {}, {}, {"scale": float("-inf")}]}, "not_finite", "effects[3].scale"),
        ({"effects": [{"summon": "a\0"}]}, "nul", "effects[0].summon"),
        ({"effects": [{"magnitude_expression": "a\0"}]}, "nul", "effects[0].magnitude_expression"),
        ({"effects": [{}, {"conditionals": [{"key": "k"}, {"key": "\0"}]}]}, "nul", "effects[1].conditionals[1].key"),
        ({"requires": {"powers_not": [{"power_b": "b" * 256}]}}, "too_long", "requires.powers_not[0].power_b"),
        ({"requires": {"classes": ["a", "a\0"]}}, "nul", "requires.classes[1]"),
        ({"boosts_allowed": ["x" * 256]}, "too_long", "boosts_allowed[0]"),
    ],
)
def test_a_value_that_breaks_a_rule_takes_its_record_along(fault, rule, field):
    frame = record_frame("power", [GOOD, {**GOOD, **fault}, {"full_name": "Group.Set.Last"}])
    found = validate_records("power", frame, source_file="f.json")
    assert found.frame["source_position"].to_list() == [0, 2]
    (entry,) = found.quarantine.to_dicts()
    assert (entry["rule"], entry["field"], entry["source_position"]) == (rule, field, 1)
    assert (entry["entity"], entry["source_file"], entry["expected"]) == ("power", "f.json", False)
    assert json.loads(entry["record"])["effects"] is not None
    assert "\0" not in entry["record"]


def test_a_powerset_without_a_full_name_is_an_orphan_and_one_without_any_name_is_refused():
    frame = record_frame(
        "powerset", [{"full_name": "", "display_name": "Lost Set A"}, {"full_name": "", "set_name": "x"}]
    )
    found = validate_records("powerset", frame, source_file="f.json")
    assert found.frame["full_name"].to_list() == ["Orphan.Lost_Set_A"]
    assert found.quarantine.select("source_position", "rule", "field").rows() == [(1, "required", "full_name")]


def test_limits_count_characters_not_bytes():
    assert refused("power", {"full_name": "ä" * 255}) == []
    assert refused("power", {"full_name": "ä" * 256})[0]["message"] == "the text is longer than 255 characters"


def test_a_record_with_many_faults_is_one_entry():
    (entry,) = refused("power", {**GOOD, "accuracy": float("inf"), "effects": [{"scale": float("nan")}] * 3})
    assert entry["field"] == "accuracy"
    assert entry["message"] == "the number is not finite (and 3 more faults)"
    assert json.loads(entry["record"])["accuracy"] == "Infinity"


def test_bounds_of_the_model_hold():
    (entry,) = refused("archetype", {"class_name": "Class_A", "modifier_column": -1})
    assert (entry["rule"], entry["field"]) == ("below_minimum", "modifier_column")


def test_texts_for_people_keep_their_record_and_lose_the_nul():
    frame = record_frame("power", [{**GOOD, "description_long": "a\0b\0", "description_short": "fine"}, GOOD])
    found = validate_records("power", frame, source_file="f.json")
    assert found.quarantine.is_empty()
    assert found.frame["description_long"].to_list() == ["a\ufffdb\ufffd", ""]
    assert found.replaced == {"description_long": 1}


def test_the_second_record_of_a_class_is_expected_and_refused_without_regard_to_case():
    records = [{"class_name": "Class_A", "hitpoints": 1}, {"class_name": "Class_B"}, {"class_name": "CLASS_a"}]
    found = validate_records("archetype", record_frame("archetype", records), source_file="f.json")
    assert found.frame["class_name"].to_list() == ["Class_A", "Class_B"]
    (entry,) = found.quarantine.to_dicts()
    assert (entry["rule"], entry["expected"], entry["source_position"]) == ("duplicate_class", True, 2)


def test_a_refused_first_record_does_not_count_as_the_class():
    records = [{"class_name": "Class_A", "modifier_column": -1}, {"class_name": "Class_A"}]
    assert [entry["rule"] for entry in refused("archetype", *records)] == ["below_minimum"]


def test_other_repeats_are_left_to_the_rules():
    assert refused("power", GOOD, GOOD) == []
    assert refused("salvage", {"internal_name": "S"}, {"internal_name": "s"}) == []


def test_the_header_row_of_a_spreadsheet_is_expected_and_refused():
    header = {"internal_name": "# Name", "rarity": -1, "entries": [{"level": 3}]}
    (entry,) = refused("recipe", header, {"internal_name": "# Name", "rarity": 0}, {"internal_name": "R", "rarity": -1})
    assert (entry["rule"], entry["expected"], entry["source_position"]) == ("header_row", True, 0)
    assert json.loads(entry["record"])["entries"][0]["level"] == 3


def test_failures_of_the_decoder_join_in_order_of_their_place():
    text = (
        b'[{"uid":"Pets_A"},'
        + json.dumps(
            {
                "uid": "Pets_\0",
                "display_name": "",
                "entity_type": 0,
                "class_name": "",
                "powersets": [],
                "upgrade_powers": [],
            }
        ).encode()
    )
    text += b"]"
    batch = decode_records(text, "canonical", "summoned_entity")
    found = validate_records("summoned_entity", batch.frame, batch.failures, source_file="e.json")
    entries = found.quarantine.to_dicts()
    assert [(e["source_position"], e["byte_offset"], e["rule"], e["field"]) for e in entries] == [
        (0, 1, "missing", "display_name"),
        (1, 18, "nul", "uid"),
    ]
    assert found.frame.is_empty() and "source_offset" not in found.frame.columns


def test_the_given_text_of_a_record_wins():
    (entry,) = refused("salvage", {"internal_name": ""}, payload=lambda position: f"record {position}")
    assert entry["record"] == "record 0"


def test_chunks_give_what_the_whole_gives():
    frame = record_frame(
        "power", [{"full_name": f"A.B.{n}", "accuracy": float("nan") if n % 3 else 1} for n in range(9)]
    )
    whole = validate_records("power", frame, source_file="f")
    parts = [validate_records("power", frame.slice(at, 4), source_file="f") for at in (0, 4, 8)]
    assert pl.concat(part.frame for part in parts).equals(whole.frame)
    assert pl.concat(part.quarantine for part in parts).equals(whole.quarantine)


def test_a_frame_without_records_is_fine():
    for asset in ("power", "archetype", "recipe", "enhancement"):
        found = validate_records(asset, record_frame(asset, []), source_file="f")
        assert found.frame.height == 0 and found.quarantine.schema == QUARANTINE_SCHEMA


def test_rules_reach_the_effect_record_inside_an_enhancement():
    effects = [{"fx": None}, {"has_fx": True, "fx": {"scale": float("nan")}}]
    (entry,) = refused("enhancement", {"uid": "E", "effects": effects})
    assert entry["field"] == "effects[1].fx.scale"
