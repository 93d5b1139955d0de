"""Arguments of `mids serve`. Imports nothing that is slow. Does not belong here: the server (api/serving.py)."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from mids_assets.commands.telling import tell
from mids_assets.errors import UserError

app = typer.Typer()
_EXTRA = ("fastapi", "asyncpg", "orjson", "jwt", "uvloop", "httptools")


@app.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer; as many as processors is plenty.", min=1)] = 1,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", help="Figures for Prometheus on this port of 127.0.0.1.", min=1, max=65535),
    ] = None,
) -> None:
    """The read API and its page, until Ctrl-C. What was asked by then is answered."""
    for name in _EXTRA:
        if find_spec(name) is None:
            raise UserError(
                f"mids serve needs {name}, which is not installed: make serve installs it, or pip install"
                " 'mids-assets[api]'"
            )
    from mids_assets.api.serving import serve as run

    run(host, port, workers=workers, metrics=metrics_port, told=tell)
