"""Every problem of a contract at once, each with line, place, what was expected and what was found."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.loaders import Loader
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lakeloop.compiler import aws
from lakeloop.compiler.judge import judge
from lakeloop.compiler.problems import Problem
from lakeloop.contract import DatasetContract
from lakeloop.local.sagemaker.containers.xgboost import hyperparameters
from tests.data import ROOT
from tests.unit.compiler.taxi import TAXI, changed

WRONG = yaml.safe_load((Path(__file__).parent / "wrong.yaml").read_text())


def said(content: bytes, file: str = "taxi.yaml") -> list[str]:
    return [str(problem).removeprefix(f"{file}:") for problem in judge(file, content).problems]


def contract(content: bytes) -> DatasetContract:
    verdict = judge("taxi.yaml", content)
    assert verdict.contract, verdict.problems
    return verdict.contract


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_wrong_contract_says_where_what_was_expected_and_what_is_there(case: dict[str, Any]) -> None:
    assert said(changed(case["replace"], case["by"])) == case["says"]


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


def test_columns_that_are_wrong_are_not_also_called_too_few() -> None:
    text = changed("name: fare, type: float", "name: fare, type: decimal").replace(
        b"name: pay, type: category", b"name: pay, type: word"
    )

    assert [problem.path for problem in judge("taxi.yaml", text).problems] == ["columns.fare.type", "columns.pay.type"]


def test_trials_may_take_longer_where_they_do_not_run_on_spot() -> None:
    text = changed("spot: yes\n  max_trial_seconds: 600", "spot: no\n  max_trial_seconds: 7200")

    assert contract(text).training.max_trial_seconds == 7200


def test_what_is_left_out_has_its_default() -> None:
    assert contract(changed("max: 500", "max:")).column("fare").max is None


def test_what_can_be_tuned_and_its_limits_are_those_of_the_local_container() -> None:
    """Written down twice, from the same source: the stand-in judges what the contract let pass."""
    assert {*aws.TUNABLE, "num_round"} == hyperparameters.TUNABLE
    assert aws.ALIASES == hyperparameters.ALIASES
    assert set(aws.GIVEN) <= set(hyperparameters.RULES)
    for name, rule in aws.TUNABLE.items():
        theirs = hyperparameters.RULES[name]
        lowest = math.ulp(0.0) if rule.open else rule.low
        assert (lowest, math.inf if rule.high is None else rule.high) == (theirs.low, theirs.high), name


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
@example({"training": {"ranges": [None]}})
@example({"columns": {"name": "fare"}})
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
