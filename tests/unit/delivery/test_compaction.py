"""Many small packs become few: the same rows, whoever is quicker."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.errors import UnreadableObjectError
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.compaction import Compacted, Compaction
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.branches import TRIES
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from tests.data import tiny, tiny_csv
from tests.fakes import message
from tests.lake_content import assert_whole, content, rows_on_main
from tests.unit.delivery.meanwhile import during
from tests.world import ROWS, World

ALL = 2**40


def drop(world: World, name: str, *rows: int) -> None:
    world.service.handle([world.drop(f"{name}.csv", tiny_csv(*(ROWS[n] for n in rows)), name)])


def compaction(world: World) -> Compaction:
    return Compaction(lake=world.lake, contract=world.contract, name_prefix="lakeloop-test", git_sha="abc", threads=1)


def compact(world: World, most_bytes: int = ALL, seconds_left: float = 900) -> Compacted:
    here = compaction(world)
    return here.carry_out(here.plan(most_bytes), lambda: seconds_left)


def places(world: World) -> set[str]:
    return {entry.place for _, entry in Index(world.lake, "", "main").entries()}


@pytest.fixture
def world() -> World:
    world = World(tiny())
    drop(world, "a", *range(8))
    drop(world, "b", *range(8, 14))
    drop(world, "c", *range(14, 20))
    return world


def test_small_packs_become_one_of_the_same_rows(world: World) -> None:
    before = content(world.lake)

    became = compact(world)

    [commit] = became.merges
    assert became == Compacted((commit,), packs=3)
    assert len(places(world)) == 1
    assert content(world.lake) == before
    assert_whole(world.lake, world.contract)
    assert world.lake.head("") == commit.id
    assert commit.rows == 0
    assert list(world.lake.branch_commits) == ["main"]


def test_what_is_compact_stays_as_it_is(world: World) -> None:
    compact(world)
    head = world.lake.head("")

    assert compact(world) == Compacted()
    assert world.lake.head("") == head


def test_no_pack_grows_beyond_the_limit_and_large_ones_are_left_alone(world: World) -> None:
    sizes = {
        where: sum(found.size_bytes for found in world.lake.objects("", "main", "rows/") if where in found.path)
        for where in places(world)
    }

    assert compact(world, min(sizes.values())) == Compacted()
    assert len(compact(world, 2 * max(sizes.values()) + 1).merges) == 1
    assert len(places(world)) == 2
    assert_whole(world.lake, world.contract)


@pytest.mark.parametrize("call", ["download", "ensure_branch", "upload", "delete", "commit", "merge"])
def test_a_file_that_comes_again_meanwhile_wins_and_nothing_is_left_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    during(world, call, lambda: drop(world, "b", 8), monkeypatch)

    assert compact(world) == Compacted(lost=1)

    assert rows_on_main(world.lake).height == 8 + 1 + 6
    assert list(world.lake.branch_commits) == ["main"]
    assert_whole(world.lake, world.contract)
    assert len(compact(world).merges) == 1
    assert rows_on_main(world.lake).height == 8 + 1 + 6
    assert_whole(world.lake, world.contract)


def beside(world: World) -> str:
    """A file of another pack whose entry lies in the part of the index that tells of a.csv."""

    def part(name: str) -> str:
        return LandedObject("landing", f"incoming/tiny/{name}.csv", "v", "tiny").source_id[:2]

    return next(name for name in (f"other{n}" for n in range(5000)) if part(name) == part("a"))


def test_deliveries_of_other_files_meanwhile_only_have_the_move_begin_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, read, download = beside(world), Counter[str](), world.lake.download

    def downloaded(repository: str, ref: str, path: str, file: Path) -> bool:
        read[path] += 1
        return download(repository, ref, path, file)

    monkeypatch.setattr(world.lake, "download", downloaded)
    during(world, "merge", lambda: drop(world, name, 0, 1), monkeypatch)

    [commit] = compact(world).merges

    assert world.lake.head("") == commit.id
    assert len(places(world)) == 2
    assert list(world.lake.branch_commits) == ["main"]
    assert set(read.values()) == {1}
    assert_whole(world.lake, world.contract)


def test_a_compaction_that_always_loses_lets_the_deliveries_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    merge, name, tries = world.lake.merge, beside(world), []

    def outrun(repository: str, branch: str, message: str, metadata: Mapping[str, str]) -> LakeCommit:
        if message.startswith("Compact"):
            tries.append(branch)
            drop(world, name, len(tries))
        return merge(repository, branch, message, metadata)

    monkeypatch.setattr(world.lake, "merge", outrun)

    assert compact(world) == Compacted(lost=1)
    assert len(set(tries)) == TRIES
    assert list(world.lake.branch_commits) == ["main"]
    assert_whole(world.lake, world.contract)


def test_packs_that_are_gone_when_the_branch_is_made_are_not_put_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        compact(world)

    during(world, "ensure_branch", other, monkeypatch)

    assert compact(world) == Compacted(lost=1)
    assert len(places(world)) == 1
    assert_whole(world.lake, world.contract)


def test_rows_that_were_read_otherwise_are_left_alone(world: World) -> None:
    changed = tiny(**{"quality": {"max_rejected_fraction": 0.5}, "file": {"na_values": ["?"]}})
    world.contract = changed

    assert compact(world) == Compacted()


def test_packs_without_the_rows_that_the_index_tells_of_are_not_touched(world: World) -> None:
    path = next(path for path in world.main if path.startswith("rows/train/"))
    world.lake.commit_by_hand({path: None})
    head = world.lake.head("")

    with pytest.raises(UnreadableObjectError, match="where the index tells of"):
        compact(world)

    assert world.lake.head("") == head


def test_without_time_no_group_is_begun(world: World) -> None:
    assert compact(world, seconds_left=10) == Compacted(left=1)
    assert len(places(world)) == 3


FILES = st.sampled_from("abcd")
SOME_ROWS = st.lists(st.integers(0, 19), min_size=1, max_size=6, unique=True)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("drop"), FILES, SOME_ROWS),
        st.tuples(st.just("delete"), FILES, st.just([])),
        st.tuples(st.just("replay"), FILES, st.just([])),
        st.tuples(st.just("compact"), st.just(""), st.just([])),
    ),
    max_size=10,
)
CONTRACTS = [
    {"on_delete": "remove"},
    {"on_delete": "remove", "delivery": "upsert", "row_key": "id"},
    {"delivery": "snapshot", "min_kept_fraction": 0},
]


def take(world: World, step: str, name: str, rows: list[int], now: int) -> None:
    """One step of a life, in each of which the clock is later."""
    key = f"incoming/tiny/{name}.csv"
    match step:
        case "drop":
            world.drop(f"{name}.csv", tiny_csv(*(ROWS[n] for n in rows)))
            world.landing.restore(key)
            world.landing.landed[key] = now
        case "delete":
            world.landing.delete(key)
    if step == "compact":
        compact(world)
    elif current := world.landing.current(key):
        landed = LandedObject("landing", key, current.version, "tiny", told_at=current.landed)
        assert world.service.handle([message(announcement(landed))]) == {}
    else:
        gone = LandedObject("landing", key, "", "tiny", told_at=now, removed=True)
        assert world.service.handle([message(announcement(gone))]) == {}


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.get("delivery", "append"))
@settings(max_examples=15, deadline=None)
@given(steps=STEPS)
def test_index_and_packs_agree_after_any_order_of_drops_deletions_compactions_and_replays(
    contract: dict[str, Any], steps: list[tuple[str, str, list[int]]]
) -> None:
    world, without = World(tiny(**contract)), World(tiny(**contract))

    for now, (step, name, rows) in enumerate(steps, start=1):
        take(world, step, name, rows, now)
        if step != "compact":
            take(without, step, name, rows, now)

    assert_whole(world.lake, world.contract)
    assert content(world.lake) == content(without.lake)
