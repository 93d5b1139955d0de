"""The lists below powers that are compared, and which differences in them are none.

Does not belong here: how a list becomes one value (`lists.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mids_assets.transform.crosscheck.declared import Convention, Field
from mids_assets.transform.crosscheck.verdicts import folded, theirs

ONE_WORD = {"FlightNoSprint": "Flight", "TeleportNoSprint": "Teleport"}
"""Types of sets for which the game has one word."""
SAME_WORD = "The game has one word for sets of flight, and of teleportation, with and without those for sprints."


def with_names(column: str, names: Mapping[str, str]) -> pl.Expr:
    """Whether the lists are equal once names at the end of our members are replaced, one after the other."""
    return folded(_replaced(pl.col(column), names)) == folded(theirs(column))


def _replaced(value: pl.Expr, names: Mapping[str, str]) -> pl.Expr:
    element = pl.element()
    for old, new in names.items():
        element = element.str.replace(rf"(?i)\b{old}$", new)
    return value.list.eval(element)


def _all_in(these: pl.Expr, those: pl.Expr) -> pl.Expr:
    return folded(these).list.set_difference(folded(those)).list.len() == 0


_UNSAID = Convention(
    "The game's condition is one that the planner has no form for: a number of powers of a kind, an account, nobody.",
    (theirs("power_expression").list.len() > 0)
    & (theirs("power_prerequisite").list.len() == 0)
    & (theirs("power_archetype_rule").list.len() == 0),
    needs=("power_expression", "power_prerequisite", "power_archetype_rule"),
)
_KEPT = Convention(
    "The planner's makers keep what this power requires as it is (never_auto_update_requirements).",
    pl.col("never_auto_update_requirements"),
    needs=("never_auto_update_requirements",),
)

POWER_LISTS = (
    Field(
        "power_allowed_set_type",
        "names",
        (Convention(SAME_WORD, with_names("power_allowed_set_type", ONE_WORD)),),
    ),
    Field(
        "power_group",
        "names",
        (
            Convention(
                "The planner adds exclusion groups of its own; those of the game are all there.",
                _all_in(theirs("power_group"), pl.col("power_group")),
            ),
        ),
    ),
    Field("power_ignored_aspect", "names"),
    Field("power_prerequisite", "names", (_UNSAID, _KEPT)),
    Field("power_archetype_rule", "names", (_UNSAID, _KEPT)),
)
