"""What follows from bad data for models and jobs, and having it done."""

from collections.abc import Sequence

from lakeloop import names
from lakeloop.adapters.sagemaker_calls import stop
from lakeloop.adapters.tuning import SageMakerTuner
from lakeloop.client.dataset import Dataset
from lakeloop.client.environment import Environment
from lakeloop.client.models import Models
from lakeloop.lake.index import Index
from lakeloop.lake.ports import LakeCommit
from lakeloop.messages import TrainingAsked
from lakeloop.names import source_id
from lakeloop.registry.ports import Approval
from lakeloop.rollback.models import Consequences, consequences, has_data_of
from lakeloop.rollback.target import Target

START_TUNING = "start_tuning"


class BadModels:
    """Models of one dataset that learned from what is, or was, taken back."""

    def __init__(self, environment: Environment, dataset: Dataset) -> None:
        self._environment = environment
        self._dataset = dataset
        self._models = Models(environment, dataset)
        self._tuner = SageMakerTuner(environment.sagemaker, environment.outputs.name_prefix)

    def of(self, target: Target) -> Consequences:
        """What is to become of models and jobs once the target is taken back."""
        log = list(self._dataset.log())
        has_bad_data = has_data_of(log, [commit.id for commit in target.commits], self._left_with(target, log))
        return consequences(
            self._models.versions, self._tuner.runs(self._dataset.name), has_bad_data, serving=self._models.serving
        )

    def _left_with(self, target: Target, log: Sequence[LakeCommit]) -> str:
        """The commit with which the files of a target left main by themselves; empty where they are there."""
        if not target.gone or target.files:
            return ""
        newer = log[: next(number for number, commit in enumerate(log) if commit.id == target.since.id)]
        for commit in reversed(newer):
            index = Index(self._environment.lake, self._dataset.repository, commit.id)
            if not any(index.get(source_id(uri)) for uri in target.gone):
                return commit.id
        return ""

    def carry_out(self, found: Consequences, commit: str, reason: str) -> None:
        """Stop jobs, reject what learned from the data of a commit, and see that a good model serves.

        Done again after it was cut off, it goes on: what is flagged already is flagged once more.
        """
        for job in found.stopped:
            # Of one that ended by itself meanwhile evaluate_model finds that its data was taken back.
            stop(self._environment.sagemaker.stop_hyper_parameter_tuning_job, HyperParameterTuningJobName=job)
        for version in found.rejected:
            self._models.flag(version, Approval.REJECTED, commit, reason)
        if found.train and found.serving:
            # It must go on serving, and nothing may bring it to a new endpoint unseen.
            self._models.flag(found.serving, found.serving.approval, commit, reason)
            self._ask_for_training(commit, reason)
        elif found.instead:
            self._models.serve_instead(found.instead, f"{reason}; version {_number(found)} learned from bad data")

    def _ask_for_training(self, commit: str, reason: str) -> None:
        dataset, repository = self._dataset.name, self._dataset.repository
        asked = TrainingAsked(
            reason="person",
            dataset=dataset,
            repository=repository,
            commit=self._environment.lake.head(repository),
            id=names.digest("rollback", dataset, commit, length=32),
            who=self._environment.caller,
            why=f"data of commit {commit[:12]} was taken back: {reason}",
        )
        topic = self._environment.outputs.chains[START_TUNING].topic_arn
        self._environment.sns.publish(TopicArn=topic, Message=asked.model_dump_json())


def _number(found: Consequences) -> int:
    return found.serving.version if found.serving else 0
