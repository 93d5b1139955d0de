"""`mids import` of a DataExporter folder: what stands in PostgreSQL against what stands in its files."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime

import pytest

from mids_assets.readers.source import UNVERSIONED
from mids_assets.transform.diff.order import order_key
from mids_assets_tests.real import SAMPLE
from mids_assets_tests.unit.readers.exporter_support import (
    ARCHETYPES,
    ENHANCEMENTS,
    I12,
    POWERS,
    POWERSETS,
    RECIPES,
    SALVAGE,
    exporter_folder,
)

TYPES = {"Epic": "Ancillary", "Passive": "Auto_", "Auto": "Auto_", "Very Rare": "UltraRare"}
"""Names that the model spells otherwise."""


def name_of(records: list[dict], number: object) -> str | None:
    return next((record["name"] for record in records if record["id"] == number), None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    powersets = [*POWERSETS, {"id": 14, "name": "Pool.Lost", "set_type": "Pool", "archetype_id": 99}]
    broken = {"Name": "alone", "Level": "one"}
    place = exporter_folder(tmp_path_factory.mktemp("exported") / "Homecoming-old", "I12_powers.json")
    return exporter_folder(place, small={"powersets.json": powersets, "I12_powers.json": [*I12, broken]})


@pytest.fixture(scope="module")
def first(world, folder):
    return world.mids_json("import", str(folder), "--realm", "homecoming")


def test_it_is_published(first):
    facts = first["realms"]["homecoming"]
    assert (first["action"], facts["version"], facts["checks"]["failed"]) == ("published", "unversioned", 0)
    assert {name: rows for name, rows in facts["tables"].items() if rows} == {
        "archetype": 2, "archetype_powerset": 3, "powerset": 5, "power": 4, "power_effect": 2, "enhancement": 2,
        "recipe": 2, "recipe_level": 1, "recipe_salvage": 2, "salvage": 2,
    }  # fmt: skip
    assert {name: count for name, count in facts["quarantined"].items() if count} == {"power": 1}


def test_an_id_that_leads_nowhere_is_a_warning(first):
    assert first["warnings"] == ["powersets.json: 1 values of archetype_id lead to no record of archetypes.json."]


def test_archetypes_are_those_of_the_file(world, first):
    rows = world.query(
        "select name, display_name, description_long, hit_points_base, hitpoint_cap, primary_group, secondary_group,"
        " base_threat, (extra->>'id')::int, playable from homecoming.archetype order by source_position"
    )
    keys = ("name", "display_name", "description", "hit_points_base", "hit_points_max", "primary_category")
    keys += ("secondary_category", "threat_level", "id", "nothing")
    assert rows == [tuple(record.get(key) for key in keys) for record in ARCHETYPES]


def test_powersets_are_those_of_the_file(world, first):
    rows = world.query(
        "select s.full_name, s.display_name, s.set_type, a.name from homecoming.powerset s"
        " left join homecoming.archetype a on a.id = s.archetype_id order by s.source_position"
    )
    assert rows[:-1] == [
        (
            record["name"],
            record.get("display_name"),
            TYPES.get(record["set_type"], record["set_type"]),
            name_of(ARCHETYPES, record["archetype_id"]),
        )
        for record in POWERSETS
    ]
    assert rows[-1] == ("Pool.Lost", None, "Pool", None)


def test_powers_and_effects_are_those_of_the_file(world, first):
    rows = world.query(
        "select p.name, s.full_name, p.level_available, p.power_type, p.description_long, p.endurance_cost, p.range,"
        " p.cast_time, p.max_targets, p.boosts_allowed, p.target_line_of_sight, p.extra->>'PowerCategory'"
        " from homecoming.power p join homecoming.powerset s on s.id = p.powerset_id order by p.source_position"
    )
    keys = ("Description", "EnduranceCost", "Range", "ActivationTime", "MaxTargets", "EnhancementTypes")
    keys += ("RequiresLineOfSight", "PowerCategory")
    assert rows == [
        (
            record["Name"],
            record["PowersetName"],
            record["Level"],
            TYPES.get(record.get("PowerType", ""), record.get("PowerType")),
            *(record.get(key) for key in keys),
        )
        for record in I12
    ]
    effects = world.query(
        "select p.name, e.position, e.effect_type, e.scale, e.duration, e.base_probability from"
        " homecoming.power_effect e join homecoming.power p on p.id = e.power_id order by p.source_position, e.position"
    )
    assert effects == [
        (
            record["Name"],
            place,
            None if effect["EffectType"] == "SelfDoubt" else effect["EffectType"],
            effect["Scale"],
            effect["Duration"],
            effect["Chance"],
        )
        for record in I12
        for place, effect in enumerate(record.get("Effects") or [])
    ]
    ((kept, shown),) = world.query("select extra, effects from homecoming.power where name = 'Flares'")
    assert kept["effects[1].EffectType"] == "SelfDoubt" and kept["Requirements"] == {"ModesRequired": "Domination"}
    assert [effect["scale"] for effect in shown] == [effect["Scale"] for effect in I12[0]["Effects"]]


def test_items_are_those_of_the_files(world, first):
    enhancements = world.query(
        "select e.uid, e.name, e.level_min, e.level_max, r.internal_name,"
        " coalesce(e.type_id, e.extra->>'type_class') from"
        " homecoming.enhancement e left join homecoming.recipe r on r.id = e.recipe_id order by e.source_position"
    )
    keys = ("name", "display_name", "level_min", "level_max")
    assert enhancements == [
        (*(e.get(key) for key in keys), name_of(RECIPES[:1], e["recipe_id"]), e["type_class"]) for e in ENHANCEMENTS
    ]
    recipes = world.query(
        "select r.internal_name, r.rarity, e.uid from homecoming.recipe r left join homecoming.enhancement e"
        " on e.id = r.enhancement_id order by r.source_position"
    )
    assert recipes == [
        (
            r.get("name", f"recipe {r['id']}"),
            TYPES.get(r["rarity"], r["rarity"]),
            name_of(ENHANCEMENTS, r["enhancement_id"]),
        )
        for r in RECIPES
    ]
    used = world.query(
        "select s.internal_name, i.count from homecoming.recipe_salvage i join homecoming.salvage s"
        " on s.id = i.salvage_id order by i.position"
    )
    assert used == [(name_of(SALVAGE, s["salvage_id"]), s["quantity"]) for s in RECIPES[0]["salvage_required"]]
    assert world.query("select internal_name, origin, extra->>'origin' from homecoming.salvage order by 1") == [
        ("S_Brass", "Tech", None),
        ("S_Prophecy", None, "Natural"),
    ]


def test_the_wrong_record_is_in_the_quarantine_with_its_file(world, first):
    ((entity, file, rule, record),) = world.query(
        "select entity, source_file, rule, record::text from mids.quarantine where realm = 'homecoming'"
    )
    assert (entity, file, rule) == ("power", "I12_powers.json", "type") and "alone" in record
    logged = dict(world.query("select import_type, file_name from mids.import_log where realm = 'homecoming'"))
    assert (logged["recipe"], logged["power"]) == ("recipes.json", "I12_powers.json")


def test_the_big_file_is_kept_once(world, first):
    release = world.settings.data_dir / "releases" / "homecoming" / first["realms"]["homecoming"]["release"]
    (raw,) = release.glob("raw/*/i12.json")
    assert raw.samefile(release / "source" / "I12_powers.json")


def test_the_same_files_again_and_packed_are_nothing_to_do(world, first, folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "homecoming.zip", "w") as archive:
        for place in folder.iterdir():
            archive.write(place, f"Homecoming/{place.name}")
    before = world.contents()
    for source in (folder, tmp_path / "homecoming.zip"):
        assert world.mids_json("import", str(source))["action"] == "nothing_to_do"
    assert world.contents() == before


def test_its_folder_tells_the_realm(world, first, folder):
    told = world.mids("import", str(folder), "--realm", "rebirth", code=2, MIDS_REALMS="homecoming,rebirth")
    assert "folder says 'Homecoming-old'" in told.stderr


@pytest.mark.parametrize("powers", ["powers.json", "I12_extracted.txt"])
def test_it_takes_the_place_of_another_release(world, first, powers, tmp_path):
    assert world.mids_json("import", str(SAMPLE))["action"] == "published"
    assert world.mids_json("import", str(exporter_folder(tmp_path, powers)))["action"] == "published"
    rows = world.query("select p.name, s.full_name from homecoming.power p join homecoming.powerset s"
                       " on s.id = p.powerset_id order by p.source_position")  # fmt: skip
    expected = {
        "powers.json": [(p["name"], name_of(POWERSETS, p["powerset_id"])) for p in POWERS],
        "I12_extracted.txt": [("Flares", "Blaster_Ranged.Fire_Blast"), ("Fast_Healing", "Willpower")],
    }
    assert rows == expected[powers]


def test_without_a_date_and_a_version_it_comes_before_every_dated_release():
    ours = order_key(None, UNVERSIONED)
    assert ours < order_key(datetime(2019, 6, 5, tzinfo=UTC), "1.0")
    assert ours == order_key(None, None)
