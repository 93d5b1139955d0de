"""Arguments of `mids quarantine`, and how its entries look. Slow modules are imported inside the commands.

Does not belong here: the work (quarantine.py).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, Realm, print_json, realm_of
from mids_assets.settings import Settings

app = typer.Typer(help="Records that were set aside: list, show, export, try again.", no_args_is_help=True)

Release = Annotated[
    str | None, typer.Option("--release", help="Its id, the beginning of it, or its version (default: the published).")
]
Entity = Annotated[str | None, typer.Option("--entity", help="Only of this entity, such as power.")]
Rule = Annotated[str | None, typer.Option("--rule", help="Only those that broke this rule.")]
All = Annotated[bool, typer.Option("--all", help="Also entries that are resolved.")]


@app.command("list")
def list_command(
    realm: Realm = None,
    release: Release = None,
    entity: Entity = None,
    rule: Rule = None,
    resolved: All = False,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 100,
    as_json: AsJson = False,
) -> None:
    """The open entries: number, entity, place, rule and message."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from mids_assets.commands.quarantine import Wanted, entries, plain

    settings = Settings.from_env()
    # One more than is shown, to know whether there are more.
    wanted = Wanted(realm_of(settings, realm), release, entity, rule, resolved, limit + 1)
    found = entries(settings, wanted)
    if as_json:
        print_json([plain(one) for one in found[:limit]])
        return
    if not found:
        typer.echo("nothing is in quarantine" + ("" if resolved else " (--all: also what is resolved)"))
        return
    table = Table("id", "entity", "place", "rule", "field", "message")
    for one in found[:limit]:
        state = f" [resolved: {one.resolution}]" if one.resolved_at else " [expected]" if one.expected else ""
        place = f"{one.source_file} {'' if one.source_position is None else one.source_position}"
        table.add_row(*map(escape, (str(one.id), one.entity, place, one.rule, one.field or "", one.message + state)))
    console = Console()
    console.print(table)
    if len(found) > limit:
        console.print(f"There are more than these {limit}: --limit shows them.")


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="Number of the entry, from `mids quarantine list`.")],
    as_json: AsJson = False,
) -> None:
    """One entry with its whole record, and a correction to fill in."""
    from mids_assets.commands.quarantine import correction_for, entry, plain

    settings = Settings.from_env()
    found = entry(settings, number)
    correction = None if found.resolved_at else correction_for(found)
    facts = plain(found)
    if as_json:
        print_json({**facts, "correction": correction})
        return
    record = facts.pop("record")
    for name, value in facts.items():
        if value not in (None, ""):
            typer.echo(f"{name}: {value}")
    typer.echo("record:")
    typer.echo(record if isinstance(record, str) else json.dumps(record, indent=2, ensure_ascii=False))
    if correction:
        typer.echo(
            f"\nTo correct it, fill this in in {settings.corrections_dir / found.realm}/<any name>.yaml, and then"
        )
        typer.echo(f"mids quarantine retry --realm {found.realm}\n\n{correction}", nl=False)


@app.command()
def export(
    out: Annotated[str, typer.Argument(help="A file .jsonl, .csv or .parquet; - prints JSON lines.")],
    realm: Realm = None,
    release: Release = None,
    entity: Entity = None,
    rule: Rule = None,
    resolved: All = False,
) -> None:
    """Write entries with their records to a file."""
    from mids_assets.commands.quarantine import Wanted, entries
    from mids_assets.commands.quarantine import export as write

    settings = Settings.from_env()
    found = entries(settings, Wanted(realm_of(settings, realm), release, entity, rule, resolved))
    text = write(found, out)
    typer.echo(text if out == "-" else f"{out}: {len(found):,} entries", nl=out != "-")


@app.command()
def retry(realm: Realm = None, release: Release = None, as_json: AsJson = False) -> None:
    """Import the release again, under the rules and corrections of now; says what that resolved."""
    from mids_assets.commands.quarantine import retry as try_again
    from mids_assets.commands.show import show_import

    settings = Settings.from_env()
    outcome, retried = try_again(settings, realm_of(settings, realm), release, quiet=as_json)
    if as_json:
        print_json({**outcome.as_json(), **asdict(retried)})
    else:
        show_import(outcome)
        if outcome.action == "nothing_to_do":
            typer.echo("Neither a rule nor a correction has changed since.")
        typer.echo(f"{retried.resolved:,} entries were resolved, {retried.open:,} are open.")
    raise typer.Exit(outcome.exit_code)
