"""Arguments of `mids metrics`. Imports nothing that is slow. Does not belong here: reading and serving (`metrics`)."""

from __future__ import annotations

from typing import Annotated

import typer

from mids_assets.commands.telling import tell
from mids_assets.settings import Settings

app = typer.Typer()


@app.command("metrics")
def metrics(
    host: Annotated[str, typer.Option(help="Address to listen on. Nobody is asked who they are.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 9464,
    once: Annotated[bool, typer.Option("--once", help="Print the metrics and end.")] = False,
) -> None:
    """Figures for Prometheus on http://HOST:PORT/metrics, until Ctrl-C."""
    from mids_assets.metrics.serving import as_text, serve

    settings = Settings.from_env()
    if once:
        typer.echo(as_text(settings), nl=False)
        return
    shown = f"[{host}]" if ":" in host else host
    serve(settings, host, port, lambda found: tell(f"http://{shown}:{found}/metrics"))
