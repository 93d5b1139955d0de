"""Tags, groups and modifier tables to the records of the small tables."""

from __future__ import annotations

from mids_assets.readers.city_of_data.export import Export
from mids_assets.readers.city_of_data.members import group_members, tags
from mids_assets.readers.city_of_data.modifiers import modifier_tables
from mids_assets.readers.city_of_data.pack import pack
from mids_assets.readers.city_of_data.reference import enhancement_classes, export_tables
from mids_assets.readers.city_of_data.refusing import REFUSED
from mids_assets.readers.city_of_data.words import BOOSTS, boost_of
from mids_assets_tests.city import Files, archetype, encoded, group, power, tag, write


def entries(files: Files, folder: str = "") -> list[tuple[str, bytes]]:
    return [(name, encoded(content)) for name, content in files.items() if name.startswith(folder)]


def test_a_tag_has_bearers_and_powers_that_affect_it() -> None:
    names, powers = tags(entries(tag("50/50", ["Pool.A.B", "Pool.A.C"], ["Pool.A.B"]) | tag("Empty")))
    assert names == [{"name": "50/50"}, {"name": "Empty"}]
    assert [(one["tag"], one["relation"], one["position"], one["power_name"]) for one in powers] == [
        ("50/50", "bears", 0, "pool.a.b"),
        ("50/50", "bears", 1, "pool.a.c"),
        ("50/50", "affects", 0, "pool.a.b"),
    ]


def test_files_of_one_name_are_one_list() -> None:
    twice = [*entries(tag("Fire", ["A.B.C"])), *entries(tag("Fire", ["A.B.D"]))]
    _, powers = tags(twice)
    assert [(one["position"], one["power_name"]) for one in powers] == [(0, "a.b.c"), (1, "a.b.d")]
    both = [*entries(group("exclusion", "Ammo", ["A.B.C"])), *entries(group("recharge", "Ammo", ["A.B.D"]))]
    members = group_members([*both, both[0]])
    assert [(one["kind"], one["position"], one["power_name"]) for one in members] == [
        ("exclusion", 0, "a.b.c"),
        ("recharge", 0, "a.b.d"),
        ("exclusion", 1, "a.b.c"),
    ]


def test_a_damaged_file_is_a_record_that_says_so() -> None:
    names, powers = tags([("tags/x.json", b'{"tag": "X", "bears": [["one"]], "affects": []}')])
    assert powers == []
    assert names[0][REFUSED] | {"message": ""} == {"rule": "type", "field": "bears[0]", "message": ""}
    (found,) = group_members([("recharge_groups/x.json", b"{\xff")])
    assert (found["file"], found[REFUSED]["rule"], found["content"]) == ("recharge_groups/x.json", "syntax", "{\\xff")


def test_modifier_tables_of_all_classes_are_one_whatever_their_case() -> None:
    files = archetype("a", "A", "", "", {"Melee_Damage": -10.0})
    files |= archetype("b", "B", "", "", {"Melee_Ones": 1.0, "MELEE_DAMAGE": -20.0})
    content = files["archetypes/b.json"]["named_tables"]
    content["melee_ones"]["values"] = [1.0, 2.0]
    content["once_more"] = {"name": "MELEE_ones", "values": [3.0]}
    found = modifier_tables(entries(files, "archetypes/"))
    assert [one["name"].lower() for one in found] == ["melee_damage", "melee_ones"]
    damage, ones = found
    assert [(one["column"], one["values"][0], len(one["values"])) for one in damage["columns"]] == [
        (0, -10.0, 105),
        (1, -20.0, 105),
    ]
    assert ones["columns"] == [{"column": 1, "values": [3.0]}]


def test_a_class_whose_tables_are_broken_keeps_the_number_of_the_next() -> None:
    files = archetype("a", "A", "", "", {"T": 1.0}) | archetype("b", "B", "", "", {"T": 2.0})
    files["archetypes/a.json"]["named_tables"]["t"]["values"] = ["high"]
    table, refused = modifier_tables(entries(files, "archetypes/"))
    assert [one["column"] for one in table["columns"]] == [1]
    assert refused[REFUSED]["field"] == "named_tables[...].values[0]"
    assert modifier_tables([("archetypes/a.json", b"no json")]) == []


def test_every_word_of_a_boost_has_a_class() -> None:
    classes = enhancement_classes()
    assert len({one["id"] for one in classes}) == len({one["class_id"] for one in classes}) == len(classes)
    by_name = {one["name"]: one["class_id"] for one in classes}
    assert (by_name["Accuracy"], by_name["Endurance Cost"]) == ("Accuracy_Boost", "EnduranceDiscount_Boost")
    words = [*BOOSTS, "Incarnate: Lore Capable", "Magic_Boost"]
    assert {boost_of(word) for word in words} <= {one["class_id"] for one in classes}


def test_a_folder_that_is_absent_gives_no_table(tmp_path) -> None:
    files = power("Pool.A.B", requires="$archetype == @Class_Dancer") | tag("Fire", ["Pool.A.B"])
    pack(write(tmp_path / "export", files), tmp_path / "CityOfData.zip")
    with Export(tmp_path / "CityOfData.zip") as export:
        found = export_tables(export, "CityOfData.zip")
    assert set(found) == {
        "set_type",
        "enhancement_grade",
        "special_enhancement_type",
        "enhancement_class",
        "effect_tag",
        "effect_tag_power",
        "power_expression",
    }
    assert found["effect_tag"] == {"source_file": "CityOfData.zip/tags", "records": [{"name": "Fire"}]}
    (expression,) = found["power_expression"]["records"]
    assert (expression["power_name"], expression["place"]) == ("Pool.A.B", "requires")
