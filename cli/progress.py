"""Long work as steps a person can follow: which one, since when, what is next."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lakeloop.client.waiting import Note

LONGEST_TIME = len("3600.0 s")
# A terminal writes `^C` where the cursor is: a full last line would move on, and the first one stand there twice.
RIGHT_MARGIN = 3


class Progress(Protocol):
    """Where long work reports; each step gets a function that takes the latest news of it."""

    def step(self, title: str) -> AbstractContextManager[Note]: ...


@dataclass
class Step:
    """One step of long work; times are seconds of a monotonic clock."""

    title: str
    started: float | None = None
    ended: float | None = None
    failed: bool = False
    note: str = ""

    def elapsed(self, now: float) -> float:
        if self.started is None:
            return 0
        return (now if self.ended is None else self.ended) - self.started


@contextmanager
def show_progress(console: Console, titles: Sequence[str]) -> Iterator[Progress]:
    """Progress over the named steps: live in a terminal, a line for each start and end elsewhere."""
    if not console.is_terminal:
        yield PlainProgress(console)
        return
    live = LiveProgress(titles)
    try:
        with Live(live, console=console, refresh_per_second=8):
            yield live
    finally:
        live.show_cut(console)


class PlainProgress:
    """Lines for logs: no control codes, nothing but starts and ends."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._begun = clock()

    @contextmanager
    def step(self, title: str) -> Iterator[Note]:
        step = Step(title, started=self._clock())
        self._say("start", title)
        try:
            yield lambda text: setattr(step, "note", text)
        except BaseException:
            self._say("failed", self._summary(step))
            raise
        self._say("done", self._summary(step))

    def _summary(self, step: Step) -> str:
        note = f": {step.note}" if step.note else ""
        return f"{step.title} in {step.elapsed(self._clock()):.1f} s{note}"

    def _say(self, state: str, text: str) -> None:
        self._console.print(f"[{self._clock() - self._begun:6.1f} s] {state:6} {text}", markup=False, soft_wrap=True)


class LiveProgress:
    """A table that redraws itself: what is done, what runs since when, what is next."""

    def __init__(self, titles: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = [Step(title) for title in titles]
        self._clock = clock
        # One spinner for all frames: it keeps the time of its own animation.
        self._spinner = Spinner("dots")

    @contextmanager
    def step(self, title: str) -> Iterator[Note]:
        step = self._planned(title)
        step.started = self._clock()
        try:
            yield lambda text: setattr(step, "note", text)
        except BaseException:
            step.failed = True
            raise
        finally:
            step.ended = self._clock()

    def _planned(self, title: str) -> Step:
        for step in self._steps:
            if step.title == title and step.started is None:
                return step
        self._steps.append(Step(title))
        return self._steps[-1]

    def show_cut(self, console: Console) -> None:
        """Print in full what the panel had no room for: addresses and commits are there to be copied."""
        room = console.width - RIGHT_MARGIN - sum((1, self._title_width, LONGEST_TIME, 3 * len(" ")))
        for step in self._steps:
            if cell_len(step.note) > room:
                console.print(f"{step.title}: {step.note}", markup=False, soft_wrap=True)

    @property
    def _title_width(self) -> int:
        return max(len(step.title) for step in self._steps)

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 1))
        table.width = options.max_width - RIGHT_MARGIN
        table.add_column(width=1)
        table.add_column(no_wrap=True, min_width=self._title_width)
        table.add_column(no_wrap=True, min_width=LONGEST_TIME, justify="right")
        # News of a step takes what room is left, so that a narrow terminal cuts nothing else off.
        table.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
        now = self._clock()
        for step in self._steps:
            table.add_row(*self._row(step, now))
        yield table

    def _row(self, step: Step, now: float) -> tuple[RenderableType, ...]:
        if step.started is None:
            following = step is next(s for s in self._steps if s.started is None)
            return Text("·"), Text(step.title, style="dim"), Text(), Text("next" if following else "", style="dim")
        elapsed = Text(f"{step.elapsed(now):.1f} s")
        if step.failed:
            return Text("✗", style="red"), Text(step.title, style="red"), elapsed, Text(step.note)
        if step.ended is None:
            return self._spinner, Text(step.title, style="bold"), elapsed, Text(step.note)
        return Text("✓", style="green"), Text(step.title), elapsed, Text(step.note, style="dim")
