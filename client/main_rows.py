"""How many rows lie on main, from what its commits say of the files in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import Source, sources
from lakeloop.names import event_id, source_id


@dataclass(frozen=True)
class MainRows:
    """Rows that are on main now, and rows that were set aside from the files they came with."""

    committed: int
    quarantined: int
    events: frozenset[str]


def rows_on_main(log: Sequence[LakeCommit], index: Callable[[], Index]) -> MainRows:
    """Count the rows of main from its commits, newest first.

    A file dropped again replaces its rows, so the newest commit that names a file counts. Commits that no ingest
    made, as of a revert, say nothing of rows, and under upsert and snapshot files replace the rows of others: then
    the index of main is asked.
    """
    newest: dict[str, Source] = {}
    named = [source for commit in log for source in sources(commit)]
    for source in named:
        newest.setdefault(source.uri, source)
    # With mended rows a version has an event of its own beside the one by which it landed.
    landed = (event_id(source.uri, source.version) for source in named)
    events = frozenset([*(source.event_id for source in named), *landed])
    present = list(newest.values())
    committed = sum(source.rows_committed for source in present)
    replacing = any(commit.metadata.get("delivery", "append") != "append" for commit in log)
    if replacing or any(not sources(commit) for commit in log[:-1]):
        there = index()
        present = [source for source in present if there.get(source_id(source.uri))]
        committed = there.counts().total
    return MainRows(committed, sum(source.rows_quarantined for source in present), events)
