"""The tables of all entities but powers, from hand-made records."""

from __future__ import annotations

import json

import pytest

from mids_assets.model.frames import frame_schema
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.transform.rules import check_rules, check_unresolved
from mids_assets.transform.tables import build_batches, build_tables, frames_needed
from mids_assets_tests.unit.transform.transform_support import tables_of, write_frames

CLASSES = [
    {"id": 5, "name": "Damage", "class_id": "Damage_Boost"},
    {"id": 0, "name": "Range", "class_id": "Range_Boost"},
]


def checked(asset, frames):
    tables = tables_of(asset, frames)
    for name, frame in tables.items():
        assert frame.schema == frame_schema(TABLES[name], TABLES)
        report = check_rules(TABLES[name], frame, frames.keys)
        assert report.passed, (name, report.failures)
    return tables


def test_every_asset_builds_all_its_tables_even_without_records(tmp_path):
    frames = write_frames(tmp_path)
    for asset in ASSETS:
        tables = checked(asset, frames)
        assert set(tables) == {table.name for table in TABLES.of_asset(asset)}
        assert all(frame.is_empty() for frame in tables.values())


def test_only_the_frames_that_are_named_are_read(tmp_path):
    for asset in ASSETS:
        folder = tmp_path / asset
        frames = write_frames(folder, archetype=[{"class_name": "C"}])
        for other in set(ASSETS) - set(frames_needed(asset)):
            for path in [folder / f"{other}.parquet", *(folder / other).glob("*.parquet")]:
                path.unlink(missing_ok=True)
        checked(asset, frames)


def test_batches_that_nobody_reads_still_count_for_the_parent(tmp_path):
    recipe = {"internal_name": "R", "entries": [{"level": 1, "ingredients": [{"salvage_name": "S"}]}]}
    frames = write_frames(tmp_path, recipe=[recipe])
    whole = dict(build_tables("recipe", frames))["recipe"]
    skipped = [list(batches) for name, batches in build_batches("recipe", frames) if name == "recipe"]
    assert whole.equals(skipped[0][0])


def test_archetypes_give_the_cap_as_a_fraction_and_all_modifiers(tmp_path):
    frames = write_frames(
        tmp_path,
        archetype=[
            {
                "class_name": "Class_A",
                "playable": True,
                "resistance_cap": 0.75,
                "hitpoints": 1000,
                "origins": ["Magic"],
            },
            {"class_name": "Class_B", "resistance_cap": 90.0, "modifier_column": 4},
        ],
    )
    archetype = checked("archetype", frames)["archetype"]
    assert archetype["resistance_cap_fraction"].to_list() == [0.75, 0.9]
    assert archetype["origins"].to_list() == [["Magic"], []]
    modifiers = json.loads(archetype["modifiers"][1])
    assert (modifiers["resistance_cap"], modifiers["resistance_cap_fraction"], modifiers["modifier_column"]) == (
        90,
        0.9,
        4,
    )
    assert archetype["natural_key"].to_list() == ["class_a", "class_b"]


def test_which_powersets_a_class_may_choose(tmp_path):
    classes = [
        {"class_name": "Class_A", "primary_group": "Melee", "secondary_group": "ARMOR"},
        {"class_name": "Class_B", "primary_group": "armor"},
        {"class_name": "Class_C"},
    ]
    sets = [
        {"full_name": "Melee.One"},
        {"full_name": "Armor.One"},
        {"full_name": "Epic.Listed"},
        {"full_name": "EPIC.Barred"},
        {"full_name": "Epic.Owned", "archetype_class": "class_c"},
        {"full_name": "Pool.One"},
    ]
    powers = [
        {"full_name": "Epic.Listed.First", "requires": {"classes": ["CLASS_A"]}},
        {"full_name": "Epic.Listed.Second"},
        {"full_name": "epic.barred.First", "requires": {"classes_not": ["Class_B"]}},
        {"full_name": "Epic.Owned.First", "requires": {"classes": ["Class_X"]}},
        {"full_name": "Pool.One.First"},
    ]
    frames = write_frames(tmp_path, archetype=classes, powerset=sets, power=powers)
    chosen = checked("archetype", frames)["archetype_powerset"]
    assert chosen.select("archetype", "role", "powerset").rows() == [
        ("class_a", "primary", "melee.one"),
        ("class_a", "secondary", "armor.one"),
        ("class_a", "ancillary", "epic.listed"),
        ("class_a", "ancillary", "epic.barred"),
        ("class_b", "primary", "armor.one"),
        ("class_c", "ancillary", "epic.barred"),
        ("class_c", "ancillary", "epic.owned"),
    ]


def test_powersets_name_each_other_without_case(tmp_path):
    sets = [
        {"full_name": "G.One", "trunk_set": "g.TWO", "mutex_sets": [{"powerset_full_name": "G.TWO"}]},
        {"full_name": "G.Two", "mutex_sets": [{"powerset_full_name": "gone"}, {"powerset_full_name": "G.One.More"}]},
    ]
    tables = checked("powerset", write_frames(tmp_path, powerset=sets))
    assert tables["powerset"]["trunk_set"].to_list() == ["g.two", None]
    assert tables["powerset_mutex"].select("powerset", "position", "excluded_powerset").rows() == [
        ("g.one", 0, "g.two"),
        ("g.two", 0, None),
        ("g.two", 1, "g.one"),
    ]


def test_an_upgrade_unlocks_the_powerset_after_it(tmp_path):
    entity = {"uid": "Pets_A", "powersets": ["P.A", "Empty", "P.C"], "upgrade_powers": ["P.A.Up"]}
    frames = write_frames(
        tmp_path,
        powerset=[{"full_name": "P.A"}],
        power=[{"full_name": "P.A.Up"}],
        summoned_entity=[entity],
    )
    rows = checked("summoned_entity", frames)["summoned_entity_powerset"]
    assert rows.select("position", "powerset_name", "powerset", "upgrade_power_name", "upgrade_power").rows() == [
        (0, "P.A", "p.a", None, None),
        (1, "Empty", None, "P.A.Up", "p.a.up"),
        (2, "P.C", None, None, None),
    ]


@pytest.fixture
def enhanced(tmp_path):
    enhancements = [
        {"uid": "Set_A", "type_id": 4, "set_uid": "THE_SET", "recipe_name": "i_one", "class_ids": [1, 0, 1]},
        {"uid": "Plain", "type_id": 1, "set_uid": "The_Set", "class_ids": [0]},
        {"uid": "set_a", "type_id": 4, "set_uid": "The_Set"},
        {"uid": "Hami", "type_id": 3, "sub_type_id": 1},
        {"uid": "Odd", "type_id": 3, "sub_type_id": -1},
    ]
    sets = [
        {
            "uid": "The_Set",
            "set_type": 1,
            "bonuses": [
                {
                    "slotted": 2,
                    "powers": [{"power_full_name": "Set_Bonus.S.One"}, {"power_full_name": "set_bonus.s.two"}],
                },
                {},
                {"slotted": 4, "pv_mode": 1, "powers": [{"power_full_name": "Set_Bonus.S.One"}]},
            ],
            "special_bonuses": [{}, {"alt_string": "x", "powers": [{"power_full_name": "Set_Bonus.S.Two"}]}],
        }
    ]
    powers = ["Set_Bonus.S.One", "Set_Bonus.S.Two", "Boosts.Plain.Plain", "boosts.set_a.SET_A"]
    return write_frames(
        tmp_path,
        {
            "enhancement_class": CLASSES,
            "set_type": [{"name": "a"}, {"name": "b"}],
            "special_enhancement_type": [{"name": "None"}, {"name": "Hamidon"}],
        },
        enhancement=enhancements,
        enhancement_set=sets,
        recipe=[{"internal_name": "I_One", "enhancement_uid": "SET_A"}],
        powerset=[{"full_name": "Set_Bonus.S"}],
        power=[{"full_name": name} for name in powers],
    )


def test_enhancements_know_set_piece_recipe_and_boost(enhanced):
    table = checked("enhancement", enhanced)["enhancement"]
    assert table["natural_key"].to_list() == ["set_a", "plain", "set_a#2", "hami", "odd"]
    assert table["occurrence"].to_list() == [1, 1, 2, 1, 1]
    assert table["enhancement_set"].to_list() == ["the_set"] * 3 + [None] * 2
    assert table["set_position"].to_list() == [0, None, 1, None, None]
    assert table["recipe"].to_list() == ["i_one"] + [None] * 4
    assert table["boost_power"].to_list() == [
        "boosts.set_a.set_a",
        "boosts.plain.plain",
        "boosts.set_a.set_a",
        None,
        None,
    ]
    assert table["special_enhancement_type"].to_list() == [None, None, None, 1, None]


def test_enhancement_classes_are_named_by_position(enhanced):
    tables = checked("enhancement", enhanced)
    members = tables["enhancement_class_member"].select("enhancement", "enhancement_class").rows()
    assert members == [("set_a", 0), ("set_a", 5), ("plain", 5)]
    assert enhanced.dropped["enhancement_class_member"] == 1


def test_bonuses_count_empty_rows_and_special_ones_belong_to_a_piece(enhanced):
    tables = checked("enhancement_set", enhanced)
    columns = ("kind", "row", "position", "power", "slotted", "pv_mode", "alt_string", "enhancement")
    assert tables["enhancement_set_bonus"].select(columns).rows() == [
        ("set", 0, 0, "set_bonus.s.one", 2, "Any", "", None),
        ("set", 0, 1, "set_bonus.s.two", 2, "Any", "", None),
        ("set", 2, 0, "set_bonus.s.one", 4, "PvE", "", None),
        ("special", 1, 0, "set_bonus.s.two", None, None, "x", "set_a#2"),
    ]
    assert tables["enhancement_set"]["set_type"].to_list() == [1]


def test_an_enhancement_effect_has_effect_columns_only_where_the_record_is(tmp_path):
    effects = [
        {"mode": 0, "enhance_id": 2, "multiplier": 1.5, "fx": None},
        {
            "mode": 1,
            "enhance_id": -1,
            "has_fx": True,
            "fx": {"effect_type": 3, "scale": 2.0, "conditionals": [{"key": "k", "value": "ä"}], "effect_id": "ones"},
        },
    ]
    frames = write_frames(tmp_path, {"effect_tag": [{"name": "Ones"}]}, enhancement=[{"uid": "E", "effects": effects}])
    first, second = checked("enhancement", frames)["enhancement_effect"].rows(named=True)
    assert (first["enhance_id"], first["has_fx"], first["effect_type"], first["scale"]) == ("Damage", False, None, None)
    assert first["suppression"] is None and first["conditionals"] is None and first["summon"] is None
    assert (second["enhance_id"], second["enhance_id_code"], second["effect_type"]) == (None, -1, "Damage")
    assert second["suppression"] == [] and second["effect_tag"] == "Ones"
    assert second["conditionals"] == '[{"key":"k","value":"ä"}]'


def test_recipes_use_the_named_ingredients_of_each_level(tmp_path):
    ingredients = [{"salvage_name": "s_a", "count": 2}, {"count": 1}, {"salvage_name": "S_Gone", "count": 1}]
    recipes = [
        {
            "internal_name": "R_A",
            "enhancement_uid": "e",
            "entries": [{"level": 9, "ingredients": ingredients}, {"level": -1}],
        },
        {"internal_name": "R_B"},
    ]
    frames = write_frames(tmp_path, recipe=recipes, salvage=[{"internal_name": "S_A"}], enhancement=[{"uid": "E"}])
    tables = checked("recipe", frames)
    assert tables["recipe"]["enhancement"].to_list() == ["e", None]
    assert tables["recipe_level"].select("recipe", "level").rows() == [("r_a", 9), ("r_a", -1)]
    assert tables["recipe_salvage"].select(
        "recipe", "level", "position", "salvage_name", "salvage", "count"
    ).rows() == [
        ("r_a", 9, 0, "s_a", "s_a", 2),
        ("r_a", 9, 2, "S_Gone", None, 1),
    ]


def test_two_levels_of_one_number_break_a_rule(tmp_path):
    frames = write_frames(tmp_path, recipe=[{"internal_name": "R", "entries": [{"level": 1}, {"level": 1}]}])
    levels = tables_of("recipe", frames)["recipe_level"]
    assert check_rules(TABLES["recipe_level"], levels, frames.keys).failures == {"unique: recipe, level": 1}


def test_replacements_lead_to_a_power_of_this_database(tmp_path):
    replaced = [
        {"kind": "index", "archetype": "", "old": "1", "new": "7"},
        {"kind": "index", "archetype": "class_a", "old": "2", "new": "99"},
        {"kind": "cryptic", "archetype": "", "old": "A.B.OURS", "new": "A.B.Theirs"},
    ]
    powers = [{"full_name": "A.B.One", "static_index": 7}, {"full_name": "A.B.Two", "static_index": 7}]
    powers.append({"full_name": "A.B.Ours", "static_index": -1})
    frames = write_frames(tmp_path, {"power_replacement": replaced}, power=powers)
    table = checked("reference", frames)["power_replacement"]
    assert table["new_power"].to_list() == ["a.b.one", None, "a.b.ours"]


def test_a_modifier_table_is_hashed_with_its_values(tmp_path):
    def hashes(*rows):
        tables = [{"name": f"T{n}", "base_index": n, "rows": values} for n, values in enumerate(rows)]
        built = checked("reference", write_frames(tmp_path, {"attribute_modifier_table": tables}))
        assert built["attribute_modifier"].height == sum(len(row) for values in rows for row in values)
        return built["attribute_modifier_table"]["children_hash"].to_list()

    before = hashes([[1.0, 2.0], [3.0]], [[1.0]], [])
    after = hashes([[1.0, 2.5], [3.0]], [[1.0]], [])
    assert before[0] != after[0] and before[1:] == after[1:]
    assert hashes([[1.0], [2.0, 3.0]])[0] != before[0]


def test_names_in_the_game_s_own_data_lead_where_they_can(tmp_path):
    reference = {
        "effect_tag": [{"name": "Fire"}, {"name": "fire"}],
        "power_group_member": [
            {"kind": "exclusion", "group_name": "Ammo", "position": 0, "power_name": "a.b.ONE"},
            {"kind": "exclusion", "group_name": "Ammo", "position": 1, "power_name": "pets.x.y"},
        ],
        "effect_tag_power": [
            {"tag": "fire", "relation": "bears", "position": 0, "power_name": "a.b.one"},
            {"tag": "FIRE", "relation": "bears", "position": 0, "power_name": "x.y.z"},
        ],
        "enhancement_trait": [
            {"uid": "Crafted_E", "piece_uid": "crafted_e", "catalyzes_to_uid": "attuned_e"},
            {"uid": "Attuned_E", "piece_uid": "Crafted_E", "catalyzes_to_uid": ""},
            {"uid": "Crafted_F", "piece_uid": "Crafted_F", "catalyzes_to_uid": "Attuned_F"},
        ],
        "power_expression": [{"power_name": "A.B.One", "place": "requires", "text": "0", "tree": {"number": 0}}],
    }
    frames = write_frames(
        tmp_path, reference, power=[{"full_name": "A.B.One"}], enhancement=[{"uid": "Crafted_E", "set_uid": "E"}]
    )
    tables = checked("reference", frames)
    assert tables["power_group_member"]["power"].to_list() == ["a.b.one", None]
    # A tag of just this case comes first, then one of any case.
    assert tables["effect_tag_power"].select("tag", "power").rows() == [("fire", "a.b.one"), ("Fire", None)]
    assert tables["enhancement_trait"].select("enhancement", "catalyzes_to").rows() == [
        ("crafted_e", "Attuned_E"),
        ("crafted_e", None),
        (None, None),
    ]
    assert tables["power_expression"].select("power", "tree").rows() == [("a.b.one", '{"number":0}')]
    counted = {
        name: check_unresolved(TABLES[name], tables[name]).unresolved
        for name in ("power_group_member", "effect_tag_power", "enhancement_trait", "power_expression")
    }
    assert counted == {
        "power_group_member": {"power": 1},
        "effect_tag_power": {"power": 1},
        "enhancement_trait": {"enhancement": 1, "catalyzes_to": 1},
        "power_expression": {"power": 0},
    }
