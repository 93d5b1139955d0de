"""Arguments of `mids db`: address, psql, upgrade, roles, start and stop of the embedded server. Backups join from
backup_cli.py.

Does not belong here: the server (`warehouse`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, print_json
from mids_assets.commands.backup_cli import app as backups
from mids_assets.errors import UserError
from mids_assets.settings import Settings

app = typer.Typer(
    help="The PostgreSQL server: address, psql, upgrade, roles, start and stop, backups.", no_args_is_help=True
)
app.add_typer(backups)


@app.command("url")
def db_url() -> None:
    """Address of the database, password included; starts the embedded server where needed."""
    from mids_assets.warehouse.connection import database_url

    typer.echo(database_url(Settings.from_env()))


@app.command("psql", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def db_psql(context: typer.Context) -> None:
    """psql on the database; all arguments go to it."""
    from mids_assets.warehouse.psql import psql

    psql(Settings.from_env(), context.args)


@app.command("upgrade")
def db_upgrade(
    sql: Annotated[bool, typer.Option("--sql", help="Print the statements for an administrator.")] = False,
) -> None:
    """Bring the database to what this version needs, as every command does when it connects."""
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.upgrading import database_upgraded, statements
    from mids_assets.progress import listening

    settings = Settings.from_env()
    if sql:
        typer.echo(statements(settings))
        return
    with Bars(quiet=False) as bars, listening(bars.show):
        for sentence in database_upgraded(settings):
            typer.echo(sentence)


@app.command("roles")
def db_roles(
    apply: Annotated[bool, typer.Option("--apply", help="Make them, instead of printing the statements.")] = False,
) -> None:
    """Groups for logins: an owner, a loader, and a reader who reads the realms and nothing else."""
    from mids_assets.commands.roles import applied, script

    settings = Settings.from_env()
    if not apply:
        typer.echo(script(settings))
        return
    for sentence in applied(settings):
        typer.echo(sentence)


@app.command("start")
def db_start() -> None:
    """Start the embedded server; it goes on until `mids db stop`."""
    from mids_assets.warehouse.embedded import ensure_server

    server = ensure_server(_embedded(Settings.from_env()))
    typer.echo(
        f"PostgreSQL {server.version} on 127.0.0.1:{server.port}" + ("" if server.started else " (it ran already)")
    )


@app.command("stop")
def db_stop(
    force: Annotated[bool, typer.Option("--force", help="Also while others are connected.")] = False,
) -> None:
    """Stop the embedded server."""
    from mids_assets.warehouse.embedded import stop

    stopped = stop(_embedded(Settings.from_env()), force=force)
    typer.echo("stopped" if stopped else "it was not running")


@app.command("status")
def db_status(as_json: AsJson = False) -> None:
    """Whether the embedded server runs, and where."""
    from mids_assets.warehouse.embedded import status as server_status

    server = server_status(_embedded(Settings.from_env()))
    if as_json:
        facts = {"running": server is not None}
        print_json(facts | ({"port": server.port, "pid": server.pid, "version": server.version} if server else {}))
    else:
        typer.echo(
            f"running: PostgreSQL {server.version}, port {server.port}, pid {server.pid}" if server else "not running"
        )


def _embedded(settings: Settings) -> Settings:
    if settings.database_url:
        raise UserError("MIDS_DATABASE_URL is set: that server is started and stopped by whoever runs it")
    return settings
