"""A tree as text, in the form that the export itself uses: no bracket that is not needed, except around a comparison
inside of something else."""

from __future__ import annotations

from mids_assets.readers.expressions.grammar import CHAINS, STRENGTH
from mids_assets.readers.expressions.tree import Call, Name, Node, Number, Operation, Text

_COMPARISONS = (STRENGTH["=="], STRENGTH["<"])
_UNARY = 1 + max(STRENGTH.values())


def to_text(node: Node) -> str:
    """A text that `grammar.parse` reads as an equal tree."""
    match node:
        case Operation(operator, (operand,)):
            return operator + _inside(operand, _UNARY)
        case Operation(operator, (first, *rest)):
            own = STRENGTH[operator]
            # Equals go from left to right, so that only the first operand may bind as loosely as its operator.
            texts = [_inside(first, own + (operator in CHAINS)), *(_inside(other, own + 1) for other in rest)]
            return f" {operator} ".join(texts)
        case Call(function, arguments, of):
            name = function if of is None else f"{of}.{function}"
            return f"{name}({', '.join(map(to_text, arguments))})"
        case Name(name):
            return name
        case Number(value):
            return repr(value)
        case Text(value):
            return f"'{value}'"
    raise TypeError(f"{node!r} is no node of an expression")


def _inside(node: Node, weakest: int) -> str:
    strength = _strength(node)
    text = to_text(node)
    return f"({text})" if strength < weakest or strength in _COMPARISONS else text


def _strength(node: Node) -> int:
    if not isinstance(node, Operation):
        return _UNARY + 1
    return _UNARY if len(node.arguments) == 1 else STRENGTH[node.operator]
