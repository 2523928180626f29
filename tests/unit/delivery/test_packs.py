"""Where files lie on main: small ones together, large ones in ranges, and each found by its name."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.ingest import packs
from lakeloop.ingest.notification import LandedObject
from lakeloop.ingest.ranges import RANGE_BYTES, Ranges, slices
from lakeloop.lake.index import Index
from lakeloop.lake.layout import LANDED_COLUMN, SOURCE_COLUMN
from tests.data import tiny, tiny_csv
from tests.lake_content import assert_whole, content, rows_on_main
from tests.world import ROWS, World

Versions = list[dict[str, list[int]]]


def source_id(name: str) -> str:
    return LandedObject("landing", f"incoming/tiny/{name}", "v", "tiny").source_id


def objects(world: World, folder: str) -> set[str]:
    return {path for path in world.main if path.startswith(folder)}


def drop(world: World, **files: list[int]) -> None:
    """Files of these rows, in one delivery."""
    world.service.handle(
        [world.drop(f"{name}.csv", tiny_csv(*(ROWS[n] for n in rows)), name) for name, rows in files.items()]
    )


@pytest.fixture
def world() -> World:
    return World(tiny())


def test_small_files_of_a_commit_share_an_object_for_each_split_and_form(world: World) -> None:
    drop(world, a=list(range(10)), b=list(range(10, 20)))

    assert len(objects(world, "rows/")) == len(objects(world, "features/")) == len(["train", "validation", "test"])
    assert_whole(world.lake, world.contract)


def test_rows_carry_the_address_of_their_file_and_when_it_landed(world: World) -> None:
    world.landing.landed["incoming/tiny/a.csv"] = 1_700_000_000.5

    drop(world, a=[0, 1])

    found = rows_on_main(world.lake).select(SOURCE_COLUMN, pl.col(LANDED_COLUMN).dt.epoch("ms")).unique()
    assert found.rows() == [("s3://landing/incoming/tiny/a.csv", 1_700_000_000_500)]


def test_a_file_is_found_with_one_read(world: World) -> None:
    drop(world, **{f"f{n}": [n] for n in range(20)})
    world.lake.crash.calls = 0

    entry = Index(world.lake, "", "main").get(source_id("f7.csv"))

    assert entry is not None
    assert (entry.version, entry.counts.total) == ("v1", 1)
    assert world.lake.crash.calls == 1


def test_a_file_that_comes_again_leaves_its_pack_and_the_others_stay(world: World) -> None:
    drop(world, a=list(range(10)), b=list(range(10, 20)))
    before = objects(world, "rows/")

    drop(world, a=[0, 1])

    rows = rows_on_main(world.lake).group_by(SOURCE_COLUMN).len().sort(SOURCE_COLUMN)
    assert rows["len"].to_list() == [2, 10]
    assert not before & objects(world, "rows/")
    assert world.lake.commits[-1].metadata["rows_replaced"] == "10"
    assert_whole(world.lake, world.contract)


def test_a_large_file_lies_in_ranges_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "SMALL_BYTES", 1)

    drop(world, a=list(range(10)), b=list(range(10, 20)))
    drop(world, a=[3])

    assert rows_on_main(world.lake).height == 11
    assert all(path.endswith("/00000.parquet") for path in objects(world, "rows/"))
    assert_whole(world.lake, world.contract)


def test_ranges_end_after_so_many_bytes_of_the_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    close = Ranges.close

    def cut(self: Ranges) -> None:
        """As if the file went on in three more ranges."""
        for _ in range(3):
            self.passed(RANGE_BYTES)
            self.add(*self.last)  # type: ignore[attr-defined]
        close(self)

    add = Ranges.add

    def remembered(self: Ranges, rows: pl.DataFrame, split: pl.Series) -> None:
        self.last = rows, split  # type: ignore[attr-defined]
        add(self, rows, split)

    monkeypatch.setattr(Ranges, "add", remembered)
    monkeypatch.setattr(Ranges, "close", cut)
    monkeypatch.setattr(packs, "SMALL_BYTES", 10**9)

    drop(world, a=list(range(20)))

    assert {path.rpartition("/")[2] for path in objects(world, "rows/")} == {f"{n:05}.parquet" for n in range(4)}
    assert rows_on_main(world.lake).height == 80
    monkeypatch.setattr(Ranges, "close", close)
    drop(world, a=[0])
    assert not [path for path in objects(world, "") if "file-" in path]
    assert_whole(world.lake, world.contract)


def test_bytes_that_passed_end_a_range(tmp_path: Path) -> None:
    ranges = Ranges(tiny(problem=None, label=None, positive_class=None), tmp_path, range_bytes=100)
    for value in range(5):
        ranges.add(pl.DataFrame({"id": [str(value)]}), pl.Series(["train"]))
        ranges.passed(60)

    found = [pl.read_parquet(part.rows["train"])["id"].to_list() for part in ranges.finish()]

    assert found == [["0", "1"], ["2", "3"], ["4"]]
    assert ranges.counts.rows == {"train": 5}


def test_a_pack_holds_no_more_than_may_be_written_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "PACK_BYTES", 1)

    drop(world, **{f"f{n}": list(range(n, n + 4)) for n in range(4)})

    assert len({path.split("/")[2] for path in objects(world, "rows/")}) == 4
    assert_whole(world.lake, world.contract)


def test_the_same_files_in_the_same_commit_are_the_same_bytes() -> None:
    first, second = World(tiny()), World(tiny())

    drop(first, a=list(range(10)), b=list(range(10, 20)), c=[1])
    drop(second, b=list(range(10, 20)), c=[1], a=list(range(10)))

    assert first.main == second.main


def test_a_gone_file_leaves_no_word_in_the_index(world: World) -> None:
    drop(world, a=[0])
    path = next(iter(objects(world, "index/")))

    def withdrawn(index: Index) -> None:
        index.remove(source_id("a.csv"))
        assert dict(index.changes()) == {path: None}

    withdrawn(Index(world.lake, "", "main"))


def test_slices_are_all_rows_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    pl.DataFrame({"n": range(25)}).write_parquet(file)

    assert [frame["n"].to_list() for frame in slices(file, 10)] == [
        list(range(10)),
        list(range(10, 20)),
        list(range(20, 25)),
    ]


FILES = st.dictionaries(
    st.sampled_from("abcd"), st.lists(st.integers(0, 19), min_size=1, max_size=6, unique=True), min_size=1
)


@given(st.lists(FILES, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_however_files_come_together_main_holds_the_last_version_of_each(deliveries: Versions) -> None:
    together, apart = World(tiny()), World(tiny())

    for delivery in deliveries:
        drop(together, **delivery)
        for name, rows in delivery.items():
            drop(apart, **{name: rows})

    assert content(together.lake)["rows"] == content(apart.lake)["rows"]
    last = {name: rows for delivery in deliveries for name, rows in delivery.items()}
    assert rows_on_main(together.lake).height == sum(map(len, last.values()))
    assert_whole(together.lake, together.contract)
    assert_whole(apart.lake, apart.contract)
