"""Which effects of two powers belong together, and what of their differences shows."""

from __future__ import annotations

import pytest

from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import (
    FLAME,
    check,
    effect,
    lines,
    modifiers,
    power,
    rows,
)


def _check(folder, ours, theirs, **tables):
    return check(
        folder,
        rows(power(), power_effect=ours),
        rows(power(), power_effect=theirs, attribute_modifier=modifiers(**tables)),
    )


def _fields(result) -> list[tuple]:
    assert set(result.discrepancies["key"]) <= {FLAME}
    return [line[1:] for line in lines(result)]


def test_equal_effects_in_another_order_are_equal(tmp_path):
    several = [effect(position=n, damage_type=kind, scale=1.0 + n) for n, kind in enumerate(["Fire", "Cold", "Fire"])]
    turned = [effect(position=n, damage_type=kind, scale=3.0 - n) for n, kind in enumerate(["Fire", "Cold", "Fire"])]
    result = _check(tmp_path, several, turned)
    assert _fields(result) == []
    assert result.figures.filter(entity="power_effect", field="scale")["equal"].item() == 3


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scale": 1.5}, ("effects[Damage(Fire) PvE].scale", "1.32", "1.5", "single")),
        ({"scale": 0.132}, ("effects[Damage(Fire) PvE].scale", "1.32", "0.132", "factor")),
        ({"magnitude": 2.0}, ("effects[Damage(Fire) PvE].magnitude", "1", "2", "single")),
        ({"scale": 2.0, "magnitude": 2.0}, ("effects[Damage(Fire) PvE].scale", "1.32", "4", "single")),
        ({"duration": 4.1}, ("effects[Damage(Fire) PvE].duration", "3.1", "4.1", "single")),
        ({"ticks": 5}, ("effects[Damage(Fire) PvE].ticks", "4", "5", "single")),
        ({"base_probability": 0.5}, ("effects[Damage(Fire) PvE].base_probability", "0.8", "0.5", "single")),
        ({"delayed_time": 0.75}, ("effects[Damage(Fire) PvE].delayed_time", "0.5", "0.75", "single")),
        ({"procs_per_minute": 2.0}, ("effects[Damage(Fire) PvE].procs_per_minute", "0", "2", "single")),
        (
            {"modifier_table": "Melee_Damage"},
            ("effects[Damage(Fire) PvE].modifier_table", "Ranged_Damage", "Melee_Damage", "modifier_table"),
        ),
        (
            {"modifier_table": "Melee_Damage", "scale": 9.0},
            ("effects[Damage(Fire) PvE].modifier_table", "Ranged_Damage", "Melee_Damage", "modifier_table"),
        ),
        ({"damage_type": "Cold"}, ("effects[Damage(Fire) PvE].damage_type", "Fire", "Cold", "member")),
        ({"pv_mode": "PvP"}, ("effects[Damage(Fire) PvE].pv_mode", "PvE", "PvP", "member")),
        ({"to_who": "Self"}, ("effects[Damage(Fire) PvE].to_who", "Target", "Self", "member")),
        ({"aspect": "Str"}, ("effects[Damage(Fire) PvE].aspect", "Abs", "Str", "member")),
    ],
)
def test_one_changed_effect(tmp_path, changes, expected):
    other = effect(position=1, damage_type="Smashing", scale=0.4)
    result = _check(tmp_path, [effect(), other], [effect(**changes), other])
    assert _fields(result) == [expected]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"scale": 13.2, "magnitude": 0.1}, {}),
        ({"modifier_table": "ranged_damage"}, {}),
        ({"modifier_table": "Ranged_Heal"}, {}),
        ({"modifier_table": "Ranged_PvP", "scale": 0.66}, {}),
        ({"duration": 999_999.0}, {"duration": 9999.0}),
        ({"ticks": 0}, {"ticks": 1}),
        ({"base_probability": 1.0}, {"base_probability": 1.1}),
        ({"base_probability": 1.0, "procs_per_minute": 3.0}, {"base_probability": 0.0, "procs_per_minute": 3.0}),
        ({}, {"attrib_type": "Expression", "scale": 0.0, "duration": 0.0, "magnitude": 0.0}),
        ({"to_who": "Unspecified"}, {}),
        ({"effect_type": "Heal"}, {"effect_type": "Heal", "damage_type": "None"}),
    ],
)
def test_what_is_no_difference(tmp_path, ours, theirs):
    result = _check(tmp_path, [effect(**ours)], [effect(**theirs)], Ranged_Damage=2.0, Ranged_Heal=2.0, Ranged_PvP=4.0)
    assert _fields(result) == []
    assert result.figures.filter(entity="power_effect", field="scale")["pairs"].item() == 1


@pytest.mark.parametrize(
    ("theirs", "reasons"),
    [
        (
            {"attrib_type": "Expression", "modifier_table": "Ones", "magnitude": 2.0, "duration": 0.0},
            {"modifier_table": "The game computes", "magnitude": "The game computes", "duration": "The game computes"},
        ),
        ({"modifier_table": "Ranged_PvP", "scale": 0.66}, {"modifier_table": "Another", "scale": "Another"}),
        (
            {"modifier_table": "Ranged_PvP", "magnitude": 0.5},
            {"modifier_table": "Another", "magnitude": "Another"},
        ),
        ({"scale": 2.64, "magnitude": 0.5}, {"magnitude": "Scale and magnitude are split"}),
    ],
)
def test_why_a_value_was_left_out_is_told(tmp_path, theirs, reasons):
    result = _check(tmp_path, [effect()], [effect(**theirs)], Ranged_Damage=2.0, Ranged_PvP=4.0)
    assert _fields(result) == []
    told = dict(result.left_out.filter(entity="power_effect").select("field", "reason").rows())
    assert told.keys() == reasons.keys()
    assert all(told[field].startswith(begins) for field, begins in reasons.items())


def test_tables_with_one_value_leave_the_scale_to_be_compared(tmp_path):
    result = _check(tmp_path, [effect()], [effect(modifier_table="Heal", scale=2.0)], Ranged_Damage=2.0, Heal=2.0)
    assert _fields(result) == [("effects[Damage(Fire) PvE].scale", "1.32", "2", "single")]


def test_exchanged_damage_types_and_pve_with_pvp(tmp_path):
    def two(first: float, second: float, **part: str) -> list[dict]:
        return [effect(scale=first), effect(position=1, scale=second, **part)]

    for number, part in enumerate([{"damage_type": "Cold"}, {"pv_mode": "PvP"}]):
        result = _check(tmp_path / str(number), two(1.0, 2.0, **part), two(2.0, 1.0, **part))
        assert [line[-1] for line in _fields(result)] == ["swapped", "swapped"]
        assert result.groups.select("ours", "theirs", "count").rows() == [("1 and 2", "2 and 1", 2)]


def test_effects_of_one_kind_exchange_nothing(tmp_path):
    # The chance tells which belong together, and the scales of the two changed places by that.
    ours = [effect(scale=1.0, base_probability=0.2, duration=3.0), effect(position=1, scale=2.0, duration=5.0)]
    theirs = [effect(scale=2.0, base_probability=0.2, duration=7.0), effect(position=1, scale=1.0, duration=9.0)]
    found = _fields(_check(tmp_path, ours, theirs))
    assert sorted(line[:3] for line in found if line[0].endswith("scale")) == [
        ("effects[Damage(Fire) PvE #2].scale", "2", "1"),
        ("effects[Damage(Fire) PvE].scale", "1", "2"),
    ]
    assert {line[3] for line in found} == {"single"}


def test_effects_without_a_counterpart_are_counted(tmp_path):
    theirs = [effect(), effect(position=1), effect(position=2, effect_type="Heal", damage_type="None")]
    result = _check(tmp_path, [effect(), effect(position=1, effect_type="SetMode", damage_type="None")], theirs)
    assert _fields(result) == []
    counted = dict(result.left_out.filter(entity="power_effect").select("reason", "count").rows())
    assert counted == {
        "Modes and markers, whose numbers each build of the game gives anew.": 1,
        "Effects of the game without a counterpart of their kind in our power.": 2,
    }


def test_a_change_of_all_types_of_damage_has_one_cause(tmp_path):
    kinds = ["Fire", "Cold", "Energy"]
    ours = [effect(position=n, damage_type=kind) for n, kind in enumerate(kinds)]
    theirs = [effect(position=n, damage_type=kind, duration=6.2) for n, kind in enumerate(kinds)]
    groups = _check(tmp_path, ours, theirs).groups
    assert groups.select("field", "count", "keys").rows() == [("effects[Damage PvE].duration", 3, [FLAME])]
