"""Arguments of `mids audit`. Does not belong here: the table (`warehouse.audit`), how it looks (show.py)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, print_json
from mids_assets.settings import Settings

app = typer.Typer()


@app.command()
def audit(
    realm: Annotated[str | None, typer.Option("--realm", help="Realm (default: all).")] = None,
    limit: Annotated[int, typer.Option(help="How many of the latest entries.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """Who launched, accepted, rolled back, restored or removed what, and when; the latest first."""
    from mids_assets.commands.show import show_audit
    from mids_assets.warehouse.audit import entries
    from mids_assets.warehouse.connection import connect

    settings = Settings.from_env()
    named = settings.require_realm(realm) if realm else None
    with closing(connect(settings, application_name="mids audit")) as connection:
        found = entries(connection, named, limit=limit)
    if as_json:
        print_json([asdict(entry) for entry in found])
    else:
        show_audit(found)
