"""What a person sees of long work, in a terminal and in a log."""

import io

import pytest
from rich.console import Console

from cli.progress import LiveProgress, PlainProgress, show_progress


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def printed(progress: LiveProgress) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=100).print(progress)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_a_log_gets_one_line_for_each_start_and_end_and_no_control_codes() -> None:
    out, clock = io.StringIO(), Clock()
    progress = PlainProgress(Console(file=out, width=100), clock)

    with progress.step("terraform apply") as note:
        clock.now += 2.5
        note("10 resources")
        note("[12] resources")

    assert out.getvalue() == (
        "[   0.0 s] start  terraform apply\n[   2.5 s] done   terraform apply in 2.5 s: [12] resources\n"
    )


def test_a_failed_step_is_said_to_have_failed() -> None:
    out = io.StringIO()
    progress = PlainProgress(Console(file=out, width=100), Clock())

    with pytest.raises(ValueError, match="boom"), progress.step("build"):
        raise ValueError("boom")

    assert "failed build in 0.0 s" in out.getvalue()


def test_a_terminal_shows_what_is_done_what_runs_since_when_and_what_is_next() -> None:
    clock = Clock()
    progress = LiveProgress(["up", "apply", "drop", "predict"], clock)

    with progress.step("up") as note:
        note("3 parts")
        clock.now += 1
    with progress.step("apply") as note:
        clock.now += 4.2
        note("7 resources")
        lines = printed(progress)

    assert [line.split(maxsplit=1)[1] for line in lines] == [
        "up      1.0 s 3 parts",
        "apply   4.2 s 7 resources",
        "drop          next",
        "predict",
    ]


def test_a_console_that_is_no_terminal_gets_plain_lines() -> None:
    with show_progress(Console(file=io.StringIO()), ["a"]) as progress:
        assert isinstance(progress, PlainProgress)
