"""How `mids diff` looks. Does not belong here: what differs (`transform.diff`), which releases are meant."""

from __future__ import annotations

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mids_assets.errors import UserError
from mids_assets.transform.diff.compare import Diff
from mids_assets.transform.diff.notes import notes
from mids_assets.transform.diff.report import KINDS, LIMIT, as_json, counts, heading, markdown

FORMATS = ("table", "md", "json", "notes")
_VALUE = 60


def require_format(name: str) -> None:
    if name not in FORMATS:
        raise UserError(f"--format {name!r} is none of {', '.join(FORMATS)}")


def show_diff(diff: Diff, file_format: str, limit: int | None) -> None:
    """`limit`: so many changes of each table (table, md), changes (json) or lines (notes); None = the usual number,
    which is all for json and notes."""
    if file_format == "table":
        _show_table(diff, LIMIT if limit is None else limit)
        return
    console = Console(soft_wrap=True, markup=False, highlight=False, emoji=False)
    if file_format == "json":
        console.print(json.dumps(as_json(diff, limit), indent=2, ensure_ascii=False))
    elif file_format == "md":
        console.print(markdown(diff, LIMIT if limit is None else limit), end="")
    else:
        lines = notes(diff)
        for line in [*heading(diff), "", *lines[:limit]]:
            console.print(line)
        if limit is not None and len(lines) > limit:
            console.print(f"and {len(lines) - limit:,} more lines")


def _show_table(diff: Diff, limit: int) -> None:
    console = Console()
    first, *more = heading(diff)
    console.print(f"[bold]{escape(first)}[/]")
    for sentence in more:
        console.print(escape(sentence))
    if diff.is_empty:
        return
    table = Table("table", *(Column(kind, justify="right") for kind in KINDS))
    for name, found in counts(diff):
        table.add_row(name, *(f"{found[kind]:,}" if kind in found else "" for kind in KINDS))
    console.print(table)
    for name, _ in counts(diff):
        rows = diff.changes.filter(table_name=name)
        if not rows.height or not limit:
            continue
        listed = Table("key", "change", "field", "before", "after", title=name, title_justify="left")
        for row in rows.head(limit).iter_rows(named=True):
            is_field = row["field"] is not None
            values = (row["change"], row["field"], *((row["old_value"], row["new_value"]) if is_field else ("", "")))
            listed.add_row(escape(row["natural_key"]), *(escape(_short(value)) for value in values))
        if rows.height > limit:
            listed.caption = f"and {rows.height - limit:,} more changes (--limit, or --format md, json, notes)"
        console.print(listed)


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"
