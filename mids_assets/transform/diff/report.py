"""What a diff says at a glance: who is compared, how much changed; as text, Markdown and JSON.

Does not belong here: patch notes (`notes.py`), terminals (`commands`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.rows import ADDED, CHANGED, REMOVED, RENAMED, SCHEMA
from mids_assets.transform.diff.side import Side

KINDS = (ADDED, REMOVED, RENAMED, CHANGED)
LIMIT = 20
"""So many changes per table are listed where nobody says how many."""
_VALUE = 80


def heading(diff: Diff) -> list[str]:
    """Whole sentences: what is compared with what, and what that means."""
    if diff.old is None:
        return [f"{diff.new.title}: nothing was before, so every row is new. A made-up sample counts as nothing."]
    said = [f"{diff.old.title} -> {diff.new.title}"]
    if diff.old.release == diff.new.release:
        said.append(
            f"It is one release in two builds ({diff.old.build[:8]} and {diff.new.build[:8]}): the code, settings or"
            " corrections changed, not the data."
        )
    if diff.left_out:
        tables = [name for name in diff.left_out if "." not in name]
        fields = len(diff.left_out) - len(tables)
        parts = [f"tables {', '.join(tables)}"] if tables else []
        parts += [f"{fields} field{'' if fields == 1 else 's'}"] if fields else []
        said.append(f"Not compared, since one of the two sources does not have them: {' and '.join(parts)}.")
    if diff.is_empty:
        said.append("Nothing changed.")
    return said


def counts(diff: Diff) -> Iterator[tuple[str, dict[str, int]]]:
    """Tables in which anything changed, in the model's order."""
    return ((table.name, diff.counts[table.name]) for table in TABLES if table.name in diff.counts)


def markdown(diff: Diff, limit: int = LIMIT) -> str:
    """A report of bounded length: heading, counts, and the first `limit` changes of each table."""
    lines = [f"# {heading(diff)[0]}", "", *(f"{sentence}\n" for sentence in heading(diff)[1:])]
    if diff.is_empty:
        return "\n".join(lines)
    lines += ["| table | " + " | ".join(KINDS) + " |", "|---|" + "---:|" * len(KINDS)]
    lines += [f"| {name} | " + " | ".join(f"{found.get(kind, 0):,}" for kind in KINDS) + " |"
              for name, found in counts(diff)]  # fmt: skip
    for name, _ in counts(diff):
        rows = diff.changes.filter(table_name=name)
        if not rows.height:
            continue
        lines += ["", f"## {name}", "", "| key | change | field | before | after |", "|---|---|---|---|---|"]
        for row in rows.head(limit).iter_rows(named=True):
            cells = row["natural_key"], row["change"], row["field"], row["old_value"], row["new_value"]
            lines.append("| " + " | ".join(cell(text) for text in (*_with_old_key(row), *cells[1:])) + " |")
        if rows.height > limit:
            lines += ["", f"and {rows.height - limit:,} more changes"]
    return "\n".join(lines) + "\n"


def as_json(diff: Diff, limit: int | None = None) -> dict[str, Any]:
    """Everything, as a JSON document; values are values and not texts."""
    rows = diff.changes if limit is None else diff.changes.head(limit)
    return {
        "old": _side(diff.old),
        "new": _side(diff.new),
        "rebuild": diff.old is not None and diff.old.release == diff.new.release,
        "counts": dict(counts(diff)),
        "left_out": list(diff.left_out),
        "changes_total": diff.changes.height,
        "changes": [
            {name: json.loads(row[name]) if name in _JSON and row[name] is not None else row[name] for name in SCHEMA}
            for row in rows.iter_rows(named=True)
        ],
    }


_JSON = ("old_value", "new_value", "evidence")


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    names = ("release", "build", "version", "date", "is_sample")
    return {name: getattr(side, name) for name in names}


def _with_old_key(row: dict[str, Any]) -> tuple[str]:
    return (f"{row['natural_key']} (was {row['old_key']})" if row["change"] == RENAMED else row["natural_key"],)


def cell(text: str | None) -> str:
    """A text of bounded length in a cell of a Markdown table."""
    if text is None:
        return ""
    short = text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"
    return short.replace("|", "\\|").replace("\n", " ")
