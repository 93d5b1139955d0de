"""The grammar of the game's expressions: precedence climbing over the tokens.

    expression = operand, {operator, operand}
    operand    = number | text | name | name "(" [expression {"," expression}] ")" | "(" expression ")"
               | ("!" | "-") operand

Operators bind as in C, the loosest first: `||`, `&&`, then `== != eq ne`, then `< <= > >=`, then `+ -`, then `* /`;
equals go from left to right. `eq` and `ne` compare texts, in either case; in the place of an operand `Ne(a, b)` is a
call. Nothing is evaluated.
Does not belong here: what a tree means (`vocabulary`, `kinds`, `requirement`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from mids_assets.errors import ExpressionError
from mids_assets.readers.expressions.lexer import Token, tokens
from mids_assets.readers.expressions.tree import Call, Name, Node, Number, Operation, Text

DEPTH_LIMIT = 100
"""Levels of the tree, and of brackets and operators while it is read; the deepest real one has 7. A chain of `||` or
`&&` is one level, however long. Whoever walks the tree as JSON has two levels for each, and so stays clear of Python's
limit of recursion."""

STRENGTH = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "eq", "ne"), 3),
    **dict.fromkeys(("<", "<=", ">", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/"), 6),
}
CHAINS = ("||", "&&")
WORD_OPERATORS = ("eq", "ne")

_CACHED_LENGTH = 1_024
"""Longer texts are parsed each time, so that what the cache holds is bounded in bytes as well."""


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises ExpressionError, with the position, where the text is none: it says what was expected there."""
    return _cached(text) if len(text) <= _CACHED_LENGTH else _Parser(text).whole()


class _Parser:
    """Every method returns a tree with its height."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = 0

    def whole(self) -> Node:
        node, _ = self._expression(1, 0)
        if self._peek().kind != "end":
            self._expected("an operator or the end")
        return node

    def _expression(self, weakest: int, depth: int) -> tuple[Node, int]:
        left, height = self._operand(depth)
        while (strength := STRENGTH.get(operator := self._operator(), 0)) >= weakest:
            position = self._peek().position
            parts = [left]
            while self._operator() == operator:
                self._next += 1
                part, part_height = self._expression(strength + 1, depth + 1)
                parts.append(part)
                height = max(height, part_height)
                if operator not in CHAINS:
                    break
            left = _operation(operator, parts)
            height = _limited(height + 1, position)
        return left, height

    def _operand(self, depth: int) -> tuple[Node, int]:
        token = self._peek()
        _limited(depth, token.position)
        following = self._tokens[self._next + 1] if token.kind != "end" else token
        if token.kind == "name" and following.text == "(":
            return self._call(depth)
        if token.text in ("!", "-"):
            self._next += 1
            node, height = self._operand(depth + 1)
            return Operation(token.text, (node,)), _limited(height + 1, token.position)
        if token.text == "(":
            self._next += 1
            found = self._expression(1, depth + 1)
            self._closing("an operator or )")
            return found
        if token.kind in ("sign", "end") or token.text.lower() in WORD_OPERATORS:
            self._expected("a value")
        self._next += 1
        return _value(token), 1

    def _call(self, depth: int) -> tuple[Node, int]:
        name = self._peek()
        self._next += 2
        arguments: list[Node] = []
        height = 0
        if self._peek().text != ")":
            while True:
                argument, argument_height = self._expression(1, depth + 1)
                arguments.append(argument)
                height = max(height, argument_height)
                if self._peek().text != ",":
                    break
                self._next += 1
        self._closing("an operator, a comma or )")
        of, dot, function = name.text.rpartition(".")
        return Call(function, tuple(arguments), of if dot else None), _limited(height + 1, name.position)

    def _peek(self) -> Token:
        return self._tokens[self._next]

    def _operator(self) -> str:
        token = self._peek()
        return token.text.lower() if token.kind == "name" else token.text

    def _closing(self, expected: str) -> None:
        if self._peek().text != ")":
            self._expected(expected)
        self._next += 1

    def _expected(self, what: str) -> NoReturn:
        token = self._peek()
        found = "the end" if token.kind == "end" else token.text if len(token.text) <= 40 else f"{token.text[:40]}..."
        raise ExpressionError(f"{what} was expected, not {found}", token.position)


_cached = lru_cache(maxsize=2_048)(lambda text: _Parser(text).whole())


def _operation(operator: str, parts: list[Node]) -> Operation:
    if operator not in CHAINS:
        return Operation(operator, tuple(parts))
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.arguments if isinstance(part, Operation) and part.operator == operator else (part,))
    return Operation(operator, tuple(flat))


def _value(token: Token) -> Node:
    if token.kind == "name":
        return Name(token.text)
    if token.kind == "text":
        return Text(token.text[1:-1])
    # JSON readers promise no more than 15 digits of a number, and Python converts no integer of thousands of digits.
    value = int(token.text) if token.text.isdigit() and len(token.text) <= 15 else float(token.text)
    if value == float("inf"):
        raise ExpressionError("this number is too large", token.position)
    return Number(value)


def _limited(level: int, position: int) -> int:
    if level > DEPTH_LIMIT:
        raise ExpressionError(f"an expression is at most {DEPTH_LIMIT} levels deep", position)
    return level
