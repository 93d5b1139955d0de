"""What the parts of a cross-check find, gathered before it is judged.

Does not belong here: finding (`values.py`, `effects.py`, `coverage.py`), judging (`suspicion.py`, `causes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

EQUAL, ROUNDING, DIFFERENT = "equal", "rounding", "different"
"""Verdicts on a pair of values; others are the reason of a convention."""

DIFFERENCES = pl.Schema(
    {
        "entity": pl.String(),
        "key": pl.String(),
        "field": pl.String(),
        "family": pl.String(),
        "ours": pl.String(),
        "theirs": pl.String(),
        "a": pl.Float64(),
        "b": pl.Float64(),
        "measure": pl.String(),
        "before": pl.String(),
        "after": pl.String(),
        "stem": pl.String(),
        "apart": pl.String(),
        "file": pl.String(),
    }
)
"""A difference before it is judged. `a` and `b` are the numbers; numbers of one `measure` in one record can have been
exchanged. `before` and `after` are what differs (of a list: the members of one side only). `stem` is equal for copies
of one thing, `family` for fields whose changes can have one cause."""


@dataclass(slots=True)
class Findings:
    """Frames of `DIFFERENCES` and `COVERAGE`, rows of `FIGURES` and `LEFT_OUT`."""

    differences: list[pl.DataFrame] = field(default_factory=list)
    coverage: list[pl.DataFrame] = field(default_factory=list)
    figures: list[tuple[str, str, int, int, int, int, int]] = field(default_factory=list)
    left_out: list[tuple[str, str, str, int]] = field(default_factory=list)

    def count(self, entity: str, name: str, verdicts: Mapping[str, int], reasons: Iterable[str] = ()) -> None:
        """`verdicts`: how many pairs are equal, rounding, different, or excused by one of `reasons`."""
        excused = {reason: verdicts[reason] for reason in reasons if reason in verdicts}
        equal, rounding, different = (verdicts.get(verdict, 0) for verdict in (EQUAL, ROUNDING, DIFFERENT))
        excuses = sum(excused.values())
        self.figures.append((entity, name, sum(verdicts.values()), equal, rounding, excuses, different))
        for reason, count in excused.items():
            self.leave_out(entity, name, reason, count)

    def leave_out(self, entity: str, name: str, reason: str, count: int) -> None:
        if count:
            self.left_out.append((entity, name, reason, count))


def together(frames: list[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)
