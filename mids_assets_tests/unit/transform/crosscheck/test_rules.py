"""Who may choose a power, held against the rule of the game: classes, prerequisites and exclusions are one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from mids_assets.transform.crosscheck.check import cross_check
from mids_assets_tests.unit.transform.crosscheck.crosscheck_support import FLAME, Rows, check, lines, power, rows, sides

HOP, KICK = "Pool.Leaping.Hop", "Pool.Leaping.Kick"


def pairs(*alternatives: Sequence[str], negated: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "power": FLAME.lower(),
            "negated": negated,
            "alternative": number,
            "position": place,
            "required_name": name,
        }
        for number, names in enumerate(alternatives)
        for place, name in enumerate(names)
    ]


def classes(*names: str, excluded: bool = False) -> list[dict[str, Any]]:
    return [{"power": FLAME.lower(), "class_name": name, "excluded": excluded} for name in names]


def side(
    prerequisites: Sequence[dict[str, Any]] = (), classes: Sequence[dict[str, Any]] = (), *, stated: bool = False
) -> Rows:
    text = [{"power": FLAME.lower(), "power_name": FLAME, "place": "requires", "text": "0"}] if stated else []
    return rows(power(), power_prerequisite=prerequisites, power_archetype_rule=classes, power_expression=text)


def test_the_same_rule_in_other_order_case_and_with_leftover_signs(tmp_path):
    ours = side(
        [*pairs([KICK, HOP], ["Set.A"]), *pairs(["!Set.B", "!SET.C"], negated=True)], classes("Class_A", "Class_B")
    )
    theirs = side(
        [*pairs(["set.a"], [HOP.upper(), KICK]), *pairs(["Set.C"], ["Set.B"], negated=True)],
        classes("class_b", "class_a"),
    )
    assert lines(check(tmp_path, ours, theirs)) == []


A_B = classes("Class_A", "Class_B")


@pytest.mark.parametrize(
    ("ours", "theirs", "before", "after"),
    [
        (side(pairs([HOP])), side(pairs([KICK])), HOP, KICK),
        (side(pairs([HOP, KICK])), side(pairs([HOP], [KICK])), f"{HOP} && {KICK}", f"{HOP}, {KICK}"),
        (side(pairs([HOP])), side(pairs([HOP], negated=True), stated=True), HOP, f"!{HOP}"),
        (side(), side(pairs([HOP]), stated=True), "none", HOP),
        (side(pairs([HOP])), side(), HOP, "none"),
        (side((), classes("Class_A")), side((), A_B, stated=True), "Class_A", "Class_A, Class_B"),
        (side((), classes("Class_A")), side((), classes("Class_A", excluded=True)), "Class_A", "!Class_A"),
    ],
)
def test_another_rule_shows(tmp_path, ours, theirs, before, after):
    assert lines(check(tmp_path, ours, theirs)) == [(FLAME, "requires", before.lower(), after.lower(), "member")]


def test_a_rule_of_the_game_that_no_row_can_say_is_no_difference(tmp_path):
    result = check(tmp_path, side(pairs([HOP])), side(stated=True))
    assert lines(result) == []
    left_out = result.left_out.filter(entity="power", field="requires")
    assert left_out.get_column("count").to_list() == [1]
    assert left_out.get_column("reason").str.contains("no form for the game's rule").all()


def test_a_source_without_rules_has_no_difference(tmp_path):
    ours, theirs = sides(tmp_path, side(), side(pairs([HOP]), stated=True))
    for lacking in ("power_prerequisite", "power_archetype_rule"):
        lacks = replace(ours, lacks=frozenset([lacking]))
        assert lines(cross_check(lacks, theirs)) == []
