"""Who launched a run: written into its tags when it is launched, read from them by its steps.

Does not belong here: finding out who it is (`automation.run_coordinator`, `commands`), the audit table.
"""

from __future__ import annotations

import typing

import dagster as dg

from mids_assets.graph.keys import TAG_LAUNCHED_BY, TAG_USER
from mids_assets.warehouse.audit import Actor, Origin


def actor_tags(actor: Actor) -> dict[str, str]:
    return {TAG_USER: actor.who, TAG_LAUNCHED_BY: actor.origin}


def launcher(context: dg.AssetExecutionContext) -> Actor | None:
    """Who launched the run of a step; None for a run inside a process that says nothing of itself."""
    who, origin = context.run.tags.get(TAG_USER), context.run.tags.get(TAG_LAUNCHED_BY)
    if who is None or origin not in typing.get_args(Origin):
        return None
    return Actor(who, typing.cast("Origin", origin))
