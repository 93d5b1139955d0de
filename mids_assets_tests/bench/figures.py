"""A measured stage, the goals, and the table that shows both. Does not belong here: measuring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

YARDSTICK = "json.load"
ORM = "json.load and ORM"
FIRST, UNCHANGED, CHANGED = "first import", "unchanged import", "import of 1 % changed"

AT_MOST = {"plan": 0.12, "parse, 2 workers": 0.5, FIRST: 4.5, UNCHANGED: 0.6, CHANGED: 1.5}
"""Stage -> how many times the seconds of json.load it may take."""
FASTER_THAN_ORM = 15
WORKER_MIB, PROCESS_MIB, TREE_MIB = 320, 700, 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds are those of the whole file; `share` is the part of it that a yardstick went through, 1 for a stage.

    `worker_mib` is the most that a worker of a parse took, `process_mib` any process, `tree_mib` all together.
    """

    stage: str
    seconds: float
    cpu_seconds: float
    bytes: int
    records: int
    process_mib: float
    tree_mib: float
    worker_mib: float = 0.0
    share: float = 1.0


def best(figures: Sequence[Figure]) -> Figure:
    """Of several runs of one stage the one that took the least time."""
    return min(figures, key=lambda figure: figure.seconds)


def stage_table(figures: Sequence[Figure], *, goals: bool = True) -> str:
    """One row a stage. `goals`: whether the ratios are compared with what has to be reached."""
    base = _named(figures).get(YARDSTICK)
    rows: list[tuple[str, ...]] = []
    for figure in figures:
        ratio = figure.seconds / base.seconds if base else None
        limit = AT_MOST.get(figure.stage) if goals else None
        rows.append(
            (
                figure.stage + (" *" if figure.share < 1 else ""),
                f"{figure.seconds:,.2f}",
                f"{figure.cpu_seconds:,.2f}",
                f"{figure.bytes / figure.seconds / 1e6:,.1f}",
                f"{figure.records / figure.seconds:,.0f}",
                "" if ratio is None else f"{ratio:.3f}",
                "" if ratio is None or limit is None else f"{limit:g}, {_met(ratio <= limit)}",
                f"{figure.process_mib:,.0f}",
                f"{figure.tree_mib:,.0f}",
            )
        )
    head: tuple[str, ...] = (
        *("Stage", "Seconds", "CPU s", "MB/s", "Records/s", "x json.load", "At most"),
        *("MiB a process", "MiB together"),
    )
    if not goals:
        at = head.index("At most")
        head, *rows = (line[:at] + line[at + 1 :] for line in (head, *rows))
    text = table(head, rows)
    if any(figure.share < 1 for figure in figures):
        text += "\n\n\\* measured on a part, seconds for the whole by proportion"
    return text


def goal_table(figures: Sequence[Figure]) -> str:
    """What concerns more than one stage."""
    rows = [(name, limit, reached, _met(met)) for name, limit, reached, met in _overall(figures)]
    return table(("Over all stages", "Goal", "Reached", ""), rows)


def goals_missed(figures: Sequence[Figure]) -> list[str]:
    """Names of the stages and goals that are not met, for the JSON."""
    base = _named(figures)[YARDSTICK].seconds
    slow = [f.stage for f in figures if f.seconds / base > AT_MOST.get(f.stage, float("inf"))]
    return slow + [name for name, _, _, met in _overall(figures) if not met]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown that can be read as it is, too: the first column left, figures right."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    shown = [
        "| " + " | ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in pairs) + " |"
        for pairs in (list(enumerate(zip(line, widths, strict=True))) for line in lines)
    ]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if not place else ":") for place, width in enumerate(widths)) + "|"
    return "\n".join([shown[0], rule, *shown[1:]])


def _overall(figures: Sequence[Figure]) -> list[tuple[str, str, str, bool]]:
    """(what, goal, reached, whether it is met)."""
    named = _named(figures)
    ours = [figure for figure in figures if figure.stage not in (YARDSTICK, ORM)]
    found = []
    if ORM in named and FIRST in named:
        times = named[ORM].seconds / named[FIRST].seconds
        name = "First import, times as fast as the ORM"
        found.append((name, str(FASTER_THAN_ORM), f"{times:.1f}", times >= FASTER_THAN_ORM))
    for name, limit, reached in (
        ("MiB a worker", WORKER_MIB, max(figure.worker_mib for figure in ours)),
        ("MiB a process", PROCESS_MIB, max(figure.process_mib for figure in ours)),
        ("MiB of all processes together", TREE_MIB, max(figure.tree_mib for figure in ours)),
    ):
        found.append((name, f"{limit:,}", f"{reached:,.0f}", reached <= limit))
    return found


def _named(figures: Sequence[Figure]) -> Mapping[str, Figure]:
    return {figure.stage: figure for figure in figures}


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"
