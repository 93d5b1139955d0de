"""A class file to the archetype record: units, levels, ranks, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from mids_assets.readers.city_of_data import archetypes
from mids_assets.readers.json_exact import RecordFault
from mids_assets.readers.json_model import RECORDS
from mids_assets_tests.city import archetype, by_level, encoded

FIELDS = [field.name for field in RECORDS["archetype"][0]["archetype"].fields]


def made_up(stem: str = "wind_dancer", **values: Any) -> dict[str, Any]:
    content = archetype(stem, "Wind Dancer", "Dancer_MELEE", "Dancer_Buff", {})[f"archetypes/{stem}.json"]
    return content | values


def read(content: dict[str, Any], column: int = 3) -> tuple[dict[str, Any], Any]:
    row = archetypes.row(encoded(content), encoded({"column": column}))
    return dict(zip(FIELDS, row.values, strict=True)), row


def test_caps_are_those_of_level_50_and_in_the_units_of_the_model() -> None:
    content = made_up()
    content["attrib_max"] |= {
        "hit_points": [100.0] * 49 + [1204.5588, 9999.0],
        "recovery": by_level(1.0),
        "regeneration": [5.5] * 105,
        "perception_radius": [1153.0] * 105,
    }
    content["attrib_max_max"]["hit_points"] = [0.0] * 49 + [1847.2968]
    content["attrib_strength_max"]["damage_type"]["smashing"] = [0.0] * 49 + [5.0]
    content["attrib_strength_max"]["recharge_time"] = [0.0] * 49 + [4.5]
    content["attrib_resistance_max"]["damage_type"]["smashing"] = [0.0] * 49 + [0.75]
    content["attrib_base"] |= {"regeneration": 0.25, "recovery": 1.5, "threat_level": 2.0}
    found, row = read(content)
    assert (row.extra, row.unknown) == ({}, [])
    assert {name: value for name, value in found.items() if value is not None} == {
        "display_name": "Wind Dancer",
        "hitpoints": 1205,
        "hitpoint_cap": 1847.2968,
        "description_long": "",
        "description_short": "",
        "resistance_cap": 0.75,
        "class_name": "Class_Wind_Dancer",
        "modifier_column": 3,
        "primary_group": "Dancer_MELEE",
        "secondary_group": "Dancer_Buff",
        "playable": True,
        "recharge_cap": 4.5,
        "damage_cap": 5.0,
        "recovery_cap": 1.49,
        "regeneration_cap": 22.0,
        "base_recovery": 1.5,
        "base_regeneration": 0.25,
        "base_threat": 2.0,
        "perception_cap": 1153.0,
    }


@pytest.mark.parametrize(
    ("stem", "rank", "restrictions", "class_type"),
    [
        ("dancer", "VR_NONE", [], None),
        ("dancer", "VR_NONE", ["NoTutorial", "Hero"], 2),
        ("dancer", "VR_NONE", ["Villain"], 4),
        ("minion_henchman_small", "VR_PET", [], 5),
        ("minion_pets", "VR_PET", [], 6),
    ],
)
def test_kinds_of_classes(stem: str, rank: str, restrictions: list[str], class_type: int | None) -> None:
    found, _ = read(made_up(stem, default_rank=rank, restrictions=restrictions))
    assert (found["class_type"], found["playable"]) == (class_type, rank == "VR_NONE")


def test_a_class_nobody_plays_has_its_cap_in_percent_as_in_a_database() -> None:
    content = made_up("minion_pets", default_rank="VR_PET")
    content["attrib_resistance_max"]["damage_type"]["smashing"] = [0.9] * 105
    assert read(content)[0]["resistance_cap"] == 90.0


def test_an_unknown_rank_is_kept_and_counted() -> None:
    found, row = read(made_up(default_rank="VR_WIZARD"))
    assert (found["playable"], found["class_type"]) == (False, None)
    assert (row.extra, row.unknown) == ({"default_rank": "VR_WIZARD"}, [("default_rank", "VR_WIZARD")])


@pytest.mark.parametrize(
    ("part", "key", "value", "path", "rule"),
    [
        ("attrib_max", "hit_points", [1.0] * 49, "attrib_max.hit_points[49]", "missing"),
        ("attrib_max", "hit_points", [1e300] * 105, "attrib_max.hit_points[49]", "range"),
        ("attrib_max", "recovery", "fast", "attrib_max.recovery", "type"),
        ("attrib_base", "threat_level", None, "attrib_base.threat_level", "type"),
        ("attrib_strength_max", "damage_type", {}, "attrib_strength_max.damage_type.smashing", "missing"),
    ],
)
def test_a_fault_names_its_key(part: str, key: str, value: Any, path: str, rule: str) -> None:
    content = made_up()
    content[part][key] = value
    with pytest.raises(RecordFault) as refused:
        read(content)
    assert (refused.value.path, refused.value.rule) == (path, rule)


def test_a_missing_key_is_a_fault() -> None:
    content = made_up()
    del content["attrib_max_max"]
    with pytest.raises(RecordFault) as refused:
        read(content)
    assert (refused.value.path, refused.value.rule) == ("attrib_max_max", "missing")
