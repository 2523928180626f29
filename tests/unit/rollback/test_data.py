"""Bad data is taken back: main is as if it had never come, whatever came before and after."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lakeloop.ingest import packs
from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.index import Index
from lakeloop.names import source_id
from tests.cases import PLAN
from tests.data import tiny, tiny_csv
from tests.fakes import message
from tests.lake_content import assert_whole, content
from tests.unit.rollback.rolling import (
    BY,
    DELIVERIES,
    compact,
    drop,
    landed_files,
    replay,
    roll_back,
    rollback,
    uri,
    values,
    world_of,
)


@pytest.mark.parametrize("later_upsert", [False, True])
def test_revert_after_compact(later_upsert: bool) -> None:
    case = json.loads((PLAN / "revert-after-compact" / "steps.json").read_text())
    letters: dict[str, float] = {"a": 1, "b": 2, "c": 3, "d": 4}
    world = world_of("upsert")
    for landed, file in enumerate(case["files"]):
        [(name, rows)] = file.items()
        drop(world, f"{name[0]}.csv", landed, [(key, letters[letter]) for key, letter in rows])
    if later_upsert:
        drop(world, "d.csv", 9, [(2, letters["d"])])
    compact(world)

    roll_back(world, "B.csv")

    expected = {f"k{key}": letters[letter] for key, letter in case["main"]}
    assert values(world) == (expected | {"k2": letters["d"]} if later_upsert else expected)
    assert_whole(world.lake, world.contract)


@pytest.mark.parametrize("delivery", ["append", "upsert"])
def test_revert_after_compact_of_two_files_one_after_the_other(delivery: str) -> None:
    world = world_of(delivery)
    for landed, name in enumerate("abc", start=1):
        drop(world, f"{name}.csv", landed, [(landed, landed), (landed + 10, landed)])
        compact(world)

    for name in "ab":
        roll_back(world, f"{name}.csv")
        compact(world)

    assert values(world) == {"k3": 3, "k13": 3}
    assert_whole(world.lake, world.contract)


@pytest.mark.parametrize("by_lakefs", [True, False])
def test_revert_after_compact_of_a_file_that_came_again_brings_back_its_rows_of_before(by_lakefs: bool) -> None:
    world = world_of("upsert")
    if not by_lakefs:
        world.lake.revert = lambda *_: False  # type: ignore[method-assign]
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    drop(world, "b.csv", 2, [(2, 2), (3, 2)])
    compact(world)
    drop(world, "b.csv", 3, [(3, 5), (4, 5)])
    compact(world)

    roll_back(world, "b.csv")

    assert values(world) == {"k1": 1, "k2": 2, "k3": 2}
    assert_whole(world.lake, world.contract)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_last_delivery_is_reverted_by_lakefs(delivery: str) -> None:
    world = world_of(delivery)
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    before = content(world.lake)
    drop(world, "b.csv", 2, [(2, 2), (3, 2)])
    bad = world.lake.head("")

    change = roll_back(world, bad)

    assert change.reverted
    assert (change.rows_taken_out, change.rows_put_back) == (2, {"append": 0, "upsert": 1, "snapshot": 2}[delivery])
    assert content(world.lake) == before
    assert_whole(world.lake, world.contract)
    said = world.lake.commits[-1].metadata
    assert (said["rolled_back"], said["who"], said["at"], said["reason"]) == (bad, BY.who, BY.at, BY.reason)
    assert set(world.lake.branch_commits) == {"main"}


def test_files_of_one_pack_stay_when_one_of_them_is_rolled_back() -> None:
    world = world_of("append")
    world.service.handle([world.drop(f"{name}.csv", tiny_csv(f"k{name},no,1,,,"), name) for name in "abc"])

    change = roll_back(world, uri("b.csv"))

    assert not change.reverted
    assert set(values(world)) == {"ka", "kc"}
    assert_whole(world.lake, world.contract)


@pytest.mark.parametrize("small", [1, 10**9])
def test_the_version_before_comes_back_in_append(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "SMALL_BYTES", small)
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1), (2, 1)])
    drop(world, "b.csv", 1, [(9, 1)])
    compact(world)
    drop(world, "a.csv", 2, [(2, 2)])
    drop(world, "b.csv", 3, [(8, 3)])
    compact(world)

    change = roll_back(world, "a.csv")

    assert values(world) == {"k1": 1, "k2": 1, "k8": 3}
    assert change.put_back == (uri("a.csv"),)
    put_back = Index(world.lake, "", "main").get(source_id(uri("a.csv")))
    assert put_back
    assert put_back.place.startswith("file-" if put_back.ranges else "pack-")
    assert bool(put_back.ranges) == (small == 1)
    assert_whole(world.lake, world.contract)


def test_the_snapshot_before_comes_back_also_of_another_name() -> None:
    world = world_of("snapshot")
    drop(world, "monday.csv", 1, [(1, 1), (2, 1)])
    drop(world, "tuesday.csv", 2, [(1, 2)])
    world.lake.commit_by_hand({f"index/{source_id(uri('tuesday.csv'))[:2]}.note": b"so that lakeFS cannot revert"})
    world.lake.revert = lambda *_: False  # type: ignore[method-assign]

    change = roll_back(world, "tuesday.csv")

    assert values(world) == {"k1": 1, "k2": 1}
    assert change.put_back == (uri("monday.csv"),)


def test_rows_that_were_left_out_as_older_are_read_again() -> None:
    world = world_of("upsert")
    drop(world, "bad.csv", 3, [(1, 3)])
    drop(world, "late.csv", 2, [(1, 2), (5, 2)])

    change = roll_back(world, "bad.csv")

    assert change.read_again == (uri("late.csv"),)
    assert values(world) == {"k1": 2, "k5": 2}


def test_of_a_file_that_was_read_anew_the_commit_takes_the_reading_back_and_the_file_all_of_it() -> None:
    world = world_of("append")
    drop(world, "a.csv", 1, [(1, 1)])
    index = Index(world.lake, "", "main")
    entry = index.get(source_id(uri("a.csv")))
    assert entry
    world.contract = tiny(delivery="append", min_kept_fraction=0.0, file={"na_values": ["?"]})
    world.service = type(world.service)(world.made())
    landed = LandedObject("landing", "incoming/tiny/a.csv", "v1", "tiny", told_at=entry.landed)
    world.service.handle([message(announcement(landed))])

    again = rollback(world).targets("landing").find(world.lake.head(""))
    whole = rollback(world).targets("landing").find("a.csv")

    assert again.files[0].before == entry
    assert whole.files[0].before is None
    roll_back(world, world.lake.head(""))
    assert Index(world.lake, "", "main").get(source_id(uri("a.csv"))) == entry


Step = tuple[str, float, tuple[int, ...]]
DROP = st.tuples(
    st.sampled_from("abc"),
    st.floats(0, 9),
    st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True).map(tuple),
)
STEPS = st.lists(st.one_of(DROP, st.just(("compact", 0.0, ()))), min_size=1, max_size=7)


@pytest.mark.parametrize("delivery", DELIVERIES)
@settings(max_examples=15, deadline=None)
@given(STEPS, st.data())
def test_main_is_as_if_the_file_had_never_come(delivery: str, steps: list[Step], data: Any) -> None:  # noqa: ANN401
    """Whatever was replaced, deleted from its pack, or put together before and after."""
    drops = [number for number, step in enumerate(steps) if step[0] != "compact"]
    if not drops:
        return
    bad = data.draw(st.sampled_from(drops))
    names = [step[0] for step in steps if step[0] not in ("compact", steps[bad][0])]
    # A row that another file replaced, and gave up in a later version, comes back with the version that is restored.
    assume(delivery != "upsert" or len(names) == len(set(names)))
    world, without = world_of(delivery), world_of(delivery)
    # Of one key the later version lands later; of others S3's events may come in any order.
    latest: dict[str, float] = {}
    for number, (name, landed, keys) in enumerate(steps):
        if name == "compact":
            compact(world)
            continue
        latest[name] = max(landed + number / 100, latest.get(name, 0) + 0.001)
        rows = [(key, number) for key in keys]
        drop(world, f"{name}.csv", latest[name], rows)
        drop(without, f"{name}.csv", latest[name], rows, told=number != bad)

    name = f"{steps[bad][0]}.csv"
    entry = Index(world.lake, "", "main").get(source_id(uri(name)))
    version = sum(step[0] == steps[bad][0] for step in steps[: bad + 1])
    if entry and entry.version == f"v{version}":
        roll_back(world, name)
        # As reconcile_landing does, which takes older snapshots only then.
        for file in landed_files(world):
            if file.kind in ("absent", "another"):
                replay(world, file.landed.uri)

        assert content(world.lake)["rows"] == content(without.lake)["rows"]
        assert_whole(world.lake, world.contract)
    assert set(world.lake.branch_commits) == {"main"}
