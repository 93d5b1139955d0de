"""Which keys of the two sides belong together, and which rows can be compared at all.

Keys are compared without case. A key of ours that the export cannot have (a category that it leaves out, a class that
nobody plays) is no finding; how many there are is counted. Does not belong here: likely renames (`coverage.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.transform.crosscheck.verdicts import THEIRS

ALIASES: Mapping[str, Mapping[str, str]] = {"enhancement_set": {"cupids_crush": "attuned_cupids_crush"}}
"""Entity -> folded key in the export -> folded key in the planner, where the two are known to be one thing."""

KEY, FILE = "_key", "_file"
"""Columns: the key as it is spelled (ours where we have it), the path in the export."""


@dataclass(frozen=True, slots=True)
class Paired:
    """`both` has our columns, and theirs with `THEIRS` behind the name; `ours` and `theirs` are the rows alone."""

    both: pl.DataFrame
    ours: pl.DataFrame
    theirs: pl.DataFrame


def pair(entity: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> Paired:
    """Both frames have `NATURAL_KEY` and `KEY`, theirs `FILE`; rows come back in order of the keys."""
    taken = set(theirs[NATURAL_KEY])
    aliases = {key: known for key, known in ALIASES.get(entity, {}).items() if known not in taken}
    theirs = theirs.with_columns(pl.col(NATURAL_KEY).replace(aliases))
    ours, theirs = ours.sort(NATURAL_KEY), theirs.sort(NATURAL_KEY)
    other = theirs.rename({name: name + THEIRS for name in theirs.columns if name not in (NATURAL_KEY, FILE)})
    return Paired(
        both=ours.join(other, on=NATURAL_KEY, how="inner", maintain_order="left"),
        ours=ours.join(theirs, on=NATURAL_KEY, how="anti", maintain_order="left"),
        theirs=theirs.join(ours, on=NATURAL_KEY, how="anti", maintain_order="left"),
    )


def files(entity: str) -> pl.Expr:
    """Path in the export of the file that a row of theirs comes from."""
    key = pl.col(NATURAL_KEY)
    match entity:
        case "power":
            return pl.format("powers/{}.json", key.str.replace_all(".", "/", literal=True))
        case "powerset":
            return pl.format("powers/{}/index.json", key.str.replace_all(".", "/", literal=True))
        case "archetype":
            return pl.format("archetypes/{}.json", key.str.strip_prefix("class_"))
        case "enhancement_set":
            return pl.format("boost_sets/{}.json", key)
        case "enhancement":
            return pl.format("boost_sets/{}.json", pl.col("set_uid").str.to_lowercase())
    raise ValueError(f"rows of {entity} have no file of their own")


def category(key: pl.Expr) -> pl.Expr:
    """The first part of a folded full name."""
    return key.str.split(".").list.first()


def parent_set(key: pl.Expr) -> pl.Expr:
    """The full name without its last part."""
    return key.str.extract(r"^(.*)\.", 1).fill_null("")


def stem(key: pl.Expr) -> pl.Expr:
    """What copies of one power across classes have in common: the names of powerset and power, without category."""
    return key.str.split(".").list.slice(1).list.join(".")
