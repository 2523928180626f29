"""A prediction service in memory, under today's contract and with those that models keep."""

import json

from lakeloop.contract import DatasetContract
from lakeloop.serving.answer import Answer
from lakeloop.serving.capturing import Capturing
from lakeloop.serving.ports import CaptureTopic
from lakeloop.serving.reader import RequestReader
from lakeloop.serving.request import one_row
from lakeloop.serving.service import PredictionService
from tests.data import tiny
from tests.fakes import MemoryCaptureTopic, MemoryContracts, MemoryEndpoints, MemoryKeys, MemoryModelContracts

GOOD: dict[str, object] = {"f": 1.5, "i": 7, "c": "b", "t": True}


def service_of(
    endpoints: MemoryEndpoints | None = None, *today: DatasetContract, **kept: DatasetContract
) -> PredictionService:
    """By default of the tiny contract; `kept` are the contracts of models by their digests."""
    return told_service(MemoryCaptureTopic(), endpoints, *today, **kept)


def told_service(
    topic: CaptureTopic, endpoints: MemoryEndpoints | None = None, *today: DatasetContract, **kept: DatasetContract
) -> PredictionService:
    """One whose answers a topic is told."""
    return PredictionService(
        contracts=MemoryContracts(*(today or (tiny(),))),
        model_contracts=MemoryModelContracts(kept),
        endpoints=endpoints or MemoryEndpoints(),
        capturing=Capturing(topic, MemoryKeys(), "lakeloop-test"),
        name_prefix="lakeloop-test",
    )


def ask(
    body: object,
    endpoints: MemoryEndpoints | None = None,
    dataset: str = "tiny",
    today: DatasetContract | None = None,
    **kept: DatasetContract,
) -> Answer:
    """Ask under today's contract, with those that models keep."""
    return service_of(endpoints, today or tiny(), **kept).handle(
        dataset, body if isinstance(body, str) else json.dumps(body)
    )


def with_columns(*added: dict[str, object], **changes: object) -> DatasetContract:
    """The tiny contract with columns changed by name or added at the end."""
    columns = [{**column, **changes.get(column["name"], {})} for column in tiny().model_dump(mode="json")["columns"]]  # type: ignore[dict-item]
    return tiny(columns=[*columns, *added])


def public(*names: str) -> DatasetContract:
    """The tiny contract with these of its columns public."""
    return with_columns(**{name: {"public": True} for name in names})


def problems(answer: Answer) -> dict[str, str]:
    """The fields that an answer names."""
    fields = answer.body["fields"]
    assert isinstance(fields, list)
    return {entry["field"]: entry["problem"] for entry in fields}


def csv_of(body: str, contract: DatasetContract) -> str:
    """The line that a model of this contract reads of a request for one row."""
    reader = RequestReader(contract)
    return reader.request(one_row(body), reader).csv


def reading(features: list[str]) -> DatasetContract:
    """The contract of a model that reads these, `city=A` for a value of a category."""
    allowed: dict[str, list[str]] = {}
    for feature in features:
        column, _, value = feature.partition("=")
        allowed.setdefault(column, []).extend([value] if value else [])
    columns = [
        {"name": "id", "type": "string", "description": "key"},
        {"name": "y", "type": "category", "allowed": ["yes", "no"], "description": "label"},
        *(
            {"name": name, "type": "category", "allowed": values, "description": "category"}
            if values
            else {"name": name, "type": "float", "description": "number"}
            for name, values in allowed.items()
        ),
    ]
    return tiny(columns=columns)
