"""How many rows lie on main, from what its commits say of the files in them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lakeloop.client.follow import sources
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.prepared import Source
from lakeloop.lake.ports import LakeCommit


@dataclass(frozen=True)
class MainRows:
    """Rows that are on main now, and rows that were set aside from the files they came with."""

    committed: int
    quarantined: int
    events: frozenset[str]


def rows_on_main(log: Sequence[LakeCommit], still_there: Callable[[], Iterable[str]]) -> MainRows:
    """Count the rows of main from its commits, newest first.

    A file dropped again replaces its rows, so the newest commit that names a file counts. Commits that no ingest
    made, as of a revert, say nothing of rows: when there are any, only files count whose objects are `still_there`,
    the paths on main. What an older version of a file holds after a revert of its newer one is not told apart.
    """
    newest: dict[str, Source] = {}
    for source in (source for commit in log for source in sources(commit)):
        newest.setdefault(source.uri, source)
    by_hand = [commit for commit in log[:-1] if not sources(commit)]
    present = list(newest.values())
    if by_hand:
        stems = {path.rpartition("/")[2].partition(".")[0] for path in still_there()}
        present = [source for source in present if _landed(source).source_id in stems]
    events = frozenset(source.event_id for commit in log for source in sources(commit))
    committed = sum(source.rows_committed for source in present)
    return MainRows(committed, sum(source.rows_quarantined for source in present), events)


def _landed(source: Source) -> LandedObject:
    bucket, _, key = source.uri.removeprefix("s3://").partition("/")
    return LandedObject(bucket=bucket, key=key, version=source.version, dataset="")
