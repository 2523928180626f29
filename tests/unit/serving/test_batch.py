"""Several rows in one request: each has its own verdict."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeloop.errors import ModelBusyError, ModelFailedError
from lakeloop.serving.answer import LARGEST_ANSWER, Answer
from lakeloop.serving.ports import EndpointView, LiveModel
from lakeloop.serving.request import LARGEST_BATCH, MOST_ROWS
from lakeloop.serving.scoring import MOST_SENT
from tests.data import tiny
from tests.fakes import MemoryEndpoints
from tests.unit.serving.asking import GOOD, problems, service_of, with_columns


def ask(rows: object, endpoints: MemoryEndpoints | None = None, **kept: Any) -> Answer:  # noqa: ANN401
    return service_of(endpoints, **kept).handle_batch("tiny", json.dumps({"rows": rows}))


def listed(answer: Answer) -> list[dict[str, Any]]:
    rows = answer.body["rows"]
    assert isinstance(rows, list)
    return rows


def test_good_rows_are_answered_and_bad_ones_get_their_reasons_in_their_places() -> None:
    endpoints = MemoryEndpoints(answer="0.9\n0.2\n")
    bad = {"features": {"f": 99}, "inference_id": "b"}

    answer = ask([{"features": GOOD, "inference_id": "a"}, bad, {"features": {"f": 0}, "inference_id": "c"}], endpoints)

    assert (answer.status, endpoints.bodies) == (200, ["1.5,7,2,1\n0,,,"])
    assert {key: answer.body[key] for key in ("dataset", "model", "data_commit", "predicted", "refused")} == {
        "dataset": "tiny",
        "model": "model-1",
        "data_commit": "commit-1",
        "predicted": 2,
        "refused": 1,
    }
    first, second, third = listed(answer)
    assert (first["inference_id"], first["prediction"], first["confidence"]) == ("a", "yes", 0.9)
    assert second == {
        "error": "invalid_request",
        "message": "the request does not fit the contract of the dataset",
        "fields": [{"field": "features.f", "problem": "expected at most 10, found `99`"}],
    }
    assert (third["inference_id"], third["prediction"]) == ("c", "no")


def test_when_no_row_fits_the_endpoint_is_not_asked() -> None:
    endpoints = MemoryEndpoints()

    answer = ask([{"features": {}}, 7, {"features": "x"}], endpoints)

    assert (answer.status, answer.body["refused"], endpoints.bodies) == (200, 3, [])
    assert [row["fields"][0]["field"] for row in listed(answer)] == ["features.f", "features", "features"]


def test_each_row_without_an_id_is_given_one() -> None:
    answer = ask([{"features": GOOD}, {"features": GOOD}], MemoryEndpoints(answer="0.1,0.2"))

    assert len({row["inference_id"] for row in listed(answer)}) == 2


def test_an_id_that_a_batch_gives_twice_is_refused_in_each_of_its_rows() -> None:
    rows = [{"features": GOOD, "inference_id": "a"}, {"features": GOOD, "inference_id": "a"}, {"features": GOOD}]

    answer = ask(rows)

    assert answer.body["predicted"] == 1
    assert listed(answer)[1]["fields"] == [
        {"field": "inference_id", "problem": "expected once in a batch, found 2 times"}
    ]


@pytest.mark.parametrize(
    ("body", "field", "problem"),
    [
        ("[]", "rows", "missing"),
        ('{"rows": {}}', "rows", "missing"),
        ('{"rows": []}', "rows", "expected 1 to 500 rows, found 0"),
        (json.dumps({"rows": [{}] * (MOST_ROWS + 1)}), "rows", "expected 1 to 500 rows, found 501"),
        ('{"rows": [{}], "model": "m"}', "model", "unknown"),
        ("{", "", "not JSON"),
    ],
)
def test_what_is_no_batch_is_a_400_that_says_what_one_is(body: str, field: str, problem: str) -> None:
    answer = service_of().handle_batch("tiny", body)

    assert answer.status == 400
    assert problem in problems(answer)[field]


def test_five_hundred_rows_are_one_call() -> None:
    endpoints = MemoryEndpoints(answer="\n".join(["0.5"] * MOST_ROWS))

    answer = ask([{"features": GOOD}] * MOST_ROWS, endpoints)

    assert (answer.body["predicted"], len(endpoints.bodies)) == (MOST_ROWS, 1)


def test_a_body_of_more_than_fits_is_413_with_the_figure() -> None:
    body = json.dumps({"rows": [{"features": GOOD}]})

    largest = service_of().handle_batch("tiny", body.ljust(LARGEST_BATCH))
    larger = service_of().handle_batch("tiny", body.ljust(LARGEST_BATCH + 1))

    assert (largest.status, larger.status) == (200, 413)
    assert larger.body["message"] == "a request has at most 3,000,000 bytes"


def test_the_largest_batch_fits_into_lambdas_six_megabytes_however_it_is_escaped() -> None:
    worst = '"' * LARGEST_BATCH
    headers = "x" * 10_240  # API Gateway takes no more, and hands them over twice.

    assert len(json.dumps({"body": worst, "headers": headers, "multiValueHeaders": headers})) < 6 * 1024 * 1024


def test_an_answer_that_lambda_could_not_hand_over_is_413() -> None:
    classes = [f"class-{n:04}" for n in range(600)]
    label = {"allowed": classes, "name": "y", "type": "category"}
    columns = [label if column["name"] == "y" else column for column in tiny().model_dump(mode="json")["columns"]]
    contract = tiny(
        problem="multiclass", positive_class=None, columns=columns, training={"metric": "mlogloss"}, quality={}
    )
    endpoints = MemoryEndpoints(answer="\n".join([",".join(["0.0016666666"] * 600)] * MOST_ROWS))
    service = service_of(endpoints, contract)

    answer = service.handle_batch("tiny", json.dumps({"rows": [{"features": GOOD}] * MOST_ROWS})).to_proxy()

    assert answer["statusCode"] == 413
    assert "send fewer rows" in str(answer["body"])
    assert len(json.dumps(answer)) < LARGEST_ANSWER


def test_a_page_may_read_that_an_answer_was_too_large() -> None:
    answer = Answer(200, {"rows": "x" * LARGEST_ANSWER}, {"Vary": "Origin"}).to_proxy()

    assert (answer["statusCode"], answer["headers"]) == (413, {"Content-Type": "application/json", "Vary": "Origin"})


def test_rows_that_are_more_to_the_model_than_it_takes_at_once_are_413() -> None:
    wide = {"name": "w", "type": "category", "allowed": [f"v{n}" for n in range(5_000)], "encode": "onehot"}
    columns = [*tiny().model_dump(mode="json")["columns"], wide]

    answer = service_of(None, tiny(columns=columns)).handle_batch(
        "tiny", json.dumps({"rows": [{"features": {**GOOD, "w": "v1"}}] * MOST_ROWS})
    )

    assert answer.status == 413
    assert f"{MOST_SENT:,} go at once" in str(answer.body["message"])


def test_while_the_model_changes_the_rows_are_asked_again_together() -> None:
    old, new = LiveModel("old", "before"), LiveModel("new", "after")
    changed = with_columns(c={"allowed": ["b", "a"]})
    endpoints = MemoryEndpoints(answer="0.9\n0.1", views=[EndpointView(old, new), EndpointView(new)])

    answer = ask([{"features": GOOD}, {"features": {"f": 1}}], endpoints, before=tiny(), after=changed)

    assert answer.body["model"] == "new"
    assert endpoints.bodies == ["1.5,7,2,1\n1,,,", "1.5,7,1,1\n1,,,"]


def test_a_row_that_one_of_two_models_refuses_keeps_both_from_answering() -> None:
    old, new = LiveModel("old", "before"), LiveModel("new", "after")
    endpoints = MemoryEndpoints(answer="0.9\n0.1", views=[EndpointView(old, new, shifting=True)])

    answer = ask(
        [{"features": GOOD}, {"features": {"f": 5}}], endpoints, before=tiny(), after=with_columns(f={"max": 2})
    )

    assert (answer.status, answer.body["error"]) == (503, "model_busy")


@pytest.mark.parametrize(("error", "status"), [(ModelBusyError("x"), 503), (ModelFailedError("x"), 502)])
def test_what_the_endpoint_cannot_do_is_said_once_for_all_rows(error: Exception, status: int) -> None:
    answer = ask([{"features": GOOD}] * 3, MemoryEndpoints(answer=error))

    assert (answer.status, "rows" in answer.body) == (status, False)


@settings(max_examples=60)
@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(), st.text())), max_size=6))
def test_no_batch_whatever_breaks_the_service(rows: list[object]) -> None:
    answer = ask([*rows, {"features": {"f": 1}}], MemoryEndpoints(answer="0.5"))

    assert answer.status == 200
    assert (answer.body["predicted"], answer.body["refused"]) == (1, len(rows))
