"""What a cross-check answers: its frames, and the words in them.

Does not belong here: how any of it is found.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from mids_assets.transform.diff.side import Side

FACTOR, SWAPPED, MODIFIER_TABLE = "factor", "swapped", "modifier_table"
SINGLE, SHARED, MEMBER = "single", "shared", "member"
ONLY_OURS, ONLY_THEIRS, RENAMED = "only_ours", "only_theirs", "renamed"
SUSPICIONS = (FACTOR, SWAPPED, MODIFIER_TABLE, SINGLE, SHARED, MEMBER, ONLY_OURS, ONLY_THEIRS, RENAMED)
"""The most suspicious first."""

NEVER_AUTO_UPDATE, REDIRECT = "never_auto_update", "redirect"
"""Why a power is not comparable: the planner's makers say so, or another power stands in for it in the game."""

ENTITIES = ("archetype", "powerset", "power", "power_effect", "enhancement_set", "enhancement", "attribute_modifier")

DISCREPANCIES = pl.Schema(
    {
        "entity": pl.String(),
        "key": pl.String(),
        "field": pl.String(),
        "ours": pl.String(),
        "theirs": pl.String(),
        "ratio": pl.Float64(),
        "suspicion": pl.String(),
        "cause": pl.String(),
        "apart": pl.String(),
        "file": pl.String(),
    }
)
"""One row per difference, in the order in which a maintainer works them off. `key` is spelled as ours spells it, and
`field` is empty for a row as a whole; `ours` or `theirs` is null where the key exists on the other side only. `ratio`
is theirs / ours of two numbers. `cause` is equal for rows of one line of the report. `apart` says why the power is not
comparable. `file` is the path in the export, null where only we have the key."""

GROUPS = pl.Schema(
    {
        "cause": pl.String(),
        "suspicion": pl.String(),
        "apart": pl.String(),
        "entity": pl.String(),
        "field": pl.String(),
        "ours": pl.String(),
        "theirs": pl.String(),
        "ratio": pl.Float64(),
        "count": pl.UInt32(),
        "keys": pl.List(pl.String()),
        "file": pl.String(),
    }
)
"""One row per cause, in the same order: `count` discrepancies in `keys`. `field` of effects is that of the family, such
as effects[Damage PvE].scale. Of lists, `ours` and `theirs` say what stands on this side only; of keys on one side
only, and of powers of a renamed set, the set that they are in (empty where there is none). `file` is that of the first
key."""

FIGURES = pl.Schema(
    {
        "entity": pl.String(),
        "field": pl.String(),
        "pairs": pl.UInt32(),
        "equal": pl.UInt32(),
        "rounding": pl.UInt32(),
        "convention": pl.UInt32(),
        "different": pl.UInt32(),
    }
)
"""pairs = equal + rounding + convention + different."""

LEFT_OUT = pl.Schema({"entity": pl.String(), "field": pl.String(), "reason": pl.String(), "count": pl.UInt32()})
"""How often a convention kept a difference out, and what is not comparable at all."""

COVERAGE = pl.Schema(
    {
        "entity": pl.String(),
        "key": pl.String(),
        "side": pl.String(),
        "likely": pl.String(),
        "score": pl.Float64(),
        "file": pl.String(),
    }
)
"""Keys on one side only (`side` is ours or theirs); `likely` is the key of the other side that it probably goes under
there, `score` how much speaks for it (0 to 1)."""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Two sides held against each other. The frames have the schemas above; their rows have one order whatever the
    order in the tables was."""

    ours: Side
    theirs: Side
    discrepancies: pl.DataFrame
    groups: pl.DataFrame
    figures: pl.DataFrame
    left_out: pl.DataFrame
    coverage: pl.DataFrame
