"""What was applied, what runs of it, and what a way back moves, on the screen."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, RenderableType
from rich.text import Text

from lakeloop.cli.views import layout
from lakeloop.cli.views.layout import COMMIT_SHOWN, age, counted
from lakeloop.client.rollouts import Rollouts, Way
from lakeloop.rollout.record import Written

ID_SHOWN = 8
COLUMNS = ("apply", "when", "lakeloop", "commit", "functions")


def listing(rollouts: Rollouts, out: Console, now: datetime) -> Sequence[RenderableType]:
    """The applies that one can go back to, newest first, then the functions that were set back."""
    rows = [_row(one, rollouts, now) for one in rollouts.kept]
    pieces: list[RenderableType] = (
        [layout.table("functions", COLUMNS, rows)]
        if layout.is_wide(out)
        else [layout.card(row[0], list(zip(COLUMNS[1:], row[1:], strict=True))) for row in rows]
    )
    for name, applied in rollouts.set_back.items():
        alias = rollouts.live[name]
        lines = [("runs", f"version {alias.version}; {applied} was applied last"), ("said", alias.said)]
        pieces.append(layout.block(name, lines))
    return pieces


def _row(one: Written, rollouts: Rollouts, now: datetime) -> Sequence[str]:
    others = f"{counted(len(one.rollout.moves(rollouts.versions)), 'function')} at another version"
    return (
        one.id[:ID_SHOWN],
        age(one.at, now),
        one.rollout.lakeloop,
        one.rollout.git_sha[:COMMIT_SHOWN],
        "runs" if one == rollouts.runs else others,
    )


def way_block(way: Way, rollouts: Rollouts, now: datetime) -> Text:
    """Each function that moves."""
    to = way.to
    lines = [
        ("to", f"{to.id[:ID_SHOWN]}, applied {age(to.at, now)}: lakeloop {to.rollout.lakeloop}"),
        *(("moves", f"{name} from version {rollouts.versions[name]} to {at}") for name, at in way.moves.items()),
    ]
    return layout.block("set functions back", lines)


def as_json(rollouts: Rollouts) -> dict[str, object]:
    """What `--json` prints."""
    return {
        "runs": rollouts.runs.id if rollouts.runs else None,
        "kept": [one.model_dump(mode="json") for one in rollouts.kept],
        "functions": {name: {"version": one.version, "said": one.said} for name, one in rollouts.live.items()},
    }
