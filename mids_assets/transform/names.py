"""From a name as a record writes it to the key of the row that it means, or to null.

How a name is looked up depends on what it should be (formats i12.md, "Reference matching after loading"): mostly
without case, a powerset by its first two parts, an effect tag in its exact case first.
Does not belong here: which column names what (the model's references), choosing between two targets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock

import polars as pl

from mids_assets.transform.inputs import Frames

_Lookup = Callable[[str], "str | None"]


class Names:
    """Lookups into the frames of one build; each target is read when it is first asked for."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._lock = Lock()
        self._known = cache(self._lookup)

    def lookup(self, target: str) -> _Lookup:
        """What finds the key of a row of `target` by a name; made once, also when several threads ask."""
        with self._lock:
            return self._known(target)

    def resolve(self, target: str, raw: pl.Series) -> pl.Series:
        """Keys (String) of the rows of table `target` that the names in `raw` mean; null where there is none."""
        if raw.null_count() == raw.len():
            return pl.Series([None], dtype=pl.String).new_from_index(0, raw.len())
        lookup = self.lookup(target)
        distinct = [name for name in raw.unique().to_list() if name]
        found = {name: key for name in distinct if (key := lookup(name)) is not None}
        if not found:
            return pl.Series([None], dtype=pl.String).new_from_index(0, raw.len())
        return raw.replace_strict(
            pl.Series(list(found), dtype=pl.String),
            pl.Series(list(found.values()), dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        )

    def _lookup(self, target: str) -> _Lookup:
        keys: list[str] = self._frames.keys(target).to_series().to_list()
        folded: dict[str, str] = {}
        for key in keys:
            folded.setdefault(key.lower(), key)
        if target == "effect_tag":
            exact = frozenset(keys)
            return lambda name: name if name in exact else folded.get(name.lower())
        if target == "powerset":
            return lambda name: folded.get(powerset_of(name.lower()))
        return lambda name: folded.get(name.lower())


def powerset_of(name: str) -> str:
    """The first two parts of a dotted name."""
    return ".".join(name.split(".", 2)[:2])


def powerset_part(name: pl.Expr) -> pl.Expr:
    """`powerset_of` as an expression, in lower case."""
    return name.str.to_lowercase().str.extract(r"^([^.]*(?:\.[^.]*)?)")
