"""From a declared record and an alias table to the types a JSON record must have.

`build_model` derives one tree: which keys an object may hold, of which type, which of them must be there. The fast
decoder (msgspec structs) and the exact reader (`readers.json_exact`) both come from it, so that they cannot differ
in what they accept.
Does not belong here: decoding, frames, names of concrete keys (`readers.shapes`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import UNSET

from mids_assets.readers.layout import Field, Record, Wire
from mids_assets.readers.layouts.enhdb import ENHDB
from mids_assets.readers.layouts.i12 import I12
from mids_assets.readers.layouts.recipe import RECIPE
from mids_assets.readers.layouts.small import SALVAGE
from mids_assets.readers.shapes import SHAPES, Formula, Key, Pairs, Parallel, Shape

INT32 = (-(2**31), 2**31 - 1)
INT64 = (-(2**63), 2**63 - 1)
_SCALARS: Mapping[str, Any] = {
    "string": str,
    "i32": Annotated[int, msgspec.Meta(ge=INT32[0], le=INT32[1])],
    # Without bounds of its own: msgspec takes no bound that needs all 64 bits, the exact reader checks them.
    "i64": int,
    "f32": float,
    "f64": float,
    "bool": bool,
}


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
    """An array with one value per item."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A key that carries nothing of its own; `unknown` = not in the alias table either, only counted."""

    unknown: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """One JSON object: `keys` maps key -> what lies there, `attributes` key -> attribute of `struct`.

    `record` is the declared record (None for an object of formulas), `path` the canonical place in the root record
    such as `effects[].`, `names` key -> canonical name shown in failures.
    """

    record: Record | None
    path: str
    keys: Mapping[str, Node]
    names: Mapping[str, str]
    required: frozenset[str]
    nullable: frozenset[str]
    attributes: Mapping[str, str]
    struct: type[msgspec.Struct]
    nested: tuple[tuple[str, bool, Model], ...] = ()
    """(attribute, is a list, model) of the objects inside."""
    unknown: tuple[tuple[str, str], ...] = ()
    """(attribute, path) of the keys that are only counted."""
    parallels: tuple[tuple[str, Parallel], ...] = ()


Node = Scalar | ListOf | Fixed | Ignored | Model


@dataclass(slots=True)
class _Draft:
    keys: dict[str, Node] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    nullable: set[str] = field(default_factory=set)
    parallels: list[tuple[str, Parallel]] = field(default_factory=list)

    def add(self, key: str, node: Node, name: str) -> None:
        self.keys[key] = node
        self.names[key] = name

    def finish(self, record: Record | None, path: str) -> Model:
        # Declared keys get the same attribute in every model of a shape, whatever was learned: structs of several
        # models may end in one frame.
        attributes = {
            key: f"x{key.encode(errors='surrogatepass').hex()}"
            if isinstance(node, Ignored) and node.unknown
            else f"k{number}"
            for number, (key, node) in enumerate(self.keys.items())
        }
        fields = []
        for key, node in self.keys.items():
            kind = _python_type(node)
            if key in self.nullable:
                kind = kind | None
            fields.append((attributes[key], kind) if key in self.required else (attributes[key], kind, UNSET))
        struct = msgspec.defstruct(
            f"{record.name if record else 'formulas'}_json",
            fields,
            rename={attribute: key for key, attribute in attributes.items()},
            forbid_unknown_fields=True,
            kw_only=True,
            # The objects form a tree: nothing for the garbage collector to find.
            gc=False,
        )
        nested = []
        for key, node in self.keys.items():
            inner = node.item if isinstance(node, ListOf) else node
            if isinstance(inner, Model):
                nested.append((attributes[key], isinstance(node, ListOf), inner))
        unknown = tuple(
            (attributes[key], path + key)
            for key, node in self.keys.items()
            if isinstance(node, Ignored) and node.unknown
        )
        return Model(
            record, path, self.keys, self.names, frozenset(self.required), frozenset(self.nullable),
            attributes, struct, tuple(nested), unknown, tuple(self.parallels),
        )  # fmt: skip


def _python_type(node: Node) -> Any:
    if isinstance(node, Scalar):
        if node.wire not in _SCALARS:
            raise ValueError(f"{node.wire} has no JSON type")
        return _SCALARS[node.wire]
    if isinstance(node, ListOf):
        return list[_python_type(node.item)]
    if isinstance(node, Fixed):
        return tuple[tuple(_python_type(item) for item in node.items)]  # type: ignore[misc]
    if isinstance(node, Model):
        return node.struct
    return msgspec.Raw


@lru_cache(maxsize=256)
def build_model(shape: str, entity: str, extra: frozenset[tuple[str, str]] = frozenset()) -> Model:
    """The model of one entity in one shape; `extra` are (path, key) of unknown keys to be counted, not refused."""
    records, root = RECORDS[entity]
    return _model(SHAPES[shape], records, records[root], "", extra)


def _model(shape: Shape, records: Mapping[str, Record], record: Record, path: str, extra) -> Model:
    draft = _Draft()
    for item in record:
        place = shape.place(record.name, item.name)
        if isinstance(place, Key):
            draft.add(place.key, _node(shape, records, item, path, extra), item.name)
            # A field that the wire holds only under a condition is null, or absent, without it.
            optional = bool(item.when or item.optional_at_end)
            if optional or (record.name, item.name) in NOT_STORED:
                draft.nullable.add(place.key)
            if not optional and not shape.defaults:
                draft.required.add(place.key)
        elif isinstance(place, Pairs):
            inner = records[str(item.record)]
            draft.add(place.key, ListOf(Fixed(tuple(Scalar(part.wire) for part in inner))), item.name)
        elif isinstance(place, Parallel):
            for key, part in zip(place.keys, records[str(item.record)], strict=True):
                draft.add(key, ListOf(Scalar(part.wire)), f"{item.name}.{part.name}")
            draft.parallels.append((item.name, place))
        elif isinstance(place, Formula) and place.holder not in draft.keys:
            draft.add(place.holder, _formulas(shape, record, place, path, extra), "expressions")
            draft.add(place.older, Scalar("string"), "magnitude_expression")
    for key in sorted(shape.ignored(record.name)):
        draft.add(key, Ignored(), key)
    for where, key in sorted(extra):
        if where == path and key not in draft.keys:
            draft.add(key, Ignored(unknown=True), key)
    return draft.finish(record, path)


def _formulas(shape: Shape, record: Record, place: Formula, path: str, extra) -> Model:
    draft = _Draft()
    for item in record:
        other = shape.place(record.name, item.name)
        if isinstance(other, Formula) and other.holder == place.holder:
            draft.add(other.key, Scalar("string"), item.name)
    path += f"{place.holder}."
    for where, key in sorted(extra):
        if where == path and key not in draft.keys:
            draft.add(key, Ignored(unknown=True), key)
    return draft.finish(None, path)


def _node(shape: Shape, records: Mapping[str, Record], item: Field, path: str, extra) -> Node:
    if item.wire == "record":
        return _model(shape, records, records[str(item.record)], f"{path}{item.name}.", extra)
    if item.wire != "array":
        return Scalar(item.wire)
    if item.item == "record":
        return ListOf(_model(shape, records, records[str(item.record)], f"{path}{item.name}[].", extra))
    if item.item is None:
        raise ValueError(f"{item.name}: an array without an item type")
    return ListOf(Scalar(item.item))
