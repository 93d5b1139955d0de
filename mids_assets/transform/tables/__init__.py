"""Validated frames to logical tables: exactly `model.frames.frame_schema`, rows in order of the source.

One module per asset says what has to be computed (`plan.Plan`); everything else follows from the model. Children are
made before their parent, whose hash covers them, and batch by batch, so that memory does not grow with the release.
Does not belong here: what a single table holds, rules (`transform.rules`), files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from mids_assets.model.frames import CHILDREN_HASH, SOURCE_POSITION, frame_schema
from mids_assets.model.table import NATURAL_KEY, Table
from mids_assets.model.tables import ASSETS, TABLES
from mids_assets.transform.hashing import ChildrenHash, row_hash
from mids_assets.transform.inputs import RECORD, Frames
from mids_assets.transform.ordered import in_order
from mids_assets.transform.projection import PLACE, project
from mids_assets.transform.tables.archetypes import ARCHETYPE
from mids_assets.transform.tables.crafting import RECIPE, SALVAGE
from mids_assets.transform.tables.enhancement_sets import ENHANCEMENT_SET
from mids_assets.transform.tables.enhancements import ENHANCEMENT
from mids_assets.transform.tables.entities import SUMMONED_ENTITY
from mids_assets.transform.tables.plan import Child, Context, Plan
from mids_assets.transform.tables.powers import POWER
from mids_assets.transform.tables.powersets import POWERSET
from mids_assets.transform.tables.reference import reference_batches

_PLANS: Mapping[str, Plan] = {
    "archetype": ARCHETYPE,
    "powerset": POWERSET,
    "power": POWER,
    "summoned_entity": SUMMONED_ENTITY,
    "enhancement": ENHANCEMENT,
    "enhancement_set": ENHANCEMENT_SET,
    "recipe": RECIPE,
    "salvage": SALVAGE,
}
_ALSO_READ = {"archetype": ("power",)}
"""Frames that a derived table reads although no reference leads there."""


def frames_needed(asset: str) -> tuple[str, ...]:
    """Assets whose frames `build_tables(asset, ..)` and the rules of its tables read, itself included."""
    targets = {TABLES[r.target].asset for table in TABLES.of_asset(asset) for r in table.references}
    return tuple(name for name in ASSETS if name in targets | {asset, *_ALSO_READ.get(asset, ())})


def fields_of(table: Table) -> tuple[str, ...]:
    """Fields of the record that the rows of a child table come from; none for other tables."""
    children = _PLANS[table.asset].children if table.asset in _PLANS else ()
    return next((child.fields for child in children if child.table == table.name), ())


def build_tables(asset: str, frames: Frames) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each logical table of the asset as (name, frame), children before their parent.

    Raises `StaleBuild` where a frame is missing. Repeats left out of set-like lists are counted in `frames.dropped`.
    """
    for name, batches in build_batches(asset, frames):
        yield name, pl.concat(list(batches), rechunk=False)


def build_batches(asset: str, frames: Frames) -> Iterator[tuple[str, Iterator[pl.DataFrame]]]:
    """As `build_tables`, but each table as batches (at least one, perhaps empty) that are made while they are read.

    A table's batches that were not read are made before the next table begins: the parent's hash needs them.
    """
    context = Context(frames)
    if asset == "reference":
        yield from ((name, iter((frame,))) for name, frame in reference_batches(context))
        return
    plan, table = _PLANS[asset], TABLES[asset]
    hashes = ChildrenHash(TABLES.children(asset), frames.keys(asset).height)
    for child in plan.children:
        batches = _child_batches(asset, child, context, hashes)
        yield child.table, batches
        for _ in batches:
            pass
    yield table.name, _parent_batches(table, plan, context, hashes)


def _child_batches(asset: str, child: Child, context: Context, hashes: ChildrenHash) -> Iterator[pl.DataFrame]:
    table = TABLES[child.table]
    if child.needs and not any(context.frames.holds(asset, path) for path in child.needs):
        return iter((pl.DataFrame(schema=frame_schema(table, TABLES)),))

    def made(load: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        rows, computed = child.rows(load(), context)
        added = {str(table.parent): rows.get_column(NATURAL_KEY)}
        if PLACE in rows.columns and "position" in table.own:
            added["position"] = rows.get_column(PLACE)
        frame = project(table, rows, context.names, {**added, **computed})
        hashes.add(table, frame, rows.get_column(RECORD))
        return frame

    return in_order(made, context.frames.loaders(asset, child.fields))


def _parent_batches(table: Table, plan: Plan, context: Context, hashes: ChildrenHash) -> Iterator[pl.DataFrame]:
    schema = frame_schema(table, TABLES)
    fields = [SOURCE_POSITION, *(column.source for column in table.columns if column.source), *plan.fields]
    children = hashes.result() if CHILDREN_HASH in schema else None

    def made(load: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        batch = load()
        frame = project(table, batch, context.names, plan.computed(batch, context))
        frame = frame.with_columns(
            batch.get_column(NATURAL_KEY), batch.get_column(SOURCE_POSITION), row_hash(table, frame)
        )
        if children is not None:
            frame = frame.with_columns(children.gather(batch.get_column(RECORD)))
        return frame.select(list(schema))

    return in_order(made, context.frames.loaders(table.name, list(dict.fromkeys(fields))))


__all__ = ["build_batches", "build_tables", "frames_needed"]
