"""Progress in the terminal: bars, one per stage; as lines where the output is no terminal (a log, a pipe,
cron), of JSON where MIDS_LOG_FORMAT says so.
"""

from __future__ import annotations

import logging
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from mids_assets.logs import as_json
from mids_assets.progress import Interval, Progress

LINE_SECONDS = 10.0
log = logging.getLogger(__name__)


class Bars:
    """Context manager; `show` is the listener for `progress.listening`. With `quiet` nothing is shown at all."""

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        self._lines = not quiet and (as_json() or not console.is_terminal)
        self._bars = RichProgress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=quiet or self._lines,
        )
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._intervals: dict[str, Interval] = {}

    def __enter__(self) -> Bars:
        self._bars.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        task = self._tasks.get(progress.stage)
        if task is None:
            task = self._tasks[progress.stage] = self._bars.add_task(progress.stage, total=progress.total, note="")
        self._bars.update(task, completed=progress.done, total=progress.total, note=progress.note)
        if self._lines:
            self._line(progress)

    def stage(self, name: str, note: str) -> None:
        """A stage that is one unit of work: first call = begun, second = done."""
        self.show(Progress(name, int(name in self._tasks), 1, note))

    def _line(self, progress: Progress) -> None:
        """A line when a stage of several units ends, and now and then inside of one that takes long.

        Stages of one unit say nothing, so that a source that cannot be read leaves its one sentence alone.
        """
        if progress.total < 2 or progress.stage in self._ended:
            return
        interval = self._intervals.setdefault(progress.stage, Interval(LINE_SECONDS))
        ends = progress.done >= progress.total
        if ends:
            self._ended.add(progress.stage)
        if ends or interval.due():
            note = f"  {progress.note}" if progress.note else ""
            text = f"{progress.stage:<8} {progress.done}/{progress.total}{note}"
            if as_json():
                log.info(" ".join(text.split()))
            else:
                self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)
