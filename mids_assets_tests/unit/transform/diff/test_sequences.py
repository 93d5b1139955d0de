"""Alignment of two lists: what is longest, what is alike, and that long lists are cut, not refused."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mids_assets.transform.diff import sequences
from mids_assets.transform.diff.sequences import align, assign, common

ITEMS = st.lists(st.integers(0, 4), max_size=9)


def _longest(old: list[int], new: list[int]) -> int:
    if not old or not new:
        return 0
    if old[0] == new[0]:
        return 1 + _longest(old[1:], new[1:])
    return max(_longest(old[1:], new), _longest(old, new[1:]))


def _never(_: int, __: int) -> float:
    return 0.0


@given(ITEMS, ITEMS)
def test_the_common_subsequence_is_one_and_the_longest(old, new):
    pairs = common(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
    assert len(pairs) == _longest(old, new)


def test_an_inserted_item_leaves_the_others_where_they_were():
    assert align([1, 2, 3], [1, 9, 2, 3], _never) == [(0, 0), (1, 2), (2, 3)]


def test_what_is_left_in_one_gap_is_paired_by_likeness():
    likeness = {(1, 1): 0.6, (1, 2): 0.9}
    pairs = align(["a", "x", "b"], ["a", "y", "z", "b"], lambda i, j: likeness.get((i, j), 0.0))
    assert pairs == [(0, 0), (1, 2), (2, 3)]


def test_unlike_items_are_no_pair():
    assert align(["x"], ["y"], lambda i, j: 0.4) == []


def test_without_an_order_equal_items_are_equal_wherever_they_stand():
    assert assign([1, 2, 2], [2, 1, 2], _never) == [(0, 1), (1, 0), (2, 2)]


def test_without_an_order_the_most_alike_go_together():
    likeness = {(0, 0): 0.6, (0, 1): 0.9, (1, 0): 0.7}
    assert assign(["a", "b"], ["c", "d"], lambda i, j: likeness.get((i, j), 0.0)) == [(0, 1), (1, 0)]


def test_long_lists_are_cut_where_an_item_occurs_once(monkeypatch):
    monkeypatch.setattr(sequences, "CELLS", 0)
    old = ["x", *range(50), "y", *range(100, 150)]
    new = ["z", *range(50), *range(100, 120), "w", *range(120, 150)]
    pairs = common(old, new)
    assert len(pairs) == 100
    assert all(old[i] == new[j] for i, j in pairs)


def test_long_lists_without_such_an_item_keep_their_common_ends(monkeypatch):
    monkeypatch.setattr(sequences, "CELLS", 0)
    assert common([1, 5, 5, 2], [1, 6, 6, 2]) == [(0, 0), (3, 3)]
