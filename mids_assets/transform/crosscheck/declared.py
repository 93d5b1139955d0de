"""What it takes to declare a compared field: its kind, and which differences are none.

Does not belong here: the fields themselves (`fields.py`, `list_fields.py`, `effect_fields.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import polars as pl

from mids_assets.model.table import NATURAL_KEY

NOT_STATED = "One of the two sources does not state it."
_ONE_SET, _NO_COPIES = pl.lit(""), pl.col(NATURAL_KEY)

Kind = Literal["number", "choice", "flags", "yes_no", "text", "names"]
"""number: within the tolerance. choice, flags: members of an enumeration, by their numbers. text: without blanks
around it. names: a list whose order and letter case mean nothing."""


@dataclass(frozen=True, slots=True)
class Convention:
    """`holds`: whether a difference is none, over our columns and theirs; `needs` names columns beside the field's."""

    reason: str
    holds: pl.Expr
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    column: str
    kind: Kind
    conventions: tuple[Convention, ...] = ()
    fold: bool = False
    """Of texts: whether letter case means nothing."""
    measure: str = ""
    """Numbers of one measure in one record can be exchanged; without one it is the column's unit."""


@dataclass(frozen=True, slots=True)
class Entity:
    """`name` is its table. `only` says which of our rows can be compared, `because` why the others cannot."""

    name: str
    key: str
    fields: tuple[Field, ...]
    shown: str = "display_name"
    within: pl.Expr = _ONE_SET
    """Over the natural key: the set within which a likely rename is looked for."""
    copies: pl.Expr = _NO_COPIES
    """Over the natural key: equal for copies of one thing across classes."""
    alike: tuple[str, ...] = ()
    """Numbers that speak for a likely rename where they are equal."""
    members: str = ""
    """A list (`lists.py`) that speaks for a likely rename where much of it is the same."""
    in_categories: bool = False
    """Whether keys begin with a category; exports leave most of them out."""
    derived: tuple[pl.Expr, ...] = ()
    """Columns that are compared in another form than they are stored in."""
    only: pl.Expr | None = None
    because: str = ""


def compared(entity: Entity, lacks: Collection[str]) -> tuple[Field, ...]:
    """The fields without those that a source does not have, which are named as `table.column`, of lists as `table`."""
    return tuple(
        field for field in entity.fields if f"{entity.name}.{field.column}" not in lacks and field.column not in lacks
    )
