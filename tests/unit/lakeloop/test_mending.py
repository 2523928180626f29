"""Mended rows take the places of those that were set aside, and nothing else of the file changes."""

import gzip
import io
import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.mending import Mend, MendedRecord, mended
from lakeloop.ingest.notification import LandedObject
from lakeloop.messages import Message
from tests.data import tiny, tiny_csv
from tests.fakes import message, notification
from tests.lake_content import rows_on_main
from tests.world import ROWS, World

BAD = "bad,maybe,1,,,"
GOOD = "bad,yes,1,,,"


@pytest.fixture
def world() -> World:
    return World()


def landed(name: str, version: str = "v1") -> LandedObject:
    return LandedObject("landing", f"incoming/tiny/{name}", version, "tiny")


def mend(world: World, file: LandedObject, *records: tuple[int, int, str]) -> Message:
    """Send mended records: the line, how many lines it takes, and the new text."""
    body = Mend(records=tuple(MendedRecord(line=n, lines=k, text=text) for n, k, text in records))
    key = mend_key(file)
    version = world.landing.drop(key, body.model_dump_json().encode())
    return message(notification(key, version), f"mend-{version}")


def keys(world: World) -> list[str]:
    return sorted(rows_on_main(world.lake)["id"])


def sources(world: World) -> list[dict[str, object]]:
    return list(json.loads(world.lake.commits[-1].metadata["sources"]))


def test_a_mended_row_joins_the_rows_of_its_file_which_stay(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:10], BAD, *ROWS[10:]))])

    assert world.service.handle([mend(world, landed("a.csv"), (12, 1, GOOD))]) == {}

    assert keys(world) == sorted(["bad", *(f"k{n}" for n in range(20))])
    [source] = sources(world)
    assert (source["uri"], source["version"]) == ("s3://landing/incoming/tiny/a.csv", "v1")
    assert (source["rows_in"], source["rows_committed"], source["rows_quarantined"]) == (21, 21, 0)


def test_the_same_mend_sent_twice_is_one_commit(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])
    first = mend(world, landed("a.csv"), (22, 1, GOOD))
    world.service.handle([first])
    commits = len(world.lake.commits)

    world.service.handle([first])
    world.service.handle([mend(world, landed("a.csv"), (22, 1, GOOD))])

    assert len(world.lake.commits) == commits
    assert keys(world).count("bad") == 1


def test_what_is_still_bad_stays_in_quarantine_and_the_good_rows_on_main(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD, "worse,perhaps,1,,,"))])

    world.service.handle([mend(world, landed("a.csv"), (22, 1, GOOD), (23, 1, "worse,who knows,1,,,"))])

    [source] = sources(world)
    assert (source["rows_in"], source["rows_committed"], source["rows_quarantined"]) == (22, 21, 1)
    key = str(source["quarantine_uri"]).removeprefix("s3://artifacts/")
    quarantine = pl.read_parquet(io.BytesIO(world.artifacts.objects[key]))
    assert quarantine["line"].to_list() == [23]
    assert quarantine["raw"].to_list() == [b"worse,who knows,1,,,"]


def test_a_row_whose_cells_were_emptied_is_gone(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD, "worse,perhaps,1,,,"))])

    world.service.handle([mend(world, landed("a.csv"), (22, 1, ",,,,,"), (23, 1, "worse,yes,1,,,"))])

    [source] = sources(world)
    assert (source["rows_in"], source["rows_committed"], source["rows_quarantined"]) == (21, 21, 0)


def test_a_mended_row_that_repeats_a_good_one_is_set_aside(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])

    world.service.handle([mend(world, landed("a.csv"), (22, 1, "k3,yes,1,,,"))])

    assert keys(world) == sorted(f"k{n}" for n in range(20))


def test_a_newer_version_of_the_file_wins_over_the_mend_of_the_one_before(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])
    late = mend(world, landed("a.csv"), (22, 1, GOOD))
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:5]))])

    assert world.service.handle([late]) == {}

    assert keys(world) == [f"k{n}" for n in range(5)]


def test_the_file_told_of_again_does_not_undo_its_mend(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS, BAD))
    world.service.handle([dropped])
    world.service.handle([mend(world, landed("a.csv"), (22, 1, GOOD))])
    commits = len(world.lake.commits)

    world.service.handle([dropped])

    assert len(world.lake.commits) == commits
    assert "bad" in keys(world)


def test_a_file_dropped_again_as_it_was_is_not_mended(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])
    world.service.handle([mend(world, landed("a.csv"), (22, 1, GOOD))])

    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])

    assert "bad" not in keys(world)


def test_file_and_mend_in_one_delivery_end_mended_in_any_order(world: World) -> None:
    dropped = world.drop("a.csv", tiny_csv(*ROWS, BAD))
    sent = mend(world, landed("a.csv"), (22, 1, GOOD))

    world.service.handle([sent, dropped])
    world.service.handle([dropped, sent])

    assert keys(world).count("bad") == 1
    assert len(keys(world)) == 21


def test_a_file_that_was_set_aside_whole_comes_to_main_when_enough_of_it_is_mended(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS[:2], BAD, "b2,maybe,1,,,", "b3,maybe,1,,,"))])
    assert len(world.lake.commits) == 1

    world.service.handle([mend(world, landed("a.csv"), (4, 1, GOOD))])

    assert keys(world) == ["bad", "k0", "k1"]


def test_under_upsert_a_mended_file_replaces_nothing_that_landed_since() -> None:
    world = World(tiny(delivery="upsert", quality={"max_rejected_fraction": 0.5}))
    world.landing.landed["incoming/tiny/old.csv"] = 100.0
    world.service.handle([world.drop("old.csv", tiny_csv("k1,no,1,,,", "k2,no,1,,,", BAD))])
    world.landing.landed["incoming/tiny/new.csv"] = 200.0
    world.service.handle([world.drop("new.csv", tiny_csv("k1,yes,2,,,"))])
    # S3 may tell another time than the event did.
    world.landing.landed["incoming/tiny/old.csv"] = 300.0

    world.service.handle([mend(world, landed("old.csv"), (4, 1, GOOD))])

    rows = rows_on_main(world.lake).sort("id")
    assert rows.select("id", "f").rows() == [("bad", 1.0), ("k1", 2.0), ("k2", 1.0)]


def test_a_mend_that_cannot_be_read_is_refused_and_main_stays(world: World) -> None:
    world.service.handle([world.drop("a.csv", tiny_csv(*ROWS, BAD))])
    key = mend_key(landed("a.csv"))
    version = world.landing.drop(key, b"id,y,f\n")

    failures = world.service.handle([message(notification(key, version), "m2")])

    assert isinstance(failures["m2"], UnreadableObjectError)
    assert "lakeloop quarantine mend" in str(failures["m2"])
    assert len(keys(world)) == 20


def test_a_packed_file_in_another_encoding_is_mended_too() -> None:
    contract = tiny(file={"encoding": "windows-1252"}, quality={"max_rejected_fraction": 0.5})
    world = World(contract)
    world.service.handle(
        [world.drop("a.csv.gz", gzip.compress("id,y,f,i,c,t\ncafé,yes,1,,,\nthé,maybe,1,,,\n".encode("cp1252")))]
    )

    world.service.handle([mend(world, landed("a.csv.gz"), (3, 1, "thé,no,1,,,"))])

    assert keys(world) == ["café", "thé"]


ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(st.lists(st.tuples(st.text("ab,", min_size=1, max_size=5), ENDS), min_size=1, max_size=12), st.data())
def test_only_the_lines_of_the_mended_records_change(lines: list[tuple[str, str]], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(1, len(lines)), max_size=3)))
    new = Mend(records=tuple(MendedRecord(line=line, lines=1, text="new") for line in chosen))
    body = "".join(text + end for text, end in lines).encode()

    read = mended(io.BytesIO(body), "utf-8", new).read(10_000)

    expected = "".join("new\n" if n in chosen else text + end for n, (text, end) in enumerate(lines, start=1))
    assert read == expected.encode()


def test_lines_behind_a_record_that_grew_are_told_as_they_were_in_the_file() -> None:
    grown = Mend(records=(MendedRecord(line=3, lines=1, text='a,"x\ny"'), MendedRecord(line=5, lines=2, text="b")))

    assert [grown.line_of(line) for line in range(1, 9)] == [1, 2, 3, 3, 4, 5, 7, 8]
