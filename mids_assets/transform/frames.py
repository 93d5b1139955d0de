"""Decoded records to validated frames: what breaks a rule goes to the quarantine, whole and with its place.

Works on a whole file or on any chunk of one; rules over several records of an entity (a second record of one class)
apply within the frame that is given.
Does not belong here: decoding (`readers`), rules about single values (`frame_rules`), keys and references (`rules`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import polars as pl

from mids_assets.model.frames import SOURCE_POSITION
from mids_assets.transform.frame_rules import broken_values, prose_fields
from mids_assets.transform.quarantine import QUARANTINE_SCHEMA, Validated, quarantine_frame, record_text
from mids_assets.transform.reference_frames import validate_reference

__all__ = ["QUARANTINE_SCHEMA", "Validated", "validate_records", "validate_reference"]

SOURCE_OFFSET = "source_offset"
EXTRA = "extra"
NUL_REPLACEMENT = "\ufffd"
NO_FILES: Mapping[int, str] = MappingProxyType({})


class Failure(Protocol):
    """A record that the decoder refused (`readers.json_records.Failure`)."""

    @property
    def position(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def payload(self) -> str: ...


def validate_records(
    asset: str,
    frame: pl.DataFrame,
    failures: Iterable[Failure] = (),
    *,
    source_file: str,
    files: Mapping[int, str] = NO_FILES,
    payload: Callable[[int], str] | None = None,
) -> Validated:
    """Split `frame` (source_position, perhaps source_offset, the record's fields) into good and bad records.

    The good ones keep their order; source_offset is left out, so that every source of the same records gives the same
    frame. `failures` join the quarantine. `files` names, by source position, the file that a record is from, where not
    all are from `source_file`. `payload` gives the text of the record at a source position; without it
    the decoded record is written as JSON. NULs in texts for people occur in good files (a description of 2021 holds
    two) and are replaced by U+FFFD and counted; in an identifier or a formula they break a rule.
    """
    frame, replaced = _without_nul(asset, _with_full_names(asset, frame))
    refused: dict[int, tuple[str, bool, str, str]] = {}
    if asset == "recipe":
        refused |= _header_rows(frame)
    for row, fault in broken_values(asset, frame).items():
        refused.setdefault(row, (fault.rule, False, fault.field, fault.message))
    if asset == "archetype":
        refused |= _second_classes(frame, set(refused))
    entries = [_refused(asset, files.get(failure.position, source_file), failure) for failure in failures]
    for row, (rule, expected, field, message) in refused.items():
        record = frame.row(row, named=True)
        position, offset = record.pop(SOURCE_POSITION), record.pop(SOURCE_OFFSET, None)
        entries.append(
            {
                "entity": asset,
                "source_file": files.get(position, source_file),
                "source_position": position,
                "byte_offset": offset,
                "rule": rule,
                "expected": expected,
                "field": field,
                "message": message,
                "record": payload(position) if payload else record_text(record),
            }
        )
    good = frame.drop(SOURCE_OFFSET, strict=False)
    if refused:
        good = good.filter(~pl.int_range(pl.len()).is_in(sorted(refused)))
    return Validated(good, quarantine_frame(entries), replaced)


def _with_full_names(asset: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A powerset without a full name gets the one that the source program gives it (i12.md, quirks).

    A power without one does not: it would belong to no set, so it is refused for its missing key.
    """
    if asset != "powerset":
        return frame
    shown = pl.col("display_name").str.replace_all(" ", "_", literal=True)
    nameless = (pl.col("full_name") == "") & (shown != "")
    return frame.with_columns(
        pl.when(nameless).then(pl.format("Orphan.{}", shown)).otherwise(pl.col("full_name")).alias("full_name")
    )


def _refused(asset: str, source_file: str, failure: Failure) -> dict[str, Any]:
    return {
        "entity": asset,
        "source_file": source_file,
        "source_position": failure.position,
        "byte_offset": failure.offset,
        "rule": failure.rule,
        "expected": False,
        "field": failure.path,
        "message": failure.message,
        "record": failure.payload,
    }


def _without_nul(asset: str, frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    texts = [name for name in prose_fields(asset) if name in frame.columns]
    held = frame.select(pl.col(name).str.contains("\0", literal=True).sum() for name in texts)
    counts = {name: count for name, count in zip(texts, held.row(0), strict=True) if count} if texts else {}
    changed = [pl.col(name).str.replace_all("\0", NUL_REPLACEMENT, literal=True) for name in counts]
    if EXTRA in frame.columns:
        escaped = frame.get_column(EXTRA).str.contains("\\u0000", literal=True).sum()
        if escaped:
            counts[EXTRA] = escaped
            changed.append(pl.col(EXTRA).map_elements(_without_escaped_nul, pl.String))
    return frame.with_columns(changed), counts


def _without_escaped_nul(text: str) -> str:
    """JSON text with each NUL replaced; a backslash that is itself escaped begins no escape."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u0000", rf"\1{NUL_REPLACEMENT}", text)


def _header_rows(frame: pl.DataFrame) -> dict[int, tuple[str, bool, str, str]]:
    """The titles of a spreadsheet that was once imported together with its rows; the files still hold it."""
    titles = pl.col("internal_name").str.starts_with("#") & (pl.col("rarity") == -1)
    rows = frame.select(titles.fill_null(False).arg_true()).to_series()
    return dict.fromkeys(rows, ("header_row", True, "internal_name", "this is a spreadsheet's row of titles"))


def _second_classes(frame: pl.DataFrame, refused: set[int]) -> dict[int, tuple[str, bool, str, str]]:
    """All records of a class but the first; the source program takes the first, too."""
    seen: dict[str, int] = {}
    found = {}
    for row, (position, name) in enumerate(frame.select(SOURCE_POSITION, "class_name").iter_rows()):
        if row in refused:
            continue
        first = seen.setdefault(name.lower(), position)
        if first != position:
            found[row] = ("duplicate_class", True, "class_name", f"{name} is record {first}, and the first one counts")
    return found
