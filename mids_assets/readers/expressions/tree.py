"""The tree of an expression, and its JSON form.

Nodes are compared by value: two texts that differ only in blanks and redundant brackets give equal trees.
Does not belong here: how a text becomes a tree (`grammar`) and a tree a text (`writing`), what names mean
(`vocabulary`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, never negative: a minus in front is an operation."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in single quotes, without them; it holds none itself, since the language cannot escape them."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name with everything that belongs to it: `source>kMeter`, `@ToHit`, `isPVPMap?`, `Pool.Flight.Fly`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """`of.function(arguments)`; `of` is None where nothing stands in front: `rand()`."""

    function: str
    arguments: tuple[Node, ...]
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """`!` and a minus in front have one argument, `||` and `&&` two and more, all others two."""

    operator: str
    arguments: tuple[Node, ...]


Node = Number | Text | Name | Call | Operation


def to_json(node: Node) -> dict[str, Any]:
    """The tree as JSON values: {"op", "args"}, {"call", "of", "args"} ("of" only where there is one), {"name"},
    {"number"} or {"text"}."""
    match node:
        case Operation(operator, arguments):
            return {"op": operator, "args": [to_json(argument) for argument in arguments]}
        case Call(function, arguments, of):
            owner = {} if of is None else {"of": of}
            return {"call": function, **owner, "args": [to_json(argument) for argument in arguments]}
        case Name(name):
            return {"name": name}
        case Number(value):
            return {"number": value}
        case Text(value):
            return {"text": value}
