"""Changes of one publish after another taken together: what differs between the first and the last release.

An added and then removed row is no change, a field that is again what it was neither, and a row that was renamed is
followed under all its keys. Rows that no step names take part as well: they move along with their parent and close up
in their list, as `apply` has it. In lists without an order the place that stands for the old row may be another's, and
of a number that no name of its enumeration stands for, a diff tells only that it came, not that it went.
Does not belong here: comparing releases (compare.py), which publishes lie between two releases (`api.changes`).
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from mids_assets.model.table import Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import outer_places, owner, places
from mids_assets.transform.diff.compose_rows import Change, Kept, Named, Rows, Values, merged, told, with_fields
from mids_assets.transform.diff.keys import join, split

_ORDER = sorted(TABLES, key=lambda table: (table.kind == "child", owner(table) is not None))
"""What a row belongs to comes first: an effect before its conditions."""


class Step:
    """What one publish, or several taken together, changed."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._tables: dict[str, Rows] = {}
        for change in changes:
            rows = self.rows(change.table)
            if change.change == "removed":
                rows.removed[change.key] = change.old
            elif change.change == "added":
                rows.added[change.key] = change.new
            else:
                kept = rows.kept.setdefault(change.key, Kept(change.old_key or change.key))
                if change.change == "renamed":
                    kept.renamed = True
                else:
                    kept.fields[str(change.field)] = [change.old, change.new]

    def rows(self, table: str) -> Rows:
        """What it says about the rows of a table."""
        return self._tables.setdefault(table, Rows(TABLES[table]))

    def reversed(self) -> Step:
        """What takes the changes back."""
        found = Step()
        for name, rows in self._tables.items():
            other = found.rows(name)
            other.removed, other.added = dict(rows.added), dict(rows.removed)
            for key, kept in rows.kept.items():
                fields = {name: [new, old] for name, (old, new) in kept.fields.items()}
                other.kept[kept.old_key] = Kept(key, kept.renamed, fields)
        return found

    def then(self, later: Step) -> Step:
        """This step and a later one, taken together."""
        found = Step()
        for table in _ORDER:
            if table.name in self._tables or table.name in later._tables:
                found._tables[table.name] = self._joined(later, table)
        return found

    def changes(self) -> Iterator[Change]:
        """What is left of it, in the order of the tables."""
        left = Step()
        for table in _ORDER:
            if table.name in self._tables:
                left._tables[table.name] = self._tables[table.name]
                if places(table):
                    left._tables[table.name] = left._without_returned(table)
        for table in TABLES:
            if table.name in left._tables:
                rows = left._tables[table.name]
                again = left._again_below(table) if table.kind == "child" and not places(table) else rows.again
                yield from told(table, rows, again)

    def _joined(self, later: Step, table: Table) -> Rows:
        mine, theirs, found = (
            self.rows(table.name),
            later.rows(table.name),
            Rows(table, dict(self.rows(table.name).removed)),
        )
        for key, values in theirs.removed.items():
            if key not in mine.added:
                first = mine.kept.get(key) or Kept(str(self._carried(table, key, "back")))
                found.removed[first.old_key] = with_fields(
                    table, values, {n: old for n, (old, _) in first.fields.items()}
                )
        for key, kept in theirs.kept.items():
            if kept.old_key in mine.added:
                fields = {name: new for name, (_, new) in kept.fields.items()}
                found.added[key] = with_fields(table, mine.added[kept.old_key], fields)
            else:
                first = mine.kept.get(kept.old_key) or Kept(str(self._carried(table, kept.old_key, "back")))
                found.kept[key] = Kept(
                    first.old_key, first.renamed or kept.renamed, merged(table, first.fields, kept.fields)
                )
        found.added |= theirs.added
        for key, values in mine.added.items():
            if key not in theirs.forth.went:
                found.added[str(later._carried(table, key, "forth"))] = values
        for key, kept in mine.kept.items():
            if key not in theirs.forth.went:
                found.kept[str(later._carried(table, key, "forth"))] = kept
        return found

    def _again_below(self, table: Table) -> dict[str, str]:
        """{key after: key before} of children by key that went and came back below the same parent."""
        rows = self.rows(table.name)
        gone = {join(self._group(table, split(key), "forth")): key for key in rows.removed if self._stays(table, key)}
        return {key: gone[key] for key in rows.added if key in gone}

    def _without_returned(self, table: Table) -> Rows:
        """Without rows of a list that went and came back to where they were: one is named as removed and as added."""
        rows = self.rows(table.name)
        here, there = (
            {group: list(found) for group, found in side.items()} for side in (rows.forth.here, rows.forth.there)
        )
        returned: set[str] = set()
        gone: dict[tuple[str, str], list[str]] = {}
        for key, values in rows.removed.items():
            group = join(self._group(table, split(key)[:-1], "forth")) if self._stays(table, key) else None
            if group is not None:
                gone.setdefault((group, _content(table, values)), []).append(key)
        came: set[str] = set()
        for key, values in sorted(rows.added.items(), key=lambda item: _place(item[0])):
            group, place = join(split(key)[:-1]), _place(key)
            for before in gone.get((group, _content(table, values)), []):
                from_group, from_place = join(split(before)[:-1]), _place(before)
                others = [one for one in there[group] if one != place]
                rank = from_place - bisect_left(here[from_group], from_place)
                if before not in returned and (table.unordered or _free(others, rank) == place):
                    here[from_group].remove(from_place)
                    there[group] = others
                    returned.add(before)
                    came.add(key)
                    break
        return Rows(
            table,
            {key: values for key, values in rows.removed.items() if key not in returned},
            {key: values for key, values in rows.added.items() if key not in came},
            rows.kept,
        )

    def _stays(self, table: Table, key: str) -> bool:
        """Whether what a row of a list belongs to is there before and after."""
        link = owner(table)
        if link:
            above = join(split(key)[: 1 + len(outer_places(table))])
            return self._stays(link[0], above) and above not in self.rows(link[0].name).removed
        if not table.parent:
            return True
        parent, rows = split(key)[0], self.rows(table.reference(table.parent).target)
        return parent not in rows.removed or parent in rows.gone_for_now

    def _carried(self, table: Table, key: str, way: str) -> str | None:
        """The key of a row on the other side, whether it is named or not; None where it is only on this one."""
        rows = self.rows(table.name)
        named: Named = getattr(rows, way)
        if key in named.went:
            return named.went[key] or (rows.gone_for_now if way == "forth" else rows.again).get(key)
        parts = split(key)
        group, place = (parts[:-1], int(parts[-1])) if places(table) else (parts, None)
        there = self._group(table, group, way)
        if place is None:
            return join(there)
        rank = place - bisect_left(named.here.get(join(group), []), place)
        return join((*there, str(_free(named.there.get(join(there), []), rank))))

    def _group(self, table: Table, parts: list[str], way: str) -> list[str]:
        """The key of what a row belongs to, on the other side; what else is in its own key stays."""
        if not table.parent:
            return parts
        if link := owner(table):
            length = 1 + len(outer_places(table))
            above = self._carried(link[0], join(parts[:length]), way)
            return [*split(str(above)), *parts[length:]]
        parent = self._carried(table.target(table.reference(table.parent)), parts[0], way)
        return [str(parent), *parts[1:]]


def _place(key: str) -> int:
    return int(split(key)[-1])


def _content(table: Table, values: Values) -> str:
    """What a row of a list says, wherever it stands."""
    return json.dumps({name: value for name, value in values.items() if name not in table.key}, sort_keys=True)


def _free(taken: list[int], rank: int) -> int:
    """The place number `rank` among those that are not taken."""
    place = rank
    for one in taken:
        if one > place:
            break
        place += 1
    return place
