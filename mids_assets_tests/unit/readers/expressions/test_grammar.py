"""A text becomes a tree, or an error that says where and what was expected."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mids_assets.errors import ExpressionError
from mids_assets.readers.expressions import parse, to_json, to_text
from mids_assets.readers.expressions.grammar import DEPTH_LIMIT
from mids_assets.readers.expressions.lexer import LENGTH_LIMIT, NAME_LIMIT
from mids_assets.readers.json_extra import json_text
from mids_assets_tests.unit.readers.expressions.expression_trees import trees

A, B, C = {"name": "a"}, {"name": "b"}, {"name": "c"}


def op(sign: str, *arguments: object) -> dict[str, object]:
    return {"op": sign, "args": list(arguments)}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("0", {"number": 0}),
        ("0.25", {"number": 0.25}),
        ("1e-05", {"number": 1e-05}),
        ("'Nova City'", {"text": "Nova City"}),
        ("''", {"text": ""}),
        ("Pool.Leaping.Hop", {"name": "Pool.Leaping.Hop"}),
        ("target>kHitPoints%", {"name": "target>kHitPoints%"}),
        ("source>Cur.kMeter", {"name": "source>Cur.kMeter"}),
        ("source.EventTimeSince>Held", {"name": "source.EventTimeSince>Held"}),
        ("power.base>areafactor", {"name": "power.base>areafactor"}),
        ("auth>Preorder:Shop", {"name": "auth>Preorder:Shop"}),
        ("@ToHitRoll", {"name": "@ToHitRoll"}),
        ("isPVPMap?", {"name": "isPVPMap?"}),
        ("rand()", {"call": "rand", "args": []}),
        ("source.ownPower?(a)", {"call": "ownPower?", "of": "source", "args": [A]}),
        ("target.owner.mode?(a)", {"call": "mode?", "of": "target.owner", "args": [A]}),
        ("minmax(a, 0, b * c)", {"call": "minmax", "args": [A, {"number": 0}, op("*", B, C)]}),
        ("!a", op("!", A)),
        ("-a * b", op("*", op("-", A), B)),
        ("!!-a", op("!", op("!", op("-", A)))),
        ("-1", op("-", {"number": 1})),
        ("a eq 'x'", op("eq", A, {"text": "x"})),
        ("a NE b", op("ne", A, B)),
        ("Ne(a, b)", {"call": "Ne", "args": [A, B]}),
        ("a ne(b)", op("ne", A, B)),
        ("a || b && c", op("||", A, op("&&", B, C))),
        ("(a || b) && c", op("&&", op("||", A, B), C)),
        ("a || b || c", op("||", A, B, C)),
        ("a || (b || c)", op("||", A, B, C)),
        ("((a && b)) && c", op("&&", A, B, C)),
        ("a == b && c", op("&&", op("==", A, B), C)),
        ("a < b == c", op("==", op("<", A, B), C)),
        ("a + b < c", op("<", op("+", A, B), C)),
        ("a - b - c", op("-", op("-", A, B), C)),
        ("a - (b - c)", op("-", A, op("-", B, C))),
        ("a + b + c", op("+", op("+", A, B), C)),
        ("a / b * c", op("*", op("/", A, B), C)),
        ("a + b * c", op("+", A, op("*", B, C))),
        ("(a > b) + c && !a", op("&&", op("+", op(">", A, B), C), op("!", A))),
        ("\ta\n||b ", op("||", A, B)),
    ],
)
def test_every_construct(text: str, tree: object):
    assert to_json(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a > 0", op(">", A, {"number": 0})),
        ("a >b", op(">", A, B)),
        ("a>b", {"name": "a>b"}),
        ("a>b > c", op(">", {"name": "a>b"}, C)),
        ("a>0", {"name": "a>0"}),
        ("a>0 > 1", op(">", {"name": "a>0"}, {"number": 1})),
        ("a> eq 'x'", op("eq", {"name": "a>"}, {"text": "x"})),
        ("(a>)", {"name": "a>"}),
        ("a>=b", op(">=", A, B)),
        ("a>-1", op(">", A, op("-", {"number": 1}))),
        ("a>'x'", op(">", A, {"text": "x"})),
        ("a>(b)", op(">", A, B)),
        ("a>@b", op(">", A, {"name": "@b"})),
        ("3>2", op(">", {"number": 3}, {"number": 2})),
        ("(a)>b", op(">", A, B)),
    ],
)
def test_the_sign_that_is_an_operator_or_a_part_of_a_name(text: str, tree: object):
    assert to_json(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "a value was expected, not the end"),
        ("   ", 3, "a value was expected, not the end"),
        ("a ||", 4, "a value was expected, not the end"),
        ("a || && b", 5, "a value was expected, not &&"),
        ("a b", 2, "an operator or the end was expected, not b"),
        ("5abc", 1, "an operator or the end was expected, not abc"),
        ("a> b", 3, "an operator or the end was expected, not b"),
        ("a)", 1, "an operator or the end was expected, not )"),
        ("(a", 2, "an operator or ) was expected, not the end"),
        ("(a b)", 3, "an operator or ) was expected, not b"),
        ("()", 1, "a value was expected, not )"),
        ("f(a", 3, "an operator, a comma or ) was expected, not the end"),
        ("f(a b)", 4, "an operator, a comma or ) was expected, not b"),
        ("f(a,)", 4, "a value was expected, not )"),
        ("f(,a)", 2, "a value was expected, not ,"),
        ("eq 'x'", 0, "a value was expected, not eq"),
        ("a == eq", 5, "a value was expected, not eq"),
        ("a || 'x", 5, "this text in quotes never ends"),
        ("a = b", 2, "'=' means nothing here; == was expected"),
        ("a | b", 2, "'|' means nothing here; || was expected"),
        ("a & b", 2, "'&' means nothing here; && was expected"),
        ("a.", 1, "'.' means nothing here"),
        ("a || #", 5, "'#' means nothing here"),
        ('a == "x"', 5, "'\"' means nothing here"),
        ("é", 0, "'é' means nothing here"),
        ("a == 'b\0'", 7, "'\\x00' means nothing here"),
        ("a || " + "b" * 256, 5, "a name has at most 255 characters"),
        ("1e999", 0, "this number is too large"),
        ("a < 1" + "0" * 400, 4, "this number is too large"),
        ("b " + "a" * 50, 2, f"an operator or the end was expected, not {'a' * 40}..."),
    ],
)
def test_an_error_says_where_and_what_was_expected(text: str, position: int, message: str):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.message) == (position, message)
    assert str(caught.value) == f"character {position + 1}: {message}"


def test_an_error_can_be_handed_to_another_process():
    error = pickle.loads(pickle.dumps(ExpressionError("a value was expected", 3)))
    assert (error.message, error.position) == ("a value was expected", 3)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("(" * 30_000, DEPTH_LIMIT + 1),
        ("!" * 60_000 + "a", DEPTH_LIMIT + 1),
        ("f(" * 30_000, 2 * DEPTH_LIMIT + 2),
        ("1" + " + 1" * 16_000, 2 + 4 * (DEPTH_LIMIT - 1)),
        ("a || b && c == d < e + f * (" * 2_000, 14 * 28 + 15),
    ],
)
def test_what_is_nested_too_deeply_is_refused_where_it_is(text: str, position: int):
    with pytest.raises(ExpressionError, match="at most 100 levels deep") as caught:
        parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["(" * DEPTH_LIMIT + "a" + ")" * DEPTH_LIMIT, "1" + " + 1" * (DEPTH_LIMIT - 1)])
def test_the_deepest_that_is_read_can_be_written(text: str):
    tree = parse(text)
    assert parse(to_text(tree)) == tree
    assert json_text(to_json(tree))


def test_a_chain_is_one_level_however_long():
    names = [f"n{number}" for number in range(7_000)]
    tree = to_json(parse(" || ".join(names)))
    assert tree == op("||", *({"name": name} for name in names))


def test_the_length_is_limited():
    assert to_json(parse("b" * NAME_LIMIT)) == {"name": "b" * NAME_LIMIT}
    assert to_json(parse(" " * (LENGTH_LIMIT - 1) + "a")) == A
    with pytest.raises(ExpressionError, match="at most 65,536 characters, this one 65,537"):
        parse(" " * LENGTH_LIMIT + "a")


@given(trees)
def test_a_tree_that_is_written_is_read_as_the_same_tree(tree):
    assert parse(to_text(tree)) == tree
    assert json.loads(json.dumps(to_json(tree), allow_nan=False)) == to_json(tree)


@pytest.mark.parametrize(
    "text",
    [
        "a || b && c",
        "(a || b) && c",
        "a - (b - c) - c",
        "(a == b) == c",
        "(a > 0) && !(b > 0)",
        "a + b > 1 - c",
        "!(a && b)",
        "-(a + b) * c",
        "f(a || b, 'x', -1)",
        "source.mode?(kFast) && (target>kHeld > 0)",
    ],
)
def test_a_tree_is_written_as_the_export_writes_it(text: str):
    assert to_text(parse(text)) == text


@given(st.text("ab01.>?@$%'()!&|=<+-*/, eqn", max_size=60) | st.text(max_size=20))
def test_any_text_is_a_tree_or_an_error(text: str):
    try:
        tree = parse(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse(to_text(tree)) == tree
