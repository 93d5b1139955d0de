"""Arguments of `mids upgrade`. Does not belong here: the work (upgrading.py)."""

from __future__ import annotations

import typer

from mids_assets.settings import Settings

app = typer.Typer()


@app.command("upgrade")
def upgrade() -> None:
    """Bring an installation to this version: the server's data, our revisions, Dagster's storage; backups first."""
    from mids_assets.commands.bars import Bars
    from mids_assets.commands.upgrading import all_upgraded
    from mids_assets.progress import listening

    with Bars(quiet=False) as bars, listening(bars.show):
        for sentence in all_upgraded(Settings.from_env()):
            typer.echo(sentence)
