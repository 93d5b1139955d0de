"""What of a rule the planner's form can say is exactly that, or weaker; never another rule."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.readers.expressions import Node, Requirement, parse, requirement
from mids_assets.readers.expressions.tree import Call, Name, Number, Operation

HOP, KICK, JUMP, FLY = "Pool.Leaping.Hop", "Pool.Leaping.Kick", "Pool.Leaping.Jump", "Pool.Flight.Fly"


def powers(*alternatives: tuple[str, ...], whole: bool = True) -> Requirement:
    return Requirement(powers=tuple((names[0], names[1] if names[1:] else "") for names in alternatives), whole=whole)


def without(*names: str) -> Requirement:
    return Requirement(powers_not=tuple((name, "") for name in names))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (HOP, powers((HOP,))),
        (f"source.ownPower?({HOP})", powers((HOP,))),
        (f"{HOP} && {KICK}", powers((HOP, KICK))),
        (f"{HOP} && {HOP.lower()}", powers((HOP,))),
        (f"{HOP} || {KICK}", powers((HOP,), (KICK,))),
        (f"{HOP} && {KICK} || {HOP} && {JUMP}", powers((HOP, KICK), (HOP, JUMP))),
        (f"({HOP} || {KICK}) && {FLY}", powers((HOP, FLY), (KICK, FLY))),
        (f"({HOP} || {KICK}) && ({JUMP} || {FLY})", powers((HOP, JUMP), (HOP, FLY), (KICK, JUMP), (KICK, FLY))),
        ("!Melee.Claws", without("Melee.Claws")),
        ("!(Melee.Claws || Melee.Spines) && !Melee.Claws", without("Melee.Claws", "Melee.Spines")),
        ("$archetype == @Class_Brute", Requirement(classes=("Class_Brute",))),
        (
            "($archetype == @Class_Brute) || ($archetype == @Class_Tanker)",
            Requirement(classes=("Class_Brute", "Class_Tanker")),
        ),
        (
            "(($archetype eq 'Brute') || ($archetype eq 'Tanker')) && ($archetype eq 'Tanker')",
            Requirement(classes=("Class_Tanker",)),
        ),
        ("char>arch eq 'Arachnos Soldier'", Requirement(classes=("Class_Arachnos_Soldier",))),
        (
            "Ne($archetype, @Class_Brute) && !($archetype == @Class_Tanker)",
            Requirement(classes_not=("Class_Brute", "Class_Tanker")),
        ),
        ("!Ne($archetype, @Class_Brute)", Requirement(classes=("Class_Brute",))),
        (
            f"{HOP} && !{KICK} && ($archetype == @Class_Brute)",
            Requirement(classes=("Class_Brute",), powers=((HOP, ""),), powers_not=((KICK, ""),)),
        ),
        (f"{HOP} && (char>accesslevel >= 0)", powers((HOP,))),
        (f"{HOP} && Always", powers((HOP,))),
    ],
)
def test_all_of_a_rule_is_said(text: str, rule: Requirement):
    assert requirement(parse(text)) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Owned?(SomeBadge) && ($archetype == @Class_Brute)", Requirement(classes=("Class_Brute",), whole=False)),
        (f"{HOP} && (char>accesslevel > 3)", powers((HOP,), whole=False)),
        (f"{HOP} && {KICK} && {JUMP}", powers((HOP, KICK), whole=False)),
        (f"{HOP} && ownPowerNum?(Epic) > 0", powers((HOP,), whole=False)),
        (f"{FLY} && ({HOP} && {KICK} || {JUMP})", powers((FLY,), whole=False)),
        (f"!({HOP} && {KICK}) && !{FLY}", Requirement(powers_not=((FLY, ""),), whole=False)),
    ],
)
def test_a_part_that_cannot_be_said_is_left_out(text: str, rule: Requirement):
    assert requirement(parse(text)) == rule


@pytest.mark.parametrize(
    "text",
    [
        "0",
        f"{HOP} && 0",
        f"{HOP} && !Always",
        "Always",
        "char>accesslevel >= 0",
        "ownPowerNum?(Epic) > 0",
        f"{HOP} + {KICK} + {JUMP} > 1",
        f"{HOP} + {KICK} > 0 || {HOP}",
        f"({HOP} && {KICK} && {JUMP}) || {FLY}",
        f"{HOP} || ($archetype == @Class_Brute)",
        f"!({HOP} && {KICK})",
        "!(($archetype == @Class_Brute) && Melee.Claws)",
        "($archetype == @Class_Brute) && ($archetype == @Class_Tanker)",
        "Ne($archetype, @Class_Brute) || ($archetype == @Class_Tanker)",
        "target>enttype eq 'critter'",
        f"target.ownPower?({HOP})",
        "Owned?(SomeBadge) || auth>Preorder:Shop",
    ],
)
def test_a_rule_of_which_nothing_can_be_said(text: str):
    assert requirement(parse(text)) is None


def test_rules_that_would_multiply_without_end_are_left_out():
    many = " || ".join(f"Pool.A.P{number}" for number in range(1_000))
    found = requirement(parse(f"({many}) && {HOP}"))
    assert found == powers((HOP,), whole=False)


NAMES = [f"Set.P{number}" for number in range(4)]
CLASSES = ["A", "B"]
_leaves = st.one_of(
    st.sampled_from(NAMES).map(Name),
    st.sampled_from(CLASSES).map(lambda stem: Operation("==", (Name("$archetype"), Name(f"@Class_{stem}")))),
    st.sampled_from(CLASSES).map(lambda stem: Call("Ne", (Name("$archetype"), Name(f"@Class_{stem}")))),
    st.builds(
        lambda names, sign, number: Operation(
            sign, (Operation("+", (Operation("+", (Name(names[0]), Name(names[1]))), Name(names[2]))), Number(number))
        ),
        st.permutations(NAMES),
        st.sampled_from([">", ">=", "<"]),
        st.integers(0, 3),
    ),
    st.sampled_from([Name("Always"), Number(0), Name("isVIP?")]),
)
_rules = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        inner.map(lambda node: Operation("!", (node,))),
        st.builds(
            lambda sign, nodes: Operation(sign, tuple(nodes)),
            st.sampled_from(["||", "&&"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=6,
)


def holds(node: Node, owned: Mapping[str, bool], of_class: str) -> bool | int:
    """What the game would say of a character; written apart from the code under test."""
    match node:
        case Operation("!", (inner,)):
            return not holds(inner, owned, of_class)
        case Operation("&&", inner):
            return all(holds(one, owned, of_class) for one in inner)
        case Operation("||", inner):
            return any(holds(one, owned, of_class) for one in inner)
        case Operation("+", (left, right)):
            return holds(left, owned, of_class) + holds(right, owned, of_class)
        case Operation("==", (_, Name(name))):
            return name == f"@Class_{of_class}"
        case Operation(sign, (left, Number(number))):
            total = holds(left, owned, of_class)
            return {">": total > number, ">=": total >= number, "<": total < number}[sign]
        case Call("Ne", (_, Name(name))):
            return name != f"@Class_{of_class}"
        case Name(name):
            return owned.get(name, True)
        case Number(value):
            return value != 0
    raise AssertionError(node)


def allows(rule: Requirement, owned: Mapping[str, bool], of_class: str) -> bool:
    """What the planner would say."""
    return (
        (not rule.classes or f"Class_{of_class}" in rule.classes)
        and f"Class_{of_class}" not in rule.classes_not
        and (not rule.powers or any(all(owned[name] for name in pair if name) for pair in rule.powers))
        and not any(owned[name] for pair in rule.powers_not for name in pair if name)
    )


@given(_rules)
def test_whatever_the_game_allows_the_planner_allows_and_nothing_else_when_all_was_said(node):
    rule = requirement(node)
    for of_class, flags in itertools.product("ABC", itertools.product([False, True], repeat=len(NAMES))):
        owned = dict(zip(NAMES, flags, strict=True))
        allowed = bool(holds(node, owned, of_class))
        if rule is not None:
            planned = allows(rule, owned, of_class)
            assert planned == allowed if rule.whole else planned >= allowed
