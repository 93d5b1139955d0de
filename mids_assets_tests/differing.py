"""Made-up discrepancies, and the sides that they are between, for tests of what becomes of them.

Does not belong here: comparing (unit/transform/crosscheck).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.transform.diff.side import Side

OURS = Side(Path(), "a" * 16, "b1", "2022.3", "2022-03-31T00:00:00+00:00")
NEXT = replace(OURS, release="b" * 16, version="2022.4", date="2022-04-30T00:00:00+00:00")
THEIRS = Side(Path(), "c" * 16, "b2", "homecoming-20250617_6916", "2025-06-17T00:00:00+00:00")
SCHEMA = {
    **dict.fromkeys(("entity", "key", "field", "ours", "theirs"), pl.String()),
    "ratio": pl.Float64(),
    **dict.fromkeys(("suspicion", "cause", "apart", "file"), pl.String()),
}


def frame(*found: dict[str, Any]) -> pl.DataFrame:
    """As `CrossCheck.discrepancies` has them."""
    return pl.DataFrame([{**dict.fromkeys(SCHEMA), **one} for one in found], schema=SCHEMA)


def one(key: str = "A.B.Fire", field: str | None = "recharge_time", **more: Any) -> dict[str, Any]:
    return {"entity": "power", "key": key, "field": field, "ours": "12.0", "theirs": "120.0", "ratio": 10.0,
            "suspicion": "factor", "cause": "c1", "file": "powers/a/b/fire.json", **more}  # fmt: skip
