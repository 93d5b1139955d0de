"""How results look in a terminal. Does not belong here: any decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mids_assets.commands.outcome import Outcome

if TYPE_CHECKING:
    # `status` and `inspect` must not load polars.
    from mids_assets.commands.exporting import Exported
    from mids_assets.commands.fetching import FetchOutcome
    from mids_assets.health.finding import Finding
    from mids_assets.health.problem import Problem
    from mids_assets.notify.record import Told
    from mids_assets.warehouse.audit import Entry as AuditEntry
    from mids_assets.warehouse.history import Entry
    from mids_assets.warehouse.retention import Pruned

_HEADLINES = {
    "published": "Published",
    "nothing_to_do": "Nothing to do",
    "stored": "Stored, not published",
    "checked": "Checked, nothing published",
}
_COLORS = {"ok": "green", "warn": "yellow", "broken": "red"}


def show_import(outcome: Outcome) -> None:
    console = Console()
    head = f"[bold]{_HEADLINES[outcome.action]}[/]: {outcome.realm} {escape(outcome.version)}"
    console.print(f"{head}, release {outcome.release}, {outcome.seconds:.1f} s, {outcome.peak_memory_mib:.0f} MiB")
    if outcome.summary.get("tables"):
        console.print(_summary_table(outcome))
    for note in outcome.notes:
        console.print(escape(note))
    for warning in outcome.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}")


def show_fetch(found: FetchOutcome) -> None:
    console = Console()
    if found.outcome is None:
        head = "Up to date" if found.action == "up_to_date" else "Nothing offered"
        console.print(f"[bold]{head}[/]: {found.realm}")
    else:
        console.print(
            f"[bold]Fetched[/]: {found.realm} {escape(found.offered or '')}, {found.downloaded_bytes:,} bytes"
        )
    for note in found.notes:
        console.print(escape(note))
    for warning in found.warnings:
        console.print(f"[yellow]warning[/] {escape(warning)}")
    if found.outcome is not None:
        show_import(found.outcome)


def _summary_table(outcome: Outcome) -> Table:
    table = Table("table", *(_right(name) for name in ("rows", "inserted", "updated", "deleted", "unresolved")))
    unresolved = outcome.summary.get("unresolved", {})
    for name, rows in outcome.summary["tables"].items():
        changed = outcome.changed.get(name, {})
        table.add_row(
            name,
            f"{rows:,}",
            *(_count(changed.get(kind, 0)) for kind in ("inserted", "updated", "deleted")),
            _count(sum(unresolved.get(name, {}).values())),
        )
    quarantined: Mapping[str, int] = outcome.summary.get("quarantined", {})
    table.caption = _quarantined(quarantined)
    return table


def show_history(entries: Sequence[Entry]) -> None:
    console = Console()
    if not entries:
        console.print("nothing was imported yet")
        return
    whole = (Column(name, no_wrap=True) for name in ("when", "what", "version", "release"))
    table = Table(*whole, *(_right(name) for name in ("records", "lost", "seconds")), box=None)
    for entry in entries:
        version = f"{entry.version or ''}" + (f" rev. {entry.revision}" if (entry.revision or 1) > 1 else "")
        failed = entry.error is not None
        table.add_row(
            f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}",
            entry.action or "",
            escape(version),
            entry.release or "",
            "" if failed else f"{entry.imported:,}",
            "" if failed else _count(entry.processed - entry.imported),
            f"{entry.seconds:.1f}",
        )
    console.print(table)
    for entry in entries:
        if entry.error:
            console.print(f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S} {escape(entry.error)}", soft_wrap=True)


def show_audit(entries: Sequence[AuditEntry]) -> None:
    console = Console(soft_wrap=True)
    if not entries:
        console.print("nothing was noted yet")
    for one in entries:
        about = " ".join(filter(None, (one.realm, one.release, one.subject)))
        run = f" (run {one.run_id})" if one.run_id else ""
        why = f": {one.reason}" if one.reason else ""
        moment = f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}"
        console.print(f"{moment} {one.action:<9} {escape(f'{one.who} [{one.origin}] {about}{run}{why}')}")


def show_notifications(found: Sequence[Told]) -> None:
    console = Console()
    if not found:
        console.print("nothing was told yet")
        return
    for one in found:
        kind = one.kind + (" (lasts)" if one.lasts else "")
        sent = ", ".join(f"{name} {state}" for name, state in one.deliveries.items()) or "log only"
        moment = f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}"
        console.print(f"{moment} {kind:<15} {escape(one.title)} ({escape(sent)})", soft_wrap=True)


def show_receivers(found: Sequence[tuple[str, str | None]]) -> None:
    for number, (name, error) in enumerate(found, start=1):
        told = "[green]delivered[/]" if error is None else f"[red]failed[/]: {escape(error)}"
        Console().print(f"{number}. {escape(name)} {told}", soft_wrap=True)


def show_pruned(pruned: Pruned, *, dry_run: bool) -> None:
    done = "would be removed" if dry_run else "removed"
    for release in pruned.releases:
        Console().print(f"release {release}: files {done}")
    for release, build in pruned.builds:
        Console().print(f"release {release}, build {build}: derived files {done}")
    Console().print(f"{pruned.bytes / 1e6:,.1f} MB {done}")


def show_status(found: Mapping[str, Any]) -> None:
    console = Console()
    for realm, facts in found["realms"].items():
        if not facts.get("release"):
            console.print(f"[bold]{realm}[/]: nothing published yet")
            continue
        console.print(
            f"[bold]{realm}[/]: version {escape(str(facts['version']))}, release {facts['release']},"
            f" published {facts['published_at']}"
        )
        table = Table("table", _right("rows"))
        for name, rows in facts["tables"].items():
            table.add_row(name, f"{rows:,}")
        checks = facts["checks"]
        quarantined = sum(facts["quarantined"].values())
        table.caption = f"{quarantined:,} quarantined, checks: {checks['failed']} failed, {checks['warned']} warned"
        console.print(table)


def show_findings(findings: Sequence[Finding]) -> None:
    """A line for each, and what to do below it."""
    console = Console(soft_wrap=True)
    for one in findings:
        console.print(f"[{_COLORS[one.state]}]{one.state:6}[/] {escape(one.area)}: {escape(one.what)}")
        if one.what_to_do:
            console.print(f"       {escape(one.what_to_do)}")


def show_problems(problems: Sequence[Problem]) -> None:
    """A line for each, and what to do below it."""
    console = Console(soft_wrap=True)
    for one in problems:
        console.print(f"[{_COLORS[one.severity]}]{one.severity:6}[/] {one.realm} {one.kind}: {escape(one.what)}")
        console.print(f"       {escape(one.what_to_do)}")


def show_inspection(found: Mapping[str, Any]) -> None:
    console = Console(soft_wrap=True)
    for name, value in found.items():
        if isinstance(value, Mapping):
            console.print(f"[bold]{name}[/]")
            for key, inner in value.items():
                for one in inner if isinstance(inner, list) else [inner]:
                    console.print(f"  {escape(str(key))}: {escape(_short(one))}")
        else:
            console.print(f"[bold]{name}[/]: {escape(_short(value))}")


def show_export(exported: Exported) -> None:
    console = Console()
    table = Table("file" if exported.unit == "bytes" else "table", _right(exported.unit))
    for name, rows in exported.rows.items():
        table.add_row(escape(name), f"{rows:,}")
    if exported.quarantined:
        table.caption = _quarantined(exported.quarantined)
    console.print(f"[bold]Written[/]: {escape(str(exported.out))}")
    console.print(table)
    for note in exported.notes:
        console.print(escape(note))


def _quarantined(counts: Mapping[str, int]) -> str:
    return "quarantined: " + (", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none")


def _short(value: Any, limit: int = 400) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _count(value: int) -> str:
    return f"{value:,}" if value else ""


def _right(name: str) -> Column:
    return Column(name, justify="right")
