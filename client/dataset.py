"""One dataset in one environment: what the running system says of its data, its tuning and its endpoint."""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import get_args

from lakeloop import names
from lakeloop.adapters.candidates import SageMakerCandidates
from lakeloop.adapters.footers import S3Footers
from lakeloop.adapters.objects import S3Objects
from lakeloop.adapters.registry import SageMakerRegistry
from lakeloop.adapters.reports import S3StepReports
from lakeloop.adapters.sagemaker import SageMakerModels
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.client.environment import Environment
from lakeloop.client.errors import MistakenNameError, RefusedDataError
from lakeloop.client.follow import Drop, Trial
from lakeloop.client.quarantine import Rejected, read_rejected
from lakeloop.contract import DatasetContract
from lakeloop.contract.digest import contract_digest
from lakeloop.deployment.ports import EndpointState, TrainedModel
from lakeloop.errors import ForeignObjectError, UnreadableObjectError
from lakeloop.ingest.notification import PREFIX, LandedObject
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from lakeloop.registry.lineage import TUNING_JOB
from lakeloop.registry.ports import ModelVersion
from lakeloop.reports import Step, StepReport, now
from lakeloop.tables.opening import format_of, open_table
from lakeloop.training.decision import Situation, decide
from lakeloop.training.new_rows import Count, by_others, counting, new_rows, since
from lakeloop.training.ports import TuningRun

# How far back in main's history a file that was dropped just now is looked for.
COMMITS_LOOKED_AT = 100


class Dataset:
    """Reads, and drops files; every answer is asked of the running system."""

    def __init__(self, environment: Environment, name: str) -> None:
        prefix = environment.outputs.name_prefix
        self.name = environment.require_dataset(name)
        self.repository = names.repository(prefix, name)
        self.endpoint_name = names.endpoint(prefix, name)
        self._environment = environment
        self._tuner = SageMakerTuner(environment.sagemaker, prefix)
        self._models = SageMakerModels(environment.sagemaker, environment.placements)
        self._candidates = SageMakerCandidates(environment.sagemaker)
        self._registry = SageMakerRegistry(environment.sagemaker)
        self._footers = S3Footers(environment.s3)
        self._reports = S3StepReports(environment.s3, environment.outputs.artifacts_bucket)

    def is_meant(self, subject: str) -> bool:
        """Whether what a failure or a dead letter is about belongs here: a file, a repository, a job, an endpoint."""
        prefix = self._environment.outputs.name_prefix
        return bool(re.search(_subjects(prefix, self.name), subject))

    def may_be_meant(self, subject: str) -> bool:
        """Whether it belongs here, or is about nothing that can be told: not whether it is another dataset's."""
        outputs = self._environment.outputs
        others = (_subjects(outputs.name_prefix, name) for name in outputs.datasets if name != self.name)
        return self.is_meant(subject) or not any(re.search(other, subject) for other in others)

    @cached_property
    def contract(self) -> DatasetContract:
        """The contract as deployed."""
        return self._environment.contracts.get(self.name)

    def drop(self, path: Path) -> Drop:
        """Upload a file to where the loop begins, unless the loop could not read a file of its name."""
        refuse_unreadable(path, self.contract)
        rows = count_rows(path, self.contract)
        bucket, key = self._environment.outputs.landing_bucket, f"{PREFIX}{self.name}/{path.name}"
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            stored = self._environment.s3.put_object(Bucket=bucket, Key=key, Body=file)
        landed = LandedObject(bucket=bucket, key=key, version=stored["VersionId"], dataset=self.name)
        return Drop(landed, sha256, rows)

    def commits(self) -> list[LakeCommit]:
        """The latest commits of main, newest first."""
        return list(islice(self.log(), COMMITS_LOOKED_AT))

    def log(self) -> Iterator[LakeCommit]:
        """All commits of main, newest first, read as they are asked for."""
        return self._environment.lake.log(self.repository, names.MAIN)

    def index(self) -> Index:
        """Which files lie on main."""
        return Index(self._environment.lake, self.repository, names.MAIN)

    def quarantined_events(self) -> set[str]:
        """The landed versions of files, by event id, of which rows were set aside."""
        prefix, _, ending = names.quarantine_key(self.name, "\0").partition("\0")
        pages = self._environment.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._environment.outputs.artifacts_bucket, Prefix=prefix
        )
        keys = (entry["Key"] for page in pages for entry in page.get("Contents", []))
        return {key.removeprefix(prefix).removesuffix(ending) for key in keys}

    def quarantine_uri(self, landed: LandedObject) -> str:
        key = names.quarantine_key(self.name, landed.event_id)
        return f"s3://{self._environment.outputs.artifacts_bucket}/{key}"

    def quarantined(self, uri: str) -> list[Rejected]:
        """The rows set aside at an address; none when there is no such file."""
        found = S3Objects(self._environment.s3).read(uri)
        return read_rejected(found) if found is not None else []

    def latest_tuning(self) -> TuningRun | None:
        return next(self._tuner.runs(self.name), None)

    def endpoint(self) -> EndpointState | None:
        return self._models.endpoint(self.endpoint_name)

    def trials(self, tuning_job: str) -> list[Trial]:
        pages = self._environment.sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=tuning_job
        )
        return [
            Trial(
                name=job["TrainingJobName"],
                status=job["TrainingJobStatus"],
                value=job.get("FinalHyperParameterTuningJobObjectiveMetric", {}).get("Value"),
            )
            for page in pages
            for job in page["TrainingJobSummaries"]
        ]

    def why_no_tuning(self, log: Sequence[LakeCommit] | None = None, *, woken: bool = True) -> str:
        """What the loop's own rule says about training main as it is now; empty when it wants to train.

        `log` is main's, newest first, where it is known already. `woken` says that something is about to wake the loop,
        as a file that was dropped: what people commit by hand waits for the clock.
        """
        if self.contract.problem is None:
            return "nothing is learned: the contract names no problem"
        head = log[0].id if log else self._environment.lake.head(self.repository)
        policy, sparse = self.contract.retrain, self.contract.label_column.nullable
        situation = Situation(
            head=head,
            log=self.log() if log is None else log,
            runs=self._tuner.runs(self.name),
            contract=contract_digest(self.contract),
            now=now(),
            count=self._counting(head, policy.min_new_rows, with_labels=sparse),
            failure=self._tuner.failure,
            sparse_labels=sparse,
        )
        try:
            decision = decide(policy, situation)
        except (ForeignObjectError, UnreadableObjectError) as error:
            return str(error)
        if not decision.start:
            return decision.why
        # What only start_tuning sees, such as rows of one class.
        said = self._reports.get(self.name, "start_tuning")
        if said and said.commit == decision.commit and not said.job:
            return said.why
        if decision.others and not woken:
            return f"{decision.why}: starts within the hour, by the clock"
        return ""

    def new_rows(self, log: Sequence[LakeCommit], commit: str) -> int:
        """The rows that came to main, by its log, since a commit; all where it is empty."""
        newer, base = since(log, commit)
        return new_rows(newer, base, self._counting(log[0].id, math.inf))

    def rows(self, log: Sequence[LakeCommit], told: int) -> int:
        """The rows on main: what the commits of its log have told, or counted where people committed to it."""
        return self._counting(log[0].id, math.inf)("", told) if by_others(log) else told

    def _counting(self, head: str, enough: float, *, with_labels: bool = False) -> Count:
        lake = self._environment.lake
        return counting(lake, self._footers, self.repository, head, enough, with_labels=with_labels)

    def report(self, step: Step) -> StepReport | None:
        return self._reports.get(self.name, step)

    def reports(self) -> list[StepReport]:
        """What each step said last of the dataset, as far as it ever did."""
        return [report for step in get_args(Step) if (report := self._reports.get(self.name, step))]

    def tuning_status(self, tuning_job: str) -> tuple[str, str]:
        """Status and failure reason."""
        return self._candidates.tuning_status(tuning_job)

    def version_of(self, tuning_job: str) -> ModelVersion | None:
        """What the model of a tuning job was registered as; None where nobody has judged it yet."""
        versions = self._registry.versions(self.endpoint_name)
        return next((found for found in versions if found.metadata.get(TUNING_JOB) == tuning_job), None)

    def best_model(self, tuning_job: str) -> TrainedModel | None:
        return self._candidates.best_model(tuning_job)


def _subjects(name_prefix: str, dataset: str) -> str:
    """A pattern of what the loop's functions say they failed at."""
    repository, job = names.repository(name_prefix, dataset), names.tuning_job_prefix(name_prefix, dataset)
    second = names.second_endpoint(name_prefix, dataset)
    return rf"{PREFIX}{dataset}/|({repository}|{second})(?![a-z0-9-])|{job}[0-9a-f]{{8}}"


def refuse_missing(path: Path) -> None:
    """Raise MistakenNameError for what is no file."""
    if not path.is_file():
        kind = "a folder, not a file" if path.is_dir() else "not there"
        raise MistakenNameError(f"{path} is {kind}", "name one file; its path is read from the current folder")


def refuse_unreadable(path: Path, contract: DatasetContract) -> None:
    """Raise RefusedDataError for a file that the ingest would refuse by its name."""
    refuse_missing(path)
    try:
        format_of(contract.file, path.name)
    except UnreadableObjectError as error:
        raise RefusedDataError(
            f"{path.name} cannot be read: {error}", "write the table as CSV, JSON Lines or Parquet, and name it so"
        ) from error


def count_rows(path: Path, contract: DatasetContract) -> int:
    """The rows of a file as the transform counts them; none of a file that it cannot read."""
    width = None if contract.file.header else len(contract.columns)
    try:
        with path.open("rb") as stream:
            blocks = open_table(stream, contract.file, path.name, width=width).blocks()
            return sum(block.frame.height + len(block.damaged) for block in blocks)
    except UnreadableObjectError:
        return 0
