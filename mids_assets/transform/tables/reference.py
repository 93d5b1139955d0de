"""The small tables, with what their names lead to."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION, frame_schema
from mids_assets.model.table import Reference, Table
from mids_assets.model.tables import TABLES
from mids_assets.transform.hashing import ChildrenHash, row_hash
from mids_assets.transform.tables.plan import Context

_CHILD = "attribute_modifier"


def reference_batches(context: Context) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each reference table whole; children before their parent."""
    values = context.frames.reference(_CHILD).collect()
    child = TABLES[_CHILD]
    values_frame = values.select(child.own)
    yield _CHILD, values_frame
    for table in TABLES.of_asset("reference"):
        if table.kind == "child":
            continue
        frame = context.frames.reference(table.name).collect()
        frame = frame.with_columns(_reference(table, reference, frame, context) for reference in table.references)
        frame = frame.with_columns(row_hash(table, frame))
        if TABLES.children(table.name):
            places = frame.select(SOURCE_POSITION, pl.int_range(pl.len()).alias("parent"))
            parents = values.join(places, on=SOURCE_POSITION, how="left", maintain_order="left").get_column("parent")
            hashes = ChildrenHash((child,), frame.height)
            hashes.add(child, values_frame, parents)
            frame = frame.with_columns(hashes.result())
        yield table.name, frame.select(list(frame_schema(table, TABLES)))


def _reference(table: Table, reference: Reference, frame: pl.DataFrame, context: Context) -> pl.Series:
    if (table.name, reference.name) == ("power_replacement", "new_power"):
        return _new_powers(frame, context)
    written = frame.get_column(reference.raw or reference.name)
    return context.names.resolve(reference.target, written).alias(reference.name)


def _new_powers(frame: pl.DataFrame, context: Context) -> pl.Series:
    """Index replacements name the successor by its static index (the first power with it counts).

    Names of another server stand second in their file, and the name in front is the one in this database: that is the
    power which the line leads to here.
    """
    wanted = frame.filter(pl.col("kind") == "index").get_column("new").cast(pl.Int32, strict=False)
    indexes = context.frames.scan("power").select("static_index").collect().to_series()
    keys = context.frames.keys("power").to_series()
    known = pl.DataFrame({"index": indexes, "key": keys}).filter(pl.col("index").is_in(wanted.implode()))
    by_index = known.unique("index", keep="first", maintain_order=True)
    numbers = frame.select(pl.col("new").cast(pl.Int32, strict=False).alias("index"))
    indexed = numbers.join(by_index, on="index", how="left", maintain_order="left").get_column("key")
    named = context.names.resolve("power", frame.get_column("old"))
    return indexed.zip_with(frame.get_column("kind") == "index", named).alias("new_power")
