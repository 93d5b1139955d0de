"""Which discrepancies are one line of the report, in which order they come, and what stands apart."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl
import pytest

from mids_assets.errors import StaleBuild
from mids_assets.transform.crosscheck.check import cross_check
from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import (
    COPY,
    EMBER,
    FLAME,
    check,
    effect,
    lines,
    power,
    rows,
    sides,
)

_MANY = [f"Mage_Ranged.Song_{number}.Note" for number in range(4)]


def _groups(result) -> list[tuple]:
    return result.groups.select("suspicion", "field", "ours", "theirs", "count", "keys").rows()


def test_copies_across_classes_are_one_line_and_other_powers_another(tmp_path):
    ours = rows(power(FLAME), power(COPY), power(EMBER))
    theirs = rows(*(power(name, recharge_time=12.0) for name in (FLAME, COPY, EMBER)))
    assert _groups(check(tmp_path, ours, theirs)) == [
        ("single", "recharge_time", "8", "12", 2, [COPY, FLAME]),
        ("single", "recharge_time", "8", "12", 1, [EMBER]),
    ]


def test_one_pair_of_values_in_many_powers_is_one_line(tmp_path):
    theirs = rows(*(power(name, recharge_time=12.0) for name in _MANY[:3]), power(_MANY[3], recharge_time=13.0))
    result = check(tmp_path, rows(*map(power, _MANY)), theirs)
    assert _groups(result) == [
        ("single", "recharge_time", "8", "13", 1, _MANY[3:]),
        ("shared", "recharge_time", "8", "12", 3, _MANY[:3]),
    ]
    assert result.groups["ratio"].to_list() == [1.625, 1.5]
    causes = dict(result.discrepancies.select("key", "cause").rows())
    assert len({causes[key] for key in _MANY[:3]}) == 1
    assert causes[_MANY[3]] != causes[_MANY[0]]


def test_of_lists_what_stands_on_one_side_only_is_the_cause(tmp_path):
    first, second = ["Melee_Attack", "Smashing_Attack"], ["Ranged_Attack", "Smashing_Attack"]
    ours = rows(power(FLAME, attack_types=first), *(power(name, attack_types=second) for name in _MANY[:2]))
    theirs = rows(*(power(name, attack_types=kinds[:1])
                    for name, kinds in [(FLAME, first), (_MANY[0], second), (_MANY[1], second)]))  # fmt: skip
    result = check(tmp_path, ours, theirs)
    assert _groups(result) == [("member", "attack_types", "Smashing_Attack", "none", 3, [FLAME, *_MANY[:2]])]
    assert lines(result)[0][2:4] == ("Melee_Attack, Smashing_Attack", "Melee_Attack")


def test_the_most_suspicious_first_and_what_is_said_of_most(tmp_path):
    changes = [{"recharge_time": 80.0}, {"accuracy": 1.5}, {"display_name": "X"}, {"range": 15.0, "radius": 80.0}]
    theirs = rows(*(power(name, **change) for name, change in zip(_MANY, changes, strict=True)))
    found = [line[-1] for line in lines(check(tmp_path, rows(*map(power, _MANY)), theirs))]
    assert found == ["factor", "swapped", "swapped", "single", "member"]


def test_powers_that_are_not_comparable_stand_apart_at_the_end(tmp_path):
    marked = power(FLAME, never_auto_update=True, display_name="X")
    redirected = power(_MANY[0], extra=json.dumps({"redirect": ["Redirects.A.B"]}), accuracy=9.0)
    led = effect(_MANY[1], effect_type="PowerRedirect", override="Redirects.A.C")
    ours = rows(marked, *map(power, _MANY[:3]), power_effect=[led])
    theirs = rows(power(FLAME), redirected, power(_MANY[1], accuracy=9.0), power(_MANY[2], accuracy=9.0))
    assert check(tmp_path, ours, theirs).discrepancies.select("key", "apart").rows() == [
        (_MANY[2], None),
        (FLAME, "never_auto_update"),
        (_MANY[0], "redirect"),
        (_MANY[1], "redirect"),
    ]


def test_nothing_depends_on_the_order_of_rows(tmp_path):
    effects = [effect(name, position=n, scale=1.0 + n) for name in _MANY for n in range(3)]
    changed = [row | {"scale": row["scale"] * 1.5, "duration": 9.0} for row in effects]
    theirs = [power(name, accuracy=2.0, range=40.0) for name in (*_MANY[1:], FLAME, "Mage_Ranged.Song_0.Notes")]
    one = sides(tmp_path / "one", rows(*map(power, _MANY), power_effect=effects),
                rows(*theirs, power_effect=changed))  # fmt: skip
    two = sides(tmp_path / "two", rows(*map(power, reversed(_MANY)), power_effect=effects[::-1]),
                rows(*theirs[::-1], power_effect=changed[::-1]))  # fmt: skip
    first, second = cross_check(*one), cross_check(*two)
    assert first.discrepancies.height > 20
    for name in ("discrepancies", "groups", "figures", "left_out", "coverage"):
        assert getattr(first, name).equals(getattr(second, name)), name


def test_thousands_of_effects_of_one_power_take_no_square_of_rows(tmp_path):
    effects = [effect(position=n, scale=1.0) for n in range(10_000)]
    result = check(tmp_path, rows(power(), power_effect=effects),
                   rows(power(), power_effect=[row | {"scale": 2.0} for row in effects]))  # fmt: skip
    assert result.groups.select("field", "count").rows() == [("effects[Damage PvE].scale", 10_000)]


def test_a_table_that_is_not_there(tmp_path):
    ours, theirs = sides(tmp_path, rows(), rows())
    with pytest.raises(StaleBuild, match="import the release again"):
        cross_check(ours, replace(theirs, tables=tmp_path / "nowhere"))


def test_each_field_of_a_key_stands_once(tmp_path):
    effects = [effect(position=n, scale=1.0 + n, base_probability=0.3) for n in range(4)]
    result = check(tmp_path, rows(power(), power_effect=effects),
                   rows(power(), power_effect=[row | {"duration": 9.0} for row in effects]))  # fmt: skip
    assert result.discrepancies.height == 4
    assert result.discrepancies.select(pl.struct("entity", "key", "field").n_unique()).item() == 4
