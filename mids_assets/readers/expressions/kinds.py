"""What sort of rule an expression is.

Does not belong here: what a rule says in the form of the planner (`requirement`).
"""

from __future__ import annotations

from collections.abc import Iterator

from mids_assets.readers.expressions import facts
from mids_assets.readers.expressions.tree import Node, Operation

KINDS = {
    "nobody": "never holds (`0`)",
    "always": "holds for everybody (`Always`)",
    "prerequisite": "wants powers or powersets owned",
    "exclusion": "wants powers or powersets not owned",
    "class": "wants a class, or wants it not to be one",
    "counting": "compares how many powers are owned with a number",
    "access": "wants something outside of the build: an access level, an account, a badge",
    "condition": "looks at the state of play: modes, targets, attributes, time",
    "mixed": "more than one of these",
}


def kind_of(node: Node) -> str:
    """One of KINDS."""
    kinds = set(_kinds(node, negated=False))
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _kinds(node: Node, *, negated: bool) -> Iterator[str]:
    match node:
        case Operation("!", (operand,)):
            yield from _kinds(operand, negated=not negated)
        case Operation("||" | "&&", arguments):
            for argument in arguments:
                yield from _kinds(argument, negated=negated)
        case _:
            yield _leaf(node, negated=negated)


def _leaf(node: Node, *, negated: bool) -> str:
    always = facts.constant(node)
    if always is not None:
        return "nobody" if always is negated else "always"
    if facts.owned_name(node) is not None:
        return "exclusion" if negated else "prerequisite"
    if facts.class_test(node) is not None:
        return "class"
    if facts.is_counting(node):
        return "counting"
    return "access" if facts.is_access(node) else "condition"
