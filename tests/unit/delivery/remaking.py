"""Main with rows of one recipe, under a contract with another."""

from collections.abc import Callable

from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.ingest.remake import RemakeService
from lakeloop.lake.features import Features, features_at
from lakeloop.lake.index import Index
from lakeloop.messages import FeaturesMissing
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts, message
from tests.faults.crashes import Proxy, Recorder
from tests.world import ROWS, Ingest, World

OLD = tiny()
NEW = tiny(
    columns=[
        *(column.model_dump(exclude_unset=True) for column in OLD.columns if column.name != "c"),
        {"name": "c", "type": "category", "allowed": ["b", "a"], "nullable": True, "encode": "onehot"},
        {"name": "later", "type": "float", "nullable": True},
    ],
    derive=[{"name": "double", "expression": "f + f"}],
)
MINUTES = 900.0


def under(world: World, contract: DatasetContract) -> World:
    """The world after an apply of another contract."""
    world.contract = contract
    world.service = Ingest(world.made())
    return world


def loaded(**files: list[int]) -> World:
    """Main with files of the old recipe, and the new contract applied."""
    world = World(OLD)
    for name, rows in (files or {"a": list(range(10)), "b": list(range(10, 20))}).items():
        drop(world, name, rows)
    return under(world, NEW)


def drop(world: World, name: str, rows: list[int]) -> None:
    header = ",".join(column.name for column in world.contract.columns)
    lines = [dict(zip(["id", "y", "f", "i", "c", "t"], ROWS[n].split(","), strict=True)) for n in rows]
    cells = [",".join(line.get(column.name, "") for column in world.contract.columns) for line in lines]
    world.service.handle([world.drop(f"{name}.csv", tiny_csv(*cells, header=header), name)])


def asked(world: World) -> FeaturesMissing:
    return FeaturesMissing(
        dataset="tiny",
        repository="lakeloop-test-tiny",
        commit=world.lake.head(""),
        correlation_id="c",
        recipe=recipe_digest(world.contract),
    )


def remake(world: World, recorder: Recorder | None = None, left: Callable[[], float] = lambda: MINUTES) -> None:
    recorder = recorder or Recorder()
    service = RemakeService(
        contracts=MemoryContracts(world.contract),
        lake=Proxy(recorder, "lake", world.lake),
        publisher=Proxy(recorder, "publisher", world.publisher),
        name_prefix="lakeloop-test",
        git_sha="abc",
    )
    service.handle(message(asked(world).model_dump_json()), left)


def features(world: World) -> Features:
    return features_at(
        world.lake, "lakeloop-test-tiny", "main", recipe_digest(world.contract), Index(world.lake, "", "main")
    )
