"""Which fields of paired effects are compared, and which differences are none, with the reasons.

Does not belong here: which effects belong together (`effects.py`), the strength at level 50 (`strengths.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from mids_assets.transform.crosscheck.declared import Convention, Entity, Field
from mids_assets.transform.crosscheck.strengths import SAME_AT_50, SAME_TABLE, SPLIT
from mids_assets.transform.crosscheck.verdicts import theirs

FOR_EVER = 9999
"""Seconds from which on a duration says that the effect does not end."""

SKIPPED: Mapping[str, tuple[str, ...]] = {
    "Effects that only the planner has, for its own display and arithmetic.": (
        "None", "ModifyAttrib", "DropToggles", "UnsetMode", "SetCostume",
    ),
    "Modes and markers, whose numbers each build of the game gives anew.": ("SetMode", "Null", "NullBool", "Meter"),
    "Powers that take over, which are told apart as redirects.": ("PowerRedirect", "ExecutePower"),
}  # fmt: skip
"""Why effects are not compared -> their types. An effect of the game that the model has no type for has none at all."""

_EXPRESSION = Convention(
    "The game computes the value by an expression; the planner holds a number for it.",
    theirs("attrib_type") == "Expression",
    needs=("attrib_type",),
)
_TOLD_AS_SCALE = Convention(
    "Scale and magnitude are split otherwise; their product is compared as the scale.", pl.col(SPLIT)
)
_SAME_AT_50 = Convention(
    "Another modifier table with another scale comes to the same at level 50, for which the planner shows values.",
    pl.col(SAME_AT_50),
)

KIND_FIELDS = (
    *(Field(name, "text") for name in ("damage_type", "mez_type", "modifies_effect_type", "aspect", "pv_mode")),
    Field(
        "to_who",
        "text",
        (Convention("The planner leaves it open who is affected.", pl.col("to_who") == "Unspecified"),),
    ),
)
"""What, with its type, makes the kind of an effect; most are equal because effects are paired by them."""

EFFECT = Entity(
    "power_effect",
    "power",
    (
        *KIND_FIELDS,
        Field(
            "modifier_table",
            "text",
            (
                _EXPRESSION,
                Convention("The two modifier tables have the same value at level 50.", pl.col(SAME_TABLE)),
                _SAME_AT_50,
            ),
            fold=True,
        ),
        Field(
            "scale",
            "number",
            (
                _EXPRESSION,
                _SAME_AT_50,
                Convention(
                    "The scale belongs to another modifier table, which is told by itself.", ~pl.col(SAME_TABLE)
                ),
            ),
            measure="scale",
        ),
        Field("magnitude", "number", (_EXPRESSION, _TOLD_AS_SCALE, _SAME_AT_50), measure="magnitude"),
        Field(
            "duration",
            "number",
            (
                _EXPRESSION,
                Convention(
                    "9999 seconds and more say that the effect does not end.",
                    (pl.col("duration") >= FOR_EVER) & (theirs("duration") >= FOR_EVER),
                ),
            ),
        ),
        Field(
            "ticks",
            "number",
            (Convention("0 and 1 both say that it is applied once.", (pl.col("ticks") <= 1) & (theirs("ticks") <= 1)),),
            measure="ticks",
        ),
        Field(
            "base_probability",
            "number",
            (
                Convention(
                    "A chance above 1 is a certain one.",
                    (pl.col("base_probability") >= 1) & (theirs("base_probability") >= 1),
                ),
                Convention(
                    "Both state procs per minute, which replace the chance.",
                    (pl.col("procs_per_minute") > 0) & (theirs("procs_per_minute") > 0),
                    needs=("procs_per_minute",),
                ),
            ),
        ),
        Field("delayed_time", "number", measure="delayed_time"),
        Field("procs_per_minute", "number"),
    ),
)
