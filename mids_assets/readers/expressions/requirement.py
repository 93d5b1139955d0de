"""What of a rule MidsReborn's form of a requirement can say.

MidsReborn holds classes (one of them, none of those), alternatives of one or two powers that have to be owned, and
powers that must not be owned; all of it has to hold. A rule is taken apart at its outermost `&&`. A part that the form
cannot say is left out, as MidsReborn itself leaves out the badges of the patron pools: what remains is a weaker rule,
never a wrong one. What counts powers is left out as well. `A + B + C > 1` could be said as three pairs, but real ones
count the very powers that they stand in: these would seem to require themselves and each other in a circle.
Does not belong here: rows of tables (`transform.tables.power_lists`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mids_assets.readers.expressions import facts
from mids_assets.readers.expressions.tree import Node, Operation

Pair = tuple[str, str]
_Names = dict[str, str]
"""Names by their lower case."""

_MOST_ALTERNATIVES = 256
"""More than this a planner's rule never has (six is the most in real data); a hostile one could multiply."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """Lists as the record `requirement` of I12.mhd holds them; the second name of a pair may be empty.

    `whole`: the lists say all that the expression says."""

    classes: tuple[str, ...] = ()
    classes_not: tuple[str, ...] = ()
    powers: tuple[Pair, ...] = ()
    powers_not: tuple[Pair, ...] = ()
    whole: bool = True


def requirement(node: Node) -> Requirement | None:
    """None where nothing can be said: `0`, counted categories, conditions of play."""
    classes: _Names | None = None
    classes_not: _Names = {}
    powers: list[_Names] = [{}]
    powers_not: _Names = {}
    whole = True
    for part, negated in _parts(node, negated=False):
        always = facts.constant(part)
        if always is not None:
            if always is negated:
                return None
        elif negated and (name := facts.owned_name(part)):
            powers_not.setdefault(name.lower(), name)
        elif (test := facts.class_test(part)) and test.is_it is negated:
            classes_not.setdefault(test.name.lower(), test.name)
        elif wanted := _classes(part, negated=negated):
            classes = wanted if classes is None else {key: wanted[key] for key in wanted if key in classes}
            if not classes:
                return None
        elif not negated and (product := _product(powers, _alternatives(part))):
            powers = product
        else:
            whole = False
    found = Requirement(
        tuple((classes or {}).values()),
        tuple(classes_not.values()),
        tuple(_pair(names) for names in powers if names),
        tuple((name, "") for name in powers_not.values()),
        whole,
    )
    return None if found == Requirement(whole=whole) else found


def _parts(node: Node, *, negated: bool) -> Iterator[tuple[Node, bool]]:
    match node:
        case Operation("!", (operand,)):
            yield from _parts(operand, negated=not negated)
        case Operation(operator, arguments) if operator == ("||" if negated else "&&"):
            for argument in arguments:
                yield from _parts(argument, negated=negated)
        case _:
            yield node, negated


def _classes(node: Node, *, negated: bool) -> _Names | None:
    """The classes one of which is wanted; a negated part is a single leaf, since `_parts` takes `||` in it apart."""
    found: _Names = {}
    for leaf in node.arguments if isinstance(node, Operation) and node.operator == "||" else (node,):
        test = facts.class_test(leaf)
        if test is None or test.is_it is negated:
            return None
        found.setdefault(test.name.lower(), test.name)
    return found


def _alternatives(node: Node) -> list[_Names]:
    """Sets of one or two powers of which one has to be owned whole; empty where it cannot be said so."""
    leaves = node.arguments if isinstance(node, Operation) and node.operator == "||" else (node,)
    found = []
    for leaf in leaves:
        inner = leaf.arguments if isinstance(leaf, Operation) and leaf.operator == "&&" else (leaf,)
        names = [facts.owned_name(part) for part in inner]
        alternative = {name.lower(): name for name in names if name is not None}
        if None in names or len(alternative) > 2:
            return []
        found.append(alternative)
    return found


def _product(left: list[_Names], right: list[_Names]) -> list[_Names]:
    """Alternatives of two parts that both have to hold; empty where one of them would need a third name."""
    if len(left) * len(right) > _MOST_ALTERNATIVES:
        return []
    both = [{**one, **other, **one} for one in left for other in right]
    return [] if any(len(names) > 2 for names in both) else both


def _pair(names: _Names) -> Pair:
    first, *rest = names.values()
    return first, rest[0] if rest else ""
