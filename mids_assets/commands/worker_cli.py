"""`mids worker`: its arguments. The work lies in `distributed.worker`."""

from __future__ import annotations

import socket
from typing import Annotated

import typer

from mids_assets.settings import Settings

app = typer.Typer()


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option("--concurrency", help="Steps that it executes at once.", min=1)] = 1,
    check: Annotated[
        bool, typer.Option("--check", help="Only ask whether a worker of this host answers: exit code 0, else 1.")
    ] = False,
) -> None:
    """Execute steps of runs that are handed out by MIDS_CELERY_BROKER, until Ctrl-C.

    The first Ctrl-C or TERM lets the steps in hand end; a second one gives them back for another worker.
    """
    if check:
        from mids_assets.distributed.doctor import answering

        if not answering(Settings.from_env(), socket.gethostname()):
            typer.echo("mids worker: none of this host answers", err=True)
            raise typer.Exit(1)
        return
    # Imported once here, the definitions need not be imported anew for every step: that takes three seconds.
    import mids_assets.definitions  # noqa: F401
    from mids_assets.distributed.worker import run_worker

    def ready(name: str) -> None:
        typer.echo(f"mids worker: ready, as {name}; Ctrl-C ends it")

    raise typer.Exit(run_worker(Settings.from_env(), concurrency=concurrency, ready=ready))
