"""Which key that is gone goes on under a key that is new, and why.

Two kinds of evidence count: the table of replaced powers leads from the number of the old row to that of the new one,
or both rows have the same number (`static_index` of 0 or more, in each release on this row only) in the same powerset
or set. Numbers are given away anew: of 16 real pairs with one number and another shown name, 14 were other powers, so
another shown name is noted. Where the new side is the older release (a rollback), the table leads the other way. The
names on Cryptic's server are another server's and no evidence.
Does not belong here: comparing the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from mids_assets.model.table import NATURAL_KEY
from mids_assets.model.tables import TABLES
from mids_assets.transform.diff.columns import spell
from mids_assets.transform.diff.side import Side

NUMBER = "static_index"
ALONE = "_alone"
"""Column that says whether the row alone has its number in the whole release."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """`group` has to be the same in both rows, `shown` is the name that a player sees."""

    group: str
    shown: str


NUMBERED: Mapping[str, Numbered] = {
    "power": Numbered("powerset", "display_name"),
    "enhancement": Numbered("enhancement_set", "name"),
}
"""Tables whose rows have a number that saved builds use."""


def rename_columns(table: str) -> tuple[str, ...]:
    numbered = NUMBERED.get(table)
    return (NUMBER, numbered.group, numbered.shown) if numbered else ()


def renames(table: str, old: pl.DataFrame, new: pl.DataFrame, sides: tuple[Side, Side]) -> pl.DataFrame:
    """Columns old, new (natural keys) and evidence (JSON text). The frames hold the rows that are not the same on both
    sides, with `ALONE`."""
    if table not in NUMBERED or f"{table}.{NUMBER}" in sides[0].lacks | sides[1].lacks:
        return pl.DataFrame(schema={"old": pl.String(), "new": pl.String(), "evidence": pl.String()})
    numbered = NUMBERED[table]
    gone = old.filter(ALONE).join(new, on=NATURAL_KEY, how="anti", maintain_order="left")
    fresh = new.filter(ALONE).join(old, on=NATURAL_KEY, how="anti", maintain_order="left")
    columns = [NATURAL_KEY, NUMBER, numbered.group, numbered.shown]
    mine = gone.select(columns).rename({NATURAL_KEY: "old", numbered.group: "group_old", numbered.shown: "shown_old"})
    yours = fresh.select(columns).rename({NATURAL_KEY: "new", numbered.group: "group_new", numbered.shown: "shown_new"})
    same = mine.join(yours, on=NUMBER, maintain_order="left").filter(pl.col("group_old") == pl.col("group_new"))
    found = [
        same.with_columns(kind=pl.lit("static_index"), number=NUMBER, to=NUMBER),
    ]
    if table == "power":
        pairs = _replacements(sides)
        led = pairs.join(mine, left_on="number", right_on=NUMBER).join(yours, left_on="to", right_on=NUMBER)
        found.insert(0, led.with_columns(kind=pl.lit("power_replacement")))
    wanted = ["old", "new", "kind", "number", "to", "shown_old", "shown_new"]
    pairs = pl.concat([one.select(wanted) for one in found]).sort("old", "new", maintain_order=True)
    # Each key is renamed once; what is led to by the table goes before a number that is the same.
    pairs = pairs.sort(pl.col("kind") != "power_replacement", maintain_order=True)
    pairs = pairs.unique("old", keep="first", maintain_order=True).unique("new", keep="first", maintain_order=True)
    texts = [spell(_evidence(row)) for row in pairs.iter_rows(named=True)]
    return pairs.select("old", "new").with_columns(pl.Series("evidence", texts, dtype=pl.String))


def _evidence(row: dict) -> dict:
    same = row["shown_old"] == row["shown_new"]
    evidence = {"kind": row["kind"], "old_index": row["number"], "new_index": row["to"], "same_display_name": same}
    return evidence if same else evidence | {"display_names": [row["shown_old"], row["shown_new"]]}


def _replacements(sides: tuple[Side, Side]) -> pl.DataFrame:
    """Pairs of numbers, of either release, from the old side's to the new side's; a pair that is for one class counts
    as any other."""
    table = TABLES["power_replacement"]
    frames = [
        side.scan(table).filter(pl.col("kind") == "index").select("old", "new").collect()
        for side in reversed(sides)
        if table.name not in side.lacks
    ]
    both = pl.concat(frames) if frames else pl.DataFrame(schema={"old": pl.String(), "new": pl.String()})
    number, to = ("new", "old") if sides[1].is_older(sides[0]) else ("old", "new")
    return both.select(
        number=pl.col(number).cast(pl.Int32, strict=False), to=pl.col(to).cast(pl.Int32, strict=False)
    ).drop_nulls().unique(maintain_order=True)  # fmt: skip
