"""Random lakes for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from lakeloop.local.lakefs.entries import Entry

# Few paths, so that changes meet; some share prefixes, some are not ASCII.
paths = st.sampled_from([f"{folder}{number}" for folder in ("", "a/", "a/b/", "ü/", "z") for number in range(8)])


def entry(content: int) -> Entry:
    return Entry(address=f"s3://bucket/{content}", checksum=str(content), size=content, mtime=0)


entries = st.integers(0, 3).map(entry)
contents = st.dictionaries(paths, entries)
changes = st.dictionaries(paths, entries | st.none())
