"""A world whose data is rolled back, as the command does it."""

from collections.abc import Sequence

from lakeloop.ingest.announcement import announcement
from lakeloop.ingest.compaction import Compaction
from lakeloop.ingest.landed_files import LandedFile, LandedFiles
from lakeloop.ingest.notification import LandedObject
from lakeloop.lake.index import Index
from lakeloop.names import source_id
from lakeloop.rollback.service import By, Change, DataRollback
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryListing, message
from tests.lake_content import rows_on_main
from tests.world import World

BY = By(who="arn:aws:iam::123456789012:user/ada", at="2026-11-27T10:00:00+00:00", reason="sensor was upside down")
DELIVERIES = ("append", "upsert", "snapshot")


def world_of(delivery: str, **changes: object) -> World:
    return World(tiny(delivery=delivery, min_kept_fraction=0.0, **changes))


def compact(world: World) -> None:
    here = Compaction(lake=world.lake, contract=world.contract, name_prefix="lakeloop-test", git_sha="abc", threads=1)
    here.carry_out(here.plan(2**40), lambda: 900)


def values(world: World) -> dict[str, float]:
    rows = rows_on_main(world.lake)
    return {} if rows.is_empty() else dict(rows.select("id", "f").sort("id").iter_rows())


def landed_files(world: World) -> list[LandedFile]:
    """What reconciling and replays look at."""
    index = Index(world.lake, "", "main")
    return list(LandedFiles(world.contract, MemoryListing(world.landing), index, began=0, now=1e6).after(""))


def uri(name: str) -> str:
    return f"s3://landing/incoming/tiny/{name}"


def drop(world: World, name: str, landed: float, rows: Sequence[tuple[int, float]], *, told: bool = True) -> None:
    """A file of keys with a value each, which landed then; untold, S3 has it and the loop never heard of it."""
    key = f"incoming/tiny/{name}"
    world.landing.landed[key] = landed
    body = tiny_csv(*(f"k{key_},{'yes' if key_ % 2 else 'no'},{value},,," for key_, value in rows))
    sent = world.drop(name, body, name)
    if told:
        assert world.service.handle([sent]) == {}


def rollback(world: World) -> DataRollback:
    return DataRollback(
        lake=world.lake,
        landing=world.landing,
        contract=world.contract,
        name_prefix="lakeloop-test",
        release="0.1",
        threads=1,
    )


def roll_back(world: World, named: str) -> Change:
    """Roll back, and read again what was left out for the rows that are gone."""
    service = rollback(world)
    targets = service.targets("landing")
    target = targets.find(named)
    with service.staged(target, targets.since(target.since), BY) as staged:
        staged.merge()
    for again in staged.change.read_again:
        replay(world, again)
    return staged.change


def replay(world: World, address: str) -> None:
    """Send a landed file through the gate again, as a person or the loop does: without S3's sequencer."""
    key = address.removeprefix("s3://landing/")
    current = world.landing.current(key)
    assert current
    entry = Index(world.lake, "", "main").get(source_id(address))
    told_at = entry.landed if entry and entry.version == current.version else current.landed
    landed = LandedObject("landing", key, current.version, "tiny", told_at=told_at)
    assert world.service.handle([message(announcement(landed), "again")]) == {}
