"""A changed contract is applied while files are dropped and predictions asked: nothing meets half of it."""

import csv
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import boto3
import pytest

from lakeloop.cli.demo.data import DATASET, prepare
from lakeloop.client.contracts import build_contracts
from lakeloop.client.dataset import Dataset
from lakeloop.client.dead_letters import DeadLetters
from lakeloop.client.environment import Environment
from lakeloop.client.follow import Drop
from lakeloop.client.loop import LoopWatch
from lakeloop.client.predictions import PredictionApi, features_of_row
from lakeloop.client.rollouts import Rollouts
from lakeloop.client.table_rows import features_at
from lakeloop.compiler.build import CONTRACTS
from lakeloop.inference.infer import infer
from lakeloop.inference.landed import Landed
from lakeloop.inference.roles import Wishes
from lakeloop.local.terraform.command import Terraform, TerraformError
from lakeloop.training.ports import TuningRun
from tests.data import ROOT
from tests.e2e.conftest import Deployment
from tests.e2e.test_loop import ignore, post

# Two limits that the new contract lowers together: what is judged by half of it breaks one of them only.
NARROWED = ("mean_radius", "mean_texture")
BETWEEN = "60"

ROWS = 20
DROPS = 8
SECONDS_BETWEEN_DROPS = 1.5


@pytest.fixture(scope="module")
def dataset(deployment: Deployment) -> Dataset:
    return Dataset(deployment.environment, DATASET)


EXAMPLES = ROOT / "datasets" / "examples"
LABELS = {"wine": None, "penguins": None, "grunfeld": "invest"}
"""Tables as packages ship them, and the label of those whose label no name tells."""
ONE_TRIAL = "training: {trials: 1, parallel_trials: 1}\n"


def inferred(name: str, label: str | None) -> str:
    """The contract that is inferred of a table, its questions answered with what was guessed."""
    file = EXAMPLES / f"{name}.csv"
    written = infer([Landed(file.name, lambda: file.open("rb"))], Wishes(label=label)).text
    return "".join(line for line in written.splitlines(keepends=True) if "# ask:" not in line) + ONE_TRIAL


@pytest.fixture(scope="module")
def narrowed(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform with the contract changed; afterwards the shipped one is applied again."""
    limits = [f"{{name: {column}, type: float, min: 0, max: 100," for column in NARROWED]
    changes = {limit: limit.replace("100", "50") for limit in limits}
    yield changed_contract(deployment, tmp_path_factory.mktemp("narrowed"), changes)
    deployment.terraform.apply()


@pytest.fixture(scope="module")
def with_tables(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform with inferred contracts beside the shipped one, which is applied alone again afterwards."""
    others = {name: inferred(name, label) for name, label in LABELS.items()}
    yield changed_contract(deployment, tmp_path_factory.mktemp("tables"), {}, others)
    deployment.terraform.apply()


def changed_contract(
    deployment: Deployment, folder: Path, changes: dict[str, str], others: Mapping[str, str] = MappingProxyType({})
) -> Terraform:
    """Terraform with the shipped contract changed, and others beside it."""
    contracts, compiled = folder / "datasets", folder / "build"
    shutil.copytree(CONTRACTS, contracts)
    file = contracts / f"{DATASET}.yaml"
    text = file.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text)
    for name, written in others.items():
        (contracts / f"{name}.yaml").write_text(written)
    build_contracts(contracts, compiled)
    directories = {
        "TF_VAR_contracts_directory": str(contracts),
        "TF_VAR_compiled_contracts_directory": str(compiled),
    }
    return Terraform(ROOT / "infra", {**deployment.variables, **directories})


class Traffic:
    """Files dropped and predictions asked, all of them with values that only the older contract takes."""

    def __init__(self, deployment: Deployment, dataset: Dataset, folder: Path) -> None:
        self._deployment = deployment
        self._dataset = dataset
        self._folder = folder
        known = prepare(dataset.contract, folder).held_out[:ROWS]
        self._rows = [{**row, **dict.fromkeys(NARROWED, BETWEEN)} for row in known]
        self._stopped = threading.Event()
        self.drops: list[Drop] = []
        self.answers: list[tuple[int, object]] = []

    def drop(self) -> Drop:
        name = f"narrow-{len(self.drops)}"
        file = self._folder / f"{name}.csv"
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, self._rows[0])
            writer.writeheader()
            writer.writerows({**row, "sample_id": f"{name}-{n}"} for n, row in enumerate(self._rows))
        self.drops.append(self._dataset.drop(file))
        return self.drops[-1]

    def ask(self) -> tuple[int, object]:
        features = dict(features_of_row(self._dataset.contract, self._rows[0]))
        self.answers.append(post(self._deployment, {"features": features}))
        return self.answers[-1]

    @contextmanager
    def flowing(self) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._keep, args=(self.ask, 10**6, 0.1)),
            threading.Thread(target=self._keep, args=(self.drop, DROPS, SECONDS_BETWEEN_DROPS)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            for thread in threads:
                thread.join()

    def _keep(self, work: Callable[[], object], times: int, seconds: float) -> None:
        for _ in range(times):
            if self._stopped.is_set():
                return
            work()
            time.sleep(seconds)


def verdict(environment: Environment, dataset: Dataset, drop: Drop) -> str:
    """By which contract every row of a file was judged."""
    ingested = LoopWatch(environment, dataset).wait_for_rows(drop, ignore)
    if (ingested.rows_committed, ingested.rows_quarantined) == (ROWS, 0):
        return "older"
    rejected = dataset.quarantined(ingested.quarantine_uri)
    rules = {frozenset((reason.column, reason.rule) for reason in row.reasons if reason.column) for row in rejected}
    assert len(rejected) == ROWS
    assert rules == {frozenset((column, "max: 50") for column in NARROWED)}
    return "newer"


def told(environment: Environment, function: str) -> dict[str, str]:
    """The variables of a deployed function."""
    name = environment.outputs.functions[function].name
    return boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]


def test_each_file_and_request_meets_one_contract_while_another_is_applied(
    deployment: Deployment, dataset: Dataset, narrowed: Terraform, tmp_path: Path
) -> None:
    environment = deployment.environment
    older, letters = told(environment, "transform_data"), DeadLetters(environment).count()
    traffic = Traffic(deployment, dataset, tmp_path)
    before = traffic.ask()

    with traffic.flowing():
        narrowed.apply()
        after_apply = traffic.drop()

    assert verdict(environment, dataset, after_apply) == "newer"
    assert {verdict(environment, dataset, drop) for drop in traffic.drops} <= {"older", "newer"}
    statuses = {status for status, _ in traffic.answers}
    assert statuses <= {before[0], 400}, traffic.answers
    refusals = [body["fields"] for status, body in traffic.answers if status == 400]  # type: ignore[index]
    assert all({field["field"] for field in fields} == {f"features.{c}" for c in NARROWED} for fields in refusals)
    assert DeadLetters(environment).count() == letters
    every_index = {told(environment, function)["CONTRACTS_INDEX"] for function in environment.outputs.functions}
    assert len(every_index) == 1
    assert older["CONTRACTS_INDEX"] not in every_index

    rollouts = Rollouts(environment)
    rollouts.go(rollouts.way(None), "too narrow")
    assert verdict(environment, dataset, traffic.drop()) == "older"


def test_a_contract_that_misreads_the_data_on_main_fails_the_apply_before_any_function_is_told(
    deployment: Deployment, narrowed: Terraform, tmp_path: Path
) -> None:
    deployment.terraform.apply()
    told_before = told(deployment.environment, "transform_data")
    refused = changed_contract(
        deployment, tmp_path, {"splits: {train: 0.7, validation: 0.15": "splits: {train: 0.6, validation: 0.25"}
    )

    # Twice: what was refused is judged again.
    for _ in range(2):
        with pytest.raises(TerraformError, match="splits: was"):
            refused.apply()

    assert told(deployment.environment, "transform_data") == told_before


def test_applying_the_older_contract_again_leaves_nothing_to_change(
    deployment: Deployment, narrowed: Terraform
) -> None:
    deployment.terraform.apply()

    assert not deployment.terraform.plan()


@pytest.mark.long
def test_three_tables_as_they_come_are_served_by_inferred_contracts_after_one_apply(with_tables: Terraform) -> None:
    with_tables.apply()
    environment = Environment.current()
    datasets = {name: Dataset(environment, name) for name in LABELS}
    watches = {name: LoopWatch(environment, dataset) for name, dataset in datasets.items()}

    drops = {name: dataset.drop(EXAMPLES / f"{name}.csv") for name, dataset in datasets.items()}
    for name, watch in watches.items():
        assert watch.wait_for_rows(drops[name], ignore).rows_committed == drops[name].rows
        tuning = watch.wait_for_tuning(datasets[name].commits()[0].id, ignore)
        assert isinstance(tuning, TuningRun)
        watch.wait_for_endpoint(tuning.name, ignore)

    api = PredictionApi(environment.api_base_url, environment.api_key)
    answers = {
        name: api.predict(name, features_at(dataset.contract, EXAMPLES / f"{name}.csv", 1)).prediction.prediction
        for name, dataset in datasets.items()
    }
    assert answers["wine"] == "class_0"
    assert answers["penguins"] == "Adelie Penguin (Pygoscelis adeliae)"
    assert answers["grunfeld"] == pytest.approx(317.6, rel=0.5)
