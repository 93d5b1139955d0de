"""The cross-check as Markdown: a work list, the most suspicious first, then what is on one side only, and the figures.

Bounded, so that it fits the metadata of an asset: so many lines of each suspicion, so many keys of each line.
Does not belong here: what differs, and in which order (`check.py`); terminals (`commands`).
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from mids_assets.transform.crosscheck.schema import (
    FACTOR,
    MEMBER,
    MODIFIER_TABLE,
    ONLY_OURS,
    ONLY_THEIRS,
    RENAMED,
    SHARED,
    SINGLE,
    SUSPICIONS,
    SWAPPED,
    CrossCheck,
)
from mids_assets.transform.diff.report import cell
from mids_assets.transform.diff.side import Side

LIMIT = 20
"""So many lines of each suspicion where nobody says how many."""
KEYS = 3
"""So many keys of a line, then."""
EXPLAINED = {
    FACTOR: "Exactly 10 or 100 times as much, or a part of it: a decimal point may be in the wrong place.",
    SWAPPED: "Two values of one record changed places, such as those of two damage types, or of PvE and PvP.",
    MODIFIER_TABLE: "The effect grows by another table than in the game.",
    SINGLE: "A number that differs in one power, or its copies for other classes.",
    SHARED: "The same two values in many powers: one cause, such as a rule that the game changed.",
    MEMBER: "Lists, flags and texts.",
    ONLY_OURS: "Not in the export.",
    ONLY_THEIRS: "Not in the planner.",
    RENAMED: "Only here under this key, and probably there under another.",
}


def heading(found: CrossCheck) -> list[str]:
    """Whole sentences: what is compared with what, and what that came to."""
    apart = found.discrepancies.get_column("apart").is_not_null().sum()
    comparable = found.groups.filter(pl.col("apart").is_null()).height
    said = [f"{found.ours.title} of {day(found.ours)} against {found.theirs.title} of {day(found.theirs)}"]
    lines = f"{comparable:,} line{'' if comparable == 1 else 's'}"
    said.append(f"{found.discrepancies.height - apart:,} discrepancies in {lines}.")
    if apart:
        said.append(f"Besides, {apart:,} of powers that are not comparable.")
    return said


def day(side: Side) -> str:
    """The day that a release states, such as 2022-03-31."""
    return side.date[:10] if side.date else "an unknown day"


def shown_keys(row: dict, limit: int | None) -> list[str]:
    """The keys of a line of `groups`, and how many more there are. `limit`: None = all."""
    keys = row["keys"] if limit is None else row["keys"][:limit]
    more = len(row["keys"]) - len(keys)
    return [*keys, *([f"and {more:,} more"] if more else [])]


def shown_ratio(row: dict) -> str:
    return "" if row["ratio"] is None else f"{row['ratio']:.4g}"


def markdown(found: CrossCheck, limit: int | None = LIMIT) -> str:
    """The report. `limit`: so many lines of each suspicion, and `KEYS` keys of each; None = all of both."""
    first, *more = heading(found)
    lines = [f"# {first}", "", *(f"{sentence}\n" for sentence in more), *_summary(found)]
    comparable = found.groups.filter(pl.col("apart").is_null())
    for suspicion in SUSPICIONS:
        lines += _section(found, suspicion, EXPLAINED[suspicion], comparable.filter(suspicion=suspicion), limit)
    because = "The planner's makers keep these by hand, or the game puts another power in their place."
    lines += _section(found, "Not comparable", because, found.groups.filter(pl.col("apart").is_not_null()), limit)
    lines += [*_coverage(found, limit), *_left_out(found), *_figures(found)]
    return "\n".join(lines) + "\n"


def _summary(found: CrossCheck) -> Iterator[str]:
    yield from _table(("suspicion", "lines", "discrepancies"), "lrr")
    counts = found.groups.filter(pl.col("apart").is_null()).group_by("suspicion").agg(pl.len(), pl.col("count").sum())
    by_suspicion = {suspicion: numbers for suspicion, *numbers in counts.iter_rows()}
    for suspicion in SUSPICIONS:
        if suspicion in by_suspicion:
            yield _line(suspicion, *(f"{number:,}" for number in by_suspicion[suspicion]))


def _section(found: CrossCheck, title: str, said: str, rows: pl.DataFrame, limit: int | None) -> Iterator[str]:
    if not rows.height:
        return
    yield from ("", f"## {title}", "", said, "")
    dates = f"ours, {day(found.ours)}", f"theirs, {day(found.theirs)}"
    # The long ones last: Dagster's UI breaks no line inside a cell.
    yield from _table(("entity", "field", *dates, "ratio", "times", "keys", "file"), "llllrrll")
    for row in (rows if limit is None else rows.head(limit)).iter_rows(named=True):
        keys = ", ".join(cell(key) for key in shown_keys(row, None if limit is None else KEYS))
        values = (cell(row["field"]), cell(row["ours"]), cell(row["theirs"]), shown_ratio(row))
        yield _line(row["entity"], *values, f"{row['count']:,}", keys, cell(row["file"]))
    if limit is not None and rows.height > limit:
        yield from ("", f"and {rows.height - limit:,} more lines")


def _coverage(found: CrossCheck, limit: int | None) -> Iterator[str]:
    likely = found.coverage.filter(pl.col("likely").is_not_null())
    if found.coverage.height:
        yield from ("", "## On one side only", "", *_table(("entity", "side", "keys"), "llr"))
        sides = found.coverage.group_by("entity", "side", maintain_order=True).len()
        yield from (_line(entity, side, f"{number:,}") for entity, side, number in sides.iter_rows())
    if likely.height:
        yield from ("", "Likely renames:", "", *_table(("entity", "side", "key", "there probably", "score"), "llllr"))
        for row in (likely if limit is None else likely.head(limit)).iter_rows(named=True):
            yield _line(row["entity"], row["side"], cell(row["key"]), cell(row["likely"]), f"{row['score']:.2f}")
        if limit is not None and likely.height > limit:
            yield from ("", f"and {likely.height - limit:,} more")


def _left_out(found: CrossCheck) -> Iterator[str]:
    if found.left_out.height:
        yield from ("", "## Left out, and why", "", *_table(("entity", "field", "reason", "times"), "lllr"))
        for row in found.left_out.iter_rows(named=True):
            yield _line(row["entity"], cell(row["field"]), row["reason"].replace("|", "\\|"), f"{row['count']:,}")


def _figures(found: CrossCheck) -> Iterator[str]:
    numbers = ("pairs", "equal", "rounding", "convention", "different")
    yield from ("", "## What was compared", "", *_table(("entity", "field", *numbers), "ll" + "r" * len(numbers)))
    for row in found.figures.iter_rows(named=True):
        yield _line(row["entity"], cell(row["field"]), *(f"{row[name]:,}" for name in numbers))


def _table(names: tuple[str, ...], sides: str) -> Iterator[str]:
    yield _line(*names)
    yield "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
