"""Arguments of `mids crosscheck`. Imports nothing that is slow. Does not belong here: the work (crosschecking.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mids_assets.settings import Settings

app = typer.Typer()


@app.command()
def crosscheck(
    realm: Annotated[
        str | None, typer.Option(help="Realm (default: the first whose City of Data is in MIDS_REALMS as well).")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Realm of City of Data (default: REALM_cod).")] = None,
    release: Annotated[
        str | None,
        typer.Option(help="Release of the realm: id, its beginning, version, newest or published (the default)."),
    ] = None,
    file_format: Annotated[str, typer.Option("--format", help="table, md or csv.")] = "table",
    everything: Annotated[bool, typer.Option("--all", help="Every line, and every key of a line.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of the screen.")] = None,
) -> None:
    """Where values differ from those of the game itself, as City of Data exports it. Writes nothing but --out."""
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.crosschecking import cross_checked, realms_to_compare
    from mids_assets.commands.show_crosscheck import require_format, show_cross_check
    from mids_assets.progress import listening

    require_format(file_format)
    settings = Settings.from_env()
    ours, theirs = realms_to_compare(settings, realm, against)
    with Bars(quiet=False) as bars, listening(bars.show):
        found = cross_checked(settings, ours, theirs, release)
    show_cross_check(found, file_format, everything=everything, out=out)
