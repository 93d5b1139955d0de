"""Arguments of `mids notify`. Does not belong here: notifications themselves (`notify`), how they look (show.py)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from mids_assets.commands.arguments import AsJson, print_json
from mids_assets.settings import Settings

app = typer.Typer()


@app.command()
def notify(
    test: Annotated[bool, typer.Option("--test", help="Send a test notice to each of MIDS_NOTIFY_URLS.")] = False,
    limit: Annotated[int, typer.Option(help="How many of the latest notifications.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """The last notifications and whether they arrived; with --test, whether each receiver can be reached."""
    settings = Settings.from_env()
    if test:
        _test(settings, as_json)
        return
    from mids_assets.commands.show import show_notifications
    from mids_assets.notify.record import latest
    from mids_assets.warehouse.connection import connect

    with closing(connect(settings, application_name="mids notify")) as connection:
        found = latest(connection, settings.realms, limit)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        show_notifications(found)


def _test(settings: Settings, as_json: bool) -> None:
    from mids_assets.commands.show import show_receivers
    from mids_assets.errors import UserError
    from mids_assets.notify.receivers import receivers, send
    from mids_assets.notify.texts import Text

    to = receivers(settings)
    if not to:
        raise UserError("MIDS_NOTIFY_URLS is not set: give addresses such as discord://.. or mailto://.. to it")
    text = Text("mids-assets: a test", "Notices of imports will come here.")
    found = [(one.name, send(one, text)) for one in to]
    if as_json:
        print_json([{"receiver": name, "delivered": error is None, "error": error} for name, error in found])
    else:
        show_receivers(found)
    raise typer.Exit(1 if any(error for _, error in found) else 0)
