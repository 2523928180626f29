"""`terraform plan` refuses the contracts that lakeloop.contract refuses, with file, path and what was expected."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from lakeloop.contract import DatasetContract
from tests.infra.running import INFRA, ROOT, Terraform

MODULE = INFRA / "modules" / "contracts"
SHIPPED = yaml.safe_load((ROOT / "datasets" / "breast_cancer.yaml").read_text())

Contract = dict[str, Any]
Change = Callable[[Contract], object]
"""Changes a contract in place."""


class Checker:
    """The contracts module on its own, with a folder of contracts to check."""

    def __init__(self, terraform: Terraform, folder: Path) -> None:
        self._folder = folder
        self._contracts = folder / "datasets"
        self._contracts.mkdir()
        # A folder of its own for the working files: the module needs no provider, and infra/ has another.
        self._terraform = Terraform({**terraform.environment, "TF_DATA_DIR": str(folder / "data")})
        (folder / "main.tf").write_text(
            f'module "contracts" {{\n  source = "{MODULE}"\n  directory = "{self._contracts}"\n'
            '  name_prefix = "lakeloop-test"\n}\n'
        )
        assert self._terraform.run("init", "-input=false", folder=folder).returncode == 0

    def problems(self, text: str, name: str = "breast_cancer") -> list[str]:
        """What Terraform says of one contract; nothing when it takes it."""
        for left in self._contracts.iterdir():
            left.unlink()
        (self._contracts / f"{name}.yaml").write_text(text)
        result = self._terraform.run("plan", "-input=false", "-no-color", folder=self._folder)
        lines = [line.strip() for line in result.stderr.splitlines() if line.strip().startswith(f"{name}.yaml: ")]
        assert (result.returncode == 0) == (not lines), result.stdout + result.stderr
        return lines


@pytest.fixture(scope="module")
def checker(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Checker:
    return Checker(terraform, tmp_path_factory.mktemp("contracts"))


def changed(change: Change) -> Contract:
    contract: Contract = deepcopy(SHIPPED)
    change(contract)
    return contract


def column(contract: Contract, name: str) -> Contract:
    found: Contract = next(c for c in contract["columns"] if c["name"] == name)
    return found


def to_multiclass(contract: Contract) -> None:
    contract["problem"] = "multiclass"
    contract["training"]["metric"] = "mlogloss"
    del contract["positive_class"]


def to_regression(contract: Contract) -> None:
    contract.update(problem="regression", label="mean_area")
    contract["training"]["metric"] = "rmse"
    del contract["positive_class"]


def to_instances(contract: Contract) -> None:
    contract["serving"] = {"instances": {"instance_type": "ml.m5.large", "count": 2}}


RIGHT: dict[str, Change] = {
    "as shipped": lambda c: None,
    "multiclass": to_multiclass,
    "regression": to_regression,
    "on instances": to_instances,
    "optional keys left out": lambda c: [c["training"].pop(key) for key in ("spot", "seed", "max_trial_seconds")],
}

WRONG: dict[str, tuple[Change, str]] = {
    "unknown problem": (
        lambda c: c.update(problem="ranking"),
        'problem: expected string, one of binary, multiclass, regression, found "ranking"',
    ),
    "missing section": (lambda c: c.pop("quality"), "quality: expected object, found nothing"),
    "missing key": (
        lambda c: c["training"].pop("rounds"),
        "training.rounds: expected integer, at least 1, at most 4000, found nothing",
    ),
    "unknown key": (
        lambda c: c["splits"].update(holdout=0.1),
        "splits.holdout: expected one of test, train, validation",
    ),
    "unknown column key": (
        lambda c: column(c, "mean_area").update(nulable=True),
        "columns[5].nulable: expected one of allowed, description, max, min, name, nullable, type",
    ),
    "unknown column type": (
        lambda c: column(c, "mean_area").update(type="decimal"),
        'columns[5].type: expected string, one of float, integer, boolean, category, string, found "decimal"',
    ),
    "text for a number": (
        lambda c: c["quality"].update(max_rejected_fraction="few"),
        'quality.max_rejected_fraction: expected number, at least 0, at most 1, found "few"',
    ),
    "number for a text": (lambda c: c.update(description=5), "description: expected string, found 5"),
    "fraction of an integer": (
        lambda c: c["training"].update(trials=2.5),
        "training.trials: expected integer, at least 1, at most 750, found 2.5",
    ),
    "value too large": (
        lambda c: c["training"].update(parallel_trials=11),
        "training.parallel_trials: expected integer, at least 1, at most 10, found 11",
    ),
    "value at an open limit": (
        lambda c: c.update(splits={"train": 1, "validation": 0, "test": 0}),
        "splits.train: expected number, above 0, below 1, found 1",
    ),
    "pattern": (
        lambda c: c["training"].update(instance_type="m5.large"),
        'training.instance_type: expected string, matching ^ml\\., found "m5.large"',
    ),
    "too few columns": (
        lambda c: c.update(columns=c["columns"][:2]),
        "columns: expected array, with at least 3 entries, found ",
    ),
    "no ranges": (
        lambda c: c["training"].update(ranges={}),
        "training.ranges: expected object, with at least 1 entries, with at most 30 entries, found {}",
    ),
    "key of a range": (
        lambda c: c["training"]["ranges"]["eta"].update(scale="Log"),
        'training.ranges.eta.scale: expected string, one of Auto, Linear, Logarithmic, ReverseLogarithmic, found "Log"',
    ),
    "serverless memory": (
        lambda c: c["serving"]["serverless"].update(memory_mb=1000),
        "serving.serverless.memory_mb: expected integer, one of 1024, 2048, 3072, 4096, 5120, 6144, found 1000",
    ),
    "column twice": (
        lambda c: column(c, "mean_area").update(name="mean_radius"),
        "columns: expected each name once",
    ),
    "row key is no column": (lambda c: c.update(row_key="id"), "row_key: expected the name of a column"),
    "row key may be null": (
        lambda c: column(c, "sample_id").update(nullable=True),
        "row_key: expected a column that is not nullable",
    ),
    "label is no column": (lambda c: c.update(label="outcome"), "label: expected the name of a column"),
    "label may be null": (
        lambda c: column(c, "diagnosis").update(nullable=True),
        "label: expected a column that is not nullable",
    ),
    "label is the row key": (
        lambda c: c.update(row_key="diagnosis"),
        "label: expected another column than the row key",
    ),
    "label of a type that cannot be learned": (
        lambda c: c.update(label="mean_area"),
        "label: expected a column of type category",
    ),
    "binary label with three values": (
        lambda c: column(c, "diagnosis").update(allowed=["benign", "malignant", "unknown"]),
        "label: expected a column with 2 allowed values",
    ),
    "no positive class": (
        lambda c: c.pop("positive_class"),
        "positive_class: expected a class of a binary problem, and nothing for others",
    ),
    "positive class that is no class": (
        lambda c: c.update(positive_class="bad"),
        "positive_class: expected an allowed value of the label",
    ),
    "fractions over one": (
        lambda c: c["splits"].update(test=0.2),
        "splits: expected fractions whose sum is 1",
    ),
    "metric of another problem": (
        lambda c: c["training"].update(metric="rmse"),
        "training.metric: expected one of auc, aucpr, error, logloss",
    ),
    "two kinds of endpoint": (
        lambda c: c["serving"].update(instances={"instance_type": "ml.m5.large", "count": 1}),
        "serving: expected either serverless or instances",
    ),
    "no kind of endpoint": (lambda c: c.update(serving={}), "serving: expected either serverless or instances"),
    "empty range": (
        lambda c: c["training"]["ranges"]["eta"].update(min=0.5),
        "training.ranges.eta: expected min less than max",
    ),
    "limits the wrong way round": (
        lambda c: column(c, "mean_area").update(min=20000),
        "columns: mean_area: expected min at most max",
    ),
    "limits of a text": (
        lambda c: column(c, "sample_id").update(min=1),
        "columns: sample_id: expected min and max for float and integer only",
    ),
    "allowed values of a number": (
        lambda c: column(c, "mean_area").update(allowed=["1"]),
        "columns: mean_area: expected allowed values for a category, and for no other type",
    ),
    "allowed value twice": (
        lambda c: column(c, "diagnosis").update(allowed=["benign", "malignant", "benign"]),
        "columns: diagnosis: expected each allowed value once",
    ),
    "text as a feature": (
        lambda c: c["columns"].append({"name": "notes", "type": "string", "description": "Notes"}),
        "columns: notes: expected a feature of type float, integer, boolean or category",
    ),
}


@pytest.mark.parametrize("change", RIGHT.values(), ids=RIGHT)
def test_right_contract_is_taken_by_both(checker: Checker, change: Change) -> None:
    contract = changed(change)

    DatasetContract.model_validate(contract)
    assert checker.problems(yaml.safe_dump(contract)) == []


@pytest.mark.parametrize(("change", "said"), WRONG.values(), ids=WRONG)
def test_wrong_contract_is_refused_by_both(checker: Checker, change: Change, said: str) -> None:
    contract = changed(change)

    with pytest.raises(ValidationError):
        DatasetContract.model_validate(contract)
    problems = checker.problems(yaml.safe_dump(contract))
    assert any(problem.startswith(f"breast_cancer.yaml: {said}") for problem in problems), problems


def test_contract_is_called_as_its_file(checker: Checker) -> None:
    problems = checker.problems(yaml.safe_dump(SHIPPED), name="breast")

    assert problems == ["breast.yaml: name: expected breast, as the file is called"]


def test_name_leaves_room_for_the_names_made_of_it(checker: Checker) -> None:
    name = "a" * 37

    problems = checker.problems(yaml.safe_dump({**SHIPPED, "name": name}), name=name)

    assert problems == [f"{name}.yaml: name: expected at most 36 characters, for the names that SageMaker is given"]


@pytest.mark.parametrize("text", ["columns: [", "- just\n- a list\n", "plain words"])
def test_file_that_holds_no_mapping_is_named(checker: Checker, text: str) -> None:
    assert checker.problems(text) == ["breast_cancer.yaml: expected a YAML mapping"]


def test_schema_is_the_one_of_the_package() -> None:
    written = json.dumps(DatasetContract.model_json_schema(), indent=2) + "\n"

    assert (MODULE / "schema.json").read_text() == written, (
        "lakeloop.contract changed: write json.dumps(DatasetContract.model_json_schema(), indent=2) and a newline to "
        "infra/modules/contracts/schema.json"
    )
