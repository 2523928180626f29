"""What commits of main say about the files that they brought."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from lakeloop.lake.ports import LakeCommit


@dataclass(frozen=True)
class Source:
    """What a commit says about one of the files in it."""

    event_id: str
    uri: str
    version: str
    sha256: str
    rows_in: int
    rows_committed: int
    rows_quarantined: int
    quarantine_uri: str
    notes: Mapping[str, int] = field(default_factory=dict)
    """What was done in silence, and how often: "comment lines", "unlisted values of payment"."""


def sources(commit: LakeCommit) -> list[Source]:
    """The files that a commit says it was made of; none for commits that no ingest made."""
    return [Source(**source) for source in json.loads(commit.metadata.get("sources", "[]"))]
