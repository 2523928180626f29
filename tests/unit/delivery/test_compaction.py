"""Many small packs become few: the same rows, whoever is quicker."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.errors import MergeConflictError, UnreadableObjectError
from lakeloop.ingest.compaction import Compaction
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from tests.data import tiny, tiny_csv
from tests.fakes import CrashError
from tests.lake_content import assert_whole, content, rows_on_main
from tests.world import ROWS, World

ALL = 2**40


def drop(world: World, name: str, *rows: int) -> None:
    world.service.handle([world.drop(f"{name}.csv", tiny_csv(*(ROWS[n] for n in rows)), name)])


def compaction(world: World) -> Compaction:
    return Compaction(lake=world.lake, contract=world.contract, name_prefix="lakeloop-test", git_sha="abc", threads=1)


def compact(world: World, most_bytes: int = ALL) -> list[LakeCommit]:
    return compaction(world).compact(lambda: 300, most_bytes)


def places(world: World) -> set[str]:
    return {entry.place for _, entry in Index(world.lake, "", "main").entries()}


def during(world: World, name: str, happens: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have something happen before the next call of a name."""
    real = getattr(world.lake, name)

    def called(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 any method
        monkeypatch.setattr(world.lake, name, real)
        happens()
        return real(*arguments, **options)

    monkeypatch.setattr(world.lake, name, called)


@pytest.fixture
def world() -> World:
    world = World(tiny())
    drop(world, "a", *range(8))
    drop(world, "b", *range(8, 14))
    drop(world, "c", *range(14, 20))
    return world


def test_small_packs_become_one_of_the_same_rows(world: World) -> None:
    before = content(world.lake)

    [commit] = compact(world)

    assert len(places(world)) == 1
    assert content(world.lake) == before
    assert_whole(world.lake, world.contract)
    assert world.lake.head("") == commit.id
    assert commit.rows == 0
    assert list(world.lake.branch_commits) == ["main"]


def test_what_is_compact_stays_as_it_is(world: World) -> None:
    compact(world)
    head = world.lake.head("")

    assert compact(world) == []
    assert world.lake.head("") == head


def test_no_pack_grows_beyond_the_limit_and_large_ones_are_left_alone(world: World) -> None:
    sizes = {
        where: sum(found.size_bytes for found in world.lake.objects("", "main", "rows/") if where in found.path)
        for where in places(world)
    }

    assert compact(world, min(sizes.values())) == []
    assert len(compact(world, 2 * max(sizes.values()) + 1)) == 1
    assert len(places(world)) == 2
    assert_whole(world.lake, world.contract)


def test_a_file_that_comes_again_meanwhile_wins_and_nothing_is_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    during(world, "merge", lambda: drop(world, "b", 8), monkeypatch)

    with pytest.raises(MergeConflictError):
        compact(world)

    assert rows_on_main(world.lake).height == 8 + 1 + 6
    assert list(world.lake.branch_commits) == ["main"]
    assert_whole(world.lake, world.contract)
    assert len(compact(world)) == 1
    assert rows_on_main(world.lake).height == 8 + 1 + 6
    assert_whole(world.lake, world.contract)


def test_packs_that_are_gone_when_the_branch_is_made_are_not_put_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        compact(world)

    during(world, "ensure_branch", other, monkeypatch)

    assert compact(world) == []
    assert len(places(world)) == 1
    assert_whole(world.lake, world.contract)


def test_rows_that_were_read_otherwise_are_left_alone(world: World) -> None:
    changed = tiny(**{"quality": {"max_rejected_fraction": 0.5}, "file": {"na_values": ["?"]}})
    world.contract = changed

    assert compact(world) == []


def test_packs_without_the_rows_that_the_index_tells_of_are_not_touched(world: World) -> None:
    path = next(path for path in world.main if path.startswith("rows/train/"))
    world.lake.commit_by_hand({path: None})
    head = world.lake.head("")

    with pytest.raises(UnreadableObjectError, match="where the index tells of"):
        compact(world)

    assert world.lake.head("") == head


def test_without_time_no_group_is_begun(world: World) -> None:
    assert compaction(world).compact(lambda: 10.0, ALL) == []
    assert len(places(world)) == 3


def test_a_crash_at_any_call_leaves_main_whole_and_the_next_one_ends_it() -> None:
    def prepared() -> World:
        world = World(tiny())
        drop(world, "a", *range(8))
        drop(world, "b", *range(8, 14))
        world.lake.crash.calls = 0
        return world

    unharmed = prepared()
    compact(unharmed)
    calls, expected = unharmed.lake.crash.calls, content(unharmed.lake)
    assert calls
    for call in range(1, calls + 1):
        world = prepared()
        world.lake.crash.at = call
        with pytest.raises(CrashError):
            compact(world)
        assert_whole(world.lake, world.contract)

        compact(world)

        assert content(world.lake) == expected
        assert len(places(world)) == 1
        assert_whole(world.lake, world.contract)


Step = tuple[str, tuple[int, ...]]
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from("abcd"), st.lists(st.integers(0, 19), min_size=1, max_size=6, unique=True).map(tuple)
        ),
        st.just(("compact", ())),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_index_and_packs_agree_after_any_order_of_drops_replacements_and_compactions(steps: list[Step]) -> None:
    world, without = World(tiny()), World(tiny())

    for name, rows in steps:
        if name == "compact":
            compact(world)
            assert_whole(world.lake, world.contract)
        else:
            drop(world, name, *rows)
            drop(without, name, *rows)

    assert_whole(world.lake, world.contract)
    assert content(world.lake) == content(without.lake)
