"""Trees of expressions as hypothesis makes them up: every node that a text can give."""

from __future__ import annotations

from hypothesis import strategies as st

from mids_assets.readers.expressions.grammar import CHAINS, STRENGTH, WORD_OPERATORS
from mids_assets.readers.expressions.tree import Call, Name, Node, Number, Operation, Text

_LETTERS = "abkXYZ_019"
_PIECE = st.text(_LETTERS + "?%:$@", min_size=1, max_size=4)
_HEAD = st.builds(
    str.__add__, st.sampled_from(["", "@", "$"]), st.from_regex(r"[a-zA-Z_][a-z0-9?]{0,3}", fullmatch=True)
)
_TAIL = st.one_of(
    _PIECE.map(lambda piece: f".{piece}"), st.from_regex(r">\w{1,3}%?", fullmatch=True).filter(str.isascii)
)
names = st.builds(
    lambda head, tails, end: head + "".join(tails) + end,
    _HEAD,
    st.lists(_TAIL, max_size=3),
    st.sampled_from(["", "", ">"]),
).filter(lambda name: name.lower() not in WORD_OPERATORS)
_FUNCTION = st.from_regex(r"[a-zA-Z_][a-z0-9]{0,3}\??", fullmatch=True)
_OWNER = st.none() | names.filter(lambda name: not name.endswith(">"))
_NUMBER = st.integers(0, 10**15 - 1) | st.floats(0, allow_nan=False, allow_infinity=False).map(abs)
_LEAF = st.one_of(
    names.map(Name),
    _NUMBER.map(Number),
    st.text(st.characters(exclude_characters="'\0", exclude_categories=["Cs"]), max_size=5).map(Text),
)


def _chain(operator: str, parts: list[Node]) -> Node:
    """A chain as the grammar gives it: never directly inside of a chain of the same operator."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.arguments if isinstance(part, Operation) and part.operator == operator else (part,))
    return Operation(operator, tuple(flat))


def _inner(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.tuples(nodes, nodes)
    return st.one_of(
        st.builds(_chain, st.sampled_from(CHAINS), st.lists(nodes, min_size=2, max_size=4)),
        st.builds(Operation, st.sampled_from(sorted(set(STRENGTH) - set(CHAINS))), pairs),
        st.builds(Operation, st.sampled_from("!-"), st.tuples(nodes)),
        st.builds(Call, _FUNCTION, st.lists(nodes, max_size=3).map(tuple), _OWNER),
    )


trees = st.recursive(_LEAF, _inner, max_leaves=12)
