"""Crashes around every call, duplicates, two deliveries at once: what is on main and what is counted stays the same."""

import json
from collections import Counter

import pytest

from lakeloop.messages import Message
from tests.data import tiny_csv
from tests.fakes import CrashError, message, turns
from tests.faults.recorded import POINTS, Loop
from tests.world import ROWS, World

GOOD = tiny_csv(*ROWS[:10], "bad,maybe,1,,,")
SHORT = tiny_csv(ROWS[0])


def crash() -> None:
    raise CrashError


def loaded() -> Loop:
    """A delivery of all that transform_data does: a good file, one that replaces another, one that is refused."""
    loop = Loop()
    loop.put(loop.world.drop("replaced.csv", tiny_csv(*ROWS), "old"))
    loop.deliver_all()
    loop.recorder.calls.clear()
    loop.put(
        loop.world.drop("good.csv", GOOD, "good"),
        loop.world.drop("replaced.csv", SHORT, "new"),
        loop.world.drop("binary.csv", b"\xff\xfe", "refused"),
        loop.world.drop("whole.csv", tiny_csv("k1,maybe,1,,,"), "quarantined"),
    )
    return loop


def counted(loop: Loop) -> Counter[str]:
    """How often each version of a file is counted in the commits of main."""
    commits = [commit.metadata for commit in loop.world.lake.commits]
    return Counter(source["event_id"] for metadata in commits for source in json.loads(metadata.get("sources", "[]")))


def unharmed() -> Loop:
    loop = loaded()
    loop.deliver_all()
    return loop


CALLS = len(unharmed().recorder.calls)


def test_every_call_of_the_outside_world_is_a_point_to_crash_at() -> None:
    assert set(unharmed().recorder.calls) == POINTS


@pytest.mark.parametrize("call", range(1, CALLS + 1))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_around_any_call_and_redelivery_end_as_without_the_crash(call: int, when: str) -> None:
    expected = unharmed()
    loop = loaded()
    getattr(loop.recorder, when)[call] = crash

    with pytest.raises(CrashError):
        loop.deliver()
    loop.deliver_all()

    assert loop.content() == expected.content()
    assert counted(loop) == counted(expected)
    assert max(counted(loop).values()) == 1
    assert loop.world.artifacts.objects == expected.world.artifacts.objects
    assert loop.world.publisher.published[-1].commit == loop.world.lake.head("")
    # At worst a letter is there twice; its `message_id` says so.
    assert {failure.message_id for _, failure in loop.queue.letters} == {"refused"}
    assert loop.marks.started == {}
    left = set(loop.world.lake.branch_commits) - {"main"}
    assert all(branch.startswith("ingest-") for branch in left)


def test_a_duplicate_of_each_message_changes_nothing() -> None:
    expected = unharmed()
    loop = loaded()
    loop.put(*(message(known.body, f"again-{id_}") for id_, known in loop.waiting.items()))

    loop.deliver_all()

    assert loop.content() == expected.content()
    assert counted(loop) == counted(expected)


def test_a_newer_version_is_never_overwritten_by_an_older_one_whenever_it_comes() -> None:
    newest = tiny_csv(*ROWS[5:8])
    expected = unharmed()
    expected.put(expected.world.drop("replaced.csv", newest, "newest"))
    expected.deliver_all()

    def replace(loop: Loop) -> None:
        other = Loop(loop.world)
        other.put(loop.world.drop("replaced.csv", newest, "newest"))
        other.deliver_all()

    for call in range(1, CALLS + 1):
        loop = loaded()
        loop.recorder.before[call] = lambda loop=loop: replace(loop)  # type: ignore[misc]
        loop.deliver_all()

        assert loop.content() == expected.content(), f"call {call}, {loop.recorder.calls[call - 1]}"


def test_two_deliveries_at_once_count_each_file_once_whenever_the_other_comes() -> None:
    expected = unharmed()
    expected.put(expected.world.drop("other.csv", tiny_csv(*ROWS[15:]), "other"))
    expected.deliver_all()

    def deliver_beside(loop: Loop, also: Message) -> None:
        other = Loop(loop.world)
        other.put(loop.waiting["good"], also)
        other.deliver_all()

    # Between the look at main and the merge only lakeFS itself could tell: see ADR 3.
    calls = unharmed().recorder.calls
    looked = calls.index("lake.log")
    for call in range(1, looked + 1):
        loop = loaded()
        also = loop.world.drop("other.csv", tiny_csv(*ROWS[15:]), "other")
        loop.recorder.before[call] = lambda loop=loop, also=also: deliver_beside(loop, also)  # type: ignore[misc]
        loop.deliver_all()

        assert counted(loop) == counted(expected), f"call {call}, {calls[call - 1]}"
        assert loop.content() == expected.content()


def test_calls_side_by_side_end_as_one_after_the_other() -> None:
    world = World()
    files = {"good.csv": GOOD, "replaced.csv": tiny_csv(*ROWS), "other.csv": tiny_csv(*ROWS[15:])}
    one_by_one = World()

    for here, threads in ((world, 8), (one_by_one, 1)):
        service = here.made(threads=threads)
        assert service.handle([here.drop(name, body, name) for name, body in files.items()], turns()) == {}
        assert service.handle([here.drop("replaced.csv", SHORT, "new")], turns()) == {}

    assert world.main == one_by_one.main
