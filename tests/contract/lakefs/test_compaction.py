"""Packs are put together on a real server as in memory: the same rows, and whoever brings a file again wins."""

import uuid
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from lakeloop import names
from lakeloop.adapters.lakefs import LakeFS
from lakeloop.ingest.compaction import Compacted, Compaction, Plan
from lakeloop.lake.features import features_at
from lakeloop.lake.index import Index
from tests.contract.lakefs.lakes import adapter, make
from tests.contract.lakefs.servers import Server
from tests.data import tiny, tiny_csv
from tests.fakes import turns
from tests.world import ROWS, World


class Committed:
    """Three files on main of a server, each in a pack of its own."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.prefix = f"c{uuid.uuid4().hex[:8]}"
        self.lake: LakeFS = adapter(server)
        self.world = World(tiny())
        self.repository = names.repository(self.prefix, "tiny")
        self._folder = folder
        make(server, self.repository)
        for name, rows in (("a", ROWS[:8]), ("b", ROWS[8:14]), ("c", ROWS[14:])):
            self.drop(name, rows)

    def drop(self, name: str, rows: list[str]) -> None:
        service = self.world.made(lake=self.lake, name_prefix=self.prefix)
        assert service.handle([self.world.drop(f"{name}.csv", tiny_csv(*rows))], turns()) == {}

    @property
    def compaction(self) -> Compaction:
        return Compaction(lake=self.lake, contract=self.world.contract, name_prefix=self.prefix, git_sha="abc")

    def compact(self, plan: Plan) -> Compacted:
        return self.compaction.carry_out(plan, lambda: 900)

    def rows(self) -> Counter[str]:
        """Each row with the split that it lies in."""
        found: Counter[str] = Counter()
        for number, entry in enumerate(self.lake.objects(self.repository, "main", "rows/")):
            file = self._folder / f"{number}.parquet"
            self.lake.download(self.repository, "main", entry.path, file)
            found.update(f"{entry.path.split('/')[1]} {row}" for row in pl.read_parquet(file).rows())
        return found

    def places(self) -> set[str]:
        return {entry.place for _, entry in Index(self.lake, self.repository, "main").entries()}

    def missing(self, recipe: str) -> int:
        index = Index(self.lake, self.repository, "main")
        return features_at(self.lake, self.repository, "main", recipe, index).files_missing


@pytest.fixture
def committed(server: Server, tmp_path: Path) -> Committed:
    return Committed(server, tmp_path)


def test_three_packs_become_one_of_the_same_rows_with_their_features(committed: Committed) -> None:
    before, plan = committed.rows(), committed.compaction.plan()
    [recipe] = committed.lake.folders(committed.repository, "main", "features/")

    became = committed.compact(plan)

    assert (became.packs, len(became.merges), became.lost) == (3, 1, 0)
    assert committed.rows() == before
    assert len(committed.places()) == 1
    assert committed.missing(recipe) == 0
    merged = committed.lake.commit_at(committed.repository, "main")
    assert (merged.id, merged.metadata["packs"], merged.rows) == (became.merges[0].id, "3", 0)
    assert committed.compaction.plan().groups == []


def test_a_file_that_came_again_since_the_plan_wins(committed: Committed) -> None:
    plan = committed.compaction.plan()
    committed.drop("b", ROWS[8:9])

    assert committed.compact(plan).lost == 1

    assert sum(committed.rows().values()) == 8 + 1 + 6
    assert len(committed.places()) == 3


def test_a_file_of_its_packs_that_comes_again_afterwards_leaves_the_one_pack(committed: Committed) -> None:
    committed.compact(committed.compaction.plan())

    committed.drop("b", ROWS[8:9])

    assert sum(committed.rows().values()) == 8 + 1 + 6
    assert len(committed.places()) == 2
