"""How `mids crosscheck` looks. Does not belong here: what differs (`transform.crosscheck`), which releases are meant
(crosschecking.py)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from mids_assets.errors import UserError
from mids_assets.transform.crosscheck.report import KEYS, LIMIT, heading, markdown, shown_keys, shown_ratio
from mids_assets.transform.crosscheck.schema import CrossCheck

EFFECTS = "power_effect"
FORMATS = ("table", "md", "csv")
_VALUE = 40
_PIPE_WIDTH = 200
"""Of what is not written to a terminal, where lines are not broken."""


def require_format(name: str) -> None:
    if name not in FORMATS:
        raise UserError(f"--format {name!r} is none of {', '.join(FORMATS)}")


def show_cross_check(found: CrossCheck, file_format: str, *, everything: bool, out: Path | None) -> None:
    """Print the outcome, or write it to `out`. `everything`: all lines with all their keys; CSV always has a row for
    each discrepancy. Raises `UserError` where the file cannot be written."""
    with _opened(out) as file:
        if file_format == "csv":
            file.write(_rows(found).write_csv())
        elif file_format == "md":
            file.write(markdown(found, limit=None) if everything else markdown(found))
        else:
            wide = None if file.isatty() else _PIPE_WIDTH
            _show_tables(found, Console(file=file, width=wide), everything)


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        with out.expanduser().open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as problem:
        raise UserError(f"{problem.filename or out}: {problem.strerror or problem}") from None


def _rows(found: CrossCheck) -> pl.DataFrame:
    """One row per discrepancy, with both releases and dates, so that a row says all by itself."""
    sides = {"our": found.ours, "their": found.theirs}
    return found.discrepancies.with_columns(
        pl.lit(getattr(side, name), pl.String()).alias(f"{whose}_{name}")
        for whose, side in sides.items()
        for name in ("release", "version", "date")
    )


def _show_tables(found: CrossCheck, console: Console, everything: bool) -> None:
    first, *more = heading(found)
    console.print(f"[bold]{escape(first)}[/]")
    for sentence in more:
        console.print(escape(sentence))
    for (apart, suspicion), lines in found.groups.group_by("apart", "suspicion", maintain_order=True):
        title = f"{suspicion} ({apart}, not comparable)" if apart else str(suspicion)
        table = Table(*_columns(), title=title, title_justify="left")
        for row in (lines if everything else lines.head(LIMIT)).iter_rows(named=True):
            table.add_row(
                escape(_what(row)),
                escape(_short(row["ours"])),
                escape(_short(row["theirs"])),
                shown_ratio(row),
                f"{row['count']:,}",
                escape("\n".join([*shown_keys(row, None if everything else KEYS), *filter(None, [row["file"]])])),
            )
        if not everything and lines.height > LIMIT:
            table.caption = f"and {lines.height - LIMIT:,} more lines (--all, or --format md or csv)"
        console.print(table)


def _columns() -> Iterator[Column]:
    for name in ("what", "ours", "theirs", "ratio", "times", "keys, and the file of the first"):
        yield Column(name, overflow="fold", justify="right" if name in ("ratio", "times") else "left")


def _what(row: dict[str, Any]) -> str:
    """Entity and field; the field of an effect says by itself what it is of."""
    parts = [row["field"]] if row["entity"] == EFFECTS and row["field"] else [row["entity"], row["field"]]
    return ".".join(filter(None, parts))


def _short(text: str | None) -> str:
    text = text or ""
    return text if len(text) <= _VALUE else text[: _VALUE - 1] + "…"
