"""Trains a dataset at one commit with several settings, and brings the best model before the gate of the loop.

python flows/train.py run --dataset breast_cancer --settings '[{"eta": 0.1}, {"eta": 0.3, "max_depth": 4}]'
python flows/train.py resume
python flows/train.py card view evaluate
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from metaflow import FlowSpec, JSONType, Parameter, card, current, project, step
from metaflow.cards import Markdown, Table, VegaChart

import lakeloop
from lakeloop import names
from lakeloop.client.boosting import boost, refuse_settings, refuse_unlearnable
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.loop import LoopWatch
from lakeloop.client.models import Models
from lakeloop.client.own_models import OwnModels, Search, search_name
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import kept, recipe_digest
from lakeloop.evaluation.document import Trial
from lakeloop.training.tuning_job import MAXIMIZED

SPLITS = ("train", "validation")
Rows = list[dict[str, object]]
# Waiting says the same again and again; what was printed last is not printed once more.
tell = lru_cache(maxsize=1)(print)


@project(name="lakeloop")
class TrainFlow(FlowSpec):
    """From a commit to a judged model."""

    dataset = Parameter("dataset", help="a dataset that is deployed", default="breast_cancer")
    at = Parameter("at", help="a branch, tag, commit or day of its data", default=names.MAIN)
    settings = Parameter(
        "settings",
        help="hyperparameters of XGBoost to try, a list in JSON; what the contract says is added to each",
        type=JSONType,
        default='[{"eta": 0.05}, {"eta": 0.1}, {"eta": 0.3}]',
    )
    deploy = Parameter(
        "deploy", help="deploy what the promotion rule approves; else it waits for a person", type=bool, default=False
    )

    @card(type="blank")
    @step
    def start(self) -> None:
        """Pin the data: all later steps read this commit, by this contract."""
        table = lakeloop.data(self.dataset, at=self.at)
        refuse_unlearnable(table.contract)
        self.tried = refuse_settings(self.settings)
        self.commit, self.source, self.repository = table.commit.id, table.uri, table.repository
        self.contract = kept(table.contract).decode()
        self.began = datetime.now(UTC)
        rows = [{"split": split, "rows": table.polars(split).height} for split in (*SPLITS, "test")]
        current.card.append(Markdown(f"# {self.dataset}\nData: `{self.source}`"))
        current.card.append(VegaChart(bars(rows, "split", "rows")))
        self.next(self.train, foreach="tried")

    @card(type="blank")
    @step
    def train(self) -> None:
        """One model for each of the settings."""
        table, contract = lakeloop.data(self.dataset, at=self.commit), contract_of(self)
        train, validation = (table.features(split, recipe_digest(contract)) for split in SPLITS)
        self.chosen = self.input
        self.trained = boost(contract, train, validation, self.input)
        rows = [{"round": number, contract.metric: value} for number, value in enumerate(self.trained.rounds)]
        current.card.append(Markdown(f"# {self.input}\nvalidation-{contract.metric}: {self.trained.value:.6g}"))
        current.card.append(VegaChart(drawn(rows, "round", contract.metric, "line")))
        self.next(self.choose)

    @card(type="blank")
    @step
    def choose(self, inputs: Iterable[FlowSpec]) -> None:
        """The best on the validation rows; of equals the first."""
        self.merge_artifacts(inputs, exclude=["chosen", "trained"])
        contract, environment = contract_of(self), Environment.load()
        self.search = search_name(environment, contract, self.commit, current.run_id)
        self.trials = [
            Trial(
                f"{self.search}-{number:03}",
                "Completed",
                tried.trained.value,
                {name: str(value) for name, value in tried.chosen.items()},
            )
            for number, tried in enumerate(inputs, 1)
        ]
        pick = max if contract.metric in MAXIMIZED else min
        self.best = pick(range(len(self.trials)), key=lambda number: self.trials[number].value)
        self.booster = list(inputs)[self.best].trained.booster
        told = [[trial.name, str(dict(trial.parameters)), f"{trial.value:.6g}"] for trial in self.trials]
        rows = [{"trial": trial.name[-3:], contract.metric: trial.value} for trial in self.trials]
        current.card.append(Markdown(f"# {self.trials[self.best].name} is the best"))
        current.card.append(VegaChart(bars(rows, "trial", contract.metric)))
        current.card.append(Table(told, headers=["trial", "settings", contract.metric]))
        self.next(self.evaluate)

    @card(type="blank")
    @step
    def evaluate(self) -> None:
        """Score its test rows beside the champion's, judge it by the promotion rule, register it with the verdict."""
        environment, contract = Environment.load(), contract_of(self)
        author = f"{current.flow_name}/{current.run_id} of {environment.caller}"
        search = Search(self.search, self.repository, self.commit, contract, tuple(self.trials), self.began, author)
        best = self.trials[self.best]
        version = OwnModels(environment).judge(search, best, self.booster, deploy=self.deploy, note=tell)
        self.version, self.approval, self.why = version.version, str(version.approval), version.why
        self.model_package = version.arn
        self.evaluation = Models(environment, Dataset(environment, self.dataset)).evaluation(version.evaluation)
        current.card.append(Markdown(f"# Version {self.version} is {self.approval}\n{self.why}"))
        about, verdict = self.evaluation.get("about", {}), self.evaluation.get("verdict", {})
        weights = [{"feature": name, "share": share} for name, share in about.get("importance", {}).items()]
        current.card.append(VegaChart(bars(weights[:20], "feature", "share")))
        told = [
            [name, str(found["challenger"]["value"]), str(found["champion"]["value"])]
            for name, found in sorted(verdict.get("metrics", {}).items())
        ]
        current.card.append(Table(told, headers=["on the test rows", "this model", "beside it"]))
        print(f"version {self.version} of {self.dataset} is {self.approval}: {self.why}")
        self.next(self.served)

    @step
    def served(self) -> None:
        """Wait until the loop serves it, where that was asked for and the rule approved."""
        self.endpoint = ""
        if self.deploy and self.approval == "Approved":
            environment = Environment.load()
            watch = LoopWatch(environment, Dataset(environment, self.dataset))
            self.endpoint = watch.wait_for_endpoint(self.search, tell).name
        self.next(self.end)

    @step
    def end(self) -> None:
        print(f"{self.source} -> {self.model_package}")


def contract_of(flow: FlowSpec) -> DatasetContract:
    """The one that was deployed when the flow began."""
    return DatasetContract.model_validate_json(flow.contract)


def bars(rows: Rows, x: str, y: str) -> dict[str, object]:
    return drawn(rows, x, y, "bar")


def drawn(rows: Rows, x: str, y: str, mark: str) -> dict[str, object]:
    """A chart of Vega-Lite."""
    kind = "quantitative" if mark == "line" else "nominal"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": 500,
        "data": {"values": rows},
        "mark": mark,
        "encoding": {
            "x": {"field": x, "type": kind, "sort": None},
            "y": {"field": y, "type": "quantitative", "scale": {"zero": mark == "bar"}},
        },
    }


if __name__ == "__main__":
    TrainFlow()
