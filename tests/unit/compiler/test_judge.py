"""Every problem of a contract at once, each with line, place, what was expected and what was found."""

from pathlib import Path

import pytest
from botocore.loaders import Loader
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.compiler import aws
from lakeloop.compiler.judge import judge
from lakeloop.compiler.problems import Problem
from lakeloop.contract import DatasetContract
from lakeloop.local.sagemaker.containers.xgboost import hyperparameters
from tests.data import ROOT
from tests.unit.compiler.taxi import TAXI, changed

WRONG: dict[str, tuple[str, str, list[str]]] = {
    "unknown problem": (
        "problem: binary",
        "problem: ranking",
        ["3: problem: expected one of binary, multiclass, regression, found ranking"],
    ),
    "missing section": (
        "quality: {max_rejected_fraction: 0.1}\n",
        "",
        ["1: quality: expected a mapping, found nothing"],
    ),
    "missing key": (
        "  rounds: 60\n",
        "",
        ["14: training.rounds: expected a whole number of at least 1 and at most 4000, found nothing"],
    ),
    "unknown key": (
        "test: 0.15",
        "test: 0.15, holdout: 0.1",
        ["12: splits.holdout: unknown key, expected one of train, validation, test"],
    ),
    "unknown column key": (
        "nullable: yes",
        "nulable: yes",
        ["11: columns.pay.nulable: unknown key, did you mean nullable?"],
    ),
    "key that is like none": (
        "retrain: {min_new_rows: 300}",
        "retrain: {min_new_rows: 300, xyz: 1}",
        ["27: retrain.xyz: unknown key, expected one of min_new_rows"],
    ),
    "unknown column type": (
        "type: float",
        "type: decimal",
        ["10: columns.fare.type: expected one of float, integer, boolean, category, string, found decimal"],
    ),
    "text for a number": (
        "max_rejected_fraction: 0.1",
        "max_rejected_fraction: few",
        ["13: quality.max_rejected_fraction: expected a number of at least 0 and at most 1, found few"],
    ),
    "no number at all": (
        "max_rejected_fraction: 0.1",
        "max_rejected_fraction: .nan",
        ["13: quality.max_rejected_fraction: expected a number of at least 0 and at most 1, found .nan"],
    ),
    "infinite number": ("max: 500", "max: 1e999", ["10: columns.fare.max: expected a number, found 1e999"]),
    "list for a text": (
        "description: Trips",
        "description: [a, b]",
        ["2: description: expected a text, found a list of 2"],
    ),
    "nothing for a text": ("description: Trips", "description:", ["2: description: expected a text, found nothing"]),
    "neither true nor false": (
        "nullable: yes",
        "nullable: maybe",
        ["11: columns.pay.nullable: expected true or false, found maybe"],
    ),
    "fraction of an integer": (
        "  trials: 6",
        "  trials: 2.5",
        ["21: training.trials: expected a whole number of at least 1 and at most 750, found 2.5"],
    ),
    "value too large": (
        "parallel_trials: 2",
        "parallel_trials: 11",
        ["22: training.parallel_trials: expected a whole number of at least 1 and at most 10, found 11"],
    ),
    "value at an open limit": (
        "train: 0.7",
        "train: 1",
        ["12: splits.train: expected a number above 0 and below 1, found 1"],
    ),
    "instance type without ml": (
        "instance_type: ml.m5.large",
        "instance_type: m5.large",
        ["23: training.instance_type: expected an instance type of SageMaker, such as ml.m5.large, found m5.large"],
    ),
    "text for a mapping": (
        "splits: {train: 0.7, validation: 0.15, test: 0.15}",
        "splits: halves",
        ["12: splits: expected a mapping, found halves"],
    ),
    "no ranges": (
        "  ranges:\n    eta: {type: continuous, min: 0.05, max: 0.5, scale: Logarithmic}\n    max_depth: {type: integer, min: 2, max: 6}\n",
        "  ranges: {}\n",
        ["18: training.ranges: expected a mapping of at least 1 and at most 30, found a mapping of 0"],
    ),
    "unknown scale": (
        "scale: Logarithmic",
        "scale: Log",
        ["19: training.ranges.eta.scale: expected one of Auto, Linear, Logarithmic, ReverseLogarithmic, found Log"],
    ),
    "serverless memory": (
        "memory_mb: 2048",
        "memory_mb: 1000",
        [
            "29: serving.serverless.memory_mb: expected a whole number of at least 1024 and at most 6144 and divisible by 1024, found 1000"
        ],
    ),
    "column name with a space": (
        "name: fare",
        "name: The Fare",
        [
            "10: columns[2].name: expected a name of at most 63 lower-case letters, digits and underscores, a letter first, found The Fare"
        ],
    ),
    "column twice": (
        "name: fare, type: float, min: 0, max: 500",
        "name: tip, type: float",
        [
            "5: label: expected a category to learn for binary, found tip, a float",
            "7: columns: expected each name once, found tip twice",
        ],
    ),
    "row key is no column": ("row_key: trip", "row_key: id", ["4: row_key: expected the name of a column, found id"]),
    "row key may be null": (
        "type: string",
        "type: string, nullable: true",
        ["4: row_key: expected a column that is not nullable, found trip, which is"],
    ),
    "label is no column": ("label: tip", "label: tipped", ["5: label: expected the name of a column, found tipped"]),
    "label may be null": (
        "allowed: [no, yes]",
        "allowed: [no, yes], nullable: true",
        ["5: label: expected a column that is not nullable, found tip, which is"],
    ),
    "label is the row key": (
        "row_key: trip",
        "row_key: tip",
        ["5: label: expected another column than the row key, found tip"],
    ),
    "label of a type that cannot be learned": (
        "label: tip",
        "label: fare",
        ["5: label: expected a category to learn for binary, found fare, a float"],
    ),
    "number where a class is learned": (
        "problem: binary",
        "problem: regression",
        [
            "5: label: expected a float or integer column to learn, found tip, a category",
            "6: positive_class: expected nothing for regression, found yes",
            "15: training.metric: expected one of mae, rmse for regression, found auc",
        ],
    ),
    "binary label with three values": (
        "allowed: [no, yes]",
        "allowed: [no, yes, maybe]",
        ["9: columns.tip.allowed: expected 2 values of a binary label, found 3: no, yes, maybe"],
    ),
    "no positive class": ("positive_class: yes\n", "", ["1: positive_class: expected one of no, yes, found nothing"]),
    "positive class that is no class": (
        "positive_class: yes",
        "positive_class: true",
        ["6: positive_class: expected one of no, yes, found true"],
    ),
    "fractions over one": (
        "test: 0.15",
        "test: 0.2",
        ["12: splits: expected train, validation and test to be 1 together, found 1.05"],
    ),
    "metric of another problem": (
        "metric: auc",
        "metric: rmse",
        ["15: training.metric: expected one of auc, aucpr, error, logloss for binary, found rmse"],
    ),
    "two kinds of endpoint": (
        "max_concurrency: 5}",
        "max_concurrency: 5}\n  instances: {instance_type: ml.m5.large, count: 1}",
        ["28: serving: expected either serverless or instances, found both"],
    ),
    "no kind of endpoint": (
        "serving:\n  serverless: {memory_mb: 2048, max_concurrency: 5}",
        "serving: {}",
        ["28: serving: expected either serverless or instances, found neither"],
    ),
    "empty range": (
        "min: 0.05, max: 0.5",
        "min: 0.5, max: 0.5",
        ["19: training.ranges.eta.min: expected less than max, which is 0.5, found 0.5"],
    ),
    "limits the wrong way round": (
        "min: 0, max: 500",
        "min: 600, max: 500",
        ["10: columns.fare.min: expected at most max, which is 500, found 600"],
    ),
    "limits of a text": (
        "type: string",
        "type: string, min: 1",
        ["8: columns.trip.min: expected no limit for a column of type string, found 1"],
    ),
    "category without values": (
        "allowed: [card, cash], ",
        "",
        ["11: columns.pay.allowed: expected the values of the category, found nothing"],
    ),
    "values of a number": (
        "type: float",
        "type: float, allowed: [1]",
        ["10: columns.fare.allowed: expected no values for a column of type float, found 1"],
    ),
    "value twice": (
        "allowed: [card, cash]",
        "allowed: [card, cash, card]",
        ["11: columns.pay.allowed: expected each value once, found card twice"],
    ),
    "text as a feature": (
        "type: float, min: 0, max: 500",
        "type: string",
        ["10: columns.fare.type: expected float, integer, boolean or category for a feature, found string"],
    ),
    "hyperparameter misspelt": (
        "eta:",
        "etta:",
        ["19: training.ranges.etta: expected a hyperparameter that can be tuned, such as eta, found etta"],
    ),
    "hyperparameter of no algorithm": (
        "eta:",
        "hidden_layers:",
        [
            "19: training.ranges.hidden_layers: expected a hyperparameter that can be tuned, one of alpha, colsample_bylevel, colsample_bynode, colsample_bytree, eta, gamma, lambda, max_delta_step, max_depth, min_child_weight, subsample, found hidden_layers"
        ],
    ),
    "hyperparameter under its other name": (
        "eta:",
        "learning_rate:",
        ["19: training.ranges.learning_rate: expected eta, as SageMaker calls it, found learning_rate"],
    ),
    "hyperparameter that every trial is given": (
        "max_depth:",
        "num_round:",
        [
            "20: training.ranges.num_round: expected another hyperparameter, num_round is set by training.rounds, found it tuned as well"
        ],
    ),
    "hyperparameter beyond its limit": (
        "max: 0.5",
        "max: 1.5",
        ["19: training.ranges.eta.max: expected at most 1 for eta, found 1.5"],
    ),
    "share of nothing": (
        "eta: {type: continuous, min: 0.05, max: 0.5, scale: Logarithmic}",
        "subsample: {type: continuous, min: 0, max: 1}",
        ["19: training.ranges.subsample.min: expected above 0 for subsample, found 0"],
    ),
    "whole numbers for shares": (
        "max_depth: {type: integer, min: 2, max: 6}",
        "gamma: {type: integer, min: 2, max: 6}",
        ["20: training.ranges.gamma.type: expected continuous for gamma, found integer"],
    ),
    "shares for whole numbers": (
        "max_depth: {type: integer,",
        "max_depth: {type: continuous,",
        ["20: training.ranges.max_depth.type: expected integer for max_depth, found continuous"],
    ),
    "logarithmic from 0": (
        "min: 0.05",
        "min: 0",
        ["19: training.ranges.eta.min: expected above 0 on a logarithmic scale, found 0"],
    ),
    "reverse logarithmic up to 1": (
        "max: 0.5, scale: Logarithmic",
        "max: 1, scale: ReverseLogarithmic",
        ["19: training.ranges.eta.scale: expected limits from 0 to below 1 for ReverseLogarithmic, found 0.05 to 1"],
    ),
    "reverse logarithmic integers": (
        "min: 2, max: 6",
        "min: 2, max: 6, scale: ReverseLogarithmic",
        [
            "20: training.ranges.max_depth.scale: expected a continuous range for ReverseLogarithmic, found an integer one"
        ],
    ),
    "fractional limit of an integer range": (
        "min: 2,",
        "min: 2.5,",
        ["20: training.ranges.max_depth.min: expected a whole number in an integer range, found 2.5"],
    ),
    "more trials at once than there are": (
        "parallel_trials: 2",
        "parallel_trials: 8",
        ["22: training.parallel_trials: expected at most the 6 trials there are, found 8"],
    ),
    "instance type that training has not": (
        "ml.m5.large",
        "ml.nosuch.large",
        [
            "23: training.instance_type: expected an instance type that SageMaker has for training, such as ml.m5.large, found ml.nosuch.large"
        ],
    ),
    "instance type misspelt": (
        "ml.m5.large",
        "ml.m5.lagre",
        [
            "23: training.instance_type: expected an instance type that SageMaker has for training, such as ml.m5.large, found ml.m5.lagre"
        ],
    ),
    "instance type that endpoints have not": (
        "  serverless: {memory_mb: 2048, max_concurrency: 5}",
        "  instances: {instance_type: ml.m5.tiny, count: 1}",
        [
            "29: serving.instances.instance_type: expected an instance type that SageMaker has for endpoints, such as ml.m5.large, found ml.m5.tiny"
        ],
    ),
    "spot for longer than SageMaker waits": (
        "max_trial_seconds: 600",
        "max_trial_seconds: 7200",
        [
            "25: training.max_trial_seconds: expected at most 3600, or spot: false (for spot SageMaker waits no longer), found 7200"
        ],
    ),
    "seed that the container refuses": (
        "seed: 7",
        "seed: 2147483647",
        ["26: training.seed: expected at most 2147483646, found 2147483647"],
    ),
    "name that is not the file's": (
        "name: taxi",
        "name: cab",
        ["1: name: expected taxi, as the file is called, found cab"],
    ),
    "name in capitals": (
        "name: taxi",
        "name: Taxi",
        [
            "1: name: expected a name of at most 40 lower-case letters, digits and underscores, a letter first, found Taxi",
            "1: name: expected taxi, as the file is called, found Taxi",
        ],
    ),
    "alias": ("row_key: trip", "row_key: &key trip", ["4: row_key: take away &key: a contract takes no anchor"]),
    "tag": (
        "seed: 7",
        "seed: !!int 7",
        ["26: training.seed: take away !!int: a contract takes no tag, the schema says what a text means"],
    ),
    "key twice": ("label: tip", "label: tip\nlabel: fare", ["5: label: is there twice, on line 6 again: keep one"]),
    "merge": (
        "retrain: {min_new_rows: 300}",
        "retrain: {<<: {min_new_rows: 300}}",
        [
            '27: retrain."<<": unknown key, expected one of min_new_rows',
            "27: retrain.min_new_rows: expected a whole number of at least 1, found nothing",
        ],
    ),
}


def said(content: bytes, file: str = "taxi.yaml") -> list[str]:
    return [str(problem).removeprefix(f"{file}:") for problem in judge(file, content).problems]


def contract(content: bytes) -> DatasetContract:
    verdict = judge("taxi.yaml", content)
    assert verdict.contract, verdict.problems
    return verdict.contract


@pytest.mark.parametrize(("old", "new", "problems"), WRONG.values(), ids=WRONG)
def test_a_wrong_contract_says_where_what_was_expected_and_what_is_there(
    old: str, new: str, problems: list[str]
) -> None:
    assert said(changed(old, new)) == problems


@pytest.mark.parametrize("path", sorted((ROOT / "datasets").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_contracts_are_right(path: Path) -> None:
    assert judge(path.name, path.read_bytes()).problems == ()


def test_everything_that_is_wrong_is_said_at_once() -> None:
    text = TAXI.replace("type: float", "type: decimal").replace("eta:", "etta:").replace("test: 0.15", "test: 0.2")
    text = text.replace("row_key: trip", "row_key: id").replace("metric: auc", "metric: rmse")

    assert [problem.split(":")[1].strip() for problem in said(text.encode())] == [
        "row_key",
        "columns.fare.type",
        "splits",
        "training.metric",
        "training.ranges.etta",
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[Y, N]", ("Y", "N")),
        ("[yes, no]", ("yes", "no")),
        ("[0, 1, 2]", ("0", "1", "2")),
        ("[on, off, null, ~]", ("on", "off", "null", "~")),
        ("[12:30, 1.10, 0x1F, 1e3, 0012, 2024-01-01]", ("12:30", "1.10", "0x1F", "1e3", "0012", "2024-01-01")),
        ("['0', \"no\", .inf, .nan]", ("0", "no", ".inf", ".nan")),
    ],
)
def test_a_word_is_what_is_written_quoted_or_not(written: str, read: tuple[str, ...]) -> None:
    assert contract(changed("[card, cash]", written)).column("pay").allowed == read


def test_classes_need_no_quotes() -> None:
    assert contract(TAXI.encode()).positive_class == "yes"
    assert contract(TAXI.encode()).classes == ("no", "yes")


def test_a_number_may_be_quoted_because_every_value_is_text_until_the_schema_types_it() -> None:
    text = TAXI.replace("early_stopping_rounds: 10", 'early_stopping_rounds: "10"').replace("min: 0,", 'min: "0",')

    assert contract(text.encode()) == contract(TAXI.encode())


@pytest.mark.parametrize("word", ["yes", "true", "on", "True", '"true"', "Y"])
def test_yaml_words_for_true_are_true_where_the_schema_asks_for_it(word: str) -> None:
    assert contract(changed("nullable: yes", f"nullable: {word}")).column("pay").nullable


def test_what_is_left_out_has_its_default() -> None:
    assert contract(changed("max: 500", "max:")).column("fare").max is None


def test_limits_of_the_container_are_those_of_the_local_one() -> None:
    """Written down twice, from the same source: the stand-in judges what the contract let pass."""
    assert {name: (rule.low, rule.high) for name, rule in aws.TUNABLE.items() if rule.high is not None} == {
        name: (0, 1) for name in ("colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "subsample")
    }
    assert {*aws.TUNABLE, "num_round"} == hyperparameters.TUNABLE
    assert aws.ALIASES == hyperparameters.ALIASES
    assert set(aws.GIVEN) <= set(hyperparameters.RULES)


def test_instance_types_are_those_of_the_botocore_that_is_installed() -> None:
    shapes = Loader().load_service_model("sagemaker", "service-2")["shapes"]

    assert aws.instance_types("TrainingInstanceType") == tuple(shapes["TrainingInstanceType"]["enum"])
    assert "ml.m5.large" in aws.instance_types("ProductionVariantInstanceType")


WORDS = st.sampled_from(
    [
        "yes",
        "no",
        "null",
        "0",
        "-1",
        "1.5",
        "1e999",
        ".nan",
        "",
        "category",
        "float",
        "taxi",
        "tip",
        "Logarithmic",
        "\n",
    ]
) | st.text(max_size=8)
PLACES = sorted(set(DatasetContract.model_fields) | {"min", "max", "type", "name", "ranges", "allowed", "eta", "x"})
TREES = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(PLACES) | WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(PLACES), TREES, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_mapping_of_texts_is_a_contract_or_has_problems_that_name_a_place(changes: dict[str, object]) -> None:
    verdict = judge("taxi.yaml", written(changes))

    assert bool(verdict.contract) != bool(verdict.problems)
    assert all(problem.path and problem.line for problem in verdict.problems)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_contract_or_have_problems(content: bytes) -> None:
    problems = judge("taxi.yaml", content).problems

    assert problems
    assert all(isinstance(problem, Problem) and str(problem).startswith("taxi.yaml") for problem in problems)


def written(changes: dict[str, object]) -> bytes:
    """The contract with other values in some places, in YAML's flow style, every text quoted."""
    lines = [line for line in TAXI.splitlines() if not line.startswith(tuple(f"{key}:" for key in changes))]
    kept = [] if any(key in changes for key in ("columns", "training", "serving")) else lines
    return "\n".join([*kept, *(f"{key}: {flow(value)}" for key, value in changes.items()), ""]).encode()


def flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"? {flow(key)} : {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) if item is not None else "null" for item in value) + "]"
    return "" if value is None else quoted(str(value))


def quoted(text: str) -> str:
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'
