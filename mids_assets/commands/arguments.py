"""Options that several commands share, and what they do with them. Imports nothing that is slow.

Does not belong here: a command.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from mids_assets.commands.outcome import Outcome
from mids_assets.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Realm = Annotated[str | None, typer.Option("--realm", help="Realm (default: the first of MIDS_REALMS).")]


def realm_of(settings: Settings, named: str | None) -> str:
    return settings.require_realm(named) if named else settings.realms[0]


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def show_outcome(outcome: Outcome, as_json: bool) -> None:
    """Show what an import came to, and end with its exit code."""
    from mids_assets.commands.show import show_import

    if as_json:
        print_json(outcome.as_json())
    else:
        show_import(outcome)
    raise typer.Exit(outcome.exit_code)
