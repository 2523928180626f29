"""Branches of people: changed apart from main, and merged by the checks that the loop's own commits meet."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lakeloop.client.branches import Branches
from lakeloop.client.dataset import Dataset
from lakeloop.client.errors import AdvisedError, MistakenNameError, RefusedDataError
from lakeloop.client.table import Table
from lakeloop.contract.digest import recipe_digest
from lakeloop.lake.layout import SPLITS
from tests.contract.lakefs.lakes import adapter
from tests.contract.lakefs.servers import Server
from tests.contract.lakefs.versions import World
from tests.data import tiny, tiny_csv
from tests.fakes import MemoryContracts
from tests.world import ROWS

NEW = tuple(f"n{row}" for row in ROWS[:6])
RECIPE = recipe_digest(tiny())


@dataclass
class Topic:
    """What was told to the loop."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, *, TopicArn: str, Message: str) -> None:  # noqa: N803 boto3's names
        assert TopicArn.endswith("start-tuning")
        self.told.append(json.loads(Message))


class Scientist:
    """Somebody with a branch called `trial`."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.world, self.topic = World(server), Topic()
        self.environment = self.world.environment
        self.lake = adapter(server)
        self.environment.lake_within = lambda seconds: self.lake  # type: ignore[method-assign]
        self.environment.caller = "ann"
        self.environment.sns = self.topic  # type: ignore[assignment]
        self.branches = Branches(self.environment, Dataset(self.environment, "tiny"))
        self.repository = f"{self.environment.outputs.name_prefix}-tiny"
        self._folder = folder
        self.branches.create("trial")

    def file(self, *rows: str, name: str = "more.csv") -> Path:
        file = self._folder / name
        file.write_bytes(tiny_csv(*rows))
        return file

    def table(self, at: str) -> pl.DataFrame:
        return Table(self.environment, "tiny", at).polars()

    def put(self, path: str, body: bytes) -> None:
        """As with any client of lakeFS."""
        file = self._folder / "object"
        file.write_bytes(body)
        self.lake.upload(self.repository, "trial", path, file)
        self.lake.commit(self.repository, "trial", path, {})

    def features(self, at: str) -> int:
        """How many rows a model could read."""
        table = Table(self.environment, "tiny", at)
        return sum(table.features(split, RECIPE).height for split in SPLITS)

    def objects(self, prefix: str, at: str = "trial") -> list[str]:
        return [entry.path for entry in self.lake.objects(self.repository, at, prefix)]


@pytest.fixture
def ann(server: Server, tmp_path: Path) -> Scientist:
    return Scientist(server, tmp_path)


def parquet(rows: pl.DataFrame) -> bytes:
    body = io.BytesIO()
    rows.write_parquet(body)
    return body.getvalue()


def test_rows_of_a_file_are_on_the_branch_alone_until_it_is_merged(ann: Scientist) -> None:
    main = ann.table("main")

    written = ann.branches.write("trial", ann.file(*NEW), "more of the rare kind")
    beside = ann.table("main")
    changes = ann.branches.diff("trial")
    ann.branches.merge("trial", "it helps")

    assert (written.rows, written.refused) == (len(NEW), 0)
    assert beside.equals(main)
    assert (changes.added.height, changes.removed.height, changes.changed.height) == (len(NEW), 0, 0)
    assert ann.table("main").height == main.height + len(NEW)
    head = ann.lake.commit_at(ann.repository, "main")
    assert (head.metadata["branch"], head.metadata["who"], head.metadata["reason"]) == ("trial", "ann", "it helps")
    assert [(told["dataset"], told["commit"]) for told in ann.topic.told] == [("tiny", head.id)]


def test_a_branch_has_features_for_its_rows_and_can_be_trained_from(ann: Scientist) -> None:
    before = ann.features("main")

    ann.branches.write("trial", ann.file(*NEW), "")

    assert ann.features("trial") == before + len(NEW)
    assert ann.branches.check("trial") == []


def test_a_file_of_the_same_name_replaces_its_rows_on_the_branch(ann: Scientist) -> None:
    ann.branches.write("trial", ann.file(*NEW), "")

    ann.branches.write("trial", ann.file(*NEW[:2]), "too many")

    assert ann.branches.diff("trial").added.height == 2


def test_rows_take_the_place_of_a_landed_file_and_it_does_not_come_back(ann: Scientist) -> None:
    main = ann.table("main").height

    written = ann.branches.write("trial", ann.file(*ROWS[:3], name="mended.csv"), "labels were wrong", "a.csv")
    ann.branches.merge("trial", "labels were wrong")

    assert written.replaced == 9
    assert ann.table("main").height == main - 9 + 3


def test_rows_that_the_gate_refuses_are_left_out_and_told(ann: Scientist) -> None:
    bad = NEW[0].replace(",0.0,", ",much,")

    written = ann.branches.write("trial", ann.file(bad, *NEW[1:]), "")

    assert (written.rows, written.refused) == (len(NEW) - 1, 1)
    assert written.reasons[0].startswith("line 2: ")
    with pytest.raises(RefusedDataError, match="none of the 1 rows"):
        ann.branches.write("trial", ann.file(bad, name="bad.csv"), "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.with_columns(pl.lit("perhaps").alias("y")), "rows do not fit"),
        (lambda rows: rows.drop("y"), "y"),
        (lambda rows: rows, "holds rows of other splits"),
    ],
)
def test_main_does_not_take_rows_by_hand_that_the_gate_would_not(
    ann: Scientist, change: Callable[[pl.DataFrame], pl.DataFrame], said: str
) -> None:
    main = ann.lake.head(ann.repository)
    rows = change(Table(ann.environment, "tiny", "main").polars("train", origin=True))
    ann.put("rows/test/mine.parquet", parquet(rows))

    with pytest.raises(AdvisedError, match=said):
        ann.branches.merge("trial", "")

    assert ann.lake.head(ann.repository) == main
    assert ann.topic.told == []


def test_rows_by_hand_that_fit_get_their_features_and_are_merged(ann: Scientist) -> None:
    rows = Table(ann.environment, "tiny", "main").polars("train").head(2)
    main = ann.features("main")
    ann.put("rows/train/mine.parquet", parquet(rows))

    ann.branches.merge("trial", "")

    assert ann.features("main") == main + 2


def test_limits_for_a_whole_file_are_not_those_of_its_part_in_a_split(ann: Scientist) -> None:
    demanding = tiny(quality={"min_rows": len(NEW), "max_rejected_fraction": 0.5})
    ann.environment.contracts = MemoryContracts(demanding)  # type: ignore[assignment]
    ann.branches = Branches(ann.environment, Dataset(ann.environment, "tiny"))

    ann.branches.write("trial", ann.file(*NEW), "")

    assert len({path.split("/")[1] for path in ann.objects("rows/") if "more" in path}) > 1
    assert ann.branches.check("trial") == []


def test_features_alone_are_not_taken(ann: Scientist) -> None:
    folder = f"features/{RECIPE}/train/"
    ann.put(f"{folder}mine.parquet", parquet(pl.DataFrame({"label": [1.0]})))

    [problem] = ann.branches.check("trial")

    assert problem.path == f"{folder}mine.parquet"
    assert "features are made of rows" in problem.what


def test_rows_of_the_loop_do_not_go_without_its_index(ann: Scientist) -> None:
    [place, *_] = ann.objects("rows/")
    for path in ann.objects("rows/"):
        if path.rpartition("/")[2] == place.rpartition("/")[2]:
            ann.lake.delete(ann.repository, "trial", path)
    ann.lake.commit(ann.repository, "trial", "clean up", {})

    [problem] = ann.branches.check("trial")

    assert "index/ still tells of it" in problem.what


def test_what_main_changed_meanwhile_is_not_lost_and_the_branch_stays(ann: Scientist) -> None:
    ann.branches.write("trial", ann.file(*ROWS[:3], name="mended.csv"), "", "a.csv")
    main = ann.world.again("a.csv", *ROWS[:5]).id

    with pytest.raises(AdvisedError, match="main changed the same parts"):
        ann.branches.merge("trial", "")

    assert ann.lake.head(ann.repository) == main
    assert [branch.name for branch in ann.branches.listed()] == ["trial"]


def test_a_branch_that_is_dropped_is_gone(ann: Scientist) -> None:
    ann.branches.drop("trial")

    assert ann.branches.listed() == []
    with pytest.raises(MistakenNameError, match="no branch 'trial'"):
        ann.branches.drop("trial")


@pytest.mark.parametrize("name", ["main", "ingest-1", "keep-job", "a/b", "", "trial"])
def test_names_of_the_loop_and_those_that_are_taken_are_refused(ann: Scientist, name: str) -> None:
    with pytest.raises(MistakenNameError):
        ann.branches.create(name)
