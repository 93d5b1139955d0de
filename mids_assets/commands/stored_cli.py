"""Arguments of the commands about releases that are known: history, publish, rollback, accept, prune, diff.

Slow modules are imported inside the commands. Does not belong here: the work (stored.py, diffing.py), how it looks.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, Realm, print_json, realm_of, show_outcome
from mids_assets.settings import Settings

app = typer.Typer()

Release = Annotated[str, typer.Argument(help="Release: its id, the beginning of it, or its version.")]


@app.command()
def history(
    realm: Realm = None,
    limit: Annotated[int, typer.Option(help="How many of the latest entries.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """What was imported when, and what became of it."""
    from mids_assets.commands.show import show_history
    from mids_assets.warehouse.connection import connect
    from mids_assets.warehouse.history import history as read_history

    settings = Settings.from_env()
    with closing(connect(settings, application_name="mids history")) as connection:
        found = read_history(connection, realm_of(settings, realm), limit=limit)
    if as_json:
        print_json([asdict(entry) for entry in found])
    else:
        show_history(found)


@app.command()
def publish(
    release: Release,
    realm: Realm = None,
    older: Annotated[bool, typer.Option("--older", help="Publish although a newer release is published.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish a release that is stored, such as one whose guards were accepted."""
    from mids_assets.commands.stored import publish_stored

    settings = Settings.from_env()
    show_outcome(publish_stored(settings, realm_of(settings, realm), release, older=older, quiet=as_json), as_json)


@app.command()
def rollback(
    release: Annotated[str | None, typer.Argument(help="Release (default: the one that was published before).")] = None,
    realm: Realm = None,
    as_json: AsJson = False,
) -> None:
    """Publish an earlier release again, ids kept. The newer one is not published again until you ask for it."""
    from mids_assets.commands.stored import roll_back

    settings = Settings.from_env()
    show_outcome(roll_back(settings, realm_of(settings, realm), release, quiet=as_json), as_json)


@app.command()
def accept(
    release: Release,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept with your name.")],
    rule: Annotated[str | None, typer.Option("--rule", help="Accept guards of this rule only.")] = None,
    realm: Realm = None,
    as_json: AsJson = False,
) -> None:
    """Let a release pass the guards that block it. Rules about keys and references cannot be accepted."""
    from mids_assets.warehouse.accepting import accept_guards
    from mids_assets.warehouse.audit import at_this_terminal

    settings = Settings.from_env()
    person = at_this_terminal()
    accepted = accept_guards(settings, realm_of(settings, realm), release, reason=reason, rule=rule, person=person)
    if as_json:
        print_json([asdict(one) for one in accepted])
    else:
        for one in accepted:
            typer.echo(f"accepted: {one.message}")
        typer.echo(f"Now: mids publish {release}" + (f" --realm {realm}" if realm else ""))


@app.command()
def prune(
    realm: Realm = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the files of old releases and builds, as every publish does (MIDS_KEEP_RELEASES, MIDS_KEEP_DAYS)."""
    from mids_assets.commands.show import show_pruned
    from mids_assets.warehouse.audit import Deed, at_this_terminal, record
    from mids_assets.warehouse.retention import prune as prune_files

    settings = Settings.from_env()
    realm = realm_of(settings, realm)
    if not dry_run:
        record(settings, at_this_terminal(), Deed("prune", realm))
    pruned = prune_files(settings, realm, dry_run=dry_run)
    if as_json:
        print_json(asdict(pruned))
    else:
        show_pruned(pruned, dry_run=dry_run)


@app.command()
def diff(
    old: Annotated[str | None, typer.Argument(help="Release before (default: the one before NEW).")] = None,
    new: Annotated[str | None, typer.Argument(help="Release after (default: the newest).")] = None,
    realm: Realm = None,
    file_format: Annotated[str, typer.Option("--format", help="table, md, json or notes.")] = "table",
    limit: Annotated[int | None, typer.Option(help="How many changes of each table, or lines.", min=0)] = None,
) -> None:
    """What changed between two stored releases: id, its beginning, version, newest or published; RELEASE/BUILD picks
    a build. Needs no database."""
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.diffing import compared
    from mids_assets.commands.show_diff import require_format, show_diff
    from mids_assets.progress import listening

    require_format(file_format)
    settings = Settings.from_env()
    with ExitStack() as stack:
        with Bars(quiet=file_format == "json") as bars, listening(bars.show):
            found = stack.enter_context(compared(settings, realm_of(settings, realm), old, new))
        show_diff(found, file_format, limit)
