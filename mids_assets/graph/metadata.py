"""What a materialization shows: rows, bytes, seconds, memory, a preview.

Does not belong here: computing any of it, columns (`graph.columns`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import dagster as dg
import polars as pl

from mids_assets.transform.memory import peak_mib

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12
PREVIEW_WIDTH = 60


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()

    @property
    def seconds(self) -> float:
        return round(time.perf_counter() - self._started, 3)


def work(watch: Stopwatch, **more: Any) -> dict[str, Any]:
    """Seconds and peak memory of the step so far, and what else it says."""
    return {"seconds": watch.seconds, "peak_memory_mib": round(peak_mib(), 1), **more}


def rows(rows_in: int, rows_out: int, quarantined: int) -> dict[str, Any]:
    return {"rows_in": rows_in, "dagster/row_count": rows_out, "quarantined": quarantined}


def preview(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """A few rows as a Markdown table; nested and long values are cut."""
    head = frame.head(PREVIEW_ROWS)
    names = head.columns[:PREVIEW_COLUMNS]
    lines = [_line(names), _line(["---"] * len(names))]
    lines += [_line([_cell(row[name]) for name in names]) for row in head.iter_rows(named=True)]
    if len(head.columns) > len(names):
        lines.append(f"\n{len(head.columns) - len(names)} more columns")
    return dg.MetadataValue.md("\n".join(lines))


def counts(values: Mapping[str, Any], head: tuple[str, str]) -> dg.MarkdownMetadataValue:
    """Two columns of Markdown."""
    return dg.MetadataValue.md(
        "\n".join([_line(head), _line(["---"] * 2), *(_line([k, _cell(v)]) for k, v in values.items())])
    )


def _line(cells) -> str:
    return "| " + " | ".join(cells) + " |"


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    text = text if len(text) <= PREVIEW_WIDTH else text[: PREVIEW_WIDTH - 1] + "…"
    return text.replace("|", "\\|").replace("\n", " ").replace("\r", "")
