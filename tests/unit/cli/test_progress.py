"""What a person sees of long work, in a terminal and in a log."""

import io

import pytest
from rich.console import Console

from lakeloop.cli.progress import LiveProgress, PlainProgress, show_progress


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def printed(progress: LiveProgress, width: int = 100) -> list[list[str]]:
    """The words of each line."""
    out = io.StringIO()
    Console(file=out, width=width).print(progress)
    return [line.split() for line in out.getvalue().splitlines()]


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

    assert [words[1:] for words in lines] == [
        ["up", "1.0", "s", "3", "parts"],
        ["apply", "4.2", "s", "7", "resources"],
        ["drop", "next"],
        ["predict"],
    ]


def test_a_narrow_terminal_cuts_only_the_news() -> None:
    progress = LiveProgress(["terraform apply"], Clock())

    with progress.step("terraform apply") as note:
        note("a long story " * 10)
        (words,) = printed(progress, width=40)

    assert words[1:7] == ["terraform", "apply", "0.0", "s", "a", "long"]


def test_a_console_that_is_no_terminal_gets_plain_lines() -> None:
    with show_progress(Console(file=io.StringIO()), ["a"]) as progress:
        assert isinstance(progress, PlainProgress)


def in_terminal(width: int, note: str) -> list[str]:
    """The lines that stand on a terminal in the end."""
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with show_progress(console, ["drop the file"]) as progress, progress.step("drop the file") as say:
        say(note)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_news_that_were_cut_follow_in_full_on_a_line_of_their_own(width: int) -> None:
    address = "s3://landing/" + "deep/" * 40 + "a.csv"

    assert in_terminal(width, address)[-1].endswith(f"drop the file: {address}")
    assert "drop the file: short" not in "".join(in_terminal(width, "short"))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_panel_leaves_room_for_what_a_terminal_writes_at_ctrl_c(width: int) -> None:
    progress = LiveProgress(["drop the file"], Clock())
    out = io.StringIO()

    with progress.step("drop the file") as note:
        note("a long story " * 20)
        Console(file=out, width=width).print(progress)

    assert max(map(len, out.getvalue().splitlines())) + len("^C") < width
