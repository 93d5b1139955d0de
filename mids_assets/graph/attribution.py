"""Who launched a run: written into its tags when it is launched, read from them by its steps.

Does not belong here: where the name comes from (`automation.run_coordinator`, `commands`), the audit table.
"""

from __future__ import annotations

import typing

import dagster as dg

from mids_assets.graph.keys import TAG_LAUNCHED_BY, TAG_USER
from mids_assets.warehouse.audit import Actor, Origin, this_person

LONGEST_NAME = 200


def requester(name: str | None) -> Actor:
    """Whom a request of the web UI is from; `name`: that of the login, where the proxy handed one on."""
    if name and name.strip():
        return Actor(printable_name(name), "ui")
    return Actor(this_person(), "ui_anonymous")


def printable_name(name: str) -> str:
    """A name as it can stand in a line of text."""
    return "".join(letter if letter.isprintable() else "?" for letter in name.strip())[:LONGEST_NAME]


def actor_tags(actor: Actor) -> dict[str, str]:
    return {TAG_USER: actor.who, TAG_LAUNCHED_BY: actor.origin}


def launcher(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> Actor | None:
    """Who launched the run of a step; None for a run inside a process that says nothing of itself."""
    who, origin = context.run.tags.get(TAG_USER), context.run.tags.get(TAG_LAUNCHED_BY)
    if who is None or origin not in typing.get_args(Origin):
        return None
    return Actor(who, typing.cast("Origin", origin))
