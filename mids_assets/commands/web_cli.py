"""Arguments of `mids web`.

Does not belong here: the server (web.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mids_assets.settings import PROJECT_ROOT

app = typer.Typer()


@app.command("web")
def web(
    read_only: Annotated[bool, typer.Option("--read-only", help="Refuse, with 403, what changes something.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on. Whoever reaches it needs no login.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 3000,
    workspace: Annotated[Path, typer.Option("--workspace", "-w", help="Code locations to show.")] = PROJECT_ROOT
    / "workspace.yaml",
) -> None:
    """Dagster's UI alone, to stand behind a proxy with logins (deploy/nginx)."""
    from mids_assets.commands.web import serve

    serve(workspace, host, port, read_only=read_only)
