"""The real releases through readers and transform alone: exact numbers, and both sources of one release alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.readers.i12 import read_frames
from mids_assets.readers.json_records import decode_records
from mids_assets.readers.raw import write_raw
from mids_assets.readers.source import open_source
from mids_assets.transform.frames import validate_records, validate_reference
from mids_assets.transform.inputs import Frames
from mids_assets.transform.rules import UnresolvedReport, check_rules, check_unresolved
from mids_assets.transform.tables import build_tables
from mids_assets_tests.real import ROWS_2022, needs_real, release

pytestmark = [needs_real, pytest.mark.real]

NAME = "homecoming-2022-03-31"
MAIN = ("I12.mhd", "Mids.zip")
QUARANTINED = [("archetype", 42, "duplicate_class", True), ("recipe", 0, "header_row", True)]


class Built:
    """Frames, tables and reports of one source."""

    def __init__(self, source_dir: Path, folder: Path) -> None:
        source = open_source(source_dir)
        (folder / "reference").mkdir(parents=True)
        quarantine = []
        self.replaced: dict[str, Mapping[str, int]] = {}
        for asset in ASSETS:
            (raw,) = write_raw(source, asset, folder / "raw")
            if asset == "reference":
                for name, good in validate_reference(json.loads(raw.path.read_bytes())).items():
                    good.frame.write_parquet(folder / "reference" / f"{name}.parquet")
                    quarantine.append(good.quarantine)
                continue
            batch = decode_records(raw.path.read_bytes(), raw.shape, asset)
            good = validate_records(asset, batch.frame, batch.failures, source_file=raw.name)
            good.frame.write_parquet(folder / f"{asset}.parquet")
            quarantine.append(good.quarantine)
            self.replaced[asset] = good.replaced
        self.quarantine = pl.concat(quarantine)
        self.frames = Frames(folder)
        self.tables = {name: frame for asset in ASSETS for name, frame in build_tables(asset, self.frames)}

    def report(self, name: str) -> UnresolvedReport:
        return check_unresolved(TABLES[name], self.tables[name])

    def counts(self, name: str) -> dict[str, tuple[int, int]]:
        """Reference -> (unresolved, given)."""
        report = self.report(name)
        return {reference: (report.unresolved[reference], given) for reference, given in report.given.items()}


def _build(name: str, main: str, folder: Path) -> Built:
    source = folder / "source"
    source.mkdir(parents=True)
    for path in release(name).iterdir():
        if path.name == main or path.name not in MAIN:
            (source / path.name).symlink_to(path)
    return Built(source, folder / "frames")


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> dict[str, Built]:
    return {main: _build(NAME, main, tmp_path_factory.mktemp(main)) for main in MAIN}


@pytest.fixture(scope="module")
def built(both) -> Built:
    return both["I12.mhd"]


@pytest.mark.parametrize("main", MAIN)
def test_rows_are_exact_and_every_rule_holds(both, main):
    found = both[main]
    assert {name: found.tables[name].height for name in ROWS_2022} == ROWS_2022
    for table in TABLES:
        report = check_rules(table, found.tables[table.name], found.frames.keys)
        assert report.passed, (table.name, report.failures)
    quarantined = found.quarantine.select("entity", "source_position", "rule", "expected").rows()
    assert quarantined == QUARANTINED
    assert {asset: dict(fields) for asset, fields in found.replaced.items() if fields} == {
        "power": {"description_long": 1}
    }


def test_both_sources_give_the_same_frames_and_tables_row_for_row(both):
    binary, archive = both["I12.mhd"], both["Mids.zip"]
    for asset in ASSETS[1:]:
        assert binary.frames.scan(asset).collect().equals(archive.frames.scan(asset).collect()), asset
    assert binary.tables.keys() == archive.tables.keys() == {table.name for table in TABLES}
    for name, frame in binary.tables.items():
        assert frame.equals(archive.tables[name]), name


def test_the_direct_way_from_the_binary_file_gives_the_same_frames(built):
    for asset, frame in read_frames(release(NAME) / "I12.mhd").items():
        direct = validate_records(asset, frame, source_file="I12.mhd").frame
        whole = built.frames.scan(asset).collect()
        assert whole.get_column("extra").null_count() == whole.height, asset
        assert direct.equals(whole.drop("extra")), asset


def test_references_of_powers(built):
    assert built.counts("power")["forced_class"] == (0, 829)
    effects = built.counts("power_effect")
    assert effects["summoned_entity"] == (466, 965)
    assert effects["granted_power"] == (731, 1_981)
    assert effects["redirect_power"] == (1, 27)
    assert effects["effect_tag"] == (2, 65_293)
    assert {name for name, _ in built.report("power_effect").top["effect_tag"]} == {"critp", "critlar"}
    assert effects["archetype"] == (1, 496)
    assert built.counts("power_effect_condition") == {"subject_power": (0, 1_966)}
    assert built.tables["power_effect_condition"].filter(pl.col("kind") == "Team").height == 31
    assert built.counts("power_sub_power") == {"sub_power": (19, 40)}
    rules = built.tables["power_archetype_rule"]["excluded"]
    assert (rules.len() - rules.sum(), rules.sum()) == (325, 465)
    dropped = {name: count for name, count in built.frames.dropped.items() if count}
    assert dropped == {"power_archetype_rule": 8, "power_allowed_enhancement": 5}
    assert built.report("power").unknown_numbers.keys() == {
        "entities_affected_code",
        "entities_auto_hit_code",
        "target_code",
    }


def test_prerequisites(built):
    names = built.tables["power_prerequisite"]
    kinds = dict(names.group_by("kind").len().iter_rows())
    assert kinds == {"power": 1_518, "powerset": 63, "expression": 90, "unknown": 16}
    for negated, count, alternatives in ((False, 1_563, 1_080), (True, 124, 120)):
        part = names.filter(pl.col("negated") == negated)
        assert (part.height, part.select("power", "alternative").n_unique()) == (count, alternatives)


def test_enhancement_classes_are_joined_by_the_right_column(built):
    """A join by the wrong one of the two numbers resolves just as fully; only the names betray it."""
    classes, powers = built.tables["enhancement_class"], built.tables["power"]
    named = powers.select("natural_key", pl.col("boosts_allowed").alias("class_id")).explode("class_id")
    named = named.filter(pl.col("class_id").is_in(classes["class_id"].implode()))
    expected = named.group_by("natural_key").agg(pl.col("class_id").unique().sort())

    def agreeing(column: str) -> int:
        found = (
            built.tables["power_allowed_enhancement"]
            .join(classes.select(column, "class_id"), left_on="enhancement_class", right_on=column, how="left")
            .group_by(pl.col("power").alias("natural_key"))
            .agg(pl.col("class_id").unique().sort().alias("found"))
        )
        assert found.height == 7_347
        return found.join(expected, on="natural_key").filter(pl.col("found") == pl.col("class_id")).height

    assert agreeing("id") == 6_795
    assert agreeing("position") == 0
    members = built.tables["enhancement_class_member"].join(classes, left_on="enhancement_class", right_on="id")
    assert members.filter(pl.col("enhancement") == "magic_damage")["class_id"].to_list() == ["Damage_Boost"]


def test_references_of_entities_enhancements_and_recipes(built):
    entities = built.counts("summoned_entity_powerset")
    assert entities == {"powerset": (38, 526), "upgrade_power": (0, 54)}
    enhancement = built.counts("enhancement")
    assert enhancement["enhancement_set"] == (0, 1_225)
    assert enhancement["recipe"] == (0, 1_274)
    assert enhancement["boost_power"] == (1_330 - 1_237, 1_330)
    bonuses = built.tables["enhancement_set_bonus"]
    assert dict(bonuses.group_by("kind").len().iter_rows()) == {"set": 1_096, "special": 36}
    assert bonuses["power"].null_count() == 0
    assert built.counts("enhancement_set_bonus") == {"power": (0, 1_132), "enhancement": (0, 36)}
    assert built.counts("recipe") == {"enhancement": (0, 880)}
    assert built.counts("recipe_salvage") == {"salvage": (2_578, 78_015)}
    spelled = built.tables["recipe_salvage"].filter(pl.col("salvage_name") == "S_AlchemicalSIlver")
    assert spelled.height > 1_000
    assert spelled["salvage"].unique().to_list() == ["s_alchemicalsilver"]


def test_numbers_survive_with_their_shortest_spelling(built):
    damage = built.tables["power"].filter(pl.col("natural_key") == "arachnos_soldiers.arachnos_soldier.single_shot")
    scales = [effect["scale"] for effect in json.loads(damage["effects"].item())]
    assert scales == [1.0, 1.0, 1.20712]
    children = built.tables["power_effect"].filter(pl.col("power") == damage["natural_key"].item())
    assert children["scale"].to_list() == scales


def test_hash_of_a_parent_finds_every_change_between_two_releases(built, tmp_path):
    """Powers are the same in both releases, saved a year apart: only what was edited may look changed."""
    older = _build("homecoming-2021-02-11", "Mids.zip", tmp_path)
    columns = ["natural_key", "row_hash", "children_hash"]
    before, after = older.tables["power"].select(columns), built.tables["power"].select(columns)
    paired = before.join(after, on="natural_key", suffix="_new")
    same = paired.filter(
        pl.col("row_hash") == pl.col("row_hash_new"), pl.col("children_hash") == pl.col("children_hash_new")
    )
    assert 0.9 * paired.height < same.height < paired.height
    kept = same["natural_key"].implode()
    for name in ("power_effect", "power_prerequisite", "power_allowed_enhancement"):
        table = TABLES[name]
        rows = [
            found.tables[name].filter(pl.col("power").is_in(kept)).select(table.hashed).sort(table.key)
            for found in (older, built)
        ]
        assert rows[0].equals(rows[1]), name
    changed = paired.filter(pl.col("children_hash") != pl.col("children_hash_new"))["natural_key"].implode()
    differing = 0
    for table in TABLES.children("power"):
        rows = [
            found.tables[table.name].filter(pl.col("power").is_in(changed)).select(table.hashed)
            for found in (older, built)
        ]
        differing += not rows[0].equals(rows[1])
    assert differing


RELEASES = ("homecoming-2019-07-28", "homecoming-2020-11-14", "homecoming-2021-02-11", "homecoming-2021-03-31")
"""The four older releases, in the order of the columns of `FIGURES`; powersets, powers, effects and entities are as the
README beside them states."""
FIGURES = {
    "archetype": (60, 60, 60, 60),
    "archetype_powerset": (1_856, 1_870, 1_869, 1_869),
    "powerset": (3_574, 3_554, 3_568, 3_568),
    "powerset_mutex": (15, 22, 22, 22),
    "power": (9_710, 9_632, 9_649, 9_649),
    "power_effect": (64_546, 65_095, 65_268, 65_293),
    "power_effect_condition": (0, 26, 1_996, 1_997),
    "power_prerequisite": (1_508, 1_703, 1_687, 1_687),
    "power_archetype_rule": (773, 792, 790, 790),
    "power_allowed_enhancement": (23_019, 22_870, 22_889, 22_889),
    "power_allowed_set_type": (10_196, 10_028, 10_077, 10_076),
    "power_sub_power": (36, 36, 40, 40),
    "power_ignored_aspect": (1_750, 1_755, 1_763, 1_763),
    "summoned_entity": (428, 460, 464, 464),
    "summoned_entity_powerset": (427, 0, 526, 526),
    "enhancement": (1_252, 1_288, 1_288, 1_288),
    "enhancement_effect": (3_112, 3_205, 3_218, 3_218),
    "enhancement_set": (215, 221, 221, 221),
    "enhancement_set_bonus": (1_077, 1_114, 1_114, 1_114),
    "recipe": (2_308, 2_338, 2_343, 2_349),
    "recipe_level": (22_066, 23_296, 23_301, 23_547),
    "recipe_salvage": (77_734, 77_858, 77_864, 77_896),
    "salvage": (108, 108, 111, 111),
    "effect_tag": (0, 199, 201, 201),
    "attribute_modifier_table": (94, 0, 0, 0),
    "attribute_modifier": (308_700, 0, 0, 0),
    "level_schedule": (50, 50, 100, 100),
}


@pytest.mark.parametrize("name", RELEASES)
def test_every_older_release_is_complete_and_keeps_the_rules(name, tmp_path):
    found = _build(name, "Mids.zip", tmp_path)
    column = RELEASES.index(name)
    assert {table: found.tables[table].height for table in FIGURES} == {t: n[column] for t, n in FIGURES.items()}
    for table in TABLES:
        report = check_rules(table, found.tables[table.name], found.frames.keys)
        assert report.passed, (table.name, report.failures)
    assert found.quarantine.filter(~pl.col("expected")).is_empty()
