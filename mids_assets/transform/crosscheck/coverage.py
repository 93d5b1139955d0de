"""Keys that stand on one side only, and which of them are likely one thing under two names.

What speaks for it are the names of the two, and their numbers or members, in the same set. Nothing is paired by it: a
maintainer decides. Does not belong here: pairing by key (`pairing.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import product

import polars as pl

from mids_assets.transform.crosscheck.declared import Entity
from mids_assets.transform.crosscheck.findings import DIFFERENCES
from mids_assets.transform.crosscheck.pairing import FILE, KEY, Paired, parent_set
from mids_assets.transform.crosscheck.schema import COVERAGE, ONLY_OURS, ONLY_THEIRS, RENAMED
from mids_assets.transform.crosscheck.verdicts import EXACT

LIKELY = 0.75
"""From so much likeness on it is said that one thing may have two names."""
PAIRS = 1_000_000
"""Sets with more pairs than this of keys on one side only are not searched: it would take minutes."""
GROUP, SHOWN = "_group", "_shown"
"""Columns of rows on one side only: the set within which a rename is looked for, the shown name."""


def coverage(entity: Entity, paired: Paired) -> pl.DataFrame:
    """`COVERAGE` of one entity; the frames of `paired` have `GROUP`, `SHOWN` and what `entity` says of renames."""
    found = dict[str, tuple[str, float]]()
    back = dict[str, tuple[str, float]]()
    for score, ours, theirs in sorted(_candidates(entity, paired), key=lambda one: (-one[0], one[1:])):
        if ours not in found and theirs not in back:
            found[ours], back[theirs] = (theirs, score), (ours, score)
    frames = []
    for side, rows, likely in (("ours", paired.ours, found), ("theirs", paired.theirs, back)):
        keys = rows[KEY].to_list()
        file = rows[FILE].to_list() if FILE in rows.columns else [None] * len(keys)
        told = [
            (entity.name, key, side, *likely.get(key, (None, None)), path) for key, path in zip(keys, file, strict=True)
        ]
        frames.append(pl.DataFrame(told, schema=COVERAGE, orient="row"))
    return pl.concat(frames)


def moved(covered: pl.DataFrame) -> dict[str, str]:
    """Folded keys of ours -> those of theirs that they likely go under there."""
    likely = covered.filter((pl.col("side") == "ours") & pl.col("likely").is_not_null())
    return {key.lower(): other.lower() for key, other in likely.select("key", "likely").iter_rows()}


def as_differences(covered: pl.DataFrame) -> pl.DataFrame:
    """The rows as `DIFFERENCES` with `suspicion`; a likely rename is one row. What stands on one side only has the set
    it is in as its cause."""
    ours = (pl.col("side") == "ours") & pl.col("likely").is_null()
    theirs = (pl.col("side") == "theirs") & pl.col("likely").is_null()
    renamed = covered.filter((pl.col("side") == "ours") & pl.col("likely").is_not_null())
    paths = covered.filter(pl.col("side") == "theirs").select("entity", likely="key", _path="file")
    renamed = renamed.join(paths, on=["entity", "likely"], how="left", maintain_order="left").with_columns(file="_path")
    key, likely, nothing = pl.col("key"), pl.col("likely"), pl.lit(None, pl.String)
    here, there = parent_set(key), parent_set(likely)
    # Powers of a set that was renamed as a whole are one line.
    whole_set = here != there

    def told(rows: pl.DataFrame, suspicion: str, mine: pl.Expr, yours: pl.Expr, **cause: pl.Expr) -> pl.DataFrame:
        return rows.with_columns(
            field=pl.lit(""), family=pl.lit(""), ours=mine, theirs=yours,
            a=pl.lit(None, pl.Float64), b=pl.lit(None, pl.Float64), measure=nothing,
            stem=pl.lit(""), apart=nothing, suspicion=pl.lit(suspicion), **cause,
        ).select(*DIFFERENCES.names(), "suspicion")  # fmt: skip

    return pl.concat(
        [
            told(covered.filter(ours), ONLY_OURS, key, nothing, before=here, after=nothing),
            told(covered.filter(theirs), ONLY_THEIRS, nothing, key, before=nothing, after=here),
            told(
                renamed,
                RENAMED,
                key,
                likely,
                before=pl.when(whole_set).then(here).otherwise(key),
                after=pl.when(whole_set).then(there).otherwise(likely),
            ),
        ]
    )


def _candidates(entity: Entity, paired: Paired) -> Iterator[tuple[float, str, str]]:
    """(score, our key, their key) of all that are likely enough."""
    members = [entity.members] if entity.members else []
    columns = [GROUP, KEY, SHOWN, *members, *entity.alike]
    groups = paired.ours.select(columns).partition_by(GROUP, as_dict=True, maintain_order=True)
    others = paired.theirs.select(columns).partition_by(GROUP, as_dict=True, maintain_order=True)
    content = _common if entity.members else _share
    for group in groups.keys() & others.keys():
        if groups[group].height * others[group].height > PAIRS:
            continue
        for mine, yours in product(groups[group].iter_rows(), others[group].iter_rows()):
            inside = content(mine[3:], yours[3:]) if len(columns) > 3 else None
            # Names cost most, and can add no more than 1.
            if inside is not None and (1 + inside) / 2 < LIKELY:
                continue
            names = _names(mine, yours)
            score = round(names if inside is None else (names + inside) / 2, 3)
            if score >= LIKELY:
                yield score, mine[1], yours[1]


def _names(mine: tuple, yours: tuple) -> float:
    """How alike the names are: the last part of the key, or the shown one."""
    last = (row[1].rpartition(".")[2].lower().replace("_", " ") for row in (mine, yours))
    shown = ((row[2] or "").strip().lower() for row in (mine, yours))
    return max(_alike(*last), _alike(*shown))


def _alike(a: str, b: str) -> float:
    # ratio() depends on the order of its arguments.
    return max(SequenceMatcher(None, *pair).ratio() for pair in ((a, b), (b, a))) if a and b else 0.0


def _share(mine: Sequence, yours: Sequence) -> float:
    """Share of equal numbers among those that say something."""
    told = [(a, b) for a, b in zip(mine, yours, strict=True) if a or b]
    equal = sum(a is not None and b is not None and abs(a - b) <= EXACT * max(abs(a), abs(b)) for a, b in told)
    return equal / len(told) if told else 0.0


def _common(mine: Sequence, yours: Sequence) -> float:
    """Share of members that both lists have among all of both."""
    these, those = ({name.lower() for name in names} for (names,) in (mine, yours))
    return len(these & those) / len(these | those) if these or those else 0.0
