"""The effects of paired powers: which belong together.

Planner and game list the effects of a power independently of each other, so they are paired by what they are (kind:
type, kind of damage or mez, aspect, PvE or PvP, target), and among several of one kind by closeness, then by order.
What is left is paired where all but one part of the kind and the main values are equal: there the kind differs.
MidsReborn's effects are made by hand: an effect without a counterpart is counted, not listed.
Does not belong here: the compared fields and their conventions (`effect_fields.py`).
"""

from __future__ import annotations

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.crosscheck.apart import APART
from mids_assets.transform.crosscheck.declared import compared
from mids_assets.transform.crosscheck.effect_fields import EFFECT, SKIPPED
from mids_assets.transform.crosscheck.effect_kinds import ABOUT, IDENTITY, KIND, with_kinds
from mids_assets.transform.crosscheck.findings import Findings
from mids_assets.transform.crosscheck.pairing import FILE, KEY
from mids_assets.transform.crosscheck.strengths import with_strengths
from mids_assets.transform.crosscheck.values import STEM, compare_fields, needed
from mids_assets.transform.crosscheck.verdicts import THEIRS
from mids_assets.transform.diff.side import Side

_TABLE = TABLES["power_effect"]
_ROW, _TURN = "_row", "_turn"
_ROUNDED = ("scale", "duration", "base_probability", "delayed_time")
_FIGURES = 3
"""Significant figures to which these are rounded for pairing."""
_STAGES: tuple[tuple[str, ...], ...] = (
    ("_table", "_scale", "_duration", "_base_probability", "_delayed_time", "ticks"),
    ("_table", "_scale", "_duration", "_base_probability"),
    ("_table", "_scale", "_base_probability"),
    ("_table", "_duration", "_base_probability"),
    ("_scale", "_duration", "_base_probability"),
    ("_table", "_scale", "_duration"),
    ("_table", "_base_probability"),
    ("_table", "_scale"),
    ("_scale", "_duration"),
    ("_table", "_duration"),
    ("_base_probability",),
)
"""What has to be equal beside the kind, from one stage to the next."""
_ALONE_OURS = "Effects of ours without a counterpart of their kind in the game's power."
_ALONE_THEIRS = "Effects of the game without a counterpart of their kind in our power."


def compare_effects(sides: tuple[Side, Side], powers: pl.DataFrame, findings: Findings) -> None:
    """`powers`: the pairs, with `NATURAL_KEY`, `KEY`, `FILE`, `APART` and `STEM`."""
    ours, theirs = (_read(side, powers) for side in sides)
    if ours.is_empty() and theirs.is_empty():
        return
    for reason, types in SKIPPED.items():
        findings.leave_out(_TABLE.name, "", reason, ours.filter(pl.col("effect_type").is_in(types)).height)
    skipped = pl.col("effect_type").is_in([name for types in SKIPPED.values() for name in types]).fill_null(True)
    ours, theirs = (_prepared(side.filter(~skipped)) for side in (ours, theirs))
    pairs = _of_one_kind(ours, theirs)
    pairs = pl.concat([pairs, _of_other_kind(*_without(ours, theirs, pairs))]).sort(_ROW)
    findings.leave_out(_TABLE.name, "", _ALONE_OURS, ours.height - pairs.height)
    findings.leave_out(_TABLE.name, "", _ALONE_THEIRS, theirs.height - pairs.height)
    other = theirs.rename({name: name + THEIRS for name in theirs.columns})
    both = (
        pairs.join(ours, on=_ROW, maintain_order="left")
        .join(other, on=_ROW + THEIRS, maintain_order="left")
        .join(powers.select(NATURAL_KEY, KEY, FILE, APART, STEM), left_on="power", right_on=NATURAL_KEY)
    )
    lacks = sides[0].lacks | sides[1].lacks
    compare_fields(EFFECT, with_strengths(both, sides[1]), compared(EFFECT, lacks), findings)


def _read(side: Side, powers: pl.DataFrame) -> pl.DataFrame:
    columns = dict.fromkeys(["power", "position", *IDENTITY, "summon", *needed(EFFECT.fields)])
    paired = pl.col("power").is_in(powers[NATURAL_KEY].implode())
    return side.scan(_TABLE).select(list(columns)).filter(paired).sort("power", "position").collect()


def _prepared(effects: pl.DataFrame) -> pl.DataFrame:
    """The effects with what they are paired by."""
    return (
        with_kinds(effects)
        .with_columns(
            *(pl.col(name).round_sig_figs(_FIGURES).alias(f"_{name}") for name in _ROUNDED),
            _table=pl.col("modifier_table").str.to_lowercase(),
        )
        .with_row_index(_ROW)
    )


def _of_one_kind(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Columns `_ROW` of both sides. What no stage pairs is paired in order where as many are left on both sides."""
    found = []
    for stage in _STAGES:
        pairs = _stage(ours, theirs, ["power", KIND, *stage])
        found.append(pairs)
        ours, theirs = _without(ours, theirs, pairs)
    kind = ["power", KIND]
    as_many = ours.group_by(kind).len().join(theirs.group_by(kind).len(), on=[*kind, "len"])
    ours = ours.join(as_many, on=kind, how="semi", maintain_order="left")
    theirs = theirs.join(as_many, on=kind, how="semi", maintain_order="left")
    found.append(_stage(ours, theirs, kind))
    return pl.concat(found)


def _of_other_kind(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Pairs that differ in one part of their kind, and could be no others."""
    found = []
    for part in IDENTITY[1:]:
        on = ["power", *(name for name in IDENTITY if name != part), ABOUT, "_table", "_scale", "_duration"]
        alone = pl.len().over(on) == 1
        pairs = _stage(ours.filter(alone), theirs.filter(alone), on)
        found.append(pairs)
        ours, theirs = _without(ours, theirs, pairs)
    return pl.concat(found)


def _stage(ours: pl.DataFrame, theirs: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Effects with equal values in `on`; of several the first with the first."""
    turn = pl.int_range(pl.len()).over(on).alias(_TURN)
    mine = ours.select(*on, _ROW, turn)
    yours = theirs.select(*on, pl.col(_ROW).alias(_ROW + THEIRS), turn)
    return mine.join(yours, on=[*on, _TURN], nulls_equal=True).select(_ROW, _ROW + THEIRS)


def _without(ours: pl.DataFrame, theirs: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        ours.join(pairs, on=_ROW, how="anti", maintain_order="left"),
        theirs.join(pairs, left_on=_ROW, right_on=_ROW + THEIRS, how="anti", maintain_order="left"),
    )
