"""What a rollback changes, on the screen."""

from collections.abc import Iterator

from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import COMMIT_SHOWN, counted
from lakeloop.rollback.models import Consequences
from lakeloop.rollback.service import Change
from lakeloop.rollback.target import Target


def change_block(dataset: str, target: Target, change: Change | None) -> Text:
    """What becomes of main."""
    lines = [
        *(("leaves", f"{file.entry.uri} (version {file.entry.version})") for file in target.files),
        *(("gone", f"{uri} left main before by itself: no rows of it are there") for uri in target.gone),
        ("commit", ", ".join(commit.id[:COMMIT_SHOWN] for commit in target.commits)),
        *(_lines(target, change) if change else ()),
    ]
    return layout.block(f"roll back data of {dataset}", lines)


def _lines(target: Target, change: Change) -> Iterator[tuple[str, str]]:
    rows = f"{counted(change.rows_taken_out, 'row')} of it on main, {counted(change.rows_put_back, 'row')} come back"
    yield from (("returns", f"{uri} as it was before") for uri in change.put_back)
    yield "rows", "a person's commit: its rows are not counted" if target.by_hand else rows
    yield "how", "lakeFS reverts it" if change.reverted else "later commits wrote the same objects: they are rewritten"
    yield from (("re-read", f"{uri}: some of its rows had been left out as older") for uri in change.read_again)


def as_json(target: Target, change: Change | None, models: Consequences, commit: str) -> dict[str, object]:
    """What `--json` prints; `commit` is empty where nothing was done."""
    return {
        "taken_out": change.taken_out if change else (),
        "put_back": change.put_back if change else (),
        "gone": target.gone,
        "commits": [found.id for found in target.commits],
        "reverted": change.reverted if change else False,
        "rows_taken_out": change.rows_taken_out if change else 0,
        "rows_put_back": change.rows_put_back if change else 0,
        "read_again": change.read_again if change else (),
        "commit": commit,
        "models_flagged": [version.version for version in models.flagged],
        "jobs_stopped": models.stopped,
        "serves_instead": models.instead.version if models.instead else None,
        "trains": models.train,
    }
