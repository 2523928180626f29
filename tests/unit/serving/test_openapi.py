"""The OpenAPI document: what its linter accepts, what answers fit, and what it says of columns."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from lakeloop.compiler.judge import judge
from lakeloop.contract import DatasetContract
from lakeloop.serving.openapi import REFUSALS, document
from lakeloop.serving.ports import UNKNOWN_MODEL, EndpointView, LiveModel
from tests.data import ROOT, tiny
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import GOOD, public, service_of, with_columns

SHIPPED = sorted((ROOT / "datasets").rglob("*.yaml"))


def shipped() -> list[DatasetContract]:
    found = [judge(file.name, file.read_bytes()).contract for file in SHIPPED]
    return [contract for contract in found if contract]


def schema(found: dict[str, Any], name: str) -> dict[str, Any]:
    """A schema of the document as plain JSON Schema knows it."""

    def plain(part: Any) -> Any:  # noqa: ANN401
        if isinstance(part, list):
            return [plain(one) for one in part]
        if not isinstance(part, dict):
            return part
        rest = {key: plain(value) for key, value in part.items() if key != "nullable"}
        if part.get("nullable"):
            return {"anyOf": [{"type": "null"}, rest]}
        return rest

    found_schema: dict[str, Any] = {**plain(found), **plain(found["components"]["schemas"][name])}
    return found_schema


def test_the_document_of_all_shipped_datasets_passes_its_linter() -> None:
    found = json.loads(json.dumps(document(shipped())))

    OpenAPIV30SpecValidator(found).validate()
    assert len(found["paths"]) == 1 + 3 * len(shipped())


@pytest.mark.parametrize(
    "contract",
    [
        tiny(),
        public("f", "i", "c", "t"),
        tiny(problem="regression", positive_class=None, label="f", training={}),
        with_columns(c={"unlisted": "other"}, f={"nullable": True}),
        with_columns({"name": "d", "type": "date", "feature": True, "format": "%d.%m.%Y"}),
        with_columns(c={"aliases": {"a": ["x"]}, "encode": "onehot"}),
    ],
    ids=["tiny", "public", "regression", "other values", "a date", "aliases"],
)
def test_a_document_of_every_kind_of_column_passes_its_linter(contract: DatasetContract) -> None:
    OpenAPIV30SpecValidator(json.loads(json.dumps(document([contract])))).validate()


def test_a_linter_that_takes_anything_would_prove_nothing() -> None:
    broken = json.loads(json.dumps(document([tiny()])))
    del broken["paths"]["/datasets/tiny/predictions"]["post"]["responses"]

    assert list(OpenAPIV30SpecValidator(broken).iter_errors())


@pytest.mark.parametrize(
    "views",
    [
        [EndpointView(LiveModel("m", commit="c"))],
        [EndpointView(UNKNOWN_MODEL)],
        [EndpointView(LiveModel("m"), LiveModel("n"), shifting=True)],
    ],
    ids=["settled", "unknown", "changing"],
)
def test_answers_are_what_the_document_says(views: list[EndpointView | None]) -> None:
    found = json.loads(json.dumps(document([tiny()])))
    service = service_of(MemoryEndpoints(views=views))

    one = service.handle("tiny", json.dumps({"features": GOOD}))
    rows = {"rows": [{"features": GOOD}, {"features": {}}]}
    several = service.handle_batch("tiny", json.dumps(rows))
    refused = service.handle("tiny", "{}")

    Draft4Validator(schema(found, "tiny.prediction")).validate(one.body)
    Draft4Validator(schema(found, "tiny.predictions")).validate(several.body)
    Draft4Validator(schema(found, "refusal")).validate(refused.body)


def test_a_regression_answers_what_the_document_says() -> None:
    contract = tiny(problem="regression", positive_class=None, label="f", training={})
    found = json.loads(json.dumps(document([contract])))

    answer = service_of(MemoryEndpoints(answer="1.25"), contract).handle("tiny", json.dumps({"features": {"y": "no"}}))

    Draft4Validator(schema(found, "tiny.prediction")).validate(answer.body)


@pytest.mark.parametrize(
    ("features", "fits"),
    [
        (GOOD, True),
        ({"f": 0}, True),
        ({"f": 1, "c": None}, True),
        ({}, False),
        ({"f": 11}, False),
        ({"f": 1, "c": "z"}, False),
        ({"f": 1, "q": 1}, False),
    ],
)
def test_what_the_document_takes_of_these_the_service_takes(features: dict[str, object], fits: bool) -> None:
    found = json.loads(json.dumps(document([tiny()])))
    body = {"features": features}

    assert Draft4Validator(schema(found, "tiny.row")).is_valid(body) is fits
    assert (service_of().handle("tiny", json.dumps(body)).status == 200) is fits


def test_every_refusal_of_the_gateway_and_the_function_is_in_the_document_and_on_the_page() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    gateway = (ROOT / "infra" / "modules" / "api" / "answers.tf").read_text()

    told = set(re.findall(r"^\| (\d{3}) \|", page, re.MULTILINE))

    assert set(re.findall(r'status += "(\d{3})"', gateway)) < told == set(REFUSALS)


def test_only_a_dataset_that_is_all_public_may_be_queried_and_without_a_key() -> None:
    path = "/datasets/tiny/predictions"
    private, open_ = (document([contract])["paths"] for contract in (tiny(), public("f", "i", "c", "t")))

    assert isinstance(private, dict)
    assert isinstance(open_, dict)
    assert list(private[path]) == ["post"]
    assert open_[path]["get"]["security"] == []
    assert [(one["name"], one["required"]) for one in open_[path]["get"]["parameters"]] == [
        ("f", True),
        ("i", False),
        ("c", False),
        ("t", False),
    ]


def test_what_is_judged_only_has_no_path() -> None:
    unlearned = tiny(problem=None, label=None, positive_class=None, training={})

    assert document([unlearned])["paths"] == document([])["paths"]


def test_the_service_describes_all_datasets() -> None:
    answer = service_of(None, tiny(), tiny(name="other")).handle_description()

    paths = answer.body["paths"]
    assert isinstance(paths, dict)
    assert {"/datasets/tiny/predictions", "/datasets/other/predictions/batch"} <= paths.keys()
