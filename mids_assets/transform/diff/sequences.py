"""Which items of two lists belong together: the longest common subsequence, then the most alike in between.

Does not belong here: what an item is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise

CELLS = 1_000_000
"""Up to so many pairs of items are weighed one by one; longer lists are cut at items that occur once in both."""
ALIKE_CELLS = 40_000
ENOUGH = 0.5
PLAIN = 0.8
"""Where as many items are left on both sides, and all are so much alike place by place, nothing else is weighed."""

Pairs = list[tuple[int, int]]
Alike = Callable[[int, int], float]


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> Pairs:
    """Positions of a longest common subsequence, ascending on both sides."""
    found: Pairs = []
    _common(old, new, 0, len(old), 0, len(new), found)
    return found


def align(old: Sequence[Hashable], new: Sequence[Hashable], alike: Alike) -> Pairs:
    """`common`, and what is left between two of its pairs matched in order where it is alike enough."""
    pairs = common(old, new)
    ends = [(-1, -1), *pairs, (len(old), len(new))]
    for (i, j), (k, m) in pairwise(ends):
        if k - i > 1 and m - j > 1:
            pairs += _in_order(list(range(i + 1, k)), list(range(j + 1, m)), alike)
    return sorted(pairs)


def assign(old: Sequence[Hashable], new: Sequence[Hashable], alike: Alike) -> Pairs:
    """For lists whose order means nothing: equal items first, then the most alike of those that are left."""
    waiting: dict[Hashable, list[int]] = {}
    for place in reversed(range(len(new))):
        waiting.setdefault(new[place], []).append(place)
    pairs, left = [], []
    for place, item in enumerate(old):
        if same := waiting.get(item):
            pairs.append((place, same.pop()))
        else:
            left.append(place)
    right = sorted(place for places in waiting.values() for place in places)
    if len(left) * len(right) > ALIKE_CELLS:
        return sorted(pairs)
    weighed = sorted((-alike(i, j), i, j) for i in left for j in right)
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    for weight, i, j in weighed:
        if -weight >= ENOUGH and i not in taken_old and j not in taken_new:
            pairs.append((i, j))
            taken_old.add(i)
            taken_new.add(j)
    return sorted(pairs)


def _common(old, new, i: int, k: int, j: int, m: int, found: Pairs) -> None:
    """Of old[i:k] and new[j:m]."""
    while i < k and j < m and old[i] == new[j]:
        found.append((i, j))
        i, j = i + 1, j + 1
    tail: Pairs = []
    while i < k and j < m and old[k - 1] == new[m - 1]:
        k, m = k - 1, m - 1
        tail.append((k, m))
    if i < k and j < m:
        if (k - i) * (m - j) <= CELLS:
            found += _by_table(old, new, i, k, j, m)
        else:
            _by_anchors(old, new, i, k, j, m, found)
    found += reversed(tail)


def _by_table(old, new, i: int, k: int, j: int, m: int) -> Pairs:
    """The table of lengths of common subsequences, from the end, and the way through it."""
    lengths = [[0] * (m - j + 1)]
    for item in reversed(old[i:k]):
        below, row = lengths[-1], [0]
        for place in range(m - j - 1, -1, -1):
            equal = item == new[j + place]
            row.append(below[place + 1] + 1 if equal else max(below[place], row[-1]))
        lengths.append(row[::-1])
    lengths.reverse()
    pairs, a, b = [], 0, 0
    while a < k - i and b < m - j:
        if old[i + a] == new[j + b]:
            pairs.append((i + a, j + b))
            a, b = a + 1, b + 1
        elif lengths[a + 1][b] >= lengths[a][b + 1]:
            a += 1
        else:
            b += 1
    return pairs


def _by_anchors(old, new, i: int, k: int, j: int, m: int, found: Pairs) -> None:
    """Patience: items that occur once in both, in the longest ascending chain, cut the lists into smaller ones."""
    once_old, once_new = Counter(old[i:k]), Counter(new[j:m])
    where = {new[place]: place for place in range(j, m) if once_new[new[place]] == 1}
    unique = [(place, where[old[place]]) for place in range(i, k) if once_old[old[place]] == 1 and old[place] in where]
    for a, b in [*_ascending(unique), (k, m)]:
        if a == k and b == m and not unique:
            return
        _common(old, new, i, a, j, b, found)
        if a < k:
            found.append((a, b))
        i, j = a + 1, b + 1


def _ascending(pairs: Pairs) -> Pairs:
    """The longest chain of pairs (ascending on the left) that ascends on the right, too."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, right) in enumerate(pairs):
        place = bisect_left(tops, right)
        tops[place : place + 1] = [right]
        ends[place : place + 1] = [number]
        before.append(ends[place - 1] if place else -1)
    chain: Pairs = []
    number = ends[-1] if ends else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


def _in_order(old: list[int], new: list[int], alike: Alike) -> Pairs:
    """The matching without crossings whose likenesses have the greatest sum; of many items, place by place."""
    by_place = list(zip(old, new, strict=False))
    if len(old) * len(new) > ALIKE_CELLS:
        return [pair for pair in by_place if alike(*pair) >= ENOUGH]
    if len(old) == len(new) and all(alike(*pair) >= PLAIN for pair in by_place):
        return by_place
    weights = [[alike(i, j) for j in new] for i in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for a in range(len(old) - 1, -1, -1):
        for b in range(len(new) - 1, -1, -1):
            weight = weights[a][b]
            together = best[a + 1][b + 1] + weight if weight >= ENOUGH else -1.0
            best[a][b] = max(together, best[a + 1][b], best[a][b + 1])
    pairs, a, b = [], 0, 0
    while a < len(old) and b < len(new):
        weight = weights[a][b]
        if weight >= ENOUGH and best[a][b] == best[a + 1][b + 1] + weight:
            pairs.append((old[a], new[b]))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a + 1][b]:
            a += 1
        else:
            b += 1
    return pairs
