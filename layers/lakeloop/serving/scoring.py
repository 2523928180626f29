"""Rows scored by whatever model an endpoint serves, also while it changes from one to another."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from lakeloop.contract import DatasetContract
from lakeloop.errors import ModelBusyError, ModelFailedError, NoModelError
from lakeloop.serving.ports import UNKNOWN_MODEL, Endpoints, EndpointView, LiveModel, ModelContracts
from lakeloop.serving.prediction import Prediction, interpret
from lakeloop.serving.reader import PredictionRequest, Readers, RequestReader
from lakeloop.serving.request import AskedRow, InvalidRequestError, TooLargeRequestError

# A second look at an endpoint that changes comes only while there is time for a second answer.
SECONDS_FOR_FIRST_ANSWER = 8
# What a serverless endpoint takes at once, a little less than 4 MB.
MOST_SENT = 4_000_000


@dataclass(frozen=True)
class Judged:
    """What a contract makes of each row."""

    contract: DatasetContract
    verdicts: Sequence[PredictionRequest | InvalidRequestError]

    @property
    def lines(self) -> list[PredictionRequest]:
        return [verdict for verdict in self.verdicts if isinstance(verdict, PredictionRequest)]

    @property
    def refusals(self) -> list[InvalidRequestError]:
        return [verdict for verdict in self.verdicts if isinstance(verdict, InvalidRequestError)]

    def is_read_as(self, other: "Judged") -> bool:
        """Whether both contracts take the same rows, read them as the same lines and mean the same by the scores."""
        return self.contract.classes == other.contract.classes and self._read() == other._read()

    def _read(self) -> list[str | None]:
        return [verdict.csv if isinstance(verdict, PredictionRequest) else None for verdict in self.verdicts]


@dataclass(frozen=True)
class ScoredRow:
    inference_id: str
    prediction: Prediction


@dataclass(frozen=True)
class Scored:
    """A prediction or a refusal for each row, and the model that made them.

    `candidate` is the model that an update is bringing, where that one may have answered in its place; both read the
    rows alike then. `sensitive` are the columns that the model's contract marks so.
    """

    rows: Sequence[ScoredRow | InvalidRequestError]
    model: LiveModel
    candidate: LiveModel | None = None
    sensitive: frozenset[str] = frozenset()


class Scorer:
    """Has rows judged and encoded by the contract of the model that answers them."""

    def __init__(self, endpoints: Endpoints, model_contracts: ModelContracts) -> None:
        self._endpoints = endpoints
        self._model_contracts = model_contracts
        self._readers = Readers()

    def reader(self, contract: DatasetContract) -> RequestReader:
        return self._readers.of(contract)

    def score(self, endpoint: str, rows: Sequence[AskedRow], today: DatasetContract) -> Scored:
        """Raises NoModelError, ModelBusyError, ModelFailedError or TooLargeRequestError."""
        started = time.monotonic()
        view = self._endpoints.view(endpoint)
        scored, after = self._attempt(endpoint, rows, today, view)
        if scored:
            return scored
        # The update ended meanwhile: what is asked now is certain to be answered by the new model.
        if time.monotonic() - started < SECONDS_FOR_FIRST_ANSWER:
            scored, _ = self._attempt(endpoint, rows, today, after)
            if scored:
                return scored
        raise ModelBusyError("the model is being replaced by one with another contract")

    def _attempt(
        self, endpoint: str, rows: Sequence[AskedRow], today: DatasetContract, view: EndpointView | None
    ) -> tuple[Scored | None, EndpointView | None]:
        """Ask the endpoint as it was seen; nothing where another model may have answered, with what is seen after."""
        serving = view.serving if view else UNKNOWN_MODEL
        judged = self._judge(rows, serving, today)
        if not judged.lines:
            return Scored(judged.refusals, serving), view
        if view is None:
            raise NoModelError(endpoint)
        try:
            scores = self._endpoints.invoke(view.endpoint, _sent(judged.lines), judged.lines[0].inference_id)
        except ModelFailedError:
            after = self._endpoints.view(endpoint, fresh=True)
            if after == view:
                raise
            return None, after
        if view.successor is None:
            return _scored(judged, scores, serving), view
        after = self._endpoints.view(endpoint, fresh=True)
        if after and after.serving == serving and not after.shifting:
            return _scored(judged, scores, serving), after
        replaced = after is not None and after.serving == view.successor
        if not replaced and judged.is_read_as(self._judge(rows, view.successor, today)):
            return _scored(judged, scores, serving, view.successor), after
        return None, after

    def _judge(self, rows: Sequence[AskedRow], model: LiveModel, today: DatasetContract) -> Judged:
        contract = self._model_contracts.get(model.contract) if model.contract else today
        reader, known = self._readers.of(contract), self._readers.of(today)
        return Judged(contract, [_judged(row, reader, known) for row in rows])


def _judged(row: AskedRow, reader: RequestReader, today: RequestReader) -> PredictionRequest | InvalidRequestError:
    try:
        return reader.request(row, today)
    except InvalidRequestError as error:
        return error


def _sent(lines: Sequence[PredictionRequest]) -> str:
    sent = "\n".join(line.csv for line in lines)
    if len(sent) > MOST_SENT:
        raise TooLargeRequestError(
            f"the rows have {len(sent):,} bytes as the model reads them, and {MOST_SENT:,} go at once: send fewer rows"
        )
    return sent


def _scored(judged: Judged, scores: str, model: LiveModel, candidate: LiveModel | None = None) -> Scored:
    """Predictions go to the rows that were sent, in their order."""
    predictions = iter(interpret(scores, judged.contract, len(judged.lines)))
    rows = [
        ScoredRow(verdict.inference_id, next(predictions)) if isinstance(verdict, PredictionRequest) else verdict
        for verdict in judged.verdicts
    ]
    return Scored(rows, model, candidate, judged.contract.sensitive)
