"""Made-up canonical records, ways to write them as JSON, and the rows they must become. Only for tests."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import numpy as np

from mids_assets.readers.json_model import RECORDS
from mids_assets.readers.layout import Field, Record

TEXTS = [
    "",
    "a",
    'say "{hi}"',
    "back\\slash\\",
    "}{][,:",
    "é日本𝄞",
    "tab\tline\nend\r",
    '\\\\"',
    "\u2028",
    "Class_Blaster",
]
FLOATS = [0.0, -0.0, 1.0, 0.1, -1.0, 30.0000019, 1e-40, 3.4028234663852886e38, 0.30000001192092896, 62.5615, 2e10, 7]
INTEGERS = [0, 1, -1, 2**31 - 1, -(2**31), 46, 1000]


def make(seed: int, entity: str) -> dict[str, Any]:
    """A record of the entity under its canonical keys; the same for the same seed."""
    records, root = RECORDS[entity]
    return _record(Random(seed), records, records[root])


def _record(random: Random, records, record: Record) -> dict[str, Any]:
    value = {field.name: _value(random, records, field) for field in record if not field.when}
    for field in record:
        if field.when:
            earlier, _, wanted = field.when
            value[field.name] = _value(random, records, field) if value[earlier] == wanted else None
    return value


def _value(random: Random, records, field: Field) -> Any:
    if field.wire == "record":
        return _record(random, records, records[str(field.record)])
    if field.wire == "array":
        item = Field("item", field.item or "string", field.record)
        return [_value(random, records, item) for _ in range(random.choice((0, 0, 1, 2)))]
    if field.wire in ("f32", "f64"):
        return random.choice(FLOATS)
    if field.wire == "bool":
        return random.random() < 0.5
    return random.choice(TEXTS if field.wire == "string" else INTEGERS)


def row(entity: str, value: dict[str, Any]) -> dict[str, Any]:
    """The row that a frame must hold for this record."""
    records, root = RECORDS[entity]
    return _row(records, records[root], value)


def _row(records, record: Record, value: dict[str, Any]) -> dict[str, Any]:
    return {field.name: _cell(records, field, value[field.name]) for field in record}


def _cell(records, field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.wire == "record":
        return _row(records, records[str(field.record)], value)
    if field.wire == "array":
        return [_cell(records, Field("item", field.item or "string", field.record), item) for item in value]
    # numpy's text of an f32 is its shortest decimal: an oracle that does not go through polars.
    return float(str(np.float32(value))) if field.wire == "f32" else value


LAYOUTS = ("compact", "lines", "pretty", "crlf", "ascii", "spread")


def dump(values: list[Any], layout: str, *, bom: bool = False) -> bytes:
    """A JSON array in one of several layouts."""
    if layout == "lines":
        text = "[\n" + ",\n".join(json.dumps(value, ensure_ascii=False) for value in values) + "\n]\n"
    elif layout in ("pretty", "crlf"):
        text = json.dumps(values, ensure_ascii=False, indent=2)
    elif layout == "spread":
        text = " [ " + " ,\n ".join(json.dumps(v, indent=1, separators=(" , ", " : ")) for v in values) + " ] \n\n"
    else:
        text = json.dumps(values, ensure_ascii=layout == "ascii", separators=(",", ":"))
    data = text.replace("\n", "\r\n").encode() if layout == "crlf" else text.encode()
    return b"\xef\xbb\xbf" + data if bom else data
