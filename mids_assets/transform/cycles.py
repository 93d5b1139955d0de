"""Cycles among names that require each other, each with its full path; plain Python, without recursion.

All cycles of a dense knot are more than anybody can read (their number grows exponentially), so those are found that
together touch every requirement of the knot: for each one that no cycle has shown yet, a shortest cycle through it.
Does not belong here: which rows of a table are requirements (`transform.unresolved`).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

LIMIT = 100
"""Cycles of two and more that are worked out. A hostile file could hold millions, and each costs a search."""
SHOWN = 20
"""Cycles in the warnings, and names in one sentence; all of them stand in the summary's file beside the tables."""

Path = tuple[str, ...]
_Graph = dict[str, list[str]]


def find_cycles(edges: Iterable[tuple[str, str]], limit: int = LIMIT) -> list[Path]:
    """Cycles of (name, what it requires), sorted. A path starts at its first name in order, and its last name requires
    the first again; a name that requires itself is a path of one. Repeats and the order of `edges` do not matter.
    Beyond `limit`, every knot shows a cycle before any shows its second."""
    graph: _Graph = {}
    found: list[Path] = []
    for name, required in sorted(set(edges)):
        if name == required:
            found.append((name,))
            continue
        graph.setdefault(name, []).append(required)
        graph.setdefault(required, [])
    turns = deque(_paths(graph, knot) for knot in sorted(_knots(graph)))
    most = len(found) + limit
    while turns and len(found) < most:
        paths = turns.popleft()
        path = next(paths, None)
        if path is not None:
            found.append(path)
            turns.append(paths)
    return sorted(found)


def cycle_warnings(paths: Sequence[Sequence[str]]) -> dict[str, str]:
    """{code: sentence}: one for all names that require themselves, one for each longer cycle."""
    warnings = {}
    alone = [path[0] for path in paths if len(path) == 1]
    if alone:
        warnings["requirement cycle: one power"] = f"Powers that require themselves: {', '.join(_shortened(alone))}."
    longer = [path for path in paths if len(path) > 1]
    for path in longer[:SHOWN]:
        code = hashlib.sha256("\n".join(path).lower().encode()).hexdigest()[:16]
        warnings[f"requirement cycle: {code}"] = f"Powers that require each other: {cycle_text(_shortened(path))}."
    if len(longer) > SHOWN:
        warnings["requirement cycle: more"] = f"{len(longer) - SHOWN:,} more circles of powers that require each other."
    return warnings


def cycle_text(path: Sequence[str]) -> str:
    return " -> ".join((*path, path[0]))


def _shortened(names: Sequence[str]) -> Sequence[str]:
    if len(names) <= SHOWN:
        return names
    half = SHOWN // 2
    return [*names[:half], f"({len(names) - 2 * half:,} more)", *names[-half:]]


def _paths(graph: _Graph, knot: list[str]) -> Iterator[Path]:
    members = set(knot)
    shown: set[tuple[str, str]] = set()
    for name in knot:
        for required in graph[name]:
            if required in members and (name, required) not in shown:
                path = _shortest(graph, members, required, name)
                shown.update(zip(path, (*path[1:], path[0]), strict=True))
                start = path.index(min(path))
                yield (*path[start:], *path[:start])


def _knots(graph: _Graph) -> list[list[str]]:
    """Strongly connected components of two and more names, each sorted (Tarjan's algorithm, with a stack of its own:
    a chain of 5,000 requirements would break Python's)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    knots = []
    for root in sorted(graph):
        if root in number:
            continue
        work = [(root, iter(graph[root]))]
        number[root] = lowest[root] = len(number)
        open_names.append(root)
        is_open.add(root)
        while work:
            name, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == number[name]:
                    knot = [open_names.pop()]
                    while knot[-1] != name:
                        knot.append(open_names.pop())
                    is_open.difference_update(knot)
                    if len(knot) > 1:
                        knots.append(sorted(knot))
            elif following not in number:
                number[following] = lowest[following] = len(number)
                open_names.append(following)
                is_open.add(following)
                work.append((following, iter(graph[following])))
            elif following in is_open:
                lowest[name] = min(lowest[name], number[following])
    return knots


def _shortest(graph: _Graph, members: set[str], start: str, end: str) -> Path:
    """The shortest path inside a knot, both ends included; the first in order among equally short ones."""
    came_from: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while end not in came_from:
        name = waiting.popleft()
        for following in graph[name]:
            if following in members and following not in came_from:
                came_from[following] = name
                waiting.append(following)
    path = [end]
    while (before := came_from[path[-1]]) is not None:
        path.append(before)
    return tuple(reversed(path))
