"""Rules that block, each broken once; and what is only counted."""

from __future__ import annotations

import polars as pl
import pytest

from mids_assets.model.frames import own_schema
from mids_assets.model.tables import TABLES
from mids_assets.transform.rules import check_rules, check_unresolved

KEYS = {
    "power": pl.DataFrame({"natural_key": ["a.b.c", "a.b.d"]}),
    "power_effect": pl.DataFrame(
        {"power": ["a.b.c", "a.b.c"], "position": [0, 1]}, schema_overrides={"position": pl.Int32}
    ),
    "recipe_level": pl.DataFrame({"recipe": [], "level": []}, schema={"recipe": pl.String, "level": pl.Int32}),
    "enhancement_class": pl.DataFrame({"id": [1, 2]}, schema={"id": pl.Int32}),
}


def keys(name: str) -> pl.DataFrame:
    return KEYS.get(name, pl.DataFrame({"natural_key": []}, schema={"natural_key": pl.String}))


def frame(name: str, *rows: dict) -> pl.DataFrame:
    table = TABLES[name]
    schema = dict(own_schema(table))
    if table.kind != "child":
        schema |= {"source_position": pl.Int64()}
    if table.kind == "entity":
        schema |= {"natural_key": pl.String()}
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def failures(name: str, *rows: dict) -> dict[str, int]:
    data = frame(name, *rows)
    report = check_rules(TABLES[name], data, keys)
    assert check_rules(TABLES[name], data.lazy(), keys).failures == report.failures
    assert report.passed == (not report.failures) and report.rows == len(rows)
    assert set(report.examples["rule"]) == set(report.failures)
    return report.failures


CLASS = {"power": "a.b.c", "enhancement_class": 1}
CONDITION = {"power": "a.b.c", "effect_position": 1, "position": 0}
SALVAGE = {"internal_name": "S", "natural_key": "s", "source_position": 4}


@pytest.mark.parametrize(
    ("table", "rows", "expected"),
    [
        ("power_allowed_enhancement", [CLASS, {**CLASS, "enhancement_class": 2}, {**CLASS, "power": "a.b.d"}], {}),
        ("power_allowed_enhancement", [CLASS] * 3, {"unique: power, enhancement_class": 2}),
        ("power_allowed_enhancement", [{**CLASS, "power": None}], {"required: power": 1}),
        ("power_allowed_enhancement", [{**CLASS, "power": "x"}], {"reference: power": 1}),
        ("power_allowed_enhancement", [{**CLASS, "enhancement_class": 9}], {"reference: enhancement_class": 1}),
        ("power_effect_condition", [CONDITION], {}),
        ("power_effect_condition", [CONDITION, {**CONDITION, "effect_position": 2}], {"reference: effect": 1}),
        ("power_effect_condition", [{**CONDITION, "power": "a.b.d"}], {"reference: effect": 1}),
        ("power_effect_condition", [{**CONDITION, "position": -1}], {"bounds: position": 1}),
        ("power_effect_condition", [{**CONDITION, "subject_power": "x"}], {"reference: subject_power": 1}),
        ("salvage", [SALVAGE, {**SALVAGE, "internal_name": "s"}], {"unique: natural_key": 1}),
        ("salvage", [SALVAGE, {**SALVAGE, "natural_key": "t"}], {"unique: internal_name": 1}),
        (
            "salvage",
            [
                SALVAGE,
                {**SALVAGE, "internal_name": "S ", "natural_key": "s "},
                {"internal_name": " T", "natural_key": " t"},
            ],
            {"unique but for blanks: natural_key": 1},
        ),
        ("salvage", [{**SALVAGE, "level_min": -2}], {"bounds: level_min": 1}),
        (
            "enhancement_class",
            [{"id": 1, "position": 0}, {"id": 2, "position": 0}, {"id": 2, "position": None}],
            {"unique: id": 1, "unique: position": 1, "required: position": 1},
        ),
    ],
)
def test_a_broken_rule_is_named_and_counted(table, rows, expected):
    assert failures(table, *rows) == expected


def test_examples_show_key_value_and_place():
    many = [{**SALVAGE, "source_position": n} for n in range(9)]
    report = check_rules(TABLES["salvage"], frame("salvage", *many), keys)
    shown = report.examples.filter(pl.col("rule") == "unique: internal_name")
    assert report.failures["unique: internal_name"] == 8 and shown.height == 5
    assert shown.row(0) == ("unique: internal_name", "internal_name=S", "internal_name=S", "s", 1)
    child = check_rules(
        TABLES["power_allowed_enhancement"], frame("power_allowed_enhancement", {**CLASS, "power": "x"}), keys
    )
    assert child.examples.rows() == [("reference: power", "power=x, enhancement_class=1", "power=x", "x", None)]


def test_keys_beyond_any_packing_are_compared_whole():
    wide = [{"kind": kind, "archetype": "", "old": old} for kind in ("index", "cryptic") for old in ("1", "2")]
    assert failures("power_replacement", *wide) == {}
    assert failures("power_replacement", *wide, wide[0]) == {"unique: kind, archetype, old": 1}


def test_every_table_can_be_checked_empty():
    for table in TABLES:
        assert failures(table.name) == {}
        assert check_unresolved(table, frame(table.name)).rows == 0


def test_effects_count_the_target_that_their_type_means():
    rows = [
        {"effect_type": "EntCreate", "summon": "Pets_A", "summoned_entity": "pets_a"},
        {"effect_type": "EntCreate", "summon": "Pets_B"},
        {"effect_type": "EntCreate", "summon": "Pets_B"},
        {"effect_type": "EntCreate", "summon": ""},
        {"effect_type": "GrantPower", "summon": "x.y.z"},
        {"effect_type": None, "summon": "a.b.c", "granted_power": "a.b.c"},
        {"effect_type": "Damage", "summon": None, "effect_id": "Tag", "override": "gone"},
    ]
    report = check_unresolved(TABLES["power_effect"], frame("power_effect", *rows))
    assert (report.given["summoned_entity"], report.unresolved["summoned_entity"]) == (3, 2)
    assert report.top["summoned_entity"] == [("Pets_B", 2)]
    assert (report.given["granted_power"], report.unresolved["granted_power"]) == (2, 1)
    assert (report.given["effect_tag"], report.unresolved["effect_tag"]) == (1, 1)
    assert (report.given["redirect_power"], report.unresolved["redirect_power"]) == (1, 1)
    assert (report.given["archetype"], report.unresolved["archetype"]) == (0, 0)


def test_prerequisites_count_by_kind_and_team_conditions_do_not_count():
    kinds = ["power", "powerset", "expression", "unknown", "unknown"]
    rows = [{"kind": kind, "required_name": kind, "required_power": "a" if kind == "power" else None} for kind in kinds]
    report = check_unresolved(TABLES["power_prerequisite"], frame("power_prerequisite", *rows))
    assert (report.given, report.unresolved) == ({"required_power": 5}, {"required_power": 3})
    assert report.top["required_power"] == [("unknown", 2), ("expression", 1)]
    conditions = [{"kind": "Team", "subject": "Any"}, {"kind": "Active", "subject": "a"}, {"kind": "word"}]
    report = check_unresolved(TABLES["power_effect_condition"], frame("power_effect_condition", *conditions))
    assert (report.given["subject_power"], report.unresolved["subject_power"]) == (1, 1)


def test_top_holds_ten_names_in_a_fixed_order():
    names = [f"n{n:02}" for n in range(12)] + ["n05"]
    rows = [{"sub_power_name": name} for name in reversed(names)]
    top = check_unresolved(TABLES["power_sub_power"], frame("power_sub_power", *rows)).top["sub_power"]
    assert top == [("n05", 2), *((name, 1) for name in names[:10] if name != "n05")]


def test_numbers_without_a_member_are_counted():
    rows = [{"target_code": 4096 + 1}, {"target_code": 4096}, {"target_code": 2}, {"power_type_code": 77}]
    report = check_unresolved(TABLES["power"], frame("power", *rows))
    assert report.unknown_numbers == {"target_code": {4096: 2}, "power_type_code": {77: 1}}


def test_powers_that_require_each_other_are_named_as_written():
    pairs = [("a.b.c", "A.B.d", False), ("a.b.d", "a.B.C", False), ("a.b.e", "a.b.e", True), ("a.b.e", "a.b.d", False)]
    rows = [{"power": p, "required_name": r, "required_power": r.lower(), "negated": n} for p, r, n in pairs]
    gone = {"power": "a.b.c", "required_name": "a.b.x", "negated": False}
    report = check_unresolved(TABLES["power_prerequisite"], frame("power_prerequisite", *rows, gone))
    assert report.cycles == [("a.B.C", "A.B.d")]
    assert not report.passed
