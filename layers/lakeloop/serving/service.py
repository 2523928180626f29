"""Predictions, from the HTTP request to the HTTP answer."""

import time
from collections.abc import Callable, Mapping, Sequence

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.ports import DeployedContracts
from lakeloop.errors import NotPublicError, UnknownDatasetError, UnlearnedDatasetError
from lakeloop.serving.answer import Answer, batch_answer, refusal, row_answer
from lakeloop.serving.capturing import Capturing
from lakeloop.serving.datasets import learned
from lakeloop.serving.ports import Endpoints, ModelContracts
from lakeloop.serving.request import AskedRow, InvalidRequestError, one_row, query, several_rows
from lakeloop.serving.scoring import Scored, Scorer


class PredictionService:
    """The work of `predict`: a request is judged and encoded by the contract of the model that answers it."""

    def __init__(
        self,
        *,
        contracts: DeployedContracts,
        model_contracts: ModelContracts,
        endpoints: Endpoints,
        capturing: Capturing,
        name_prefix: str,
    ) -> None:
        self._contracts = contracts
        self._scorer = Scorer(endpoints, model_contracts)
        self._capturing = capturing
        self._name_prefix = name_prefix

    def handle(self, dataset: str, body: str, caller: str = "") -> Answer:
        """One row that came as a body; `caller` is the id of an API key."""
        return _answered(dataset, lambda: self._one(learned(self._contracts, dataset), one_row(body), caller))

    def handle_batch(self, dataset: str, body: str, caller: str = "") -> Answer:
        """Up to 500 rows: those that fit are predicted, the others told why not."""
        return _answered(
            dataset,
            lambda: batch_answer(dataset, self._score(learned(self._contracts, dataset), several_rows(body), caller)),
        )

    def handle_query(self, dataset: str, parameters: Mapping[str, Sequence[str]]) -> Answer:
        """One row in an address, of a dataset whose features are all public; no other is told to exist."""
        return _answered(dataset, lambda: self._queried(dataset, parameters))

    def handle_description(self) -> Answer:
        """The OpenAPI document of the datasets that are trained."""
        # Asked for seldom, and needed by nothing else: a cold start does without it.
        from lakeloop.serving.openapi import document  # noqa: PLC0415

        return _answered("", lambda: document([self._contracts.get(name) for name in self._contracts.names]))

    def _queried(self, dataset: str, parameters: Mapping[str, Sequence[str]]) -> Mapping[str, object]:
        try:
            contract = learned(self._contracts, dataset)
        except (UnknownDatasetError, UnlearnedDatasetError) as error:
            raise NotPublicError(dataset) from error
        reader = self._scorer.reader(contract)
        if not reader.is_public:
            raise NotPublicError(dataset)
        return self._one(contract, query(parameters, reader.public), "")

    def _one(self, contract: DatasetContract, row: AskedRow, caller: str) -> Mapping[str, object]:
        scored = self._score(contract, [row], caller)
        (found,) = scored.rows
        if isinstance(found, InvalidRequestError):
            raise found
        return row_answer(contract.name, scored, found)

    def _score(self, contract: DatasetContract, rows: Sequence[AskedRow], caller: str) -> Scored:
        began = time.monotonic()
        asked = self._capturing.named(contract, rows)
        scored = self._scorer.score(names.endpoint(self._name_prefix, contract.name), asked, contract)
        self._capturing.tell(contract, asked, scored, caller, began)
        return scored


def _answered(dataset: str, work: Callable[[], Mapping[str, object]]) -> Answer:
    try:
        return Answer(200, work())
    except Exception as error:  # noqa: BLE001 whatever happens, the caller is answered in the API's form
        return refusal(error, dataset)
