"""`mids worker`: its arguments. The work lies in `distributed.worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from mids_assets.settings import Settings

app = typer.Typer()


@app.command()
def worker(
    concurrency: Annotated[int, typer.Option("--concurrency", help="Steps that it executes at once.", min=1)] = 1,
) -> None:
    """Execute steps of runs that are handed out by MIDS_CELERY_BROKER, until Ctrl-C.

    The first Ctrl-C or TERM lets the steps in hand end; a second one gives them back for another worker.
    """
    # Imported once here, the definitions need not be imported anew for every step: that takes three seconds.
    import mids_assets.definitions  # noqa: F401
    from mids_assets.distributed.worker import run_worker

    def ready(name: str) -> None:
        typer.echo(f"mids worker: ready, as {name}; Ctrl-C ends it")

    raise typer.Exit(run_worker(Settings.from_env(), concurrency=concurrency, ready=ready))
