"""From a declared record and an alias table to the types a JSON record must have.

`build_model` derives one tree: which keys an object may hold, of which type, which of them must be there. The fast
way (an Arrow schema, `readers.json_arrow`) and the exact reader (`readers.json_exact`) both come from it, so that
they cannot differ in what they accept.
Does not belong here: decoding, frames, names of concrete keys (`readers.shapes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from mids_assets.readers.layout import Field, Record, Wire
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE
from mids_assets.readers.layouts.small import SALVAGE
from mids_assets.readers.shapes import SHAPES, Formula, FullName, Key, Named, Pairs, Parallel, Shape

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)


def _newest(family) -> Mapping[str, Record]:
    return family.layouts()[0].records


RECORDS: Mapping[str, tuple[Mapping[str, Record], str]] = {
    **{name: (_newest(I12), name) for name in ("archetype", "powerset", "power", "summoned_entity")},
    **{name: (_newest(ENHDB), name) for name in ("enhancement", "enhancement_set")},
    "recipe": (_newest(RECIPE), "recipe"),
    "salvage": (_newest(SALVAGE), "salvage"),
}
"""Entity -> (declared records of the newest layout, name of the entity's record among them)."""

NOT_STORED = {("power", "enhancement_class_ids")}
"""(record, field) that is null, not empty, where a source does not store it at all (I12 before h3)."""


@dataclass(frozen=True, slots=True)
class Scalar:
    wire: Wire


@dataclass(frozen=True, slots=True)
class ListOf:
    item: Node


@dataclass(frozen=True, slots=True)
class Fixed:
    """An array with so many values of one type."""

    item: Scalar
    size: int


@dataclass(frozen=True, slots=True)
class Free:
    """A key without a field, which may hold any JSON: `kept` in the column `extra`, or known to carry nothing."""

    kept: bool


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One JSON object: `keys` maps key -> what lies there.

    `record` is the declared record (None for an object of formulas), `path` the canonical place in the root record
    such as `effects[].`, `names` key -> canonical name shown in failures. `required` keys must be there and not be
    null, `nullable` keys may be null; of the others, where the shape has defaults, a null is a fault. `also_kept`
    are keys with a field whose value goes to `extra` as well.
    """

    record: Record | None
    path: str
    keys: Mapping[str, Node]
    names: Mapping[str, str]
    required: frozenset[str]
    nullable: frozenset[str]
    parallels: tuple[tuple[str, Parallel], ...] = ()
    named: Mapping[str, Named] = field(default_factory=dict)
    also_kept: frozenset[str] = frozenset()

    def inner(self) -> tuple[tuple[str, Model], ...]:
        """(key, model) of the objects, or lists of objects, inside."""
        found = ((key, node.item if isinstance(node, ListOf) else node) for key, node in self.keys.items())
        return tuple((key, node) for key, node in found if isinstance(node, Model))


Node = Scalar | ListOf | Fixed | Free | Model


@dataclass(slots=True)
class _Draft:
    keys: dict[str, Node] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    nullable: set[str] = field(default_factory=set)
    parallels: list[tuple[str, Parallel]] = field(default_factory=list)
    named: dict[str, Named] = field(default_factory=dict)
    also_kept: set[str] = field(default_factory=set)

    def add(self, key: str, node: Node, name: str) -> None:
        self.keys[key] = node
        self.names[key] = name

    def text(self, key: str, name: str) -> None:
        """A key of text that several fields may be made from."""
        found = self.keys.setdefault(key, Scalar("string"))
        if found != Scalar("string"):
            raise ValueError(f"the key {key} holds no text, yet {name} is made from it")
        self.names.setdefault(key, name)

    def finish(self, record: Record | None, path: str) -> Model:
        return Model(
            record, path, self.keys, self.names, frozenset(self.required), frozenset(self.nullable),
            tuple(self.parallels), self.named, frozenset(self.also_kept),
        )  # fmt: skip


@cache
def build_model(shape: str, entity: str) -> Model:
    """The model of one entity in one shape. Raises KeyError on an unknown shape or entity."""
    records, root = RECORDS[entity]
    return _model(SHAPES[shape], records, records[root], "")


def _model(shape: Shape, records: Mapping[str, Record], record: Record, path: str) -> Model:
    draft = _Draft()
    for item in record:
        place = shape.place(record.name, item.name)
        if isinstance(place, Key):
            draft.add(place.key, _node(shape, records, item, path), item.name)
            # A field that the wire holds only under a condition is null, or absent, without it.
            if item.when or item.optional_at_end or (record.name, item.name) in NOT_STORED:
                draft.nullable.add(place.key)
            elif not shape.defaults and not shape.partial:
                draft.required.add(place.key)
        elif isinstance(place, Pairs):
            inner = records[str(item.record)].fields
            if len({part.wire for part in inner}) != 1:
                raise ValueError(f"{item.name}: pairs of values of several types have no place in a column")
            draft.add(place.key, ListOf(Fixed(Scalar(inner[0].wire), len(inner))), item.name)
        elif isinstance(place, Parallel):
            for key, part in zip(place.keys, records[str(item.record)], strict=True):
                draft.add(key, ListOf(Scalar(part.wire)), f"{item.name}.{part.name}")
            draft.parallels.append((item.name, place))
        elif isinstance(place, Named):
            draft.text(place.key, item.name)
            draft.named[place.key] = place
        elif isinstance(place, FullName):
            for key in (place.group, *place.names):
                draft.text(key, item.name)
        elif isinstance(place, Formula) and place.holder not in draft.keys:
            draft.add(place.holder, _formulas(shape, record, place, path), "expressions")
            draft.add(place.older, Scalar("string"), "magnitude_expression")
    for key in sorted(shape.kept(record.name)):
        if key in draft.keys:
            draft.also_kept.add(key)
        else:
            draft.add(key, Free(kept=True), key)
    for key in sorted(shape.ignored(record.name)):
        draft.add(key, Free(kept=False), key)
    if shape.partial:
        draft.required |= shape.required(record.name)
        draft.nullable |= draft.keys.keys() - draft.required
    return draft.finish(record, path)


def _formulas(shape: Shape, record: Record, place: Formula, path: str) -> Model:
    draft = _Draft()
    for item in record:
        other = shape.place(record.name, item.name)
        if isinstance(other, Formula) and other.holder == place.holder:
            draft.add(other.key, Scalar("string"), item.name)
    return draft.finish(None, f"{path}expressions.")


def _node(shape: Shape, records: Mapping[str, Record], item: Field, path: str) -> Node:
    if item.wire == "record":
        return _model(shape, records, records[str(item.record)], f"{path}{item.name}.")
    if item.wire != "array":
        return Scalar(item.wire)
    if item.item == "record":
        return ListOf(_model(shape, records, records[str(item.record)], f"{path}{item.name}[]."))
    if item.item is None:
        raise ValueError(f"{item.name}: an array without an item type")
    return ListOf(Scalar(item.item))
