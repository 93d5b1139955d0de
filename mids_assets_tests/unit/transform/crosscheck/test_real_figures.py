"""The real powers of 2021-03-31, with the enhancements of 2025-05-07, against the real export of 2025-06-17.

The figures were counted once without this code (formats city_of_data.md, section 9); where ours differs, it says why.
"""

from __future__ import annotations

import shutil

import polars as pl
import pytest

from mids_assets.commands.exporting import run_export
from mids_assets.settings import Settings
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.crosscheck.schema import CrossCheck
from mids_assets.transform.diff.side import Side
from mids_assets_tests.real import REAL, SAMPLE, city_of_data_tables, needs_city, needs_real, release

pytestmark = [pytest.mark.real, needs_real, needs_city]

EQUAL = {
    "display_name": 4_335, "power_type": 4_302, "level_available": 3_323, "accuracy": 4_278, "recharge_time": 4_009,
    "cast_time": 4_006, "interrupt_time": 4_358, "activate_period": 4_275, "range": 4_267, "range_secondary": 4_408,
    "radius": 4_222, "arc": 4_356, "max_targets": 4_252, "num_allowed": 4_382, "num_charges": 4_408,
    "life_time": 4_383, "life_time_in_game": 4_410, "usage_time": 4_410, "entities_affected": 4_328,
    "entities_auto_hit": 4_272, "target": 4_321, "target_secondary": 4_407, "target_line_of_sight": 4_406,
    "cast_flags": 4_331, "cast_through_hold": 4_383, "ignore_strength": 4_391, "modes_required": 4_410,
    "modes_disallowed": 4_244, "boosts_allowed": 4_050, "power_group": 4_296,
}  # fmt: skip
"""Field of powers -> how many of the 4,410 pairs are equal, by the independent count."""


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> CrossCheck:
    """Recipes and salvage, which take long and are not compared, are those of the small sample."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(release("homecoming-2021-03-31"), folder / "source")
    others = {"EnhDB.mhd": REAL / "midsreborn" / "Homecoming", "Recipe.mhd": SAMPLE, "Salvage.mhd": SAMPLE}
    for name, place in others.items():
        (folder / "source" / name).unlink()
        shutil.copy(place / name, folder / "source")
    run_export(Settings(data_dir=folder), folder / "source", folder / "ours", "parquet")
    _, theirs = city_of_data_tables()
    return cross_check(
        Side(folder / "ours" / "tables", "a" * 16, "b" * 16, "21.0331", "2021-03-31T00:00:00+00:00",
             lacks=frozenset({"attribute_modifier"})),
        Side(theirs / "tables", "c" * 16, "d" * 16, "homecoming-20250617_6916", "2025-06-17T00:00:00+00:00"),
    )  # fmt: skip


def _figures(result: CrossCheck, entity: str) -> dict[str, dict[str, int]]:
    rows = result.figures.filter(entity=entity).iter_rows(named=True)
    return {row.pop("field"): {name: row[name] for name in row if name != "entity"} for row in rows}


def test_powers(result):
    figures = _figures(result, "power")
    assert {numbers["pairs"] for numbers in figures.values()} == {4_410}
    assert {field: figures[field]["equal"] for field in EQUAL} == EQUAL
    # Within the tolerance 3,878 are exact; 106 more were entered with two decimals.
    assert (figures["endurance_cost"]["equal"], figures["endurance_cost"]["rounding"]) == (3_878, 106)
    # The count took Toxic, which this planner cannot say, for nothing: 3,744 and 46.
    assert (figures["attack_types"]["equal"], figures["attack_types"]["convention"]) == (3_744, 46)
    assert figures["attack_types"]["equal"] + figures["attack_types"]["convention"] == 3_790
    # The count took Chain for Character (4,287); here a Chain is compared with nothing.
    assert (figures["effect_area"]["equal"], figures["effect_area"]["convention"]) == (4_271, 16)
    # Empty counts as 6 (4,185); 223 more accept no enhancement on our side, and have no slots there.
    assert figures["max_boosts"]["equal"] + figures["max_boosts"]["convention"] == 4_185 + 223


def test_what_is_on_one_side_only(result):
    counts = {
        (entity, side): number for entity, side, number in result.coverage.group_by("entity", "side").len().rows()
    }
    assert counts == {
        ("power", "theirs"): 730,
        ("power", "ours"): 207,
        ("powerset", "theirs"): 104,
        ("powerset", "ours"): 15,
        # Of the set Artillery, whose pieces are called Shrapnel in the planner.
        ("enhancement", "theirs"): 6,
        ("enhancement", "ours"): 6,
    }
    likely = dict(result.coverage.filter(side="ours").drop_nulls("likely").select("key", "likely").rows())
    assert likely["Defender_Buff.Shock_Therapy.Defibrilate"] == "Defender_Buff.Shock_Therapy.Defibrillate"
    assert likely["Blaster_Support.Temporal_Manipulation"] == "Blaster_Support.Time_Manipulation"
    end = "End_of_Time"
    assert likely[f"Blaster_Support.Temporal_Manipulation.{end}"] == f"Blaster_Support.Time_Manipulation.{end}"
    assert likely["Crafted_Shrapnel_A"] == "Crafted_Artillery_A"


def test_classes(result):
    figures = _figures(result, "archetype")
    assert {numbers["pairs"] for numbers in figures.values()} == {15}
    different = {field: numbers["different"] for field, numbers in figures.items() if numbers["different"]}
    assert different == {"base_threat": 1, "perception_cap": 1}
    # Stalkers: 1,205 and 1,204 hit points.
    assert figures["hit_points_base"]["rounding"] == 1


def test_sets(result):
    assert _figures(result, "powerset")["display_name"]["equal"] == 471
    figures = _figures(result, "enhancement_set")
    # 226 under one key, and Cupids_Crush, which is Attuned_Cupids_Crush in the planner.
    assert {numbers["pairs"] for numbers in figures.values()} == {227}
    assert figures["set_type"]["different"] == 0
    assert (figures["level_min"]["equal"], figures["level_min"]["convention"]) == (154, 62)
    assert (figures["enhancement_set_bonus"]["equal"], figures["enhancement_set_bonus"]["convention"]) == (209, 16)
    assert figures["enhancement"]["equal"] == 226
    pieces = result.discrepancies.filter(field="enhancement")
    # All sets have as many pieces on both sides, Artillery's under other names.
    counts = pieces.select(pl.col("ours", "theirs").str.count_matches(",", literal=True)).rows()
    assert pieces["key"].to_list() == ["Artillery"]
    assert counts == [(5, 5)]


def test_effects(result):
    figures = _figures(result, "power_effect")
    pairs = figures["scale"]["pairs"]
    assert pairs > 33_000
    assert all(numbers["different"] < 0.06 * pairs for numbers in figures.values())
    assert figures["scale"]["equal"] + figures["scale"]["rounding"] > 0.84 * pairs


def test_what_a_maintainer_sees_first(result):
    lines = result.discrepancies.filter(pl.col("apart").is_null())
    seen = set(lines.select("key", "field", "ours", "theirs", "suspicion").iter_rows())
    # One of the two was entered in the other's place.
    active, agile = (f"Stalker_Defense.Shield_Defense.{name}" for name in ("Active_Defense", "Battle_Agility"))
    assert (active, "endurance_cost", "10.4", "0.104", "factor") in seen
    assert (agile, "endurance_cost", "0.104", "10.4", "factor") in seen
    swapped = result.groups.filter(suspicion="swapped")
    assert "Brute_Melee.Energy_Melee.Barrage" in swapped["keys"].explode().to_list()
    assert lines["suspicion"].head(1).to_list() == ["factor"]
    assert set(lines["suspicion"]) == {"factor", "swapped", "modifier_table", "single", "shared", "member",
                                       "only_ours", "only_theirs", "renamed"}  # fmt: skip


def test_smashing_that_the_game_dropped_is_one_line(result):
    groups = result.groups.filter(pl.col("apart").is_null())
    dropped = groups.filter(field="attack_types", ours="Smashing_Attack", theirs="none")
    assert dropped["count"].item() > 200


def test_powers_that_are_not_comparable(result):
    counts = result.discrepancies.group_by("apart").agg(pl.col("key").n_unique()).drop_nulls().rows()
    assert {apart for apart, _ in counts} == {"never_auto_update", "redirect"}


def test_keys_and_files(result):
    rows = result.discrepancies
    assert rows.select(pl.struct("entity", "key", "field").is_duplicated().any()).item() is False
    assert rows.filter(pl.col("file").is_null())["suspicion"].unique().to_list() == ["only_ours"]
