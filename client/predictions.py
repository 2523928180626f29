"""The prediction API, called as any client would: over HTTP with the API key."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import urllib3
from pydantic import BaseModel, ConfigDict

from lakeloop.client.errors import AdvisedError
from lakeloop.contract import Column, DatasetContract

TIMEOUT = urllib3.Timeout(connect=5, read=30)  # API Gateway gives up after 29 s

Feature = float | bool | str | None


class Maker(BaseModel):
    """A model and the commit of the data that it learned from; None is what is not known."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())

    model: str | None = None
    data_commit: str | None = None

    @property
    def named(self) -> str:
        """For people."""
        return self.model or "unknown"


class Prediction(Maker):
    """What the API answers."""

    inference_id: str
    prediction: str | float
    confidence: float | None = None
    probabilities: dict[str, float] | None = None
    candidate: Maker | None = None
    """The model that an update is bringing, where that one may have answered in the place of `model`."""


@dataclass(frozen=True)
class Answer:
    """A prediction and the seconds it took the caller."""

    prediction: Prediction
    seconds: float


class Api:
    """One deployed API; connections are kept."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._base_url = base_url
        self._headers = {"x-api-key": api_key, "content-type": "application/json"}
        self._http = urllib3.PoolManager(retries=False, timeout=TIMEOUT)

    def post(self, path: str, body: Mapping[str, object]) -> bytes:
        """The body of the answer. Raises AdvisedError where it is a refusal."""
        response = self._http.request("POST", f"{self._base_url}/{path}", body=json.dumps(body), headers=self._headers)
        if response.status != 200:
            raise refusal(response.status, response.data.decode(errors="replace"))
        return response.data


class PredictionApi(Api):
    """The part that predicts."""

    def predict(self, dataset: str, features: Mapping[str, Feature]) -> Answer:
        started = time.perf_counter()
        answer = self.post(f"datasets/{dataset}/predictions", {"features": features})
        seconds = time.perf_counter() - started
        return Answer(Prediction.model_validate_json(answer), seconds)


class FieldProblem(BaseModel):
    field: str
    problem: str


class Refusal(BaseModel):
    """The body of an answer that is no prediction."""

    message: str = ""
    fields: list[FieldProblem] = []


def refusal(status: int, body: str) -> AdvisedError:
    """The API's answer in words: what it says, every field it names, and what helps."""
    try:
        said = Refusal.model_validate_json(body)
    except ValueError:
        said = Refusal(message=body)
    fields = "".join(f"\n  {field.field}: {field.problem}" for field in said.fields)
    what = f"the prediction API answered {status}: {said.message}{fields}"
    return AdvisedError(what, ADVICE.get(status, "read the predict function's log: `lakeloop logs predict`"))


ADVICE = {
    400: "mend the fields; the columns are described in the dataset's contract under datasets/",
    403: "run `terraform apply`: the API key is not, or not yet, accepted",
    404: "`lakeloop status` lists the datasets",
    429: "wait a little: the usage plan's limit is reached",
    503: "drop data with `lakeloop drop FILE --dataset NAME --follow` and wait until a model is served",
}


def features_of_row(contract: DatasetContract, row: Mapping[str, str]) -> dict[str, Feature]:
    """A row of a file as the API wants it; key and label are left out."""
    return {column.name: json_value(column, row[column.name]) for column in contract.features if column.name in row}


def json_value(column: Column, text: str) -> Feature:
    """The text as its column's type; text that does not fit is sent as it is, for the API to name."""
    stripped = text.strip()
    if not stripped:
        return None
    try:
        match column.type:
            case "float":
                return float(stripped)
            case "integer":
                return int(stripped)
            case "boolean":
                return {"true": True, "1": True, "false": False, "0": False}[stripped.lower()]
            case _:
                return stripped
    except (ValueError, KeyError):
        return stripped


def parse_row_reference(text: str) -> tuple[Path, int]:
    """`FILE.csv` or `FILE.csv:N`, N counting data rows from 1."""
    path, colon, number = text.rpartition(":")
    if colon and number.isdigit():
        return Path(path), int(number)
    return Path(text), 1


def parse_features(text: str) -> dict[str, Feature]:
    """The `--features` option: a JSON object."""
    try:
        features = json.loads(text)
    except json.JSONDecodeError as error:
        raise AdvisedError(
            f"--features is not JSON: {error}", """write it as '{"mean_radius": 14.2, ...}'"""
        ) from error
    if not isinstance(features, dict):
        raise AdvisedError("--features is not a JSON object", """write it as '{"mean_radius": 14.2, ...}'""")
    return features
