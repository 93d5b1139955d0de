"""How many names lead nowhere, which numbers have no member, which powers require each other. Counted, not refused.

For most references a name was given where its raw column holds one; what is special stands in `_GIVEN`.
Does not belong here: rules that block (`transform.rules`), resolving (`transform.names`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from mids_assets.model.enums import ENUMERATIONS
from mids_assets.model.table import Reference, Table
from mids_assets.transform.cycles import Path, find_cycles

TOP = 10

Count = tuple[str, int]

_SUMMON = (pl.col("summon") != "").fill_null(False)
_CREATES = (pl.col("effect_type") == "EntCreate").fill_null(False)
_EFFECT = {
    "summoned_entity": (_SUMMON & _CREATES, pl.col("summon")),
    "granted_power": (_SUMMON & ~_CREATES, pl.col("summon")),
}
_GIVEN: dict[str, dict[str, tuple[pl.Expr, pl.Expr]]] = {
    "power_effect": _EFFECT,
    "enhancement_effect": _EFFECT,
    # A Team condition is about a class label, no power.
    "power_effect_condition": {
        "subject_power": (
            (pl.col("kind").str.to_lowercase() != "team").fill_null(False) & pl.col("subject").is_not_null(),
            pl.col("subject"),
        )
    },
    "power_prerequisite": {"required_power": (pl.lit(True), pl.col("required_name"))},
    "enhancement": {
        # The enhancements of a DataExporter folder, which have neither of both, come without their boost powers.
        "boost_power": (
            pl.col("static_index").is_not_null() | pl.col("set_uid").is_not_null(),
            pl.format("Boosts.{}.{}", "uid", "uid"),
        ),
        "special_enhancement_type": (
            (pl.col("type_id") == "SpecialO").fill_null(False) & pl.col("sub_type_id").is_not_null(),
            pl.col("sub_type_id").cast(pl.String),
        ),
    },
    "enhancement_set_bonus": {
        "enhancement": (pl.col("kind") == "special", pl.format("{} piece {}", "enhancement_set", pl.col("row") + 1))
    },
    "power_replacement": {"new_power": (pl.lit(True), pl.when(pl.col("kind") == "index").then("new").otherwise("old"))},
}
"""Table -> reference -> (whether the row gives a name, the name)."""
_COUNTED_ELSEWHERE = {("power_prerequisite", "required_powerset")}
"""A prerequisite names a power or a powerset; which, its `kind` says. It counts once, as required_power."""


@dataclass(frozen=True, slots=True)
class UnresolvedReport:
    """Per reference that may stay open: how many rows give a name, how many of them lead nowhere, and the most
    frequent of those names. `unknown_numbers`: column -> number (flags: the bits) without a member -> rows.
    `cycles`: full names of powers, each of which requires the next, and the last one the first."""

    rows: int
    unresolved: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    top: dict[str, list[Count]] = field(default_factory=dict)
    unknown_numbers: dict[str, dict[int, int]] = field(default_factory=dict)
    cycles: list[Path] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not any(self.unresolved.values()) and not self.unknown_numbers and not self.cycles


def check_unresolved(table: Table, frame: pl.DataFrame | pl.LazyFrame) -> UnresolvedReport:
    """Count in a logical frame what its optional references and enumerations leave open."""
    lazy = frame.lazy()
    report = UnresolvedReport(lazy.select(pl.len()).collect().item())
    for reference, given, name, missing in _open_references(table):
        found = lazy.filter(given).select(name.alias("name"), missing.alias("missing")).collect()
        nowhere = found.filter("missing")
        report.given[reference] = found.height
        report.unresolved[reference] = nowhere.height
        # Frequent ones first, equal ones by name: the report must not depend on the order of hashing.
        counted = nowhere.group_by("name").len().sort("len", "name", descending=[True, False]).head(TOP)
        report.top[reference] = list(counted.iter_rows())
    for column, numbers in _unknown_numbers(table, lazy):
        if numbers:
            report.unknown_numbers[column] = numbers
    if table.name == "power_prerequisite":
        report.cycles.extend(_requirement_cycles(lazy))
    return report


def _open_references(table: Table) -> Iterator[tuple[str, pl.Expr, pl.Expr, pl.Expr]]:
    """(reference, whether a row gives a name, the name, whether it leads nowhere)."""
    for reference in table.references:
        if reference.required or reference.composite or (table.name, reference.name) in _COUNTED_ELSEWHERE:
            continue
        missing = pl.col(reference.name).is_null()
        if table.name == "power_prerequisite":
            missing = pl.col("kind").is_in(["expression", "unknown"])
        given, name = _GIVEN.get(table.name, {}).get(reference.name) or _by_raw(table, reference)
        yield reference.name, given, name, missing


def _by_raw(table: Table, reference: Reference) -> tuple[pl.Expr, pl.Expr]:
    if reference.raw is None:
        raise KeyError(
            f"{table.name}.{reference.name}: the model names no raw column, and no rule says when it is given"
        )
    raw = pl.col(reference.raw)
    return (raw != "").fill_null(False), raw


def _unknown_numbers(table: Table, lazy: pl.LazyFrame) -> Iterator[tuple[str, dict[int, int]]]:
    for column in table.columns:
        if column.enum is None or column.type != "int4":
            continue
        enumeration = ENUMERATIONS[column.enum]
        code = pl.col(column.name)
        known = [number for number, _ in enumeration.members]
        if enumeration.flags:
            mask = sum(known)
            unknown = (code - (code & mask)).alias("number")
            found = lazy.select(unknown).filter(pl.col("number") != 0)
        else:
            found = lazy.select(code.alias("number")).filter(~pl.col("number").is_in(known))
        counted = found.drop_nulls().group_by("number").len().sort("number").collect()
        yield column.name, dict(counted.iter_rows())


def _requirement_cycles(lazy: pl.LazyFrame) -> list[Path]:
    """Alternatives count like any requirement: a cycle need not keep anybody from taking the powers."""
    columns = "power", "required_power", "required_name"
    rows = lazy.filter(~pl.col("negated") & pl.col("required_power").is_not_null()).select(columns).collect()
    spelled: dict[str, str] = {}
    for _, required, name in rows.iter_rows():
        spelled.setdefault(required, name)
    found = find_cycles(rows.select(columns[:2]).iter_rows())
    return [tuple(spelled[key] for key in path) for path in found]
