"""Which differences have one cause, and the order in which a maintainer works them off.

The same pair of values of one field in many powers is one cause; else copies of one power across classes (same names
of powerset and power, same pair of values) are one. Of lists, the members that stand on one side only are the pair.
Does not belong here: how suspicious a difference is (`suspicion.py`).
"""

from __future__ import annotations

from hashlib import blake2b

import polars as pl

from mids_assets.transform.crosscheck.schema import DISCREPANCIES, ENTITIES, GROUPS, SHARED, SINGLE, SUSPICIONS, SWAPPED

MANY = 3
"""So many things, copies counted once, share one cause when the same pair of values stands in them."""
_CAUSE_BYTES = 8
_PAIR = ["apart", "suspicion", "entity", "family", "before", "after"]


def grouped(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`rows`: differences with `suspicion`. The rows as `DISCREPANCIES`, and the `GROUPS`, both in working order."""
    things = pl.col("stem").n_unique().over(_PAIR)
    rows = rows.with_columns(_many=things >= MANY)
    rows = rows.with_columns(
        pl.when(pl.col("_many") & (pl.col("suspicion") == SINGLE))
        .then(pl.lit(SHARED))
        .otherwise("suspicion")
        .alias("suspicion"),
        _of=pl.when("_many").then(pl.lit("")).otherwise("stem"),
        ratio=pl.when(pl.col("a") != 0).then(pl.col("b") / pl.col("a")),
    )
    same = [*_PAIR, "_of"]
    text = pl.concat_str([pl.col(name).fill_null("") for name in same], separator="\n")
    rows = rows.with_columns(cause=text).with_columns(_count=pl.len().over("cause"))
    rows = _in_order(rows.with_columns(_ids(rows["cause"])))
    return rows.select(DISCREPANCIES.names()), _groups(rows)


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """What is comparable before what is not, by suspicion, what is said of most first."""
    return rows.with_columns(_first=pl.col("key").min().over("cause")).sort(
        pl.col("apart").is_not_null(),
        "apart",
        pl.col("suspicion").replace_strict(SUSPICIONS, range(len(SUSPICIONS)), return_dtype=pl.Int32),
        -pl.col("_count").cast(pl.Int64),
        pl.col("entity").replace_strict(ENTITIES, range(len(ENTITIES)), return_dtype=pl.Int32),
        "_first",
        "family",
        "cause",
        "key",
        "field",
    )


def _groups(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("cause", maintain_order=True)
        .agg(
            pl.first("suspicion", "apart", "entity"),
            field=pl.first("family"),
            ours=pl.first("before"),
            theirs=pl.first("after"),
            ratio=pl.when(pl.first("suspicion") != SWAPPED).then(pl.first("ratio")),
            count=pl.len(),
            keys=pl.col("key").unique(maintain_order=True),
            file=pl.first("file"),
        )
        .cast(GROUPS)  # type: ignore[arg-type]
        .select(GROUPS.names())
    )


def _ids(texts: pl.Series) -> pl.Series:
    """A short text for each cause, the same in every release in which the cause is the same."""
    distinct = texts.unique()
    ids = [blake2b(text.encode(), digest_size=_CAUSE_BYTES).hexdigest() for text in distinct]
    return texts.replace_strict(distinct, pl.Series(ids, dtype=pl.String), return_dtype=pl.String)
