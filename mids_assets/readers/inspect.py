"""Everything worth knowing about one file, for `mids inspect`: kind, layout, version, counts, first records.

A broken file gives its place of fault and the last record before it instead of an error.
Does not belong here: printing, lists and small JSON files (`readers.inspect_lists`), archives and patches
(`readers.inspect_packed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

from mids_assets.errors import FormatError, SourceError
from mids_assets.readers.binary import Part, first_fit, scan
from mids_assets.readers.binary_rows import row_to_dict
from mids_assets.readers.detect import Kind, detect
from mids_assets.readers.i12_text import power_records
from mids_assets.readers.inspect_packed import note_packed
from mids_assets.readers.json_scan import plan_chunks
from mids_assets.readers.json_structure import BOM, record_spans
from mids_assets.readers.layout import Layout, layout_fingerprint
from mids_assets.readers.layouts import FAMILIES
from mids_assets.readers.wire import from_net_date

_FIRST_BYTES = 64 * 1024
_KEYS = ("full_name", "class_name", "uid", "internal_name", "id", "display_name")
"""Fields that name a record, best first."""
_REFUSED = {
    Kind.HTML: "this is a web page, saved instead of the file itself",
    Kind.EMPTY: "the file is empty",
    Kind.I9: "a database of Issue 9: it has the magic of an old I12.mhd but other records, and nothing reads it",
    Kind.UNKNOWN: "no known kind of file",
}


@dataclass
class _Trace:
    """How far a scan came. `most`: so many first records are kept."""

    layout: Layout
    most: int
    head: dict[str, object] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    section_bytes: dict[str, int] = field(default_factory=dict)
    first: dict[str, list[object]] = field(default_factory=dict)
    last: dict[str, object] | None = None
    error: FormatError | None = None


def inspect(path: Path, records: int = 1) -> dict[str, object]:
    """Facts about a file, JSON-ready but for `date` (aware datetime or None).

    Always `file`, `bytes`, `kind`. Binary files: `layout`, `fingerprint` of its fields, `written` (first day, first day
    no longer), `version`, `date` where the kind has them, `head` (what stands once), `counts`, `section_bytes` and
    `first` (the first `records` records) per array; JSON files of records and lists: `counts` and `first`; archives
    and patches: `counts`, `section_bytes`, and of a Mids.zip also `version`, `date`, `head` and `first`, of a City of
    Data export all of these but `head`. Where something is wrong: `error` (message, offset, record, field) and, in a
    binary file, `last_good_record` (record, offset, name). OSError where the file cannot be opened.
    """
    kind = detect(path)
    facts: dict[str, object] = {"file": str(path), "bytes": path.stat().st_size, "kind": str(kind)}
    if kind in _REFUSED:
        return facts | {"error": {"message": _REFUSED[kind], "offset": None, "record": None, "field": None}}
    if kind in FAMILIES:
        return facts | _binary_facts(path, FAMILIES[kind].layouts(), records)
    if kind is Kind.CITY_OF_DATA:
        return facts | {
            "counts": {"records": 1},
            "first": {"records": [msgspec.json.decode(path.read_bytes().removeprefix(BOM))]},
        }
    if kind.startswith("exporter_") or kind in (Kind.I12_TEXT, Kind.MIDS_JSON):
        return facts | _record_facts(path, kind, records)
    try:
        if kind in (Kind.ZIP, Kind.TAR, Kind.PATCH):
            note_packed(facts, path, kind, records)
        else:
            # Its readers need Arrow and Polars, which take longer to load than most files to look at.
            from mids_assets.readers.inspect_lists import list_facts

            facts |= list_facts(path, kind, records)
    except FormatError as problem:
        facts["error"] = _error(problem)
        if problem.file not in (None, str(path)):
            facts["error"] |= {"message": f"{problem.file}: {problem.message}"}
    except SourceError as problem:
        facts["error"] = _error(FormatError(str(problem)))
    return facts


def _record_facts(path: Path, kind: Kind, most: int) -> dict[str, object]:
    """Number of records and the first ones of a file of a DataExporter folder, or of an unpacked Mids.zip."""
    facts: dict[str, object] = {}
    try:
        records, first = (_text_records if kind is Kind.I12_TEXT else _json_records)(path, most)
        facts["counts"] = {"records": records}
        if first:
            facts["first"] = {"records": [msgspec.json.decode(record) for record in first]}
    except FormatError as problem:
        facts["error"] = _error(problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        facts["error"] = _error(FormatError(f"no valid JSON: {problem}", record="0"))
    return facts


def _text_records(path: Path, most: int) -> tuple[int, list[bytes]]:
    records = power_records(path, ())
    first = list(islice(records, most))
    return len(first) + sum(1 for _ in records), first


def _json_records(path: Path, most: int) -> tuple[int, list[bytes]]:
    chunks = plan_chunks(path, _FIRST_BYTES)
    first: list[bytes] = []
    with path.open("rb") as file:
        for start, end, _ in chunks:
            if len(first) >= most:
                break
            file.seek(start)
            data = file.read(end - start)
            first += [data[low:high] for low, high in zip(*map(np.ndarray.tolist, record_spans(data)), strict=True)]
    return sum(count for _, _, count in chunks), first[:most]


def _error(problem: FormatError) -> dict[str, str | int | None]:
    return {
        "message": problem.message,
        "offset": problem.offset,
        "record": problem.record,
        "field": problem.field,
    }


def _binary_facts(path: Path, layouts: Sequence[Layout], most: int) -> dict[str, object]:
    traces: list[_Trace] = []

    def follow(layout: Layout) -> _Trace:
        traces.append(_Trace(layout, most))
        return _follow(path, traces[-1])

    error = None
    try:
        trace = first_fit(path, layouts, path, follow)
    except FormatError as problem:
        error = problem
        trace = max(traces, key=lambda one: (one.error.offset or 0) if one.error else 0)
    layout = trace.layout
    facts: dict[str, object] = {
        "layout": layout.id,
        "fingerprint": layout_fingerprint(layout),
        "written": list(layout.written),
        **_headline(trace.head),
        "counts": trace.counts,
        "section_bytes": trace.section_bytes,
        "first": trace.first,
    }
    if error is not None:
        facts["error"] = _error(error)
        facts["last_good_record"] = trace.last
    return facts


def _follow(path: Path, trace: _Trace) -> _Trace:
    try:
        for part in scan(path, trace.layout, file=path, batch=1):
            _note(trace, part)
    except FormatError as problem:
        trace.error = problem
        raise
    return trace


def _note(trace: _Trace, part: Part) -> None:
    name, layout = part.field.name, trace.layout
    if part.field.item == "record" and part.starts and isinstance(part.value, list):
        trace.counts[name] = part.count
        trace.section_bytes[name] = trace.section_bytes.get(name, 0) + part.starts[-1] - part.starts[0]
        if not part.value:
            return
        record = str(part.field.record)
        values = dict(zip([item.name for item in layout[record]], part.value[0], strict=True))
        label = next((values[key] for key in _KEYS if values.get(key)), None)
        trace.last = {"record": f"{record} {part.first}", "offset": part.starts[0], "name": label}
        if part.first < trace.most:
            trace.first.setdefault(name, []).append(row_to_dict(layout, record, part.value[0]))
    elif part.field.wire == "record" and isinstance(part.value, tuple):
        trace.head[name] = row_to_dict(layout, str(part.field.record), part.value)
    elif part.field.wire == "array" and isinstance(part.value, list):
        trace.counts[name] = len(part.value)
        if part.value:
            record = str(part.field.record) if part.field.item == "record" else None
            first = part.value[: trace.most]
            trace.first[name] = [row_to_dict(layout, record, row) if record else row for row in first]
    elif part.field.const is None:
        trace.head[name] = part.value


def _headline(head: dict[str, object]) -> dict[str, object]:
    """`version` and `date` out of the fields that stand once, and those fields."""
    header = head.get("header")
    fields = header if isinstance(header, dict) else head
    facts: dict[str, object] = {"head": fields}
    version = next((fields[key] for key in ("version", "version_f64", "version_f32") if key in fields), None)
    if version is not None:
        facts["version"] = str(version)
    stored = fields.get("date") or fields.get("revision_date")
    if isinstance(stored, int):
        try:
            facts["date"] = from_net_date(stored)
        except ValueError:
            facts["date"] = None
    return facts
