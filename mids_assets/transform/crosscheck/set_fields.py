"""Which fields of enhancement sets and of their pieces are compared, and which differences are none, with the reasons.

Does not belong here: powers and classes (`fields.py`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.transform.crosscheck.declared import Convention, Entity, Field
from mids_assets.transform.crosscheck.list_fields import ONE_WORD, SAME_WORD, with_names
from mids_assets.transform.crosscheck.lists import set_type_name
from mids_assets.transform.crosscheck.pairing import ALIASES
from mids_assets.transform.crosscheck.verdicts import theirs

_RENAMED = {"increased_range_3": "increased_range_7", "increased_range_2": "increased_range_5",
            "increased_range_1": "increased_range_3"}  # fmt: skip
"""Powers of set bonuses in the planner -> in the game; replaced in this order."""
_NO_LEVELS = Convention(
    "A set that has attuned pieces alone states levels 1 to 1 in the game, which says nothing of its pieces.",
    (theirs("level_min") == 0) & (theirs("level_max") == 0),
    needs=("level_min", "level_max"),
)
_ATTUNED = Convention(
    "A piece that is attuned has the level of its character; the planner holds 52 or -1 as its highest level.",
    pl.col("level_max").is_in([-1, 52]) | (theirs("level_min") == 0),
    needs=("level_min", "level_max"),
)

ENHANCEMENT_SET = Entity(
    "enhancement_set",
    "uid",
    (
        Field("display_name", "text"),
        *(Field(column, "number", (_NO_LEVELS,)) for column in ("level_min", "level_max")),
        Field("set_type", "text", (Convention(SAME_WORD, pl.col("set_type").replace(ONE_WORD) == theirs("set_type")),)),
        Field("enhancement", "names"),
        Field(
            "enhancement_set_bonus",
            "names",
            (
                Convention(
                    "The planner's increased_range_1, _2 and _3 are _3, _5 and _7 in the game.",
                    with_names("enhancement_set_bonus", _RENAMED),
                ),
            ),
        ),
    ),
    members="enhancement_set_bonus",
    derived=(set_type_name(pl.col("set_type")).alias("set_type"),),
)
ENHANCEMENT = Entity(
    "enhancement",
    "uid",
    (
        Field(
            "set_uid",
            "text",
            (
                Convention(
                    "One set is known under another name in the planner.",
                    pl.col("set_uid").str.to_lowercase()
                    == theirs("set_uid").str.to_lowercase().replace(ALIASES["enhancement_set"]),
                ),
            ),
            fold=True,
        ),
        Field("level_min", "number", (_ATTUNED,)),
        Field("level_max", "number", (_ATTUNED,)),
        *(Field(column, "yes_no") for column in ("unique", "superior", "is_proc")),
    ),
    shown="name",
    within=pl.col("set_uid").str.to_lowercase(),
    only=pl.col("set_uid") != "",
    because="Enhancements that belong to no set are not in the export.",
)
