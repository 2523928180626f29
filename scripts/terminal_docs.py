"""docs/terminal.md: what the commands show, drawn by their own views from recorded answers."""

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from lakeloop import project
from lakeloop.cli.commands.drop import tell
from lakeloop.cli.commands.status import Status
from lakeloop.cli.exit_codes import MEANINGS
from lakeloop.cli.main import Options, app
from lakeloop.cli.output import to_json
from lakeloop.cli.progress import LiveProgress
from lakeloop.cli.views import letters, log_lines, models, prediction, rollback, status, trace
from lakeloop.client.log_lines import parsed
from lakeloop.scripts import model_samples
from lakeloop.scripts import terminal_samples as samples

PAGE = project.SOURCES / "docs" / "terminal.md"
WIDTHS = (80, 120)

Draw = Callable[[Console], None]


def page() -> str:
    """The whole page, the same wherever and whenever it is made."""
    return "\n".join([INTRODUCTION, exit_codes(), *map(section, SCREENS), json_shapes()])


def section(screen: tuple[str, str, Draw]) -> str:
    title, words, draw = screen
    drawn = "\n".join(f"{width} columns:\n\n```text\n{drawn_at(width, draw)}\n```\n" for width in WIDTHS)
    return f"## {title}\n\n{words}\n\n{drawn}"


def drawn_at(width: int, draw: Draw) -> str:
    with in_utc():
        out = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, legacy_windows=False)
        draw(out)
    assert isinstance(out.file, io.StringIO)  # noqa: S101 - made two lines above
    return "\n".join(line.rstrip() for line in out.file.getvalue().strip("\n").splitlines())


@contextmanager
def in_utc() -> Iterator[None]:
    """Logs show local time, which must not depend on where the page is made."""
    before = os.environ.get("TZ")
    try:
        os.environ["TZ"] = "UTC"
        time.tzset()
        yield
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


def exit_codes() -> str:
    rows = "\n".join(f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items())
    return f"## Exit codes\n\n| code | meaning |\n|---|---|\n{rows}\n| 130 | ended by Ctrl-C |\n"


def draw_help(out: Console) -> None:
    shown = CliRunner().invoke(
        app, ["--help"], prog_name="lakeloop", obj=Options(), env={"COLUMNS": str(out.width), "NO_COLOR": "1"}
    )
    out.print(Text(shown.output), soft_wrap=True)


def draw_status(out: Console) -> None:
    for piece in status.screen(samples.OVERVIEW, samples.PARTS, out, samples.NOW):
        out.print(piece, soft_wrap=isinstance(piece, Text))


def draw_drop(out: Console) -> None:
    clock = Clock()
    live = LiveProgress([title for title, _, _ in samples.STEPS], clock)
    for title, seconds, news in samples.STEPS:
        with live.step(title) as note:
            note(news)
            clock.now += seconds
    out.print(live)
    live.show_cut(out)
    tell(samples.DROPPED, out, follow=True)


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def draw_logs(out: Console) -> None:
    for line in filter(None, map(parsed, samples.LOG)):
        out.print(log_lines.text(line, len("transform_data")), soft_wrap=True)


def draw_letters(out: Console) -> None:
    for letter in samples.LETTERS:
        out.print(letters.block(letter), soft_wrap=True)
    out.print("1 dead letter in all chains")


def draw_prediction(out: Console) -> None:
    out.print(prediction.view(samples.ANSWER))


def draw_models(out: Console) -> None:
    for piece in models.listing("breast_cancer", model_samples.VERSIONS, out, samples.NOW):
        out.print(piece)


def draw_rollback(out: Console) -> None:
    change = rollback.change_block("breast_cancer", model_samples.TARGET, model_samples.CHANGE)
    out.print(change, soft_wrap=True)
    out.print(models.consequences_block("breast_cancer", model_samples.CONSEQUENCES), soft_wrap=True)
    out.print(Text("do it? [y/N]:"))


def draw_trace(out: Console) -> None:
    for tree in trace.trees(model_samples.TRACE):
        out.print(tree)


def json_shapes() -> str:
    """One example of each shape, with a single element in each list."""
    shown = (
        ("status", to_json(Status(samples.OVERVIEW, list(samples.PARTS)))),
        ("drop FILE --dataset NAME --follow", to_json(samples.DROPPED)),
        ("models DATASET", to_json(model_samples.VERSIONS[:1])),
        ("trace FILE", to_json(model_samples.TRACE)),
        ("dlq list", to_json(samples.LETTERS)),
        ("predict --dataset NAME --row FILE.csv:3", to_json(prediction.as_json("breast_cancer", samples.ANSWER))),
        ("logs, a line for each", to_json(parsed(samples.LOG[0]), indent=None)),
    )
    drawn = "\n".join(f"`lakeloop {name} --json`:\n\n```json\n{text}\n```\n" for name, text in shown)
    return f"## JSON\n\n{ABOUT_JSON}\n\n{drawn}"


INTRODUCTION = """# The command in a terminal

This page is made by `make terminal-docs` from recorded answers, with the views that the commands use.
Below 100 columns tables become cards. Addresses and commits that a live panel has no room for follow it in full.

Shell completion: `lakeloop --install-completion`, once. `lakeloop --version` says what is installed.
"""

ABOUT_JSON = """Every command that shows something takes `--json`: JSON alone on stdout, progress and errors on
stderr, the exit code as above. Moments are ISO 8601 with their zone. Fields are added, none changes its meaning;
`null` is what is
not known, since a part did not answer (`problems` says which) or there is none. Text is ASCII with escapes, whatever
bytes a file or message held. `logs` prints one object a line, for a part of the local cloud
`{"part": ..., "line": ...}`."""

SCREENS: tuple[tuple[str, str, Draw], ...] = (
    ("lakeloop --help", "Commands are imported when they run, so this needs no AWS library.", draw_help),
    (
        "lakeloop status",
        """Datasets first: `rows` are all on main, `new` those that the served model has not seen. The model is the one
that the endpoint serves, which after a rollback is not the one trained last. A part that does not answer is named,
the rest is shown. When nothing is deployed, it says so and ends with 0.""",
        draw_status,
    ),
    (
        "lakeloop drop FILE --dataset NAME --follow",
        """Ends with 0 when rows are on main, also if some were set aside (the table says why) or no training is due;
with 3 when all are quarantined; with 1 when a function, a training or an endpoint failed. While it waits, it shows
the last failure of the function that it waits for. A file whose name the ingest cannot read is refused before it is
uploaded.""",
        draw_drop,
    ),
    (
        "lakeloop logs",
        """All functions by time, or the one that is named; parts of the local cloud (aws, lakefs,
sagemaker, supervisor) by name. `--lines` (default 100) of the last `--minutes` (60), `--follow` goes on. `--level`
and `--contains` (a file,
a request id) choose; lines about calls and metrics are hidden, `--raw` prints all as it was written.""",
        draw_logs,
    ),
    (
        "lakeloop models DATASET",
        """All versions, newest first, with the promotion rule's reason or a person's. `lakeloop models compare A B`
shows two side by side.""",
        draw_models,
    ),
    (
        "lakeloop rollback data DATASET COMMIT|FILE --reason WHY",
        """What becomes of main, of the models that learned from it and of running jobs, before anything is done.""",
        draw_rollback,
    ),
    ("lakeloop trace FILE|COMMIT|JOB|MODEL|ENDPOINT", "Both ways, as far as there is something.", draw_trace),
    ("lakeloop dlq list", "One block a message, so that addresses can be copied.", draw_letters),
    ("lakeloop predict --dataset NAME --row FILE.csv:3", "One prediction through API Gateway.", draw_prediction),
)


def main() -> None:
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
