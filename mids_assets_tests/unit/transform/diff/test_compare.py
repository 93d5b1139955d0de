"""What counts as a change, what is one change, and what is none."""

from __future__ import annotations

import json

import pytest

from mids_assets.errors import StaleBuild
from mids_assets.transform.diff.compare import compare
from mids_assets_tests.unit.transform.diff.diff_support import diff_of, lines, side

SET = {"full_name": "Blaster_Ranged.Fire_Blast", "display_name": "Fire Blast"}
BALL = "Blaster_Ranged.Fire_Blast.Fire_Ball"


def power(name: str = BALL, **values):
    base = {
        "full_name": name,
        "powerset": "blaster_ranged.fire_blast",
        "position": 0,
        "name": name.rpartition(".")[2],
        "display_name": "Fire Ball",
        "static_index": 100,
        "recharge_time": 16.0,
    }
    return base | values


def effect(position: int, power: str = BALL, **values):
    base = {
        "power": power.lower(),
        "position": position,
        "effect_type": "Damage",
        "effect_type_code": 2,
        "damage_type": "Fire",
        "damage_type_code": 5,
        "scale": 1.0,
        "magnitude": 1.0,
        "ticks": 1,
        "modifier_table": "Ranged_Damage",
    }
    return base | values


def release(*effects, powers=(), **tables):
    return {"powerset": [SET], "power": list(powers or [power()]), "power_effect": list(effects), **tables}


def test_the_same_release_has_no_changes(tmp_path):
    rows = release(effect(0), effect(1, scale=2.0))
    diff = diff_of(tmp_path, rows, rows)
    assert diff.is_empty and diff.changes.is_empty()


def test_a_field_of_a_row(tmp_path):
    diff = diff_of(tmp_path, release(), release(powers=[power(recharge_time=14.0)]))
    assert lines(diff) == [("power", BALL, "changed", "recharge_time", "16.0", "14.0")]
    assert diff.counts == {"power": {"changed": 1}}


def test_a_row_in_several_fields_counts_once(tmp_path):
    diff = diff_of(tmp_path, release(), release(powers=[power(recharge_time=14.0, range=80.0)]))
    assert [(line[3], line[4]) for line in lines(diff)] == [("range", None), ("recharge_time", "16.0")]
    assert diff.counts == {"power": {"changed": 1}}


def test_rows_that_come_and_go(tmp_path):
    nova = power("Blaster_Ranged.Fire_Blast.Nova", static_index=7)
    gone = power("Blaster_Ranged.Fire_Blast.Gone", static_index=8)
    diff = diff_of(tmp_path, release(powers=[power(), gone]), release(powers=[nova, power()]))
    assert [(line[1], line[2]) for line in lines(diff)] == [
        ("Blaster_Ranged.Fire_Blast.Nova", "added"),
        ("Blaster_Ranged.Fire_Blast.Gone", "removed"),
    ]
    assert json.loads(lines(diff)[0][5])["static_index"] == 7


def test_another_spelling_of_a_key_is_a_change_of_the_same_row(tmp_path):
    diff = diff_of(tmp_path, release(effect(0)), release(effect(0), powers=[power(BALL.upper())]))
    assert [line[1:4] for line in lines(diff)] == [
        (BALL.upper(), "changed", "full_name"),
        (BALL.upper(), "changed", "name"),
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_inserted_effect_is_one_addition(tmp_path, place):
    old = [effect(0, scale=1.0), effect(1, scale=2.0)]
    scales = [1.0, 2.0]
    scales.insert(place, 9.0)
    new = [effect(n, scale=scale, damage_type="Cold" if scale == 9.0 else "Fire") for n, scale in enumerate(scales)]
    diff = diff_of(tmp_path, release(*old), release(*new))
    assert [line[:3] for line in lines(diff)] == [("power_effect", f"{BALL} / {place}", "added")]


def test_a_changed_effect_behind_a_removed_one_keeps_its_identity(tmp_path):
    old = [effect(0, effect_type="Mez", effect_type_code=1, modifier_table="Melee_Stun", scale=8.0), effect(1)]
    diff = diff_of(tmp_path, release(*old), release(effect(0, scale=1.1)))
    rows = diff.changes.select("natural_key", "old_key", "change", "field", "new_value").rows()
    assert (f"{BALL} / 0", f"{BALL} / 1", "changed", "scale", "1.1") in rows
    assert [row[2] for row in rows].count("removed") == 1 and len(rows) == 2


def test_conditions_follow_their_effect(tmp_path):
    def condition(effect_position: int, value: str):
        return {
            "power": BALL.lower(),
            "effect_position": effect_position,
            "position": 0,
            "condition_key": "Active:X",
            "value": value,
        }

    old = release(effect(0), effect(1, scale=2.0), power_effect_condition=[condition(1, "True")])
    new = release(
        effect(0, scale=5.0, damage_type="Cold", damage_type_code=1, magnitude=3.0, ticks=4),
        effect(1),
        effect(2, scale=2.0),
        power_effect_condition=[condition(2, "True")],
    )
    diff = diff_of(tmp_path, old, new)
    assert [line[:3] for line in lines(diff)] == [("power_effect", f"{BALL} / 0", "added")]
    new["power_effect_condition"] = [condition(2, "False")]
    diff = diff_of(tmp_path, old, new)
    assert lines(diff)[1] == ("power_effect_condition", f"{BALL} / 2 / 0", "changed", "value", '"True"', '"False"')


def test_lists_whose_order_means_nothing(tmp_path):
    def groups(*names: str):
        rows = [{"power": BALL.lower(), "position": n, "group_membership": name} for n, name in enumerate(names)]
        return release(power_group=rows)

    assert diff_of(tmp_path, groups("A", "B", "C"), groups("C", "A", "B")).is_empty
    diff = diff_of(tmp_path, groups("A", "B"), groups("C", "B"))
    assert [line[:3] for line in lines(diff)] == [
        ("power_group", f"{BALL} / 0", "added"),
        ("power_group", f"{BALL} / 0", "removed"),
    ]


def test_alternatives_are_told_by_who_stands_together(tmp_path):
    def required(*alternatives: tuple[str, ...]):
        rows = [
            {"power": BALL.lower(), "negated": False, "alternative": n, "position": m, "kind": "power",
             "required_name": name}
            for n, names in enumerate(alternatives)
            for m, name in enumerate(names)
        ]  # fmt: skip
        return release(power_prerequisite=rows)

    assert diff_of(tmp_path, required(("A", "B"), ("C",)), required(("C",), ("B", "A"))).is_empty
    diff = diff_of(tmp_path, required(("A",), ("B",)), required(("A", "B")))
    assert [line[3:] for line in lines(diff)] == [("alternative", "[]", '["B"]'), ("alternative", "[]", '["A"]')]
    diff = diff_of(tmp_path, required(("A",)), required(("X",), ("A",)))
    assert [line[2] for line in lines(diff)] == ["added"]


def test_places_that_only_shift_are_no_change(tmp_path):
    other = power("Blaster_Ranged.Fire_Blast.Nova", static_index=7)
    old = {"powerset": [SET], "power": [power(position=1), other | {"position": 0}]}
    new = {"powerset": [SET], "power": [other | {"position": 5}, power(position=9)]}
    assert diff_of(tmp_path, old, new).is_empty


def test_what_repeats_other_values_is_no_change(tmp_path):
    old = release(effect(0, modifier_table="T"), powers=[power(effects='[{"scale":1}]')])
    new = release(effect(0, modifier_table="T", attribute_modifier_table="T"), powers=[power(effects="[]")])
    assert diff_of(tmp_path, old, new).is_empty


def test_order_of_keys_and_null_in_extra_values(tmp_path):
    old = release(powers=[power(extra='{"b": 1, "a": {"x": null, "y": 2}}')])
    same = release(powers=[power(extra='{"a":{"y":2},"b":1}')])
    assert diff_of(tmp_path, old, same).is_empty
    other = release(powers=[power(extra='{"a":{"y":3},"b":1}')])
    assert [line[3] for line in lines(diff_of(tmp_path, old, other))] == ["extra"]


def test_a_negative_zero_is_zero(tmp_path):
    assert diff_of(tmp_path, release(effect(0, scale=-0.0)), release(effect(0, scale=0.0))).is_empty


def test_an_enumeration_is_told_by_its_name_and_by_its_number_where_it_has_none(tmp_path):
    named = diff_of(tmp_path, release(effect(0)), release(effect(0, damage_type="Cold", damage_type_code=4)))
    assert [line[3:] for line in lines(named)] == [("damage_type", '"Fire"', '"Cold"')]
    nameless = release(effect(0, damage_type=None, damage_type_code=99))
    assert [line[3] for line in lines(diff_of(tmp_path, release(effect(0)), nameless))] == [
        "damage_type",
        "damage_type_code",
    ]


def test_fields_and_tables_that_a_source_lacks_are_left_out(tmp_path):
    old = side(tmp_path / "old", release(), lacks=frozenset({"power.recharge_time", "salvage"}))
    new = side(
        tmp_path / "new",
        release(powers=[power(recharge_time=1.0, range=2.0)], salvage=[{"internal_name": "S_Luck"}]),
    )
    diff = compare(old, new)
    assert [line[3] for line in lines(diff)] == ["range"]
    assert diff.left_out == ("power.recharge_time", "salvage")


def test_small_tables(tmp_path):
    def schedule(powers: int, *overrides: str):
        return {
            "level_schedule": [{"kind": "N", "level": 3, "powers": powers}],
            "comparison_override": [
                {"position": n, "powerset": name, "power": "P", "override": "O"} for n, name in enumerate(overrides)
            ],
        }

    diff = diff_of(tmp_path, schedule(1, "A", "B"), schedule(2, "New", "A", "B"))
    assert [line[:4] for line in lines(diff)] == [
        ("level_schedule", "N / 3", "changed", "powers"),
        ("comparison_override", "0", "added", None),
    ]


def test_before_the_first_release_and_before_a_real_one_there_is_nothing(tmp_path):
    new = side(tmp_path / "new", release(effect(0)))
    sample = side(tmp_path / "sample", release(effect(0), effect(1)), is_sample=True)
    for old in (None, sample):
        diff = compare(old, new)
        assert diff.old is None
        assert diff.counts == {name: {"added": 1} for name in ("powerset", "power", "power_effect")}
    assert compare(sample, sample).is_empty


def test_a_missing_table_is_named(tmp_path):
    new = side(tmp_path / "new", release())
    (tmp_path / "new" / "salvage.parquet").unlink()
    with pytest.raises(StaleBuild, match=r"salvage\.parquet is not there"):
        compare(new, new)
