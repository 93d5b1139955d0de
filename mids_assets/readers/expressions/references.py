"""Names of powers, powersets and categories in an expression, and what is asked about them.

Does not belong here: whether such a thing exists; whoever has the names of a release resolves them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mids_assets.readers.expressions.facts import OWNED, is_reference
from mids_assets.readers.expressions.tree import Call, Name, Node, Operation

_COUNTED = "ownpowernum?"


class Reference(NamedTuple):
    """`use`: owned, counted (how many are owned) or named (only compared with another name).
    `of`: whose powers are asked about, as written; None for the character himself.
    `negated`: behind an odd number of `!`; it says nothing about what is counted or named."""

    name: str
    use: str
    negated: bool = False
    of: str | None = None


def references(node: Node) -> list[Reference]:
    """In the order of the text. The argument of `Owned?` without a dot is a badge, and none."""
    return list(_references(node, "owned", negated=False))


def _references(node: Node, use: str, *, negated: bool) -> Iterator[Reference]:
    match node:
        case Name(name) if is_reference(name):
            yield Reference(name, use, negated)
        case Call(function, (Name(name),), of) if function.lower() == _COUNTED:
            yield Reference(name, "counted", negated, of)
        case Call(function, (Name(name),), of) if function.lower() in OWNED:
            if is_reference(name):
                yield Reference(name, use, negated, of)
        case Call(_, arguments):
            for argument in arguments:
                yield from _references(argument, "named", negated=negated)
        case Operation(operator, arguments):
            within = {"!": use, "||": use, "&&": use, "eq": "named", "ne": "named"}.get(operator, "counted")
            for argument in arguments:
                yield from _references(argument, within, negated=negated is not (operator == "!"))
