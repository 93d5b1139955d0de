"""How backups look in a terminal. Does not belong here: any decision."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mids_assets.warehouse.backup.manifest import Manifest
from mids_assets.warehouse.backup.taking import Taken

_REASONS = {"asked": "asked for", "schedule": "schedule", "before_publish": "before a publish"}


def show_taken(taken: Sequence[Taken]) -> None:
    console = Console(soft_wrap=True)
    for one in taken:
        facts = one.manifest
        console.print(
            f"[bold]Backed up[/]: {escape(facts.name)}, {facts.rows:,} rows, {facts.bytes / 1e6:,.1f} MB,"
            f" {facts.seconds:.1f} s, in {escape(one.place)}"
        )
        if one.removed:
            console.print(f"Not kept any more: {escape(', '.join(one.removed))}")


def show_backups(place: str, found: Sequence[Manifest]) -> None:
    console = Console()
    if not found:
        console.print(f"no backup in {escape(place)}", soft_wrap=True)
        return
    right = (Column(name, justify="right", no_wrap=True) for name in ("rows", "MB", "s"))
    table = Table(Column("name", no_wrap=True), "version", *right, "why", box=None)
    for one in found:
        table.add_row(
            escape(one.name),
            escape(one.version or ""),
            f"{one.rows:,}",
            f"{one.bytes / 1e6:,.1f}",
            f"{one.seconds:.1f}",
            _REASONS[one.reason],
        )
    console.print(table)
    console.print(f"in {escape(place)}", soft_wrap=True)
