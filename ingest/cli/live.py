"""Live progress on standard error: a bar a stage, with rate and time left."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

_UNITS = {
    "parse": "files",
    "embed": "chunks",
    "publish": "rows",
    "measure": "points",
    "copy": "points",
    "compare": "rows",
    "mend": "rows",
    "read": "rows",
    "rebuild": "packs",
    "documents": "versions",
    "restore": "documents",
    "remove": "rows",
    "rewrite": "packs",
    "backup": "MiB",
    "unpack": "MiB",
    "report": "documents",
    "pictures": "chunks",
    "draw": "questions",
    "ask": "searches",
    "seek": "documents",
}


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class LiveProgress:
    """Implements `Progress`. On a terminal it draws bars; elsewhere it prints sentences only."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<8}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            _Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            disable=quiet or not console.is_terminal,
        )

    def expect(self, stage: str, more: int) -> None:
        if more == 0:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=0, unit=_UNITS.get(stage, ""))
        task = self._bars.tasks[self._tasks[stage]]
        self._bars.update(task.id, total=(task.total or 0) + more)

    def advance(self, stage: str, done: int = 1) -> None:
        if stage in self._tasks:
            self._bars.advance(self._tasks[stage], done)

    def say(self, message: str) -> None:
        if not self._quiet:
            self._console.print(message, style="yellow", highlight=False, markup=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()
