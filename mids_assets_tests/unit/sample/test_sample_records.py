"""What a sample must contain: valid structure, every kind of thing at least once, the oddities of real files."""

from __future__ import annotations

import os
import struct
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mids_assets.errors import UserError
from mids_assets.readers.layout import Layout
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE
from mids_assets.sample import SampleRelease, generate, tables
from mids_assets.sample.classes import ENHANCEMENT_CLASSES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def release() -> SampleRelease:
    return generate(300)


@pytest.fixture(scope="module")
def powers(release) -> list[dict]:
    return list(release.powers)


@pytest.fixture(scope="module")
def effects(powers) -> list[dict]:
    return [effect for power in powers for effect in power["effects"]]


@pytest.mark.parametrize("count", [240, 241, 300, 997, 5000])
@pytest.mark.parametrize("realm", ["homecoming", "rebirth"])
def test_every_size_is_whole(count, realm):
    release = generate(count, seed=3, realm=realm)
    made = list(release.powers)
    assert len(made) == count == len(release.powers)
    sets = [powerset["full_name"] for powerset in release.powersets]
    assert len(sets) == len(set(sets)) == len(release.powersets)
    assert {power["full_name"].rpartition(".")[0] for power in made} == set(sets), "no set without powers, none unknown"
    names = Counter(power["full_name"].lower() for power in made)
    assert max(names.values()) == 1
    assert [power["full_name"] for power in made] == [release.plan.power_at(position) for position in range(count)]
    numbers = [power["static_index"] for power in made if power["static_index"] >= 0]
    assert len(numbers) == len(set(numbers)) < count
    uids = [entity["uid"] for entity in release.entities]
    assert len(uids) == len(set(uids)) == len(release.entities)


def test_records_have_exactly_the_fields_of_the_newest_layout(release, powers):
    i12, enhdb, recipe = I12.newest, ENHDB.newest, RECIPE.newest
    for records, layout, name in (
        (powers, i12, "power"),
        (release.powersets, i12, "powerset"),
        (release.archetypes, i12, "archetype"),
        (release.entities, i12, "summoned_entity"),
        ([release.header], i12, "header"),
        (release.enhdb["enhancements"], enhdb, "enhancement"),
        (release.enhdb["sets"], enhdb, "enhancement_set"),
        (release.recipes["recipes"], recipe, "recipe"),
    ):
        for record in records:
            _compare_fields(record, layout, name)


def _compare_fields(record: dict, layout: Layout, name: str) -> None:
    """Every field there, of the wire's Python type, every f32 the shortest decimal of its f32."""
    assert list(record) == [field.name for field in layout[name]]
    for field in layout[name]:
        value = record[field.name]
        if field.when is not None and value is None:
            continue
        items, wire = (value, field.item) if field.wire == "array" else ([value], field.wire)
        for item in items:
            if wire == "record":
                _compare_fields(item, layout, str(field.record))
            elif wire == "f32":
                assert type(item) is float
                assert float(str(np.float32(item))) == item, (name, field.name, item)
            else:
                kind = {"string": str, "i32": int, "bool": bool, "datetime": int, "f64": float}[str(wire)]
                assert type(item) is kind, (name, field.name, item)


def test_archetypes(release):
    archetypes = release.archetypes
    classes = Counter(archetype["class_name"] for archetype in archetypes)
    assert 10 <= len(archetypes) <= 12
    assert [name for name, times in classes.items() if times == 2] == ["Class_Minion_Henchman"]
    first, second = [a for a in archetypes if a["class_name"] == "Class_Minion_Henchman"]
    assert first["display_name"] != second["display_name"]
    for archetype in archetypes:
        if archetype["playable"]:
            assert archetype["resistance_cap"] < 1
            for role, group in (("primary", "primary_group"), ("secondary", "secondary_group")):
                mine = [s for s in release.powersets if s["full_name"].split(".")[0] == archetype[group]]
                assert mine, (archetype["class_name"], role)
                assert {s["archetype_class"] for s in mine} == {archetype["class_name"]}
        else:
            assert archetype["resistance_cap"] == 90.0
    columns = {archetype["modifier_column"] for archetype in archetypes}
    assert columns == set(range(10))
    for table in tables.modifier_tables(1, 1):
        assert len(table["rows"]) == 55
        assert {len(row) for row in table["rows"]} <= {10, 0}


def test_every_kind_of_powerset_and_the_branches(release):
    sets = {powerset["full_name"]: powerset for powerset in release.powersets}
    assert {powerset["set_type"] for powerset in sets.values()} == {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12}
    assert {"Set_Bonus.Set_Bonus", "Inherent.Inherent", "Temporary_Powers.Temporary_Powers"} <= set(sets)
    branches = [powerset for powerset in sets.values() if powerset["trunk_set"]]
    assert len(branches) == 2
    for branch in branches:
        assert branch["trunk_set"] in sets
        assert sets[branch["link_secondary"]]["set_type"] == 2
        (mutex,) = branch["mutex_sets"]
        assert sets[mutex["powerset_full_name"]]["mutex_sets"][0]["powerset_full_name"] == branch["full_name"]
    ancillary = [powerset for name, powerset in sets.items() if name.startswith("EPIC.")]
    assert {bool(powerset["archetype_class"]) for powerset in ancillary} == {True, False}


def test_effects_of_all_kinds(release, powers, effects):
    types = Counter(effect["effect_type"] for effect in effects)
    for number in (1, 3, 4, 5, 7, 9, 10, 12, 13, 14, 19, 20, 25, 26, 27, 28, 29, 32, 34, 38, 40, 45, 53, 84, 85):
        modified = any(effect["modifies_effect_type"] == number for effect in effects)
        assert types[number] or modified, f"effect type {number}"
    names = {power["full_name"] for power in powers}
    lower = {name.lower() for name in names}
    uids = {entity["uid"] for entity in release.entities}
    summons = {effect["summon"] for effect in effects if effect["effect_type"] == 38}
    assert summons & uids and summons - uids
    assert {name.lower() for name in summons - uids} & {uid.lower() for uid in uids}, "one differs in case only"
    grants = {effect["summon"] for effect in effects if effect["effect_type"] == 12}
    assert grants & names and grants - names
    redirects = {effect["override"] for effect in effects if effect["effect_type"] == 53}
    assert redirects and redirects <= names
    assert any(effect["procs_per_minute"] > 0 for effect in effects)
    assert any(effect["attrib_modified_range"] == 13.2 for effect in effects)
    assert {effect["pv_mode"] for effect in effects} == {0, 1, 2}
    assert {effect["base_probability"] for effect in effects} >= {0.3, 1.0, 2.0}
    assert all(any(effect[f"{kind}_expression"] for effect in effects) for kind in ("duration", "magnitude"))
    assert any(effect["special_case"] == 63 for effect in effects), "a number without a member"
    owners = [(effect["power_full_name"], power["full_name"]) for power in powers for effect in power["effects"]]
    assert any(not stated for stated, _ in owners)
    assert any(stated and stated != owner for stated, owner in owners)
    tags = {effect["effect_id"] for effect in effects} - {""}
    assert tags - set(tables.effect_tags()), "case variants and unknown tags"
    assert {effect["modifier_table"] for effect in effects} - {"", *tables.TABLES} == {"Melee_Sample_Missing"}

    conditions = [condition for effect in effects for condition in effect["conditionals"]]
    prefixes = {condition["key"].partition(":")[0] for condition in conditions}
    assert {"Active", "Taken", "Stacks", "Team", "AND Active", "OR Stacks", "AND Taken"} <= prefixes
    subjects = {condition["key"].partition(":")[2] for condition in conditions if "Team" not in condition["key"]}
    assert {subject for subject in subjects if subject.lower() not in lower} == {"Pool.Sample_Gone.Removed_Power"}


def test_requirements_of_all_forms(release, powers):
    names = {power["full_name"] for power in powers}
    sets = {powerset["full_name"] for powerset in release.powersets}
    classes = {archetype["class_name"] for archetype in release.archetypes}
    requires = [power["requires"] for power in powers]
    assert any(len(r["classes"]) == 2 for r in requires) and any(r["classes_not"] for r in requires)
    listed = [name for r in requires for name in (*r["classes"], *r["classes_not"])]
    assert {name.lower() for name in listed} <= {name.lower() for name in classes} and set(listed) - classes
    assert any(len(set(r["classes"])) < len(r["classes"]) for r in requires), "a repeat"
    wanted = [pair for r in requires for pair in r["powers"]]
    assert any(len(r["powers"]) > 1 for r in requires)
    assert any(pair["power_a"] in names and pair["power_b"] in names for pair in wanted)
    wanted_names = {name for pair in wanted for name in (pair["power_a"], pair["power_b"])} - {""}
    assert "$ARCHETYPE" in wanted_names and wanted_names & names
    assert any(name not in names and name.lower() in {n.lower() for n in names} for name in wanted_names)
    excluded = {name for r in requires for pair in r["powers_not"] for name in pair.values()} - {""}
    assert any(name.startswith("!") and name[1:] in names for name in excluded)
    assert excluded & sets


def test_slots_and_classes_agree(release, powers):
    by_text = {row.class_id: row for row in ENHANCEMENT_CLASSES}
    off = [row for position, row in enumerate(ENHANCEMENT_CLASSES) if row.id != position + 1]
    assert len(off) == 3 and len({row.id for row in ENHANCEMENT_CLASSES}) == len(ENHANCEMENT_CLASSES)
    for power in powers:
        expected = [by_text[text].id for text in power["boosts_allowed"] if text in by_text]
        assert power["enhancement_class_ids"] == expected
    slotted = {text for power in powers for text in power["boosts_allowed"]}
    assert any(text not in by_text for text in slotted), "boosts of an origin are no classes"
    assert any(row.class_id in slotted for row in off), "a join by the wrong column must show"
    assert any(len(set(p["boosts_allowed"])) < len(p["boosts_allowed"]) for p in powers)
    plain = {e["uid"]: e for e in release.enhdb["enhancements"] if e["type_id"] == 1}
    for uid, enhancement in plain.items():
        (position,) = enhancement["class_ids"]
        assert ENHANCEMENT_CLASSES[position].class_id == uid.replace("Plain_", "") + "_Boost"
    assert "Plain_Damage" in plain


def test_rarities_of_real_files(powers):
    assert any(power["target"] & 4096 for power in powers)
    assert any("\U0001f409" in power["description_long"] for power in powers)
    assert all("<br>" in power["description_long"] for power in powers)
    assert {power["static_index"] for power in powers} >= {-1}
    assert any(power["set_name"] != power["full_name"].split(".")[1] for power in powers)
    for name in ("sub_powers", "group_membership", "ignore_enhancements", "ignore_buffs", "forced_class"):
        assert any(power[name] for power in powers), name
    assert any(power["variable_enabled"] and power["variable_max"] == 10 for power in powers)
    assert {power["available_level"] for power in powers} == {0}
    values = {effect["magnitude"] for power in powers for effect in power["effects"]}
    assert 109.734665 in values, "nine digits"
    assert struct.unpack("<f", struct.pack("<f", 109.73466))[0] != struct.unpack("<f", struct.pack("<f", 109.734665))[0]


def test_enhancements_and_sets(release, powers):
    positions = {power["full_name"]: position for position, power in enumerate(powers)}
    enhancements, sets = release.enhdb["enhancements"], release.enhdb["sets"]
    assert {e["type_id"] for e in enhancements} == {1, 2, 3, 4}
    resolved = [f"Boosts.{e['uid']}.{e['uid']}" in positions for e in enhancements]
    assert 0.9 < sum(resolved) / len(resolved) < 1
    assert any(e["sub_type_id"] == -1 for e in enhancements if e["type_id"] == 3)
    uids = {s["uid"] for s in sets}
    pieces = [e for e in enhancements if e["type_id"] == 4]
    assert {e["set_uid"].lower() for e in pieces} == {uid.lower() for uid in uids}
    assert any(e["set_uid"] not in uids for e in pieces)
    assert all(not e["class_ids"] for e in pieces)
    members = [position for s in sets for position in s["enhancement_indexes"]]
    assert sorted(members) == [position for position, e in enumerate(enhancements) if e["type_id"] == 4]
    parts = [effect for e in enhancements for effect in e["effects"]]
    assert any(effect["mode"] == 1 and effect["has_fx"] and effect["enhance_id"] == -1 for effect in parts)
    assert any(effect["mode"] == 0 and effect["has_fx"] for effect in parts)
    assert all((effect["fx"] is not None) == effect["has_fx"] for effect in parts)
    assert {len(s["special_bonuses"]) for s in sets} == {6}
    rows = [row for s in sets for row in s["bonuses"]]
    assert {row["pv_mode"] for row in rows} == {0, 2}
    assert {bool(row["powers"]) for row in rows} == {True, False}
    for row in (*rows, *(row for s in sets for row in s["special_bonuses"])):
        for power in row["powers"]:
            assert positions[power["power_full_name"]] == power["power_index"]


def test_recipes_and_salvage(release):
    header, *recipes = release.recipes["recipes"]
    assert (header["internal_name"], header["rarity"]) == ("# Name (String 64)", -1)
    assert header["external_name"] == " DisplayName (String 200)"
    entries = [entry for recipe in recipes for entry in recipe["entries"]]
    assert {len(entry["ingredients"]) for entry in (*entries, *header["entries"])} == {7}
    assert {entry["level"] for entry in entries} == {-1, 9, 24, 49}
    known = {item["internal_name"]: place for place, item in enumerate(release.salvage["items"])}
    used = {i["salvage_name"]: i["salvage_index"] for entry in entries for i in entry["ingredients"]}
    assert used.pop("") == -1
    assert all(index == known.get(name, -1) for name, index in used.items())
    unknown = set(used) - set(known)
    assert {name.lower() in {k.lower() for k in known} for name in unknown} == {True, False}
    makers: dict[str, str] = {}
    for enhancement in release.enhdb["enhancements"]:
        if enhancement["recipe_name"]:
            makers[enhancement["recipe_name"].lower()] = enhancement["uid"]
    stored = {r["internal_name"].lower(): r["enhancement_uid"] for r in recipes if r["enhancement_uid"]}
    assert stored == makers
    assert len(makers) < sum(bool(e["recipe_name"]) for e in release.enhdb["enhancements"])


def test_henchman_and_placeholders(release):
    sets = {powerset["full_name"] for powerset in release.powersets}
    first, *others = release.entities
    assert first["entity_type"] == 1 and len(first["powersets"]) == 3 and set(first["powersets"]) <= sets
    assert len(first["upgrade_powers"]) == 2
    assert set(first["upgrade_powers"]) <= {power["full_name"] for power in release.powers}
    assert any("Empty" in entity["powersets"] for entity in others)
    assert any(set(entity["powersets"]) - sets - {"Empty"} for entity in others)


def test_rebirth_shows_its_oddities():
    enhancements = generate(300, realm="Rebirth").enhdb["enhancements"]
    uids = Counter(enhancement["uid"] for enhancement in enhancements)
    assert sorted(uids.values())[-2:] == [1, 2]
    assert any(e["level_min"] > e["level_max"] for e in enhancements)
    assert all(e["level_min"] <= e["level_max"] for e in generate(300).enhdb["enhancements"])
    assert tables.type_grades("rebirth")["set_type"][45]["short_name"] == "Guardian"
    assert tables.type_grades("homecoming")["set_type"][45]["short_name"] == "Sentinel"


def test_seed_and_realm_change_numbers_not_names():
    first, second, other = generate(300, 1), generate(300, 2), generate(300, 1, "rebirth")
    for mine in (second, other):
        assert [p["full_name"] for p in first.powers] == [p["full_name"] for p in mine.powers]
        assert list(first.powers) != list(mine.powers)
    assert (first.version, second.version) == ("0.1.1", "0.1.2")
    assert first.header["date"] < second.header["date"]
    assert first.header["page_volume_text"] == "Sample"


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ({"powers": 239}, "--powers"),
        ({"powers": 2_000_001}, "--powers"),
        ({"seed": -1}, "--seed"),
        ({"realm": "a b"}, "realm"),
    ],
)
def test_wrong_arguments(wrong, hint):
    with pytest.raises(UserError, match=hint):
        generate(**wrong)


def test_powers_are_drawn_anew_not_kept(release):
    once, twice = iter(release.powers), iter(release.powers)
    first = next(once)
    assert first == next(twice)
    first["effects"].clear()
    assert next(iter(release.powers))["effects"]


@pytest.mark.real
def test_no_name_of_a_real_release():
    real = Path(os.environ.get("MIDS_REAL_DATA") or ROOT.parent / "shared" / "real")
    folder = real / "releases" / "homecoming-2022-03-31"
    if not (folder / "I12.mhd").is_file():
        pytest.skip("the real releases are not here")
    from mids_assets.readers.i12 import read_frames
    from mids_assets.readers.items import read_enhancements, read_recipes, read_salvage

    sample = generate(20_000)
    frames = read_frames(folder / "I12.mhd")
    names = {name.lower() for name in frames["power"]["full_name"]}
    assert not names & {power["full_name"].lower() for power in sample.powers}
    shown = {name.lower() for name in frames["power"]["display_name"]} - {""}
    assert not shown & {power["display_name"].lower() for power in sample.powers}
    sets = {name.lower() for name in frames["powerset"]["full_name"]}
    shared = sets & {powerset["full_name"].lower() for powerset in sample.powersets}
    assert shared <= {
        "set_bonus.set_bonus",
        "inherent.inherent",
        "incarnate.alpha",
        "incarnate.interface",
        "incarnate.lore",
    }
    enhancements = read_enhancements(folder / "EnhDB.mhd").value
    for array in ("enhancements", "sets"):
        uids = {record["uid"].lower() for record in enhancements[array]}
        assert not uids & {record["uid"].lower() for record in sample.enhdb[array]}
    for read, file, mine in (
        (read_recipes, "Recipe.mhd", sample.recipes["recipes"][1:]),
        (read_salvage, "Salvage.mhd", sample.salvage["items"]),
    ):
        (records,) = [value for value in read(folder / file).value.values() if isinstance(value, list)]
        taken = {record["internal_name"].lower() for record in records}
        assert not taken & {record["internal_name"].lower() for record in mine}
