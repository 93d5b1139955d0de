"""Made-up discrepancies, and the sides that they are between, for tests of what becomes of them.

Does not belong here: comparing (unit/transform/crosscheck).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from mids_assets.transform.crosscheck.schema import COVERAGE, DISCREPANCIES, FIGURES, GROUPS, LEFT_OUT, CrossCheck
from mids_assets.transform.diff.side import Side

OURS = Side(Path(), "a" * 16, "b1", "2022.3", "2022-03-31T00:00:00+00:00")
NEXT = replace(OURS, release="b" * 16, version="2022.4", date="2022-04-30T00:00:00+00:00")
THEIRS = Side(Path(), "c" * 16, "b2", "homecoming-20250617_6916", "2025-06-17T00:00:00+00:00")


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """As `CrossCheck.discrepancies` has them."""
    return pl.DataFrame([{**dict.fromkeys(DISCREPANCIES), **row} for row in rows], schema=DISCREPANCIES)


def one(key: str = "A.B.Fire", field: str | None = "recharge_time", **more: Any) -> dict[str, Any]:
    return {"entity": "power", "key": key, "field": field, "ours": "12.0", "theirs": "120.0", "ratio": 10.0,
            "suspicion": "factor", "cause": "c1", "file": "powers/a/b/fire.json", **more}  # fmt: skip


def line(number: int, suspicion: str = "single", **more: Any) -> dict[str, Any]:
    """One of `CrossCheck.groups`."""
    keys = [f"A.B.Power{number}{letter}" for letter in "abcde"]
    return {"cause": f"c{number}", "suspicion": suspicion, "apart": None, "entity": "power", "field": f"field{number}",
            "ours": "12", "theirs": "120", "ratio": 10.0, "count": len(keys), "keys": keys,
            "file": "powers/a/b/fire.json", **more}  # fmt: skip


def found(*lines: dict[str, Any], **more: Any) -> CrossCheck:
    """A cross-check with these lines; `more`: its other frames, empty where they are not given."""
    frames = {
        "discrepancies": frame(),
        "figures": pl.DataFrame(schema=FIGURES),
        "left_out": pl.DataFrame(schema=LEFT_OUT),
        "coverage": pl.DataFrame(schema=COVERAGE),
        **more,
    }
    return CrossCheck(OURS, THEIRS, groups=pl.DataFrame(list(lines), schema=GROUPS), **frames)
