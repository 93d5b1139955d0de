"""An export of City of Data as tables, and in PostgreSQL: the made-up one, and the real one with its figures."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from mids_assets.commands.exporting import Exported, run_export
from mids_assets.errors import CheckFailed
from mids_assets.model.tables import TABLES
from mids_assets.settings import Settings
from mids_assets.transform.summary import TableSummary
from mids_assets.transform.unresolved import check_unresolved
from mids_assets.warehouse.publishing import verify_tables
from mids_assets_tests.city import write
from mids_assets_tests.city_world import FLARE, SPARK, city
from mids_assets_tests.published import REALM, go, rows
from mids_assets_tests.real import city_of_data_tables, needs_city


def tables_of(source: Path, out: Path) -> tuple[Exported, dict[str, pl.DataFrame]]:
    exported = run_export(Settings(), source, out, "parquet")
    return exported, read_tables(out)


def read_tables(out: Path) -> dict[str, pl.DataFrame]:
    return {table.name: pl.read_parquet(out / "tables" / f"{table.name}.parquet") for table in TABLES}


def test_the_game_s_own_data_in_postgresql(empty, server, tmp_path):
    files = city()
    infos = files["boost_sets/wicks_worth.json"]["computed"]["boost_infos"]
    infos["crafted_wicks_worth_a"] |= {
        "catalyzes_to": ["boosts.attuned_wicks_worth_a.attuned_wicks_worth_a", "Wick"],
        "unique_group": ["crafted_wicks_worth_a"],
    }
    files["tags/damaged.json"] = b'{"tag": "Damaged", "bears": {}, "affects": []}'
    exported, _ = tables_of(write(tmp_path / "source", files), tmp_path / "out")
    assert exported.quarantined == dict.fromkeys(exported.quarantined, 0) | {"reference": 1}
    go(empty, server, tmp_path / "out" / "tables")

    def found(columns: str, table: str, more: str = "") -> list[tuple]:
        return rows(empty, f"SELECT {columns} FROM {REALM}_v1.{table} t {more}")

    to_power = f"LEFT JOIN {REALM}_v1.power p ON p.id = t.power_id"
    assert found(
        "kind, t.group_name, t.position, t.power_name, p.full_name", "power_group_member", f"{to_power} ORDER BY 1, 3"
    ) == [
        ("exclusion", "Lamp_Group", 0, FLARE.lower(), FLARE),
        ("exclusion", "Lamp_Group", 1, "lamplighter_ranged.oil_burn.blaze", "Lamplighter_Ranged.Oil_Burn.Blaze"),
        ("recharge", "Strike_Group", 0, "cobbler_melee.last_hammer.tap", "Cobbler_Melee.Last_Hammer.Tap"),
    ]
    assert found("relation, p.full_name", "effect_tag_power", f"{to_power} WHERE tag = 'Soot/Smoke'") == [
        ("bears", SPARK)
    ]
    trait = "t.uid, e.uid, attuned, catalyzes_to, unique_group, aspects"
    joined = (
        f"JOIN {REALM}_v1.enhancement e ON e.id = t.enhancement_id WHERE e.uid = 'Crafted_Wicks_Worth_A' ORDER BY 1"
    )
    piece = "Crafted_Wicks_Worth_A"
    assert found(trait, "enhancement_trait", joined) == [
        ("Attuned_Wicks_Worth_A", piece, True, None, None, ["Accuracy", "Damage"]),
        (piece, piece, False, "Attuned_Wicks_Worth_A", [piece.lower()], ["Accuracy", "Damage"]),
    ]
    ((tree, kind),) = found("tree, kind", "power_expression", "WHERE place = 'requires' AND text LIKE 'ownPower%'")
    assert tree["op"] == ">" and kind == "counting"
    # Nothing of the export resolves these, and nothing is held up by it.
    assert found("count(*), count(power_id)", "enhancement_set_bonus") == [(3, 0)]


@pytest.fixture(scope="module")
def real() -> tuple[Exported, dict[str, pl.DataFrame], Path]:
    exported, out = city_of_data_tables()
    return exported, read_tables(out), out


@needs_city
def test_the_whole_real_export_loads(real):
    exported, tables, _ = real
    assert exported.quarantined == dict.fromkeys(exported.quarantined, 0)
    assert [note for note in exported.notes if "would be blocked" in note] == []
    counted = {name: frame.height for name, frame in tables.items() if frame.height and not name.startswith("power_")}
    assert counted == {
        "enhancement_class": 36,
        "set_type": 50,
        "enhancement_grade": 4,
        "special_enhancement_type": 5,
        "attribute_modifier_table": 108,
        "attribute_modifier": 2_125 * 105 - 5,
        "effect_tag": 300,
        "archetype": 20,
        "archetype_powerset": 626,
        "powerset": 597,
        "power": 5_140,
        "enhancement_set": 227,
        "enhancement_set_bonus": 1_138,
        "enhancement": 1_231,
        "effect_tag_power": 11_679,
        "enhancement_trait": 2_078,
    }
    assert (tables["power_group_member"].height, tables["power_expression"].height) == (163, 11_466)
    bears = tables["effect_tag_power"].filter(pl.col("relation") == "bears")
    assert bears.height == 10_681


@needs_city
def test_what_leads_nowhere_in_the_real_export_is_counted(real):
    _, tables, _ = real
    own = ("power_group_member", "effect_tag_power", "enhancement_trait", "power_expression")
    others = ("enhancement_set_bonus", "enhancement", "powerset", "power_archetype_rule")
    open_ = {}
    for name in (*own, *others):
        report = check_unresolved(TABLES[name], tables[name])
        open_ |= {f"{name}.{r}": (n, report.given[r]) for r, n in report.unresolved.items() if report.given[r]}
    assert open_ == {
        "power_group_member.power": (68, 163),
        "effect_tag_power.power": (7_116, 11_679),
        "enhancement_trait.enhancement": (0, 2_078),
        "enhancement_trait.catalyzes_to": (0, 1_033),
        "power_expression.power": (0, 11_466),
        "enhancement_set_bonus.power": (1_138, 1_138),
        "enhancement_set_bonus.enhancement": (0, 37),
        "enhancement.enhancement_set": (0, 1_231),
        "enhancement.boost_power": (1_231, 1_231),
        "powerset.archetype": (0, 360),
        "power_archetype_rule.archetype": (11, 270),
    }


@needs_city
def test_figures_of_the_real_export(real):
    _, tables, _ = real
    archetypes = tables["archetype"]
    assert archetypes["playable"].sum() == 15
    assert sorted(archetypes["modifier_column"]) == list(range(20))
    stalker = archetypes.filter(pl.col("name") == "Class_Stalker").row(0, named=True)
    assert [stalker[name] for name in ("hit_points_base", "regeneration_cap", "resistance_cap")] == [1205, 30.0, 0.75]
    assert json.loads(stalker["modifiers"])["hitpoint_cap"] == stalker["hitpoint_cap"]
    columns = dict(archetypes.select("name", "modifier_column").iter_rows())
    values = tables["attribute_modifier"].filter(pl.col("level") == 49)
    damage = values.filter((pl.col("table") == "Melee_Damage") & (pl.col("column") == columns["Class_Blaster"]))
    assert damage["value"].to_list() == [-55.6117]
    short = tables["attribute_modifier"].filter(pl.col("column") == columns["Class_Defender"]).group_by("table").len()
    assert sorted(short["len"].unique()) == [100, 105]
    pieces = tables["enhancement"].group_by("enhancement_set").len()
    assert pieces.height == 227 and tables["enhancement"]["occurrence"].max() == 1
    types = dict(tables["powerset"].group_by("set_type").len().iter_rows())
    assert None not in types and types["Pool"] == 15


@needs_city
def test_a_whole_database_with_such_gaps_is_refused_and_a_part_is_not(real):
    _, _, out = real
    nothing = {table.name: TableSummary(0) for table in TABLES}
    verify_tables(nothing, out / "tables", whole=False)
    with pytest.raises(CheckFailed, match=r"power_archetype_rule breaks rules.*required: archetype: 11 rows"):
        verify_tables(nothing, out / "tables")
