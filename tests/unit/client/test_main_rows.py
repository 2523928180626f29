"""Rows on main are counted over all files, each once, as its newest version says."""

import json
from dataclasses import asdict, replace

from lakeloop.client.main_rows import rows_on_main
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.index import Counts, Entry, Index
from lakeloop.lake.ports import LakeCommit
from lakeloop.lake.sources import Source
from lakeloop.names import source_id
from tests.fakes import MemoryLake

FIRST = LakeCommit("first", {})


def commit(identifier: str, file: str, committed: int, quarantined: int = 0) -> LakeCommit:
    source = {
        "event_id": identifier,
        "uri": f"s3://landing/incoming/wine/{file}",
        "version": identifier,
        "sha256": identifier,
        "rows_in": committed + quarantined,
        "rows_committed": committed,
        "rows_quarantined": quarantined,
        "quarantine_uri": "",
    }
    return LakeCommit(identifier, {"sources": json.dumps([source]), "rows_committed": str(committed)})


def unasked() -> Index:
    raise AssertionError("the index need not be read")


def index_of(*files: str, rows: int) -> Index:
    """The index of a main with these files."""
    lake = MemoryLake()
    index = Index(lake, "", "main")
    for file in files:
        uri = f"s3://landing/incoming/wine/{file}"
        counts = Counts(rows={"train": rows})
        index.put(source_id(uri), Entry(uri, "v", "e", "s", "r", landed=0, sequencer="", counts=counts, place="p"))
    lake.commit_by_hand(dict(index.changes()))
    return Index(lake, "", "main")


def test_the_rows_of_all_files_are_on_main_not_only_those_of_the_last_commit() -> None:
    found = rows_on_main([commit("c2", "b.csv", 135, 5), commit("c1", "a.csv", 45_000), FIRST], unasked)

    assert (found.committed, found.quarantined) == (45_135, 5)
    assert {"c1", "c2"} <= found.events


def test_a_file_dropped_again_replaces_its_rows() -> None:
    found = rows_on_main([commit("c2", "a.csv", 20), commit("c1", "a.csv", 100), FIRST], unasked)

    assert found.committed == 20


def test_after_a_revert_the_rows_that_it_took_away_are_not_counted() -> None:
    log = [LakeCommit("revert", {}), commit("c2", "bad.csv", 500), commit("c1", "good.csv", 100), FIRST]

    assert rows_on_main(log, lambda: index_of("good.csv", rows=100)).committed == 100


def test_a_lake_without_data_has_no_rows() -> None:
    assert rows_on_main([FIRST], unasked).committed == 0


def test_where_files_replace_the_rows_of_others_the_index_says_how_many_there_are() -> None:
    plain = commit("c2", "b.csv", 100)
    replaced = replace(plain, metadata={**plain.metadata, "delivery": "upsert"})
    log = [replaced, commit("c1", "a.csv", 100), FIRST]

    assert rows_on_main(log, lambda: index_of("a.csv", "b.csv", rows=60)).committed == 120


def test_a_file_that_came_to_main_by_its_mend_is_not_counted_as_set_aside_whole() -> None:
    mended = Source("with-its-mend", "s3://landing/incoming/tiny/a.csv", "v1", "s", 3, 3, 0, "")
    landed = LandedObject("landing", "incoming/tiny/a.csv", "v1", "tiny")

    rows = rows_on_main([LakeCommit("c1", {"sources": json.dumps([asdict(mended)])})], lambda: None)  # type: ignore[arg-type, return-value]

    assert {landed.event_id, "with-its-mend"} <= rows.events
