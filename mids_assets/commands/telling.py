"""What a command says on stderr: for a person as text, for a log as lines of JSON (MIDS_LOG_FORMAT).

Does not belong here: results, which go to stdout.
"""

from __future__ import annotations

import logging
import os

import typer

from mids_assets.errors import UserError
from mids_assets.logs import as_json
from mids_assets.redaction import redact
from mids_assets.settings import log_format

log = logging.getLogger(__name__)


def tell(text: str) -> None:
    """Something that a person may want to know."""
    if as_json():
        log.info(text)
    else:
        typer.echo(text, err=True)


def tell_error(text: str) -> None:
    """Why the command ends. Never raises, also where MIDS_LOG_FORMAT is what is wrong."""
    try:
        wanted = log_format(os.environ)
    except UserError:
        wanted = "text"
    if wanted == "json":
        log.error(text)
    else:
        typer.echo(f"mids: {redact(text)}", err=True)


def without_usage_text(app: typer.Typer) -> None:
    """Run the command; what is wrong with its arguments is one line, and not a text of several."""
    try:
        code = app(standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        # The library keeps the class of its usage errors to itself; they state an exit code and a message.
        message, code = getattr(error, "format_message", None), getattr(error, "exit_code", None)
        if message is None or code is None:
            raise
        tell_error(" ".join(message().split()))
    raise SystemExit(code if isinstance(code, int) else 0)
