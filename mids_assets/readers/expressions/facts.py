"""What one leaf of a rule says about the character: owns a power, is of a class, counts powers, has access.

A leaf is what stands between `||`, `&&` and `!`. Words are compared without case.
Does not belong here: how leaves make up a rule (`kinds`, `requirement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from mids_assets.readers.expressions.tree import Call, Name, Node, Number, Operation, Text

_REFERENCE = re.compile(r"\w+(?:\.[\w:]+)+", re.ASCII)
"""A powerset or power; a category has no dot and is only told by the function that it is given to."""
_OWN = (None, "source", "char")
"""Whose powers are the character's own, where the rule is one of a power of his."""
OWNED = ("ownpower?", "owned?")
_CLASS = ("$archetype", "source>arch", "char>arch")
_ACCESS_NAMES = ("char>accesslevel", "isvip?", "isaccountinventoryloaded?", "betashard")
_ACCESS_CALLS = ("owned?", "productowned?")
_EQUAL = {"==": True, "eq": True, "!=": False, "ne": False}
_COMPARED = ("<", "<=", ">", ">=", "==", "!=")


class ClassTest(NamedTuple):
    """`name` as archetypes spell it (Class_Blaster); `is_it` is False where the class is excluded."""

    name: str
    is_it: bool


def is_reference(name: str) -> bool:
    return _REFERENCE.fullmatch(name) is not None


def owned_name(node: Node) -> str | None:
    """The power or powerset that the leaf wants owned: `Pool.Flight.Fly`, `source.ownPower?(Pool.Flight.Fly)`."""
    match node:
        case Name(name) if is_reference(name):
            return name
        case Call(function, (Name(name),), of) if function.lower() in OWNED and is_own(of) and is_reference(name):
            return name
    return None


def is_own(of: str | None) -> bool:
    return (of and of.lower()) in _OWN


def class_test(node: Node) -> ClassTest | None:
    match node:
        case Operation(operator, (left, right)) if operator in _EQUAL:
            is_it = _EQUAL[operator]
        case Call(function, (left, right), None) if function.lower() == "ne":
            is_it = False
        case _:
            return None
    for subject, word in ((left, right), (right, left)):
        if isinstance(subject, Name) and subject.name.lower() in _CLASS:
            name = _class_name(word)
            return ClassTest(name, is_it) if name else None
    return None


def is_counting(node: Node) -> bool:
    """Whether the leaf compares a number with how many are owned: of a category, a powerset or a power
    (`ownPowerNum?(Epic) > 0`), or of the powers of a sum (`Pool.A.B + Pool.A.C > 1`)."""
    match node:
        case Operation(operator, (counted, Number()) | (Number(), counted)) if operator in _COMPARED:
            if isinstance(counted, Call):
                return counted.function.lower() == "ownpowernum?" and is_own(counted.of)
            terms = list(_terms(counted))
            return len(terms) > 1 and all(owned_name(term) is not None for term in terms)
    return False


def constant(node: Node) -> bool | None:
    """What a leaf is that is always the same; None where it depends on anything.

    `char>accesslevel >= 0` holds for everybody: the level of an ordinary player is 0."""
    match node:
        case Number(value):
            return value != 0
        case Name(name) if name.lower() == "always":
            return True
        case Operation(">=", (Name(name), Number(0))) if name.lower() == "char>accesslevel":
            return True
    return None


def is_access(node: Node) -> bool:
    """Whether the leaf asks for something outside of the character's build: account, access level, badges."""
    match node:
        case Name(name):
            return name.lower() in _ACCESS_NAMES or name.lower().startswith("auth>")
        case Call(function):
            return function.lower() in _ACCESS_CALLS and owned_name(node) is None
        case Operation(_, (left, right)):
            return any(is_access(one) and isinstance(other, Number) for one, other in ((left, right), (right, left)))
    return False


def _class_name(word: Node) -> str | None:
    match word:
        case Text(value) | Name(value):
            stem = value.removeprefix("@").replace(" ", "_")
            return stem if stem.lower().startswith("class_") else f"Class_{stem}"
    return None


def _terms(node: Node) -> Iterator[Node]:
    """The terms of a sum, the last one first."""
    while isinstance(node, Operation) and node.operator == "+":
        node, term = node.arguments
        yield term
    yield node
