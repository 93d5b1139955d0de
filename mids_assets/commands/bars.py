"""Progress bars in the terminal, one per stage; nothing where there is no terminal."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from mids_assets.progress import Progress


class Bars:
    """Context manager; `show` is the listener for `progress.listening`."""

    def __init__(self, quiet: bool) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            disable=quiet,
        )
        self._tasks: dict[str, TaskID] = {}

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

    def stage(self, name: str, note: str) -> None:
        """A stage that is one unit of work: first call = begun, second = done."""
        self.show(Progress(name, int(name in self._tasks), 1, note))
