"""What deliveries do to the rows before them: one row for each key, or one file for all."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.contract import DatasetContract
from lakeloop.errors import PermanentError
from lakeloop.ingest import keyed
from tests.data import tiny, tiny_csv
from tests.lake_content import assert_whole, rows_on_main
from tests.world import Ingest, World

Table = dict[str, float]


def contract(**changes: object) -> DatasetContract:
    return tiny(**{"delivery": "upsert", **changes})


def drop(world: World, name: str, landed: float, rows: Mapping[str, float], id_: str = "m1") -> Mapping[str, object]:
    """A file of keys with a value each, which landed then."""
    key = f"incoming/tiny/{name}"
    world.landing.landed[key] = landed
    body = tiny_csv(*(f"{id_},{'yes' if i % 2 else 'no'},{value},,," for i, (id_, value) in enumerate(rows.items())))
    return world.service.handle([world.drop(name, body, id_)])


def on_main(world: World) -> Table:
    rows = rows_on_main(world.lake)
    assert_whole(world.lake, world.contract)
    if rows.is_empty():
        return {}
    assert rows["id"].is_unique().all()
    return dict(rows.select("id", "f").iter_rows())


def said(world: World) -> dict[str, int]:
    """What the last commit says became of rows."""
    metadata = world.lake.commits[-1].metadata
    return {name: int(metadata[f"rows_{name}"]) for name in ("committed", "replaced", "equal", "older")}


class TestUpsert:
    def test_the_newest_row_of_a_key_stays(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2, "k3": 3})

        drop(world, "b.csv", 2, {"k2": 5, "k3": 3, "k4": 4})

        assert on_main(world) == {"k1": 1, "k2": 5, "k3": 3, "k4": 4}
        assert said(world)["replaced"] == 2

    def test_rows_that_come_again_as_they_were_are_counted(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        drop(world, "b.csv", 2, {"k1": 1, "k2": 3})

        assert said(world) == {"committed": 2, "replaced": 2, "equal": 1, "older": 0}

    def test_what_landed_earlier_and_comes_later_overwrites_nothing(self) -> None:
        world = World(contract())
        drop(world, "b.csv", 2, {"k1": 5})

        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        assert on_main(world) == {"k1": 5, "k2": 2}
        assert said(world)["older"] == 1

    def test_a_column_may_say_which_row_is_the_newest(self) -> None:
        world = World(contract(newest="f"))
        drop(world, "a.csv", 1, {"k1": 5, "k2": 1})

        drop(world, "b.csv", 2, {"k1": 4, "k2": 2})

        assert on_main(world) == {"k1": 5, "k2": 2}

    def test_a_file_that_comes_again_takes_its_earlier_rows_away(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        drop(world, "a.csv", 2, {"k2": 3})

        assert on_main(world) == {"k2": 3}

    def test_the_same_bytes_dropped_again_are_newer_than_what_came_between(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1})
        drop(world, "b.csv", 2, {"k1": 2})

        drop(world, "a.csv", 3, {"k1": 1})

        assert on_main(world) == {"k1": 1}

    def test_rows_that_a_file_took_away_are_counted(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        drop(world, "a.csv", 2, {"k2": 3})

        assert said(world) == {"committed": 1, "replaced": 2, "equal": 0, "older": 0}

    def test_equal_and_older_rows_are_not_new(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})
        drop(world, "b.csv", 3, {"k1": 1, "k2": 5})
        drop(world, "c.csv", 2, {"k2": 4, "k3": 3})

        assert [commit.rows for commit in world.lake.commits[1:]] == [2, 1, 1]

    def test_a_file_that_comes_again_as_it_was_brings_nothing_new(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        drop(world, "a.csv", 2, {"k1": 1, "k2": 2})

        assert said(world) == {"committed": 2, "replaced": 2, "equal": 2, "older": 0}
        assert world.lake.commits[-1].rows == 0

    def test_where_all_rows_are_too_many_buckets_grow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "BUCKET_ROWS", 2)
        monkeypatch.setattr(keyed, "MOST_ROWS", 8)
        world = World(contract())
        drop(world, "a.csv", 1, {f"k{n}": 1 for n in range(8)})

        assert drop(world, "b.csv", 2, {"k1": 2}) == {}

        assert on_main(world)["k1"] == 2

    def test_a_column_that_the_contract_has_no_longer_stays_with_its_rows(self) -> None:
        world = World(contract())
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})
        before = dict(rows_on_main(world.lake).select("id", "y").iter_rows())
        columns = [column.model_dump(exclude_unset=True) for column in contract().columns if column.name != "y"]
        world.contract = contract(columns=columns, problem=None, label=None, positive_class=None)
        world.service = Ingest(world.made())

        key = "incoming/tiny/b.csv"
        world.landing.landed[key] = 2
        world.service.handle([world.drop("b.csv", tiny_csv("k3,3,,,", header="id,f,i,c,t"))])

        assert dict(rows_on_main(world.lake).select("id", "y").iter_rows()) == before | {"k3": None}

    def test_a_key_moves_when_its_split_does(self) -> None:
        """Where a group decides, another group of the same key lies in another split."""
        world = World(contract(splits={"fractions": {"train": 0.4, "validation": 0.3, "test": 0.3}, "by": "f"}))
        for landed in range(8):
            drop(world, f"{landed}.csv", landed, {"k1": landed})

        assert on_main(world) == {"k1": 7}

    def test_buckets_grow_with_the_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "BUCKET_BYTES", 6_000)
        world = World(contract())
        expected: Table = {}
        for landed in range(6):
            rows = {f"k{n}": float(landed) for n in range(landed * 50, landed * 50 + 100)}
            expected |= rows
            drop(world, f"{landed}.csv", landed, rows)

        assert on_main(world) == expected
        assert len({path.split("/")[2] for path in world.main if path.startswith("rows/")}) > 2

    def test_buckets_that_no_key_falls_into_stay_as_they_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "_buckets", lambda _: 8)
        world = World(contract())
        drop(world, "a.csv", 1, {f"k{n}": n for n in range(9)})
        before = {path for path in world.main if path.startswith("rows/")}

        drop(world, "b.csv", 2, {"k1": 5})

        assert len(before & set(world.main)) >= len(before) - 1
        assert on_main(world)["k1"] == 5

    def test_many_narrow_rows_lie_in_several_buckets_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keyed, "BUCKET_ROWS", 10)
        world = World(contract())

        drop(world, "a.csv", 1, {f"k{n}": n % 9 for n in range(41)})

        assert len({path.split("/")[2] for path in world.main if path.startswith("rows/")}) == 8
        assert len(on_main(world)) == 41

    @pytest.mark.parametrize("limit", ["MOST_ROWS", "MOST_BYTES"])
    def test_more_than_a_function_can_work_through_is_refused_with_that_sentence(
        self, monkeypatch: pytest.MonkeyPatch, limit: str
    ) -> None:
        monkeypatch.setattr(keyed, limit, 1)
        world = World(contract())

        failures = drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        assert isinstance(failures["m1"], PermanentError)
        assert "would read and write" in str(failures["m1"])
        assert on_main(world) == {}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a.csv", "b.csv", "c.csv"]),
                st.dictionaries(st.sampled_from(["k1", "k2", "k3", "k4"]), st.integers(0, 9), min_size=1),
            ),
            max_size=6,
        ),
        st.randoms(use_true_random=False),
    )
    @settings(max_examples=40, deadline=None)
    def test_late_deliveries_of_other_files_end_in_the_same_rows(
        self,
        deliveries: list[tuple[str, Table]],
        shuffled: Any,  # noqa: ANN401 hypothesis types it so
    ) -> None:
        """Files of different names, in any order of processing."""
        files = {f"{n}-{name}": (n, rows) for n, (name, rows) in enumerate(deliveries)}
        expected: Table = {}
        for _, rows in files.values():
            expected |= rows
        order = list(files)
        shuffled.shuffle(order)
        world = World(contract())

        for name in order:
            drop(world, name, *files[name])

        assert on_main(world) == expected


class TestSnapshot:
    def test_the_newest_file_is_all_that_is_on_main(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "a.csv", 1, {"k1": 1, "k2": 2})

        drop(world, "b.csv", 2, {"k2": 5})

        assert on_main(world) == {"k2": 5}
        assert said(world)["replaced"] == 2

    def test_an_older_snapshot_that_comes_late_changes_nothing(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "b.csv", 2, {"k2": 5})

        assert drop(world, "a.csv", 1, {"k1": 1, "k2": 2}) == {}

        assert on_main(world) == {"k2": 5}
        assert world.publisher.published[-1].rows_committed == 0

    def test_of_several_in_one_delivery_the_newest_counts(self) -> None:
        world = World(contract(delivery="snapshot"))
        messages = [world.drop(f"{n}.csv", tiny_csv(f"k{n},no,{n},,,"), f"m{n}") for n in (1, 3, 2)]
        world.landing.landed |= {f"incoming/tiny/{n}.csv": n for n in (1, 3, 2)}

        assert world.service.handle(messages) == {}

        assert on_main(world) == {"k3": 3}

    def test_a_snapshot_that_was_cut_off_is_refused_and_main_stays(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "a.csv", 1, {f"k{n}": 1 for n in range(5)})

        failures = drop(world, "b.csv", 2, {"k1": 1, "k2": 1})

        assert "2 good rows where main has 5" in str(failures["m1"])
        assert len(on_main(world)) == 5

    def test_of_one_name_the_current_version_counts_whatever_the_times_say(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "a.csv", 2, {"k1": 1})

        drop(world, "a.csv", 1, {"k1": 2})

        assert on_main(world) == {"k1": 2}

    def test_the_same_table_again_brings_nothing_new(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "a.csv", 1, {"k1": 1})

        drop(world, "a.csv", 2, {"k1": 1})

        assert [commit.rows for commit in world.lake.commits[1:]] == [1, 0]

    def test_half_of_the_rows_is_enough(self) -> None:
        world = World(contract(delivery="snapshot"))
        drop(world, "a.csv", 1, {f"k{n}": 1 for n in range(4)})

        assert drop(world, "b.csv", 2, {"k1": 1, "k2": 1}) == {}

        assert len(on_main(world)) == 2

    def test_how_much_must_be_kept_is_the_contracts_to_say(self) -> None:
        world = World(contract(delivery="snapshot", min_kept_fraction=0.1))
        drop(world, "a.csv", 1, {f"k{n}": 1 for n in range(5)})

        assert drop(world, "b.csv", 2, {"k1": 1}) == {}
