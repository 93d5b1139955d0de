"""A DataExporter folder through `mids export`: its tables, and what they leave empty."""

from __future__ import annotations

import json

import polars as pl
import pytest

from mids_assets.commands.exporting import run_export
from mids_assets.errors import UserError
from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.transform.unresolved import check_unresolved
from mids_assets_tests import city
from mids_assets_tests.unit.readers.exporter_support import I12, POWER_FILES, exporter_folder

SETTINGS = Settings(chunk_bytes=64 * 1024)
FILLED = {
    "archetype", "archetype_powerset", "powerset", "power", "power_effect", "enhancement", "recipe", "recipe_level",
    "recipe_salvage", "salvage",
}  # fmt: skip


@pytest.fixture(scope="module", params=POWER_FILES)
def exported(request, tmp_path_factory):
    folder = exporter_folder(tmp_path_factory.mktemp("place"), request.param)
    out = tmp_path_factory.mktemp("out") / "tables"
    return request.param, run_export(SETTINGS, folder, out, "parquet"), out / "tables"


def test_every_rule_holds_and_nothing_is_lost(exported):
    powers, found, _ = exported
    assert (found.notes, sum(found.quarantined.values())) == ([], 0)
    assert {name for name, rows in found.rows.items() if rows} == FILLED
    assert found.rows["power"] == {"I12_powers.json": 4, "powers.json": 3, "I12_extracted.txt": 2}[powers]
    assert found.rows["power_effect"] == 2
    assert [found.rows[name] for name in ("archetype", "powerset", "enhancement", "recipe", "salvage")] == [
        2,
        4,
        2,
        2,
        2,
    ]


def test_only_names_that_lead_nowhere_are_called_unresolved(exported):
    _, _, folder = exported
    for table in TABLES:
        report = check_unresolved(table, pl.scan_parquet(folder / f"{table.name}.parquet"))
        assert not any(report.unresolved.values()) and not report.unknown_numbers, table.name


def test_references_lead_where_the_ids_led(exported):
    _, _, folder = exported

    def pairs(table: str, *columns: str) -> list[tuple]:
        return pl.read_parquet(folder / f"{table}.parquet").select(columns).rows()

    assert pairs("powerset", "full_name", "archetype", "set_type") == [
        ("Blaster_Ranged.Fire_Blast", "class_blaster", "Primary"),
        ("Pool.Flight", None, "Pool"),
        ("Epic.Flame_Mastery", "class_blaster", "Ancillary"),
        ("Willpower", "class_tanker", "Primary"),
    ]
    assert pairs("archetype_powerset", "archetype", "powerset", "role") == [
        ("class_blaster", "blaster_ranged.fire_blast", "primary"),
        ("class_blaster", "epic.flame_mastery", "ancillary"),
        ("class_tanker", "willpower", "primary"),
    ]
    powersets = {name.lower() for (name,) in pairs("powerset", "full_name")}
    powers = pairs("power", "name", "powerset", "position")
    assert {powerset for _, powerset, _ in powers} <= powersets
    assert ("Flares", "blaster_ranged.fire_blast", 0) in powers and ("Fast_Healing", "willpower", 0) in powers
    assert pairs("recipe", "internal_name", "enhancement") == [
        ("I_Damage", "crafted_damage"),
        ("recipe 71", "entropic_chaos_a"),
    ]
    assert pairs("enhancement", "uid", "recipe", "boost_power") == [
        ("Crafted_Damage", "i_damage", None),
        ("Entropic_Chaos_A", None, None),
    ]
    assert pairs("recipe_salvage", "recipe", "level", "salvage", "count") == [
        ("i_damage", -1, "s_brass", 2),
        ("i_damage", -1, "s_prophecy", 1),
    ]


def test_what_the_folder_does_not_have_is_null(exported):
    _, _, folder = exported
    powers = pl.read_parquet(folder / "power.parquet")
    for column in ("static_index", "description_short", "modes_required", "hidden_power", "ai_report_code"):
        assert powers.get_column(column).null_count() == powers.height, column
    archetypes = pl.read_parquet(folder / "archetype.parquet")
    for column in ("playable", "resistance_cap", "resistance_cap_fraction", "modifier_column", "class_type"):
        assert archetypes.get_column(column).null_count() == archetypes.height, column
    assert json.loads(archetypes.get_column("modifiers")[0])["hit_points_base"] == 1205


def test_effects_of_the_i12_file_hold_what_is_written(tmp_path):
    run_export(SETTINGS, exporter_folder(tmp_path / "place", "I12_powers.json"), tmp_path / "out", "parquet")
    effects = pl.read_parquet(tmp_path / "out" / "tables" / "power_effect.parquet")
    members = {name for _, name in ENUMERATIONS["effect_type"].members}
    assert effects.select("effect_type", "scale", "duration", "base_probability").rows() == [
        (e["EffectType"] if e["EffectType"] in members else None, e["Scale"], e["Duration"], e["Chance"])
        for e in I12[0]["Effects"]
    ]


def test_one_wrong_record_of_each_file_stops_no_other(tmp_path):
    wrong = {"archetypes.json": {"id": 9}, "powersets.json": {"id": 9, "name": 5}, "enhancements.json": {"id": 9},
             "recipes.json": {"id": 9, "rarity": []}, "salvage.json": {"name": "x"}}  # fmt: skip
    folder = exporter_folder(tmp_path / "place", "I12_powers.json")
    for name, record in {**wrong, "I12_powers.json": {"Name": "alone"}}.items():
        records = [record, *json.loads((folder / name).read_text("utf-8"))]
        (folder / name).write_text(json.dumps(records), "utf-8")
    found = run_export(SETTINGS, folder, tmp_path / "out", "parquet")
    assert found.notes == []
    assert {name: count for name, count in found.quarantined.items() if count} == dict.fromkeys(
        ("archetype", "powerset", "power", "enhancement", "recipe", "salvage"), 1
    )
    assert [found.rows[name] for name in ("power", "enhancement", "recipe", "salvage")] == [4, 2, 2, 2]


def test_json_copies_the_big_file_and_says_which_ids_lead_nowhere(tmp_path):
    powersets = [{"id": 1, "name": "A.B", "set_type": "Pool", "archetype_id": 77}]
    folder = exporter_folder(tmp_path / "place", "I12_powers.json", small={"powersets.json": powersets})
    found = run_export(SETTINGS, folder, tmp_path / "out", "json")
    assert found.rows["i12.json"] == len(I12)
    assert found.notes == ["powersets.json: 1 values of archetype_id lead to no record of archetypes.json."]
    assert not (tmp_path / "out" / "i12.json").samefile(folder / "I12_powers.json")


@pytest.mark.parametrize("form", ["DataExporter folder", "City of Data export"])
def test_as_a_binary_database_it_cannot_be_written(tmp_path, form):
    if form == "DataExporter folder":
        folder = exporter_folder(tmp_path / "place", "I12_powers.json")
    else:
        folder = city.write(tmp_path / "place", city.power("Pool.Strolling.Saunter"))
    with pytest.raises(UserError, match=f"a {form} lacks fields of a database .* use --format json or parquet"):
        run_export(SETTINGS, folder, tmp_path / "out", "mhd")
    assert not (tmp_path / "out").exists()
