"""Arguments of `mids db backup`, `backups`, `verify` and `restore`.

Does not belong here: the work (backups.py), how it looks (show_backups.py).
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, print_json
from mids_assets.commands.telling import tell
from mids_assets.errors import UserError
from mids_assets.settings import Settings

app = typer.Typer()

Realm = Annotated[str | None, typer.Option("--realm", help="Realm (default: all of MIDS_REALMS).")]
Dagster = Annotated[bool, typer.Option("--dagster", help="Dagster's database: its runs and events.")]
Name = Annotated[str, typer.Argument(help="Name of a backup, or latest.")]


@app.command("backup")
def backup(realm: Realm = None, dagster: Dagster = False, as_json: AsJson = False) -> None:
    """Back up each realm and Dagster's database, or one of them; removes backups that are not kept any more."""
    from mids_assets.commands.backups import take
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.show_backups import show_taken
    from mids_assets.progress import listening

    with Bars(quiet=as_json) as bars, listening(bars.show):
        taken = take(Settings.from_env(), realm, dagster)
    if as_json:
        print_json([one.manifest.as_json() | {"place": one.place, "removed": one.removed} for one in taken])
    else:
        show_taken(taken)


@app.command("backups")
def backups(realm: Realm = None, dagster: Dagster = False, as_json: AsJson = False) -> None:
    """The backups that there are, the oldest first."""
    from mids_assets.commands.backups import listed
    from mids_assets.commands.show_backups import show_backups

    place, found = listed(Settings.from_env(), realm, dagster)
    if as_json:
        print_json({"place": place.name, "backups": [one.as_json() for one in found]})
    else:
        show_backups(place.name, found)


@app.command("verify")
def verify(name: Name = "latest", realm: Realm = None, dagster: Dagster = False, as_json: AsJson = False) -> None:
    """Read a backup to its end: checksums, archives, rows. Exit 1 where it cannot be restored."""
    from mids_assets.commands.backups import chosen
    from mids_assets.warehouse.backup.verifying import verify as read_through
    from mids_assets.warehouse.client_programs import dump_programs

    settings = Settings.from_env()
    place, found = chosen(settings, name, realm, dagster)
    for one in found:
        # No server is asked, so the programs at hand will do.
        read_through(place, one, dump_programs(one.dumper_major, elsewhere=False))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        for one in found:
            typer.echo(f"{one.name}: whole, {one.rows:,} rows, {one.bytes:,} bytes")


@app.command("restore")
def restore(
    name: Name = "latest",
    realm: Realm = None,
    dagster: Dagster = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before what is there is replaced.")] = False,
    no_grants: Annotated[bool, typer.Option("--no-grants", help="Leave out the rights that roles had.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a realm, or Dagster's database, what it was: all of it or, on any error, nothing."""
    from mids_assets.commands.backups import chosen, restored_over
    from mids_assets.commands.bars import Bars
    from mids_assets.progress import listening
    from mids_assets.warehouse.backup.restoring import restore as bring_back

    settings = Settings.from_env()
    place, found = chosen(settings, name, realm, dagster)
    if not yes:
        for sentence in restored_over(settings, found):
            tell(sentence)
        if not sys.stdin.isatty():
            raise UserError("nothing was restored: nobody is there to be asked; add --yes")
        if not typer.confirm("Go on?", err=True):
            raise UserError("nothing was restored")
    with Bars(quiet=as_json) as bars, listening(bars.show):
        bring_back(settings, place, found, grants=not no_grants)
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        for one in found:
            typer.echo(f"restored: {one.name}, {one.rows:,} rows")
