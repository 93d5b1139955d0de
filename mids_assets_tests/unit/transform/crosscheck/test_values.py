"""The fields of powers held against those of the game: what shows, what does not, and as what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mids_assets.transform.crosscheck.check import cross_check
from mids_assets.transform.crosscheck.declared import NOT_STATED
from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import (
    COPY,
    EMBER,
    FLAME,
    check,
    lines,
    power,
    rows,
    sides,
)


def test_equal_sides_have_no_discrepancy(tmp_path):
    result = check(tmp_path, rows(), rows())
    assert lines(result) == []
    assert result.groups.is_empty()
    assert set(result.figures.filter(entity="power").select("pairs", "equal").rows()) == {(3, 3)}


def test_a_changed_number_says_both_values_the_ratio_and_the_file(tmp_path):
    result = check(
        tmp_path, rows(power(recharge_time=8.0)), rows(power(FLAME.upper(), display_name="Flame", recharge_time=12.0))
    )
    assert result.discrepancies.drop("cause").rows(named=True) == [
        {
            "entity": "power",
            "key": FLAME,
            "field": "recharge_time",
            "ours": "8",
            "theirs": "12",
            "ratio": 1.5,
            "suspicion": "single",
            "apart": None,
            "file": "powers/mage_ranged/fire_song/flame.json",
        }
    ]


@pytest.mark.parametrize(
    ("changes", "suspicion"),
    [
        ({"recharge_time": 80.0}, "factor"),
        ({"recharge_time": 0.08}, "factor"),
        ({"recharge_time": 80.1}, "single"),
        ({"range": 15.0, "radius": 80.0}, "swapped"),
        ({"recharge_time": 1.67, "cast_time": 8.0}, "swapped"),
        ({"recharge_time": 15.0, "radius": 8.0}, "single"),
        ({"attack_types": ["Ranged_Attack", "Cold_Attack"]}, "member"),
        ({"ignore_strength": True}, "member"),
        ({"display_name": "Blaze"}, "member"),
    ],
)
def test_suspicion(tmp_path, changes, suspicion):
    result = check(tmp_path, rows(), rows(power(**changes), power(EMBER), power(COPY)))
    assert [(key, field, said) for key, field, *_, said in lines(result)] == [
        (FLAME, field, suspicion) for field in sorted(changes)
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "counted"),
    [
        ({"accuracy": 1.0}, {"accuracy": 1.000_04}, "equal"),
        ({"endurance_cost": 4.37}, {"endurance_cost": 4.368}, "rounding"),
        ({"level_available": 0}, {"level_available": 1}, "convention"),
        ({"arc": 19}, {"arc": 20}, "convention"),
        ({"cast_time": 1.848}, {"cast_time": 1.67}, "convention"),
        ({"max_targets": 0}, {"max_targets": 255}, "convention"),
        ({"num_allowed": 0}, {"num_allowed": 1}, "convention"),
        ({"effect_area": "Character"}, {"effect_area": "Touch"}, "different"),
        ({"effect_area": "Cone"}, {"effect_area": None, "effect_area_code": None}, "convention"),
        ({"accuracy": 1.0}, {"accuracy": None}, "convention"),
        ({}, {"attack_types": ["Ranged_Attack", "Fire_Attack", "Toxic_Attack"]}, "convention"),
        ({"max_boosts": ""}, {"max_boosts": "6"}, "convention"),
        ({"max_boosts": "", "boosts_allowed": []}, {"max_boosts": "0", "boosts_allowed": []}, "convention"),
        ({"boosts_allowed": ["damage_boost"]}, {"boosts_allowed": ["Damage_Boost"]}, "equal"),
        ({"display_name": "Flame "}, {"display_name": "Flame"}, "equal"),
        ({"accuracy": 1.0}, {"accuracy": 1.01}, "different"),
        ({"arc": 18}, {"arc": 20}, "different"),
        ({"cast_time": 1.8}, {"cast_time": 1.67}, "different"),
        ({"max_targets": 0}, {"max_targets": 16}, "different"),
        ({"max_boosts": ""}, {"max_boosts": "0"}, "different"),
        ({"attack_types": ["Toxic_Attack"]}, {"attack_types": ["Toxic_Attack", "Cold_Attack"]}, "different"),
    ],
)
def test_what_is_a_difference(tmp_path, ours, theirs, counted):
    result = check(tmp_path, rows(power(**ours)), rows(power(**theirs)))
    field = next(name for name in {**theirs, **ours} if not name.endswith("_code"))
    assert result.figures.filter(entity="power", field=field).select(counted).item() == 1
    assert (field in result.discrepancies["field"]) == (counted == "different")
    assert result.left_out["count"].sum() == (counted == "convention")


def test_why_a_value_was_left_out_is_told(tmp_path):
    theirs = rows(power(accuracy=None, effect_area=None, effect_area_code=None))
    reasons = dict(check(tmp_path, rows(power()), theirs).left_out.select("field", "reason").rows())
    assert reasons["accuracy"] == NOT_STATED
    assert reasons["effect_area"].startswith("Chain")


def test_toxic_counts_once_the_planner_uses_it(tmp_path):
    ours = rows(power(), power(EMBER, attack_types=["Toxic_Attack"]))
    theirs = rows(power(attack_types=["Ranged_Attack", "Fire_Attack", "Toxic_Attack"]), power(EMBER))
    assert (FLAME, "attack_types") in [line[:2] for line in lines(check(tmp_path, ours, theirs))]


def test_members_without_a_name_are_told_by_their_numbers(tmp_path):
    ours, theirs = rows(power(target=[], target_code=4096)), rows(power(target=[], target_code=0))
    assert lines(check(tmp_path, ours, theirs)) == [(FLAME, "target", "4096", "0", "member")]


def test_what_a_source_lacks_is_not_compared(tmp_path):
    ours, theirs = sides(tmp_path, rows(power(accuracy=1.0)), rows(power(accuracy=2.0)))
    assert lines(cross_check(ours, replace(theirs, lacks=frozenset({"power.accuracy"})))) == []
