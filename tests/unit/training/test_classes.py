"""Training waits for data that holds something to learn."""

import subprocess
import sys
from typing import Any

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.lake.ports import LakeObject
from lakeloop.training.classes import MOST_BYTES, lacking
from tests.cases import DATA, OPS, contract_of
from tests.data import tiny
from tests.fakes import MemoryTuner
from tests.world import World

CASE = OPS / "one-class-so-far"
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "description": "Key"},
    {"name": "outcome", "type": "category", "allowed": ["no", "yes"], "description": "Label"},
    {"name": "x", "type": "float", "description": "Feature"},
]


@pytest.fixture
def contract() -> DatasetContract:
    said = (CASE / "contract.yaml").read_text()
    assert 'allowed: ["no", "yes"]' in said
    assert "min_new_rows: 100" in said
    return tiny(label="outcome", columns=COLUMNS, retrain={"min_new_rows": 100})


def two_hundred_rows() -> bytes:
    return subprocess.run([sys.executable, str(CASE / "make.py")], capture_output=True, check=True).stdout


def test_one_class_so_far_waits_says_what_is_missing_and_starts_by_itself(contract: DatasetContract) -> None:
    world, tuner = World(contract), MemoryTuner()
    service = world.training(tuner)
    world.service.handle([world.drop("a.csv", two_hundred_rows())])

    service.handle(world.told())

    assert not tuner.started
    report = world.reports.reports["tiny", "start_tuning"]
    assert report.why == "only `no` so far in train and validation: `yes` is needed"
    assert report.commit == world.lake.head("")

    rows = "".join(f"other{n},yes,0.5\n" for n in range(10))
    world.service.handle([world.drop("b.csv", f"id,outcome,x\n{rows}".encode())])
    service.handle(world.told())
    assert len(tuner.started) == 1


def test_no_positive_in_validation_waits_and_says_which_class_is_missing() -> None:
    case = DATA / "no-positive-in-validation"
    contract = contract_of(case)
    world, tuner = World(contract), MemoryTuner()
    world.service.handle([world.drop("a.csv", (case / "input.csv").read_bytes())])

    world.training(tuner).handle(world.told())

    assert not tuner.started
    assert world.reports.reports["case", "start_tuning"].why == "only `0` so far in validation: `1` is needed"


class Codes:
    """Objects by address, and which were read."""

    def __init__(self, **codes: set[int]) -> None:
        self._codes = codes
        self.read: list[str] = []

    def codes(self, physical_address: str) -> set[int]:
        self.read.append(physical_address)
        return self._codes[physical_address]


def objects(**sizes: int) -> list[LakeObject]:
    return [LakeObject(f"{name}.parquet", name, size) for name, size in sizes.items()]


def test_reading_ends_with_the_second_class_of_a_split() -> None:
    labels = Codes(a={0}, b={1}, c={1}, d={0, 1})

    assert lacking(tiny(), {"train": objects(c=9, b=2, a=1), "validation": objects(d=1)}, labels) == ""
    assert labels.read == ["a", "b", "d"]


def test_one_split_of_one_class_is_named_alone() -> None:
    labels = Codes(a={0, 1}, b={1})

    why = lacking(tiny(), {"train": objects(a=1), "validation": objects(b=1)}, labels)

    assert why == "only `yes` so far in validation: `no` is needed"


def test_splits_of_different_classes_are_told_apart() -> None:
    labels = Codes(a={0}, b={1})

    why = lacking(tiny(), {"train": objects(a=1), "validation": objects(b=1)}, labels)

    assert why == "only `no` so far in train: `yes` is needed; only `yes` so far in validation: `no` is needed"


def test_labels_are_read_from_as_much_as_a_function_holds_with_ease() -> None:
    labels = Codes(a={0}, b={0, 1})

    why = lacking(tiny(), {"train": objects(a=64 * 2**20), "validation": objects(b=1)}, labels)

    assert why == "only `no` so far in train: `yes` is needed"


def test_labels_beyond_the_limit_are_left_to_the_trials() -> None:
    labels = Codes(a={0}, b={0})
    splits = {"train": objects(a=1, b=MOST_BYTES), "validation": objects(b=MOST_BYTES + 1)}

    assert lacking(tiny(), splits, labels) == ""
    assert labels.read == ["a"]


def of_three_classes() -> DatasetContract:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "category", "allowed": ["r", "g", "b"], "description": "label"}
    metric = {**tiny().training.model_dump(mode="json"), "metric": "mlogloss"}
    return tiny(problem="multiclass", positive_class=None, columns=columns, training=metric)


def test_an_object_that_holds_all_classes_lacks_none() -> None:
    assert lacking(of_three_classes(), {"train": objects(a=1), "validation": objects(a=1)}, Codes(a={0, 1, 2})) == ""


def test_several_missing_classes_are_listed() -> None:
    why = lacking(of_three_classes(), {"train": objects(a=1), "validation": objects(a=1)}, Codes(a={1}))

    assert why == "only `g` so far in train and validation: one of `r`, `b` is needed"


def test_regression_needs_rows_only() -> None:
    columns = tiny().model_dump(mode="json")["columns"]
    columns[1] = {"name": "y", "type": "float", "description": "label"}
    metric = {**tiny().training.model_dump(mode="json"), "metric": "rmse"}
    contract = tiny(problem="regression", positive_class=None, columns=columns, training=metric)

    assert lacking(contract, {"train": objects(a=1), "validation": objects(a=1)}, Codes()) == ""
    assert lacking(contract, {"train": [], "validation": objects(a=1)}, Codes()) == (
        "no rows in train yet: more data is needed"
    )
