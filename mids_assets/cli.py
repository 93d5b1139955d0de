"""The `mids` command: arguments, exit codes, what a person sees. The work lies in `commands` and below.

Modules that are slow to import (dagster, polars) are imported inside the commands that need them, so that help,
status and inspect answer at once. Does not belong here: anything but parsing arguments and showing results.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from mids_assets import logs
from mids_assets.commands.arguments import AsJson, Realm, print_json, realm_of
from mids_assets.commands.audit_cli import app as auditing
from mids_assets.commands.crosscheck_cli import app as crosschecks
from mids_assets.commands.db_cli import app as database
from mids_assets.commands.metrics_cli import app as metrics
from mids_assets.commands.notify_cli import app as notifications
from mids_assets.commands.quarantine_cli import app as quarantine
from mids_assets.commands.serve_cli import app as serving
from mids_assets.commands.stored_cli import app as stored
from mids_assets.commands.telling import tell_error, without_usage_text
from mids_assets.commands.token_cli import app as tokens
from mids_assets.commands.tracing_cli import app as tracing
from mids_assets.commands.upgrade_cli import app as upgrades
from mids_assets.commands.web_cli import app as web
from mids_assets.commands.worker_cli import app as workers
from mids_assets.errors import MidsError, UserError
from mids_assets.settings import Settings

app = typer.Typer(
    help="MidsReborn releases to checked PostgreSQL tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(database, name="db")
app.add_typer(quarantine, name="quarantine")
app.add_typer(stored)
app.add_typer(crosschecks)
app.add_typer(auditing)
app.add_typer(notifications)
app.add_typer(metrics)
app.add_typer(serving)
app.add_typer(tracing)
app.add_typer(upgrades)
app.add_typer(web)
app.add_typer(tokens)
app.add_typer(workers)


@app.command("import")
def import_command(
    source: Annotated[Path, typer.Argument(help="Folder of a database or City of Data export, or archive of one.")],
    realm: Annotated[
        str | None, typer.Option("--realm", help="Realm (default: all that the source names, else the first).")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Publish again although this build is published.")] = False,
    older: Annotated[bool, typer.Option("--older", help="Publish although a newer release is published.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and compare, but publish nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 when there are warnings that are new.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import one release, or one of each realm found: store, parse, check, publish."""
    from mids_assets.commands.importing import ImportOptions, run_import
    from mids_assets.commands.realms import realms_to_import
    from mids_assets.commands.show import show_import

    settings = Settings.from_env()
    realms = [settings.require_realm(realm)] if realm else realms_to_import(settings, source)
    outcomes = []
    try:
        for one in realms:
            options = ImportOptions(source, one, force=force, older=older, dry_run=dry_run, strict=strict)
            outcomes.append(run_import(settings, options, quiet=as_json))
            if not as_json:
                show_import(outcomes[-1])
    finally:
        # What was imported before another realm failed is said all the same.
        if as_json and outcomes:
            print_json(outcomes[0].as_json() if len(realms) == 1 else [outcome.as_json() for outcome in outcomes])
    raise typer.Exit(max(outcome.exit_code for outcome in outcomes))


@app.command()
def fetch(
    realm: Realm = None,
    as_json: AsJson = False,
) -> None:
    """Ask the servers of updates once; download, verify and import what is newer than all that is known."""
    from mids_assets.commands.fetching import run_fetch
    from mids_assets.commands.show import show_fetch

    settings = Settings.from_env()
    found = run_fetch(settings, realm_of(settings, realm), quiet=as_json)
    if as_json:
        print_json(found.as_json())
    else:
        show_fetch(found)
    raise typer.Exit(found.exit_code)


@app.command()
def status(as_json: AsJson = False) -> None:
    """What is published, per realm, and what is broken now."""
    from mids_assets.commands.show import show_problems, show_status
    from mids_assets.health.problems import problems_now
    from mids_assets.warehouse.connection import connect
    from mids_assets.warehouse.status import status as read_status

    settings = Settings.from_env()
    connection = connect(settings, application_name="mids status")
    try:
        found = read_status(connection, settings.realms)
        problems = [one for realm in settings.realms for one in problems_now(connection, settings, realm)]
    finally:
        connection.close()
    if as_json:
        print_json({**found, "problems": [one.as_json() for one in problems]})
    else:
        show_status(found)
        show_problems(problems)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """What keeps imports from working, and what to do: disk, folders, versions, server, locks, runs, problems.

    Exit code 0 when nothing is broken, else 1.
    """
    from mids_assets.commands import doctor as examination
    from mids_assets.commands.show import show_findings

    findings = examination.examine(Settings.from_env())
    if as_json:
        print_json(examination.as_json(findings))
    else:
        show_findings(findings)
    raise typer.Exit(1 if any(one.state == "broken" for one in findings) else 0)


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="Any file of a database or City of Data export; an archive.")],
    records: Annotated[int, typer.Option(help="How many first records of each part to show.", min=1)] = 1,
    as_json: AsJson = False,
) -> None:
    """What a file is: kind, layout, counts, first records; for a broken one, where it breaks."""
    from mids_assets.commands.show import show_inspection
    from mids_assets.readers.inspect import inspect as look

    if file.is_dir():
        raise UserError(
            f"{file}: is a folder; give one of its files, or check them all by `mids import --dry-run {file}`"
        )
    try:
        found = look(file, records)
    except OSError as problem:
        raise UserError(f"{file}: {problem.strerror or problem}") from None
    if as_json:
        print_json(found)
    else:
        show_inspection(found)
    if "error" in found:
        raise typer.Exit(2)


@app.command()
def sample(
    out: Annotated[Path, typer.Argument(help="Folder to write: new, empty, or an earlier sample.")],
    powers: Annotated[int, typer.Option(help="Number of powers, at least 240.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    realm: Annotated[str, typer.Option(help="Realm whose files to make up.")] = "homecoming",
    file_format: Annotated[str, typer.Option("--format", help="mhd, zip, exporter, exporter-text or all.")] = "all",
    pretty: Annotated[bool, typer.Option("--pretty", help="Line breaks in the JSON of the exporter.")] = False,
) -> None:
    """Write a made-up release for trying things out."""
    from mids_assets.sample import write_sample

    write_sample(out, powers=powers, seed=seed, realm=realm, file_format=file_format, pretty=pretty)
    typer.echo(f"{out}: a made-up release of {powers:,} powers")


@app.command()
def export(
    source: Annotated[Path, typer.Argument(help="Folder of a database or City of Data export, or archive of one.")],
    out: Annotated[Path, typer.Argument(help="Folder to write: new or empty.")],
    file_format: Annotated[str, typer.Option("--format", help="mhd, json or parquet.")],
    as_json: AsJson = False,
) -> None:
    """Write a source again: its files, raw JSON, or checked frames and tables. Needs no database."""
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.exporting import run_export
    from mids_assets.commands.show import show_export
    from mids_assets.progress import listening

    with Bars(quiet=as_json) as bars, listening(bars.show):
        exported = run_export(Settings.from_env(), source, out, file_format)
    if as_json:
        print_json(asdict(exported))
    else:
        show_export(exported)


def main() -> None:
    """Entry point: a `MidsError` is one sentence and its exit code, Ctrl-C is 130."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A name that the terminal's encoding lacks is shown as its number; stderr does so by itself.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        logs.configure(whole_process=True)
        if logs.as_json():
            without_usage_text(app)
        else:
            app()
    except MidsError as error:
        tell_error(str(error))
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        tell_error("canceled")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
