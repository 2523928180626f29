"""The whole handler of `predict`: what it answers API Gateway, what it writes down, and what it costs."""

import json
import statistics
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from lakeloop.observability import logger
from tests.data import ROOT, breast_cancer
from tests.fakes import MemoryEndpoints
from tests.unit.lambdas.handlers import Context, load
from tests.unit.serving.asking import service_of

ROWS = 100
MOST_MILLISECONDS, MOST_OF_ROWS = 5.0, 50.0


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    found = load(
        monkeypatch,
        "predict",
        CONTRACTS_INDEX="s3://artifacts/contracts/index.json?versionId=1",
        CORS_ORIGINS='["https://page.example"]',
        CAPTURES_BUCKET="captures",
        CAPTURES_TOPIC_ARN="arn:aws:sns:us-east-1:123456789012:captures",
        HASHING_KEY_ARN="",
        POWERTOOLS_METRICS_NAMESPACE="lakeloop-test",
    )
    found.service = service_of(MemoryEndpoints(), breast_cancer())  # type: ignore[attr-defined]
    return found


def event(**changes: object) -> dict[str, Any]:
    found = json.loads((ROOT / "lambdas" / "predict" / "events" / "request.json").read_text())
    return {**found, **changes}


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Metrics and log lines so far, as CloudWatch gets them; the logger may have been made under another stdout."""
    form = logger.registered_formatter.format
    return lambda: capsys.readouterr().out + "".join(form(record) for record in caplog.records)


def test_a_request_is_answered_and_written_down_without_its_values(
    handler: ModuleType, written: Callable[[], str]
) -> None:
    answer = handler.handler(event(headers={"Origin": "https://page.example"}), Context())

    assert answer["statusCode"] == 200
    assert answer["headers"]["Access-Control-Allow-Origin"] == "https://page.example"
    assert json.loads(answer["body"])["model"] == "model-1"
    lines = written()
    assert '"Predictions200"' in lines
    assert '"dataset":"breast_cancer"' in lines
    assert "mean_radius" not in lines


def test_what_is_counted_and_written_down_is_the_status_that_the_caller_sees(
    handler: ModuleType, monkeypatch: pytest.MonkeyPatch, written: Callable[[], str]
) -> None:
    monkeypatch.setattr("lakeloop.serving.answer.LARGEST_ANSWER", 10)

    assert handler.handler(event(), Context())["statusCode"] == 413

    lines = written()
    assert '"Predictions413"' in lines
    assert '"status":413' in lines


def test_a_name_that_is_none_is_cut_where_it_is_written_down(handler: ModuleType, written: Callable[[], str]) -> None:
    assert handler.handler(event(pathParameters={"dataset": "x" * 1000}), Context())["statusCode"] == 404

    lines = written()
    assert "x" * 40 in lines
    assert "x" * 41 not in lines


def own_milliseconds(handler: ModuleType, asked: dict[str, Any]) -> float:
    """CPU time, which other work on the machine leaves about as it is; `make bench-predict` has the clock's."""
    context, spent = Context(), []
    for _ in range(40):
        began = time.thread_time()
        answer = handler.handler(asked, context)
        spent.append(1000 * (time.thread_time() - began))
        assert answer["statusCode"] == 200
    return statistics.median(spent[10:])


def test_the_handlers_own_share_of_a_prediction_stays_below_its_ceiling(handler: ModuleType) -> None:
    assert own_milliseconds(handler, event()) <= MOST_MILLISECONDS


def test_the_handlers_own_share_of_a_hundred_rows_stays_below_its_ceiling(handler: ModuleType) -> None:
    handler.service = service_of(MemoryEndpoints("\n".join(["0.9"] * ROWS)), breast_cancer())  # type: ignore[attr-defined]
    row = {"features": json.loads(event()["body"])["features"]}

    asked = event(resource="/datasets/{dataset}/predictions/batch", body=json.dumps({"rows": [row] * ROWS}))
    assert f'"predicted": {ROWS}' in handler.handler(asked, Context())["body"]

    assert own_milliseconds(handler, asked) <= MOST_OF_ROWS
