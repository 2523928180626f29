"""A row in an address: only of datasets whose features may all stand there."""

import pytest

from lakeloop.contract import DatasetContract
from lakeloop.serving.answer import Answer
from lakeloop.serving.ports import EndpointView, LiveModel
from tests.data import tiny
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import problems, public, service_of

ALL = ("f", "i", "c", "t")


def query(
    contract: DatasetContract,
    parameters: dict[str, list[str]],
    endpoints: MemoryEndpoints | None = None,
    **kept: DatasetContract,
) -> Answer:
    return service_of(endpoints, contract, **kept).handle_query("tiny", parameters)


def test_texts_are_read_as_the_gate_reads_cells() -> None:
    endpoints = MemoryEndpoints()

    answer = query(public(*ALL), {"f": ["1.5"], "i": [" 7 "], "c": ["b"], "t": ["TRUE"]}, endpoints)

    assert (answer.status, endpoints.bodies) == (200, ["1.5,7,2,1"])
    assert answer.body["prediction"] == "yes"


def test_an_empty_value_is_none() -> None:
    endpoints = MemoryEndpoints()

    query(public(*ALL), {"f": ["2"], "i": [""]}, endpoints)

    assert endpoints.bodies == ["2,,,"]


@pytest.mark.parametrize("columns", [(), ("f", "i", "c"), ("id", "y")], ids=["none", "all but one", "no feature"])
def test_a_dataset_with_a_feature_that_is_not_public_looks_as_one_that_is_not_there(columns: tuple[str, ...]) -> None:
    endpoints = MemoryEndpoints()

    there = query(public(*columns), {"f": ["1"]}, endpoints)
    absent = service_of(None, tiny(name="other")).handle_query("tiny", {"f": ["1"]})
    unlearned = service_of(None, tiny(problem=None, label=None, positive_class=None, training={})).handle_query(
        "tiny", {"f": ["1"]}
    )

    assert (there.status, endpoints.bodies) == (404, [])
    assert there == absent == unlearned


def test_what_a_derived_feature_is_made_of_must_be_public_too() -> None:
    columns = [
        *({**column, "public": True} for column in tiny().model_dump(mode="json")["columns"]),
        {"name": "o", "type": "float", "feature": False},
    ]
    contract = tiny(columns=columns, derive=[{"name": "g", "expression": "f / o"}])

    assert query(contract, {"f": ["1"]}).status == 404


def test_every_parameter_that_does_not_fit_is_named() -> None:
    answer = query(public(*ALL), {"f": ["1", "2"], "i": ["x"], "inference_id": ["a"], "id": ["b"]})

    assert answer.status == 400
    assert problems(answer) == {
        "features.f": "expected once, found 2 times",
        "features.i": "expected integer, found `x`",
        "features.inference_id": "unknown",
        "features.id": "unknown",
    }


def test_a_column_that_is_no_longer_public_cannot_be_sent_to_a_model_that_still_reads_it() -> None:
    endpoints = MemoryEndpoints(views=[EndpointView(LiveModel("m", "trained"))])
    hidden = {"name": "h", "type": "float"}
    trained = tiny(columns=[*tiny().columns, hidden])
    today = tiny(columns=[*public(*ALL).columns, {**hidden, "feature": False}])

    answer = query(today, {"f": ["1"], "h": ["2"]}, endpoints, trained=trained)

    assert (answer.status, endpoints.bodies) == (400, [])
    assert problems(answer)["features.h"] in ("unknown", "missing")
