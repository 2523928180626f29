"""A day in the life of a dataset: fifty files, some of them bad, and everything that people do about them."""

import io
from collections import Counter

import polars as pl
import pytest

from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.compaction import Compaction
from lakeloop.ingest.landed_files import LandedFiles
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.mending import Mend, MendedRecord
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.replay import Filter, replayed
from lakeloop.lake.index import Index
from lakeloop.messages import Message
from lakeloop.names import quarantine_key
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryListing, message, notification
from tests.lake_content import assert_whole, rows_on_main
from tests.unit.lakeloop.test_reconcile import Reconciled
from tests.world import Ingest

FILES, ROWS_OF_A_FILE, A_BATCH = 50, 4, 10
WITH_A_BAD_ROW = (3, 14, 15)
WITH_A_NEW_VALUE = (9, 26)
UNREADABLE = (7, 31)


def rows(number: int) -> list[str]:
    """The rows of a file as they ought to be."""
    value = "z" if number in WITH_A_NEW_VALUE else "a"
    return [
        f"f{number}r{row},{'yes' if row % 2 else 'no'},{row},{number},{value},true" for row in range(ROWS_OF_A_FILE)
    ]


def body(number: int) -> bytes:
    if number in UNREADABLE:
        return b"\xff\xfe"
    lines = rows(number)
    if number in WITH_A_BAD_ROW:
        lines[1] = lines[1].replace(",yes,", ",perhaps,")
    return tiny_csv(*lines)


class Day(Reconciled):
    """The world of the dataset, with its dead letters."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: list[Message] = []

    def take(self, messages: list[Message]) -> None:
        failed = self.service.handle(messages)
        self.letters += [one for one in messages if one.id in failed]

    def landed(self, number: int) -> LandedObject:
        return LandedObject("landing", f"incoming/tiny/{number:02}.csv", "v1", "tiny")

    def mend(self, number: int) -> Message:
        """The rejected rows of a file as a person sends them back."""
        event = self.landed(number).event_id
        rejected = pl.read_parquet(io.BytesIO(self.artifacts.objects[quarantine_key("tiny", event)]))
        records = tuple(
            MendedRecord(line=line, lines=1, text=raw.decode().replace("perhaps", "yes"))
            for line, raw in rejected.select("line", pl.col("raw").cast(pl.Binary)).rows()
        )
        key = mend_key(self.landed(number))
        version = self.landing.drop(key, Mend(records=records).model_dump_json().encode())
        return message(notification(key, version), f"mend {number}")

    def replay(self) -> Counter[str]:
        """Send what an earlier contract read through the gate again; how many files for which reason."""
        files = LandedFiles(
            self.contract, MemoryListing(self.landing), Index(self.lake, "", "main"), began=0, now=10**6
        )
        found = list(replayed(self.contract, files.after(""), Filter()))
        self.take([message(announcement(file.landed), f"replay {n}") for n, file in enumerate(found)])
        return Counter(file.why for file in found)

    def keys(self) -> Counter[str]:
        return Counter(rows_on_main(self.lake)["id"])


def expected(*numbers: int, without: tuple[str, ...] = ()) -> Counter[str]:
    keys = [row.partition(",")[0] for number in numbers for row in rows(number)]
    return Counter(key for key in keys if key not in without)


@pytest.fixture
def day() -> Day:
    """The morning: all files have come, ten at a time, and the first of each ten twice."""
    day = Day()
    for first in range(0, FILES, A_BATCH):
        drops = [day.drop(f"{n:02}.csv", body(n), f"drop {n}") for n in range(first, first + A_BATCH)]
        day.take([*drops, message(drops[0].body, f"again {first}")])
    return day


def test_a_day_ends_with_every_row_of_every_file_once(day: Day) -> None:
    readable = [n for n in range(FILES) if n not in UNREADABLE]
    bad = tuple(f"f{n}r1" for n in WITH_A_BAD_ROW)
    new = tuple(row.partition(",")[0] for n in WITH_A_NEW_VALUE for row in rows(n))
    assert [letter.id for letter in day.letters] == [f"drop {n}" for n in UNREADABLE]
    assert day.keys() == expected(*readable, without=(*bad, *new))

    day.take([day.mend(n) for n in WITH_A_BAD_ROW])
    assert day.keys() == expected(*readable, without=new)

    columns = [column.model_dump(exclude_unset=True) for column in day.contract.columns]
    columns[4]["allowed"] = ["a", "b", "z"]
    day.contract = tiny(columns=columns, quality={"max_rejected_fraction": 0.5})
    day.service = Ingest(day.made())
    assert set(day.replay()) == {"read by an earlier contract", "not on main"}
    assert day.keys() == expected(*readable)

    redriven, day.letters = day.letters, []
    for n in UNREADABLE:
        day.take([day.drop(f"{n:02}.csv", tiny_csv(*rows(n)), f"mended {n}")])
    day.take(redriven)
    assert day.letters == []
    assert day.keys() == expected(*range(FILES))

    compaction = Compaction(lake=day.lake, contract=day.contract, name_prefix="lakeloop-test", git_sha="abc", threads=1)
    compaction.carry_out(compaction.plan(), lambda: 900)
    assert day.keys() == expected(*range(FILES))
    assert_whole(day.lake, day.contract)
    assert len({entry.place for _, entry in Index(day.lake, "", "main").entries()}) == 1
    assert {entry.version for _, entry in Index(day.lake, "", "main").entries()} == {"v1", "v2"}
