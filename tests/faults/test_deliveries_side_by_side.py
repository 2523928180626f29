"""Two transform_data at once: the other one works and merges wholly before any call of the first."""

from collections.abc import Callable

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.messages import Message
from tests.data import tiny, tiny_csv
from tests.faults.recorded import Loop
from tests.lake_content import rows_on_main
from tests.world import World

Table = dict[str, float]
Scene = Callable[[World], tuple[list[Message], list[Message], Table]]


def drop(world: World, name: str, landed: float, **rows: float) -> Message:
    """A file of keys with a value each."""
    world.landing.landed[f"incoming/tiny/{name}.csv"] = landed
    body = tiny_csv(*(f"{key},{'yes' if value % 2 else 'no'},{value},,," for key, value in rows.items()))
    return world.drop(f"{name}.csv", body, f"{name}-{landed}")


def one_key_in_two_files(world: World) -> tuple[list[Message], list[Message], Table]:
    older, newer = drop(world, "a", 1, k1=1, k2=2), drop(world, "b", 2, k1=5, k3=3)
    return [older], [newer], {"k1": 5, "k2": 2, "k3": 3}


def one_key_and_the_newer_is_slow(world: World) -> tuple[list[Message], list[Message], Table]:
    older, newer, right = one_key_in_two_files(world)
    return newer, older, right


def two_files_of_one_pack(world: World) -> tuple[list[Message], list[Message], Table]:
    loop = Loop(world)
    loop.put(drop(world, "a", 1, k1=1), drop(world, "b", 2, k2=2), drop(world, "c", 3, k3=3))
    loop.deliver_all()
    return [drop(world, "a", 4, k1=6)], [drop(world, "b", 5, k2=7)], {"k1": 6, "k2": 7, "k3": 3}


def two_versions_of_a_file(world: World) -> tuple[list[Message], list[Message], Table]:
    older = drop(world, "a", 1, k1=1, k2=2)
    return [older], [drop(world, "a", 2, k1=3)], {"k1": 3}


def two_snapshots(world: World) -> tuple[list[Message], list[Message], Table]:
    older, newer = drop(world, "a", 1, k1=1, k2=2), drop(world, "b", 2, k1=5)
    return [older], [newer], {"k1": 5}


def two_snapshots_and_the_newer_is_slow(world: World) -> tuple[list[Message], list[Message], Table]:
    older, newer, right = two_snapshots(world)
    return newer, older, right


APPEND, UPSERT, SNAPSHOT = tiny(), tiny(delivery="upsert"), tiny(delivery="snapshot")


@pytest.mark.parametrize(
    ("contract", "scene"),
    [
        (UPSERT, one_key_in_two_files),
        (UPSERT, one_key_and_the_newer_is_slow),
        (UPSERT, two_files_of_one_pack),
        (UPSERT, two_versions_of_a_file),
        (APPEND, two_files_of_one_pack),
        (APPEND, two_versions_of_a_file),
        (SNAPSHOT, two_snapshots),
        (SNAPSHOT, two_snapshots_and_the_newer_is_slow),
        (SNAPSHOT, two_versions_of_a_file),
    ],
    ids=lambda given: given.delivery if isinstance(given, DatasetContract) else given.__name__,
)
def test_main_is_right_whenever_the_other_merges(contract: DatasetContract, scene: Scene) -> None:
    calls = run(contract, scene, 0).recorder.calls

    for call in range(1, len(calls) + 1):
        run(contract, scene, call)


def run(contract: DatasetContract, scene: Scene, call: int) -> Loop:
    """One handler's delivery, the other's wholly before one of its calls; afterwards where there is no such call."""
    world = World(contract)
    first, second, right = scene(world)
    loop, other = Loop(world), Loop(world)
    loop.put(*first)
    other.put(*second)
    loop.recorder.before[call] = other.deliver_all
    loop.deliver_all()
    other.deliver_all()

    rows = rows_on_main(world.lake)
    assert dict(rows.select("id", "f").iter_rows()) == right, loop.recorder.calls[max(call - 1, 0)]
    assert rows.height == len(right)
    loop.content()
    return loop
