"""What a table module declares, and what it is given: the steps from an asset's records to its tables.

Does not belong here: a concrete table, running the steps (`transform.tables`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar

import polars as pl

from mids_assets.transform.inputs import RECORD, Frames
from mids_assets.transform.names import Names

T = TypeVar("T")
Computed = Mapping[str, pl.Series]


class Context:
    """Frames, lookups, and what was worked out once over all records of an asset; several threads may ask."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.names = Names(frames)
        self._shared: dict[Callable[..., Any], Any] = {}
        # What is shared may itself be made from something shared.
        self._lock = RLock()

    def shared(self, make: Callable[[Context], T]) -> T:
        """The result of `make(self)`, computed at the first call."""
        with self._lock:
            if make not in self._shared:
                self._shared[make] = make(self)
            return self._shared[make]

    def part(self, make: Callable[[Context], pl.DataFrame], batch: pl.DataFrame) -> pl.DataFrame:
        """Those rows of a shared frame (one row per record of the asset) that belong to `batch`."""
        return self.shared(make)[batch.get_column(RECORD).cast(pl.UInt32)] if batch.height else self.shared(make)[:0]

    def distinct(self, table: str, rows: pl.DataFrame, key: list[str]) -> pl.DataFrame:
        """Rows without repeats of `key` inside one record; what is left out is counted."""
        kept = rows.unique([RECORD, *key], keep="first", maintain_order=True)
        self.frames.note_dropped(table, rows.height - kept.height)
        return kept


@dataclass(frozen=True, slots=True)
class Child:
    """A child table. `fields`: what its rows need of the record.

    `rows(batch, context)` gives one row per child row, in order, with natural_key and `RECORD` of the parent and the
    fields that the model names as source, and the computed columns. The parent's key, and `position` where it is
    the place in the list, are added by the runner.
    """

    table: str
    fields: tuple[str, ...]
    rows: Callable[[pl.DataFrame, Context], tuple[pl.DataFrame, Computed]]
    needs: tuple[str, ...] = ()
    """Dotted paths of fields: where no record has a value under any of them, there are no rows. None = always look."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An entity and its children. `computed` gives the columns of the entity's table that no field holds.

    `fields` are needed beside those that the model names.
    """

    children: tuple[Child, ...] = ()
    computed: Callable[[pl.DataFrame, Context], Computed] = lambda batch, context: {}
    fields: tuple[str, ...] = field(default=())
