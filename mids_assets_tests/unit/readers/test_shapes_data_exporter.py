"""The alias tables of the DataExporter folder against records as the exporter writes them."""

import json

import pytest

from mids_assets.model.enums import CODES
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.shapes import DATA_EXPORTER, DATA_EXPORTER_I12, Named

SHAPES = (DATA_EXPORTER, DATA_EXPORTER_I12)


def decode(shape, record, *rows):
    return decode_records(json.dumps(rows).encode(), shape.name, record, codes=CODES)


def one(shape, record, row):
    """The fields that are not null."""
    batch = decode(shape, record, row)
    assert batch.failures == []
    (found,) = batch.frame.drop("source_position", "source_offset").to_dicts()
    found = {name: value for name, value in found.items() if value is not None}
    return found | {"extra": json.loads(found.get("extra", "{}"))}


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_every_synonym_leads_to_a_member(shape):
    places = [p for table in shape.records.values() for p in table.places.values() if isinstance(p, Named)]
    assert places
    for place in places:
        members = CODES[place.enumeration]
        assert {name.lower() for name in place.synonyms.values()} <= members.keys(), place.key
        assert not {name.lower() for name in place.synonyms} & members.keys(), place.key


def test_a_power_of_the_i12_file():
    found = one(
        DATA_EXPORTER_I12,
        "power",
        {
            "Name": "Fire_Bolt",
            "InternalName": "Blaster_Ranged.Fire_Blast.Fire_Bolt",
            "DisplayName": "Fire Bolt",
            "Description": "Hot.",
            "PowersetName": "Blaster_Ranged.Fire_Blast",
            "Level": 1,
            "PowerType": "Auto",
            "TargetType": "Foe",
            "Accuracy": 1,
            "EnduranceCost": 5.2,
            "RechargeTime": 4.0,
            "ActivationTime": 1.67,
            "Range": 80,
            "Radius": None,
            "MaxTargets": 1,
            "Effects": [{"EffectType": "Damage", "Scale": 1.1, "Duration": 0, "Chance": 0.5}],
            "Requirements": {"ModesRequired": None, "ModesDisallowed": "Some"},
            "EnhancementTypes": ["Damage_Boost"],
            "RequiresLineOfSight": True,
            "PowerCategory": "Ranged",
            "IconName": None,
            "DisplayOrder": 3,
        },
    )
    (effect,) = found.pop("effects")
    assert {name: value for name, value in effect.items() if value is not None} == {
        "effect_type": CODES["effect_type"]["damage"],
        "scale": 1.1,
        "duration": 0.0,
        "base_probability": 0.5,
    }
    assert found == {
        "full_name": "Blaster_Ranged.Fire_Blast.Fire_Bolt",
        "set_name": "Blaster_Ranged.Fire_Blast",
        "power_name": "Fire_Bolt",
        "display_name": "Fire Bolt",
        "description_long": "Hot.",
        "level": 1,
        "power_type": CODES["power_type"]["auto_"],
        "accuracy": 1.0,
        "endurance_cost": 5.2,
        "recharge_time": 4.0,
        "cast_time": 1.67,
        "range": 80.0,
        "max_targets": 1,
        "boosts_allowed": ["Damage_Boost"],
        "target_line_of_sight": True,
        "extra": {
            "TargetType": "Foe",
            "Requirements": {"ModesDisallowed": "Some"},
            "PowerCategory": "Ranged",
            "DisplayOrder": 3,
        },
    }


@pytest.mark.parametrize(
    ("name", "internal", "full"),
    [
        ("Fire Bolt", "Fire_Bolt", "Fire_Blast.Fire_Bolt"),
        ("Fire_Bolt", None, "Fire_Blast.Fire_Bolt"),
        ("Fire_Bolt", "", "Fire_Blast.Fire_Bolt"),
        ("x", "Fire_Blast.Fire_Bolt", "Fire_Blast.Fire_Bolt"),
        ("x", "Ranged.Fire_Blast.Fire_Bolt", "Ranged.Fire_Blast.Fire_Bolt"),
    ],
)
def test_full_names(name, internal, full):
    row = {"Name": name, "InternalName": internal, "PowersetName": "Fire_Blast"}
    assert one(DATA_EXPORTER_I12, "power", row)["full_name"] == full


def test_an_attribute_is_a_damage_or_a_status_effect_and_kept_as_written():
    effects = [
        {"effect_type": "Damage", "attribute": "Fire", "magnitude": 2},
        {"effect_type": "Mez", "attribute": "Hold", "magnitude": 3},
        {"effect_type": "Nonsense", "attribute": "What"},
    ]
    row = {"id": 1, "powerset_id": 2, "powerset_id:name": "A.B", "name": "C", "level_available": 0}
    row |= {"power_type": "Passive", "effects": effects}
    found = one(DATA_EXPORTER, "power", row)
    assert (found["full_name"], found["power_type"], found["level"]) == ("A.B.C", CODES["power_type"]["auto_"], 0)
    codes = [(e["effect_type"], e["damage_type"], e["mez_type"], e["magnitude"]) for e in found["effects"]]
    assert codes == [(3, CODES["damage"]["fire"], None, 2.0), (19, None, CODES["mez"]["held"], 3.0), (None,) * 4]
    assert found["extra"] == {
        "id": 1,
        "powerset_id": 2,
        "effects[0].attribute": "Fire",
        "effects[1].attribute": "Hold",
        "effects[2].attribute": "What",
        "effects[2].effect_type": "Nonsense",
    }


def test_an_unknown_origin_is_null_and_kept():
    row = {"id": 4, "name": "S_X", "rarity": "very rare", "origin": "Natural", "level_min": 10}
    found = one(DATA_EXPORTER, "salvage", row)
    assert found == {
        "internal_name": "S_X",
        "rarity": CODES["rarity"]["ultrarare"],
        "level_min": 10,
        "extra": {"id": 4, "origin": "Natural"},
    }


@pytest.mark.parametrize(
    ("shape", "record", "row", "key"),
    [
        (DATA_EXPORTER, "power", {"id": 1, "name": "C", "level_available": 1}, "powerset_id"),
        (DATA_EXPORTER, "power", {"id": 1, "powerset_id": 9, "name": "C", "level_available": 1}, "powerset_id:name"),
        (DATA_EXPORTER, "archetype", {"id": 0, "name": "A", "display_name": "A", "hit_points_base": 1},
         "primary_category"),
        (DATA_EXPORTER, "powerset", {"name": "A.B", "set_type": "Pool"}, "id"),
        (DATA_EXPORTER, "enhancement", {"id": None, "name": "E", "type_class": "Normal"}, "id"),
        (DATA_EXPORTER, "recipe", {"id": 1, "enhancement_id": None, "rarity": "Rare"}, "enhancement_id"),
        (DATA_EXPORTER, "salvage", {"id": 1, "name": "A", "rarity": "Common"}, "origin"),
        (DATA_EXPORTER_I12, "power", {"Name": "C"}, "PowersetName"),
    ],
)  # fmt: skip
def test_a_missing_required_key_refuses_one_record_only(shape, record, row, key):
    whole = dict.fromkeys(shape.required(record), "x") | {"hit_points_base": 1, "level_available": 1}
    batch = decode(shape, record, row, whole)
    assert [(f.position, f.rule) for f in batch.failures] == [(0, "missing")]
    assert f"'{key}'" in batch.failures[0].message
    assert batch.frame.height == 1


def test_unknown_keys_are_kept_and_counted():
    batch = decode(DATA_EXPORTER, "archetype", {"id": 1, "name": "A", "display_name": "A", "hit_points_base": 1,
                   "primary_category": "P", "secondary_category": "S", "new": {"deep": [1]}})  # fmt: skip
    assert batch.unknown == {"new": 1}
    assert json.loads(batch.frame["extra"][0]) == {"id": 1, "new": {"deep": [1]}}
