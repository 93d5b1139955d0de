"""The tables of powers from hand-made records, one peculiarity of the data at a time."""

from __future__ import annotations

import json

import pytest

from mids_assets.model.enums import EFFECT_TYPE
from mids_assets.model.frames import frame_schema
from mids_assets.model.tables import TABLES
from mids_assets.transform import inputs
from mids_assets.transform.hashing import row_hash
from mids_assets.transform.rules import check_rules, check_unresolved
from mids_assets_tests.unit.transform.transform_support import tables_of, write_frames

EFFECT = {name: number for number, name in EFFECT_TYPE.members}
REFERENCE = {
    "enhancement_class": [
        {"id": 11, "name": "Damage", "class_id": "Damage_Boost"},
        {"id": 12, "name": "Range", "class_id": "Range_Boost"},
    ],
    "set_type": [{"name": "First"}, {"name": "Second"}],
    "effect_tag": [{"name": "Ones"}],
}
SETS = [{"full_name": "Group.Set"}, {"full_name": "Group.Other"}]
CLASSES = [{"class_name": "Class_Tanker"}, {"class_name": "Class_Brute"}]


@pytest.fixture
def build(tmp_path):
    def make(*powers: dict, **more):
        records = [{"full_name": f"Group.Set.P{n}", **power} for n, power in enumerate(powers)]
        frames = write_frames(tmp_path, REFERENCE, powerset=SETS, archetype=CLASSES, power=records, **more)
        tables = tables_of("power", frames)
        for name, frame in tables.items():
            assert frame.schema == frame_schema(TABLES[name], TABLES)
            assert check_rules(TABLES[name], frame, frames.keys).passed, name
        return tables, frames

    return make


def test_position_counts_inside_the_powerset_in_file_order(build):
    names = ["Group.Set.A", "Group.Other.B", "group.SET.C", "Group.Other.D"]
    tables, _ = build(*({"full_name": name} for name in names))
    power = tables["power"]
    assert power["position"].to_list() == [0, 0, 1, 1]
    assert power["powerset"].to_list() == ["group.set", "group.other"] * 2
    assert power["natural_key"].to_list() == [name.lower() for name in names]
    assert power["full_name"].to_list() == names


def test_a_power_without_its_powerset_breaks_a_rule(tmp_path):
    frames = write_frames(tmp_path, REFERENCE, powerset=SETS, power=[{"full_name": "No.Where.P"}])
    power = tables_of("power", frames)["power"]
    assert check_rules(TABLES["power"], power, frames.keys).failures == {"required: powerset": 1}


def test_summon_means_an_entity_or_a_power_by_the_type_of_the_effect(build):
    tables, _ = build(
        {
            "effects": [
                {"effect_type": EFFECT["EntCreate"], "summon": "PETS_a"},
                {"effect_type": EFFECT["GrantPower"], "summon": "group.set.p0"},
                {"effect_type": EFFECT["GrantPower"], "summon": "Pets_A"},
                {"effect_type": EFFECT["EntCreate"], "summon": "Group.Set.P0"},
                {"effect_type": 999, "summon": "Group.Set.P0", "effect_id": "ones", "class_name": "CLASS_TANKER"},
            ]
        },
        summoned_entity=[{"uid": "Pets_A"}],
    )
    effect = tables["power_effect"]
    assert effect["summoned_entity"].to_list() == ["pets_a", None, None, None, None]
    assert effect["granted_power"].to_list() == [None, "group.set.p0", None, None, "group.set.p0"]
    assert effect["effect_type"].to_list()[3:] == ["EntCreate", None]
    assert effect["effect_type_code"].to_list()[4] == 999
    assert effect.row(4, named=True)["effect_tag"] == "Ones"
    assert effect.row(4, named=True)["archetype"] == "class_tanker"
    assert effect["position"].to_list() == [0, 1, 2, 3, 4]


def test_conditions_are_taken_apart(build):
    def conditions(*keys):
        return {"conditionals": [{"key": key, "value": "True"} for key in keys]}

    tables, _ = build(
        {"effects": [{}, conditions("Active:Group.Set.P1", "AND Stacks:group.set.P0", "OR Team:Anyone")]},
        {"effects": [conditions("Taken:Gone.A.B", "nothing known")]},
    )
    columns = ("power", "effect_position", "position", "connector", "kind", "subject", "subject_power")
    assert tables["power_effect_condition"].select(columns).rows() == [
        ("group.set.p0", 1, 0, None, "Active", "Group.Set.P1", "group.set.p1"),
        ("group.set.p0", 1, 1, "AND", "Stacks", "group.set.P0", "group.set.p0"),
        ("group.set.p0", 1, 2, "OR", "Team", "Anyone", None),
        ("group.set.p1", 0, 0, None, "Taken", "Gone.A.B", None),
        ("group.set.p1", 0, 1, None, "nothing known", None, None),
    ]


def test_prerequisites_keep_their_logic_and_say_what_they_name(build):
    requires = {
        "powers": [
            {"power_a": "Group.Set.P0", "power_b": "GROUP.other"},
            {"power_a": "Gone.Set.Power", "power_b": ""},
            {"power_a": "@CLASS_X", "power_b": "source>"},
            {"power_a": "!Group.Set.P0", "power_b": "Group.Other.Gone"},
        ],
        "powers_not": [{"power_a": "!group.set.p0", "power_b": "!true"}],
    }
    tables, _ = build({"requires": requires})
    columns = ("negated", "alternative", "position", "required_name", "kind", "required_power", "required_powerset")
    assert tables["power_prerequisite"].select(columns).rows() == [
        (False, 0, 0, "Group.Set.P0", "power", "group.set.p0", None),
        (False, 0, 1, "GROUP.other", "powerset", None, "group.other"),
        (False, 1, 0, "Gone.Set.Power", "unknown", None, None),
        (False, 2, 0, "@CLASS_X", "expression", None, None),
        (False, 2, 1, "source>", "expression", None, None),
        (False, 3, 0, "!Group.Set.P0", "expression", None, None),
        (False, 3, 1, "Group.Other.Gone", "unknown", None, None),
        (True, 0, 0, "!group.set.p0", "power", "group.set.p0", None),
        (True, 0, 1, "!true", "expression", None, None),
    ]


def test_repeats_in_sets_are_dropped_and_counted_but_kept_in_the_text(build):
    tables, frames = build(
        {
            "enhancement_class_ids": [12, 11, 12],
            "set_type_ids": [1, 1],
            "requires": {"classes": ["Class_Tanker", "CLASS_tanker"], "classes_not": ["Class_Tanker", "Class_Brute"]},
        },
        {"enhancement_class_ids": [12]},
    )
    classes = tables["power_allowed_enhancement"].select("power", "enhancement_class").rows()
    assert classes == [("group.set.p0", 12), ("group.set.p0", 11), ("group.set.p1", 12)]
    assert tables["power"]["allowed_enhancements"].to_list() == ["[12,11,12]", "[12]"]
    assert tables["power_allowed_set_type"]["set_type"].to_list() == [1]
    rules = tables["power_archetype_rule"].select("archetype", "excluded", "class_name").rows()
    assert rules == [
        ("class_tanker", False, "Class_Tanker"),
        ("class_tanker", True, "Class_Tanker"),
        ("class_brute", True, "Class_Brute"),
    ]
    assert {name: n for name, n in frames.dropped.items() if n} == {
        "power_allowed_enhancement": 1,
        "power_allowed_set_type": 1,
        "power_archetype_rule": 1,
    }


def test_classes_that_an_old_layout_did_not_store_follow_from_the_boosts(build):
    boosts = ["range_boost", "Magic_Boost", "Damage_Boost", "Range_Boost"]
    tables, _ = build(
        {"enhancement_class_ids": None, "boosts_allowed": boosts},
        {"enhancement_class_ids": None},
        {"enhancement_class_ids": [], "boosts_allowed": boosts},
    )
    assert tables["power"]["allowed_enhancements"].to_list() == ["[12,11]", "[]", "[]"]
    assert tables["power_allowed_enhancement"]["enhancement_class"].to_list() == [12, 11]
    assert tables["power"]["boosts_allowed"].to_list()[0] == boosts


def test_an_unknown_class_blocks_instead_of_vanishing(tmp_path):
    frames = write_frames(
        tmp_path,
        REFERENCE,
        powerset=SETS,
        power=[
            {
                "full_name": "Group.Set.P",
                "enhancement_class_ids": [99],
                "requires": {"classes": ["Nobody", "Noone"]},
            }
        ],
    )
    tables = tables_of("power", frames)
    report = check_rules(TABLES["power_allowed_enhancement"], tables["power_allowed_enhancement"], frames.keys)
    assert report.failures == {"reference: enhancement_class": 1}
    report = check_rules(TABLES["power_archetype_rule"], tables["power_archetype_rule"], frames.keys)
    assert report.failures == {"required: archetype": 2}


def test_a_class_that_a_part_of_the_game_s_data_lacks_is_counted(tmp_path):
    power = {"full_name": "Group.Set.P", "requires": {"classes": ["Nobody", "Class_Tanker"], "classes_not": ["NOBODY"]}}
    frames = write_frames(tmp_path, REFERENCE, powerset=SETS, archetype=[{"class_name": "Class_Tanker"}], power=[power])
    rules = tables_of("power", frames)["power_archetype_rule"]
    assert rules.select("archetype", "excluded", "class_name").rows() == [
        (None, False, "Nobody"),
        ("class_tanker", False, "Class_Tanker"),
        (None, True, "NOBODY"),
    ]
    table = TABLES["power_archetype_rule"]
    assert check_rules(table, rules, frames.keys, whole=False).passed
    assert check_rules(table, rules, frames.keys).failures == {"required: archetype": 2}
    assert check_unresolved(table, rules).unresolved == {"archetype": 2}


def test_effects_as_json_hold_what_a_planner_reads(build):
    effect = {
        "effect_type": EFFECT["Damage"],
        "damage_type": 3,
        "mez_type": 999,
        "magnitude": 1.5,
        "scale": 0.1,
        "duration": 2.0,
        "base_probability": 7.0,
        "to_who": 1,
    }
    tables, _ = build({"effects": [effect, {}]}, {})
    first, second = tables["power"]["effects"].to_list()
    assert json.loads(first)[0] == {
        "effect_type": "Damage",
        "damage_type": "Fire",
        "mez_type": None,
        "magnitude": 1.5,
        "scale": 0.1,
        "duration": 2.0,
        "probability": 7.0,
        "to_who": "Target",
    }
    assert first.startswith(
        '[{"effect_type":"Damage","damage_type":"Fire","mez_type":null,"magnitude":1.5,"scale":0.1,'
    )
    assert len(json.loads(first)) == 2 and second == "[]"


def test_flags_are_named_by_ascending_bit_and_unknown_bits_stay_in_the_mask(build):
    tables, _ = build({"target": 4096 + 4 + 1}, {"target": 0})
    assert tables["power"]["target"].to_list() == [["Caster", "DeadPlayer"], []]
    assert tables["power"]["target_code"].to_list() == [4101, 0]


def test_plain_lists(build):
    tables, _ = build(
        {
            "sub_powers": ["GROUP.SET.P0", "gone"],
            "group_membership": ["G", "G"],
            "ignore_buffs": [2],
            "ignore_enhancements": [1, 99],
        }
    )
    assert tables["power_sub_power"].select("position", "sub_power_name", "sub_power").rows() == [
        (0, "GROUP.SET.P0", "group.set.p0"),
        (1, "gone", None),
    ]
    assert tables["power_group"].select("position", "group_membership").rows() == [(0, "G"), (1, "G")]
    assert tables["power_ignored_aspect"].select("kind", "position", "aspect", "aspect_code").rows() == [
        ("enhancement", 0, "Accuracy", 1),
        ("enhancement", 1, None, 99),
        ("buff", 0, "Damage", 2),
    ]


def test_hashes_see_the_children_of_their_own_power_only(build):
    before, _ = build({"effects": [{"scale": 1.0}]}, {"group_membership": ["G"]}, {})
    after, _ = build({"effects": [{"scale": 2.0, "unique_id": 5}]}, {"group_membership": ["G"]}, {})
    assert before["power"]["children_hash"].to_list()[1:] == after["power"]["children_hash"].to_list()[1:]
    assert before["power"]["children_hash"][0] != after["power"]["children_hash"][0]
    assert before["power"]["row_hash"].to_list()[1:] == after["power"]["row_hash"].to_list()[1:]
    same, _ = build({"effects": [{"scale": 1.0, "unique_id": 5, "class_index": 3}], "stacks": 9}, {}, {})
    assert same["power"]["row_hash"][0] == before["power"]["row_hash"][0]
    assert same["power"]["children_hash"][0] == before["power"]["children_hash"][0]
    assert before["power"]["row_hash"].equals(row_hash(TABLES["power"], before["power"]))


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_tables_do_not_depend_on_the_size_of_batches(build, monkeypatch, rows):
    powers = [
        {
            "effects": [{"scale": float(k), "conditionals": [{"key": f"Taken:Group.Set.P{k}"}]} for k in range(n % 4)],
            "enhancement_class_ids": [11] * (n % 3),
            "requires": {"powers": [{"power_a": "Group.Set.P1"}] * (n % 2), "classes": ["Class_Brute"] * (n % 3)},
        }
        for n in range(11)
    ]
    whole, frames = build(*powers)
    monkeypatch.setattr(inputs, "BATCH_ROWS", rows)
    dropped = dict(frames.dropped)
    parts, frames = build(*powers)
    assert len(list(frames.batches("power"))) > 1
    assert dict(frames.dropped) == dropped
    for name, frame in whole.items():
        assert frame.equals(parts[name]), name
