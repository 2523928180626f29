"""What a rollback has read again."""

from collections.abc import Iterable, Iterator

import pytest

from lakeloop.client import data_rollback
from lakeloop.client.data_rollback import DataRollbacks
from lakeloop.client.dataset import Dataset
from lakeloop.ingest.landed_files import LandedFile
from lakeloop.ingest.mend_keys import mend_key
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.replay import Filter, Replayed, replayed
from lakeloop.rollback.service import Change
from tests.data import tiny
from tests.fakes import MemoryContracts, MemoryLake
from tests.unit.client.deployed import OUTPUTS, emulated


def landed(name: str) -> LandedObject:
    return LandedObject(str(OUTPUTS["landing_bucket"]), f"incoming/tiny/{name}", "v1", "tiny")


def mend(name: str) -> LandedObject:
    return LandedObject(str(OUTPUTS["landing_bucket"]), mend_key(landed(name)), "v2", "tiny")


class Bucket:
    """Some files that are not on main, and those that were sent; each look goes through all of them."""

    def __init__(self) -> None:
        self.looks = 0
        self.sent: list[LandedObject] = []

    def to_replay(self, since: float, *keys: str) -> list[Replayed]:
        self.looks += 1
        there = (landed("a.csv"), landed("b.csv"), mend("c.csv"), landed("d.csv"))
        files = [LandedFile("absent", file, None) for file in there]
        return list(replayed(tiny(), files, Filter(since, frozenset(keys))))

    def replay(self, files: Iterable[Replayed]) -> Iterator[int]:
        self.sent += [file.landed for file in files]
        yield len(self.sent)


@pytest.mark.parametrize(
    ("names", "looks", "sent"),
    [
        (["b.csv", "c.csv", "a.csv"], 1, [landed("a.csv"), landed("b.csv"), mend("c.csv")]),
        ([], 0, []),
    ],
    ids=["some", "none"],
)
def test_files_of_which_rows_were_left_out_are_sent_again_after_one_look(
    names: list[str], looks: int, sent: list[LandedObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = Bucket()
    monkeypatch.setattr(data_rollback, "Landing", lambda *_: bucket)
    monkeypatch.setitem(OUTPUTS, "datasets", ["tiny"])
    with emulated(monkeypatch) as environment:
        environment.contracts = MemoryContracts(tiny())  # type: ignore[assignment]
        monkeypatch.setattr(environment, "lake_within", lambda _: MemoryLake())
        work = DataRollbacks(environment, Dataset(environment, "tiny"))

        work.read_again(Change(False, (), (), tuple(landed(name).uri for name in names), 0, 0))

    assert (bucket.looks, bucket.sent) == (looks, sent)
