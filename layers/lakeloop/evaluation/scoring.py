"""Models go through the test rows of a commit: a batch transform each, started once and read when it has ended."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from lakeloop import names
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import recipe_digest
from lakeloop.evaluation.held_out import HeldOut, most_rows
from lakeloop.evaluation.inputs import Inputs, written_inputs
from lakeloop.evaluation.ports import Evaluations, Transforms
from lakeloop.evaluation.requests import transform_request
from lakeloop.evaluation.scores import read_scores
from lakeloop.lake.ports import Lake
from lakeloop.training.ports import ENDED

COMPLETED = "Completed"
# What is SageMaker's own fault, and may be gone with the next try; ClientError and AlgorithmError come again:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html, FailureReason
PASSING = re.compile(r"InternalServerError|CapacityError|ServiceUnavailable|Throttling")
MOST_TRIES = 2


@dataclass(frozen=True)
class Split:
    """The test rows of a commit that models are judged by; `most` of them."""

    dataset: str
    repository: str
    commit: str
    contract: DatasetContract

    @property
    def most(self) -> int:
        return most_rows(self.contract)

    def rows(self, lake: Lake) -> HeldOut:
        return HeldOut(lake, self.repository, self.commit, self.contract, self.most)


@dataclass(frozen=True)
class Run:
    """One model through the test rows; `name` is that of its transform, `status` that of SageMaker's."""

    name: str
    folder: str
    inputs: Inputs
    status: str
    reason: str = ""

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def failed(self) -> bool:
        return self.ended and self.status != COMPLETED


class Scoring:
    """Starts transforms and reads what came of them."""

    def __init__(self, lake: Lake, evaluations: Evaluations, transforms: Transforms, kms_key_arn: str) -> None:
        self._lake = lake
        self._evaluations = evaluations
        self._transforms = transforms
        self._kms_key_arn = kms_key_arn

    def run(self, split: Split, tuning_job: str, model: str, contract: DatasetContract, tags: Mapping[str, str]) -> Run:
        """The transform of a model that reads rows by a contract; it is started where nobody started it.

        What failed for a passing cause is tried once more, under a name of its own, as SageMaker gives none twice.
        """
        recipe = recipe_digest(contract)
        key = names.test_rows_key(split.dataset, split.commit, recipe, split.most)
        inputs = written_inputs(split.rows(self._lake), contract, self._evaluations, key)
        for again in range(MOST_TRIES):
            scored = (model, recipe, *([f"try {again + 1}"] if again else []))
            name = names.transform_job(tuning_job, *scored)
            run = Run(name, f"{names.evaluation_key(split.dataset, tuning_job)}/scores/{name}", inputs, "InProgress")
            if not inputs.rows:
                # SageMaker transforms no empty input.
                return replace(run, status=COMPLETED)
            state = self._transforms.state(name)
            if state is None:
                self._start(run, model, contract, tags)
                return run
            run = replace(run, status=state.status, reason=state.reason)
            if not (run.failed and PASSING.search(run.reason)):
                return run
        return run

    def _start(self, run: Run, model: str, contract: DatasetContract, tags: Mapping[str, str]) -> None:
        request = transform_request(
            run.name,
            model,
            contract,
            inputs_uri=run.inputs.uri,
            output_uri=self._evaluations.uri(f"{run.folder}/"),
            kms_key_arn=self._kms_key_arn,
        )
        self._transforms.start(request, tags)

    def scores(self, run: Run, columns: tuple[str, ...]) -> pl.DataFrame:
        return read_scores(self._evaluations, run.folder, run.inputs, columns)
