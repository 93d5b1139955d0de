"""Cycles of requirements: all are found, each with its whole path, whatever their length."""

from __future__ import annotations

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st

from mids_assets.transform.cycles import cycle_warnings, find_cycles


def ring(names: list[str]) -> list[tuple[str, str]]:
    return list(zip(names, [*names[1:], names[0]], strict=True))


def test_no_cycle():
    assert find_cycles([]) == []
    assert find_cycles([("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")]) == []


def test_a_name_that_requires_itself():
    assert find_cycles([("b", "b"), ("a", "b"), ("b", "c")]) == [("b",)]


def test_a_path_starts_at_its_first_name_and_follows_the_requirements():
    assert find_cycles([("c", "b"), ("b", "a"), ("a", "c")]) == [("a", "c", "b")]


def test_two_cycles_that_share_a_name_are_two():
    edges = [*ring(["m", "a", "b"]), *ring(["m", "x"])]
    assert find_cycles(edges) == [("a", "b", "m"), ("m", "x")]


def test_two_cycles_that_share_a_requirement_are_two():
    edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")]
    assert find_cycles(edges) == [("a", "b"), ("a", "b", "c")]


def test_separate_cycles_and_what_leads_into_them():
    edges = [*ring(["d", "e"]), *ring(["b", "c"]), ("a", "b"), ("c", "d"), ("e", "f")]
    assert find_cycles(edges) == [("b", "c"), ("d", "e")]


def test_a_chain_and_a_cycle_of_5000():
    names = [f"Group.Set.P{number:04}" for number in range(5_000)]
    assert find_cycles(itertools.pairwise(names)) == []
    backwards = names[::-1]
    assert find_cycles(ring(backwards)) == [(names[0], *backwards[:-1])]


def test_a_dense_knot_ends_at_the_limit():
    names = [f"n{number:02}" for number in range(60)]
    knot = [(a, b) for a in names for b in names if a < b or (a, b) == (names[-1], names[0])]
    found = find_cycles(knot, limit=25)
    assert len(found) == 25
    assert all(path[0] == names[0] and path[-1] == names[-1] for path in found)


def test_beyond_the_limit_every_knot_shows_one_cycle_first_and_single_names_take_no_place():
    dense = [(a, b) for a in "abcdef" for b in "abcdef"]
    found = find_cycles([*dense, *ring(["x", "y"]), *ring(["v", "w"])], limit=3)
    assert found[:6] == sorted([("a",), ("a", "b"), ("b",), ("c",), ("d",), ("e",)])
    assert found[6:] == [("f",), ("v", "w"), ("x", "y")]


def test_sentences_name_the_whole_path_and_shorten_only_what_nobody_reads():
    told = list(cycle_warnings([("a",), ("a", "b", "c"), ("d",)]).values())
    assert told == ["Powers that require themselves: a, d.", "Powers that require each other: a -> b -> c -> a."]
    long = tuple(f"n{number:04}" for number in range(5_000))
    ((code, sentence),) = cycle_warnings([long]).items()
    assert "n0009 -> (4,980 more) -> n4990" in sentence
    assert sentence.endswith("n4999 -> n0000.")
    assert cycle_warnings([tuple(name.upper() for name in long)]).keys() == {code}
    many = cycle_warnings([(f"a{number}", "b") for number in range(25)])
    assert len(many) == 21
    assert many["requirement cycle: more"].startswith("5 more")
    assert cycle_warnings([]) == {}


@given(st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"))), st.randoms(use_true_random=False))
def test_every_requirement_inside_a_knot_is_shown_and_order_does_not_matter(edges, order: random.Random):
    shuffled = [*edges, *edges]
    order.shuffle(shuffled)
    found = find_cycles(shuffled)
    assert found == find_cycles(sorted(edges))
    shown = set()
    for path in found:
        assert len(set(path)) == len(path)
        assert path[0] == min(path)
        assert set(ring(list(path))) <= edges
        shown.update(ring(list(path)))
    assert shown == {(a, b) for a, b in edges if a in _reached(edges, b)}


def _reached(edges: set[tuple[str, str]], start: str) -> set[str]:
    reached = {start}
    while more := {b for a, b in edges if a in reached} - reached:
        reached |= more
    return reached
