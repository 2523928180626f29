"""What a rollback changes, on the screen."""

from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import COMMIT_SHOWN, counted
from lakeloop.rollback.service import Change
from lakeloop.rollback.target import Target


def change_block(dataset: str, target: Target, change: Change) -> Text:
    """What becomes of main."""
    commits = ", ".join(commit.id[:COMMIT_SHOWN] for commit in target.commits)
    rows = f"{counted(change.rows_taken_out, 'row')} leave main, {counted(change.rows_put_back, 'row')} come back"
    lines = [
        *(("takes out", f"{file.entry.uri} (version {file.entry.version})") for file in target.files),
        *(("as before", uri) for uri in change.put_back),
        *(("gone", f"{uri} left main before by itself") for uri in target.gone),
        ("commit", commits),
        ("rows", "a person's commit: its rows are not counted" if target.by_hand else rows),
        ("how", "lakeFS reverts it" if change.reverted else "later commits wrote the same objects: they are rewritten"),
        *(("read anew", f"{uri}: some of its rows had been left out as older") for uri in change.read_again),
    ]
    return layout.block(f"roll back data of {dataset}", lines)


def gone_block(dataset: str, target: Target) -> Text:
    """Nothing is to change on main."""
    return layout.block(
        f"roll back data of {dataset}",
        [("gone", f"{uri} left main before by itself: no rows of it are there") for uri in target.gone],
    )


def as_json(target: Target, change: Change | None, commit: str) -> dict[str, object]:
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
    }
