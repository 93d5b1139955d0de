"""`mids token`: a token for the read API, where nobody else issues them. Imports nothing that is slow.

Does not belong here: what a token is (api/access/tokens.py).
"""

from __future__ import annotations

from typing import Annotated

import typer

from mids_assets.errors import UserError

app = typer.Typer()
_DAY_SECONDS = 24 * 3600


@app.command("token")
def token(
    subject: Annotated[str, typer.Option("--subject", help="Who it is for; the name stands in mids.audit.")],
    role: Annotated[list[str], typer.Option("--role", help="viewer or operator; may be given twice.")],
    days: Annotated[int, typer.Option(help="So long it counts.", min=1, max=3650)] = 7,
) -> None:
    """Print a token that is signed with MIDS_API_JWT_SECRET. Whoever has it has the role, until it expires."""
    try:
        from mids_assets.api.access.tokens import signed_token
        from mids_assets.api.settings import ApiSettings
    except ModuleNotFoundError as error:
        raise UserError(
            f"mids token needs {error.name}, which is not installed: pip install 'mids-assets[api]'"
        ) from None

    typer.echo(signed_token(ApiSettings.from_env(), subject, role, days * _DAY_SECONDS))
